/**
 * The parameters of MBG/NBD and BG/NBD under which what customers did is most likely. Customers with the same history
 * are taken together, and no parameter leaves its bounds.
 */
import type { MbgParameters } from './beta-geometric.ts';
import { descend, type Smooth } from './descent.ts';

/** Repeat orders of many customers, column by column; see `Repeats` for what they mean. */
export interface RepeatsTable {
  readonly length: number;
  /** Days with an order after the first one. */
  readonly x: ArrayLike<number>;
  /** Weeks from the first order to the last. */
  readonly tx: ArrayLike<number>;
  /** Weeks from the first order to now. */
  readonly T: ArrayLike<number>;
}

export interface Fit {
  /** The best within the bounds, also if the verdict is that they mean little. */
  readonly parameters: MbgParameters;
  /** Natural logarithm, of all customers. */
  readonly logLikelihood: number;
  readonly customers: number;
  readonly verdict: 'identified' | 'dropout not identified' | 'at its bounds' | 'not enough data';
}

/** Fewer customers, or fewer of them who came back, tell chance from custom too badly. */
export const FEWEST_CUSTOMERS = 200;
export const FEWEST_REPEATERS = 50;

/** Below this mean probability to leave at an order, nobody can be seen to leave: the model is one of pauses alone. */
const LEAST_DROPOUT = 0.001;

/** Bounds of r, alpha (weeks), a and b: far outside of what shops are like, and far inside of what can be computed. */
const LEAST = [1e-3, 1e-3, 1e-5, 1e-4] as const;
const MOST = [1e3, 1e4, 1e3, 1e4] as const;

/** Nearer to a bound than this share of the way between both, on a logarithmic scale, the likelihood grows on beyond it. */
const AT_BOUND = 0.01;

/** `alpha` in weeks. */
type Parameters = readonly [r: number, alpha: number, a: number, b: number];

/** Many leave early, few leave ever, regular buyers, hardly a difference between customers. */
const STARTS: readonly [Parameters, ...Parameters[]] = [
  [0.5, 6, 0.8, 1.6],
  [0.3, 4, 0.1, 4],
  [2, 20, 0.5, 5],
  [5, 60, 2, 10],
];

/** Customers among whom the best of the starts is found, before all are looked at. */
const SAMPLE = 20_000;
/** Of the mean log-likelihood of a customer, per searched variable: parameters are then good to six digits. */
const FLAT = 1e-9;

/** Distinct histories, and how many customers have each. */
interface Histories {
  readonly length: number;
  readonly x: Uint32Array;
  readonly tx: Float64Array;
  readonly T: Float64Array;
  readonly people: Float64Array;
  readonly customers: number;
  readonly repeaters: number;
}

/** MBG/NBD: a chance to leave at every order. */
export function fitMbg(repeats: RepeatsTable): Fit {
  return fit(repeats, 1);
}

/** BG/NBD: a chance to leave at every repeat order. */
export function fitBg(repeats: RepeatsTable): Fit {
  return fit(repeats, 0);
}

function fit(repeats: RepeatsTable, chancesAtFirst: 0 | 1): Fit {
  const stride = Math.ceil(repeats.length / SAMPLE);
  const ofSample = searched(distinct(repeats, Math.max(1, stride)), chancesAtFirst);
  const [near] = STARTS.map((start) => descend(ofSample, toSearched(start), FLAT)).toSorted(
    (one, other) => one.value - other.value,
  );
  const histories = distinct(repeats, 1);
  const { customers, repeaters } = histories;
  const { point, value } = descend(searched(histories, chancesAtFirst), near?.point ?? toSearched(STARTS[0]), FLAT);
  const [r, alpha, a, b] = fromSearched(point);
  const found = { parameters: { r, alpha, a, b }, logLikelihood: customers === 0 ? 0 : -value * customers, customers };
  if (customers < FEWEST_CUSTOMERS || repeaters < FEWEST_REPEATERS) return { ...found, verdict: 'not enough data' };
  if (a / (a + b) < LEAST_DROPOUT) return { ...found, verdict: 'dropout not identified' };
  return { ...found, verdict: isAtBound([r, alpha, a, b]) ? 'at its bounds' : 'identified' };
}

/** Such parameters are as far as the search may go and no optimum: a ridge of others would be as likely, or more so. */
function isAtBound(parameters: Parameters): boolean {
  return parameters.some((each, index) => {
    const share = shareOf(each, index);
    return share < AT_BOUND || share > 1 - AT_BOUND;
  });
}

