/** What each type of event costs in requests and units, in a shop where people look at twenty products for each they buy. */
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { recordCustomer } from '../../functions/record/record-customer.ts';
import { sendMessage } from '../../functions/send/send-message.ts';
import type { SendServices } from '../../functions/send/send-services.ts';
import { toBrowsingItem } from '../../shared/adapters/browsing-item.ts';
import type { StoredLooks } from '../../shared/adapters/customer-store.ts';
import { sizeOf } from '../../shared/adapters/item-size.ts';
import { MemoryAddressBook } from '../../shared/adapters/memory-address-book.ts';
import { MemoryOfferBook } from '../../shared/adapters/memory-offer-book.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import { toItem } from '../../shared/adapters/profile-item.ts';
import { contentOf } from '../../shared/adapters/stored-event.ts';
import { readyToStore } from '../../shared/lifecycle/customer/react.ts';
import type { Profile } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { EVENT_TYPES } from '../../shared/lifecycle/events/event-types.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { OPEN } from '../support/circumstances.ts';
import { SILENT } from '../support/counting-meter.ts';
import {
  bought,
  checkedOut,
  CUSTOMER,
  day,
  delivered,
  event,
  filledCart,
  loggedIn,
  registered,
  viewed,
} from '../support/events.ts';
import { readUnitsOf, writeUnitsOf } from '../support/item-size.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { ANY_MAIL, laneInMemory } from '../support/sending-lane.ts';

interface Cost {
  readonly requests: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** Bytes of the key of a journal item beside its content. */
const JOURNAL_KEY_BYTES = 60;

class CountingStore extends MemoryStore {
  cost: Cost = { requests: 0, readUnits: 0, writeUnits: 0 };
  entries = 0;

  #read(bytes: number): void {
    const { requests, readUnits, writeUnits } = this.cost;
    this.cost = { requests: requests + 1, readUnits: readUnits + readUnitsOf(bytes), writeUnits };
  }

  #write(bytes: number): void {
    const { requests, readUnits, writeUnits } = this.cost;
    this.cost = { requests: requests + 1, readUnits, writeUnits: writeUnits + writeUnitsOf(bytes) };
  }

  override async load(customerId: string) {
    const profile = await super.load(customerId);
    this.#read(profile === undefined ? 0 : sizeOf(toItem(profile)));
    return profile;
  }

  override async save(profile: Profile, expected: number) {
    this.#write(sizeOf(toItem(profile)));
    return super.save(profile, expected);
  }

  override async journal(each: CustomerEvent) {
    this.#write(JOURNAL_KEY_BYTES + Buffer.byteLength(contentOf(each)));
    return super.journal(each);
  }

  override async readJournal(customerId: string) {
    const journal = await super.readJournal(customerId);
    this.#read(journal.reduce((sum, each) => sum + JOURNAL_KEY_BYTES + Buffer.byteLength(contentOf(each)), 0));
    return journal;
  }

  override async readLooks(customerId: string) {
    const looks = await super.readLooks(customerId);
    this.#read(looks.version === 0 ? 0 : sizeOf(toBrowsingItem(customerId, looks)));
    return looks;
  }

  override async saveLooks(customerId: string, looks: StoredLooks, expected: number) {
    this.#write(sizeOf(toBrowsingItem(customerId, looks)));
    return super.saveLooks(customerId, looks, expected);
  }

  override async removeLooks(customerId: string, expected: number) {
    this.#write(0);
    return super.removeLooks(customerId, expected);
  }

  override async readEntry(customerId: string, key: string) {
    this.#read(0);
    return super.readEntry(customerId, key);
  }

  override async writeEntry(...args: Parameters<MemoryStore['writeEntry']>) {
    this.#write(0);
    this.entries += 1;
    return super.writeEntry(...args);
  }

  /** A message to the bus. */
  ask(): void {
    this.cost = { ...this.cost, requests: this.cost.requests + 1 };
  }
}

class CountingAddresses extends MemoryAddressBook {
  writes = 0;

  override async save(...args: Parameters<MemoryAddressBook['save']>) {
    this.writes += 1;
    return super.save(...args);
  }
}

