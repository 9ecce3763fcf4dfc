/**
 * Where a score becomes a decision. Thresholds are chosen on a window whose outcomes were known by the cut, and judged on
 * the one after it.
 */
import { countByLevel, ranksOf } from './auc.ts';

/** Scores and outcomes of the same people. */
export interface Window {
  readonly scores: Float64Array;
  /** 1 for whoever stayed silent. */
  readonly silent: Uint8Array;
}

/** Of the silences that an order ended, this share may have raised the alarm. */
export const FALSE_ALARMS = 0.2;

/** People on either side of a threshold. */
interface Confusion {
  /** Stayed silent, and was given up. */
  readonly hits: number;
  /** Stayed silent, and was not given up. */
  readonly misses: number;
  /** Came back, and was given up. */
  readonly falseAlarms: number;
  /** Came back, and was not given up. */
  readonly rightlyKept: number;
}

/** The F1 of one kind, from how many of it were called so and how many calls were wrong either way. */
function f1(right: number, wrong: number): number {
  return right === 0 ? 0 : (2 * right) / (2 * right + wrong);
}

function macroF1Of({ hits, misses, falseAlarms, rightlyKept }: Confusion): number {
  const wrong = misses + falseAlarms;
  return (f1(hits, wrong) + f1(rightlyKept, wrong)) / 2;
}

function confusion({ scores, silent }: Window, threshold: number): Confusion {
  const seen = { hits: 0, misses: 0, falseAlarms: 0, rightlyKept: 0 };
  scores.forEach((score, person) => {
    if (silent[person] === 1) seen[score >= threshold ? 'hits' : 'misses'] += 1;
    else seen[score >= threshold ? 'falseAlarms' : 'rightlyKept'] += 1;
  });
  return seen;
}

/**
 * The mean of the F1 of "stays silent" and the F1 of "comes back", 0 to 1: a rule that always says the same cannot
 * exceed one half, however lopsided the shop.
 *
 * @param threshold who scores at least this is called silent
 */
export function macroF1(window: Window, threshold: number): number {
  return macroF1Of(confusion(window, threshold));
}

/** Macro-F1 of calling everybody lost. */
export function macroF1OfAlways({ silent }: Pick<Window, 'silent'>): number {
  const share = silent.reduce((sum, each) => sum + each, 0) / silent.length;
  return share / (1 + share);
}

/**
 * The threshold with the highest macro-F1; among equals the highest, which gives people up last.
 *
 * @returns undefined when all people did the same
 */
export function bestThreshold({ scores, silent }: Window): number | undefined {
  const ranks = ranksOf(scores);
  const counted = countByLevel(ranks, silent);
  let misses = silent.reduce((sum, each) => sum + each, 0);
  let rightlyKept = silent.length - misses;
  if (misses === 0 || rightlyKept === 0) return undefined;
  let hits = 0;
  let falseAlarms = 0;
  let best: { threshold: number; value: number } | undefined;
  for (let level = ranks.levels.length - 1; level >= 0; level -= 1) {
    hits += counted.silent[level] ?? 0;
    misses -= counted.silent[level] ?? 0;
    falseAlarms += counted.back[level] ?? 0;
    rightlyKept -= counted.back[level] ?? 0;
    const value = macroF1Of({ hits, misses, falseAlarms, rightlyKept });
    if (best === undefined || value > best.value) best = { threshold: ranks.levels[level] ?? 0, value };
  }
  return best?.threshold;
}

/**
 * The threshold of an alarm that rings in at most {@link FALSE_ALARMS} of the silences that ended with an order.
 *
 * @param atEnd the score of each of those silences when the order came
 * @returns the lowest one that no more than these exceed; undefined without any
 */
export function alarmThreshold(atEnd: Float64Array): number | undefined {
  return atEnd.toSorted()[Math.ceil((1 - FALSE_ALARMS) * atEnd.length) - 1];
}
