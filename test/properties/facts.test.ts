/** I1: facts, stage and what follows from them do not depend on order of arrival or on duplication. */
/* oxlint-disable unicorn/consistent-function-scoping, vitest/expect-expect -- helpers stand beside the tests they serve,
   and `sameWhateverTheOrder` and `sameInEveryOrder` compare */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { isOpen } from '../../shared/lifecycle/facts/complaints.ts';
import { eventType } from '../../shared/lifecycle/events/event-types.ts';
import { isStillOpen, MATTERS_KEPT } from '../../shared/lifecycle/facts/matters.ts';
import { type Facts, NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { latestAnswer, MAILS_KEPT } from '../../shared/lifecycle/facts/answers.ts';
import { choicesOf, optedOut } from '../../shared/lifecycle/facts/choices.ts';
import { type Interest, interestOf } from '../../shared/lifecycle/facts/interest.ts';
import {
  addLooks,
  type Look,
  LOOK_BYTES,
  LOOK_KINDS,
  LOOKS_KEPT,
  LOOKS_ROOM,
  NOTHING_SEEN,
} from '../../shared/lifecycle/facts/looks.ts';
import { toMinor } from '../../shared/lifecycle/facts/money.ts';
import { historyOf as orderHistory, spendOf } from '../../shared/lifecycle/facts/orders.ts';
import { absorb, factsOf } from '../../shared/lifecycle/fold.ts';
import { nextChange, stageOf } from '../../shared/lifecycle/stage.ts';
import { DAY, HOUR } from '../../shared/lifecycle/time.ts';
import { bought, cancelledOrder, complained, day, delivered, event, refunded, resolved } from '../support/events.ts';
import { arrivalsOf, CROWDED, historyOf, LOOKING, ORDINARY } from '../support/histories.ts';
import { OWN_GAP, POLICY, SHIPPED } from '../support/playbooks.ts';
import { assert, same } from '../support/property.ts';

interface Absorbed {
  readonly facts: Facts;
  readonly rebuilds: number;
}

/** Takes events in one by one as they arrive; where the facts cannot tell, from all that has arrived. */
function absorbAll(arrivals: readonly CustomerEvent[]): Absorbed {
  const seen = new Map<string, CustomerEvent>();
  let facts = NO_FACTS;
  let rebuilds = 0;
  for (const each of arrivals) {
    seen.set(each.id, each);
    const absorbed = absorb(facts, each);
    if (absorbed === undefined) rebuilds += 1;
    facts = absorbed ?? factsOf([...seen.values()]);
  }
  return { facts, rebuilds };
}

function sameWhateverTheOrder(history: readonly CustomerEvent[], arrivals: readonly CustomerEvent[]): void {
  const whole = factsOf(history);
  const { facts } = absorbAll(arrivals);
  same(facts, whole);
  const last = history.at(-1)?.occurredAt ?? 0;
  for (const policy of [POLICY, OWN_GAP]) {
    for (const t of [last, last + 25 * DAY, last + 100 * DAY + HOUR / 2, last + 400 * DAY]) {
      same(stageOf(facts, policy, t), stageOf(whole, policy, t));
      same(nextChange(facts, policy, t), nextChange(whole, policy, t));
    }
  }
}

/** Every permutation of a few events, each also with its first event repeated at the end. */
function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

function sameInEveryOrder(history: readonly CustomerEvent[]): void {
  for (const arrivals of permutations(history)) sameWhateverTheOrder(history, [...arrivals, ...arrivals.slice(0, 1)]);
}

describe('I1: order of arrival and duplication', () => {
  it('holds for ordinary histories', () => {
    assert(
      fc.property(arrivalsOf(historyOf(ORDINARY)), ({ history, arrivals }) => sameWhateverTheOrder(history, arrivals)),
      500,
    );
  });

  it('holds beyond everything that is kept one by one', () => {
    assert(
      fc.property(arrivalsOf(historyOf(CROWDED, 40)), ({ history, arrivals }) =>
        sameWhateverTheOrder(history, arrivals),
      ),
      300,
    );
  });

  it('holds for events that arrive late, but mostly in order', () => {
    const late = historyOf(CROWDED, 20).chain((history) =>
      fc
        .array(fc.integer({ min: 0, max: 20 }), { minLength: history.length, maxLength: history.length })
        .map((delays) => ({
          history,
          arrivals: history
            .map((each, index) => ({
              each,
              arrives: each.occurredAt + (delays[index] ?? 0) * (delays[index] ?? 0) * DAY,
            }))
            .toSorted((a, b) => a.arrives - b.arrives)
            .map(({ each }) => each),
        })),
    );
    assert(
      fc.property(late, ({ history, arrivals }) => sameWhateverTheOrder(history, arrivals)),
      200,
    );
  });

  it('needs no rebuild for what arrives in order', () => {
    const orders = Array.from({ length: 40 }, (_, index) => bought(day(index)));
    expect(absorbAll(orders).rebuilds).toBe(0);
  });
});

describe('I1, case by case: every order of arrival', () => {
  it('orders arrive before earlier ones', () => {
    sameInEveryOrder([bought(day(0)), bought(day(10)), bought(day(10.2)), bought(day(40)), bought(day(300))]);
  });

  it('an order id is reused: its earliest event is the order', () => {
    const history = [
      bought(day(0), 'a', { total: 10 }),
      bought(day(1), 'b', { total: 20 }),
      bought(day(2), 'a', { total: 500 }),
      cancelledOrder(day(3), 'a'),
      delivered(day(3), 'b'),
    ];
    sameInEveryOrder(history);
    expect(spendOf(factsOf(history).orders)).toStrictEqual({ USD: 2000 });
  });

  it('refunds come before their order, before and after its cancellation, in two currencies', () => {
    const history = [
      bought(day(0), 'a', { total: 100 }),
      bought(day(1), 'b', { total: 50, currency: 'EUR' }),
      refunded(day(2), 'a', 30),
      event('Purchase Refunded', day(3), { orderId: 'b', refundId: 'rb', amount: 5, currency: 'EUR' }),
      cancelledOrder(day(4), 'a'),
      refunded(day(5), 'a', 70),
    ];
    sameInEveryOrder(history);
    expect(spendOf(factsOf(history).orders)).toStrictEqual({ EUR: 4500 });
  });

  it('a complaint is resolved before it is opened, and opened again', () => {
    sameInEveryOrder([complained(day(0), 'a'), resolved(day(2), 'a'), complained(day(5), 'a'), resolved(day(7), 'b')]);
  });

  it('a complaint is said again after waits that grow, shrink and are alike', () => {
    sameInEveryOrder([0, 50, 160, 230, 280].map((each) => complained(day(each), 'a')));
    const many = [0, 90, 170, 240, 300, 350, 400, 410, 560, 610].map((each) => complained(day(each), 'a'));
    for (const last of many) sameWhateverTheOrder(many, [...many.filter((each) => each !== last), last]);
    sameWhateverTheOrder(many, many.toReversed());
  });

  it('two events share an instant: the smaller id comes first', () => {
    sameInEveryOrder([
      event('Profile Updated', day(0), { name: 'Anna' }, 'e1'),
      event('Profile Updated', day(0), { name: 'Anne' }, 'e2'),
      event('Purchase Completed', day(0), { orderId: 'a', total: 1, currency: 'USD' }, 'e3'),
      event('Purchase Completed', day(0), { orderId: 'a', total: 2, currency: 'USD' }, 'e4'),
    ]);
  });

  it('late events older than the ring, whichever of them comes last', () => {
    const history = Array.from({ length: 14 }, (_, index) => bought(day(index * 9), `o${index}`, { total: index }));
    const extra = [
      cancelledOrder(day(3), 'o2'),
      delivered(day(30), 'o3'),
      refunded(day(40), 'o1', 1),
      bought(day(8.5), 'late', { total: 7, currency: 'EUR' }),
      bought(day(1), 'o9', { total: 99 }),
    ];
    const all = [...history, ...extra];
    for (const last of all) sameWhateverTheOrder(all, [...all.filter((each) => each !== last), last]);
    for (const last of extra) sameWhateverTheOrder(all, [...extra.filter((each) => each !== last), ...history, last]);
  });

  it('more marks arrive before their orders than are kept', () => {
    const marks = Array.from({ length: 12 }, (_, index) => cancelledOrder(day(20 + index), `o${index}`));
    const deliveries = Array.from({ length: 12 }, (_, index) => delivered(day(25 - index), `o${index}`));
    const orders = Array.from({ length: 12 }, (_, index) => bought(day(index), `o${index}`));
    const refunds = Array.from({ length: 8 }, (_, index) => refunded(day(32 + index), `o${index}`, 1));
    const all = [...orders, ...marks, ...deliveries, ...refunds];
    sameWhateverTheOrder(all, all.toReversed());
    sameWhateverTheOrder(all, [...marks, ...deliveries, ...refunds, ...orders]);
    sameWhateverTheOrder(all, [...refunds, ...marks, ...orders, ...deliveries]);
  });

  it('more refunds than are kept, around the cancellation of their orders', () => {
    const orders = ['a', 'b'].map((orderId, index) => bought(day(index), orderId, { total: 500 }));
    const refunds = Array.from({ length: 9 }, (_, index) =>
      refunded(day(5 + index), index % 2 === 0 ? 'a' : 'b', index + 1),
    );
    for (const cancellation of [day(4), day(9.5), day(30)]) {
      const all = [...orders, ...refunds, cancelledOrder(cancellation, 'a')];
      sameWhateverTheOrder(all, all);
      sameWhateverTheOrder(all, all.toReversed());
      sameWhateverTheOrder(all, [...refunds, cancelledOrder(cancellation, 'a'), ...orders]);
      expect(spendOf(factsOf(all).orders)).toStrictEqual({ USD: 50_000 - 100 * (2 + 4 + 6 + 8) });
    }
  });
});

const looksIn = (events: readonly CustomerEvent[]): readonly Look[] =>
  events.flatMap((each) => eventType(each.type)?.look?.(each) ?? []);

describe('I1: what was looked at', () => {
  it('comes to the same in whatever order, batches and repetitions it arrives', () => {
    const batches = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 60, maxLength: 60 });
    assert(
      fc.property(arrivalsOf(historyOf(LOOKING, 20)), batches, ({ history, arrivals }, sizes) => {
        const whole = addLooks(NOTHING_SEEN, looksIn(history));
        let browsing = NOTHING_SEEN;
        let interest: Interest | undefined;
        let left = looksIn(arrivals);
        for (const size of sizes) {
          browsing = addLooks(browsing, left.slice(0, size));
          interest = interestOf(browsing, SHIPPED.traits, interest);
          left = left.slice(size);
        }
        browsing = addLooks(browsing, left);
        interest = interestOf(browsing, SHIPPED.traits, interest);
        same(browsing.looks, whole.looks);
        same(browsing.first, whole.first);
        same(browsing.dropped, whole.dropped);
        // Of what has been dropped only the first look and the first views are exact.
        if (!whole.dropped) {
          same(browsing, whole);
          same(interest, interestOf(whole, SHIPPED.traits));
        }
        same(addLooks(browsing, looksIn(history)), browsing);
        same(interestOf(browsing, SHIPPED.traits, interest), interest);
      }),
      300,
    );
  });

  it('takes no more room than one write unit, whatever the names are', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    const look = fc.record(
      {
        at: fc.integer({ min: 0, max: 2_000_000_000 }).map((seconds) => seconds * 1000),
        id: fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
        kind: fc.constantFrom(...LOOK_KINDS),
        sku: fc.oneof(fc.constantFrom('a', 'b'), name),
        category: fc.oneof(fc.constantFrom('a', 'b'), name),
      },
      { requiredKeys: ['at', 'id', 'kind'] },
    );
    assert(
      fc.property(fc.array(look, { maxLength: 120, size: 'max' }), (looks) => {
        const { looks: kept, dropped } = addLooks(NOTHING_SEEN, looks);
        const bytes = (names: readonly (string | undefined)[]) =>
          [...new Set(names)].reduce((sum, each) => sum + (each === undefined ? 0 : Buffer.byteLength(each) + 1), 0);
        const room =
          kept.length * LOOK_BYTES + bytes(kept.map(({ sku }) => sku)) + bytes(kept.map((each) => each.category));
        expect(room).toBeLessThanOrEqual(LOOKS_ROOM);
        expect(kept.length).toBeLessThanOrEqual(LOOKS_KEPT);
        expect(dropped === true).toBe(kept.length < new Set(looks.map(({ id }) => id)).size);
      }),
      200,
    );
  });
});

