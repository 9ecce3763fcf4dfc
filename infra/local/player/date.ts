/** Dates as exports write them. Everything without a zone is UTC, so a file plays alike on every machine. */
import { DAY } from '../../../shared/lifecycle/time.ts';

const PATTERN =
  /^(?<day>\d{4}-\d{2}-\d{2})(?:[T ](?<time>\d{2}:\d{2})(?<seconds>:\d{2}(?:\.\d{1,9})?)?(?<zone>Z|[+-]\d{2}:?\d{2})?)?$/i;

/** The contract of the events takes nothing before 1990; a year after 2100 is a typing error. */
const YEARS = { first: 1990, last: 2100 } as const;

export interface ExportDate {
  /** Epoch milliseconds. A date without a time stands at noon: its time is unknown, and noon is off by 12 h at most. */
  readonly instant: number;
  /** Epoch milliseconds at which the named span is over: the midnight after a date, the instant itself of a date-time. */
  readonly end: number;
}

/** Reads `YYYY-MM-DD` or `YYYY-MM-DDThh:mm[:ss[.fff]][zone]`; undefined when it names no instant of the calendar. */
export function readDate(text: string): ExportDate | undefined {
  const parts = PATTERN.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const { day = '', time, seconds = ':00', zone = 'Z' } = parts;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // Date.parse rolls 30 February over to March: only a day that reads back as written exists.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, day.length) !== day) return undefined;
  const year = new Date(midnight).getUTCFullYear();
  if (year < YEARS.first || year > YEARS.last) return undefined;
  if (time === undefined) return { instant: midnight + DAY / 2, end: midnight + DAY };
  const colonZone = zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const instant = Date.parse(`${day}T${time}${seconds}${colonZone}`);
  return Number.isNaN(instant) ? undefined : { instant, end: instant };
}

/** The midnight (UTC) that ends the day of an instant, epoch milliseconds. */
export function endOfDay(instant: number): number {
  return Math.floor(instant / DAY) * DAY + DAY;
}
