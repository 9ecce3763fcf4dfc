/**
 * Reads a shop's exports row by row. A bad row is reported with file, line and reason and never stops the reading;
 * what it reports names columns and values, but no e-mail address.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { SEVERITIES } from '../../../shared/lifecycle/facts/complaints.ts';
import {
  address,
  amount,
  currency,
  customerId,
  identifier,
  locale,
  personName,
  shortText,
} from '../../../shared/lifecycle/events/fields.ts';
import { UsageError } from '../usage-error.ts';
import { readDate } from './date.ts';

/** Characters of a bad value that a report repeats. */
const QUOTED_LIMIT = 40;
/** A record longer than this (bytes) is an unclosed quote, not a row. */
const RECORD_LIMIT_BYTES = 100_000;
const TOO_MANY_FIELDS = 'has more fields than the header; a field that holds a comma must be quoted';
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

export interface BadRow {
  readonly file: string;
  /** Line of the file, counted from 1, on which the row ends. */
  readonly line: number;
  readonly reason: string;
}

export interface Reading<T> {
  readonly rows: readonly T[];
  readonly bad: readonly BadRow[];
}

/** What a field of the event contract offers, whichever flavour of the schema library it was written in. */
interface Field<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: readonly { message: string }[] } };
}

const severity = z.enum(SEVERITIES, { error: `expected one of ${SEVERITIES.join(', ')}` });

/** A cell that a row needs or may hold; an absent column and an empty cell are the same. */
const cell = z
  .string()
  .default('')
  .transform((text) => text.trim());

/** Turns a cell into a value; `read` returns the reason as an Error when it cannot. */
function column<T>(read: (text: string) => T | Error) {
  return cell.transform((text, context) => {
    const value = read(text);
    if (!(value instanceof Error)) return value;
    context.addIssue({ code: 'custom', message: value.message });
    return z.NEVER;
  });
}

function optional<T>(read: (text: string) => T | Error) {
  return column((text) => (text === '' ? undefined : read(text)));
}

function quoted(text: string): string {
  const characters = Array.from(text);
  return characters.length > QUOTED_LIMIT ? `"${characters.slice(0, QUOTED_LIMIT).join('')}..."` : `"${text}"`;
}

/** Reads a cell with a field of the event contract, so that what is accepted here is accepted by the pipeline. */
function matching<T>(field: Field<T>, prepare: (text: string) => unknown = (text) => text) {
  return (text: string): T | Error => {
    if (text === '') return new Error('missing');
    const result = field.safeParse(prepare(text));
    return result.success ? result.data : new Error(result.error.issues.map((issue) => issue.message).join('; '));
  };
}

function readInstant(text: string): number | Error {
  if (text === '') return new Error('missing');
  return (
    readDate(text)?.instant ??
    new Error(`expected YYYY-MM-DD or YYYY-MM-DDThh:mm:ss between 1990 and 2100, found ${quoted(text)}`)
  );
}

function readAmount(text: string): number | Error {
  const read = matching(amount, (decimal) => (DECIMAL.test(decimal) ? Number(decimal) : decimal))(text);
  // -0 passes for 0 in every check but prints differently.
  if (read === 0) return 0;
  return read instanceof Error && text !== '' ? new Error(`${read.message}, found ${quoted(text)}`) : read;
}

const readCustomer = matching(customerId);
const readAddress = matching(address);
const readCurrency = matching(currency, (text) => text.toUpperCase());

const order = z.object({
  customer_id: column(readCustomer),
  date: column(readInstant),
  amount: column(readAmount),
  order_id: optional(matching(identifier('the order id'))),
  email: optional(readAddress),
  name: optional(matching(personName)),
  locale: optional(matching(locale)),
  currency: optional(readCurrency),
  discount: optional(readAmount),
});
const login = z.object({ customer_id: column(readCustomer), date: column(readInstant) });
const complaint = z
  .object({
    customer_id: column(readCustomer),
    date: column(readInstant),
    complaint_id: optional(matching(identifier('the complaint id'))),
    channel: optional(matching(shortText('the channel, such as email or phone'))),
    severity: optional(matching(severity, (text) => text.toLowerCase())),
    resolved: optional(readInstant),
  })
  .refine((row) => row.resolved === undefined || row.resolved >= row.date, {
    path: ['resolved'],
    error: 'expected a date that is not before the complaint',
  });

const CODE = /^[^\s\p{C}]{1,64}$/u;
const code = z.object({
  code: column((text) => {
    if (text === '') return new Error('missing');
    return CODE.test(text) ? text : new Error(`expected at most 64 characters without blanks, found ${quoted(text)}`);
  }),
});

