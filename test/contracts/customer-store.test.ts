/** What every customer store does, run against each of them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CustomerStore, type DueIndex, removeLife } from '../../shared/adapters/customer-store.ts';
import { DUE_SHARDS } from '../../shared/contracts/table.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { addLooks, type Look, LOOK_KINDS, LOOKS_KEPT, NOTHING_SEEN } from '../../shared/lifecycle/facts/looks.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { AWKWARD_IDS } from './ids.ts';
import { FULL_PROFILE } from './profiles.ts';
import { implementations, together } from './stores.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
/** Starting the twin takes longer than vitest's five seconds when its assembly has to be made first. */
const OPEN_TIMEOUT_MS = 60_000;
/** moto answers about 140 conditional writes a second. */
const SLOW_TEST_TIMEOUT_MS = 30_000;

function profileOf(customerId: string, version: number, dueAt?: number): Living {
  return { ...unknownCustomer(customerId, NOON), version, ...(dueAt !== undefined && { dueAt }) };
}

function eventOf(customerId: string, id: string, data: Readonly<Record<string, unknown>> = {}): CustomerEvent {
  return { id, type: 'Login Succeeded', customerId, occurredAt: NOON, data: { customerId, ...data } };
}

function entryOf(customerId: string, key: string, more: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    customerId,
    key,
    outcome: 'withheld',
    reason: 'no consent',
    moment: NOON,
    decidedAt: NOON + 1,
    endedAt: NOON + 2,
    attempt: 1,
    ...more,
  };
}

function look(seconds: number, more: Partial<Look> = {}): Look {
  return { at: seconds * 1000, id: seconds, kind: 'product', ...more };
}

const browsed = (...looks: readonly Look[]) => addLooks(NOTHING_SEEN, looks);

/** All tests share one store, so each has customers of its own. */
const someone = () => `c-${randomUUID()}`;

const byId = (events: readonly CustomerEvent[]) => events.map(({ id }) => id).toSorted();
const byKey = (entries: readonly LedgerEntry[]) => entries.map(({ key }) => key).toSorted();

