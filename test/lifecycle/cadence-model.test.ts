/** The models against values computed by other routes: numeric integration here, published sets where they are at hand. */
import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { aliveBg, expectedOrdersBg, logLikelihoodBg, noOrderWithinBg } from '../../shared/lifecycle/cadence/bg-nbd.ts';
import {
  aliveMbg,
  aliveUntil,
  boundsOfNoOrder,
  logLikelihoodMbg,
  type MbgParameters,
  noOrderWithin,
  type Repeats,
} from '../../shared/lifecycle/cadence/mbg-nbd.ts';
import { assert } from '../support/property.ts';
import { publicData } from '../support/public-data.ts';

const SHOP: MbgParameters = { r: 0.7, alpha: 9, a: 0.6, b: 2.5 };
/** Hardly anybody leaves. */
const FAITHFUL: MbgParameters = { r: 2.5, alpha: 30, a: 0.02, b: 40 };

/**
 * Computed with mpmath at 30 digits by tanh-sinh quadrature, without the closed forms: a customer with rate L and
 * probability to leave p has the likelihood L^x ((1-p)^k exp(-L T) + p (1-p)^(k-1) exp(-L tx)), with k = x + 1 for
 * MBG/NBD and k = x (without the second term for k = 0) for BG/NBD. It was integrated over the gamma density of L and the
 * beta density of p, with p^a in place of p, or the pole at 0 is lost; P(alive) is the first term's share of it, and P0(s) = 1 - the share of the first term times
 * (1 - exp(-L s)). Each row: ln likelihood, P(alive), P0.
 */
const INTEGRATED: readonly {
  readonly parameters: MbgParameters;
  readonly customer: Repeats;
  readonly weeks: number;
  readonly mbg: readonly [number, number, number];
  readonly bg: readonly [number, number, number];
}[] = [
  {
    parameters: SHOP,
    customer: { x: 0, tx: 0, T: 12 },
    weeks: 13,
    mbg: [-0.447539357502419, 0.697201701832907, 0.800394094632557],
    bg: [-0.593108502271043, 1, 0.713704219535481],
  },
  {
    parameters: SHOP,
    customer: { x: 1, tx: 3.5, T: 20 },
    weeks: 13,
    mbg: [-4.37587972986552, 0.582470752125233, 0.727861508859873],
    bg: [-4.06320934641796, 0.499113035927168, 0.76680740104117],
  },
  {
    parameters: SHOP,
    customer: { x: 4, tx: 26, T: 26 },
    weeks: 13,
    mbg: [-13.2985799918077, 0.915492957746479, 0.291970208027224],
    bg: [-13.1950393128668, 0.901639344262295, 0.30268440412265],
  },
  {
    parameters: SHOP,
    customer: { x: 9, tx: 31.5, T: 52 },
    weeks: 13,
    mbg: [-26.142691847704, 0.265090774849877, 0.775604719904852],
    bg: [-26.0241828616777, 0.247750389446206, 0.790283090518911],
  },
  {
    parameters: FAITHFUL,
    customer: { x: 3, tx: 20, T: 40 },
    weeks: 6,
    mbg: [-11.1895724749128, 0.997048911728374, 0.637230955097491],
    bg: [-11.1890372052287, 0.996978859999308, 0.637256442913133],
  },
  {
    parameters: FAITHFUL,
    customer: { x: 0, tx: 0, T: 60 },
    weeks: 6,
    mbg: [-2.73926658616166, 0.99226605152857, 0.85214969635215],
    bg: [-2.74653072167027, 1, 0.850997317281903],
  },
];

/** A difference by rounding, as a share. */
const LAST_DIGITS = 1e-12;

/** The largest difference, as a share of what was expected. */
function furthest(...pairs: readonly (readonly [actual: number, expected: number])[]): number {
  return Math.max(...pairs.map(([actual, expected]) => Math.abs(actual / expected - 1)));
}

