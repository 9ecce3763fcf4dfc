/**
 * The orders of a shop, as compact as they can be kept: a few numbers an order in typed arrays, grouped by customer and
 * sorted by time, whatever the order of the lines. One order id of a customer is one order.
 */
import { plural } from '../../shared/lifecycle/explain/when.ts';
import type { CancelledOrders } from './cancelled-orders.ts';
import { currencyIndex } from './currency-index.ts';
import { customerIndex } from './customer-index.ts';
import { type Growing, growingBytes, growingNumbers, growingPositions } from './growing.ts';
import { type MergedLines, mergeLines } from './order-lines.ts';
import { type OrderIds, type OrderIdList, orderIdList } from './order-ids.ts';
import type { Reading, ReadingOptions } from './reading.ts';
import { readTable, type Row, type TableShape } from './table.ts';

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
  /** Orders that another file says were called off: their lines are left out, as those that say so themselves are. */
  readonly cancelled?: CancelledOrders;
}

export const ORDERS: TableShape = {
  fields: [
    'customer_id',
    'email',
    'date',
    'amount',
    'line_total',
    'order_id',
    'currency',
    'discount',
    'status',
    'cancelled_at',
  ],
  required: ['customer_id', 'date'],
  dates: ['date'],
  amounts: ['amount', 'line_total', 'discount'],
};

/** What a shop calls an order that was none in the end. A refunded one took place. */
const NO_ORDER = /cancel|fail|trash|void|draft|abandon|storn|abgebroch|fehlgeschlag|makuler|avbrut|annull|отмен/i;
/** Some databases write an absent time as zeros. */
const NO_TIME = /^[0\s:.T-]*$/;

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
  const index = { customers: customerIndex(options.hashIds === true), currencies: currencyIndex(options.currency) };
  let lines: Lines | undefined;
  const { cancelled } = options;
  const isCancelled = (row: Row): boolean =>
    cancelled !== undefined && row.has('order_id') && cancelled.has(row.text('customer_id'), row.text('order_id'));
  let isCalledOff = calledOff();
  let noOrders = 0;
  let isByLine = false;

  const reading = await readTable(
    file,
    ORDERS,
    options,
    (row) => {
      // Asked first: what a status says of an order is found all the same.
      if (isCancelled(row) || isCalledOff(row)) {
        noOrders += 1;
        return;
      }
      lines ??= emptyLines(row.has('order_id'), options.keepOrderIds === true);
      isByLine = !row.has('amount') && row.has('line_total');
      const customer = index.customers.numberOf(row);
      const at = row.needed('date');
      const amount = isByLine ? 'line_total' : 'amount';
      const major = row.amount(amount);
      const discount = row.amount('discount');
      const currency = index.currencies.numberOf(row, amount);
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
      isCalledOff = calledOff();
      noOrders = 0;
    },
  );

  const customers = index.customers.ids;
  const all = lines ?? emptyLines(false, false);
  const told = index.currencies.settle(all);
  const merged = mergeLines({ ...all, customers: customers.length, isByLine, currencies: index.currencies });
  const rest = index.currencies.close(all, merged.order);
  const left =
    noOrders > 0 ? [`${plural(noOrders, 'line')} left out: by ${tellingOf(cancelled)} there was no order.`] : [];
  const notes = [...reading.format.notes, ...told, ...rest, ...mergingNotes(merged), ...left];
  const { codes } = index.currencies;
  const log = packed(all, merged, customers, codes);
  const { currency: byDefault } = reading.format;
  return { ...reading, format: { ...reading.format, currency: codes[0] ?? byDefault, notes }, log };
}

function tellingOf(cancelled: CancelledOrders | undefined): string {
  return cancelled === undefined
    ? 'status or time of cancellation'
    : 'status, time of cancellation or the file of cancellations';
}

/** Tells of each row whether its order was none in the end; further lines of an order say so on its first one only. */
export function calledOff(): (row: Row) => boolean {
  const orders = new Set<string>();
  return (row) => {
    if (!row.has('status') && !row.has('cancelled_at')) return false;
    const [status, at, id] = [row.text('status'), row.text('cancelled_at'), row.text('order_id')];
    const order = JSON.stringify([row.text('customer_id'), id]);
    if (NO_ORDER.test(status) || !NO_TIME.test(at)) {
      if (id !== '') orders.add(order);
      return true;
    }
    return status === '' && orders.size > 0 && orders.has(order);
  };
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
    const belong = joined === 1 ? 'belongs' : 'belong';
    notes.push(`${plural(joined, 'line')} ${belong} to an order with a line before: ${how}.`);
  }
  if (repeated > 0) {
    const repeats = repeated === 1 ? ['repeats', 'is'] : ['repeat', 'are'];
    notes.push(
      `${plural(repeated, 'line')} ${repeats[0]} an order id of the same customer at a later time and ${repeats[1]} left out.`,
    );
  }
  return notes;
}
