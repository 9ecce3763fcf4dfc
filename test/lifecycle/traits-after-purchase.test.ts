/** L5, L6, A2, A7, A10 and returning: what begins and ends each, to the millisecond. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { newestCause } from '../../shared/lifecycle/traits/traits.ts';
import { bought, cancelledOrder, complained, day, event, refunded, registered, resolved } from '../support/events.ts';
import { TRAIT_POLICY } from '../support/playbooks.ts';
import { edge, idsAt, situationAfter, whyAt } from '../support/traits.ts';

const coupon = (at: Instant): CustomerEvent => event('Coupon Applied', at, { coupon: 'AUTUMN-10' });
const cheaply = (at: Instant, orderId = `o${at}`): CustomerEvent => bought(at, orderId, { discount: 5 });

describe('bargain', () => {
  it('a lead who came by coupon, until the first order', () => {
    const lead = situationAfter([coupon(day(1))]);
    expect(edge(lead, 'bargain', day(1))).toBe('begins');
    expect(whyAt(lead, 'bargain', day(90))).toBe('came by coupon');
    expect(edge(situationAfter([coupon(day(1)), bought(day(2))]), 'bargain', day(2))).toBe('ends');
  });

  it('a buyer most of whose orders were discounted, from the order that makes it so', () => {
    const three = [cheaply(day(0)), bought(day(10)), cheaply(day(20))];
    const buyer = situationAfter(three);
    expect(edge(buyer, 'bargain', day(20))).toBe('begins');
    expect(whyAt(buyer, 'bargain', day(21))).toBe('two discounted orders of 3');
    expect(newestCause(situationAfter([...three, cheaply(day(90))]), 'bargain', day(91))?.from).toBe(day(90));
    expect(idsAt(situationAfter([...three, bought(day(30))]), day(30))).not.toContain('bargain');
    expect(idsAt(situationAfter([cheaply(day(0))]), day(1))).not.toContain('bargain');
  });

  it('exactly the share suffices; the shop may ask for more', () => {
    const share = [cheaply(day(0)), cheaply(day(1)), cheaply(day(2)), bought(day(3)), bought(day(4))];
    expect(idsAt(situationAfter(share), day(5))).toContain('bargain');
    const strict = { bargain: { ...TRAIT_POLICY.bargain, discounted: 0.61 } };
    expect(idsAt(situationAfter(share, { traits: strict }), day(5))).not.toContain('bargain');
    const many = { bargain: { ...TRAIT_POLICY.bargain, orders: 6 } };
    expect(idsAt(situationAfter(share, { traits: many }), day(5))).not.toContain('bargain');
  });

  it('counts the orders that have left the ring, and none that was cancelled', () => {
    const old = Array.from({ length: 8 }, (_, index) => cheaply(day(index)));
    const long = [...old, bought(day(20)), bought(day(21)), bought(day(22))];
    expect(idsAt(situationAfter(long), day(30))).toContain('bargain');
    const undone = situationAfter([cheaply(day(0), 'a'), cheaply(day(1), 'b'), cancelledOrder(day(2), 'b')]);
    expect(idsAt(undone, day(3))).not.toContain('bargain');
  });

  it('is nobody where the shop ignores it', () => {
    const traits = { bargain: { ...TRAIT_POLICY.bargain, policy: 'ignore' as const } };
    expect(idsAt(situationAfter([coupon(day(1))], { traits }), day(2))).toStrictEqual([]);
  });
});

describe('impulse', () => {
  const orderAfter = (delay: number, ...more: readonly CustomerEvent[]) =>
    situationAfter([registered(day(0)), bought(day(0) + delay, 'first'), ...more]);

  it('whoever buys within the hour, for a month', () => {
    const buyer = orderAfter(HOUR);
    expect(edge(buyer, 'impulse', day(0) + HOUR)).toBe('begins');
    expect(edge(buyer, 'impulse', day(30) + HOUR)).toBe('ends');
    expect(whyAt(buyer, 'impulse', day(1))).toBe('bought within one hour of coming');
    expect(idsAt(orderAfter(HOUR + 1), day(1))).not.toContain('impulse');
    const slow = { impulse: { ...TRAIT_POLICY.impulse, within: HOUR + 1 } };
    const late = situationAfter([registered(day(0)), bought(day(0) + HOUR + 1)], { traits: slow });
    expect(idsAt(late, day(1))).toContain('impulse');
  });

  it('not whoever is first heard of by an order', () => {
    expect(idsAt(situationAfter([bought(day(0))]), day(1))).not.toContain('impulse');
    expect(idsAt(orderAfter(1), day(1))).toContain('impulse');
  });

  it('not after more looks than a few', () => {
    const looks = (...minutes: readonly number[]) =>
      situationAfter([registered(day(0)), bought(day(0) + HOUR)], {
        interest: { latest: day(0), first: { at: day(0), views: minutes.map((each) => day(0) + each * MINUTE) } },
      });
    expect(idsAt(looks(0, 1, 2), day(1))).toContain('impulse');
    expect(idsAt(looks(0, 1, 2, 59), day(1))).not.toContain('impulse');
    // Looks after the order say nothing about how it came about.
    expect(idsAt(looks(0, 1, 2, 60), day(1))).toContain('impulse');
  });

  it('off from the second refund within 90 days', () => {
    const first = refunded(day(5), 'first', 1, 'r1');
    const twice = orderAfter(MINUTE, first, refunded(day(9), 'first', 1, 'r2'));
    expect(edge(twice, 'impulse', day(9))).toBe('ends');
    expect(idsAt(twice, day(29))).not.toContain('impulse');
    expect(idsAt(orderAfter(MINUTE, first), day(9))).toContain('impulse');
  });

  it('off while a return is open', () => {
    const back = event('Return Requested', day(3), { returnId: 'rt-1', orderId: 'first' });
    const open = orderAfter(MINUTE, back);
    expect(edge(open, 'impulse', day(3))).toBe('ends');
    const settled = orderAfter(MINUTE, back, refunded(day(8), 'first', 10));
    expect(edge(settled, 'impulse', day(8))).toBe('begins');
  });
});

describe('referred', () => {
  const friend = registered(day(0), { referral: { by: 'c-9' } });

  it('from the registration until the acquaintance is made', () => {
    const known = situationAfter([friend]);
    expect(edge(known, 'referred', day(0))).toBe('begins');
    expect(idsAt(known, day(900))).toContain('referred');
    expect(edge(situationAfter([friend, bought(day(10))]), 'referred', day(70))).toBe('ends');
    // Thirty days of trouble and seven of rest delay the acquaintance, and the second order is the end of it.
    const delayed = [friend, bought(day(10)), complained(day(12)), resolved(day(42))];
    expect(edge(situationAfter(delayed), 'referred', day(107))).toBe('ends');
    expect(edge(situationAfter([...delayed, bought(day(60))]), 'referred', day(70))).toBe('ends');
    const cameBack = situationAfter([friend, bought(day(10)), bought(day(400))]);
    expect(idsAt(cameBack, day(401))).toContain('returning');
    expect(idsAt(cameBack, day(401))).not.toContain('referred');
    expect(whyAt(known, 'referred', day(0))).toBe('was recommended to come');
    expect(idsAt(situationAfter([registered(day(0))]), day(1))).not.toContain('referred');
  });
});

describe('returning', () => {
  const BACK = [bought(day(0)), bought(day(10)), bought(day(190))];

  it('whoever buys after having lapsed, while the acquaintance is made anew', () => {
    const back = situationAfter(BACK);
    expect(edge(back, 'returning', day(190))).toBe('begins');
    expect(edge(back, 'returning', day(250))).toBe('ends');
    const delayed = [...BACK, complained(day(192)), resolved(day(222))];
    expect(edge(situationAfter(delayed), 'returning', day(287))).toBe('ends');
    expect(whyAt(back, 'returning', day(200))).toBe('bought again after having lapsed');
    expect(idsAt(situationAfter([bought(day(0)), bought(day(10)), bought(day(150))]), day(151))).toStrictEqual([]);
  });
});

describe('changing', () => {
  const asked = event('Change Requested', day(1), { changeId: 'ch-1', what: 'Green, not blue' });

  it('until the change is confirmed, a month at most', () => {
    const open = situationAfter([asked]);
    expect(edge(open, 'changing', day(1))).toBe('begins');
    expect(edge(open, 'changing', day(31))).toBe('ends');
    expect(whyAt(open, 'changing', day(2))).toBe('asked for a change');
    const agreed = situationAfter([asked, event('Change Confirmed', day(4), { changeId: 'ch-1' })]);
    expect(edge(agreed, 'changing', day(4))).toBe('ends');
  });
});

describe('key account', () => {
  const orders = [bought(day(0)), bought(day(10))];
  const ranked = (at: Instant, keyAccount = true): CustomerEvent =>
    event('Account Ranked', at, { share: 0.012, keyAccount });

  it('as the census says, from the second order on', () => {
    const big = situationAfter([...orders, ranked(day(11))]);
    expect(edge(big, 'key-account', day(11))).toBe('begins');
    expect(whyAt(big, 'key-account', day(12))).toBe('among the 1.2 % who spent most in a year');
    expect(idsAt(situationAfter([...orders, ranked(day(11)), ranked(day(12), false)]), day(12))).toStrictEqual([]);
    expect(idsAt(situationAfter([bought(day(0)), ranked(day(11))]), day(12))).not.toContain('key-account');
  });

  it('is quiet at four fifths of the silence that alarms, until it alarms', () => {
    const big = situationAfter([...orders, ranked(day(11))]);
    // Order on day 10, at risk on day 100.
    expect(edge(big, 'quiet-key-account', day(82))).toBe('begins');
    expect(edge(big, 'quiet-key-account', day(100))).toBe('ends');
    expect(edge(situationAfter([...orders, ranked(day(90))]), 'quiet-key-account', day(90))).toBe('begins');
    expect(idsAt(situationAfter(orders), day(85))).toStrictEqual([]);
    const early = { keyAccount: { ...TRAIT_POLICY.keyAccount, early: 0.5 } };
    expect(edge(situationAfter([...orders, ranked(day(11))], { traits: early }), 'quiet-key-account', day(55))).toBe(
      'begins',
    );
  });

  it('the check-in is at a whole hour, so that timers fall together', () => {
    const odd = [bought(day(0)), bought(day(10) + 7 * MINUTE), ranked(day(11))];
    expect(edge(situationAfter(odd), 'quiet-key-account', day(82) + HOUR)).toBe('begins');
  });

  it('is not asked about when the shop waits no time at all', () => {
    const stages = { cadence: { rule: 'fixed', atRiskAfter: 0, lapsedAfter: DAY } } as const;
    expect(idsAt(situationAfter([...orders, ranked(day(11))], { stages }), day(11))).toStrictEqual(['key-account']);
  });
});
