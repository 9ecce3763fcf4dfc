/** What a clock on a wall somewhere says, as an instant. */
import type { Duration, Instant } from '../../shared/lifecycle/time.ts';

/** As a browser sends the value of a `datetime-local` field: without a zone. */
const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/u;

/** How far clocks in a zone are ahead of UTC at an instant. */
function aheadOfUtc(at: Instant, timeZone: string): Duration {
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  // Swedish dates are those of ISO 8601.
  return Date.parse(`${format.format(at).replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000;
}

/**
 * When clocks in a zone say so; in the hour they skip in spring, an hour later than they would. Undefined for text that is no
 * such time.
 *
 * @example instantIn('Europe/Berlin', '2026-11-30T09:00') // 08:00 UTC
 */
export function instantIn(timeZone: string, local: string): Instant | undefined {
  const wall = LOCAL.test(local) ? Date.parse(`${local}Z`) : NaN;
  if (Number.isNaN(wall)) return undefined;
  // The first guess may lie on the other side of a change of clocks.
  const guess = wall - aheadOfUtc(wall, timeZone);
  return wall - aheadOfUtc(guess, timeZone);
}

/** The opposite of {@link instantIn}: what such a field shows. */
export function wallClock(timeZone: string, at: Instant): string {
  return new Date(at + aheadOfUtc(at, timeZone)).toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length);
}
