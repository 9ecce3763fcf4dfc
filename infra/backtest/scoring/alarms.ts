/**
 * When the rules raise the alarm, at the same rate of false ones: a good alarm clock rings early for whoever buys every
 * week and leaves alone whoever buys twice a year. About people with at least two order days, in thirds by their own gap.
 */
import { mean, median, quantile } from 'd3-array';
import type { Fit } from '../../../shared/lifecycle/cadence/fit.ts';
import { noOrderWithin } from '../../../shared/lifecycle/cadence/mbg-nbd.ts';
import type { Returns } from './returns.ts';
import { playableScores, type PlayableRule } from './rules.ts';
import { DAYS_PER_WEEK, type Snapshot } from './snapshot.ts';

const PACES = ['fast', 'middle', 'slow'] as const;
export type Pace = (typeof PACES)[number];

/** How a rule with its threshold does among some of the returns after the cut. */
interface FalseAlarms {
  readonly rule: PlayableRule;
  readonly returns: number;
  /** Share of the returns before which the alarm had rung, 0 to 1; NaN without any. */
  readonly falseAlarms: number;
}

/** One rule for buyers of one pace. */
export interface AlarmTiming extends FalseAlarms {
  readonly pace: Pace;
  /** Repeat buyers known by the cut. */
  readonly people: number;
  /** Median silence at which the alarm rings for them, in days; Infinity when it does not for most. */
  readonly silence: number;
}

export interface AlarmTimings {
  /** Own gaps at which one third ends and the next begins, in days. */
  readonly thirds: readonly [number, number];
  readonly timings: readonly AlarmTiming[];
  /** Over all paces: what 20 % before the cut came to after it. */
  readonly overall: readonly FalseAlarms[];
}

/** A rule and the score above which it raises the alarm. */
export interface Alarm {
  readonly rule: PlayableRule;
  readonly threshold: number;
}

/** Nobody waits ten years for an alarm. Days. */
const LONGEST_SILENCE = 3650;

/** The first whole day of silence on which the probability of no further order reaches a threshold. It only grows. */
function mbgAlarm({ parameters }: Fit, x: number, tx: number, horizon: number, threshold: number): number {
  const reached = (days: number) =>
    noOrderWithin(parameters, { x, tx, T: tx + days / DAYS_PER_WEEK }, horizon / DAYS_PER_WEEK) >= threshold;
  if (!reached(LONGEST_SILENCE)) return Number.POSITIVE_INFINITY;
  let low = 0;
  let high = LONGEST_SILENCE;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (reached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What an alarm is asked about. */
interface Situation {
  readonly fit: Fit;
  /** As of the cut. */
  readonly snapshot: Snapshot;
  /** After the cut. */
  readonly returns: Returns;
  /** In days. */
  readonly horizon: number;
}

/** Days of silence after which the alarm rings for one person. */
function ringsAfter({ rule, threshold }: Alarm, { fit, snapshot, horizon }: Situation, person: number): number {
  switch (rule) {
    case 'recency':
      return threshold;
    case 'ownGap':
      return threshold * (snapshot.usualGap[person] ?? 0);
    case 'mbg':
      return mbgAlarm(fit, snapshot.x[person] ?? 0, snapshot.tx[person] ?? 0, horizon, threshold);
    default:
      return rule satisfies never;
  }
}

/** @returns undefined when nobody has ordered twice */
export function alarmTimings(alarms: readonly Alarm[], situation: Situation): AlarmTimings | undefined {
  const { fit, snapshot, returns, horizon } = situation;
  const repeat = Uint32Array.from(snapshot.customer.keys()).filter((person) => (snapshot.x[person] ?? 0) > 0);
  const gaps = Float64Array.from(repeat, (person) => snapshot.ownGap[person] ?? 0);
  const first = quantile(gaps, 1 / 3);
  const second = quantile(gaps, 2 / 3);
  if (first === undefined || second === undefined) return undefined;
  const paceOf = (gap: number): Pace => {
    if (gap <= first) return 'fast';
    return gap <= second ? 'middle' : 'slow';
  };
  const overall: FalseAlarms[] = [];
  const timings: AlarmTiming[] = [];
  for (const alarm of alarms) {
    const scores = playableScores(alarm.rule, fit, returns, horizon) ?? new Float64Array();
    const falseAmong = (those: Float64Array): FalseAlarms => ({
      rule: alarm.rule,
      returns: those.length,
      falseAlarms: mean(those, (score) => (score > alarm.threshold ? 1 : 0)) ?? Number.NaN,
    });
    overall.push(falseAmong(scores));
    for (const pace of PACES) {
      const people = repeat.filter((person) => paceOf(snapshot.ownGap[person] ?? 0) === pace);
      const silences = Float64Array.from(people, (person) => ringsAfter(alarm, situation, person));
      const those = scores.filter((_, index) => paceOf(returns.ownGap[index] ?? 0) === pace);
      timings.push({ ...falseAmong(those), pace, people: people.length, silence: median(silences) ?? Number.NaN });
    }
  }
  return { thirds: [first, second], timings, overall };
}
