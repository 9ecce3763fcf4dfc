/** Dates of the command line, read as those of exports are. Everything without a zone is UTC, so a play is alike on every machine. */
import { DAY } from '../../../shared/lifecycle/time.ts';
import { readDate as readExportDate } from '../../history/dates.ts';

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

/** 14:33, T1433, 20240305143302, 1709649182, 05.03.2024 14.33 */
const HAS_TIME = /\d:\d|\dT\d|^\d{9,}|\d{4},?\s+\d{1,2}[.h]\d{2}/;
const asUtc = { toInstant: (wall: number) => wall };

/** Reads a date whose meaning needs no file around it, such as `2026-03-05`; undefined when it names no such instant. */
export function readDate(text: string): ExportDate | undefined {
  const instant = readExportDate(text, asUtc);
  if (typeof instant !== 'number') return undefined;
  return { instant, end: HAS_TIME.test(text) ? { instant, included: true } : endOfDay(instant) };
}

/** The midnight (UTC) that ends the day of an instant; it belongs to the next day. */
export function endOfDay(instant: number): End {
  return { instant: Math.floor(instant / DAY) * DAY + DAY, included: false };
}