function shop() {
  const store = new CountingStore();
  const addresses = new CountingAddresses();
  let now = 0;
  const services = {
    store,
    addresses,
    addressKey: async () => 'address key',
    meter: SILENT,
    announcer: { announce: async (each: readonly unknown[]) => (each.length > 0 ? store.ask() : undefined) },
    playbook: SHIPPED,
    releaseId: 'r1',
    now: () => now,
  };
  /** Events of one customer arrive together; what that costs. */
  const take = async (...events: readonly CustomerEvent[]): Promise<Cost> => {
    now = Math.max(...events.map(({ occurredAt }) => occurredAt));
    const before = store.cost;
    await recordCustomer(services, { customerId: events[0]?.customerId ?? '', events });
    const { requests, readUnits, writeUnits } = store.cost;
    return {
      requests: requests - before.requests,
      readUnits: readUnits - before.readUnits,
      writeUnits: writeUnits - before.writeUnits,
    };
  };
  /** Whatever was decided has been sent meanwhile: what waits would otherwise be announced with every event. */
  const sendAll = async (customerId: string): Promise<void> => {
    const profile = await store.load(customerId);
    if (profile?.kind !== 'living' || Object.keys(profile.pending).length === 0) return;
    const recent = Object.keys(profile.pending).map((key) => ({ key, at: now }));
    const sent = { ...profile, pending: {}, recent: [...profile.recent, ...recent].slice(-4) };
    await store.save(readyToStore(sent, SHIPPED, now), profile.version);
  };
  let accepted = 0;
  const senders: SendServices = {
    ...services,
    offers: new MemoryOfferBook(),
    log: { warn: () => {} },
    lane: laneInMemory(() => now),
    mailer: {
      send: async () => {
        accepted += 1;
        return { kind: 'accepted', messageId: 'm' };
      },
    },
    circumstances: OPEN,
    sending: 'live',
    allowList: new Set(),
    compose: async () => ANY_MAIL,
    token: () => 'token',
  };
  /** Sends whatever may go out, and says how many units of the table each mail wrote. */
  const mail = async (customerId: string): Promise<readonly number[]> => {
    const profile = await store.load(customerId);
    const costs: number[] = [];
    for (const key of profile?.kind === 'living' ? Object.keys(profile.pending) : []) {
      const before = { accepted, writes: store.cost.writeUnits + addresses.writes };
      await sendMessage(senders, customerId, key);
      if (accepted > before.accepted) costs.push(store.cost.writeUnits + addresses.writes - before.writes);
    }
    return costs;
  };
  return { take, sendAll, mail, entriesWritten: () => store.entries };
}

/** Random ones, as shops have them: what repeats itself could be packed. */
function uuidOf(customer: number, index: number): string {
  const hex = createHash('sha256').update(`${customer}/${index}`).digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
}

const CATEGORIES = ['pots', 'cups', 'tea', 'kettles'];
const VIEWS_PER_PURCHASE = 20;

const PAGES_PER_VISIT = 4;

/** Visits of four pages, three days apart, then cart, checkout and order. */
function round(at: Instant, customer: number, orderId: string): readonly CustomerEvent[] {
  const views = Array.from({ length: VIEWS_PER_PURCHASE }, (_, index) => {
    const visit = Math.floor(index / PAGES_PER_VISIT);
    const article = (customer + index * index) % 13;
    return viewed(at + visit * 3 * DAY + (index % PAGES_PER_VISIT) * 2 * MINUTE, {
      sku: `${CATEGORIES[article % CATEGORIES.length] ?? ''}-${100 + article}`,
      category: CATEGORIES[article % CATEGORIES.length],
      ...(index % 9 === 4 && { kind: 'specification' }),
    });
  });
  const last = (views.at(-1)?.occurredAt ?? at) + HOUR;
  return [...views, filledCart(last), checkedOut(last + MINUTE), bought(last + 5 * MINUTE, orderId)];
}

