/** How files of a shop's history are to be read, as options of a command, and how they turned out to be written. */
import { isCurrency } from '../../shared/lifecycle/facts/money.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';
import { UsageError } from '../local/usage-error.ts';
import { DECIMAL_MARKS, type DecimalMark } from './amounts.ts';
import type { BadRows } from './bad-rows.ts';
import { type ColumnNames, namedColumns } from './columns.ts';
import { DATE_ORDERS, type DateOrder } from './dates.ts';
import { clockIn } from './zones.ts';

/**
 * The last instant that a file of past happenings may tell of: it is some hours ahead of now where a day without a time
 * stands for its noon, or a clock is in another zone than was said.
 */
export function latestBelieved(now: Instant): Instant {
  return now + DAY;
}

/** All of it is found out where it is absent. */
export interface ReadingOptions {
  readonly columns?: ColumnNames;
  /** As the WHATWG Encoding Standard names it, such as windows-1251. */
  readonly encoding?: string;
  readonly dateOrder?: DateOrder;
  readonly decimalMark?: DecimalMark;
  /** IANA name of the zone of dates that name none; UTC where absent. */
  readonly timeZone?: string;
  /** ISO 4217 code of amounts without one; USD where absent. */
  readonly currency?: string;
  /** Whether the ids of customers are addresses that are replaced by their hash. */
  readonly hashIds?: boolean;
  /** Dates of orders, logins, complaints and cancellations after this instant are refused; absent: none is. */
  readonly notAfter?: Instant;
  /** Bad rows kept with their line. */
  readonly badRowsKept?: number;
  /** @param read bytes of the file so far, out of `total`; starts again when the file has to be read twice */
  readonly onProgress?: (read: number, total: number) => void;
}

/** How a file turned out to be written. */
interface FoundFormat {
  readonly encoding: string;
  readonly delimiter: string;
  readonly header: readonly string[];
  /** Names of the columns by field. */
  readonly columns: Readonly<Record<string, string>>;
  readonly timeZone: string;
  readonly currency: string;
  /** What a person should know to trust, or correct, what was found out: whole sentences. */
  readonly notes: readonly string[];
}

export interface Reading {
  /** Rows left out. */
  readonly bad: BadRows;
  /** Rows that were read without a cell that cannot be read. */
  readonly incomplete: BadRows;
  /** Records after the header, the bad ones included. */
  readonly rows: number;
  readonly format: FoundFormat;
}

export const READING_ARGUMENTS = {
  column: { type: 'string', multiple: true },
  encoding: { type: 'string' },
  'date-order': { type: 'string' },
  decimal: { type: 'string' },
  'time-zone': { type: 'string' },
  currency: { type: 'string' },
  'hash-ids': { type: 'boolean' },
} as const;

export const READING_HELP = `How files are read (found out where it is not said)
  --column FIELD=NAME   the column of a field, such as date="Bestelldatum"; may be repeated
  --date-order ORDER    dmy or mdy: what 3/5/2024 means
  --decimal MARK        "." or ",": what stands before decimals in 1.234
  --time-zone ZONE      of dates without a zone, such as Europe/Stockholm (default UTC)
  --currency CODE       of amounts without a currency, such as EUR (default USD)
  --encoding NAME       such as windows-1251
  --hash-ids            customers are named by e-mail address: their ids become hashes of it`;

/** @throws UsageError naming the option and what it expects */
export function readingOptions(values: {
  readonly column?: readonly string[] | undefined;
  readonly encoding?: string | undefined;
  readonly 'date-order'?: string | undefined;
  readonly decimal?: string | undefined;
  readonly 'time-zone'?: string | undefined;
  readonly currency?: string | undefined;
  readonly 'hash-ids'?: boolean | undefined;
}): ReadingOptions {
  const { encoding, decimal, 'date-order': order, 'time-zone': timeZone } = values;
  const currency = values.currency?.toUpperCase();
  const dateOrder = DATE_ORDERS.find((each) => each === order);
  const decimalMark = DECIMAL_MARKS.find((each) => each === decimal);
  if (order !== undefined && dateOrder === undefined)
    throw new UsageError(`--date-order expects dmy or mdy, found "${order}"`);
  if (decimal !== undefined && decimalMark === undefined)
    throw new UsageError(`--decimal expects "." or ",", found "${decimal}"`);
  if (timeZone !== undefined) clockIn(timeZone);
  if (currency !== undefined && !isCurrency(currency))
    throw new UsageError(`--currency expects an ISO 4217 code such as EUR, found "${values.currency}"`);
  return {
    columns: namedColumns(values.column ?? []),
    ...(encoding !== undefined && { encoding }),
    ...(dateOrder !== undefined && { dateOrder }),
    ...(decimalMark !== undefined && { decimalMark }),
    ...(timeZone !== undefined && { timeZone }),
    ...(currency !== undefined && { currency }),
    hashIds: values['hash-ids'] === true,
  };
}
