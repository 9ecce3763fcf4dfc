/**
 * Dates as exports write them. One rule for a whole file: which of two numbers is the day, and which zone the clock
 * stood in. A date without a time stands at noon: its time is unknown, and noon is off by 12 h at most.
 *
 * They are read here and not by a library, for those that take any format decide the order of day and month cell by cell
 * and read what looks like a date out of a text that is none.
 */
import { DAY, HOUR, MINUTE, SECOND } from '../../shared/lifecycle/time.ts';
import { monthNamed, withoutWeekday } from './calendar-words.ts';
import { instantAt, type ToInstant } from './zones.ts';

/** 05/03/2024: on 5 March (day first) or on 3 May (month first). */
export const DATE_ORDERS = ['dmy', 'mdy'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

/** The contract of the events takes nothing before 1990; a year after 2100 is a typing error. */
const YEARS = { first: 1990, last: 2100 } as const;
/** Two digits from here on are years of the last century. */
const CENTURY_TURNS_AT = 70;

/**
 * `+01:00`, `CET`, `Europe/Berlin`; Java, JavaScript, Go and Ruby say it again behind: `+02:00[Europe/Berlin]`,
 * `GMT+0200 (CEST)`, `+0200 CEST`.
 */
const ZONE = String.raw`(?:\s*(?<zone>[+\-\u2212]\d{1,2}(?::?\d{2})?|[a-z][\w/+\-\u2212:]*)(?:(?<=\d)\s+(?:[a-z]{2,5}|[+-]\d{2,4}))?)?(?:\s*[(\[](?<beside>[^()\[\]]+)[)\]])?`;
/** `14:33:02.5`, `14.33`, `14h33`, `2:33 PM`, `14:33 Uhr` */
const CLOCK = String.raw`(?<hour>\d{1,2})[:.h](?<minute>\d{2})(?:[:.](?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?(?:\s*(?<half>[ap]\.?\s?m)\.?(?![a-z]))?(?:\s*(?:Uhr|ч\.))?`;
/** What languages put between a date and its time. */
const AT = String.raw`(?:T|,?\s+(?:(?:at|um|kl\.?|à|a las|alle(?: ore)?|ore|om|o|в|о)\s+)?)`;
const TIME = `(?:${AT}${CLOCK}${ZONE})?`;
/** Russian and Ukrainian put the word for year behind it. */
const OF_YEAR = String.raw`(?:\s*(?:года|року|[гр]\.?))?`;

/** A day of XML may have a zone, too: `2024-03-05+01:00`. */
const YEAR_FIRST = new RegExp(
  String.raw`^(?<year>\d{4})(?<mark>[-/.])(?<month>\d{1,2})\k<mark>(?<day>\d{1,2})(?:(?<ofDay>Z|[+-]\d{2}:\d{2})|${TIME})$`,
  'iu',
);
const YEAR_LAST = new RegExp(
  String.raw`^(?<one>\d{1,2})(?<mark>[-/.])(?<two>\d{1,2})\k<mark>(?<year>\d{4}|\d{2})${OF_YEAR}${TIME}$`,
  'iu',
);
/** `20240305`, `20240305T143302Z`, `20240305143302` */
const WITHOUT_MARKS = new RegExp(
  String.raw`^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})(?:[T\s]?(?<hour>\d{2}):?(?<minute>\d{2})(?::?(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?${ZONE})?$`,
  'iu',
);
const ORDINAL = '(?:st|nd|rd|th|er|º|°)?';
const IN_WORDS: readonly RegExp[] = [
  // 5 March 2024, 5. März 2024, 05-Mar-24, 5 de marzo de 2024
  String.raw`^(?<day>\d{1,2})${ORDINAL}\.?[\s/-]*(?:(?:de|of)\s+)?(?<name>\p{L}{3,12})\.?,?[\s/-]*(?:de\s+)?(?<year>\d{4}|\d{2})${OF_YEAR}${TIME}$`,
  // March 5, 2024
  String.raw`^(?<name>\p{L}{3,12})\.?\s+(?<day>\d{1,2})${ORDINAL},?\s+(?<year>\d{4})${TIME}$`,
  // 2024-Mar-05
  String.raw`^(?<year>\d{4})[\s/-]+(?<name>\p{L}{3,12})\.?[\s/-]+(?<day>\d{1,2})${TIME}$`,
].map((form) => new RegExp(form, 'iu'));
/** Mar 05 14:33:02 CET 2024, as Java and `date` write it: the year comes last. */
const YEAR_AT_THE_END = /^(\p{L}{3,12}\s+\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?(?:\s+\S+)?)\s+(\d{4})$/u;
/** Characters; the longest forms, with words for day, month and zone, have some 70. */
const LONGEST = 100;
const EPOCH_SECONDS = /^\d{9,10}(?:\.\d+)?$/;
const EPOCH_MILLISECONDS = /^\d{12,13}$/;

/** How the dates of a file are read. */
export interface DateRules {
  /** Absent as long as no date has needed it. */
  readonly order?: DateOrder | undefined;
  /** Epoch milliseconds of a clock's reading, itself given as if the clock stood in UTC. */
  readonly toInstant: ToInstant;
}

/** Epoch milliseconds, or why there are none. */
export type ReadDate = number | 'ambiguous' | 'unclear zone' | 'no date';

type Parts = Readonly<Record<string, string | undefined>>;

/**
 * @returns 'ambiguous' when the order of day and month decides and is not known; 'unclear zone' when the time has a zone
 * that nobody knows, or that has several meanings
 */
export function readDate(text: string, rules: DateRules): ReadDate {
  if (text.length > LONGEST) return 'no date';
  const parts = YEAR_FIRST.exec(text)?.groups;
  if (parts !== undefined) return readNumbers(parts, rules);
  const numbers = yearLast(text);
  if (numbers !== undefined) return readYearLast(numbers, rules);
  if (EPOCH_SECONDS.test(text)) return inRange(Number(text) * SECOND);
  const milliseconds = EPOCH_MILLISECONDS.test(text) ? inRange(Number(text)) : 'no date';
  // No digits are both: as milliseconds, those of 202403051433 are an instant of 1976.
  if (milliseconds !== 'no date') return milliseconds;
  const digits = WITHOUT_MARKS.exec(text)?.groups;
  return digits === undefined ? readInWords(text, rules) : readNumbers(digits, rules);
}

/** Which order a date must be in; undefined when it fits both or has a form that needs none. */
export function orderToldBy(text: string): DateOrder | undefined {
  if (text.length > LONGEST) return undefined;
  const parts = yearLast(text);
  if (parts === undefined || parts['mark'] === '.') return undefined;
  const [one, two] = [Number(parts['one']), Number(parts['two'])];
  if (one > 12) return 'dmy';
  return two > 12 ? 'mdy' : undefined;
}

/** Whether a clock of two times twelve hours is shown, as where the month comes first. */
export function hasHalfDays(text: string): boolean {
  return yearLast(text)?.['half'] !== undefined;
}

/** Two numbers before the year, with or without the day of the week. */
function yearLast(text: string): Parts | undefined {
  const numbers = /^\d/.test(text) ? text : withoutWeekday(text);
  return numbers === undefined ? undefined : YEAR_LAST.exec(numbers)?.groups;
}

function readNumbers(parts: Parts, rules: DateRules): ReadDate {
  return instantOf(Number(parts['year']), Number(parts['month']), Number(parts['day']), parts, rules);
}

function readYearLast(parts: Parts, rules: DateRules): ReadDate {
  const [one, two] = [Number(parts['one']), Number(parts['two'])];
  const year = yearIn(parts);
  // Nobody writes points between numbers and puts the month first.
  const order = parts['mark'] === '.' || one === two ? 'dmy' : rules.order;
  if (order === undefined) return one > 31 || two > 31 || (one > 12 && two > 12) ? 'no date' : 'ambiguous';
  return order === 'dmy' ? instantOf(year, two, one, parts, rules) : instantOf(year, one, two, parts, rules);
}

function yearIn({ year = '' }: Parts): number {
  const number = Number(year);
  return year.length === 4 ? number : number + (number < CENTURY_TURNS_AT ? 2000 : 1900);
}

function readInWords(text: string, rules: DateRules): ReadDate {
  const found = inWords(text.normalize('NFC'));
  if (found === undefined) return 'no date';
  const { parts, month } = found;
  return instantOf(yearIn(parts), month, Number(parts['day']), parts, rules);
}

function inWords(text: string): { readonly parts: Parts; readonly month: number } | undefined {
  const ordered = text.replace(YEAR_AT_THE_END, '$1 $3 $2');
  for (const form of IN_WORDS) {
    const parts = form.exec(ordered)?.groups;
    const month = monthNamed(parts?.['name'] ?? '');
    if (parts !== undefined && month !== undefined) return { parts, month };
  }
  // Last: Mar is Tuesday in Italian, and March in English.
  const rest = withoutWeekday(text);
  return rest === undefined ? undefined : inWords(rest);
}

function instantOf(year: number, month: number, day: number, parts: Parts, { toInstant }: DateRules): ReadDate {
  const { hour, minute = '0', second = '0', fraction = '', half, ofDay, zone = parts['beside'] } = parts;
  const midnight = Date.UTC(year, month - 1, day);
  // Date.UTC rolls 30 February over to March: only a day that reads back as written exists.
  if (month < 1 || month > 12 || new Date(midnight).getUTCDate() !== day) return 'no date';
  if (year < YEARS.first || year > YEARS.last) return 'no date';
  const noon = midnight + DAY / 2;
  if (ofDay !== undefined) return instantAt(noon, ofDay, toInstant) ?? 'unclear zone';
  if (hour === undefined) return toInstant(noon);
  const hours = hourOf(Number(hour), half);
  if (hours === undefined || Number(minute) > 59 || Number(second) > 59) return 'no date';
  const milliseconds = fraction === '' ? 0 : Math.floor(Number(`0.${fraction}`) * SECOND);
  const wall = midnight + hours * HOUR + Number(minute) * MINUTE + Number(second) * SECOND + milliseconds;
  return zone === undefined ? toInstant(wall) : (instantAt(wall, zone.trim(), toInstant) ?? 'unclear zone');
}

/** 0 to 23. */
function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour > 23 ? undefined : hour;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (/^p/i.test(half) ? 12 : 0);
}

function inRange(instant: number): ReadDate {
  const isIn = instant >= Date.UTC(YEARS.first, 0) && instant < Date.UTC(YEARS.last + 1, 0);
  return isIn ? Math.floor(instant) : 'no date';
}
