/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordCustomer } from '../../functions/record/record-customer.ts';
import type { SendServices } from '../../functions/send/send-services.ts';
import { sendMessage } from '../../functions/send/send-message.ts';
import { buildFunctions } from '../../infra/build.ts';
import { MemoryAddressBook } from '../../shared/adapters/memory-address-book.ts';
import { MemoryLaneStore } from '../../shared/adapters/memory-lane-store.ts';
import { MemoryOfferBook } from '../../shared/adapters/memory-offer-book.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { OPEN } from '../support/circumstances.ts';
import { SILENT } from '../support/counting-meter.ts';
import { bought, complained, day, loggedIn, registered } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { ANY_MAIL, laneInMemory } from '../support/sending-lane.ts';

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

class CountingAddresses extends MemoryAddressBook {
  reads = 0;
  writes = 0;
  override async read(hash: string) {
    this.reads += 1;
    return super.read(hash);
  }
  override async save(...args: Parameters<MemoryAddressBook['save']>) {
    this.writes += 1;
    return super.save(...args);
  }
}

class CountingLanes extends MemoryLaneStore {
  reads = 0;
  writes = 0;
  override async read() {
    this.reads += 1;
    return super.read();
  }
  override async save(...args: Parameters<MemoryLaneStore['save']>) {
    this.writes += 1;
    return super.save(...args);
  }
}

/** `record` and `send`, each request to the table counted. */
function counted() {
  const store = new CountingStore();
  const addresses = new CountingAddresses();
  const lanes = new CountingLanes();
  let announcements = 0;
  let now = day(0);
  const services = {
    store,
    addresses,
    addressKey: async () => 'address key',
    meter: SILENT,
    announcer: {
      announce: async (each: readonly unknown[]) => {
        announcements += each.length > 0 ? 1 : 0;
      },
    },
    playbook: SHIPPED,
    releaseId: 'r1',
    now: () => now,
  };
  const senders: SendServices = {
    ...services,
    offers: new MemoryOfferBook(),
    log: { warn: () => {} },
    lane: laneInMemory(() => now, { lanes, quota: async () => ({ perDay: 50_000, perSecond: Infinity }) }),
    mailer: { send: async () => ({ kind: 'accepted', messageId: 'm' }) },
    circumstances: OPEN,
    sending: 'live',
    allowList: new Set(),
    compose: async () => ANY_MAIL,
    token: () => 'token',
  };
  const sums = () => ({
    reads: store.reads + addresses.reads + lanes.reads,
    writes: store.writes + addresses.writes + lanes.writes,
    announcements,
  });
  /** What the table is asked for while something happens. */
  const costWhile = async (act: () => Promise<unknown>) => {
    const before = sums();
    await act();
    const after = sums();
    return {
      reads: after.reads - before.reads,
      writes: after.writes - before.writes,
      announcements: after.announcements - before.announcements,
    };
  };
  const take = async (each: CustomerEvent) => {
    now = each.occurredAt;
    await recordCustomer(services, { customerId: each.customerId, events: [each] });
  };
  const send = (customerId: string, key: string) => sendMessage(senders, customerId, key);
  return { costWhile, take, send };
}

async function costOf(history: readonly CustomerEvent[], event: CustomerEvent) {
  const shop = counted();
  for (const each of history) await shop.take(each);
  return shop.costWhile(() => shop.take(event));
}

describe('what an event costs', () => {
  // Nothing is pending: the mails of the first days were too long ago to be decided, and the next question is to come.
  const warm = [registered(day(-90)), bought(day(-80)), bought(day(-50)), bought(day(-28))];

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

describe('what a mail costs', () => {
  /** Two customers with two complaints each: four mails that are due at once. */
  const complaining = async () => {
    const shop = counted();
    for (const customerId of ['c-1', 'c-2']) {
      await shop.take({ ...registered(day(0), { email: `${customerId}@example.com` }), customerId });
      for (const complaint of ['k-1', 'k-2']) await shop.take({ ...complained(day(0), complaint), customerId });
    }
    return shop;
  };

  it('an ordinary one: three writes (take, ledger, settle), three reads (profile, address, ledger)', async () => {
    const shop = await complaining();
    await shop.send('c-1', '1/recovery/apology/k-1');
    await shop.send('c-2', '1/recovery/apology/k-1');
    // By now this environment knows the lane and has places reserved in it.
    const cost = await shop.costWhile(() => shop.send('c-2', '1/recovery/apology/k-2'));
    expect(cost).toEqual({ reads: 3, writes: 3, announcements: 0 });
  });

  it('the first one to an address: one write and one read more, which enter the customer there', async () => {
    const shop = await complaining();
    await shop.send('c-1', '1/recovery/apology/k-1');
    await shop.send('c-1', '1/recovery/apology/k-2');
    const cost = await shop.costWhile(() => shop.send('c-2', '1/recovery/apology/k-1'));
    expect(cost).toEqual({ reads: 4, writes: 4, announcements: 0 });
  });

  it('the first one of an environment in an hour: what the lane costs, once', async () => {
    const shop = await complaining();
    const cost = await shop.costWhile(() => shop.send('c-1', '1/recovery/apology/k-1'));
    expect(cost).toEqual({ reads: 4 + 2, writes: 4 + 1, announcements: 0 });
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