describe.each(implementations())('$name', ({ open, isAtomic }) => {
  let store: CustomerStore & DueIndex;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const opened = await open();
    ({ store } = opened);
    close = () => opened.close();
  }, OPEN_TIMEOUT_MS);

  afterAll(() => close());

  describe('the profile', () => {
    it('is undefined for a customer nobody has seen', async () => {
      expect(await store.load(someone())).toBeUndefined();
    });

    it('is created when there is none, once', async () => {
      const id = someone();

      expect(await store.save(profileOf(id, 1), 0)).toBe(true);
      expect(await store.save({ ...profileOf(id, 1), stage: 'loyal' }, 0)).toBe(false);
      expect(await store.load(id)).toEqual(profileOf(id, 1));
    });

    it('is replaced by who saw its latest version, and by nobody else', async () => {
      const id = someone();
      await store.save(profileOf(id, 1), 0);

      expect(await store.save({ ...profileOf(id, 2), stage: 'new' }, 1)).toBe(true);
      expect(await store.save({ ...profileOf(id, 2), stage: 'loyal' }, 1)).toBe(false);
      expect(await store.save({ ...profileOf(id, 4), stage: 'loyal' }, 3)).toBe(false);
      expect(await store.load(id)).toMatchObject({ version: 2, stage: 'new' });
    });

    it('is not created by who believes there is one', async () => {
      const id = someone();

      expect(await store.save(profileOf(id, 2), 1)).toBe(false);
      expect(await store.load(id)).toBeUndefined();
    });

    it('goes to exactly one of many who write at once', async () => {
      const id = someone();
      await store.save(profileOf(id, 1), 0);

      const writing = Array.from(
        { length: 8 },
        (_, writer) => () => store.save({ ...profileOf(id, 2), evaluatedAt: writer }, 1),
      );
      const won = await together(isAtomic, writing);

      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await store.load(id)).toMatchObject({ version: 2, evaluatedAt: won.indexOf(true) });
    });

    it('comes back unchanged with everything in it', async () => {
      const full = { ...FULL_PROFILE, customerId: someone() };
      await store.save(full, 0);

      expect(await store.load(full.customerId)).toEqual(full);
    });

    it('comes back unchanged when all that is left is a tombstone', async () => {
      const id = someone();
      const erased = { kind: 'erased', customerId: id, life: 2, version: 9, erasedAt: NOON } as const;
      await store.save(profileOf(id, 8), 0);
      await store.save({ ...erased, dueAt: NOON + 1 }, 8);

      expect(await store.load(id)).toEqual({ ...erased, dueAt: NOON + 1 });
    });

    it('is not touched by what the caller does to a copy', async () => {
      const id = someone();
      const recent = [{ key: '1/onboarding/welcome/1', at: NOON }];
      await store.save({ ...profileOf(id, 1), recent }, 0);
      recent.push({ key: '1/onboarding/guide/1', at: NOON });

      expect(await store.load(id)).toMatchObject({ recent: [{ key: '1/onboarding/welcome/1' }] });
    });
  });

  describe('the journal', () => {
    it('takes an event, and knows it when it comes again', async () => {
      const event = eventOf(someone(), 'e-1');

      expect(await store.journal(event)).toBe('new');
      expect(await store.journal(event)).toBe('known');
      expect(await store.readEvent(event.customerId, 'e-1')).toEqual(event);
    });

    it('knows an event whose fields come in another order and with another correlation id', async () => {
      const id = someone();
      const item = { sku: 'tea', price: 4, nested: { b: 1, a: [{ y: 2, x: 1 }] } };
      const turned = { nested: { a: [{ x: 1, y: 2 }], b: 1 }, price: 4, sku: 'tea' };
      await store.journal({ ...eventOf(id, 'e-1', { item, total: 4 }), correlationId: 'first' });

      expect(await store.journal({ ...eventOf(id, 'e-1', { total: 4, item: turned }), correlationId: 'retry' })).toBe(
        'known',
      );
    });

    it.each([
      ['other data', { data: { total: 5 } }],
      ['another list order', { data: { items: [2, 1] } }],
      ['another time', { occurredAt: NOON + 1 }],
      ['another type', { type: 'Order Delivered' }],
    ])('finds an id used twice: %s', async (_what, change) => {
      const id = someone();
      const first = { ...eventOf(id, 'e-1'), data: { items: [1, 2] } };
      await store.journal(first);

      expect(await store.journal({ ...first, ...change })).toBe('different');
      expect(await store.readEvent(id, 'e-1')).toEqual(first);
    });

    it('keeps events of one id apart by customer', async () => {
      const [one, other] = [someone(), someone()];
      await store.journal(eventOf(one, 'e-1'));

      expect(await store.journal(eventOf(other, 'e-1'))).toBe('new');
      expect(await store.readEvent(someone(), 'e-1')).toBeUndefined();
    });

    it('gives all events of a customer and nothing else', async () => {
      const id = someone();
      await store.save(profileOf(id, 1), 0);
      await store.writeEntry(entryOf(id, '1/onboarding/welcome/1'));
      for (const name of ['e-2', 'e-1', 'e-10']) await store.journal(eventOf(id, name));

      expect(byId(await store.readJournal(id))).toEqual(['e-1', 'e-10', 'e-2']);
      expect(await store.readJournal(someone())).toEqual([]);
    });

    it(
      'is read whole when it is larger than a page of the store',
      async () => {
        const id = someone();
        // Six of these exceed the 1 MB a query returns at once.
        const events = Array.from({ length: 6 }, (_, n) => eventOf(id, `e-${n}`, { wording: `${n}`.repeat(240_000) }));
        for (const event of events) await store.journal(event);

        const read = await store.readJournal(id);

        expect(read.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(events);
      },
      SLOW_TEST_TIMEOUT_MS,
    );

    it('forgets one event on demand, also twice', async () => {
      const id = someone();
      for (const name of ['e-1', 'e-2']) await store.journal(eventOf(id, name));

      await store.unjournal(id, 'e-1');
      await store.unjournal(id, 'e-1');

      expect(byId(await store.readJournal(id))).toEqual(['e-2']);
      expect(await store.journal(eventOf(id, 'e-1', { other: true }))).toBe('new');
    });
  });

  describe('the ledger', () => {
    const key = '1/onboarding/welcome/1';

    it('has no entry of a message that has not ended', async () => {
      expect(await store.readEntry(someone(), key)).toBeUndefined();
    });

    it('gives an entry back unchanged', async () => {
      const full = entryOf(someone(), key, {
        outcome: 'sent',
        attempt: 2,
        cause: 'e-1',
        release: 'r-1',
        template: 'onboarding/welcome',
        locale: 'sv',
        messageId: '0100-abc',
        shadow: true,
      });
      await store.writeEntry(full);

      expect(await store.readEntry(full.customerId, key)).toEqual(full);
    });

    it.each(['withheld', 'cancelled', 'failed'] as const)('is written once: %s does not replace', async (outcome) => {
      for (const first of ['withheld', 'cancelled', 'failed', 'sent'] as const) {
        const id = someone();
        expect(await store.writeEntry(entryOf(id, key, { outcome: first }))).toBe(true);
        expect(await store.writeEntry(entryOf(id, key, { outcome, reason: 'later' }))).toBe(false);
        expect(await store.readEntry(id, key)).toMatchObject({ outcome: first, reason: 'no consent' });
      }
    });

    it.each(['withheld', 'cancelled', 'failed'] as const)('lets sent replace %s, once', async (outcome) => {
      const id = someone();
      await store.writeEntry(entryOf(id, key, { outcome }));

      expect(await store.writeEntry(entryOf(id, key, { outcome: 'sent', messageId: 'm-1' }))).toBe(true);
      expect(await store.writeEntry(entryOf(id, key, { outcome: 'sent', messageId: 'm-2' }))).toBe(false);
      expect(await store.readEntry(id, key)).toMatchObject({ outcome: 'sent', messageId: 'm-1' });
    });

    it('gives all entries of a customer, and removes one on demand', async () => {
      const id = someone();
      await store.journal(eventOf(id, 'e-1'));
      for (const each of [key, '1/retention/benefits/1', '2/onboarding/welcome/1']) {
        await store.writeEntry(entryOf(id, each));
      }

      await store.removeEntry(id, '1/retention/benefits/1');
      await store.removeEntry(id, '1/retention/benefits/1');

      expect(byKey(await store.readLedger(id))).toEqual([key, '2/onboarding/welcome/1']);
    });
  });

  describe('the delivery of a message', () => {
    const key = '1/onboarding/welcome/1';
    const delivered = { status: 'delivered', at: NOON + 60_000 } as const;

    const sent = async () => {
      const entry = entryOf(someone(), key, { outcome: 'sent', messageId: 'm-1' });
      await store.writeEntry(entry);
      return entry;
    };

    it('cannot be marked before the message has ended', async () => {
      const id = someone();

      expect(await store.markDelivery(id, key, delivered)).toBe('no entry');
      expect(await store.readEntry(id, key)).toBeUndefined();
    });

    it.each(['withheld', 'cancelled', 'failed'] as const)('cannot be marked while it is %s', async (outcome) => {
      const id = someone();
      await store.writeEntry(entryOf(id, key, { outcome }));

      expect(await store.markDelivery(id, key, delivered)).toBe('not sent');
      expect(await store.markDelivery(id, key, { seen: 'opened', at: NOON })).toBe('not sent');
      expect(await store.readEntry(id, key)).toEqual(entryOf(id, key, { outcome }));
    });

    it('stands beside the entry, wherever that is read', async () => {
      const entry = await sent();

      expect(await store.markDelivery(entry.customerId, key, { ...delivered, detail: 'late' })).toBe('marked');

      const expected = { ...entry, delivery: { ...delivered, detail: 'late' } };
      expect(await store.readEntry(entry.customerId, key)).toEqual(expected);
      expect(await store.readLedger(entry.customerId)).toEqual([expected]);
    });

    it('is not touched by an entry that is read and written again', async () => {
      const { customerId } = await sent();
      await store.markDelivery(customerId, key, delivered);
      const read = await store.readEntry(customerId, key);

      expect(await store.writeEntry({ ...entryOf(customerId, key), ...read, messageId: 'm-2' })).toBe(false);
      expect(await store.readEntry(customerId, key)).toEqual(read);
    });

    it('is not written with an entry', async () => {
      const entry = entryOf(someone(), key, { outcome: 'sent' });
      await store.writeEntry({ ...entry, delivery: delivered });

      expect(await store.readEntry(entry.customerId, key)).toEqual(entry);
    });

    it('only moves forward, whatever comes later', async () => {
      const { customerId } = await sent();
      const steps = ['sent', 'delayed', 'delivered', 'bounced'] as const;
      for (const [n, status] of steps.entries()) {
        expect(await store.markDelivery(customerId, key, { status, at: NOON - n })).toBe('marked');
        for (const earlier of steps.slice(0, n)) {
          const mark = { status: earlier, at: NOON + DAY };
          expect(await store.markDelivery(customerId, key, mark)).toBe('not further');
        }
      }
      expect(await store.readEntry(customerId, key)).toMatchObject({ delivery: { status: 'bounced', at: NOON - 3 } });
    });

    it.each(['bounced', 'complained', 'rejected'] as const)('goes no further than %s but in time', async (status) => {
      const { customerId } = await sent();
      await store.markDelivery(customerId, key, { status, at: NOON + 1 });

      expect(await store.markDelivery(customerId, key, { status, at: NOON + 1 })).toBe('not further');
      for (const other of ['bounced', 'complained', 'rejected'] as const) {
        expect(await store.markDelivery(customerId, key, { status: other, at: NOON })).toBe('not further');
      }
      expect(await store.markDelivery(customerId, key, { status, at: NOON + 2 })).toBe('marked');
    });

    it('is silent about a mail SES took and has not reported on since', async () => {
      const entry = await sent();

      expect(await store.markDelivery(entry.customerId, key, { status: 'sent', at: NOON })).toBe('marked');
      expect(await store.readEntry(entry.customerId, key)).toEqual(entry);
    });

    it('remembers the first time a mail was opened, and its first click, beside the status', async () => {
      const { customerId } = await sent();
      await store.markDelivery(customerId, key, delivered);
      const marks = [
        ['opened', 5, 'marked'],
        ['opened', 9, 'not further'],
        ['opened', 5, 'not further'],
        ['clicked', 7, 'marked'],
        ['opened', 3, 'marked'],
      ] as const;
      for (const [seen, after, answer] of marks) {
        expect(await store.markDelivery(customerId, key, { seen, at: NOON + after })).toBe(answer);
      }

      const delivery = { ...delivered, openedAt: NOON + 3, clickedAt: NOON + 7 };
      expect(await store.readEntry(customerId, key)).toMatchObject({ delivery });
    });

    it('goes when its entry goes', async () => {
      const entry = await sent();
      await store.markDelivery(entry.customerId, key, delivered);
      await store.removeEntry(entry.customerId, key);

      expect(await store.markDelivery(entry.customerId, key, delivered)).toBe('no entry');
      await store.writeEntry(entry);
      expect(await store.readEntry(entry.customerId, key)).toEqual(entry);
    });
  });

  describe('what a customer looked at', () => {
    it('is nothing, with version 0, for a customer who has not looked', async () => {
      expect(await store.readLooks(someone())).toEqual({ browsing: NOTHING_SEEN, version: 0 });
    });

    it('comes back unchanged, with as much in it as there can be', async () => {
      const id = someone();
      const many = Array.from({ length: LOOKS_KEPT + 3 }, (_, index) =>
        look(1_700_000_000 + index, {
          id: 0xff_ff_ff_ff - index,
          kind: LOOK_KINDS[index % LOOK_KINDS.length] ?? 'product',
          ...(index % 3 > 0 && { sku: `ö${index % 7}` }),
          ...(index % 2 > 0 && { category: `茶${index % 5}` }),
        }),
      );
      for (const [browsing, version] of [
        [browsed(look(1)), 1],
        [browsed(look(1, { sku: 'a' }), look(2, { category: 'a' }), look(3, { sku: '0', category: '0' })), 2],
        [browsed(...many), 3],
      ] as const) {
        expect(await store.saveLooks(id, { browsing, version }, version - 1)).toBe(true);
        expect(await store.readLooks(id)).toEqual({ browsing, version });
      }
      expect((await store.readLooks(id)).browsing).toMatchObject({ looks: { length: LOOKS_KEPT }, dropped: true });
    });

    it('is replaced or removed by who saw its latest version, and by nobody else', async () => {
      const id = someone();
      const [one, other] = [browsed(look(1)), browsed(look(2))];
      expect(await store.saveLooks(id, { browsing: one, version: 5 }, 0)).toBe(true);
      expect(await store.saveLooks(id, { browsing: other, version: 6 }, 0)).toBe(false);
      expect(await store.saveLooks(id, { browsing: other, version: 6 }, 4)).toBe(false);
      expect(await store.removeLooks(id, 4)).toBe(false);
      expect(await store.readLooks(id)).toEqual({ browsing: one, version: 5 });
      expect(await store.saveLooks(id, { browsing: other, version: 6 }, 5)).toBe(true);
      expect(await store.removeLooks(id, 6)).toBe(true);
      expect(await store.readLooks(id)).toEqual({ browsing: NOTHING_SEEN, version: 0 });
    });

    it('is neither profile nor journal nor ledger', async () => {
      const id = someone();
      await store.saveLooks(id, { browsing: browsed(look(1)), version: 1 }, 0);
      expect(await store.load(id)).toBeUndefined();
      expect(await store.readJournal(id)).toEqual([]);
      expect(await store.readLedger(id)).toEqual([]);
    });
  });

  describe('the end of a life', () => {
    it('removes what belongs to it, and nothing of a later one, of the profile or of others', async () => {
      const [id, other] = [someone(), someone()];
      await store.save(profileOf(id, 1), 0);
      for (const customer of [id, other]) {
        await store.journal({ ...eventOf(customer, 'before'), occurredAt: NOON - 1 });
        await store.journal({ ...eventOf(customer, 'at'), occurredAt: NOON });
        await store.journal({ ...eventOf(customer, 'after'), occurredAt: NOON + 1 });
        for (const life of [1, 2, 3]) await store.writeEntry(entryOf(customer, `${life}/recovery/status.2/k%2F9`));
      }

      await removeLife(store, id, 2, (event) => event.occurredAt <= NOON);
      // Interrupted or redelivered, it is done once more.
      await removeLife(store, id, 2, (event) => event.occurredAt <= NOON);

      expect(byId(await store.readJournal(id))).toEqual(['after']);
      expect(byKey(await store.readLedger(id))).toEqual(['3/recovery/status.2/k%2F9']);
      expect(await store.load(id)).toEqual(profileOf(id, 1));
      expect(await store.readJournal(other)).toHaveLength(3);
      expect(await store.readLedger(other)).toHaveLength(3);
    });
  });

  describe('timers', () => {
    /** Tests share the index, so each has a year of its own. */
    let year = 0;
    const window = () => {
      year += 1;
      return NOON + year * 365 * DAY;
    };

    it('are due after the first instant and up to the last', async () => {
      const from = window();
      const due = new Map([0, 1, 500, 1000, 1001].map((offset) => [someone(), from + offset]));
      for (const [id, dueAt] of due) await store.save(profileOf(id, 1, dueAt), 0);

      const found = await store.dueBetween(from, from + 1000);

      const expected = [...due].filter(([, dueAt]) => dueAt > from && dueAt <= from + 1000);
      expect(new Map(found.map(({ customerId, dueAt }) => [customerId, dueAt]))).toEqual(new Map(expected));
      expect(found).toHaveLength(3);
    });

    it('are found in every shard', async () => {
      const from = window();
      const ids = Array.from({ length: DUE_SHARDS * 8 }, someone);
      for (const id of ids) await store.save(profileOf(id, 1, from + 1), 0);

      const found = await store.dueBetween(from, from + 1);

      expect(found.map(({ customerId }) => customerId).toSorted()).toEqual(ids.toSorted());
    });

    it('follow the profile, and customers without one are not in the index', async () => {
      const from = window();
      const [moved, cleared, never, erased] = [someone(), someone(), someone(), someone()];
      for (const id of [moved, cleared, erased]) await store.save(profileOf(id, 1, from + 10), 0);
      await store.save(profileOf(never, 1), 0);

      await store.save(profileOf(moved, 2, from + 20), 1);
      await store.save(profileOf(cleared, 2), 1);
      await store.save(
        { kind: 'erased', customerId: erased, life: 1, version: 2, erasedAt: from, dueAt: from + 30 },
        1,
      );

      const found = await store.dueBetween(from, from + 100);
      expect(found.toSorted((a, b) => a.dueAt - b.dueAt)).toEqual([
        { customerId: moved, dueAt: from + 20 },
        { customerId: erased, dueAt: from + 30 },
      ]);
    });

    it('of a save that lost the race are not kept', async () => {
      const from = window();
      const id = someone();
      await store.save(profileOf(id, 1, from + 10), 0);
      await store.save(profileOf(id, 1, from + 5), 0);

      expect(await store.dueBetween(from, from + 100)).toEqual([{ customerId: id, dueAt: from + 10 }]);
    });
  });

  it.each(AWKWARD_IDS)('ids are opaque: %s', async (id) => {
    const dueAt = NOON + 1000 * 365 * DAY;
    const key = `1/recovery/apology/${encodeURIComponent(id)}`;
    await store.save(profileOf(id, 1, dueAt), 0);
    await store.journal(eventOf(id, id));
    await store.writeEntry(entryOf(id, key));

    expect(await store.load(id)).toMatchObject({ customerId: id });
    expect(await store.readEvent(id, id)).toEqual(eventOf(id, id));
    expect(await store.readJournal(id)).toEqual([eventOf(id, id)]);
    expect(await store.readLedger(id)).toEqual([entryOf(id, key)]);
    expect(await store.dueBetween(dueAt - 1, dueAt)).toContainEqual({ customerId: id, dueAt });
  });
});