describe('the closed forms are the integrals', () => {
  it.each(INTEGRATED)('for $customer within $weeks weeks', ({ parameters, customer, weeks, mbg, bg }) => {
    const off = furthest(
      [logLikelihoodMbg(parameters, customer), mbg[0]],
      [aliveMbg(parameters, customer), mbg[1]],
      [noOrderWithin(parameters, customer, weeks), mbg[2]],
      [logLikelihoodBg(parameters, customer), bg[0]],
      [aliveBg(parameters, customer), bg[1]],
      [noOrderWithinBg(parameters, customer, weeks), bg[2]],
    );
    expect(off).toBeLessThan(LAST_DIGITS);
  });
});

it('the orders to expect are the integral', () => {
  // As above, of exp(-L T) (1 - exp(-L p weeks)) / p in place of the first term's share.
  const expected: readonly (readonly [Repeats, number])[] = [
    [{ x: 0, tx: 0, T: 12 }, 0.3966960978356606],
    [{ x: 1, tx: 3.5, T: 20 }, 0.3514698647585045],
    [{ x: 9, tx: 31.5, T: 52 }, 0.4858143629234395],
  ];
  const off = furthest(...expected.map(([who, orders]) => [expectedOrdersBg(SHOP, who, 13), orders] as const));
  expect(off).toBeLessThan(LAST_DIGITS);
});

it('the orders to expect from whoever bought once are a number where a and b are 1 together, too', () => {
  const [below = 0, at, above = 0] = [0.5999, 0.6, 0.6001].map((b) =>
    expectedOrdersBg({ r: 0.7, alpha: 9, a: 0.4, b }, { x: 0, tx: 0, T: 12 }, 13),
  );
  expect(at).toBeCloseTo((below + above) / 2, 6);
});

const parameter = (least: number, most: number) =>
  fc.double({ min: Math.log(least), max: Math.log(most), noNaN: true }).map(Math.exp);
const anyParameters: fc.Arbitrary<MbgParameters> = fc.record({
  r: parameter(0.01, 100),
  alpha: parameter(0.1, 500),
  a: parameter(1e-5, 100),
  b: parameter(1e-3, 1e4),
});
const anyHistory = fc
  .record({ x: fc.integer({ min: 0, max: 60 }), tx: fc.double({ min: 0.1, max: 500, noNaN: true }) })
  .map(({ x, tx }) => ({ x, tx: x === 0 ? 0 : tx }));
const anyAbove = fc.double({ min: 0.05, max: 0.99, noNaN: true });

describe('silence', () => {
  it('makes no order likelier, never less likely', () => {
    const silences = fc.tuple(
      fc.double({ min: 0, max: 300, noNaN: true }),
      fc.double({ min: 0, max: 300, noNaN: true }),
    );
    assert(
      fc.property(anyParameters, anyHistory, silences, (parameters, history, [one, other]) => {
        const p0 = (silence: number) => noOrderWithin(parameters, { ...history, T: history.tx + silence }, 13);
        expect(p0(Math.max(one, other))).toBeGreaterThanOrEqual(p0(Math.min(one, other)) - LAST_DIGITS);
      }),
      1000,
    );
  });

  it('reaches a probability of no order where the integrals say', () => {
    // Roots of the integrated P0(13 weeks) = 0.8 of the shop above, found with mpmath.
    const roots: readonly (readonly [number, number, number])[] = [
      [1, 3.5, 27.050415179138],
      [4, 26, 57.210191783362],
      [9, 31.5, 52.933710756975],
    ];
    for (const [x, tx, root] of roots) {
      const { least, most } = boundsOfNoOrder(SHOP, { x, tx }, 13, 0.8);
      expect(least).toBeLessThanOrEqual(root);
      expect(most).toBeGreaterThanOrEqual(root);
      expect(furthest([noOrderWithin(SHOP, { x, tx, T: root }, 13), 0.8])).toBeLessThan(LAST_DIGITS);
    }
  });

  it('reaches it between its bounds, whatever the shop and the customer', () => {
    assert(
      fc.property(anyParameters, anyHistory, anyAbove, (parameters, history, above) => {
        const { least, most } = boundsOfNoOrder(parameters, history, 13, above);
        expect(history.tx <= least && least <= most && most < Number.POSITIVE_INFINITY).toBe(true);
        const p0 = (T: number) => noOrderWithin(parameters, { ...history, T }, 13);
        expect(p0(most)).toBeGreaterThanOrEqual(above - 1e-9);
        expect(least === history.tx || p0(least) <= above + 1e-9).toBe(true);
      }),
      1000,
    );
  });

  it('brings P(alive) down to any value at a time in closed form', () => {
    const T = aliveUntil(SHOP, { x: 4, tx: 26 }, 0.3);
    expect(furthest([aliveMbg(SHOP, { x: 4, tx: 26, T }), 0.3])).toBeLessThan(LAST_DIGITS);
  });
});

