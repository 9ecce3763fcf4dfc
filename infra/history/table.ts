/**
 * Reads a file with a header row by row, and hands over cells as text, instants and amounts. What one cell leaves open
 * (3/5/2024; 1.234) is decided once for the whole file, by all of it: reading then starts over with the decision.
 */
import { basename } from 'node:path';
import { amount as amountField } from '../../shared/lifecycle/events/fields.ts';
import { LARGEST_AMOUNT } from '../../shared/lifecycle/facts/money.ts';
import { type DecimalMark, readAmount } from './amounts.ts';
import { badRowsOf, type Fault } from './bad-rows.ts';
import { bare } from './cell.ts';
import { expectColumns, type Field, FIELDS, type Places, placesOf } from './columns.ts';
import { type DateOrder, readDate } from './dates.ts';
import { encodingInWords, openText } from './encoding.ts';
import { UsageError } from '../local/usage-error.ts';
import type { Reading, ReadingOptions } from './reading.ts';
import { readRecords } from './records.ts';
import { surveyOf } from './survey.ts';
import { clockIn } from './zones.ts';

/** What may stand between two cells, the most usual first. */
const DELIMITERS = [',', ';', '\t', '|'] as const;
/** Shops and banks write a title above the header: so many records are looked at for it. */
const TITLE_RECORDS = 20;
/** First line of files that Excel writes for itself. */
const EXCEL_HINT = /^sep=(.)$/i;
export const DEFAULTS = { timeZone: 'UTC', currency: 'USD' } as const;
export const TOO_MANY_FIELDS = 'has more fields than the header; a field that holds a comma must be quoted';
export const UNCLOSED = 'opens a quote that is not closed';
const DATE_EXPECTED = 'expected a date such as 2024-03-05 or 2024-03-05T14:33:02+01:00 between 1990 and 2100';
const ZONE_EXPECTED =
  'expected a time zone such as +01:00 or America/Chicago; of an abbreviation with several meanings, such as CST, --time-zone says which';

/** The columns a reader asks for. */
export interface TableShape {
  readonly fields: readonly Field[];
  readonly required: readonly Field[];
  readonly dates: readonly Field[];
  readonly amounts: readonly Field[];
  /** Whether rows are handed over, too, of which nobody knows where one cell ends and the next begins: refused already. */
  readonly takesTorn?: true;
}

/** The row at hand; it is another one when the next row is read. */
export interface Row {
  has(field: Field): boolean;
  /** Without blanks around it; empty when the cell or the column is. */
  text(field: Field): string;
  /** Epoch milliseconds; NaN when the cell is empty or was refused. */
  instant(field: Field): number;
  /** As `instant`, but an empty cell is refused, too. */
  needed(field: Field): number;
  /** Major units, never negative; NaN when the cell is empty or was refused. */
  amount(field: Field): number;
  refuse(fault: Fault): void;
  /** The row is read without a cell. */
  leaveOut(fault: Fault): void;
  /** Of the file, counted from 1, on which the row ends. */
  readonly line: number;
  readonly isRefused: boolean;
  /** All that stands between two marks, in whatever column; only of a row that is torn or has several lines. */
  pieces(): readonly string[];
}

interface HeaderFound {
  readonly header: readonly string[];
  /** The line on which it begins. */
  readonly begins: number;
  /** Whether a title stands above it. */
  readonly hasTitle: boolean;
}

interface Opened extends HeaderFound {
  readonly delimiter: string;
  readonly places: Places;
}

/**
 * @param onRow reads what it needs, then keeps nothing of a row that is refused
 * @param startOver forget all rows so far: the file is read again
 * @throws UsageError when the file cannot be read or its header lacks a column
 */
