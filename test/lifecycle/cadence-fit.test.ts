/** Fits against those of other programs, and what is said of data that bear none. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { logLikelihoodBg } from '../../shared/lifecycle/cadence/bg-nbd.ts';
import {
  FEWEST_CUSTOMERS,
  FEWEST_REPEATERS,
  type Fit,
  fitBg,
  fitMbg,
  type RepeatsTable,
} from '../../shared/lifecycle/cadence/fit.ts';
import { logLikelihoodMbg } from '../../shared/lifecycle/cadence/mbg-nbd.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { publicData } from '../support/public-data.ts';

type Row = readonly [x: number, tx: number, T: number, people: number];

function tableOf(rows: readonly Row[]): RepeatsTable {
  const each = rows.flatMap((row) => Array.from({ length: row[3] }, () => row));
  return { length: each.length, x: each.map(([x]) => x), tx: each.map(([, tx]) => tx), T: each.map(([, , T]) => T) };
}

/** A made-up shop of 404 customers, 144 of whom came back. */
const SHOP: readonly Row[] = [
  ...([10, 30, 50] as const).map((T, index): Row => [0, 0, T, [60, 90, 110][index] ?? 0]),
  [1, 2, 30, 14],
  [1, 8, 30, 9],
  [1, 20, 30, 8],
  [1, 5, 50, 12],
  [1, 25, 50, 10],
  [1, 44, 50, 7],
  [2, 7, 30, 6],
  [2, 24, 30, 8],
  [2, 18, 50, 7],
  [2, 41, 50, 10],
  [3, 12, 30, 4],
  [3, 27, 30, 7],
  [3, 20, 50, 4],
  [3, 46, 50, 9],
  [5, 28, 30, 5],
  [5, 30, 50, 3],
  [5, 47, 50, 8],
  [8, 29, 30, 2],
  [8, 33, 50, 1],
  [8, 48, 50, 6],
  [14, 49, 50, 3],
  [14, 22, 50, 1],
];

function expectFit(fit: Fit, expected: readonly [number, number, number, number], digits: number): void {
  const { r, alpha, a, b } = fit.parameters;
  for (const [index, each] of [r, alpha, a, b].entries()) expect(each).toBeCloseTo(expected[index] ?? 0, digits);
}

describe('the fit', () => {
  // With SciPy: minus the log-likelihood written with betaln and gammaln, Nelder-Mead and L-BFGS-B from three starts.
  it('of MBG/NBD is that of another program', () => {
    const fit = fitMbg(tableOf(SHOP));
    expectFit(fit, [0.889763, 15.525675, 0.288537, 0.391498], 4);
    expect(fit.logLikelihood).toBeCloseTo(-1662.4434914970725, 7);
    expect(fit).toMatchObject({ customers: 404, verdict: 'identified' });
  });

  it('of BG/NBD is that of another program', () => {
    const fit = fitBg(tableOf(SHOP));
    expectFit(fit, [0.31198, 9.87023, 0.195119, 1.192949], 4);
    expect(fit.logLikelihood).toBeCloseTo(-1663.681305599, 7);
  });

  it('has the likelihood of its customers, one by one', () => {
    const table = tableOf(SHOP);
    const [mbg, bg] = [fitMbg(table), fitBg(table)];
    let [sum, sumBg] = [0, 0];
    for (const [x, tx, T, people] of SHOP) {
      sum += people * logLikelihoodMbg(mbg.parameters, { x, tx, T });
      sumBg += people * logLikelihoodBg(bg.parameters, { x, tx, T });
    }
    expect(mbg.logLikelihood).toBeCloseTo(sum, 8);
    expect(bg.logLikelihood).toBeCloseTo(sumBg, 8);
  });

  it('does not depend on the order of the customers', () => {
    expect(fitMbg(tableOf(SHOP.toReversed())).parameters.alpha).toBeCloseTo(fitMbg(tableOf(SHOP)).parameters.alpha, 5);
  });
});

