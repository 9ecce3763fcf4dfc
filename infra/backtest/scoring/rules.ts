/**
 * The rules that are compared, each as a score: the higher, the less likely is a further order. A rule is made from
 * what is known on one day and may score people of a later one.
 */
import type { Fit } from '../../../shared/lifecycle/cadence/fit.ts';
import { noOrderWithin } from '../../../shared/lifecycle/cadence/mbg-nbd.ts';
import { type Features, fitLogistic, type Logistic, predictLogistic } from './logistic.ts';
import { DAYS_PER_WEEK, type Snapshot } from './snapshot.ts';

/** `recency` is what a fixed number of days for everybody amounts to, whatever the number. */
export const RULES = ['recency', 'ownGap', 'mbg', 'logistic'] as const;
export type Rule = (typeof RULES)[number];

/** The rules a playbook can have, the simplest first. The regression only shows what is left to gain. */
export const PLAYABLE = ['recency', 'ownGap', 'mbg'] as const satisfies readonly Rule[];
export type PlayableRule = (typeof PLAYABLE)[number];

/** What rules have learned. */
export interface Learned {
  readonly fit: Fit;
  /** Undefined when there was no earlier window with people in it to learn from. */
  readonly logistic: Logistic | undefined;
}

/** A day's silence counts as one more than none. */
const ln1 = Math.log1p;

/** What the regression looks at. Spend is left out where the log has no amounts at all. */
function featuresOf({ silence, x, T, usualGap, spend }: Snapshot, withSpend: boolean): Features {
  const columns = [
    silence.map(ln1),
    x.map(ln1),
    T.map(ln1),
    silence.map((days, person) => Math.log(Math.max(1, days) / Math.max(1, usualGap[person] ?? 1))),
  ];
  // Returns may exceed purchases; the logarithm knows no debts.
  return withSpend ? [...columns, spend.map((minor) => ln1(Math.max(0, minor)))] : columns;
}

/** How many columns there are when spend is one of them. */
const COLUMNS_WITH_SPEND = 5;

/** Learns from a snapshot whose outcomes are known. */
export function learnLogistic(snapshot: Snapshot): Logistic {
  const withSpend = snapshot.spend.some((minor) => !Number.isNaN(minor));
  return fitLogistic(featuresOf(snapshot, withSpend), snapshot.silent);
}

/** Silences as the rules of a playbook see them; `x`, `tx` and `T` as the models want them. */
export interface Silences {
  readonly x: Float64Array;
  readonly tx: Float64Array;
  readonly T: Float64Array;
  /** Days since the last order. */
  readonly silence: Float64Array;
  /** Shrunk own gap in days; NaN everywhere where the population has no gap to shrink towards. */
  readonly usualGap: Float64Array;
}

/**
 * The scores of a rule that a playbook can have. They only grow with silence.
 *
 * @param horizon in days
 * @returns undefined when the rule has nothing to go by
 */
export function playableScores(
  rule: PlayableRule,
  fit: Fit,
  { x, tx, T, silence, usualGap }: Silences,
  horizon: number,
): Float64Array | undefined {
  switch (rule) {
    case 'recency':
      return silence;
    case 'ownGap':
      if (Number.isNaN(usualGap[0] ?? Number.NaN)) return undefined;
      return silence.map((days, person) => days / (usualGap[person] ?? 1));
    case 'mbg':
      if (fit.verdict === 'not enough data') return undefined;
      return x.map((orders, person) =>
        noOrderWithin(fit.parameters, { x: orders, tx: tx[person] ?? 0, T: T[person] ?? 0 }, horizon / DAYS_PER_WEEK),
      );
    default:
      return rule satisfies never;
  }
}

/** The scores of any rule; see {@link playableScores}. */
export function scoresOf(rule: Rule, learned: Learned, snapshot: Snapshot, horizon: number): Float64Array | undefined {
  if (rule !== 'logistic') return playableScores(rule, learned.fit, snapshot, horizon);
  const { logistic } = learned;
  if (logistic === undefined) return undefined;
  return predictLogistic(logistic, featuresOf(snapshot, logistic.scales.length === COLUMNS_WITH_SPEND));
}

/** Whether the scores of a rule are probabilities, so that one can ask whether they come true. */
export function isProbability(rule: Rule): boolean {
  return rule === 'mbg' || rule === 'logistic';
}