function field(each: CustomerEvent, name: string): unknown {
  return valueIn(each.data, name);
}

function valueIn(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? Object.entries(data).find(([key]) => key === name)?.[1] : '';
}

/** The same questions answered from the plain list of events, without rings, sums or marks. */
function plainly(events: readonly CustomerEvent[]) {
  const ordered = events.toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1));
  const of = (type: string) => ordered.filter((each) => each.type === type);
  const cancelled = new Set(of('Order Cancelled').map((each) => field(each, 'orderId')));
  const firstOf = (type: string, id: string) => {
    const byId = new Map<unknown, CustomerEvent>();
    for (const each of of(type)) if (!byId.has(field(each, id))) byId.set(field(each, id), each);
    return [...byId.values()];
  };
  const orders = firstOf('Purchase Completed', 'orderId').filter((each) => !cancelled.has(field(each, 'orderId')));
  const spend: Record<string, number> = {};
  for (const each of orders) {
    const currency = String(field(each, 'currency'));
    spend[currency] = (spend[currency] ?? 0) + toMinor(Number(field(each, 'total')), currency);
  }
  for (const each of firstOf('Purchase Refunded', 'refundId')) {
    const currency = String(field(each, 'currency'));
    if (cancelled.has(field(each, 'orderId'))) continue;
    spend[currency] = (spend[currency] ?? 0) - toMinor(Number(field(each, 'amount')), currency);
  }
  const solved = of('Question Answered').filter(
    (each) => field(each, 'question') === 'solved' && field(each, 'answer') === 'yes',
  );
  const closings = (type: string, id: string, others: readonly (readonly [unknown, CustomerEvent])[] = []) =>
    new Map(
      [...of(type).map((each) => [field(each, id), each] as const), ...others].toSorted(
        ([, a], [, b]) => a.occurredAt - b.occurredAt,
      ),
    );
  const openOf = (type: string, id: string, closed: ReadonlyMap<unknown, CustomerEvent>) =>
    [...new Map(of(type).map((each) => [field(each, id), each]))].flatMap(([each, opened]) => {
      const end = closed.get(each);
      return end === undefined || end.occurredAt < opened.occurredAt ? [String(each)] : [];
    });
  const resolutions = closings(
    'Complaint Resolved',
    'complaintId',
    solved.map((each) => [field(each, 'about'), each] as const),
  );
  const open = openOf('Complaint Opened', 'complaintId', resolutions);
  const openChanges = openOf('Change Requested', 'changeId', closings('Change Confirmed', 'changeId'));
  const openSubscriptions = openOf(
    'Subscription Renewal Stopped',
    'subscriptionId',
    closings('Subscription Renewal Resumed', 'subscriptionId'),
  );
  const days = [...new Set(orders.map((each) => Math.floor(each.occurredAt / DAY)))];
  return {
    orders: orders.length,
    first: orders[0]?.occurredAt,
    last: orders.at(-1)?.occurredAt,
    meanLnGap: days
      .slice(1)
      .reduce((sum, each, index) => sum + Math.log(each - (days[index] ?? each)) / (days.length - 1), 0),
    spend: Object.fromEntries(Object.entries(spend).map(([currency, minor]) => [currency, Math.max(0, minor)])),
    discounted: orders.filter((each) => Number(field(each, 'discount') ?? 0) > 0 || 'coupon' in Object(each.data))
      .length,
    open,
    openChanges,
    openSubscriptions,
  };
}

