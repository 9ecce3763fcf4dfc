/** The time of day where a customer lives, through every change of daylight saving. */
import { DAY, HOUR, type Instant, MINUTE } from '../time.ts';

export const MINUTES_PER_DAY = DAY / MINUTE;
/** No zone shifts its clock by more than this at once. */
export const LARGEST_SHIFT = 2 * HOUR;

/** A time zone: formatting an instant costs more than everything else a rule does, so what came of it is kept. */
interface Clock {
  readonly format: Intl.DateTimeFormat;
  /** Minutes by which local time is ahead of UTC, by whole UTC hours since the epoch. */
  readonly ahead: Map<number, number>;
}

const clocks = new Map<string, Clock | undefined>();

/** The clock of a zone; undefined where nobody knows the name. */
export function clockOf(timeZone: string): Clock | undefined {
  if (!clocks.has(timeZone)) {
    let clock: Clock | undefined;
    try {
      const format = new Intl.DateTimeFormat('en-GB', {
        timeZone,
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      });
      clock = { format, ahead: new Map() };
    } catch (cause) {
      // The name of a zone nobody knows is an answer, not a fault: the caller takes its safe window.
      if (!(cause instanceof RangeError)) throw cause;
    }
    clocks.set(timeZone, clock);
  }
  return clocks.get(timeZone);
}

function formatted({ format }: Clock, t: Instant): number {
  const [hours = '0', minutes = '0'] = format.format(t).split(':');
  return Number(hours) * 60 + Number(minutes);
}

const inDay = (minutes: number): number => (minutes + MINUTES_PER_DAY) % MINUTES_PER_DAY;
const utcMinute = (t: Instant): number => Math.floor(t / MINUTE) % MINUTES_PER_DAY;

function aheadAt(clock: Clock, hour: number): number {
  let ahead = clock.ahead.get(hour);
  if (ahead === undefined) {
    ahead = inDay(formatted(clock, hour * HOUR) - utcMinute(hour * HOUR));
    clock.ahead.set(hour, ahead);
  }
  return ahead;
}

/** Local minutes since midnight. */
export function minuteOfDay(clock: Clock, t: Instant): number {
  const hour = Math.floor(t / HOUR);
  const ahead = aheadAt(clock, hour);
  // Some zones shift their clock within the hour, such as at a minute past midnight.
  return ahead === aheadAt(clock, hour + 1) ? inDay(utcMinute(t) + ahead) : formatted(clock, t);
}

/**
 * The last millisecond of the day that `t` lies in.
 *
 * @param timeZone UTC where it is missing or nobody knows the name, as in the dates of mails
 */
export function endOfDay(t: Instant, timeZone: string | undefined): Instant {
  const clock = (timeZone === undefined ? undefined : clockOf(timeZone)) ?? clockOf('UTC');
  if (clock === undefined) return Math.ceil((t + 1) / DAY) * DAY - 1;
  const naive = Math.floor(t / MINUTE) * MINUTE + (MINUTES_PER_DAY - minuteOfDay(clock, t)) * MINUTE;
  const minute = minuteOfDay(clock, naive);
  if (minute === 0) return naive - 1;
  // The clock changes in between: on to midnight, or back to it; some zones have a day that begins an hour late.
  const midnight = naive + (minute > MINUTES_PER_DAY / 2 ? MINUTES_PER_DAY - minute : -minute) * MINUTE;
  return (minuteOfDay(clock, midnight) === 0 ? midnight : naive) - 1;
}
