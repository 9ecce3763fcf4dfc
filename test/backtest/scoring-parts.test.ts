/** The parts of the scoring, each against a slower way to the same number or a case worked out by hand. */
import { describe, expect, test } from 'vitest';
import { ascending, auc, ranksOf } from '../../infra/backtest/scoring/auc.ts';
import { intervalOf, resample } from '../../infra/backtest/scoring/bootstrap.ts';
import { fitLogistic, predictLogistic } from '../../infra/backtest/scoring/logistic.ts';
import { calibrationOf } from '../../infra/backtest/scoring/probabilities.ts';
import { returnsBetween } from '../../infra/backtest/scoring/returns.ts';
import { snapshotAt } from '../../infra/backtest/scoring/snapshot.ts';
import { alarmThreshold, bestThreshold, macroF1, macroF1OfAlways } from '../../infra/backtest/scoring/threshold.ts';
import { chanceOf } from '../../infra/local/random.ts';
import { logOf } from './order-logs.ts';

const chance = chanceOf('parts');
const PEOPLE = 300;
/** Few different ones, so that there are ties. */
const scores = Float64Array.from({ length: PEOPLE }, () => chance.between(0, 40));
const silent = Uint8Array.from(scores, (score) => (chance.next() * 60 < score + 10 ? 1 : 0));

/** By definition: every pair of somebody silent and somebody who came back. */
function aucByPairs(): number {
  let won = 0;
  let pairs = 0;
  scores.forEach((one, i) => {
    scores.forEach((other, j) => {
      if (silent[i] !== 1 || silent[j] !== 0) return;
      pairs += 1;
      if (one > other) won += 1;
      else if (one === other) won += 0.5;
    });
  });
  return won / pairs;
}

describe('the area under the curve', () => {
  test('is the share of pairs in the right order, ties counting half', () => {
    expect(auc(ranksOf(scores), silent)).toBeCloseTo(aucByPairs(), 12);
  });

  test('counts a person as often as their weight says', () => {
    const weights = Uint16Array.from(scores, () => chance.between(0, 3));
    const repeated = (values: ArrayLike<number>) =>
      Array.from(values).flatMap((v, i) => Array<number>(weights[i] ?? 0).fill(v));
    const plain = auc(ranksOf(Float64Array.from(repeated(scores))), Uint8Array.from(repeated(silent)));
    expect(auc(ranksOf(scores), silent, weights)).toBeCloseTo(plain, 12);
  });

  test('is unknown where all did the same', () => {
    expect(auc(ranksOf(scores), new Uint8Array(PEOPLE))).toBeNaN();
  });

  test('rests on people in the order of their scores', () => {
    const order = Array.from(ascending(ranksOf(scores)), (person) => scores[person] ?? 0);
    expect(order).toEqual(Array.from(scores).toSorted((a, b) => a - b));
  });
});

describe('resamples', () => {
  test('are the same people for all scores: two scores with one order never differ', () => {
    const doubled = scores.map((score) => 2 * score + 1);
    const seen = resample(
      new Map([
        ['one', { scores, silent }],
        ['two', { scores: doubled, silent }],
      ]),
      'seed',
    );
    expect(seen.get('one')?.draws).toEqual(seen.get('two')?.draws);
  });

  test('give an interval around the area, the same one for the same seed', () => {
    const drawn = (seed: string) => resample(new Map([['one', { scores, silent }]]), seed).get('one')?.draws;
    const { low, high } = intervalOf(drawn('a') ?? new Float64Array());
    const area = aucByPairs();
    // The standard error of Hanley and McNeil (1982), with their approximation of the two variances.
    const back = silent.filter((each) => each === 0).length;
    const gone = PEOPLE - back;
    const q1 = area / (2 - area);
    const q2 = (2 * area ** 2) / (1 + area);
    const variance = area * (1 - area) + (gone - 1) * (q1 - area ** 2) + (back - 1) * (q2 - area ** 2);
    const error = Math.sqrt(variance / (gone * back));
    expect(low).toBeLessThan(area);
    expect(high).toBeGreaterThan(area);
    expect((high - low) / (2 * 1.96 * error)).toBeGreaterThan(0.75);
    expect((high - low) / (2 * 1.96 * error)).toBeLessThan(1.33);
    expect(drawn('a')).toEqual(drawn('a'));
    expect(drawn('a')).not.toEqual(drawn('b'));
  });

  test('judge a population by its members only', () => {
    const members = Uint8Array.from(scores, (score) => (score > 20 ? 1 : 0));
    const of = (values: Float64Array | Uint8Array) => Array.from(values).filter((_, person) => members[person] === 1);
    const seen = resample(new Map([['some', { scores, silent, members }]]), 'seed').get('some');
    expect(seen?.auc).toBe(auc(ranksOf(Float64Array.from(of(scores))), Uint8Array.from(of(silent))));
  });
});

