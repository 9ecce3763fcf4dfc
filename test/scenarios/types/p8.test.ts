/**
 * P8, selling to the register: one mail to a group, at its moment, through the same rules as all others; cancelled, it stops
 * at whoever has not got it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Campaigns, openCampaigns } from '../../../infra/campaigns/open-campaigns.ts';
import { orderFrom } from '../../../infra/campaigns/order.ts';
import { outcomeOf } from '../../../infra/campaigns/outcome.ts';
import { previewOf } from '../../../infra/campaigns/preview.ts';
import { cancel, place, walk } from '../../../infra/campaigns/walk.ts';
import { openRecords, type Records } from '../../../infra/records.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterOf } from '../../support/letter.ts';
import { SHIPPED } from '../../support/playbooks.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const FIELDS = { name: 'name', audience: 'audience', template: 'template', at: 'at' };
const AT = OPENING + 4 * DAY;
const CAMPAIGN = 'campaign/new-harvest';
const KEY = '1/campaign/new-harvest/harvest';

let shop: Shop;
let records: Records;
let campaigns: Campaigns;

const buys = (customerId: string, category: string) =>
  shop.emit('Purchase Completed', {
    customerId,
    orderId: customerId,
    total: 40,
    currency: 'EUR',
    items: [{ sku: 'leaf', name: 'Leaf', quantity: 1, price: 40, category }],
  });

function ordered(name: string, audience: string, at: number) {
  const wish = { name, audience, template: 'new-harvest', at: new Date(at).toISOString() };
  return orderFrom(wish, [], SHIPPED, shop.twin.now(), FIELDS);
}

/** Orders a campaign and addresses its audience. */
async function begin(name: string, audience: string, at: number) {
  const { services } = campaigns;
  const campaign = await walk(services, await place(services, ordered(name, audience, at).order, 'test', 0));
  await shop.wait(0);
  return campaign;
}

beforeAll(async () => {
  shop = await openShop();
  const { endpoint, region, tableName, busName } = shop.twin;
  const access = { endpoint, region, credentials: { accessKeyId: 'marketer', secretAccessKey: 'marketer' } };
  records = openRecords(access, tableName);
  campaigns = await openCampaigns({
    access,
    records,
    playbook: SHIPPED,
    holdout: { share: 0, salt: 's' },
    config: { busName, sending: 'live' },
    now: () => shop.twin.now(),
  });
  for (const each of ['anna', 'unhappy', 'leaving']) {
    await shop.register(each);
    await buys(each, 'tea');
  }
  await shop.register('tokyo', { timeZone: 'Asia/Tokyo' });
  await buys('tokyo', 'tea');
  await shop.register('potter');
  await buys('potter', 'pots');
  await shop.register('unasked', { consent: undefined });
  await buys('unasked', 'tea');
  await shop.pass(3);
  await shop.complain('unhappy', 'k-1');
});

afterAll(async () => {
  campaigns.close();
  records.close();
  await shop.close();
});

describe('a campaign to those who bought tea', () => {
  it('is counted first, with reasons', async () => {
    const { order, audience, placed } = ordered('harvest', 'stage=new category=tea', AT);
    expect(await previewOf(campaigns.services, order, audience, placed)).toEqual({
      people: 5,
      goes: 2,
      waits: [{ reason: 'quiet hours', people: 1 }],
      withheld: [
        { reason: 'no consent', people: 1 },
        { reason: 'open complaint', people: 1 },
      ],
      withoutAddresses: false,
      categories: expect.arrayContaining(['tea']),
      unknown: [],
    });
  });

  it('goes out at its moment, and to nobody before', async () => {
    expect(await begin('harvest', 'stage=new category=tea', AT)).toMatchObject({ status: 'done', addressed: 5 });
    await buys('leaving', 'pots');
    await shop.emit('Purchase Completed', { customerId: 'leaving', orderId: 'again', total: 9, currency: 'EUR' });
    await shop.twin.advanceTo(AT - MINUTE);
    expect(shop.mailsTo('anna')).not.toContain(CAMPAIGN);
    await shop.twin.advanceTo(AT + 2 * MINUTE);
    expect(shop.mailsTo('anna').at(-1)).toBe(CAMPAIGN);
    const letter = await letterOf(shop.lastMail('anna'));
    expect(letter.subject).toBe('The new harvest is here');
    expect(letter.text).toContain('See the new teas');
  });

  it('says in the ledger of everybody else why not', async () => {
    expect(await shop.ends('unhappy')).toMatchObject({ [KEY]: 'withheld: open complaint' });
    expect(await shop.ends('unasked')).toMatchObject({ [KEY]: 'withheld: no consent' });
    expect(await shop.ends('leaving')).toMatchObject({ [KEY]: 'withheld: left the audience' });
    expect(await shop.ends('potter')).not.toHaveProperty([KEY]);
    expect(await shop.pending('tokyo', KEY)).toMatchObject({ heldBy: 'quiet hours' });
  });

  it('comes in the morning to whom it was night', async () => {
    await shop.wait(15 * HOUR);
    expect(shop.mailsTo('tokyo').at(-1)).toBe(CAMPAIGN);
    const campaign = await campaigns.services.book.read('harvest');
    expect(campaign && (await outcomeOf(campaigns.services, campaign))).toMatchObject({
      addressed: 5,
      sent: 2,
      waiting: 0,
    });
  });

  it('told again reaches nobody twice', async () => {
    const again = shop.twin.mailbox.length;
    const known = await campaigns.services.book.read('harvest');
    if (known === undefined) throw new Error('there is no campaign');
    const { services } = campaigns;
    await walk({ ...services, book: { ...services.book, save: async () => true } }, { ...known, status: 'running' });
    await shop.wait(HOUR);
    expect(shop.twin.mailbox.length).toBe(again);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});

describe('a campaign that is cancelled', () => {
  it('is withheld from whoever was addressed and has not got it', async () => {
    const at = shop.twin.now() + DAY;
    await begin('pots', 'category=pots', at);
    await cancel(campaigns.services, 'pots');
    // It is night then, so it would have waited for the morning.
    await shop.twin.advanceTo(at + 6 * HOUR);
    expect(await shop.ends('potter')).toMatchObject({ '1/campaign/new-harvest/pots': 'withheld: campaign cancelled' });
    expect(shop.mailsTo('potter')).not.toContain(CAMPAIGN);
  });
});

describe('a campaign to those who have bought nothing yet', () => {
  it('is withheld from whoever studies a problem: selling drives them away', async () => {
    for (const each of ['studies', 'strolls']) await shop.register(each);
    const page = { sku: 'tea-203', category: 'green tea', kind: 'specification' } as const;
    await look(shop, 'studies', page, page, page);
    const at = shop.twin.now() + 2 * DAY;
    await begin('leads', 'stage=lead', at);
    await shop.twin.advanceTo(at + DAY);
    expect(await shop.ends('studies')).toMatchObject({
      '1/campaign/new-harvest/leads': 'withheld: not for researcher',
    });
    expect(shop.mailsTo('studies')).toEqual(['nurture/knowledge']);
    expect(shop.mailsTo('strolls')).toEqual([CAMPAIGN]);
  });
});