/** Everything that can be said of a customer but erasure, which ends the rest. */
const others = (at: Instant): readonly CustomerEvent[] =>
  EVENT_TYPES.filter(({ type }) => !['Customer Registered', 'Customer Erasure Requested'].includes(type)).map(
    ({ type, example }, index) => event(type, at + index * HOUR, { ...Object(example), customerId: CUSTOMER }),
  );

function life(customer: number): readonly CustomerEvent[] {
  // After every time the examples name.
  const begins = day(300 + customer / 10);
  const events = [
    registered(begins - HOUR),
    ...[0, 1, 2].flatMap((each) => {
      const at = begins + each * 30 * DAY;
      return [...round(at, customer, `o-${customer}-${each}`), delivered(at + 18 * DAY, `o-${customer}-${each}`)];
    }),
    ...[20, 50, 80].map((each) => loggedIn(begins + each * DAY)),
    ...others(begins + 100 * DAY),
    event('Customer Erasure Requested', begins + 110 * DAY, { requestId: 'q' }),
  ];
  return named(customer, events);
}

/** In the order in which they happen, as events of one customer. */
function named(customer: number, events: readonly CustomerEvent[]): readonly CustomerEvent[] {
  return events
    .toSorted((a, b) => a.occurredAt - b.occurredAt)
    .map((each, index) => ({ ...each, id: uuidOf(customer, index), customerId: `c-${10_000 + customer}` }));
}

const PEOPLE = 6;

interface Sum extends Cost {
  readonly events: number;
}

const NOTHING: Sum = { events: 0, requests: 0, readUnits: 0, writeUnits: 0 };

function plus(sum: Sum, cost: Cost, events: number): Sum {
  return {
    events: sum.events + events,
    requests: sum.requests + cost.requests,
    readUnits: sum.readUnits + cost.readUnits,
    writeUnits: sum.writeUnits + cost.writeUnits,
  };
}

/** Cost by event type; a batch is of one type, of as many as arrive within a day. */
async function played(isBatch: boolean): Promise<ReadonlyMap<string, Sum>> {
  const sums = new Map<string, Sum>();
  for (let customer = 0; customer < PEOPLE; customer += 1) {
    const { take, sendAll } = shop();
    const events = life(customer);
    for (let index = 0; index < events.length;) {
      const [first] = events.slice(index);
      if (first === undefined) break;
      const rest = events.slice(index);
      const end = rest.findIndex(
        (each) => each.type !== first.type || each.occurredAt > first.occurredAt + 10 * MINUTE,
      );
      const batch = isBatch ? rest.slice(0, end === -1 ? rest.length : end) : [first];
      const cost = await take(...batch);
      await sendAll(first.customerId);
      sums.set(first.type, plus(sums.get(first.type) ?? NOTHING, cost, batch.length));
      index += batch.length;
    }
  }
  return sums;
}

const mean = (sum: Sum | undefined, what: keyof Cost): number => (sum === undefined ? NaN : sum[what] / sum.events);

const printed: string[] = [];

function print(title: string, sums: ReadonlyMap<string, Sum>): void {
  const rows = [...sums].map(([type, sum]) => {
    const [requests, reads, writes] = (['requests', 'readUnits', 'writeUnits'] as const).map((what) =>
      mean(sum, what).toFixed(2).padStart(8),
    );
    return `  ${type.padEnd(30)}${String(sum.events).padStart(6)} ${requests} ${reads} ${writes}`;
  });
  printed.push(`${title}: type, events, and of each the mean of requests, read units and base write units`, ...rows);
}

afterAll(() => {
  process.stdout.write(`${printed.join('\n')}\n`);
});

/** Of a look, on average; what follows from looks is counted, too. */
const budgets = { requests: 3.6, readUnits: 2, writeUnits: 1.6 };

describe('a shop where twenty products are looked at for each that is bought', () => {
  it('costs what the budgets say, and less when what happens together arrives together', async () => {
    const single = await played(false);
    const batched = await played(true);
    print('one by one', single);
    print('in batches', batched);
    expect([...single.keys()].toSorted()).toEqual(EVENT_TYPES.map(({ type }) => type).toSorted());
    for (const what of ['requests', 'readUnits', 'writeUnits'] as const) {
      const each = mean(single.get('Product Viewed'), what);
      expect(each).toBeLessThanOrEqual(budgets[what]);
      expect(mean(batched.get('Product Viewed'), what)).toBeLessThan(0.6 * each);
    }
  });
});

