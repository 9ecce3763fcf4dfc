/** Instants in words. Absolute times are in UTC and say so. */
import { BEFORE_RECORDS, DAY, type Duration, HOUR, inDays, type Instant, MINUTE } from '../time.ts';

const ABSOLUTE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });

/** From this long on a distance is told in months. */
const MONTHS_FROM = 60 * DAY;
const MONTH = 30.44 * DAY;

/** In place of an instant nobody knows: "Lead since before records began (date unknown)". */
const UNDATED = { when: 'before records began', distance: 'date unknown' } as const;

/** "22 Nov 2026, 06:04 UTC" */
export function absolute(at: Instant): string {
  return at === BEFORE_RECORDS ? UNDATED.when : `${ABSOLUTE.format(at)} UTC`;
}

/** "22 Nov 2026" */
export function dateOf(at: Instant): string {
  return at === BEFORE_RECORDS ? UNDATED.when : DATE.format(at);
}

/** "3 minutes ago", "in 2 days"; less than a minute either way is "just now" or "in a moment". */
export function relative(at: Instant, now: Instant): string {
  if (at === BEFORE_RECORDS) return UNDATED.distance;
  const distance = Math.abs(now - at);
  if (distance < MINUTE) return at > now ? 'in a moment' : 'just now';
  const words = inWords(distance);
  return at > now ? `in ${words}` : `${words} ago`;
}

function inWords(distance: number): string {
  if (distance < HOUR) return plural(Math.floor(distance / MINUTE), 'minute');
  if (distance < DAY) return plural(Math.floor(distance / HOUR), 'hour');
  if (distance < MONTHS_FROM) return plural(Math.floor(distance / DAY), 'day');
  return plural(Math.floor(distance / MONTH), 'month');
}

/** "36 hours", "14 days": a duration of the playbook. */
export function lasting(duration: Duration): string {
  return duration < 2 * DAY && duration % DAY !== 0 ? plural(Math.round(duration / HOUR), 'hour') : inDays(duration);
}

/** "1 mail", "2,357 mails" */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : nouns}`;
}
