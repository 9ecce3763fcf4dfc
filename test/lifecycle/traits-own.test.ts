/** P7: the traits of the shop are data: a fact, how it is compared, and with what. */
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { factValue, meets } from '../../shared/lifecycle/traits/fact-value.ts';
import { KNOWN_FACTS, type Operator } from '../../shared/lifecycle/traits/known-facts.ts';
import { traitsAt } from '../../shared/lifecycle/traits/traits.ts';
import { answered, bought, complained, day, event, loggedIn, refunded, registered } from '../support/events.ts';
import { playbookJson } from '../support/playbooks.ts';
import { edge, idsAt, situationAfter, whyAt } from '../support/traits.ts';

const own = (fact: string, operator: Operator, value: number | string) => ({
  traits: { own: [{ id: 'ours', fact, operator, value, because: 'the shop says so' }] },
});
const holds = (events: readonly CustomerEvent[], t: number, ...test: Parameters<typeof own>) =>
  idsAt(situationAfter(events, own(...test)), t).includes('ours');

const TEA = { sku: 'tea-17', name: 'Darjeeling', quantity: 2, price: 30, category: 'tea' };
const POT = { sku: 'pot-03', name: 'Pot', quantity: 1, price: 20, category: 'pots' };

describe('every known fact', () => {
  const events = [
    registered(day(0)),
    bought(day(1), 'a', { total: 100 }),
    bought(day(11), 'b', { total: 60, discount: 5, items: [POT, TEA] }),
    bought(day(11.5), 'c', { total: 10, currency: 'EUR', items: [TEA] }),
    refunded(day(12), 'b', 40),
    loggedIn(day(3)),
    loggedIn(day(4)),
    complained(day(13)),
    event('Review Posted', day(14), { reviewId: 'r', rating: 4, channel: 'shop' }),
    event('Nps Answered', day(15), { score: 8 }),
    event('Referral Made', day(16), { friendId: 'c-2', kind: 'customer' }),
    answered(day(17), 'something-new', 'range'),
  ];
  const { facts, playbook } = situationAfter(events);

  it.each([
    ['orders', 3],
    ['spend', 120],
    ['averageOrder', 40],
    ['refunds', 1],
    ['discountedShare', 1 / 3],
    ['daysSinceOrder', 8],
    ['daysSinceFirstOrder', 19],
    ['loginDays', 2],
    ['complaints', 1],
    ['rating', 4],
    ['nps', 8],
    ['referrals', 1],
    ['rangeWish', 'something-new'],
    ['lastCategory', 'tea'],
    ['stage', 'active'],
  ] satisfies readonly (readonly [keyof typeof KNOWN_FACTS, unknown])[])('%s', (name, value) => {
    expect(factValue(facts, playbook, name, day(20))).toBe(value);
  });

  it('has a value here', () => {
    const known = Object.keys(KNOWN_FACTS).map((name) => factValue(facts, playbook, name, day(20)));
    expect(known).not.toContain(undefined);
  });

  it('of somebody unknown is none or nothing', () => {
    const nobody = situationAfter([registered(day(0))]);
    const value = (name: string) => factValue(nobody.facts, nobody.playbook, name, day(1));
    expect(['orders', 'spend', 'refunds', 'referrals'].map(value)).toStrictEqual([0, 0, 0, 0]);
    expect(['averageOrder', 'daysSinceOrder', 'nps', 'rating', 'lastCategory'].map(value)).toStrictEqual(
      Array.from({ length: 5 }),
    );
    expect(value('stage')).toBe('lead');
    expect(['name', 'locale', 'age', 'constructor'].map(value)).toStrictEqual(Array.from({ length: 4 }));
  });
});

