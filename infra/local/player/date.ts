/** Dates as exports write them. Everything without a zone is UTC, so a file plays alike on every machine. */
import { DAY } from '../../../shared/lifecycle/time.ts';

const PATTERN =
  /^(?<day>\d{4}-\d{2}-\d{2})(?:[T ](?<time>\d{2}:\d{2})(?<seconds>:\d{2}(?:\.\d{1,9})?)?(?<zone>Z|[+-]\d{2}:?\d{2})?)?$/i;

/** The contract of the events takes nothing before 1990; a year after 2100 is a typing error. */
const YEARS = { first: 1990, last: 2100 } as const;

/** Where a play stops. What happens at the very instant belongs to it or does not: a day ends before its midnight. */
export interface End {
  /** Epoch milliseconds. */
  readonly instant: number;
  readonly included: boolean;
}

export interface ExportDate {
  /** Epoch milliseconds. A date without a time stands at noon: its time is unknown, and noon is off by 12 h at most. */
  readonly instant: number;
  /** When the named span is over: short of the midnight after a date, with the instant itself of a date-time. */
  readonly end: End;
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
  if (time === undefined) return { instant: midnight + DAY / 2, end: endOfDay(midnight) };
  const colonZone = zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const instant = Date.parse(`${day}T${time}${seconds}${colonZone}`);
  return Number.isNaN(instant) ? undefined : { instant, end: { instant, included: true } };
}

/** The midnight (UTC) that ends the day of an instant; it belongs to the next day. */
export function endOfDay(instant: number): End {
  return { instant: Math.floor(instant / DAY) * DAY + DAY, included: false };
}