describe('refunds of orders that never came', () => {
  it('count unless the order was cancelled, also after more marks than are kept', () => {
    const order = bought(day(0), 'known', { total: 100 });
    const marks = Array.from({ length: 8 }, (_, index) => delivered(day(20 + index), `m${index}`));
    const refunds = [refunded(day(3), 'gone', 10), refunded(day(4), 'there', 1)];
    const all = [order, cancelledOrder(day(1), 'gone'), delivered(day(2), 'there'), ...refunds, ...marks];
    expect(spendOf(factsOf(all).orders)).toStrictEqual({ USD: 9900 });
    sameWhateverTheOrder(all, all.toReversed());
    sameWhateverTheOrder(all, [...marks, ...refunds, ...all]);
  });
});

/** Whether somebody is opted out of a programme, as one would read it from the list of events. */
function plainlyOptedOut(events: readonly CustomerEvent[], programme: string): boolean {
  interface Said {
    readonly at: number;
    readonly id: string;
    readonly value: unknown;
  }
  const latest = (said: readonly Said[]) =>
    said.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).findLast(({ value }) => value !== undefined);
  const consents = events.flatMap((each) => {
    const consent = field(each, 'consent');
    return consent === undefined || consent === ''
      ? []
      : [{ at: Date.parse(String(valueIn(consent, 'at'))), id: each.id, value: valueIn(consent, 'marketing') }];
  });
  const consent = latest(consents);
  const optedInAt = consent?.value === 'opt_in' ? consent.at : undefined;
  const promotion = latest(
    events.map((each) => {
      const reported = field(each, 'reason') === 'spam complaint';
      const value = reported ? 'off' : field(each, 'promotion');
      const own = value === 'on' ? consents.find(({ id }) => id === each.id)?.at : undefined;
      return { at: own ?? each.occurredAt, id: each.id, value };
    }),
  );
  const own = latest(
    events.map(({ occurredAt, id, data }) => {
      const value = valueIn(valueIn(data, 'programmes'), programme);
      return { at: occurredAt, id, value: value === '' ? undefined : value };
    }),
  );
  return [promotion, own].some((said) => said?.value === 'off' && !(optedInAt !== undefined && optedInAt > said.at));
}

