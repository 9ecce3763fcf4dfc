/** What the events that reveal who somebody is do to the facts; that order of arrival does not matter is tested elsewhere. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { EVENT_TYPES } from '../../shared/lifecycle/events/event-types.ts';
import { REDEMPTIONS_KEPT, TRIES_KEPT } from '../../shared/lifecycle/facts/coupons.ts';
import { CONFIRMED_KEPT, type Facts, HANDLED_KEPT, NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { RING_SIZE, spendSince } from '../../shared/lifecycle/facts/orders.ts';
import {
  countReferrals,
  FIRST_REFERRALS_KEPT,
  NEWEST_REFERRALS_KEPT,
  nthReferral,
} from '../../shared/lifecycle/facts/referrals.ts';
import { returnSpans, RETURNS_KEPT } from '../../shared/lifecycle/facts/returns.ts';
import { REVIEWS_KEPT, VERSIONS_KEPT } from '../../shared/lifecycle/facts/reviews.ts';
import { absorb, factsOf } from '../../shared/lifecycle/fold.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import {
  bought,
  cancelledOrder,
  checkedOut,
  complained,
  day,
  downloaded,
  event,
  filledCart,
  loggedIn,
  refunded,
  resumedRenewal,
  reviewed,
  scored,
  stoppedRenewal,
  viewed,
} from '../support/events.ts';

const stampOf = ({ occurredAt: at, id }: CustomerEvent) => ({ at, id });
const several = (count: number, make: (index: number) => CustomerEvent) =>
  Array.from({ length: count }, (_, index) => make(index));

describe('the first event', () => {
  it('is when a customer was first seen, whatever it says and whenever it arrives', () => {
    const events = [loggedIn(day(3)), bought(day(5)), event('Address Suppressed', day(1), { reason: 'hard bounce' })];
    expect(factsOf(events).firstSeenAt).toBe(day(1));
    expect(absorb(factsOf(events), loggedIn(day(0)))?.firstSeenAt).toBe(day(0));
  });
});

describe('browsing', () => {
  it('is no fact by itself', () => {
    expect(absorb(NO_FACTS, viewed(day(0)))).toBe(NO_FACTS);
    expect(absorb(NO_FACTS, downloaded(day(0)))).toBe(NO_FACTS);
  });
});

describe('cart and checkout', () => {
  it('are what was heard of them last; an empty cart is one, too', () => {
    const [full, empty, checkout] = [filledCart(day(1), 2), filledCart(day(2), 0), checkedOut(day(1.5))];
    expect(factsOf([empty, full, checkout]).basket).toStrictEqual({
      cart: { ...stampOf(empty), items: 0 },
      checkout: stampOf(checkout),
    });
    expect(factsOf([full]).basket).toStrictEqual({ cart: { ...stampOf(full), items: 2 } });
  });

  it('know that the cart was emptied before it was filled again, until a checkout follows', () => {
    const [empty, full, checkout] = [filledCart(day(2), 0), filledCart(day(3), 2), checkedOut(day(1))];
    const known = { cart: { ...stampOf(full), items: 2 }, cleared: stampOf(empty) };
    expect(factsOf([empty, full]).basket).toStrictEqual(known);
    expect(factsOf([checkout, empty, full]).basket).toStrictEqual({ ...known, checkout: stampOf(checkout) });
    expect(factsOf([empty, full, checkedOut(day(4))]).basket).not.toHaveProperty('cleared');
  });
});

describe('coupons', () => {
  it('are those applied and those of orders, each once an order', () => {
    const applied = event('Coupon Applied', day(0), { coupon: 'TEN' });
    const order = bought(day(1), 'a', { coupon: 'TEN' });
    const same = event('Coupon Applied', day(1), { coupon: 'TEN', orderId: 'a' }, 'zzz');
    expect(factsOf([applied, order, same]).coupons).toStrictEqual([
      { ...stampOf(applied), code: 'TEN' },
      { ...stampOf(same), code: 'TEN', orderId: 'a' },
    ]);
  });

  it('are the newest, and no longer than a code', () => {
    const many = several(TRIES_KEPT + 1, (index) => event('Coupon Applied', day(index), { coupon: `C${index}` }));
    expect(factsOf(many).coupons?.map(({ code }) => code)).toStrictEqual(['C1', 'C2', 'C3', 'C4', 'C5', 'C6']);
    expect(factsOf([bought(day(0), 'a', { coupon: 'x'.repeat(200) })]).coupons?.[0]?.code).toHaveLength(64);
  });
});

describe('a coupon used with an order', () => {
  const used = bought(day(0), 'a', { coupon: 'OURS' });
  const codes = (...events: readonly CustomerEvent[]) => factsOf([used, ...events]).coupons?.map(({ code }) => code);

  it('is not forgotten over those that were only tried, nor over those of other orders', () => {
    const tried = several(30, (index) => event('Coupon Applied', day(1 + index), { coupon: `C${index}` }));
    expect(codes(...tried)).toContain('OURS');
    const others = several(REDEMPTIONS_KEPT - 1, (index) => bought(day(1 + index), `o${index}`, { coupon: 'C' }));
    expect(codes(...others)).toContain('OURS');
    expect(codes(...others, bought(day(90), 'one more', { coupon: 'C' }))).not.toContain('OURS');
  });

  it('is remembered for a year', () => {
    expect(codes(bought(day(365), 'b', { coupon: 'C' }))).toStrictEqual(['OURS', 'C']);
    expect(codes(bought(day(366), 'b', { coupon: 'C' }))).toStrictEqual(['C']);
  });
});

describe('orders', () => {
  const items = (...articles: readonly object[]) => ({ items: articles.map((each) => ({ quantity: 1, ...each })) });

  it('know the category of the dearest article, the promise, and whether they were discounted', () => {
    const cup = { sku: 'c', name: 'Cup', price: 20, category: 'cups', quantity: 3 };
    const pot = { sku: 'p', name: 'Pot', price: 50, category: 'pots' };
    const promisedBy = '2026-04-01T12:00:00+02:00';
    const [order] = factsOf([bought(day(0), 'a', { ...items(pot, cup), promisedBy })]).orders.ring;
    expect(order).toMatchObject({ category: 'cups', promisedBy: Date.parse(promisedBy) });
    expect(order).not.toHaveProperty('discounted');
    const isDiscounted = (data: object) => factsOf([bought(day(0), 'a', { ...data })]).orders.ring[0]?.discounted;
    expect(isDiscounted({ discount: 0 })).toBeUndefined();
    expect(isDiscounted({ discount: 0.01 })).toBe(true);
    expect(isDiscounted({ coupon: 'TEN' })).toBe(true);
  });

  it('beyond the ring are summed by month: the spend of a year is known to the month', () => {
    const orders = several(RING_SIZE + 4, (index) => bought(day(index * 30), `o${index}`, { total: index + 1 }));
    const facts = factsOf(orders);
    const sum = (from: number) => orders.slice(from).reduce((all, _each, index) => all + (from + index + 1) * 100, 0);
    expect(spendSince(facts.orders, day(0))).toStrictEqual({ USD: sum(0) });
    // The third and the fourth order are of May, and all of that month counts.
    expect(spendSince(facts.orders, day(75))).toStrictEqual({ USD: sum(2) });
    expect(spendSince(facts.orders, day(91))).toStrictEqual({ USD: sum(4) });
    // Within the ring to the millisecond.
    expect(spendSince(facts.orders, day(180))).toStrictEqual({ USD: sum(6) });
    expect(spendSince(facts.orders, day(180) + 1)).toStrictEqual({ USD: sum(7) });
  });

  it('of a year leave out what was cancelled or went back in that time, and are never below zero', () => {
    const events = [
      bought(day(0), 'a', { total: 100 }),
      bought(day(1), 'b', { total: 50 }),
      bought(day(2), 'c', { total: 10, currency: 'EUR' }),
      cancelledOrder(day(3), 'b'),
      refunded(day(4), 'b', 50),
      refunded(day(5), 'a', 30),
    ];
    expect(spendSince(factsOf(events).orders, day(0))).toStrictEqual({ USD: 7000, EUR: 1000 });
    expect(spendSince(factsOf(events).orders, day(1))).toStrictEqual({ USD: 0, EUR: 1000 });
    const many = [
      bought(day(0), 'a', { total: 100 }),
      ...several(RING_SIZE + 2, (index) => refunded(day(1 + index), 'a', 1)),
    ];
    expect(spendSince(factsOf(many).orders, day(0))).toStrictEqual({ USD: 10_000 - 800 });
  });

  it('older than a year are forgotten month by month', () => {
    const orders = several(40, (index) => bought(day(index * 15), `o${index}`, { total: 1 }));
    expect(factsOf(orders).orders.older?.months).toHaveLength(13);
    expect(factsOf(orders).orders.older?.history?.orders).toBe(40 - RING_SIZE);
  });
});

describe('returns', () => {
  const returning = (at: number, orderId: string, returnId = `b${at}`) =>
    event('Return Requested', at, { returnId, orderId });
  const spans = (...events: readonly CustomerEvent[]) => returnSpans(factsOf(events));

  it('last until money goes back for their order, at most thirty days', () => {
    expect(spans(returning(day(1), 'a'), refunded(day(3), 'a', 1))).toStrictEqual([
      { orderId: 'a', from: day(1), to: day(3) },
    ]);
    expect(spans(returning(day(1), 'a'), refunded(day(3), 'b', 1))).toStrictEqual([
      { orderId: 'a', from: day(1), to: day(31) },
    ]);
    expect(spans(refunded(day(0), 'a', 1), returning(day(1), 'a'))).toStrictEqual([
      { orderId: 'a', from: day(1), to: day(31) },
    ]);
    expect(returnSpans(NO_FACTS)).toStrictEqual([]);
  });

  it('are the newest', () => {
    const many = several(RETURNS_KEPT + 1, (index) => returning(day(index), 'a'));
    expect(factsOf(many).returns?.map(({ at }) => at)).toStrictEqual([1, 2, 3, 4].map((each) => day(each)));
  });
});

describe('what the customer says of us', () => {
  it('a review that is changed is kept as it was, too; the newest are kept', () => {
    const changed = [reviewed(day(0), 1, { reviewId: 'a' }), reviewed(day(2), 5, { reviewId: 'a', channel: 'social' })];
    expect(factsOf(changed).reviews).toMatchObject([
      { reviewId: 'a', rating: 1, at: day(0) },
      { reviewId: 'a', rating: 5, channel: 'social', at: day(2) },
    ]);
    const many = several(REVIEWS_KEPT + 1, (index) => reviewed(day(index), 3));
    expect(factsOf(many).reviews).toHaveLength(REVIEWS_KEPT);
    expect(factsOf(many)).toMatchObject({ reviews: [{ at: day(1) }, {}, {}, {}, {}, {}], reviewsLeft: { at: day(0) } });
  });

  it('better reviews do not push out a worse one, nor does one that is written anew again and again', () => {
    const worst = reviewed(day(0), 1, { reviewId: 'worst' });
    const ratingsAfter = (...events: readonly CustomerEvent[]) =>
      factsOf([worst, ...events]).reviews?.map(({ reviewId, rating }) => `${reviewId} ${rating}`);
    expect(ratingsAfter(...several(30, (index) => reviewed(day(1 + index), 2 + (index % 4))))).toContain('worst 1');
    const again = several(30, (index) => reviewed(day(1 + index), 1, { reviewId: 'again' }));
    expect(ratingsAfter(...again)).toStrictEqual([
      'worst 1',
      ...several(VERSIONS_KEPT, () => worst).map(() => 'again 1'),
    ]);
    // What it says now is known as long as what it said.
    const better = reviewed(day(1), 3, { reviewId: 'worst' });
    expect(ratingsAfter(better, ...several(30, (index) => reviewed(day(2 + index), 3)))).toContain('worst 3');
  });

  const answer = (at: number, question: string, said: string, about?: string) =>
    event('Question Answered', at, { programme: 'p', step: 's', question, answer: said, ...(about && { about }) });

  it('the score is the latest, told by the shop or answered in a mail of ours', () => {
    expect(factsOf([scored(day(0), 3), answer(day(1), 'nps', 's10')]).nps).toMatchObject({ score: 10, at: day(1) });
    expect(factsOf([scored(day(2), 3), answer(day(1), 'nps', 's10')]).nps).toMatchObject({ score: 3, at: day(2) });
    for (const other of ['s11', 's', 'n5', 's01'])
      expect(factsOf([answer(day(0), 'nps', other)])).not.toHaveProperty('nps');
    expect(factsOf([answer(day(0), 'reason', 's5')])).not.toHaveProperty('nps');
  });

  it('whoever answers that the complaint is solved closes it then', () => {
    const closed = (...said: readonly CustomerEvent[]) =>
      factsOf([complained(day(0), 'k'), complained(day(0), 'other'), ...said]).complaints.known.flatMap(
        ({ complaintId, resolved }) => (resolved === undefined ? [] : [[complaintId, resolved.at]]),
      );
    expect(closed(answer(day(9), 'solved', 'yes', 'k'))).toStrictEqual([['k', day(9)]]);
    expect(closed(answer(day(9), 'solved', 'no', 'k'))).toStrictEqual([]);
    expect(closed(answer(day(9), 'solved', 'yes'))).toStrictEqual([]);
    expect(closed(answer(day(9), 'put-right', 'yes', 'k'))).toStrictEqual([]);
  });

  it('each declaration stands until another of the same', () => {
    const declared = (at: number, data: Readonly<Record<string, unknown>>) => event('Preference Declared', at, data);
    const said = [
      declared(day(1), { style: 'efficient', previousSupplier: 'Nordic Tea House' }),
      declared(day(2), { style: 'none' }),
      declared(day(0), { objection: 'delivery', style: 'traditional' }),
    ];
    expect(factsOf(said).declared).toMatchObject({
      style: { value: 'none', at: day(2) },
      previousSupplier: { value: 'Nordic Tea House', at: day(1) },
    });
    expect(factsOf([declared(day(0), {})])).not.toHaveProperty('declared');
  });
});

describe('matters', () => {
  it('a renewal is stopped and resumed, and stopped again', () => {
    const stopped = stoppedRenewal(day(0), day(30));
    const again = stoppedRenewal(day(5), day(60));
    expect(factsOf([stopped, resumedRenewal(day(2))]).subscriptions?.known).toMatchObject([
      { id: 's-1', opened: { endsAt: day(30) }, closed: { at: day(2) } },
    ]);
    expect(factsOf([again, stopped, resumedRenewal(day(2))]).subscriptions?.known).toMatchObject([
      { opened: { at: day(5), endsAt: day(60) }, closed: { at: day(2) } },
    ]);
  });

  it('a change has a price, perhaps of nothing, or has none', () => {
    const priced = (data: object) =>
      factsOf([event('Change Requested', day(0), { changeId: 'c', what: 'blue', ...data })]).changes?.known[0]?.opened
        ?.priced;
    expect(priced({ cost: 0, currency: 'USD' })).toBe(true);
    expect(priced({})).toBe(false);
    const confirmed = event('Change Confirmed', day(1), { changeId: 'c' });
    expect(factsOf([confirmed]).changes?.known).toMatchObject([{ id: 'c', closed: { at: day(1) } }]);
  });
});

describe('what is remembered by the newest', () => {
  const kept: readonly (readonly [string, number, (index: number) => CustomerEvent, (facts: Facts) => unknown])[] = [
    [
      'attention that was handled',
      HANDLED_KEPT,
      (index) => event('Attention Handled', day(index), { attentionId: `f${index}` }),
      ({ handled }) => handled?.map(({ attentionId }) => attentionId),
    ],
    [
      'offers that were confirmed',
      CONFIRMED_KEPT,
      (index) => event('Offer Confirmed', day(index), { offerId: `f${index}` }),
      ({ confirmed }) => confirmed?.map(({ offerId }) => offerId),
    ],
  ];

  it.each(kept)('%s: %d, each once', (_what, most, make, idsIn) => {
    const events = several(most + 1, make);
    const newest = events.slice(1).map((_each, index) => `f${index + 1}`);
    expect(idsIn(factsOf(events))).toStrictEqual(newest);
    expect(idsIn(factsOf([...events, ...events.map((each) => ({ ...each, id: `${each.id}!` }))]))).toStrictEqual(
      newest,
    );
  });
});

describe('people who came by a recommendation', () => {
  const came = (at: number, friend: number) =>
    event('Referral Made', day(at), { friendId: `f${friend}`, kind: 'customer' });
  const all = several(FIRST_REFERRALS_KEPT + NEWEST_REFERRALS_KEPT + 8, (index) => came(index, index));

  it('are the first and the newest, each from when that was said first, and none is counted twice', () => {
    const facts = factsOf(all);
    expect(facts.referrals?.map(({ friendId }) => friendId)).toStrictEqual(
      [0, 1, 2, 3, 4, 5, 14, 15, 16, 17, 18, 19].map((each) => `f${each}`),
    );
    expect(countReferrals(facts)).toBe(all.length);
    expect(factsOf([...all, ...all.map((_each, index) => came(100 + index, index))])).toStrictEqual(facts);
    expect(factsOf([came(9, 1), came(3, 1)]).referrals).toMatchObject([{ at: day(3) }]);
  });

  it('are known by their number', () => {
    const at = (nth: number) => nthReferral(factsOf(all), nth)?.friendId;
    expect([1, 6, 7, 15, 20, 21].map(at)).toStrictEqual(['f0', 'f5', 'f14', 'f14', 'f19', undefined]);
  });

  it('of whom one is named again who is no longer kept are read from the journal', () => {
    expect(absorb(factsOf(all), came(100, 9))).toBeUndefined();
    expect(absorb(factsOf(all), came(7.5, 99))).toBeUndefined();
    expect(absorb(factsOf(all), came(100, 99))).toBeDefined();
  });
});

describe('what others say of the customer', () => {
  it('the latest standing counts, and the latest first click', () => {
    const ranked = (at: number, share: number) => event('Account Ranked', at, { share, keyAccount: share < 0.02 });
    expect(factsOf([ranked(day(3), 0.01), ranked(day(1), 0.5)]).standing).toMatchObject({
      share: 0.01,
      keyAccount: true,
    });
    const clicked = (at: number) => event('Mail Clicked', at, { key: '1/onboarding/guide/1' });
    expect(factsOf([clicked(day(3)), clicked(day(1))]).clickedAt).toBe(day(3));
  });
});

describe('every event type', () => {
  const examples = EVENT_TYPES.map(
    ({ type, example }) => [type, event(type, Date.parse('2026-11-22T00:00:00Z'), { ...Object(example) })] as const,
  );

  it.each(examples)('%s: said twice it says nothing new', (_type, said) => {
    const once = factsOf([said]);
    expect(absorb(once, said)).toStrictEqual(once);
    expect(absorb(once, { ...said, occurredAt: said.occurredAt + DAY, id: '' })).toBeDefined();
  });
});
