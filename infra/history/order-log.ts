/**
 * The orders of a shop, as compact as they can be kept: a few numbers an order in typed arrays, grouped by customer and
 * sorted by time, whatever the order of the lines. One order id of a customer is one order.
 */
import { digitsOf, isCurrency, toMinor } from '../../shared/lifecycle/facts/money.ts';
import { customerIndex } from './customer-index.ts';
import { type Growing, growingBytes, growingNumbers, growingPositions } from './growing.ts';
import { type MergedLines, mergeLines } from './order-lines.ts';
import { type OrderIds, type OrderIdList, orderIdList } from './order-ids.ts';
import type { Reading, ReadingOptions } from './reading.ts';
import { DEFAULTS, readTable, type Row, type TableShape } from './table.ts';

export interface OrderLog {
  /** Ids by number. */
  readonly customers: readonly string[];
  /** customers + 1 positions: the orders of customer i are those from starts[i] up to starts[i + 1], ascending by time. */
  readonly starts: Uint32Array;
  /** Epoch milliseconds. */
  readonly at: Float64Array;
  /** Minor units of the currency; NaN: the amount is unknown. */
  readonly minor: Float64Array;
  /** Index into `currencies`. */
  readonly currency: Uint8Array;
  readonly currencies: readonly string[];
  /** 1 where the shop gave a discount, else 0. */
  readonly discounted: Uint8Array;
  /** Absent when the file has none, or nobody asked for them. */
  readonly orderIds?: OrderIds;
}

export interface OrderLogReading extends Reading {
  readonly log: OrderLog;
}

export interface OrderLogOptions extends ReadingOptions {
  /** Keeps the text of the ids of orders, some 10 to 20 bytes an order. */
  readonly keepOrderIds?: boolean;
}

export const ORDERS: TableShape = {
  fields: ['customer_id', 'email', 'date', 'amount', 'line_total', 'order_id', 'currency', 'discount', 'status'],
  required: ['customer_id', 'date'],
  dates: ['date'],
  amounts: ['amount', 'line_total', 'discount'],
};

/** What a shop calls an order that was none in the end. A refunded one took place. */
const NO_ORDER = /cancel|fail|trash|void|draft|abandon|storn|abgebroch|fehlgeschlag|makuler|avbrut|annull|отмен/i;

/** The lines of a file, as they come. */
interface Lines {
  readonly customer: Growing;
  readonly at: Growing;
  readonly minor: Growing;
  readonly currency: Growing;
  readonly discounted: Growing;
  readonly ids: OrderIdList | undefined;
}

/** @throws UsageError when the file cannot be read or its header lacks a column */
export async function readOrderLog(file: string, options: OrderLogOptions = {}): Promise<OrderLogReading> {
  const byDefault = options.currency ?? DEFAULTS.currency;
  const index = { customers: customerIndex(options.hashIds === true), currencies: currencyIndex(byDefault) };
  let lines: Lines | undefined;
  let noOrders = 0;
  let isByLine = false;

  const reading = await readTable(
    file,
    ORDERS,
    options,
    (row) => {
      if (isNoOrder(row)) {
        noOrders += 1;
        return;
      }
      lines ??= emptyLines(row.has('order_id'), options.keepOrderIds === true);
      isByLine = !row.has('amount') && row.has('line_total');
      const customer = index.customers.numberOf(row);
      const at = row.needed('date');
      const currency = index.currencies.numberOf(row);
      const major = row.amount(isByLine ? 'line_total' : 'amount');
      const discount = row.amount('discount');
      if (row.isRefused || customer === undefined || currency === undefined) return;
      lines.customer.push(customer);
      lines.at.push(at);
      lines.minor.push(Number.isNaN(major) ? NaN : index.currencies.minorOf(major, currency));
      lines.currency.push(currency);
      lines.discounted.push(discount > 0 ? 1 : 0);
      lines.ids?.push(row.text('order_id'));
    },
    () => {
      lines = undefined;
      noOrders = 0;
    },
  );

  const customers = index.customers.ids;
  const all = lines ?? emptyLines(false, false);
  const merged = mergeLines({ ...all, customers: customers.length, isByLine });
  const left = noOrders > 0 ? [`${noOrders} lines are left out, for their status says that there was no order.`] : [];
  const notes = [...reading.format.notes, ...mergingNotes(merged), ...left];
  const log = packed(all, merged, customers, index.currencies.codes);
  return { ...reading, format: { ...reading.format, notes }, log };
}

export function isNoOrder(row: Row): boolean {
  return row.has('status') && NO_ORDER.test(row.text('status'));
}

function emptyLines(hasIds: boolean, keepsIds: boolean): Lines {
  return {
    customer: growingPositions(),
    at: growingNumbers(),
    minor: growingNumbers(),
    currency: growingBytes(),
    discounted: growingBytes(),
    ids: hasIds ? orderIdList(keepsIds) : undefined,
  };
}

function packed(
  lines: Lines,
  { order, starts }: MergedLines,
  customers: readonly string[],
  currencies: readonly string[],
): OrderLog {
  const { length } = order;
  const orderIds = lines.ids?.inOrder(order);
  return {
    customers,
    starts,
    at: moved(lines.at, order, new Float64Array(length)),
    minor: moved(lines.minor, order, new Float64Array(length)),
    currency: moved(lines.currency, order, new Uint8Array(length)),
    currencies,
    discounted: moved(lines.discounted, order, new Uint8Array(length)),
    ...(orderIds !== undefined && { orderIds }),
  };
}

/** One list after the other, so that the peak is one list more than the result. */
function moved<T extends Float64Array | Uint8Array>(from: Growing, order: Uint32Array, into: T): T {
  from.gather(order, into);
  from.free();
  return into;
}

/** What was made of several lines, in whole sentences. */
export function mergingNotes({ rule, joined, repeated }: MergedLines): string[] {
  const notes: string[] = [];
  if (joined > 0) {
    const how =
      rule === 'total on each line' ? 'each repeats the total, which counts once' : 'their amounts are added up';
    notes.push(`${joined} lines belong to an order with a line before: ${how}.`);
  }
  if (repeated > 0)
    notes.push(`${repeated} lines repeat an order id of the same customer at a later time and are left out.`);
  return notes;
}

const CURRENCY_EXPECTED = 'currency: expected an ISO 4217 currency code such as EUR';
/** Above this many cents a decimal number of cents may be off by one; the slow way is exact. */
const FAST_MINOR = 1e9;

/** Currencies by number, the one of amounts without any first. */
function currencyIndex(byDefault: string) {
  const codes = [byDefault];
  const powers = [10 ** digitsOf(byDefault)];
  const numbers = new Map<string, number>([
    ['', 0],
    [byDefault, 0],
  ]);
  return {
    codes,
    /** Undefined when the row is refused for it. */
    numberOf(row: Row): number | undefined {
      const written = row.text('currency');
      const known = numbers.get(written);
      if (known !== undefined) return known;
      const code = written.toUpperCase();
      if (!isCurrency(code)) {
        row.refuse({ expected: CURRENCY_EXPECTED, found: written });
        return undefined;
      }
      const number = numbers.get(code) ?? codes.push(code) - 1;
      powers[number] = 10 ** digitsOf(code);
      numbers.set(written, number);
      numbers.set(code, number);
      return number;
    },
    minorOf(major: number, currency: number): number {
      const power = powers[currency] ?? 1;
      const minor = Math.round(major * power);
      // An amount of whole minor units needs no rounding; all others are rounded by their decimal text.
      return minor < FAST_MINOR && minor / power === major ? minor : toMinor(major, codes[currency] ?? byDefault);
    },
  };
}
