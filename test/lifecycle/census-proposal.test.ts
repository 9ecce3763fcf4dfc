/** The weekly refit: what is sampled, what is made of it, when it says nothing, and whom it would move. */
import { describe, expect, it } from 'vitest';
import { chanceOf } from '../../infra/local/random.ts';
import type { CadencePolicy } from '../../shared/lifecycle/cadence/cadence.ts';
import { Counter, NO_EVIDENCE, NOTHING_COUNTED } from '../../shared/lifecycle/census/count.ts';
import { addGaps, medianGap } from '../../shared/lifecycle/census/gaps.ts';
import { movesTold } from '../../shared/lifecycle/census/moves.ts';
import {
  changesOfRule,
  isToBeFitted,
  movesUnder,
  type Proposal,
  propose,
} from '../../shared/lifecycle/census/proposal.ts';
import { repeatsIn, Sampler } from '../../shared/lifecycle/census/sample.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { hash32 } from '../../shared/lifecycle/facts/digest.ts';
import { type Facts, NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { addOrder, trimOrders } from '../../shared/lifecycle/facts/orders.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { day, START } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';

const NOW = day(400);

/** Orders on these days, counted from the start. */
function factsWith(...days: readonly number[]): Facts {
  const orders = days.reduce((known, each) => {
    const at = day(each);
    return trimOrders(
      addOrder(known, { at, id: `e-${each}`, orderId: `o-${each}`, minor: 100, currency: 'EUR' }) ?? known,
    );
  }, NO_FACTS.orders);
  return { ...NO_FACTS, orders };
}

const people = (count: number, facts: (n: number) => Facts) =>
  Array.from({ length: count }, (_, n) => ({ customerId: `c-${n}`, facts: facts(n) }));

function sampleOf(customers: ReturnType<typeof people>, size?: number, interrupted = false): string {
  let sampler = new Sampler(undefined, size);
  for (const [index, { customerId, facts }] of customers.entries()) {
    if (interrupted && index % 7 === 0) sampler = new Sampler(sampler.encoded, size);
    sampler.add(customerId, facts, NOW);
  }
  return sampler.encoded;
}

describe('the sample', () => {
  it('holds repeat order days, and weeks to the last order and to now', () => {
    const { length, x, tx, T } = repeatsIn(sampleOf(people(1, () => factsWith(0, 0.2, 7, 21))));
    expect([length, x[0], tx[0], T[0]]).toEqual([1, 2, 3, Math.floor(400) / 7]);
  });

  it('leaves out who never ordered', () => {
    expect(repeatsIn(sampleOf(people(5, () => NO_FACTS))).length).toBe(0);
  });

  const crowd = people(100, (n) => factsWith(n, 2 * n + 1, 3 * n + 2));

  it('is the same in whatever order customers are read, and however often it is written down on the way', () => {
    const whole = sampleOf(crowd, 30);
    expect(repeatsIn(whole).length).toBe(30);
    expect(sampleOf(crowd.toReversed(), 30)).toBe(whole);
    expect(sampleOf(crowd, 30, true)).toBe(whole);
    const lowest = crowd.toSorted((a, b) => hash32(a.customerId) - hash32(b.customerId)).slice(0, 30);
    expect(sampleOf(lowest, 30)).toBe(whole);
  });

  it('of ten thousand customers takes a third of the 400 KB an item may have', () => {
    const many = people(10_500, () => factsWith(1, 2));
    const encoded = sampleOf(many);
    expect(repeatsIn(encoded).length).toBe(10_000);
    expect(encoded.length).toBe(133_336);
  });
});

function gapsOf(...all: readonly Facts[]) {
  const counts = new Map<string, number>();
  for (const { orders } of all) addGaps(counts, orders);
  return Object.fromEntries(counts);
}

describe('the usual gap', () => {
  it('is the median of all gaps between order days', () => {
    expect(gapsOf(factsWith(0, 0.1, 10, 40), factsWith(5), factsWith(0, 20))).toEqual({ 10: 1, 20: 1, 30: 1 });
    expect(medianGap({ 10: 1, 20: 1, 30: 1 })).toEqual({ gaps: 3, median: 20 * DAY });
    expect(medianGap({ 10: 5, 20: 1, 30: 1 })).toEqual({ gaps: 7, median: 10 * DAY });
    expect(medianGap({})).toBeUndefined();
  });

  it('counts gaps the ring has lost with their mean, so that none is missing', () => {
    // Nine orders, so three have left the ring: gaps of 4 and 9 days, whose geometric mean is 6.
    expect(gapsOf(factsWith(0, 4, 13, 23, 33, 43, 53, 63, 73))).toEqual({ 6: 2, 10: 6 });
  });
});

const OWN_GAP: CadencePolicy = {
  rule: 'ownGap',
  populationGap: 45 * DAY,
  atRiskGaps: 2,
  lapsedGaps: 4,
  atRiskNotBefore: 21 * DAY,
  lapsedNotBefore: 60 * DAY,
};
const MBG: CadencePolicy = {
  rule: 'mbg',
  r: 1,
  alpha: 10,
  a: 1,
  b: 3,
  horizon: 90 * DAY,
  lapsedAbove: 0.8,
  populationGap: 45 * DAY,
  atRiskGaps: 2,
  atRiskNotBefore: 21 * DAY,
  lapsedNotBefore: 60 * DAY,
};

/** Buyers who leave with a chance of a fifth at each order, or never. */
function shop(count: number, leaving: number): ReturnType<typeof people> {
  const chance = chanceOf('shop', count, leaving);
  const random = () => chance.next();
  return people(count, () => {
    const pace = 10 + 40 * random();
    const days = [Math.floor(100 * random())];
    for (;;) {
      if (random() < leaving) break;
      const next = (days.at(-1) ?? 0) + Math.max(1, Math.round(-pace * Math.log(1 - random())));
      if (next >= 400) break;
      days.push(next);
    }
    return factsWith(...days);
  });
}

function evidenceOf(customers: ReturnType<typeof people>) {
  const counter = new Counter({ ...NOTHING_COUNTED, evidence: NO_EVIDENCE });
  for (const { customerId, facts } of customers) {
    counter.add({ ...unknownCustomer(customerId, START), facts }, PLAYBOOK_FOR_RULES, NOW);
  }
  return counter.count.evidence ?? NO_EVIDENCE;
}

describe('a fit', () => {
  const leaving = evidenceOf(shop(600, 0.2));

  it('proposes the rule in force with other parameters, and nothing else of it changed', () => {
    const found = propose(MBG, leaving, NOW);
    expect(found).toMatchObject({ verdict: 'proposed', live: MBG, customers: 600, moves: {} });
    const { r: _r, alpha: _alpha, a: _a, b: _b, populationGap, ...rest } = MBG;
    expect('proposed' in found && found.proposed).toMatchObject(rest);
    expect('proposed' in found && found.proposed).not.toMatchObject({ populationGap });
    const own = propose(OWN_GAP, leaving, NOW);
    const median = medianGap(leaving.gaps)?.median;
    expect(own).toMatchObject({ verdict: 'proposed', proposed: { ...OWN_GAP, populationGap: median } });
    expect(changesOfRule(OWN_GAP, { ...OWN_GAP, populationGap: 31 * DAY })).toEqual([
      ['populationGap', '45 days', '31 days'],
    ]);
  });

  it.each<[CadencePolicy['rule'], string, CadencePolicy, ReturnType<typeof evidenceOf>]>([
    ['mbg', 'not enough data', MBG, evidenceOf(shop(60, 0.2))],
    ['ownGap', 'not enough data', OWN_GAP, evidenceOf(people(299, () => factsWith(1, 2)))],
    // Customers and people who came back are enough, gaps are not.
    [
      'mbg',
      'not enough data',
      MBG,
      evidenceOf(people(600, (n) => (n % 3 === 0 ? factsWith(n % 90, 100 + (n % 200)) : factsWith(n % 90)))),
    ],
    [
      'mbg',
      'at its bounds',
      MBG,
      evidenceOf(people(1500, (n) => (n % 3 === 0 ? factsWith(n % 300, (n % 300) + 1) : factsWith(n % 300)))),
    ],
    ['mbg', 'dropout not identified', MBG, evidenceOf(shop(600, 0))],
    ['fixed', 'nothing to fit', { rule: 'fixed', atRiskAfter: 30 * DAY, lapsedAfter: 90 * DAY }, leaving],
  ])('of the rule %s says "%s", and proposes nothing', (_rule, verdict, live, evidence) => {
    const found = propose(live, evidence, NOW);
    expect(found.verdict).toBe(verdict);
    expect(found).not.toHaveProperty('proposed');
  });

  it('is made once a week, and as soon as another rule is in force', () => {
    const last: Proposal = { at: NOW, live: OWN_GAP, customers: 1, verdict: 'not enough data' };
    expect(isToBeFitted(undefined, OWN_GAP, NOW)).toBe(true);
    expect(isToBeFitted(last, OWN_GAP, NOW + 6 * DAY)).toBe(false);
    expect(isToBeFitted(last, { ...OWN_GAP }, NOW + 7 * DAY)).toBe(true);
    expect(isToBeFitted(last, { ...OWN_GAP, atRiskGaps: 3 }, NOW + DAY)).toBe(true);
  });
});

it('people who would change stage are counted by where from and where to', () => {
  const stages = { ...PLAYBOOK_FOR_RULES.stages, cadence: OWN_GAP };
  const proposed = { ...OWN_GAP, populationGap: 10 * DAY };
  const moves = movesUnder(
    { at: NOW, live: OWN_GAP, customers: 3, verdict: 'proposed', proposed, moves: { 'loyal>lapsed': 2 } },
    // The rule in force is that of the proposal, whatever was published meanwhile.
    { ...stages, cadence: MBG },
  );
  // Silent for 95 days after two orders 30 days apart: usual is 39 days, and would be 14.
  for (let n = 0; n < 3; n += 1) moves.add(factsWith(275, 305));
  moves.add(factsWith(0));
  moves.add(factsWith(399));
  expect(movesTold(moves.moves)).toEqual([
    { from: 'at_risk', to: 'lapsed', people: 3 },
    { from: 'loyal', to: 'lapsed', people: 2 },
  ]);
});