describe('the regression', () => {
  const one = Float64Array.from({ length: 400 }, () => chance.next());
  const two = Float64Array.from({ length: 400 }, () => 100 * chance.next());
  const chosen = Uint8Array.from(one, (value, i) =>
    chance.happens(1 / (1 + Math.exp(3 * value - (two[i] ?? 0) / 50))) ? 1 : 0,
  );

  test('ends where the ridged likelihood is level: residuals times values are the ridge times the coefficient', () => {
    const model = fitLogistic([one, two], chosen);
    const p = predictLogistic(model, [one, two]);
    [one, two].forEach((column, index) => {
      const { mean = 0, deviation = 1 } = model.scales[index] ?? {};
      const pull = column.reduce((sum, v, i) => sum + ((chosen[i] ?? 0) - (p[i] ?? 0)) * ((v - mean) / deviation), 0);
      expect(pull).toBeCloseTo(model.coefficients[index + 1] ?? Number.NaN, 6);
    });
    expect(model.coefficients[1]).toBeLessThan(-0.3);
    expect(model.coefficients[2]).toBeGreaterThan(0.3);
  });

  test('stays finite where people can be told apart without error, columns say the same, or all did the same', () => {
    const apart = Uint8Array.from(one, (value) => (value > 0.5 ? 1 : 0));
    for (const outcome of [apart, new Uint8Array(one.length), new Uint8Array(one.length).fill(1)]) {
      const p = predictLogistic(fitLogistic([one, one, new Float64Array(one.length)], outcome), [one, one, one]);
      expect(p.every((each) => each > 0 && each < 1)).toBe(true);
    }
  });

  test('takes an unknown value for an ordinary one', () => {
    const holes = two.map((value, i) => (i % 5 === 0 ? Number.NaN : value));
    const p = predictLogistic(fitLogistic([one, holes], chosen), [one, holes]);
    expect(p.every((each) => each > 0 && each < 1)).toBe(true);
  });
});

test('calibration groups hold a tenth each, predictions beside what was seen', () => {
  const predicted = Float64Array.from({ length: 100 }, (_, i) => i / 100);
  const outcome = Uint8Array.from(predicted, (p) => (p >= 0.5 ? 1 : 0));
  const { brier, brierOfAverage, groups } = calibrationOf(predicted, outcome);
  expect(groups).toHaveLength(10);
  expect(groups[0]).toMatchObject({ people: 10, seen: 0 });
  expect(groups[0]?.predicted).toBeCloseTo(0.045, 12);
  expect(groups[9]?.seen).toBe(1);
  expect(brierOfAverage).toBe(0.25);
  expect(brier).toBeCloseTo(predicted.reduce((sum, p, i) => sum + (p - (outcome[i] ?? 0)) ** 2, 0) / 100, 12);
});

