/** The nightly census: who is counted, who is among the biggest, and how much was discounted. */
import { describe, expect, it } from 'vitest';
import { Counter } from '../../shared/lifecycle/census/count.ts';
import { figuresOf } from '../../shared/lifecycle/census/figures.ts';
import { changeOfRank, Ranking } from '../../shared/lifecycle/census/ranking.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { NO_FACTS, type Facts } from '../../shared/lifecycle/facts/facts.ts';
import type { Order } from '../../shared/lifecycle/facts/orders.ts';
import type { Offer } from '../../shared/lifecycle/playbook/offers.ts';
import type { Stage } from '../../shared/lifecycle/stage.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { day, START } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';

const NOW = day(400);
const KEY = { top: 0.02, stays: 0.04, orders: 2, early: 0.8 };
const POLICY = {
  ...PLAYBOOK_FOR_RULES,
  traits: {
    ...PLAYBOOK_FOR_RULES.traits,
    keyAccount: KEY,
    bargain: { ...PLAYBOOK_FOR_RULES.traits.bargain, warnAt: 0.4 },
  },
};

const order = (minor: number, fields: Partial<Order> = {}): Order => {
  const at = fields.at ?? NOW - 10 * DAY;
  return { at, id: `e-${at}-${minor}`, orderId: `o-${at}-${minor}`, minor, currency: 'EUR', ...fields };
};

function customer(orders: readonly Order[], facts: Partial<Facts> = {}, stage: Stage = 'active'): Living {
  const ring = orders.toSorted((a, b) => a.at - b.at);
  return {
    ...unknownCustomer('c-1', START),
    stage,
    facts: { ...NO_FACTS, orders: { ...NO_FACTS.orders, ring }, ...facts },
  };
}

/** Two orders of half the spend each. */
const spender = (minor: number, facts: Partial<Facts> = {}) =>
  customer([order(minor / 2), order(minor / 2, { at: NOW - 20 * DAY })], facts);

const KEY_ACCOUNT = { standing: { at: START, id: 's-1', keyAccount: true, share: 0.01 } };

function countOf(customers: readonly Living[]) {
  const counter = new Counter();
  for (const each of customers) counter.add(each, POLICY, NOW);
  return counter.count;
}

/** A hundred customers who spent 100 to 10,000 euro. */
const HUNDRED = Array.from({ length: 100 }, (_, number) => spender((number + 1) * 10_000));
const change = (each: Living, among: readonly Living[]) => changeOfRank(each, new Ranking(countOf(among)), POLICY, NOW);

/** What becomes of a key account that comes to stand at a place, from 1. */
const keptAt = (place: number) => {
  const among = HUNDRED.with(100 - place, spender((101 - place) * 10_000, KEY_ACCOUNT));
  return change(among[100 - place] ?? spender(0), among);
};

describe('the top', () => {
  it('is made of those whom no more than 2 of 100 customers equal or exceed', () => {
    const became = HUNDRED.map((each) => change(each, HUNDRED));
    expect(became.slice(-3)).toEqual([undefined, { keyAccount: true, share: 0.02 }, { keyAccount: true, share: 0.01 }]);
    expect(became.filter((each) => each !== undefined)).toHaveLength(2);
  });

  it('asks for two orders, and forgets what is older than a year', () => {
    const once = customer([order(2_000_000)]);
    const longAgo = customer([order(2_000_000, { at: NOW - 366 * DAY }), order(100)]);
    expect(change(once, [...HUNDRED, once])).toBeUndefined();
    expect(change(longAgo, [...HUNDRED, longAgo])).toBeUndefined();
    const twice = customer([order(1_000_000), order(1_000_000, { at: NOW - 364 * DAY })]);
    expect(change(twice, [...HUNDRED, twice])).toEqual({ keyAccount: true, share: 0.01 });
  });

  it('is left below the top 4 percent, so that its border is not crossed to and fro', () => {
    expect(keptAt(3)).toBeUndefined();
    expect(keptAt(4)).toBeUndefined();
    expect(keptAt(5)).toEqual({ keyAccount: false, share: 0.05 });
  });

  it('is left by who spent nothing within a year', () => {
    const silent = customer(
      [order(9_000_000, { at: NOW - 366 * DAY }), order(9, { at: NOW - 400 * DAY })],
      KEY_ACCOUNT,
    );
    expect(change(silent, [...HUNDRED, silent])).toEqual({ keyAccount: false, share: 1 });
  });

  it('is a top of each currency, since there are no rates', () => {
    const yen = Array.from({ length: 60 }, (_, number) =>
      customer([order(10 ** 7 * (number + 1), { currency: 'JPY' }), order(1, { at: NOW - DAY, currency: 'JPY' })]),
    );
    const all = [...HUNDRED, ...yen];
    expect(change(HUNDRED.at(-1) ?? spender(0), all)).toEqual({ keyAccount: true, share: 0.01 });
    expect(yen.map((each) => change(each, all)).filter((each) => each !== undefined)).toEqual([
      { keyAccount: true, share: 0.0167 },
    ]);
  });

  it('counts spends that differ by less than a percent as equal', () => {
    const alike = [...HUNDRED, ...[1_500_000, 1_500_100, 1_500_200].map((minor) => spender(minor))];
    expect(alike.slice(-3).map((each) => change(each, alike))).toEqual([undefined, undefined, undefined]);
  });

  it('takes in who has bought since they were counted', () => {
    expect(change(spender(9_000_000), HUNDRED)).toEqual({ keyAccount: true, share: 0.01 });
  });
});

