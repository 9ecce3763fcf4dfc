/**
 * Dates as exports write them. One rule for a whole file: which of two numbers is the day, and which zone the clock
 * stood in. A date without a time stands at noon: its time is unknown, and noon is off by 12 h at most.
 */
import { instantIn } from '../campaigns/wall-clock.ts';
import { UsageError } from '../local/usage-error.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';

/** 05/03/2024: on 5 March (day first) or on 3 May (month first). */
export const DATE_ORDERS = ['dmy', 'mdy'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

/** The contract of the events takes nothing before 1990; a year after 2100 is a typing error. */
const YEARS = { first: 1990, last: 2100 } as const;
/** Two digits from here on are years of the last century. */
const CENTURY_TURNS_AT = 70;
const SECOND = 1000;

const TIME =
  /(?:(?:T|,?\s+)(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?\s*(?<half>[ap]\.?m\.?)?\s*(?<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?/;
const YEAR_FIRST = new RegExp(
  `^(?<year>\\d{4})(?<mark>[-/.])(?<month>\\d{1,2})\\k<mark>(?<day>\\d{1,2})${TIME.source}$`,
  'i',
);
const YEAR_LAST = new RegExp(
  `^(?<one>\\d{1,2})(?<mark>[-/.])(?<two>\\d{1,2})\\k<mark>(?<year>\\d{4}|\\d{2})${TIME.source}$`,
  'i',
);
/** 5 March 2024, 5. März 2024, March 5, 2024 */
const IN_WORDS = new RegExp(
  `^(?:(?<before>\\d{1,2})\\.?\\s+(?:de\\s+)?(?<name>\\p{L}{3,12})|(?<name2>\\p{L}{3,12})\\.?\\s+(?<after>\\d{1,2}),?)\\.?\\s+(?:de\\s+)?(?<year>\\d{4})${TIME.source}$`,
  'iu',
);
/** 05-Mar-2024 */
const JOINED_BY_HYPHENS = /^(\d{1,2})-(\p{L}{3,12})-(\d{4})/u;
const EPOCH_SECONDS = /^\d{9,10}(?:\.\d+)?$/;
const EPOCH_MILLISECONDS = /^\d{12,13}$/;
const DIGITS_ONLY = /^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})$/;

/** Languages whose names of months are known. */
const LANGUAGES = ['en', 'de', 'sv', 'nb', 'da', 'nl', 'fr', 'es', 'it', 'pl', 'ru', 'uk'];

/** How the dates of a file are read. */
export interface DateRules {
  /** Absent as long as no date has needed it. */
  readonly order?: DateOrder | undefined;
  /** Epoch milliseconds of a clock's reading, itself given as if the clock stood in UTC. */
  readonly toInstant: (wall: number) => number;
}

/** Epoch milliseconds, or why there are none. */
export type ReadDate = number | 'ambiguous' | 'no date';

/** @returns 'ambiguous' when the order of day and month decides and is not known */
export function readDate(text: string, rules: DateRules): ReadDate {
  const parts = YEAR_FIRST.exec(text)?.groups;
  if (parts !== undefined)
    return instantOf(Number(parts['year']), Number(parts['month']), Number(parts['day']), parts, rules);
  const numbers = YEAR_LAST.exec(text)?.groups;
  if (numbers !== undefined) return readYearLast(numbers, rules);
  if (EPOCH_SECONDS.test(text)) return inRange(Number(text) * SECOND);
  if (EPOCH_MILLISECONDS.test(text)) return inRange(Number(text));
  const digits = DIGITS_ONLY.exec(text)?.groups;
  if (digits !== undefined)
    return instantOf(Number(digits['year']), Number(digits['month']), Number(digits['day']), {}, rules);
  return readInWords(text, rules);
}

/** Which order a date must be in; undefined when it fits both or has a form that needs none. */
export function orderToldBy(text: string): DateOrder | undefined {
  const parts = YEAR_LAST.exec(text)?.groups;
  if (parts === undefined || parts['mark'] === '.') return undefined;
  const [one, two] = [Number(parts['one']), Number(parts['two'])];
  if (one > 12) return 'dmy';
  return two > 12 ? 'mdy' : undefined;
}

/** Whether a clock of two times twelve hours is shown, as where the month comes first. */
export function hasHalfDays(text: string): boolean {
  return YEAR_LAST.exec(text)?.groups?.['half'] !== undefined;
}

function readYearLast(parts: Readonly<Record<string, string | undefined>>, rules: DateRules): ReadDate {
  const [one, two] = [Number(parts['one']), Number(parts['two'])];
  const short = Number(parts['year']);
  const year = parts['year']?.length === 4 ? short : short + (short < CENTURY_TURNS_AT ? 2000 : 1900);
  // Nobody writes points between numbers and puts the month first.
  const order = parts['mark'] === '.' || one === two ? 'dmy' : rules.order;
  if (order === undefined) return one > 31 || two > 31 || (one > 12 && two > 12) ? 'no date' : 'ambiguous';
  return order === 'dmy' ? instantOf(year, two, one, parts, rules) : instantOf(year, one, two, parts, rules);
}

function readInWords(text: string, rules: DateRules): ReadDate {
  const parts = IN_WORDS.exec(text.replace(JOINED_BY_HYPHENS, '$1 $2 $3'))?.groups;
  const month = monthNamed(parts?.['name'] ?? parts?.['name2'] ?? '');
  if (parts === undefined || month === undefined) return 'no date';
  return instantOf(Number(parts['year']), month, Number(parts['before'] ?? parts['after']), parts, rules);
}

let months: ReadonlyMap<string, number> | undefined;

/** 1 to 12. */
function monthNamed(name: string): number | undefined {
  months ??= new Map(
    LANGUAGES.flatMap((language) =>
      (['long', 'short'] as const).flatMap((width) => {
        // With a day, languages that decline names write them as dates do.
        const format = new Intl.DateTimeFormat(language, { month: width, day: 'numeric', timeZone: 'UTC' });
        return Array.from({ length: 12 }, (_, month): [string, number] => {
          const named = format.formatToParts(Date.UTC(2024, month, 1)).find(({ type }) => type === 'month');
          return [(named?.value ?? '').toLowerCase().replaceAll('.', ''), month + 1];
        });
      }),
    ),
  );
  return months.get(name.toLowerCase());
}

function instantOf(
  year: number,
  month: number,
  day: number,
  { hour, minute = '0', second = '0', fraction = '', half, zone }: Readonly<Record<string, string | undefined>>,
  { toInstant }: DateRules,
): ReadDate {
  const midnight = Date.UTC(year, month - 1, day);
  // Date.UTC rolls 30 February over to March: only a day that reads back as written exists.
  if (month < 1 || month > 12 || new Date(midnight).getUTCDate() !== day) return 'no date';
  if (year < YEARS.first || year > YEARS.last) return 'no date';
  if (hour === undefined) return toInstant(midnight + DAY / 2);
  const hours = hourOf(Number(hour), half);
  if (hours === undefined || Number(minute) > 59 || Number(second) > 59) return 'no date';
  const milliseconds = fraction === '' ? 0 : Math.floor(Number(`0.${fraction}`) * SECOND);
  const wall = midnight + hours * HOUR + Number(minute) * MINUTE + Number(second) * SECOND + milliseconds;
  return zone === undefined ? toInstant(wall) : wall - offsetOf(zone);
}

/** 0 to 23. */
function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour > 23 ? undefined : hour;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (/^p/i.test(half) ? 12 : 0);
}

/** Milliseconds that clocks in `+0100`, `+01:00`, `+01` or `Z` are ahead of UTC. */
function offsetOf(zone: string): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  const ahead = Number(hours) * HOUR + Number(minutes) * MINUTE;
  return sign === '-' ? -ahead : ahead;
}

function inRange(instant: number): ReadDate {
  const isIn = instant >= Date.UTC(YEARS.first, 0) && instant < Date.UTC(YEARS.last + 1, 0);
  return isIn ? Math.floor(instant) : 'no date';
}

/** Clocks change at such times, so their distance from UTC is looked up once in this time (ms). */
const CHANGE = 15 * MINUTE;

/**
 * Instants of what clocks in a zone show.
 *
 * @param timeZone an IANA name such as Europe/Stockholm
 * @throws UsageError when there is no such zone
 */
export function clockIn(timeZone: string): (wall: number) => number {
  try {
    new Intl.DateTimeFormat('en', { timeZone }).format(0);
  } catch (cause) {
    throw new UsageError(`expected a time zone such as Europe/Stockholm, found "${timeZone}"`, { cause });
  }
  if (timeZone === 'UTC') return (wall) => wall;
  const ahead = new Map<number, number>();
  return (wall) => {
    const step = Math.floor(wall / CHANGE) * CHANGE;
    let offset = ahead.get(step);
    if (offset === undefined) {
      offset = step - (instantIn(timeZone, new Date(step).toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length)) ?? step);
      ahead.set(step, offset);
    }
    return wall - offset;
  };
}