const VECTORS = publicData('mbg_nbd_test_vectors.json');
const GOLDEN = publicData('cdnow_sample_cbs_expected.csv');

const fourNumbers = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const vectors = z.object({
  bg: fourNumbers,
  mbg: fourNumbers,
  rows: z.array(
    z.object({
      x: z.number(),
      tx: z.number(),
      T: z.number(),
      bg_ll: z.number(),
      bg_palive: z.number(),
      bg_p0_39w: z.number(),
      bg_expected_39w: z.number(),
      mbg_ll: z.number(),
      mbg_palive: z.number(),
      mbg_p0_13w: z.number(),
      mbg_T_when_palive_is_half: z.number(),
    }),
  ),
});

function named([r, alpha, a, b]: z.infer<typeof fourNumbers>): MbgParameters {
  return { r, alpha, a, b };
}

/**
 * Every column of the file has six decimals, so a value of .2 is known to 2.5e-6 of itself and no better: compared are all
 * digits there are, to half a unit of the last one and the rounding of the difference. Shares of 1e-9 are compared above.
 */
const LAST_DIGIT_OF_CSV = 0.5e-6 + LAST_DIGITS;

function published(): z.infer<typeof vectors> {
  return vectors.parse(JSON.parse(readFileSync(VECTORS, 'utf8')));
}

describe.skipIf(!existsSync(VECTORS))('values published for CDNOW', () => {
  it('are ours to 1e-9', () => {
    const { bg, mbg, rows } = published();
    expect(rows.length).toBeGreaterThan(9);
    const off = rows.map((row) =>
      furthest(
        [logLikelihoodBg(named(bg), row), row.bg_ll],
        [aliveBg(named(bg), row), row.bg_palive],
        [noOrderWithinBg(named(bg), row, 39), row.bg_p0_39w],
        [expectedOrdersBg(named(bg), row, 39), row.bg_expected_39w],
        [logLikelihoodMbg(named(mbg), row), row.mbg_ll],
        [aliveMbg(named(mbg), row), row.mbg_palive],
        [noOrderWithin(named(mbg), row, 13), row.mbg_p0_13w],
        [aliveUntil(named(mbg), row, 0.5), row.mbg_T_when_palive_is_half],
      ),
    );
    expect(Math.max(...off)).toBeLessThan(1e-9);
  });

  it.skipIf(!existsSync(GOLDEN))('are ours for 2,357 customers to the last digit they have', () => {
    const { bg, mbg } = published();
    const [, ...lines] = readFileSync(GOLDEN, 'utf8').trim().split(/\r?\n/u);
    expect(lines).toHaveLength(2357);
    let off = 0;
    for (const line of lines) {
      const [, x = 0, tx = 0, T = 0, , bgAlive = 0, mbgAlive = 0, bgNone = 0, bgOrders = 0] = line
        .split(',')
        .map(Number);
      // Weeks are printed with six decimals, and are whole days.
      const customer = { x, tx: Math.round(tx * 7) / 7, T: Math.round(T * 7) / 7 };
      off = Math.max(
        off,
        Math.abs(aliveBg(named(bg), customer) - bgAlive),
        Math.abs(aliveMbg(named(mbg), customer) - mbgAlive),
        Math.abs(noOrderWithinBg(named(bg), customer, 39) - bgNone),
        Math.abs(expectedOrdersBg(named(bg), customer, 39) - bgOrders),
      );
    }
    expect(off).toBeLessThan(LAST_DIGIT_OF_CSV);
  });
});
