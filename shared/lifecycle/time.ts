/** Instants, days and durations of the core. An instant is epoch milliseconds; the core never asks for the present. */

export type Instant = number;
/** Milliseconds. */
export type Duration = number;

export const SECOND: Duration = 1000;
export const MINUTE: Duration = 60_000;
export const HOUR: Duration = 60 * MINUTE;
export const DAY: Duration = 24 * HOUR;

/** Later than every instant that can occur: the moment of something that is not going to happen. */
export const NEVER: Instant = Number.POSITIVE_INFINITY;

/** The instant of what an import tells without any date: before everything a shop may have told us since. */
export const BEFORE_RECORDS: Instant = Date.parse('2000-01-01T00:00:00Z');

/** Number of the UTC day an instant lies in, counted from 1970-01-01. */
export function utcDay(instant: Instant): number {
  return Math.floor(instant / DAY);
}

/** The least whole hour at or after an instant. */
export function ceilToHour(instant: Instant): Instant {
  return Math.ceil(instant / HOUR) * HOUR;
}

/** "1 day", "14 days": a duration in whole days for people. */
export function inDays(duration: Duration): string {
  const days = Math.round(duration / DAY);
  return days === 1 ? '1 day' : `${days} days`;
}
