/** L1 to L4 and fresh interest: what begins and ends each, to the millisecond. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Interest } from '../../shared/lifecycle/facts/interest.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import { spansOf } from '../../shared/lifecycle/traits/traits.ts';
import { bought, cancelledOrder, day, event, registered } from '../support/events.ts';
import { TRAIT_POLICY } from '../support/playbooks.ts';
import { edge, idsAt, situationAfter, whyAt } from '../support/traits.ts';

const interest = (fields: Partial<Interest>): Interest => ({
  latest: Math.ceil(day(1) / DAY) * DAY,
  first: { at: day(0), views: [day(0)] },
  ...fields,
});
const ITEM = { sku: 'pot-03', name: 'Pot', quantity: 1, price: 64 };
const cart = (at: Instant, items: readonly object[] = [ITEM]): CustomerEvent =>
  event('Cart Updated', at, { items, currency: 'USD' });
const checkout = (at: Instant): CustomerEvent =>
  event('Checkout Started', at, { resumeUrl: 'https://shop.example.com/checkout/1' });

describe('looker', () => {
  const looked = { since: day(0), until: day(14), views: 3, visits: 2 };

  it('for as long as a few views in few visits are recent', () => {
    const lead = situationAfter([registered(day(0))], { interest: interest({ looked }) });
    expect(edge(lead, 'looker', day(0))).toBe('begins');
    expect(edge(lead, 'looker', day(14))).toBe('ends');
    expect(whyAt(lead, 'looker', day(1))).toBe('three product views in two visits');
  });

  it('not with a view or a visit more, by the thresholds of the shop', () => {
    const more = { interest: interest({ looked: { ...looked, views: 4 } }) };
    expect(idsAt(situationAfter([], more), day(1))).not.toContain('looker');
    const often = { interest: interest({ looked: { ...looked, visits: 3 } }) };
    expect(idsAt(situationAfter([], often), day(1))).not.toContain('looker');
    const generous = { looker: { ...TRAIT_POLICY.looker, views: 4, visits: 3 } };
    expect(idsAt(situationAfter([], { ...more, traits: generous }), day(1))).toContain('looker');
  });

  it('ends with the first order that counts', () => {
    const order = bought(day(3), 'a');
    expect(edge(situationAfter([order], { interest: interest({ looked }) }), 'looker', day(3))).toBe('ends');
    const undone = situationAfter([order, cancelledOrder(day(4), 'a')], { interest: interest({ looked }) });
    expect(edge(undone, 'looker', day(3))).toBe('goes on');
  });

  it('rests while the person studies, hesitates or is about to buy', () => {
    const studied = { since: day(2), until: day(5), by: 'download' as const, count: 1, days: 1 };
    const studying = situationAfter([], { interest: interest({ looked, studied }) });
    expect(edge(studying, 'looker', day(2))).toBe('ends');
    expect(edge(studying, 'looker', day(5))).toBe('begins');
    expect(edge(situationAfter([checkout(day(2))], { interest: interest({ looked }) }), 'looker', day(2))).toBe('ends');
  });

  it('ends with something in the cart or a checkout: a sale that is prepared is no looking around', () => {
    const after = (...events: readonly CustomerEvent[]) => situationAfter(events, { interest: interest({ looked }) });
    expect(edge(after(cart(day(2))), 'looker', day(2))).toBe('ends');
    expect(edge(after(checkout(day(2))), 'looker', day(2))).toBe('ends');
    // Long after the cart was left, too.
    expect(idsAt(after(cart(day(2))), day(12))).not.toContain('looker');
    expect(idsAt(after(checkout(day(2))), day(12))).not.toContain('looker');
    expect(edge(after(cart(day(2)), cart(day(2.5), [])), 'looker', day(2))).toBe('goes on');
    // What was left before these looks says nothing of them.
    expect(edge(after(cart(day(-20))), 'looker', day(0))).toBe('begins');
    expect(edge(after(cart(day(0))), 'looker', day(0))).toBe('is not there');
  });
});

describe('researcher', () => {
  const studied = { since: day(1), until: day(31), by: 'specification', count: 3, days: 2 } as const;

  it('from the look that shows it, until nothing more is looked at', () => {
    const lead = situationAfter([], { interest: interest({ studied }) });
    expect(edge(lead, 'researcher', day(1))).toBe('begins');
    expect(edge(lead, 'researcher', day(31))).toBe('ends');
    expect(whyAt(lead, 'researcher', day(2))).toBe('three specification pages in two days');
  });

  it('says by what it shows', () => {
    const why = (fields: Partial<NonNullable<Interest['studied']>>) =>
      whyAt(situationAfter([], { interest: interest({ studied: { ...studied, ...fields } }) }), 'researcher', day(2));
    expect(why({ by: 'download', count: 1, days: 1 })).toBe('one download in one day');
    expect(why({ by: 'comparison', count: 13, days: 12 })).toBe('13 comparison pages in twelve days');
    expect(why({ by: 'category', count: 8 })).toBe('eight products of one category in two days');
  });

  it('ends with the first order', () => {
    const buyer = situationAfter([bought(day(5))], { interest: interest({ studied }) });
    expect(edge(buyer, 'researcher', day(5))).toBe('ends');
  });
});

describe('hesitant', () => {
  it('a day after a cart was left, for a week', () => {
    const lead = situationAfter([cart(day(1))]);
    expect(edge(lead, 'hesitant', day(2))).toBe('begins');
    expect(edge(lead, 'hesitant', day(9))).toBe('ends');
    expect(whyAt(lead, 'hesitant', day(2))).toBe('left a cart for 24 hours without checking out');
  });

  it('waits as long as the shop says', () => {
    const traits = { hesitant: { ...TRAIT_POLICY.hesitant, undecided: 2 * HOUR, lasts: DAY } };
    const lead = situationAfter([cart(day(1))], { traits });
    expect(edge(lead, 'hesitant', day(1) + 2 * HOUR)).toBe('begins');
    expect(edge(lead, 'hesitant', day(2) + 2 * HOUR)).toBe('ends');
    expect(whyAt(lead, 'hesitant', day(2))).toBe('left a cart for two hours without checking out');
  });

  it('counts anew from every change of the cart, and not at all once it is empty', () => {
    expect(edge(situationAfter([cart(day(1)), cart(day(1.5))]), 'hesitant', day(2.5))).toBe('begins');
    expect(idsAt(situationAfter([cart(day(1)), cart(day(1.5), [])]), day(3))).not.toContain('hesitant');
  });

  it('ends at the checkout, and at the order', () => {
    expect(edge(situationAfter([cart(day(1)), checkout(day(3))]), 'hesitant', day(3))).toBe('ends');
    expect(idsAt(situationAfter([cart(day(1)), checkout(day(1.5))]), day(3))).not.toContain('hesitant');
    expect(edge(situationAfter([cart(day(1)), bought(day(4))]), 'hesitant', day(4))).toBe('ends');
    // What was put in after the checkout has been left again.
    expect(edge(situationAfter([checkout(day(0.5)), cart(day(1))]), 'hesitant', day(2))).toBe('begins');
  });

  it('a day after the same product has been looked at on so many days', () => {
    const pondered = { since: day(1), sku: 'pot-03', days: 3 };
    const lead = situationAfter([], { interest: interest({ pondered }) });
    expect(edge(lead, 'hesitant', day(2))).toBe('begins');
    expect(edge(lead, 'hesitant', day(9))).toBe('ends');
    expect(whyAt(lead, 'hesitant', day(3))).toBe('looked at the same product on three days');
    const decided = situationAfter([checkout(day(4))], { interest: interest({ pondered }) });
    expect(edge(decided, 'hesitant', day(4))).toBe('ends');
    const before = situationAfter([checkout(day(0.5))], { interest: interest({ pondered }) });
    expect(edge(before, 'hesitant', day(2))).toBe('begins');
  });
});

describe('ready', () => {
  it('from the checkout for a day', () => {
    const lead = situationAfter([checkout(day(1))]);
    expect(edge(lead, 'ready', day(1))).toBe('begins');
    expect(edge(lead, 'ready', day(2))).toBe('ends');
    expect(whyAt(lead, 'ready', day(1))).toBe('started a checkout');
    const short = situationAfter([checkout(day(1))], { traits: { ready: { lasts: 2 * HOUR } } });
    expect(edge(short, 'ready', day(1) + 2 * HOUR)).toBe('ends');
  });

  it('ends with the order, and with an emptied cart', () => {
    expect(edge(situationAfter([checkout(day(1)), bought(day(1) + HOUR)]), 'ready', day(1) + HOUR)).toBe('ends');
    expect(edge(situationAfter([checkout(day(1)), cart(day(1) + HOUR, [])]), 'ready', day(1) + HOUR)).toBe('ends');
    expect(edge(situationAfter([checkout(day(1)), cart(day(1) + HOUR)]), 'ready', day(1) + HOUR)).toBe('goes on');
    const refilled = [checkout(day(1)), cart(day(1) + HOUR, []), cart(day(1) + 2 * HOUR)];
    expect(idsAt(situationAfter(refilled), day(1) + 2 * HOUR)).not.toContain('ready');
  });

  it('is over with an order, as hesitating is, also when that is cancelled', () => {
    const undone = [bought(day(3), 'o'), cancelledOrder(day(3) + HOUR, 'o')];
    expect(edge(situationAfter([cart(day(1)), ...undone]), 'hesitant', day(3))).toBe('ends');
    expect(edge(situationAfter([checkout(day(2.5)), ...undone]), 'ready', day(3))).toBe('ends');
    const pondered = { since: day(0), sku: 'pot-03', days: 3 };
    expect(edge(situationAfter(undone, { interest: interest({ pondered }) }), 'hesitant', day(3))).toBe('ends');
    expect(idsAt(situationAfter([checkout(day(1)), bought(day(1))]), day(1))).not.toContain('ready');
    expect(idsAt(situationAfter([checkout(day(1)), cart(day(1), [])]), day(1))).not.toContain('ready');
  });

  it('holds for whoever has bought before, too', () => {
    expect(edge(situationAfter([bought(day(0)), checkout(day(1))]), 'ready', day(1))).toBe('begins');
  });
});

describe('interested', () => {
  it('for a week after the latest look or checkout, buyer or not', () => {
    const looked = situationAfter([bought(day(0))], { interest: interest({}) });
    // A look is known by the end of its day.
    const latest = Math.ceil(day(1) / DAY) * DAY;
    expect(edge(looked, 'interested', latest - DAY)).toBe('begins');
    expect(edge(looked, 'interested', latest + 7 * DAY)).toBe('ends');
    const checking = situationAfter([bought(day(0)), checkout(day(3))]);
    expect(edge(checking, 'interested', day(3))).toBe('begins');
    expect(edge(checking, 'interested', day(10))).toBe('ends');
    expect(whyAt(checking, 'interested', day(4))).toBe('started a checkout lately');
    const twice = situationAfter([checkout(day(3)), checkout(day(20))], {});
    expect(spansOf(twice, 'interested')).toStrictEqual([
      { from: day(3), to: day(10) },
      { from: day(20), to: day(27) },
    ]);
  });

  it('as long as the shop says', () => {
    const traits = { interested: { lasts: 2 * DAY } };
    expect(edge(situationAfter([checkout(day(3))], { traits }), 'interested', day(5))).toBe('ends');
  });
});
