/** What every book of campaigns does, run against each of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CampaignBook } from '../../shared/adapters/campaign-book.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { Campaign } from '../../shared/lifecycle/campaign/campaign.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { START } from '../support/events.ts';
import { implementations } from './stores.ts';

const OPEN_TIMEOUT_MS = 60_000;

const CAMPAIGN: Campaign = {
  version: 1,
  name: 'spring',
  audience: 'stage=active category="green tea"',
  programme: 'campaign',
  step: 'new-harvest',
  at: START + 1,
  orderedAt: START,
  by: 'anna',
  status: 'running',
  after: 'somewhere',
  addressed: 7,
  expected: 10,
};

function entry(customerId: string, key: string, outcome: LedgerEntry['outcome'] = 'sent'): LedgerEntry {
  return { customerId, key, outcome, moment: START, decidedAt: START, endedAt: START, attempt: 1 };
}

async function endsOf(book: CampaignBook, campaign: Campaign): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const page of book.ends(campaign)) {
    for (const { customerId, key, outcome } of page) found.push(`${customerId} ${key} ${outcome}`);
  }
  return found.toSorted();
}

// There is one book, so these tests follow each other.
describe.each(implementations())('the campaigns in $name', ({ open }) => {
  let book: CampaignBook;
  let store: CustomerStore;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const opened = await open();
    ({ campaigns: book, store } = opened);
    close = () => opened.close();
  }, OPEN_TIMEOUT_MS);

  afterAll(() => close());

  it('are none before the first, and come back unchanged with everything in them', async () => {
    expect(await book.read('spring')).toBeUndefined();
    expect(await book.all()).toEqual([]);
    expect(await book.save(CAMPAIGN, 0)).toBe(true);
    expect(await book.read('spring')).toEqual(CAMPAIGN);
  });

  it('each have a name of their own, and are replaced by who saw the latest version, and by nobody else', async () => {
    expect(await book.save({ ...CAMPAIGN, by: 'somebody else' }, 0)).toBe(false);
    expect(await book.save({ ...CAMPAIGN, version: 3 }, 2)).toBe(false);
    const { after: _over, ...done } = CAMPAIGN;
    expect(await book.save({ ...done, version: 2, status: 'done' }, 1)).toBe(true);
    expect(await book.read('spring')).toEqual({ ...done, version: 2, status: 'done' });
  });

  it('are listed by name', async () => {
    expect(await book.save({ ...CAMPAIGN, name: 'autumn' }, 0)).toBe(true);
    expect((await book.all()).map(({ name }) => name)).toEqual(['autumn', 'spring']);
  });

  it('have the ends of their own messages, of whatever life, and no others', async () => {
    await store.save({ ...unknownCustomer('c-1', START), version: 1 }, 0);
    await store.save({ ...unknownCustomer('c-2', START), version: 1 }, 0);
    await store.writeEntry(entry('c-1', '1/campaign/new-harvest/spring'));
    await store.writeEntry(entry('c-2', '2/campaign/new-harvest/spring', 'withheld'));
    await store.writeEntry(entry('c-1', '1/campaign/new-harvest/spring-2'));
    await store.writeEntry(entry('c-1', '1/campaign/new-harvest/autumn'));
    await store.writeEntry(entry('c-1', '1/retention/new-harvest/spring'));

    expect(await endsOf(book, CAMPAIGN)).toEqual([
      'c-1 1/campaign/new-harvest/spring sent',
      'c-2 2/campaign/new-harvest/spring withheld',
    ]);
  });
});