export async function readTable(
  file: string,
  shape: TableShape,
  options: ReadingOptions,
  onRow: (row: Row) => void,
  startOver: () => void,
): Promise<Reading> {
  const opened = await openTable(file, shape, options);
  const { header, begins: headerLine, delimiter, places } = opened;
  const bad = badRowsOf(basename(file), options.badRowsKept);
  const incomplete = badRowsOf(basename(file), options.badRowsKept);
  const toInstant = clockIn(options.timeZone ?? DEFAULTS.timeZone);
  const notAfter = options.notAfter ?? Infinity;
  const notes: string[] = opened.hasTitle ? [`The header is taken to be on line ${headerLine}, below a title.`] : [];
  let order: DateOrder | undefined = options.dateOrder;
  let mark: DecimalMark | undefined = options.decimalMark;
  let rules = { order, toInstant };

  let cells: readonly string[] = [];
  let faults: Fault[] = [];
  let leftOut: Fault[] = [];
  let line = 0;
  let isUndecided = false;
  let isWhole = true;
  /** Exports are sorted more often than not, so a date is often the one before. */
  let [lastDate, lastInstant] = ['', NaN];

  const text = (field: Field): string => {
    const place = places.get(field);
    return place === undefined ? '' : bare(cells[place] ?? '');
  };
  const row: Row = {
    has: (field) => places.has(field),
    text,
    instant(field) {
      const cell = text(field);
      if (cell === '') return NaN;
      if (cell === lastDate) return lastInstant;
      const read = readDate(cell, rules);
      if (read === 'ambiguous') isUndecided = true;
      else if (read === 'no date') faults.push({ expected: `${field}: ${DATE_EXPECTED}`, found: cell });
      else if (read === 'unclear zone') faults.push({ expected: `${field}: ${ZONE_EXPECTED}`, found: cell });
      else if (read > notAfter)
        faults.push({ expected: `${field}: expected a date that is not in the future`, found: cell });
      else {
        [lastDate, lastInstant] = [cell, read];
        return read;
      }
      return NaN;
    },
    needed(field) {
      if (text(field) === '') faults.push({ expected: `${field}: missing` });
      return row.instant(field);
    },
    amount(field) {
      const cell = text(field);
      if (cell === '') return NaN;
      const read = readAmount(cell, mark);
      if (typeof read === 'number' && read >= 0 && read <= LARGEST_AMOUNT) return read;
      if (read === 'ambiguous') isUndecided = true;
      else faults.push({ expected: `${field}: ${AMOUNT_EXPECTED}`, found: cell });
      return NaN;
    },
    refuse: (fault) => faults.push(fault),
    leaveOut: (fault) => leftOut.push(fault),
    get line() {
      return line;
    },
    get isRefused() {
      return isUndecided || faults.length > 0;
    },
    pieces: () =>
      isWhole ? [] : cells.flatMap((cell) => cell.split(/\n/u).flatMap((each) => piecesOf(each, delimiter))),
  };
  const torn = (record: readonly string[], ends: number, expected: string): void => {
    [cells, line, isWhole] = [record, ends, false];
    faults = [{ expected }];
    leftOut = [];
    if (shape.takesTorn === true) onRow(row);
  };

  for (;;) {
    let rows = 0;
    const { chunks, encoding } = await openText(file, options);
    await readRecords(
      chunks,
      { delimiter },
      (record, begins, ends) => {
        // Files that were put together from several have a header in the middle.
        if (begins < headerLine || isHeader(record, header)) return true;
        rows += 1;
        if (record.length > header.length && record.slice(header.length).some((cell) => cell !== ''))
          torn(record, ends, TOO_MANY_FIELDS);
        else {
          cells = record;
          line = ends;
          isWhole = begins === ends;
          if (faults.length > 0) faults = [];
          if (leftOut.length > 0) leftOut = [];
          onRow(row);
        }
        if (isUndecided) return false;
        if (faults.length > 0) bad.add(begins, ends, [...faults, ...leftOut]);
        else if (leftOut.length > 0) incomplete.add(begins, ends, leftOut);
        return true;
      },
      (unclosed, written) => {
        if (unclosed < headerLine) return;
        rows += 1;
        torn(piecesOf(written, delimiter), unclosed, UNCLOSED);
        bad.add(unclosed, unclosed, faults);
      },
    );
    if (!isUndecided) {
      const columns = Object.fromEntries([...places].map(([field, place]) => [field, header[place] ?? '']));
      const { timeZone = DEFAULTS.timeZone, currency = DEFAULTS.currency } = options;
      const format = { encoding: encodingInWords(encoding), delimiter, header, columns, timeZone, currency, notes };
      return { bad: bad.done(), incomplete: incomplete.done(), rows, format };
    }
    const survey = await surveyOf(file, opened, shape, options);
    order ??= survey.dateOrder;
    mark ??= survey.decimalMark;
    rules = { order, toInstant };
    notes.push(...survey.notes);
    isUndecided = false;
    [lastDate, lastInstant] = ['', NaN];
    bad.clear();
    incomplete.clear();
    startOver();
  }
}

