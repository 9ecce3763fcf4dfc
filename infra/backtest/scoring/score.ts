/**
 * Which rule tells best who will not order again: every rule learns from the orders up to a cut, and is judged by who
 * ordered in the time after it. Nothing after the cut reaches a parameter or a threshold: those are chosen on the window
 * that ends with the cut.
 */
import { type Fit, fitMbg } from '../../../shared/lifecycle/cadence/fit.ts';
import { DAY, type Duration, type Instant, utcDay } from '../../../shared/lifecycle/time.ts';
import type { OrderLog } from '../../history/order-log.ts';
import { type Alarm, type AlarmTimings, alarmTimings } from './alarms.ts';
import { type Interval, intervalOf, type Judged, methodFor, resample, type Resampled } from './bootstrap.ts';
import { type Calibration, calibrationOf } from './probabilities.ts';
import { returnsBetween } from './returns.ts';
import {
  isProbability,
  learnLogistic,
  type Learned,
  PLAYABLE,
  playableScores,
  type Rule,
  RULES,
  scoresOf,
} from './rules.ts';
import { firstDay, lastDay, type Snapshot, snapshotAt } from './snapshot.ts';
import { alarmThreshold, bestThreshold, macroF1, macroF1OfAlways } from './threshold.ts';
import { type Evidence, type Gain, type Population, POPULATIONS, type Verdict, verdictOf } from './verdict.ts';

export interface ScoringOptions {
  /** Any instant of the last UTC day that rules may know. */
  readonly cut: Instant;
  /** The time after it, in whole days. */
  readonly horizon: Duration;
  /** The same seed gives the same intervals. */
  readonly seed: string;
  /** Called with the share that is done, 0 to 1. */
  readonly progress?: (share: number) => void;
}

/** How well a rule puts people in order: the area under the ROC curve, with a 95 % interval. */
interface RuleScore extends Interval {
  readonly auc: number;
  /** Of rules that are probabilities. */
  readonly brier?: number;
}

/** A rule is missing where it had nothing to go by. */
type Scoring = Readonly<Record<Population, Readonly<Partial<Record<Rule, RuleScore>>>>>;

/** Where a rule becomes a decision, on its own scale: days, gaps or a probability. */
export interface Thresholds {
  /** With the best macro-F1 among everybody in the window before the cut. */
  readonly lapsed: number;
  /** Exceeded by at most 20 % of the silences of repeat buyers that an order in that window ended. */
  readonly alarm?: number;
}

/** Decisions by a threshold, judged after the cut. */
interface Decided {
  readonly threshold: number;
  readonly macroF1: number;
}

export interface Scored {
  /** The last UTC day that rules knew, counted from 1970-01-01. */
  readonly cutDay: number;
  /** In days. */
  readonly horizon: number;
  readonly evidence: Evidence;
  /** Where the intervals come from. */
  readonly method: ReturnType<typeof methodFor>;
  readonly scoring: Scoring;
  /** Of every rule over every simpler playable one. */
  readonly gains: readonly Gain[];
  readonly fit: Fit;
  /** Median gap between two order days of one person up to the cut, in days; NaN when nobody ordered twice. */
  readonly populationGap: number;
  /** Of rules that are probabilities. */
  readonly calibration: Readonly<Partial<Record<Rule, Calibration>>>;
  readonly thresholds: Readonly<Partial<Record<Rule, Thresholds>>>;
  readonly decided: {
    readonly rules: Readonly<Partial<Record<Rule, Decided>>>;
    /** Share of people who stayed silent. */
    readonly baseRate: number;
    /** Macro-F1 of calling everybody lost. */
    readonly always: number;
    /** Macro-F1 to be expected of a coin that shows "lost" at the base rate. */
    readonly byChance: number;
  };
  /** Undefined when nobody had ordered twice. */
  readonly alarms: AlarmTimings | undefined;
  readonly verdict: Verdict;
}

/** A coin that knows the base rate is right about either kind as often as that kind is there. */
const MACRO_F1_OF_COIN = 0.5;

interface Window {
  readonly snapshot: Snapshot;
  readonly scores: ReadonlyMap<Rule, Float64Array>;
}

function windowOf(snapshot: Snapshot, learned: Learned, horizon: number): Window {
  const scores = new Map<Rule, Float64Array>();
  for (const rule of RULES) {
    const each = scoresOf(rule, learned, snapshot, horizon);
    if (each !== undefined) scores.set(rule, each);
  }
  return { snapshot, scores };
}

function repeatMembers({ x }: Snapshot): Uint8Array {
  return Uint8Array.from(x, (orders) => (orders > 0 ? 1 : 0));
}

function only(values: Float64Array, members: Uint8Array): Float64Array;
function only(values: Uint8Array, members: Uint8Array): Uint8Array;
function only(values: Float64Array | Uint8Array, members: Uint8Array): Float64Array | Uint8Array {
  return values.filter((_, person) => members[person] === 1);
}

function count(values: Uint8Array): number {
  return values.reduce((sum, each) => sum + each, 0);
}

type Key = `${Population} ${Rule}`;

/** The gains of every rule over every playable one that is simpler. */
function gainsOf(resampled: ReadonlyMap<Key, Resampled>): readonly Gain[] {
  return POPULATIONS.flatMap((population) =>
    RULES.flatMap((rule, place) =>
      PLAYABLE.filter((over) => RULES.indexOf(over) < place).flatMap((over): readonly Gain[] => {
        const one = resampled.get(`${population} ${rule}`);
        const other = resampled.get(`${population} ${over}`);
        if (one === undefined || other === undefined) return [];
        const differences = one.draws.map((each, draw) => each - (other.draws[draw] ?? Number.NaN));
        const better = differences.filter((each) => each > 0).length / differences.length;
        return [{ population, rule, over, gain: one.auc - other.auc, ...intervalOf(differences), better }];
      }),
    ),
  );
}

