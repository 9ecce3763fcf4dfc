/** What holds for all traits: their order, their next change, who is not tailored for, and whatever order events come in. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { absorb } from '../../shared/lifecycle/fold.ts';
import { NEVER } from '../../shared/lifecycle/time.ts';
import { TRAITS } from '../../shared/lifecycle/traits/ids.ts';
import { situationOf } from '../../shared/lifecycle/traits/situation.ts';
import { at, merged, outside, until, whileAtLeast } from '../../shared/lifecycle/traits/spans.ts';
import { nextTraitChange, spansOf, traitsAt } from '../../shared/lifecycle/traits/traits.ts';
import { counted, long } from '../../shared/lifecycle/traits/words.ts';
import { bought, chose, complained, CUSTOMER, day, event, registered, resolved, START } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES, SHIPPED, TRAIT_POLICY } from '../support/playbooks.ts';
import { assert, same } from '../support/property.ts';
import { idsAt, situationAfter } from '../support/traits.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';

/** Something of everything. */
const EVERYTHING: readonly CustomerEvent[] = [
  registered(day(0), { referral: { by: 'c-9' } }),
  event('Preference Declared', day(1), { style: 'both', previousSupplier: 'Nordic Tea House' }),
  event('Coupon Applied', day(2), { coupon: 'AUTUMN-10' }),
  bought(day(3), 'a', { discount: 3 }),
  bought(day(4), 'b', { discount: 3 }),
  complained(day(5), 'k', 'low'),
  event('Nps Answered', day(6), { score: 3 }),
  event('Checkout Started', day(7), { resumeUrl: 'https://shop.example.com/checkout/1' }),
  event('Change Requested', day(7), { changeId: 'ch-1', what: 'Green' }),
  event('Account Ranked', day(7), { share: 0.01, keyAccount: true }),
  resolved(day(7), 'k'),
];

describe('traits', () => {
  it('are told in the order of the list', () => {
    const held = idsAt(situationAfter(EVERYTHING), day(7));
    expect(held).toStrictEqual(TRAITS.filter((id) => held.includes(id)));
    expect(held).toStrictEqual([
      'ready',
      'bargain',
      'referred',
      'critic',
      'was-critic',
      'recent-trouble',
      'bad-experience',
      'changing',
      'efficient',
      'traditional',
      'key-account',
      'interested',
    ]);
  });

  it('are the same in whatever order events arrive', () => {
    const expected = traitsAt(situationAfter(EVERYTHING), day(8));
    assert(
      fc.property(fc.shuffledSubarray([...EVERYTHING], { minLength: EVERYTHING.length }), (arrivals) => {
        const facts = arrivals.reduce((known, each) => absorb(known, each) ?? known, NO_FACTS);
        same(traitsAt({ facts, playbook: PLAYBOOK_FOR_RULES, mails: [] }, day(8)), expected);
      }),
      50,
    );
  });

  it('of whoever asked not to be tailored for are those that protect', () => {
    const plain = situationAfter([...EVERYTHING, complained(day(8)), chose(day(8), { tailored: false })], {
      traits: { own: [{ id: 'ours', fact: 'orders', operator: 'at least', value: 0, because: 'any' }] },
    });
    expect(idsAt(plain, day(8))).toStrictEqual(['critic', 'was-critic', 'dissatisfied', 'recent-trouble']);
    const back = situationAfter([...EVERYTHING, chose(day(8), { tailored: false }), chose(day(9), { tailored: true })]);
    expect(idsAt(back, day(9))).toContain('key-account');
  });

  it('nobody has any of whom nothing is known', () => {
    const nobody = situationAfter([registered(day(0))]);
    expect(traitsAt(nobody, day(1))).toStrictEqual([]);
    expect(nextTraitChange(nobody, day(1))).toBe(NEVER);
    expect(spansOf(nobody, 'critic')).toStrictEqual([]);
  });

  it('change next strictly later than asked', () => {
    const critic = situationAfter([event('Nps Answered', day(0), { score: 3 })]);
    expect(nextTraitChange(critic, day(0) - 1)).toBe(day(0));
    expect(nextTraitChange(critic, day(0))).toBe(day(180));
    expect(nextTraitChange(critic, day(180))).toBe(day(210));
    expect(nextTraitChange(critic, day(210))).toBe(NEVER);
  });

  it('follow the facts, the playbook and the mails they are asked with', () => {
    const situation = situationAfter([bought(day(0)), bought(day(1)), bought(day(60))], {
      traits: { neutral: { ...TRAIT_POLICY.neutral, clicksReported: true } },
    });
    const mails = [61, 62, 63, 64, 65].map(day);
    expect(idsAt(situation, day(70))).toStrictEqual([]);
    expect(idsAt({ ...situation, mails }, day(70))).toStrictEqual(['neutral']);
    expect(idsAt({ ...situation, mails: [...mails] }, day(70))).toStrictEqual(['neutral']);
    expect(idsAt({ ...situation, mails: mails.slice(1) }, day(70))).toStrictEqual([]);
    expect(idsAt({ ...situation, mails, playbook: SHIPPED }, day(70))).toStrictEqual([]);
  });
});