export type OrderRow = z.infer<typeof order>;
export type LoginRow = z.infer<typeof login>;
export type ComplaintRow = z.infer<typeof complaint>;

/** @throws UsageError when the file cannot be read or its header lacks a column */
export function readOrders(file: string): Promise<Reading<OrderRow>> {
  return readRows(file, ['customer_id', 'date', 'amount'], (cells) => order.safeParse(cells));
}

/** @throws UsageError when the file cannot be read or its header lacks a column */
export function readLogins(file: string): Promise<Reading<LoginRow>> {
  return readRows(file, ['customer_id', 'date'], (cells) => login.safeParse(cells));
}

/** @throws UsageError when the file cannot be read or its header lacks a column */
export function readComplaints(file: string): Promise<Reading<ComplaintRow>> {
  return readRows(file, ['customer_id', 'date'], (cells) => complaint.safeParse(cells));
}

/** @throws UsageError when the file cannot be read or its header lacks the column `code` */
export async function readCodes(file: string): Promise<Reading<string>> {
  const { rows, bad } = await readRows(file, ['code'], (cells) => code.safeParse(cells));
  return { rows: rows.map((row) => row.code), bad };
}

async function readRows<T>(
  file: string,
  required: readonly string[],
  check: (cells: Readonly<Record<string, string>>) => z.ZodSafeParseResult<T>,
): Promise<Reading<T>> {
  const name = basename(file);
  const rows: T[] = [];
  const bad: BadRow[] = [];
  let columns: string[] | undefined;
  /** The last line that has been dealt with. */
  let done = 0;

  /** Reads on after `done`; answers whether it came upon a quote that is not closed and gave up there. */
  async function readOn(): Promise<boolean> {
    const unclosed = new AbortController();
    const before = done;
    const parser = parse({
      bom: true,
      columns:
        columns ??
        ((header: string[]) => {
          done = 1;
          return (columns = columnsOf(header, required, file));
        }),
      max_record_size: RECORD_LIMIT_BYTES,
      // A quote inside a field is text. Strict parsing would lose every row up to the next quote.
      relax_quotes: true,
      relax_column_count_less: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_record: (cells: Readonly<Record<string, string>>, { lines }) => {
        if (unclosed.signal.aborted) return null;
        done = before + lines;
        const row = check(cells);
        if (row.success) rows.push(row.data);
        else bad.push({ file: name, line: done, reason: reasonOf(row.error) });
        return null;
      },
    }).on('skip', (error: unknown) => {
      if (!(error instanceof CsvError) || unclosed.signal.aborted) return;
      if (error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE') {
        unclosed.abort();
        return;
      }
      const lines: unknown = error['lines'];
      if (typeof lines === 'number') done = before + lines;
      const tooMany = error.code === 'CSV_RECORD_INCONSISTENT_COLUMNS';
      bad.push({ file: name, line: done, reason: tooMany ? TOO_MANY_FIELDS : error.message });
    });
    try {
      await pipeline(linesAfter(file, before), parser.resume(), { signal: unclosed.signal });
    } catch (cause) {
      if (cause instanceof UsageError) throw cause;
      if (!unclosed.signal.aborted) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new UsageError(`cannot read ${file}: ${why}`, { cause });
      }
    }
    return unclosed.signal.aborted;
  }

  // A forgotten quote would swallow every row after it, so reading starts again on the line after its own.
  while (await readOn()) {
    done = await firstFilledLine(file, done);
    bad.push({ file: name, line: done, reason: 'opens a quote that is not closed' });
  }
  if (columns === undefined) columnsOf([], required, file);
  return { rows, bad };
}

async function* linesAfter(file: string, skipped: number): AsyncGenerator<string> {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line += 1;
    if (line > skipped) yield `${text}\n`;
  }
}

/** Number of the first line after `skipped` that is not empty. */
async function firstFilledLine(file: string, skipped: number): Promise<number> {
  let line = skipped;
  for await (const text of linesAfter(file, skipped)) {
    line += 1;
    if (text !== '\n') break;
  }
  return line;
}

/** Spelling of the header does not matter, its names do. Columns nobody reads keep their own name. */
function columnsOf(header: readonly string[], required: readonly string[], file: string): string[] {
  const names = header.map((name) => name.trim().toLowerCase());
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new UsageError(
      `${file}: the header lacks ${missing.join(', ')}; the first line must name ${required.join(',')} (found ${quoted(header.join(','))})`,
    );
  }
  return names;
}

function reasonOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
}