describe('a fit that means little says so', () => {
  it('where nobody leaves', () => {
    // Everybody has bought within the last days, as often as the time allows.
    const faithful = [10, 20, 30, 40, 50].flatMap((T): Row[] => [
      [Math.round(T / 4), T - 1, T, 40],
      [Math.round(T / 3), T - 2, T, 30],
    ]);
    const { parameters, verdict } = fitMbg(tableOf(faithful));
    expect(verdict).toBe('dropout not identified');
    expect(parameters.a / (parameters.a + parameters.b)).toBeLessThan(0.001);
    expect(Object.values(parameters).every((each) => each > 0 && each < 1e5)).toBe(true);
  });

  it.each<[string, readonly Row[], 'r' | 'alpha' | 'a' | 'b', number]>([
    [
      'hardly anybody comes back',
      [
        [0, 0, 20, 1160],
        [0, 0, 40, 1160],
        [1, 6, 20, 40],
        [1, 12, 40, 40],
      ],
      'alpha',
      1e4,
    ],
    [
      'everybody who comes back does so the next day, and never again',
      [
        [0, 0, 20, 900],
        [0, 0, 40, 900],
        [1, 1 / 7, 20, 600],
        [1, 1 / 7, 40, 600],
      ],
      'r',
      1e3,
    ],
  ])('where %s: it ends at a bound', (_shop, rows, parameter, bound) => {
    const { parameters, verdict } = fitMbg(tableOf(rows));
    expect(parameters[parameter]).toBeGreaterThan(0.9 * bound);
    expect(parameters.a / (parameters.a + parameters.b)).toBeGreaterThan(0.001);
    expect(verdict).toBe('at its bounds');
  });

  it('with too few customers, or too few who came back', () => {
    const enough: readonly Row[] = [
      [0, 0, 30, FEWEST_CUSTOMERS - FEWEST_REPEATERS],
      [1, 9, 30, FEWEST_REPEATERS],
    ];
    expect(fitMbg(tableOf(enough)).verdict).not.toBe('not enough data');
    const fewer = (index: 0 | 1) =>
      enough.map((row, at): Row => (at === index ? [row[0], row[1], 30, row[3] - 1] : row));
    expect(fitMbg(tableOf(fewer(0))).verdict).toBe('not enough data');
    const toOnce: readonly Row[] = [...fewer(1), [0, 0, 30, 99]];
    expect(fitMbg(tableOf(toOnce)).verdict).toBe('not enough data');
  });

  it('with nobody at all', () => {
    expect(fitMbg(tableOf([]))).toMatchObject({ customers: 0, logLikelihood: 0, verdict: 'not enough data' });
  });
});

const SAMPLE = publicData('cdnow_sample.csv');

/** The sample up to and including 1997-09-30: order days of each customer, in weeks. */
function cdnow(): RepeatsTable {
  const [, ...lines] = readFileSync(SAMPLE, 'utf8').trim().split(/\r?\n/u);
  const days = new Map<string, Set<number>>();
  for (const line of lines) {
    const [customer = '', date = ''] = line.split(',');
    if (date <= '1997-09-30') {
      days.set(customer, (days.get(customer) ?? new Set()).add(Date.parse(`${date}T00:00:00Z`) / DAY));
    }
  }
  const end = Date.parse('1997-09-30T00:00:00Z') / DAY;
  return tableOf(
    [...days.values()].map((each): Row => {
      const first = Math.min(...each);
      return [each.size - 1, (Math.max(...each) - first) / 7, (end - first) / 7, 1];
    }),
  );
}

describe.skipIf(!existsSync(SAMPLE))('the CDNOW sample, 39 weeks', () => {
  it('gives the published BG/NBD', () => {
    const fit = fitBg(cdnow());
    expectFit(fit, [0.243, 4.414, 0.793, 2.426], 3);
    expect(fit.logLikelihood).toBeCloseTo(-9582.43, 2);
    expect(fit.customers).toBe(2357);
  });

  it('gives the published MBG/NBD', () => {
    const fit = fitMbg(cdnow());
    expectFit(fit, [0.5248, 6.1831, 0.8914, 1.614], 4);
    expect(fit.logLikelihood).toBeCloseTo(-9582.14, 2);
  });
});