const complaint = (ageDays: number, resolved?: number, since?: number) => ({
  complaints: {
    known: [
      {
        complaintId: 'k',
        opened: { at: NOW - ageDays * DAY, id: 'k-1', severity: 'normal' as const },
        ...(since !== undefined && { since: NOW - since * DAY }),
        ...(resolved !== undefined && { resolved: { at: NOW - resolved * DAY, id: 'k-2' } }),
      },
    ],
  },
});

describe('a count', () => {
  it('goes on where it was written down', () => {
    const half = countOf(HUNDRED.slice(0, 50));
    const counter = new Counter(JSON.parse(JSON.stringify(half)));
    for (const each of HUNDRED.slice(50)) counter.add(each, POLICY, NOW);
    expect(counter.count).toEqual(countOf(HUNDRED));
    expect(half).toEqual(countOf(HUNDRED.slice(0, 50)));
  });

  it('tells people per stage, key accounts, and complaints that are open for more than 14 days and not given up', () => {
    const count = countOf([
      customer([], complaint(15), 'lead'),
      customer([], complaint(13), 'lead'),
      customer([], complaint(46), 'new'),
      customer([], complaint(20, 1), 'loyal'),
      // Said again lately.
      customer([], complaint(1, undefined, 50), 'loyal'),
      spender(100, KEY_ACCOUNT),
    ]);
    expect(count).toMatchObject({
      people: { lead: 2, new: 1, active: 1, loyal: 2, at_risk: 0, lapsed: 0 },
      longOpen: 2,
      keyAccounts: 1,
    });
  });

  it.each([
    [0.39, false],
    [0.4, true],
  ])('warns from 40 percent of discounted revenue: %d → %s', (share, warns) => {
    const minor = Math.round(share * 1000);
    const cheap = customer([order(minor, { discounted: true }), order(1000 - minor)]);
    const notOfTheYear = customer([order(99_999, { discounted: true, at: NOW - 366 * DAY })]);
    const cancelled = customer([order(99_999, { discounted: true, cancelled: true })]);
    const figures = figuresOf(countOf([cheap, notOfTheYear, cancelled]), 0, POLICY, NOW);
    expect(figures.revenue).toMatchObject([{ currency: 'EUR', discounted: share }]);
    expect(figures.tooManyDiscounts).toBe(warns);
  });

  it('warns of the currency most customers buy in', () => {
    const figures = figuresOf(
      countOf([...HUNDRED, customer([order(500, { currency: 'SEK', discounted: true })])]),
      3,
      POLICY,
      NOW,
    );
    expect(figures).toMatchObject({ keyAccounts: 3, tooManyDiscounts: false });
    expect(figures.revenue.map(({ currency, customers }) => [currency, customers])).toEqual([
      ['EUR', 100],
      ['SEK', 1],
    ]);
    const [{ topSpend = 0, quarterSpend = 0 } = {}] = figures.revenue;
    expect(topSpend).toBeGreaterThan(980_000);
    expect(topSpend).toBeLessThanOrEqual(990_000);
    // A quarter of a hundred who spent 100, 200, ... spent at least 7,600.
    expect(quarterSpend).toBeGreaterThan(750_000);
    expect(quarterSpend).toBeLessThanOrEqual(760_000);
  });

  it('names what the playbook takes for the spend of the top quarter, or that it takes nothing', () => {
    const figures = figuresOf(countOf([...HUNDRED, customer([order(500, { currency: 'CAD' })])]), 0, POLICY, NOW);
    expect(figures.revenue).toMatchObject([
      { currency: 'EUR', loyalFrom: POLICY.stages.loyal.spend['EUR'] },
      { currency: 'CAD' },
    ]);
    expect(figures.revenue[1]).not.toHaveProperty('loyalFrom');
  });
});

