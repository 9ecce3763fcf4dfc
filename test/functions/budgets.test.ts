import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordCustomer } from '../../functions/record/record-customer.ts';
import { buildFunctions } from '../../infra/build.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { bought, CUSTOMER, day, loggedIn, registered } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';

/** Counts what a store is asked for; a consistent read is a unit, a write of up to 1 KB is one, failed or not. */
class CountingStore extends MemoryStore {
  reads = 0;
  writes = 0;
  override async load(customerId: string) {
    this.reads += 1;
    return super.load(customerId);
  }
  override async readJournal(customerId: string) {
    this.reads += 1;
    return super.readJournal(customerId);
  }
  override async readEntry(customerId: string, key: string) {
    this.reads += 1;
    return super.readEntry(customerId, key);
  }
  override async save(...args: Parameters<MemoryStore['save']>) {
    this.writes += 1;
    return super.save(...args);
  }
  override async journal(event: CustomerEvent) {
    this.writes += 1;
    return super.journal(event);
  }
  override async writeEntry(...args: Parameters<MemoryStore['writeEntry']>) {
    this.writes += 1;
    return super.writeEntry(...args);
  }
}

async function costOf(history: readonly CustomerEvent[], event: CustomerEvent) {
  const store = new CountingStore();
  let announcements = 0;
  let now = 0;
  const services = {
    store,
    meter: { count: () => {} },
    announcer: {
      announce: async (each: readonly unknown[]) => {
        announcements += each.length > 0 ? 1 : 0;
      },
    },
    playbook: SHIPPED,
    now: () => now,
  };
  const take = async (each: CustomerEvent) => {
    now = each.occurredAt;
    await recordCustomer(services, { customerId: CUSTOMER, events: [each] });
  };
  for (const each of history) await take(each);
  const before = [store.reads, store.writes, announcements] as const;
  await take(event);
  return {
    reads: store.reads - before[0],
    writes: store.writes - before[1],
    announcements: announcements - before[2],
  };
}

describe('what an event costs', () => {
  // Nothing is pending any more: the mails of the first days were too long ago to be decided.
  const warm = [registered(day(-90)), bought(day(-80)), bought(day(-50)), bought(day(-30))];

  it('a purchase of a customer we know: one read and two writes, nothing to announce', async () => {
    const known = warm.map((event) => ({ ...event, data: { ...Object(event.data), consent: undefined } }));
    expect(await costOf(known, bought(day(0)))).toEqual({ reads: 1, writes: 2, announcements: 0 });
  });

  it('a login on a day we know: one read', async () => {
    const history = [...warm, loggedIn(day(0))];
    expect(await costOf(history, loggedIn(day(0) + DAY / 12))).toEqual({ reads: 1, writes: 0, announcements: 0 });
  });

  it('the first event of a customer: one read and two writes', async () => {
    expect(await costOf([], registered(day(0)))).toEqual({ reads: 1, writes: 2, announcements: 0 });
  });
});

describe('the bundles', () => {
  /** In bytes: loading a bundle is most of a cold start. */
  it.each([
    ['record', 450_000],
    ['send', 620_000],
  ] as const)('%s stays below %d bytes', async (name, budget) => {
    const { directories } = await buildFunctions();
    expect((await stat(join(directories[name], 'index.mjs'))).size).toBeLessThanOrEqual(budget);
  });
});