describe('a condition', () => {
  it.each([
    [3, 'is', 3, true],
    [3, 'is', 4, false],
    [3, 'is not', 4, true],
    [3, 'is not', 3, false],
    [3, 'at least', 3, true],
    [2, 'at least', 3, false],
    [3, 'at most', 3, true],
    [4, 'at most', 3, false],
    ['tea', 'is', 'tea', true],
    ['tea', 'is', 'pots', false],
    // Numbers and texts cannot be ordered.
    [3, 'at least', '2', false],
    ['3', 'at most', 4, false],
  ] as const)('%s %s %s: %s', (known, operator, value, met) => {
    expect(meets(known, { fact: 'orders', operator, value })).toBe(met);
  });

  it('is never met by what is not known', () => {
    expect(meets(undefined, { fact: 'nps', operator: 'is not', value: 3 })).toBe(false);
    expect(holds([registered(day(0))], day(1), 'lastCategory', 'is not', 'tea')).toBe(false);
  });
});

describe('a trait of the shop', () => {
  const orders = [bought(day(0)), bought(day(10), 'last', { items: [TEA] })];

  it('holds from what its fact tells', () => {
    const lover = situationAfter(orders, own('lastCategory', 'is', 'tea'));
    expect(edge(lover, 'ours', day(10))).toBe('begins');
    expect(whyAt(lover, 'ours', day(11))).toBe('the shop says so');
    expect(holds([...orders, bought(day(12), 'x', { items: [POT] })], day(12), 'lastCategory', 'is', 'tea')).toBe(
      false,
    );
  });

  it('of days begins and ends at an instant that is known ahead', () => {
    expect(edge(situationAfter(orders, own('daysSinceOrder', 'at least', 20)), 'ours', day(30))).toBe('begins');
    expect(edge(situationAfter(orders, own('daysSinceOrder', 'at most', 20)), 'ours', day(31))).toBe('ends');
    expect(edge(situationAfter(orders, own('daysSinceOrder', 'at least', 19.5)), 'ours', day(30))).toBe('begins');
    expect(edge(situationAfter(orders, own('daysSinceOrder', 'is', 20)), 'ours', day(30))).toBe('begins');
    expect(edge(situationAfter(orders, own('daysSinceOrder', 'is', 20)), 'ours', day(31))).toBe('ends');
    const not = situationAfter(orders, own('daysSinceOrder', 'is not', 20));
    expect([edge(not, 'ours', day(30)), edge(not, 'ours', day(31))]).toStrictEqual(['ends', 'begins']);
    expect(edge(situationAfter(orders, own('daysSinceFirstOrder', 'at least', 30)), 'ours', day(30))).toBe('begins');
    expect(holds(orders, day(50), 'daysSinceOrder', 'at least', '20')).toBe(false);
  });

  it('of a stage begins and ends with it', () => {
    const risky = situationAfter(orders, own('stage', 'is', 'at_risk'));
    expect(edge(risky, 'ours', day(100))).toBe('begins');
    expect(edge(risky, 'ours', day(190))).toBe('ends');
    expect(holds(orders, day(10), 'stage', 'is', 'active')).toBe(true);
    expect(holds([registered(day(0))], day(3), 'stage', 'is', 'lead')).toBe(true);
  });

  it('needs no code: the playbook names it, and series refer to it', () => {
    const json = playbookJson();
    const traits: { own: readonly object[] } = { ...Object(json['traits']) };
    const rule = { id: 'collector', fact: 'orders', operator: 'at least', value: 2, because: 'comes back' };
    const playbook = parsePlaybook({ ...json, traits: { ...traits, own: [...traits.own, rule] } });
    const { facts } = situationAfter(orders);
    expect(traitsAt({ facts, playbook, mails: [] }, day(11)).at(-1)).toMatchObject({
      id: 'collector',
      since: day(10),
      because: 'comes back',
    });
  });

  it('stands behind ours', () => {
    const situation = situationAfter([...orders, complained(day(11))], own('orders', 'at least', 2));
    expect(idsAt(situation, day(12))).toStrictEqual(['dissatisfied', 'recent-trouble', 'ours']);
  });
});