function thresholdsOf(
  { snapshot, scores }: Window,
  returned: ReadonlyMap<Rule, Float64Array>,
): Partial<Record<Rule, Thresholds>> {
  const thresholds: Partial<Record<Rule, Thresholds>> = {};
  for (const [rule, each] of scores) {
    const lapsed = bestThreshold({ scores: each, silent: snapshot.silent });
    if (lapsed === undefined) continue;
    const alarm = alarmThreshold(returned.get(rule) ?? new Float64Array());
    thresholds[rule] = { lapsed, ...(alarm !== undefined && { alarm }) };
  }
  return thresholds;
}

/** Scores all rules on what happened after the cut. */
export function scoreAll(log: OrderLog, { cut, horizon: duration, seed, progress }: ScoringOptions): Scored {
  const horizon = Math.round(duration / DAY);
  const cutDay = utcDay(cut);
  const earlier = snapshotAt(log, { day: cutDay - horizon, horizon });
  const snapshot = snapshotAt(log, { day: cutDay, horizon });
  const logistic = earlier.length === 0 ? undefined : learnLogistic(earlier);
  const learned: Learned = { fit: fitMbg(snapshot), logistic };
  const earlierFit = fitMbg(earlier);
  const before = windowOf(earlier, { fit: earlierFit, logistic }, horizon);
  const after = windowOf(snapshot, learned, horizon);

  const members = repeatMembers(snapshot);
  const { silent } = snapshot;
  const judged = new Map<Key, Judged>();
  for (const [rule, scores] of after.scores) {
    judged.set(`all ${rule}`, { scores, silent });
    judged.set(`repeat ${rule}`, { scores, silent, members });
  }
  const resampled = resample(judged, seed, progress);
  const returnedBefore = returnsBetween(log, cutDay - horizon, cutDay, earlier.populationGap);
  const returnedScores = new Map<Rule, Float64Array>();
  for (const rule of PLAYABLE) {
    const scores = playableScores(rule, earlierFit, returnedBefore, horizon);
    if (scores !== undefined) returnedScores.set(rule, scores);
  }
  const thresholds = thresholdsOf(before, returnedScores);
  const returns = returnsBetween(log, cutDay, cutDay + horizon, snapshot.populationGap);
  const gains = gainsOf(resampled);
  const evidence: Evidence = {
    people: snapshot.length,
    repeat: count(members),
    silent: count(silent),
    earlierPeople: earlier.length,
    earlierSilent: count(earlier.silent),
    daysBefore: cutDay - (firstDay(log) ?? cutDay),
    daysAfter: (lastDay(log) ?? cutDay) - cutDay,
    horizon,
  };
  return {
    cutDay,
    horizon,
    evidence,
    method: methodFor(snapshot.length),
    scoring: { all: scoresAmong('all', after, resampled), repeat: scoresAmong('repeat', after, resampled) },
    gains,
    fit: learned.fit,
    populationGap: snapshot.populationGap,
    calibration: calibrationsOf(after),
    thresholds,
    decided: {
      rules: decidedBy(after, thresholds),
      baseRate: evidence.silent / evidence.people,
      always: macroF1OfAlways(snapshot),
      byChance: MACRO_F1_OF_COIN,
    },
    alarms: alarmTimings(alarmsOf(after, thresholds), { fit: learned.fit, snapshot, returns, horizon }),
    verdict: verdictOf(evidence, gains, learned.fit),
  };
}

function scoresAmong(
  population: Population,
  { snapshot, scores }: Window,
  resampled: ReadonlyMap<Key, Resampled>,
): Partial<Record<Rule, RuleScore>> {
  const members = population === 'all' ? new Uint8Array(snapshot.length).fill(1) : repeatMembers(snapshot);
  const result: Partial<Record<Rule, RuleScore>> = {};
  for (const [rule, each] of scores) {
    const seen = resampled.get(`${population} ${rule}`);
    if (seen === undefined) continue;
    const score = { auc: seen.auc, ...intervalOf(seen.draws) };
    result[rule] = isProbability(rule)
      ? { ...score, brier: calibrationOf(only(each, members), only(snapshot.silent, members)).brier }
      : score;
  }
  return result;
}

function calibrationsOf({ snapshot, scores }: Window): Partial<Record<Rule, Calibration>> {
  const result: Partial<Record<Rule, Calibration>> = {};
  for (const [rule, each] of scores) if (isProbability(rule)) result[rule] = calibrationOf(each, snapshot.silent);
  return result;
}

function decidedBy(
  { snapshot, scores }: Window,
  thresholds: Partial<Record<Rule, Thresholds>>,
): Partial<Record<Rule, Decided>> {
  const result: Partial<Record<Rule, Decided>> = {};
  for (const [rule, each] of scores) {
    const threshold = thresholds[rule]?.lapsed;
    if (threshold === undefined) continue;
    result[rule] = { threshold, macroF1: macroF1({ scores: each, silent: snapshot.silent }, threshold) };
  }
  return result;
}

function alarmsOf({ scores }: Window, thresholds: Partial<Record<Rule, Thresholds>>): readonly Alarm[] {
  return PLAYABLE.flatMap((rule) => {
    const threshold = thresholds[rule]?.alarm;
    return threshold === undefined || !scores.has(rule) ? [] : [{ rule, threshold }];
  });
}