describe('the situation of a customer', () => {
  it('knows the mails they got, where clicks are reported', () => {
    const recent = [
      { key: '1/a/b/2', at: day(2) },
      { key: '1/a/b/1', at: day(1) },
      { key: '1/a/b/3', at: day(3), shadow: true as const },
    ];
    const customer = { ...unknownCustomer(CUSTOMER, START), recent };
    expect(situationOf(customer, PLAYBOOK_FOR_RULES).mails).toStrictEqual([]);
    const neutral = { ...TRAIT_POLICY.neutral, clicksReported: true };
    const traits = { ...TRAIT_POLICY, neutral };
    expect(situationOf(customer, { ...PLAYBOOK_FOR_RULES, traits }).mails).toStrictEqual([day(1), day(2)]);
  });
});

describe('spans', () => {
  it.each([
    [[], []],
    [[0], []],
    [[0, 5], [{ from: 5, to: 10 }]],
    [[0, 9], [{ from: 9, to: 10 }]],
    [[0, 10], []],
    [[0, 5, 8], [{ from: 5, to: 15 }]],
    [
      [0, 5, 20, 29],
      [
        { from: 5, to: 10 },
        { from: 29, to: 30 },
      ],
    ],
    [[3, 3], [{ from: 3, to: 13 }]],
  ])('at least two of %j within ten', (times, spans) => {
    expect(whileAtLeast(times, 2, 10)).toStrictEqual(spans);
  });

  it('one suffices where one is asked for', () => {
    expect(whileAtLeast([1, 5], 1, 10)).toStrictEqual([{ from: 1, to: 15 }]);
  });

  it('are merged where they touch or overlap, in whatever order', () => {
    const spans = [
      { from: 20, to: 30 },
      { from: 0, to: 10 },
      { from: 5, to: 7 },
      { from: 10, to: 12 },
    ];
    expect(merged(spans)).toStrictEqual([
      { from: 0, to: 12 },
      { from: 20, to: 30 },
    ]);
  });

  it('are cut where others lie', () => {
    const span = { from: 0, to: 10, because: 'x' };
    expect(outside([span], [{ from: 3, to: 5 }])).toStrictEqual([
      { from: 0, to: 3, because: 'x' },
      { from: 5, to: 10, because: 'x' },
    ]);
    expect(outside([span], [{ from: 0, to: 10 }])).toStrictEqual([]);
    expect(outside([span], [{ from: 10, to: 20 }])).toStrictEqual([span]);
    expect(until([span], 4)).toStrictEqual([{ from: 0, to: 4, because: 'x' }]);
    expect(until([span], 0)).toStrictEqual([]);
    expect(until([span], NEVER)).toStrictEqual([span]);
  });

  it('the one that began last says why', () => {
    const spans = [
      { from: 5, to: 20, because: 'second' },
      { from: 0, to: 10, because: 'first' },
    ];
    expect([4, 5, 9, 10, 19, 20].map((t) => at(spans, t)?.because)).toStrictEqual([
      'first',
      'second',
      'second',
      'second',
      'second',
      undefined,
    ]);
    expect(at(spans, -1)).toBeUndefined();
  });
});

describe('numbers', () => {
  it('are words up to twelve', () => {
    expect([0, 1, 2, 12, 13, 2000].map((each) => counted(each, 'page'))).toStrictEqual([
      'no pages',
      'one page',
      'two pages',
      'twelve pages',
      '13 pages',
      '2,000 pages',
    ]);
    expect(counted(2, 'person', 'people')).toBe('two people');
    expect(long(36 * 3_600_000)).toBe('36 hours');
    expect(long(72 * 3_600_000)).toBe('three days');
  });
});
