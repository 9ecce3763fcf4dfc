/**
 * A shop's exports as rows the player lays out in time. A bad row is reported with file, line and reason and never stops
 * the reading; what it reports names columns and values, but no e-mail address.
 */
import path from 'node:path';
import { address, currency, identifier, locale, personName } from '../../../shared/lifecycle/events/fields.ts';
import { digitsOf, toMinor } from '../../../shared/lifecycle/facts/money.ts';
import type { BadRow } from '../../history/bad-rows.ts';
import { checked, readable } from '../../history/cell.ts';
import { type Complaint, readComplaintLog } from '../../history/complaints.ts';
import { type CurrencyMarks, currencyMarks } from '../../history/currency-marks.ts';
import { idOf } from '../../history/customer-index.ts';
import { incompleteInWords } from '../../history/file-readings.ts';
import { growingBytes, growingNumbers, growingPositions } from '../../history/growing.ts';
import { readLoginLog } from '../../history/moments.ts';
import { orderIdList } from '../../history/order-ids.ts';
import { mergeLines } from '../../history/order-lines.ts';
import { calledOff, mergingNotes, ORDERS } from '../../history/order-log.ts';
import type { ReadingOptions } from '../../history/reading.ts';
import { DEFAULTS, readTable, type Row, type TableShape } from '../../history/table.ts';

export type { BadRow } from '../../history/bad-rows.ts';

export interface Reading<T> {
  readonly rows: readonly T[];
  readonly bad: readonly BadRow[];
  /** What a person should know of how the file was read: whole sentences. */
  readonly notes: readonly string[];
}

export interface OrderRow {
  readonly customer_id: string;
  /** Epoch milliseconds. */
  readonly date: number;
  /** Major units. */
  readonly amount: number;
  readonly order_id: string | undefined;
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly locale: string | undefined;
  readonly currency: string | undefined;
  /** Major units. */
  readonly discount: number | undefined;
}

export interface LoginRow {
  readonly customer_id: string;
  /** Epoch milliseconds. */
  readonly date: number;
}

export interface ComplaintRow {
  readonly customer_id: string;
  /** Epoch milliseconds. */
  readonly date: number;
  readonly complaint_id: string | undefined;
  readonly channel: string | undefined;
  readonly severity: Complaint['severity'];
  /** Epoch milliseconds. */
  readonly resolved: number | undefined;
}

/** A row as it is read: further lines of an order may leave the amount to the first one, and it is NaN then. */
interface Line extends OrderRow {
  /** Of the file. */
  readonly line: number;
}

/** A purchase has a total, so an order without one cannot be played. */
const PLAYED_ORDERS: TableShape = {
  ...ORDERS,
  fields: [...ORDERS.fields, 'name', 'locale'],
  required: [...ORDERS.required, 'amount'],
};
const CODES: TableShape = { fields: ['code'], required: ['code'], dates: [], amounts: [] };
const CODE = /^[^\s\p{C}]{1,64}$/u;
const orderIdField = identifier('the order id');

/** @throws UsageError when the file cannot be read or its header lacks a column */
export async function readOrders(file: string, options: ReadingOptions = {}): Promise<Reading<OrderRow>> {
  let lines: Line[] = [];
  const marks = currencyMarks(options.currency);
  let isCalledOff = calledOff();
  const found = await readTable(
    file,
    PLAYED_ORDERS,
    complete(options),
    (row) => {
      const line = isCalledOff(row) ? undefined : orderIn(row, options.hashIds === true, marks);
      if (line !== undefined) lines.push(line);
    },
    () => {
      lines = [];
      isCalledOff = calledOff();
    },
  );
  const told = new Set(lines.flatMap(({ currency: code }) => code ?? []));
  const [only] = told.size === 1 ? told : [];
  const byDefault = options.currency ?? only;
  const ofOrder = new Map(
    lines.flatMap((line) => (line.currency === undefined ? [] : [[orderOf(line), line.currency]])),
  );
  const { rows, unpaid, notes } = oneRowPerOrder(
    lines.map((line) => ({ ...line, currency: line.currency ?? ofOrder.get(orderOf(line)) ?? byDefault })),
  );
  const missing = unpaid.map(({ line }) => ({ file: path.basename(file), line, reason: 'amount: missing' }));
  const bad = [...found.bad.kept, ...missing].toSorted((a, b) => a.line - b.line);
  return {
    rows,
    bad,
    notes: [...incompleteInWords(found.incomplete), ...found.format.notes, ...marks.notes(), ...notes],
  };
}

/** The lines of one order have it in common; a line without an order id is an order of its own. */
function orderOf({ customer_id: customer, order_id: order, line }: Line): string {
  return JSON.stringify(order === undefined ? line : [customer, order]);
}

