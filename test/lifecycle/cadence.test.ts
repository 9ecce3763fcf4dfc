/** The cadence rules against numbers worked out by hand. */
import { describe, expect, it } from 'vitest';
import { cadenceOf, type MbgCadence, type OwnGapCadence } from '../../shared/lifecycle/cadence/cadence.ts';
import { noOrderWithin } from '../../shared/lifecycle/cadence/mbg-nbd.ts';
import { shrunkGap } from '../../shared/lifecycle/cadence/own-gap.ts';
import type { OrderHistory } from '../../shared/lifecycle/facts/orders.ts';
import { DAY, HOUR, MINUTE, NEVER } from '../../shared/lifecycle/time.ts';

const history = (...gaps: readonly number[]): OrderHistory => ({
  orders: gaps.length + 1,
  first: 0,
  last: 1000 * DAY,
  gaps: gaps.length,
  lnGaps: gaps.reduce((sum, gap) => sum + Math.log(gap), 0),
});

describe('the shrunk own gap', () => {
  it('is the population gap for a single order', () => {
    expect(shrunkGap(history(), 45 * DAY) / DAY).toBeCloseTo(45, 9);
  });

  it('is exp((sum ln gap + 2 ln m) / (n + 2))', () => {
    // (10 * 40^2)^(1/3) = 16000^(1/3) = 25.198420997897
    expect(shrunkGap(history(10), 40 * DAY) / DAY).toBeCloseTo(25.198420997897, 9);
    // (7 * 7 * 7 * 30^2)^(1/5) = 308700^(1/5) = 12.53...
    expect(shrunkGap(history(7, 7, 7), 30 * DAY) / DAY).toBeCloseTo(308_700 ** 0.2, 9);
  });

  it('takes a population gap below a day for a day', () => {
    expect(shrunkGap(history(8), 0.25 * DAY) / DAY).toBeCloseTo(2, 9);
  });
});

describe('fixed numbers of days', () => {
  const cadence = cadenceOf({ rule: 'fixed', atRiskAfter: 90 * DAY, lapsedAfter: 180 * DAY });

  it('count from the last order, rounded up to the hour', () => {
    expect(cadence.atRiskAt(history(3))).toBe(1090 * DAY);
    expect(cadence.lapsedAt(history(3))).toBe(1180 * DAY);
    expect(cadence.atRiskAt({ ...history(3), last: 1000 * DAY + 1 })).toBe(1090 * DAY + HOUR);
    expect(cadence.usual(history())).toBe('this shop waits 90 days for everybody');
    const half = cadenceOf({ rule: 'fixed', atRiskAfter: 1.6 * DAY, lapsedAfter: DAY });
    expect(half.usual(history())).toBe('this shop waits 2 days for everybody');
    expect(half.likely(history(), 1002 * DAY)).toBeUndefined();
  });
});

describe('multiples of the own gap', () => {
  const policy: OwnGapCadence = {
    rule: 'ownGap',
    populationGap: 40 * DAY,
    atRiskGaps: 2,
    lapsedGaps: 5,
    atRiskNotBefore: 21 * DAY,
    lapsedNotBefore: 60 * DAY,
  };
  const cadence = cadenceOf(policy);

  it('count from the last order', () => {
    expect(cadence.atRiskAt(history())).toBe(1080 * DAY);
    expect(cadence.lapsedAt(history())).toBe(1200 * DAY);
    // 2 x 25.1984 days = 50 days 9.52 hours; 5 x 25.1984 days = 125 days 23.81 hours
    expect(cadence.atRiskAt(history(10))).toBe(1050 * DAY + 10 * HOUR);
    expect(cadence.lapsedAt(history(10))).toBe(1126 * DAY);
  });

  it('are never shorter than the least', () => {
    // (2 * 2 * 2 * 2 * 40^2)^(1/6) = 5.43 days: 10.9 and 27.1 days
    const daily = history(2, 2, 2, 2);
    expect(cadence.atRiskAt(daily)).toBe(1021 * DAY);
    expect(cadence.lapsedAt(daily)).toBe(1060 * DAY);
  });

  it('say what is usual', () => {
    expect(cadence.usual(history())).toBe('a buyer like this one usually returns after 40 days');
    expect(cadence.usual(history(10))).toBe('usually buys every 25 days');
  });
});

