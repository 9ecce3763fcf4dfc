/** Days on which the customer logged in: a set of UTC days, of which the newest are kept. */
import { ceilToHour, DAY, type Duration, type Instant, utcDay } from '../time.ts';

/** UTC day numbers, ascending. Union, then truncate: the result does not depend on the order of arrival. */
export type LoginDays = readonly number[];

/** Enough to see four login days in sixty with a wide margin and to estimate a gap. */
export const LOGIN_DAYS_KEPT = 16;

/** Whether a login would add nothing: its day is known, or older than all that is kept. */
export function isLoginKnown(days: LoginDays, at: Instant): boolean {
  const day = utcDay(at);
  const oldest = days[0];
  return days.includes(day) || (days.length >= LOGIN_DAYS_KEPT && oldest !== undefined && day < oldest);
}

export function addLogin(days: LoginDays, at: Instant): LoginDays {
  if (isLoginKnown(days, at)) return days;
  return [...days, utcDay(at)].toSorted((a, b) => a - b).slice(-LOGIN_DAYS_KEPT);
}

/** What makes a habit, and when a silence ends it. */
export interface LoginHabitPolicy {
  /** Login days needed within `within` of the last one. */
  readonly loginDays: number;
  readonly within: Duration;
  /** A silence is never alarming before this. */
  readonly atLeast: Duration;
  /** ... nor before this many times the customer's own mean gap between login days. */
  readonly gaps: number;
}

/**
 * When a login habit counts as stopped if nobody logs in again, or undefined when there is no habit.
 *
 * @param before only login days before this day count, for looking back at an earlier moment
 */
export function habitStopsAt(days: LoginDays, policy: LoginHabitPolicy, before?: number): Instant | undefined {
  const seen = before === undefined ? days : days.filter((day) => day < before);
  const last = seen.at(-1);
  if (last === undefined) return undefined;
  const recent = seen.filter((day) => (last - day) * DAY < policy.within);
  const first = recent[0];
  if (first === undefined || recent.length < policy.loginDays) return undefined;
  const meanGap = ((last - first) / (recent.length - 1)) * DAY;
  // The day itself counts as used to its end. Rounded up to the hour like every crossing: a mean has fractions.
  return ceilToHour((last + 1) * DAY + Math.max(policy.atLeast, policy.gaps * meanGap));
}
