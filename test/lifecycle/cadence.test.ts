/** The cadence rules against numbers worked out by hand. */
import { describe, expect, it } from 'vitest';
import { cadenceOf, type OwnGapCadence, shrunkGap } from '../../shared/lifecycle/cadence.ts';
import type { OrderHistory } from '../../shared/lifecycle/facts/orders.ts';
import { DAY, HOUR } from '../../shared/lifecycle/time.ts';

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
