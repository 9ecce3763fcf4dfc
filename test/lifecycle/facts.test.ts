/** What each event does to the facts, and what single facts mean. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { spanOf } from '../../shared/lifecycle/facts/complaints.ts';
import { mayPromote, SOFT_OPT_IN_LASTS } from '../../shared/lifecycle/facts/consent.ts';
import { addDigest, hasDigest, hash32 } from '../../shared/lifecycle/facts/digest.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { addLogin, habitStopsAt, isLoginKnown, LOGIN_DAYS_KEPT } from '../../shared/lifecycle/facts/logins.ts';
import { digitsOf, isCurrency, toMinor } from '../../shared/lifecycle/facts/money.ts';
import { EARLY_MARKS_KEPT, historyOf, lastOrder, RING_SIZE, spendOf } from '../../shared/lifecycle/facts/orders.ts';
import { MATTERS_KEPT } from '../../shared/lifecycle/facts/matters.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';
import { absorb, factsOf } from '../../shared/lifecycle/fold.ts';
import { ceilToHour, DAY, HOUR, inDays, utcDay } from '../../shared/lifecycle/time.ts';
import {
  bought,
  cancelledOrder,
  complained,
  CUSTOMER,
  day,
  delivered,
  erasureRequested,
  event,
  loggedIn,
  refunded,
  registered,
  resolved,
  START,
} from '../support/events.ts';

const orders = (...events: readonly CustomerEvent[]) => factsOf(events).orders;

describe('orders', () => {
  it('keep first, last and the gaps between order days', () => {
    const history = historyOf(
      orders(bought(day(0), 'a'), bought(day(0.2), 'b'), bought(day(7), 'c'), bought(day(10), 'd')),
    );
    expect(history).toMatchObject({ orders: 4, first: day(0), last: day(10), gaps: 2 });
    expect(history?.lnGaps).toBeCloseTo(Math.log(7) + Math.log(3), 12);
  });

  it('of one UTC day have no gap, across midnight they have one of a day', () => {
    const beforeMidnight = Date.parse('2026-03-02T23:59:00Z');
    expect(historyOf(orders(bought(beforeMidnight, 'a'), bought(beforeMidnight + 2 * 60_000, 'b')))).toMatchObject({
      gaps: 1,
      lnGaps: 0,
    });
    expect(historyOf(orders(bought(beforeMidnight - HOUR, 'a'), bought(beforeMidnight, 'b')))).toMatchObject({
      gaps: 0,
    });
  });

  it('older than the ring are sums, and count all the same', () => {
    const many = Array.from({ length: RING_SIZE + 4 }, (_, index) => bought(day(index * 3), `o${index}`));
    const facts = factsOf(many);
    expect(facts.orders.ring).toHaveLength(RING_SIZE);
    expect(historyOf(facts.orders)).toMatchObject({ orders: RING_SIZE + 4, first: day(0), gaps: RING_SIZE + 3 });
    expect(spendOf(facts.orders)).toStrictEqual({ USD: 6000 * (RING_SIZE + 4) });
    expect(absorb(facts, bought(day(1), 'late'))).toBeUndefined();
    expect(absorb(facts, bought(day(100), 'o0'))).toBeUndefined();
    expect(absorb(facts, cancelledOrder(day(100), 'o0'))).toBeUndefined();
    expect(absorb(facts, delivered(day(100), 'o0'))).toBeUndefined();
    expect(absorb(facts, delivered(day(100), 'never'))).toBeDefined();
  });

  it('that were cancelled count for nothing, before or after they arrive', () => {
    const facts = orders(cancelledOrder(day(1), 'a'), bought(day(2), 'a'), bought(day(3), 'b'));
    expect(historyOf(facts)).toMatchObject({ orders: 1, first: day(3) });
    expect(lastOrder(facts)?.orderId).toBe('b');
    expect(spendOf(facts)).toStrictEqual({ USD: 6000 });
    expect(historyOf(orders(bought(day(2), 'a'), cancelledOrder(day(3), 'a')))).toBeUndefined();
    expect(lastOrder(orders(bought(day(2), 'a'), cancelledOrder(day(3), 'a')))).toBeUndefined();
  });

  it('are delivered at the first delivery that is told', () => {
    const twice = orders(delivered(day(4), 'a'), bought(day(0), 'a'), delivered(day(3), 'a'), delivered(day(5), 'a'));
    expect(lastOrder(twice)?.deliveredAt).toBe(day(3));
    const early = orders(delivered(day(4), 'a'), delivered(day(3), 'a'), bought(day(6), 'a'));
    expect(lastOrder(early)?.deliveredAt).toBe(day(3));
  });

  // The ids run against the time: the oldest mark goes, not the smallest id.
  it('more of them marked before they came than are kept: then only the journal can tell', () => {
    const marks = Array.from({ length: EARLY_MARKS_KEPT + 1 }, (_, index) =>
      cancelledOrder(day(20 + index), `o${EARLY_MARKS_KEPT - index}`),
    );
    const kept = factsOf(marks.slice(1));
    expect(kept.orders).toMatchObject({ early: { length: EARLY_MARKS_KEPT } });
    expect(absorb(kept, bought(day(0), 'o1'))?.orders.ring).toMatchObject([{ orderId: 'o1', cancelled: true }]);
    expect(absorb(kept, bought(day(0), 'o1'))?.orders.early).toHaveLength(EARLY_MARKS_KEPT - 1);
    const dropped = factsOf(marks);
    expect(dropped.orders.early.map((each) => each.orderId)).not.toContain('o8');
    expect(absorb(dropped, bought(day(0), 'o8'))).toBeUndefined();
    expect(absorb(dropped, delivered(day(90), 'o8'))).toBeUndefined();
    expect(absorb(dropped, refunded(day(90), 'o8', 1))).toBeUndefined();
  });

  it('give back what was refunded, once per refund id, by its earliest event', () => {
    const facts = orders(
      bought(day(0), 'a', { total: 100 }),
      refunded(day(1), 'a', 10, 'r1'),
      refunded(day(2), 'a', 99, 'r1'),
      refunded(day(2), 'a', 20, 'r2'),
    );
    expect(spendOf(facts)).toStrictEqual({ USD: 7000 });
  });

  it('of one id count once, by their earliest event, with all that was said of them', () => {
    const facts = orders(
      bought(day(5), 'a', { total: 50 }),
      cancelledOrder(day(7), 'b'),
      bought(day(2), 'a', { total: 20 }),
      bought(day(9), 'a', { total: 90 }),
      bought(day(3), 'b', { total: 30 }),
      bought(day(1), 'b', { total: 10 }),
    );
    expect(facts.ring.map(({ orderId, at, minor, cancelled }) => [orderId, at, minor, cancelled])).toStrictEqual([
      ['b', day(1), 1000, true],
      ['a', day(2), 2000, undefined],
    ]);
  });

  it('keep the newest refunds one by one, and the sums of the others', () => {
    const refunds = Array.from({ length: RING_SIZE + 2 }, (_, index) => refunded(day(10 + index), 'a', 1));
    const facts = orders(bought(day(0), 'a'), ...refunds);
    expect(facts.refunds.map((each) => each.at)).toStrictEqual(refunds.slice(2).map((each) => each.occurredAt));
    expect(facts.olderRefunds).toMatchObject({ sums: { USD: 200 }, last: { at: day(11) } });
    expect(orders(bought(day(0), 'a'), ...refunds.slice(2))).not.toHaveProperty('olderRefunds');
  });

  it('never spend less than nothing', () => {
    expect(spendOf(orders(bought(day(0), 'a', { total: 5 }), refunded(day(1), 'a', 50)))).toStrictEqual({ USD: 0 });
  });

  it('do not give back the refunds of a cancelled order twice, however old', () => {
    const refunds = Array.from({ length: RING_SIZE + 2 }, (_, index) => refunded(day(10 + index), 'a', 1));
    const all = [bought(day(0), 'a'), bought(day(1), 'b'), ...refunds];
    expect(spendOf(orders(...all))).toStrictEqual({ USD: 12_000 - 100 * (RING_SIZE + 2) });
    const facts = factsOf(all);
    expect(absorb(facts, cancelledOrder(day(50), 'a'))).toBeUndefined();
    expect(spendOf(orders(...all, cancelledOrder(day(50), 'a')))).toStrictEqual({ USD: 6000 });
    expect(absorb(facts, refunded(day(9), 'a', 1))).toBeUndefined();
    expect(absorb(facts, refunded(day(90), 'a', 1, `r${day(10)}`))).toBeUndefined();
  });
});

describe('the person', () => {
  const update = (at: number, data: Readonly<Record<string, unknown>>) => event('Profile Updated', day(at), data);

  it('is each field of its latest update, whatever arrives first', () => {
    const facts = factsOf([
      registered(day(0), { name: 'Anna', locale: 'sv-SE' }),
      update(5, { name: 'Anne' }),
      update(3, { name: 'Annie', timeZone: 'Europe/Stockholm' }),
      bought(day(4), 'a', { email: 'new@example.com' }),
    ]);
    expect(personOf(facts.person)).toStrictEqual({
      email: 'new@example.com',
      name: 'Anne',
      locale: 'sv-SE',
      timeZone: 'Europe/Stockholm',
    });
  });

  it('knows who referred and who looks after the customer', () => {
    const manager = { name: 'Leila', email: 'leila@example.com' };
    const facts = factsOf([
      registered(day(0), { referral: { by: 'c-7', recommended: 'sampler' } }),
      update(1, { accountManager: manager }),
    ]);
    expect(personOf(facts.person)).toMatchObject({
      referral: { by: 'c-7', recommended: 'sampler' },
      accountManager: manager,
    });
  });

  it('an update everything of which is overwritten leaves nothing behind', () => {
    const facts = factsOf([update(0, { name: 'A' }), update(1, { name: 'B' })]);
    expect(facts.person).toHaveLength(1);
    expect(absorb(facts, update(0, { name: 'A' }))).toStrictEqual(facts);
  });
});

describe('consent', () => {
  const consent = (marketing: string, at: number, told = at) =>
    event('Profile Updated', day(told), {
      consent: { marketing, source: 'form', at: new Date(day(at)).toISOString(), wording: 'v1' },
    });

  it('is the latest by its own time, not by arrival or by the time of the event', () => {
    const facts = factsOf([consent('none', 5), consent('opt_in', 3, 6)]);
    expect(facts.consent).toMatchObject({ marketing: 'none', at: day(5), source: 'form', wording: 'v1' });
  });

  it('is never inferred', () => {
    expect(factsOf([bought(day(0))]).consent).toBeUndefined();
    expect(mayPromote(undefined, day(0))).toBe(false);
    expect(mayPromote(factsOf([consent('none', 0)]).consent, day(1))).toBe(false);
    expect(mayPromote(factsOf([consent('opt_in', 0)]).consent, day(9999))).toBe(true);
  });

  it('of the soft kind ends after 24 months', () => {
    const soft = factsOf([consent('soft_opt_in', 0)]).consent;
    expect(SOFT_OPT_IN_LASTS).toBe(730 * DAY);
    expect(mayPromote(soft, day(730) - 1)).toBe(true);
    expect(mayPromote(soft, day(730))).toBe(false);
  });

  it('may come with an order', () => {
    const given = { marketing: 'soft_opt_in', source: 'checkout', at: new Date(day(0)).toISOString() };
    expect(factsOf([bought(day(0), 'a', { consent: given })]).consent).toMatchObject({ marketing: 'soft_opt_in' });
  });
});

describe('logins', () => {
  it('are UTC days, each once, the newest of them', () => {
    const midnight = utcDay(START) * DAY;
    const facts = factsOf([loggedIn(midnight), loggedIn(midnight + DAY - 1), loggedIn(midnight + DAY)]);
    expect(facts.logins).toStrictEqual([utcDay(START), utcDay(START) + 1]);
    const many = Array.from({ length: LOGIN_DAYS_KEPT + 3 }, (_, index) => loggedIn(day(index)));
    expect(factsOf(many).logins).toStrictEqual(many.slice(3).map((each) => utcDay(each.occurredAt)));
  });

  it('are known when nothing would change', () => {
    const full = Array.from({ length: LOGIN_DAYS_KEPT }, (_, index) => 100 + index * 2);
    expect(isLoginKnown(full, 100 * DAY)).toBe(true);
    expect(isLoginKnown(full, 99 * DAY)).toBe(true);
    expect(isLoginKnown(full, 101 * DAY)).toBe(false);
    expect(isLoginKnown(full.slice(1), 99 * DAY)).toBe(false);
    expect(isLoginKnown([], 99 * DAY)).toBe(false);
    expect(addLogin(full, 99 * DAY)).toBe(full);
    expect(addLogin(full, 101 * DAY)).toStrictEqual([101, ...full.slice(1)]);
  });

  const policy = { loginDays: 4, within: 60 * DAY, atLeast: 21 * DAY, gaps: 3 };

  it('make a habit of at least four days within sixty of the last', () => {
    expect(habitStopsAt([], policy)).toBeUndefined();
    expect(habitStopsAt([1, 2, 3], policy)).toBeUndefined();
    expect(habitStopsAt([1, 2, 3, 4], policy)).toBe(5 * DAY + 21 * DAY);
    expect(habitStopsAt([1, 20, 40, 61], policy)).toBeUndefined();
    expect(habitStopsAt([2, 20, 40, 61], policy)).toBe(62 * DAY + 59 * DAY);
  });

  it('stop after three mean gaps, rounded up to the hour', () => {
    // (18 - 0) / 7 days * 3 = 7.714 days would be less than 21; 10 gaps are 25.714 days.
    expect(habitStopsAt([0, 1, 2, 3, 4, 5, 6, 18], { ...policy, gaps: 10 })).toBe(
      ceilToHour(19 * DAY + (180 / 7) * DAY),
    );
  });

  it('can be looked at as of an earlier day', () => {
    expect(habitStopsAt([1, 2, 3, 4, 90], policy, 90)).toBe(26 * DAY);
    expect(habitStopsAt([1, 2, 3, 4, 90], policy)).toBeUndefined();
    expect(habitStopsAt([1, 2, 3, 4], policy, 4)).toBeUndefined();
  });
});

describe('complaints', () => {
  const known = (...events: readonly CustomerEvent[]) => factsOf(events).complaints.known;

  it('keep who opened and who resolved them', () => {
    const opening = complained(day(0), 'k', 'high');
    const end = resolved(day(1), 'k');
    expect(known(opening, end)).toStrictEqual([
      {
        complaintId: 'k',
        opened: { at: day(0), id: opening.id, severity: 'high' },
        resolved: { at: day(1), id: end.id },
      },
    ]);
  });

  it('last from opening to resolution, at most to their maximum age', () => {
    const span = (...events: readonly CustomerEvent[]) => {
      const [complaint] = known(...events);
      return complaint && spanOf(complaint, 45 * DAY);
    };
    expect(span(complained(day(0)))).toStrictEqual({ from: day(0), to: day(45) });
    expect(span(complained(day(0)), resolved(day(3)))).toStrictEqual({ from: day(0), to: day(3) });
    expect(span(complained(day(0)), resolved(day(50)))).toStrictEqual({ from: day(0), to: day(45) });
    expect(span(resolved(day(0)), complained(day(1)))).toStrictEqual({ from: day(1), to: day(46) });
    expect(span(complained(day(1)), resolved(day(1)))).toStrictEqual({ from: day(1), to: day(1) + 1 });
    expect(span(resolved(day(0)))).toBeUndefined();
  });

  it('an open one is never forgotten for settled ones', () => {
    const settled = Array.from({ length: MATTERS_KEPT + 3 }, (_, index) => [
      complained(day(index + 1), `s${index}`),
      resolved(day(index + 1.5), `s${index}`),
    ]).flat();
    const kept = known(complained(day(0), 'open'), ...settled);
    expect(kept).toHaveLength(MATTERS_KEPT);
    expect(kept.at(-1)?.complaintId).toBe('open');
  });

  it('beyond what is kept are known to the journal only', () => {
    const many = Array.from({ length: MATTERS_KEPT + 1 }, (_, index) => complained(day(index), `k${index}`));
    const facts = factsOf(many);
    expect(absorb(factsOf(many.slice(1)), resolved(day(90), 'k0'))).toBeDefined();
    expect(absorb(facts, resolved(day(90), 'k0'))).toBeUndefined();
    expect(absorb(facts, resolved(day(90), 'k1'))).toBeUndefined();
    expect(absorb(facts, complained(day(90), 'k1'))).toBeDefined();
  });
});

describe('erasure and unknown types', () => {
  it('are no facts', () => {
    expect(absorb(NO_FACTS, erasureRequested(day(0)))).toBe(NO_FACTS);
    expect(absorb(NO_FACTS, { ...loggedIn(day(0)), type: 'Retired Type' })).toBe(NO_FACTS);
  });

  it('events of anybody fold alike: the customer is the business of the store', () => {
    expect(factsOf([bought(day(0))])).toStrictEqual(factsOf([{ ...bought(day(0)), customerId: `not ${CUSTOMER}` }]));
  });
});

describe('money', () => {
  it.each([
    [29.335, 'USD', 2934],
    [1.005, 'USD', 101],
    [0.1 + 0.2, 'EUR', 30],
    [1_299, 'JPY', 1299],
    [1.2345, 'KWD', 1235],
    [0, 'USD', 0],
    [100_000_000, 'USD', 10_000_000_000],
    [0.1 + 0.2 - 0.3, 'USD', 0],
    [4.9e-3, 'USD', 0],
    [1e-7, 'KWD', 0],
  ])('%d %s are %d minor units', (major, currency, minor) => {
    expect(toMinor(major, currency)).toBe(minor);
  });

  it('knows the digits of a currency, and which currencies there are', () => {
    expect(['USD', 'JPY', 'KWD', 'SEK'].map(digitsOf)).toStrictEqual([2, 0, 3, 2]);
    expect(['USD', 'usd', 'ABC'].map(isCurrency)).toStrictEqual([true, false, false]);
  });
});

describe('digests', () => {
  it('find every id put in, at their own places only', () => {
    const ids = Array.from({ length: 500 }, (_, index) => `order-${index}`);
    const digests = ids.reduce(addDigest, '');
    expect(digests).toHaveLength(500 * 6);
    expect(ids.every((id) => hasDigest(digests, id))).toBe(true);
    expect(ids.some((id) => hasDigest(digests, `${id}x`))).toBe(false);
    const first = addDigest('', 'a');
    expect(hasDigest(`x${first}`, 'a')).toBe(false);
    expect(hasDigest(`x${first}${'y'.repeat(5)}${first}`, 'a')).toBe(true);
  });

  it('are stable for ever: they are stored', () => {
    expect([addDigest('', 'order-1'), hash32('order-1'), hash32('')]).toMatchInlineSnapshot(`
      [
        "T1PBgh",
        2543977427,
        723595804,
      ]
    `);
  });
});

describe('time', () => {
  it('rounds up to the hour', () => {
    expect([ceilToHour(0), ceilToHour(1), ceilToHour(HOUR), ceilToHour(HOUR + 1)]).toStrictEqual([
      0,
      HOUR,
      HOUR,
      2 * HOUR,
    ]);
  });

  it('speaks of days', () => {
    expect([inDays(DAY), inDays(0), inDays(1.6 * DAY)]).toStrictEqual(['1 day', '0 days', '2 days']);
  });
});