describe('the probability of no order', () => {
  const policy: MbgCadence = {
    rule: 'mbg',
    r: 0.7,
    alpha: 9,
    a: 0.6,
    b: 2.5,
    horizon: 91 * DAY,
    lapsedAbove: 0.8,
    populationGap: 40 * DAY,
    atRiskGaps: 2,
    atRiskNotBefore: 21 * DAY,
    lapsedNotBefore: 60 * DAY,
  };
  const cadence = cadenceOf(policy);
  const WEEK = 7 * DAY;
  /** Bought first on day 1000 and `x` times more, evenly, the last time `tx` weeks later. */
  const bought = (x: number, tx: number): OrderHistory => ({
    orders: x + 1,
    first: 1000 * DAY,
    last: 1000 * DAY + tx * WEEK,
    gaps: x,
    lnGaps: x === 0 ? 0 : x * Math.log((tx * 7) / x),
  });
  const weeksOf = ({ first }: OrderHistory, t: number) => (t - first) / WEEK;

  it('crosses the threshold in the minute in which the integrals do', () => {
    // Roots of P0(13 weeks) = 0.8, see cadence-model.test.ts: weeks since the first order.
    for (const [x, tx, root] of [
      [1, 3.5, 27.050415179138],
      [4, 26, 57.210191783362],
      [9, 31.5, 52.933710756975],
    ] as const) {
      const at = cadence.lapsedAt(bought(x, tx));
      expect(at).toBe(Math.ceil((1000 * DAY + root * WEEK) / MINUTE) * MINUTE);
    }
  });

  it('is that of each customer, however much alike', () => {
    const one = bought(4, 26);
    const others = [{ ...one, first: one.first - WEEK }, { ...one, gaps: 5 }, { ...one, last: one.last + DAY }, one];
    expect(new Set([one, ...others].map((each) => cadence.lapsedAt(each))).size).toBe(4);
  });

  it('of a single order, too, and before that it is not reached', () => {
    const once = bought(0, 0);
    const at = cadenceOf({ ...policy, lapsedAbove: 0.85 }).lapsedAt(once);
    const p0 = (t: number) => noOrderWithin(policy, { x: 0, tx: 0, T: weeksOf(once, t) }, 13);
    expect(p0(at)).toBeGreaterThanOrEqual(0.85);
    expect(p0(at - MINUTE)).toBeLessThan(0.85);
  });

  it('makes nobody lapse before the least silence', () => {
    // At the first order already: 1 - 0.8065 (1 - (9/22)^0.7) = 0.6249.
    const hasty = cadenceOf({ ...policy, lapsedAbove: 0.6 });
    expect(hasty.lapsedAt(bought(0, 0))).toBe(1060 * DAY);
    expect(hasty.atRiskAt(bought(0, 0))).toBe(1021 * DAY);
  });

  it('is at risk by the own gap, or by the crossing if that is earlier', () => {
    // (36.4 days)^5 (40 days)^2, the seventh root: 37.4 days; the crossing is at week 57.2, 31.2 weeks of silence.
    const even = bought(5, 26);
    const gap = shrunkGap(even, 40 * DAY);
    expect(cadence.atRiskAt(even)).toBe(Math.ceil((even.last + 2 * gap) / HOUR) * HOUR);
    const patient = cadenceOf({ ...policy, atRiskGaps: 50 });
    expect(patient.atRiskAt(even)).toBe(patient.lapsedAt(even));
    expect(patient.lapsedAt(even)).toBe(cadence.lapsedAt(even));
  });

  it('has a crossing also where hardly anybody leaves', () => {
    const faithful = cadenceOf({ ...policy, a: 1e-5, b: 1e4 });
    const even = bought(4, 26);
    const at = faithful.lapsedAt(even);
    const p0 = (t: number) => noOrderWithin({ ...policy, a: 1e-5, b: 1e4 }, { x: 4, tx: 26, T: weeksOf(even, t) }, 13);
    expect(p0(at)).toBeGreaterThanOrEqual(0.8);
    expect(p0(at - MINUTE)).toBeLessThan(0.8);
  });

  it('is never reached when it takes a hundred years', () => {
    const stubborn = cadenceOf({ ...policy, a: 1e-5, b: 1e4, lapsedAbove: 0.9999 });
    expect(stubborn.lapsedAt(bought(4, 26))).toBe(NEVER);
    expect(stubborn.atRiskAt(bought(4, 26))).toBeLessThan(NEVER);
  });

  it('is said in per cent, at the instant asked', () => {
    const late = bought(1, 3.5);
    // P0 of x 1, tx 3.5, T 20 weeks: 0.7279.
    expect(cadence.likely(late, 1000 * DAY + 20 * WEEK)).toBe('73 % likely not to order in the next 91 days');
    expect(cadence.likely(late, 1000 * DAY + 5000 * WEEK)).toBe('99 % likely not to order in the next 91 days');
    expect(cadence.usual(late)).toBe('usually buys every 34 days');
  });
});