describe('the facts mean what the events say', () => {
  it('who is opted out, other choices and answers are those of the plain list', () => {
    assert(
      fc.property(historyOf(CROWDED, 10), (events) => {
        const facts = factsOf(events);
        for (const programme of ['retention', 'win-back', 'constructor', 'onboarding']) {
          expect({ programme, out: optedOut(facts, programme) }).toStrictEqual({
            programme,
            out: plainlyOptedOut(events, programme),
          });
        }
        const { language, pace, tailored } = choicesOf(facts.choices);
        const latest = (name: string) =>
          events.map((each) => (each.type === 'Preferences Changed' ? field(each, name) : undefined));
        const said = (name: string) => latest(name).findLast((value) => value !== undefined);
        expect([language, pace, tailored]).toStrictEqual([
          said('language'),
          said('pace') ?? 'usual',
          said('tailored') ?? true,
        ]);
        const answers = events.filter((each) => each.type === 'Question Answered');
        for (const question of new Set(answers.map((each) => String(field(each, 'question'))))) {
          const mails = new Map<unknown, CustomerEvent>();
          for (const each of answers.filter((other) => field(other, 'question') === question)) {
            const mail = JSON.stringify([
              field(each, 'programme'),
              field(each, 'step'),
              field(each, 'about') ?? each.occurredAt,
            ]);
            const last = mails.get(mail);
            if (last === undefined || field(last, 'answer') !== field(each, 'answer')) mails.set(mail, each);
          }
          const given = [...mails.values()].toSorted((x, y) => x.occurredAt - y.occurredAt || (x.id < y.id ? -1 : 1));
          if (answers.length > MAILS_KEPT) continue;
          expect(latestAnswer(facts.answers, question, () => true)?.id).toBe(given.at(-1)?.id);
        }
      }),
      400,
    );
  });

  it('orders, gaps, spend and open complaints are those of the plain list', () => {
    assert(
      fc.property(historyOf(CROWDED, 10), (events) => {
        const facts = factsOf(events);
        const history = orderHistory(facts.orders);
        const plain = plainly(events);
        expect(history?.orders ?? 0).toBe(plain.orders);
        expect(history?.first).toBe(plain.first);
        expect(history?.last).toBe(plain.last);
        expect(history && history.gaps > 0 ? history.lnGaps / history.gaps : 0).toBeCloseTo(plain.meanLnGap, 9);
        const spend = spendOf(facts.orders);
        for (const [currency, minor] of Object.entries(plain.spend)) expect(spend[currency]).toBe(minor);
        const open = facts.complaints.known.filter(isOpen).map((each) => each.complaintId);
        // Of more open ones than are kept the oldest are given up: the others keep promotion away all the same.
        expect(plain.open).toStrictEqual(expect.arrayContaining(open));
        expect(open).toHaveLength(Math.min(plain.open.length, MATTERS_KEPT));
        const openIn = (matters: Facts['changes'] | Facts['subscriptions']) =>
          (matters?.known ?? []).filter((each) => isStillOpen(each.opened, each.closed)).map(({ id }) => id);
        for (const [kept, all] of [
          [openIn(facts.changes), plain.openChanges],
          [openIn(facts.subscriptions), plain.openSubscriptions],
        ] as const) {
          expect(all).toStrictEqual(expect.arrayContaining([...kept]));
          expect(kept).toHaveLength(Math.min(all.length, MATTERS_KEPT));
        }
        const discounted = facts.orders.ring.filter((each) => each.discounted && !each.cancelled).length;
        expect(discounted + (facts.orders.older?.discounted ?? 0)).toBe(plain.discounted);
      }),
      400,
    );
  });
});