/** The distinct histories of every `stride`-th customer. */
function distinct({ length, x, tx, T }: RepeatsTable, stride: number): Histories {
  const places = new Map<number, Map<number, Map<number, number>>>();
  const most = Math.ceil(length / stride);
  const kept = {
    x: new Uint32Array(most),
    tx: new Float64Array(most),
    T: new Float64Array(most),
    people: new Float64Array(most),
  };
  let rows = 0;
  let customers = 0;
  let repeaters = 0;
  for (let each = 0; each < length; each += stride) {
    const [repeat = 0, last = 0, now = 0] = [x[each], tx[each], T[each]];
    const sameNow = entryOf(places, now, () => new Map<number, Map<number, number>>());
    const sameLast = entryOf(sameNow, last, () => new Map<number, number>());
    const place = entryOf(sameLast, repeat, () => rows);
    if (place === rows) {
      kept.x[rows] = repeat;
      kept.tx[rows] = last;
      kept.T[rows] = now;
      rows += 1;
    }
    kept.people[place] = (kept.people[place] ?? 0) + 1;
    customers += 1;
    if (repeat > 0) repeaters += 1;
  }
  return { ...kept, length: rows, customers, repeaters };
}

function entryOf<Value>(map: Map<number, Value>, key: number, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Where a parameter is between its bounds, 0 to 1, on a logarithmic scale. */
function shareOf(parameter: number, index: number): number {
  const [least = 1, most = 1] = [LEAST[index], MOST[index]];
  return Math.log(parameter / least) / Math.log(most / least);
}

/** The same as a number without bounds (logit). */
function toSearched(parameters: Parameters): number[] {
  return parameters.map((each, index) => {
    const share = shareOf(each, index);
    return Math.log(share / (1 - share));
  });
}

function within(least: number, most: number, searchedFor = 0): number {
  return least * (most / least) ** (1 / (1 + Math.exp(-searchedFor)));
}

function fromSearched(point: readonly number[]): Parameters {
  return [
    within(LEAST[0], MOST[0], point[0]),
    within(LEAST[1], MOST[1], point[1]),
    within(LEAST[2], MOST[2], point[2]),
    within(LEAST[3], MOST[3], point[3]),
  ];
}

/** The change of each parameter with what is searched for in its place. */
function slopes(parameters: Parameters): number[] {
  return parameters.map((each, index) => {
    const [least = 1, most = 1] = [LEAST[index], MOST[index]];
    const width = Math.log(most / least);
    const share = Math.log(each / least) / width;
    return each * width * share * (1 - share);
  });
}

/** ln((z)(z + 1)...(z + n - 1)) for n from 0 to `most`, and its derivative by z. */
function rising(z: number, most: number): { readonly ln: Float64Array; readonly slope: Float64Array } {
  const ln = new Float64Array(most + 1);
  const slope = new Float64Array(most + 1);
  for (let n = 0; n < most; n += 1) {
    ln[n + 1] = (ln[n] ?? 0) + Math.log(z + n);
    slope[n + 1] = (slope[n] ?? 0) + 1 / (z + n);
  }
  return { ln, slope };
}

/**
 * Minus the mean log-likelihood of a customer, as a function of what is searched for. All that depends on `x` alone is
 * worked out once per point; what is left of a history is two logarithms and an exponential.
 */
function searched({ length, x, tx, T, people, customers }: Histories, chancesAtFirst: 0 | 1): Smooth {
  const most = x.reduce((highest, each) => Math.max(highest, each), 0) + 1;
  return (point, gradient) => {
    const parameters = fromSearched(point);
    const [r, alpha, a, b] = parameters;
    const byR = rising(r, most);
    const byB = rising(b, most);
    const byAB = rising(a + b, most);
    const lnAlpha = Math.log(alpha);
    const lnA = Math.log(a);
    let [sum, inR, inAlpha, inA, inB] = [0, 0, 0, 0, 0];
    for (let row = 0; row < length; row += 1) {
      const [n = 0, last = 0, now = 0, weight = 0] = [x[row], tx[row], T[row], people[row]];
      const chances = n + chancesAtFirst;
      const lnNow = Math.log(alpha + now);
      let ln = (byR.ln[n] ?? 0) + r * lnAlpha - (r + n) * lnNow;
      // The probability that the customer has left, and with it what the last order says instead of the silence since.
      let left = 0;
      let lnLast = 0;
      if (chances > 0) {
        lnLast = Math.log(alpha + last);
        const odds = (a / (b + chances - 1)) * Math.exp((r + n) * (lnNow - lnLast));
        left = odds === Number.POSITIVE_INFINITY ? 1 : odds / (1 + odds);
        ln += (byB.ln[chances] ?? 0) - (byAB.ln[chances] ?? 0);
        ln += left < 1 ? Math.log1p(odds) : lnA - Math.log(b + chances - 1) + (r + n) * (lnNow - lnLast);
        const slopeB = byB.slope[chances - 1] ?? 0;
        const slopeAB = byAB.slope[chances] ?? 0;
        inA += weight * (left / a - slopeAB);
        inB += weight * (slopeB - slopeAB + (1 - left) / (b + chances - 1));
      }
      sum += weight * ln;
      inR += weight * ((byR.slope[n] ?? 0) + lnAlpha - (1 - left) * lnNow - left * lnLast);
      inAlpha += weight * (r / alpha - (r + n) * ((1 - left) / (alpha + now) + left / (alpha + last)));
    }
    const by = [inR, inAlpha, inA, inB];
    for (const [index, slope] of slopes(parameters).entries()) {
      gradient[index] = (-slope * (by[index] ?? 0)) / customers;
    }
    return -sum / customers;
  };
}