const AMOUNT_EXPECTED = expectedBy(amountField);

/** What the contract of the events says about what it refuses. */
function expectedBy(field: typeof amountField): string {
  return field.safeParse('').error?.issues[0]?.message ?? 'expected an amount';
}

/** Tells the delimiter by what makes most sense of the header. */
async function openTable(file: string, shape: TableShape, options: ReadingOptions): Promise<Opened> {
  const named = options.columns ?? {};
  const { encoding } = options;
  const { chunks } = await openText(file, encoding === undefined ? {} : { encoding });
  let first: Buffer | undefined;
  for await (const chunk of chunks) {
    first = chunk;
    break;
  }
  let best: (HeaderFound & { readonly delimiter: string; readonly score: readonly [number, number] }) | undefined;
  // A column that was named and is not there is an error of the delimiter at first, and of the person in the end.
  const known = (header: readonly string[]): Places => placesOf(header, FIELDS, {}, file);
  /** How many columns of a header are known; 0 where one that is needed is missing. */
  const knownOf = (header: readonly string[]): number => {
    const found = known(header);
    const isWhole = shape.required.every(
      (field) => found.has(field) || (field === 'customer_id' && found.has('email')) || holds(header, named[field]),
    );
    return isWhole ? found.size + Object.values(named).filter((name) => holds(header, name)).length : 0;
  };
  for (const delimiter of DELIMITERS) {
    const found = await headerIn(first, delimiter, knownOf);
    const score = [known(found.header).size, found.header.length] as const;
    if (best === undefined || score[0] > best.score[0] || (score[0] === best.score[0] && score[1] > best.score[1]))
      best = { ...found, delimiter, score };
  }
  const { delimiter = ',', header = [], begins = 1, hasTitle = false } = best ?? {};
  const places = new Map(placesOf(header, shape.fields, named, file));
  if (shape.required.includes('customer_id')) nameByAddress(places, header, file, options.hashIds === true);
  expectColumns(places, shape.required, header, file);
  return { delimiter, header, begins, hasTitle, places };
}

/**
 * Where nothing else names customers, their address does, if that is wanted.
 *
 * @throws UsageError when it is not
 */
function nameByAddress(places: Map<Field, number>, header: readonly string[], file: string, hashIds: boolean): void {
  const address = places.get('email');
  if (places.has('customer_id') || address === undefined) return;
  if (!hashIds)
    throw new UsageError(
      `${file}: only their e-mail address names the customers (column "${header[address] ?? ''}"), and an address must not become an id: it would reach keys and logs. --hash-ids replaces addresses by their hash; --column customer_id="..." names another column`,
    );
  places.set('customer_id', address);
}

/**
 * Of the records with all columns that are needed the one with most columns that are known, for a title may be a word that
 * is one, too; else the first of all: messages are about that one.
 */
async function headerIn(
  text: Buffer | undefined,
  delimiter: string,
  knownOf: (header: readonly string[]) => number,
): Promise<HeaderFound> {
  let first: HeaderFound | undefined;
  let best: (HeaderFound & { readonly known: number }) | undefined;
  let records = 0;
  const look = (record: readonly string[], begins: number): boolean => {
    if (isHint(record)) return true;
    const header = record.map((name) => name.trim());
    first ??= { header, begins, hasTitle: false };
    const known = knownOf(header);
    if (known > (best?.known ?? 0)) best = { header, begins, hasTitle: records > 0, known };
    records += 1;
    return records <= TITLE_RECORDS;
  };
  if (text !== undefined) await readRecords(only(text), { delimiter }, look, () => undefined);
  return best ?? first ?? { header: [], begins: 1, hasTitle: false };
}

/** What stands between two marks, quotes aside. */
function piecesOf(text: string, delimiter: string): readonly string[] {
  return text.split(delimiter).map((piece) => piece.replaceAll('"', '').trim());
}

function holds(header: readonly string[], name: string | undefined): boolean {
  return name !== undefined && header.includes(name);
}

// oxlint-disable-next-line require-await -- the reader of records takes what arrives over time
async function* only(text: Buffer): AsyncGenerator<Buffer> {
  yield text;
}

function isHint(record: readonly string[]): boolean {
  return EXCEL_HINT.test(record.join(','));
}

function isHeader(record: readonly string[], header: readonly string[]): boolean {
  return record.length === header.length && record.every((cell, place) => cell.trim() === header[place]);
}
