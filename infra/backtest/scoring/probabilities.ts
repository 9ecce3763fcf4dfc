/** Whether predicted probabilities come true: the Brier score, and what was predicted against what was seen. */
import { mean, range } from 'd3-array';
import { ascending, ranksOf } from './auc.ts';

/** Groups of equal size, from the lowest predictions to the highest. */
const GROUPS = 10;

export interface CalibrationGroup {
  readonly people: number;
  /** Mean of the predictions, 0 to 1. */
  readonly predicted: number;
  /** Share of the group that stayed silent, 0 to 1. */
  readonly seen: number;
}

export interface Calibration {
  /** Mean squared error of the predictions, 0 (right) to 1. */
  readonly brier: number;
  /** The same for somebody who gives everybody the average. */
  readonly brierOfAverage: number;
  /** Up to ten, ascending. */
  readonly groups: readonly CalibrationGroup[];
}

/**
 * @param predicted the probability that each person stays silent
 * @param silent 1 for whoever did
 */
export function calibrationOf(predicted: Float64Array, silent: Uint8Array): Calibration {
  const people = predicted.length;
  const share = mean(silent) ?? Number.NaN;
  const order = ascending(ranksOf(predicted));
  const groups = range(GROUPS).map((group): CalibrationGroup => {
    const part = order.subarray(Math.floor((group * people) / GROUPS), Math.floor(((group + 1) * people) / GROUPS));
    return {
      people: part.length,
      predicted: mean(part, (person) => predicted[person]) ?? Number.NaN,
      seen: mean(part, (person) => silent[person]) ?? Number.NaN,
    };
  });
  return {
    brier: mean(predicted, (p, person) => (p - (silent[person] ?? 0)) ** 2) ?? Number.NaN,
    brierOfAverage: share * (1 - share),
    groups: groups.filter((group) => group.people > 0),
  };
}
