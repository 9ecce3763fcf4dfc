/** What every census store does, run against each of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Census, CensusStore } from '../../shared/adapters/census-store.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import { Counter } from '../../shared/lifecycle/census/count.ts';
import { erase } from '../../shared/lifecycle/customer/erasure.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { event, START } from '../support/events.ts';
import { implementations } from './stores.ts';

const OPEN_TIMEOUT_MS = 60_000;

const CENSUS: Census = {
  version: 1,
  at: START,
  phase: 'ranking',
  after: 'somewhere',
  count: new Counter().count,
  changes: -2,
};

/** Everybody, page after page. */
async function everybody(store: CensusStore): Promise<readonly string[]> {
  const found: string[] = [];
  let next: string | undefined;
  do {
    const page = await store.page(next);
    found.push(...page.customers.map(({ customerId }) => customerId));
    next = page.next;
  } while (next !== undefined);
  return found;
}

// There is one census, so these tests follow each other.
describe.each(implementations())('the census in $name', ({ open }) => {
  let census: CensusStore;
  let store: CustomerStore;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const opened = await open();
    ({ census, store } = opened);
    close = () => opened.close();
  }, OPEN_TIMEOUT_MS);

  afterAll(() => close());

  it('is none before the first, and comes back unchanged with everything in it', async () => {
    expect(await census.read()).toBeUndefined();
    expect(await census.save(CENSUS, 0)).toBe(true);
    expect(await census.read()).toEqual(CENSUS);
  });

  it('is replaced by who saw the latest version, and by nobody else', async () => {
    expect(await census.save(CENSUS, 0)).toBe(false);
    expect(await census.save({ ...CENSUS, version: 3 }, 2)).toBe(false);
    const { after: _over, ...done } = CENSUS;
    expect(await census.save({ ...done, version: 2, phase: 'done' }, 1)).toBe(true);
    expect(await census.read()).toEqual({ ...done, version: 2, phase: 'done' });
  });

  it('finds every living customer once, and neither events nor who was erased', async () => {
    const ids = Array.from({ length: 20 }, (_, number) => `c-${number}`);
    for (const id of ids) await store.save({ ...unknownCustomer(id, START), version: 1 }, 0);
    await store.journal(event('Login Succeeded', START, { customerId: 'c-3' }));
    await store.save({ ...erase(unknownCustomer('c-9', START), START, START, []), version: 2 }, 1);

    expect((await everybody(census)).toSorted()).toEqual(ids.filter((id) => id !== 'c-9').toSorted());
  });
});