describe('thresholds', () => {
  test('have the best macro-F1 of all scores there are', () => {
    const best = bestThreshold({ scores, silent }) ?? Number.NaN;
    for (const other of scores) {
      expect(macroF1({ scores, silent }, other)).toBeLessThanOrEqual(macroF1({ scores, silent }, best) + 1e-12);
    }
    expect(bestThreshold({ scores, silent: new Uint8Array(PEOPLE) })).toBeUndefined();
  });

  test('are measured against a rule that calls everybody lost', () => {
    expect(macroF1OfAlways({ silent })).toBeCloseTo(macroF1({ scores, silent }, -1), 12);
  });

  test('of an alarm leave at most a fifth of the returns above them, and are the lowest that do', () => {
    const above = (threshold: number) => scores.filter((score) => score > threshold).length / PEOPLE;
    const threshold = alarmThreshold(scores) ?? Number.NaN;
    expect(above(threshold)).toBeLessThanOrEqual(0.2);
    expect(above(threshold - 1)).toBeGreaterThan(0.2);
    expect(alarmThreshold(new Float64Array())).toBeUndefined();
  });
});

describe('a snapshot', () => {
  const log = logOf([
    { customer: 'twice', day: 100.2, minor: 500 },
    { customer: 'twice', day: 100.9, minor: 700 },
    { customer: 'twice', day: 114.5, minor: 100 },
    { customer: 'twice', day: 130.999, minor: 900 },
    { customer: 'back', day: 101 },
    { customer: 'back', day: 141 },
    { customer: 'late', day: 110 },
    { customer: 'late', day: 141.5 },
    { customer: 'future', day: 132 },
  ]);
  const {
    customer,
    x,
    tx,
    T,
    silence,
    silent: outcome,
    spend,
    populationGap,
    ownGap,
  } = snapshotAt(log, { day: 130, horizon: 10 });

  test('holds who had ordered by the end of the day, the orders of a day as one', () => {
    expect(Array.from(customer, (each) => log.customers[each])).toEqual(['twice', 'back', 'late']);
    expect(Array.from(x)).toEqual([2, 0, 0]);
    expect(Array.from(tx)).toEqual([30 / 7, 0, 0]);
    expect(Array.from(T)).toEqual([30 / 7, 29 / 7, 20 / 7]);
    expect(Array.from(silence)).toEqual([0, 29, 20]);
    expect(populationGap).toBe(15);
    expect(ownGap[0]).toBeCloseTo(Math.sqrt(14 * 16), 10);
  });

  test('knows what was spent, unless an amount is missing', () => {
    expect(spend[0]).toBe(2200);
    expect(spend[1]).toBeNaN();
  });

  const paid = (...codes: readonly number[]) => ({ ...log, currency: Uint8Array.from(codes) });

  test('knows only the currencies of orders up to its day, in whatever order they are listed', () => {
    // Six orders up to the day, three of the customers' orders after it.
    const later = snapshotAt(
      { ...paid(0, 0, 0, 1, 1, 1, 0, 1, 1), currencies: ['SEK', 'EUR'] },
      { day: 130, horizon: 10 },
    );
    expect(later.currency).toBe('SEK');
    for (const currencies of [
      ['SEK', 'EUR'],
      ['EUR', 'SEK'],
    ]) {
      const tied = paid(0, 0, 0, 1, 1, 1, 1, 1, 1);
      expect(snapshotAt({ ...tied, currencies }, { day: 130, horizon: 10 }).currency).toBe('EUR');
    }
  });

  test('calls silent whoever did not order within the horizon: its last day counts, the next one does not', () => {
    expect(Array.from(outcome)).toEqual([1, 1, 1]);
    expect(Array.from(snapshotAt(log, { day: 130, horizon: 11 }).silent)).toEqual([1, 0, 0]);
    expect(Array.from(snapshotAt(log, { day: 131, horizon: 10 }).silent)).toEqual([1, 0, 0]);
  });

  test('is followed by the returns of those with a gap of their own', () => {
    const returns = returnsBetween(log, 114, 130, 15);
    expect(Array.from(returns.silence)).toEqual([16]);
    expect(Array.from(returns.x)).toEqual([1]);
    expect(returns.ownGap[0]).toBeCloseTo(14, 10);
    expect(returnsBetween(log, 130, 200, 15).silence).toHaveLength(0);
  });
});