/** What people say beside buying: after the third order, before the fourth. */
const SIGNALS = new Set([
  'Nps Answered',
  'Review Posted',
  'Coupon Applied',
  'Preference Declared',
  'Question Answered',
]);

/** Four rounds of looking, cart, checkout and order; what a customer may say; the mails that follow from it. */
function regular(customer: number): readonly CustomerEvent[] {
  const begins = day(300 + customer / 10);
  const said = others(begins + 85 * DAY).filter(({ type }) => SIGNALS.has(type));
  const rounds = [0, 1, 2, 3].flatMap((each) => {
    const at = begins + each * 30 * DAY;
    return [...round(at, customer, `o-${customer}-${each}`), delivered(at + 18 * DAY, `o-${customer}-${each}`)];
  });
  return named(customer, [registered(begins - HOUR), ...rounds, ...said]);
}

describe('whoever looks at twenty products for each they buy', () => {
  it('costs one read and two write units an order, and three write units a mail', async () => {
    const mails: number[] = [];
    const orders: Cost[] = [];
    for (let customer = 0; customer < PEOPLE; customer += 1) {
      const { take, mail, entriesWritten } = shop();
      for (const each of regular(customer)) {
        const before = entriesWritten();
        const { writeUnits, ...cost } = await take(each);
        // A message that an order ends takes two more: its entry, and the profile without it.
        const ordering = writeUnits - 2 * (entriesWritten() - before);
        if (each.type === 'Purchase Completed') orders.push({ ...cost, writeUnits: ordering });
        mails.push(...(await mail(each.customerId)));
      }
    }
    expect(orders).toHaveLength(4 * PEOPLE);
    expect(orders.filter(({ readUnits, writeUnits }) => readUnits > 1 || writeUnits > 2)).toEqual([]);
    expect(mails.length).toBeGreaterThan(3 * PEOPLE);
    // The first mail to an address is entered there, too.
    expect(mails.filter((units) => units > 3)).toEqual(Array.from({ length: PEOPLE }, () => 4));
  });
});

const views = (at: Instant, count: number) =>
  Array.from({ length: count }, (_, index) => viewed(at + index * MINUTE, { sku: `cup-${index}`, category: 'cups' }));

/** Names as some shops have them, and long ones. */
const longNamed = (index: number) => ({ sku: `${'x'.repeat(index % 2 === 0 ? 100 : 4)}${index}`, category: 'cups' });

describe('a look that says nothing new', () => {
  it('costs two reads of one unit and one write of one', async () => {
    const { take } = shop();
    for (const each of views(day(0), 12)) await take(each);
    expect(await take(viewed(day(0) + 20 * MINUTE, { sku: 'cup-0', category: 'cups' }))).toEqual({
      requests: 3,
      readUnits: 2,
      writeUnits: 1,
    });
  });

  it('costs no more when sixty are kept with long names', async () => {
    const { take } = shop();
    await take(...Array.from({ length: 80 }, (_, index) => viewed(day(0) + index * MINUTE, longNamed(index % 40))));
    const cost = await take(viewed(day(0) + 100 * MINUTE, longNamed(39)));
    expect(cost).toEqual({ requests: 3, readUnits: 2, writeUnits: 1 });
  });

  it('costs two reads when it was known already', async () => {
    const { take } = shop();
    const all = views(day(0), 12);
    await take(...all);
    expect(await take(...all.slice(3, 5))).toEqual({ requests: 2, readUnits: 2, writeUnits: 0 });
  });

  it('costs as much as one when ten arrive together, beside what follows from them', async () => {
    const { take } = shop();
    await take(registered(day(0)));
    const cost = await take(...views(day(1), 10));
    // Profile and looks are read, and each is written once.
    expect(cost).toMatchObject({ requests: 4, readUnits: 2 });
  });
});