describe('traits', () => {
  it('are counted as they were last observed, and told with those of the shop, but not those it has given up', () => {
    const own = [{ id: 'gift-buyer', fact: 'orders', operator: 'at least' as const, value: 1, because: 'gifts' }];
    const policy = { ...POLICY, traits: { ...POLICY.traits, own } };
    const counter = new Counter();
    const holders = [['bargain'], ['bargain', 'gift-buyer'], ['given-up'], []];
    for (const traits of holders) counter.add({ ...customer([]), traits }, policy, NOW);
    expect(counter.count.traits).toEqual({ bargain: 2, 'gift-buyer': 1, 'given-up': 1 });
    expect(figuresOf(counter.count, 0, policy, NOW).traits).toEqual([
      { trait: 'bargain', people: 2 },
      { trait: 'gift-buyer', people: 1 },
    ]);
  });
});

describe('offers by language', () => {
  const thanks = {
    codes: 'pool' as const,
    worth: [{ percent: 5 }],
    lasts: 14 * DAY,
    terms: { en: 'none' },
    budget: { offers: 10, per: 30 * DAY },
  } satisfies Offer;
  const policy = { ...POLICY, offers: { barred: 30 * DAY, confirmWithin: DAY, byName: { thanks } } };
  const consent = { marketing: 'opt_in', source: 'checkout', at: START, id: 'k' } as const;

  function reader(locale: string | undefined, offeredDaysAgo: readonly number[], facts: Partial<Facts> = {}): Living {
    const person = [{ at: START, id: 'p', email: 'anna@example.com', ...(locale !== undefined && { locale }) }];
    const offers = offeredDaysAgo.map((days) => ({
      key: `1/a/b/${days}`,
      offer: 'thanks',
      offerId: `i-${days}`,
      percent: 5,
      code: 'C',
      issuedAt: NOW - days * DAY,
      expiresAt: NOW,
    }));
    return { ...customer([], { person, consent, ...facts }), offers };
  }

  const audit = (...readers: readonly Living[]) => {
    const counter = new Counter();
    for (const each of readers) counter.add(each, policy, NOW);
    return figuresOf(counter.count, 0, policy, NOW).offers;
  };

  it('are those issued within the time that every offer is remembered for, to people who can get one', () => {
    const shadow = reader('sv', [1]);
    expect(
      audit(
        reader('sv-SE', [1, 43]),
        reader('SV', [45]),
        { ...shadow, offers: shadow.offers.map((each) => ({ ...each, shadow: true as const })) },
        reader('de-AT', [2]),
        reader('de', [2], { consent: { ...consent, marketing: 'none' } }),
        reader('de', [2], { person: [] }),
        reader('de', [2], { choices: [{ at: NOW - 1, id: 'x', promotion: 'off' }] }),
        reader(undefined, []),
        reader('fr', [], { choices: [{ at: NOW - 1, id: 'x', language: 'de' }] }),
      ),
    ).toEqual({
      audited: 44 * DAY,
      languages: [
        { language: 'sv', people: 3, offers: 2 },
        { language: 'de', people: 2, offers: 1 },
        { language: 'unknown', people: 1, offers: 0 },
      ],
    });
  });

  it('are looked for no longer than 90 days, and not at all in a shop without offers', () => {
    const rested = { ...policy, offers: { ...policy.offers, byName: { thanks: { ...thanks, restAfter: 200 * DAY } } } };
    expect(figuresOf(new Counter().count, 0, rested, NOW).offers?.audited).toBe(90 * DAY);
    const none = { ...policy, offers: { ...policy.offers, byName: {} } };
    expect(figuresOf(new Counter().count, 0, none, NOW)).not.toHaveProperty('offers');
  });
});