/** @throws UsageError when the file cannot be read or its header lacks a column */
export async function readLogins(file: string, options: ReadingOptions = {}): Promise<Reading<LoginRow>> {
  const { log, bad, format } = await readLoginLog(file, complete(options));
  const rows = log.customers.flatMap((id, customer) =>
    Array.from(log.at.subarray(log.starts[customer], log.starts[customer + 1]), (date) => ({ customer_id: id, date })),
  );
  return { rows, bad: bad.kept, notes: format.notes };
}

/** @throws UsageError when the file cannot be read or its header lacks a column */
export async function readComplaints(file: string, options: ReadingOptions = {}): Promise<Reading<ComplaintRow>> {
  const { complaints, bad, format } = await readComplaintLog(file, complete(options));
  const rows = complaints.map(({ customerId, openedAt, complaintId, channel, severity, resolvedAt }) => ({
    customer_id: customerId,
    date: openedAt,
    complaint_id: complaintId,
    channel,
    severity,
    resolved: resolvedAt,
  }));
  return { rows, bad: bad.kept, notes: format.notes };
}

/** @throws UsageError when the file cannot be read or its header lacks the column `code` */
export async function readCodes(file: string): Promise<Reading<string>> {
  const rows: string[] = [];
  const { bad, format } = await readTable(
    file,
    CODES,
    complete({}),
    (row) => {
      const code = row.text('code');
      if (code === '') row.refuse({ expected: 'code: missing' });
      else if (!CODE.test(code))
        row.refuse({ expected: 'code: expected at most 64 characters without blanks', found: code });
      else rows.push(code);
    },
    () => {
      rows.length = 0;
    },
  );
  return { rows, bad: bad.kept, notes: format.notes };
}

/** What is played is small enough to name every bad row. */
function complete(options: ReadingOptions): ReadingOptions {
  return { ...options, badRowsKept: Number.POSITIVE_INFINITY };
}

function orderIn(row: Row, hashIds: boolean, marks: CurrencyMarks): Line | undefined {
  const id = idOf(row, hashIds);
  const date = row.needed('date');
  const amount = row.amount('amount');
  const line = {
    line: row.line,
    date,
    amount,
    order_id: checked(row, 'order_id', orderIdField),
    // What is wrong with the person is no reason to lose the order.
    email: readable(row, 'email', address),
    name: readable(row, 'name', personName),
    locale: readable(row, 'locale', locale, (text) => text.replaceAll('_', '-')),
    currency: checked(row, 'currency', currency, (text) => text.toUpperCase()) ?? marks.codeIn(row, 'amount'),
    discount: row.text('discount') === '' ? undefined : row.amount('discount'),
  };
  return row.isRefused || id === undefined ? undefined : { customer_id: id, ...line };
}

/** By the same rule as the history of a backtest, so that both see the same orders. The rows stay in their order. */
function oneRowPerOrder(lines: readonly Line[]): {
  readonly rows: readonly OrderRow[];
  /** No line of theirs has an amount. */
  readonly unpaid: readonly Line[];
  readonly notes: readonly string[];
} {
  const numbers = new Map<string, number>();
  const codes: string[] = [];
  const [customer, at, minor] = [growingPositions(), growingNumbers(), growingNumbers()];
  const [code, discounted, ids] = [growingBytes(), growingBytes(), orderIdList(false)];
  for (const line of lines) {
    const number = numbers.get(line.customer_id) ?? numbers.size;
    numbers.set(line.customer_id, number);
    const of = line.currency ?? DEFAULTS.currency;
    if (!codes.includes(of)) codes.push(of);
    customer.push(number);
    at.push(line.date);
    minor.push(Number.isNaN(line.amount) ? Number.NaN : toMinor(line.amount, of));
    code.push(codes.indexOf(of));
    discounted.push(0);
    ids.push(line.order_id ?? '');
  }
  const all = { customers: numbers.size, customer, at, minor, currency: code, discounted, ids, isByLine: false };
  const merged = mergeLines(all);
  const rows: OrderRow[] = [];
  const unpaid: Line[] = [];
  for (const index of merged.order.toSorted()) {
    const line = lines[index];
    if (line === undefined) continue;
    const total = minor.get(index);
    const { line: _line, ...order } = line;
    const of = line.currency ?? DEFAULTS.currency;
    if (Number.isNaN(total)) unpaid.push(line);
    else if (!Number.isNaN(line.amount) && total === toMinor(line.amount, of)) rows.push(order);
    else rows.push({ ...order, amount: total / 10 ** digitsOf(of) });
  }
  return { rows, unpaid, notes: mergingNotes(merged) };
}
