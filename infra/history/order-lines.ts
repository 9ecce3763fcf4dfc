/**
 * From the lines of a file to orders: sorted by customer and time, with one order for each order id of a customer.
 * Lines of one order that say the same time are its items, or repeat its total; the file as a whole tells which.
 */
import { type CurrencyIndex, UNTOLD } from './currency-index.ts';
import type { Growing } from './growing.ts';
import type { OrderIdList } from './order-ids.ts';

/** What the amount on each of several lines of one order is. */
type LineRule = 'total on each line' | 'amounts of items';

export interface MergedLines {
  /** Lines that stand for an order, by customer, then by time. Their amounts are those of the whole order. */
  readonly order: Uint32Array;
  /** customers + 1 positions in `order`. */
  readonly starts: Uint32Array;
  readonly rule: LineRule;
  /** Lines that belong to an order with a line before. */
  readonly joined: number;
  /** Lines left out because they tell of a known order at a later time. */
  readonly repeated: number;
}

/** Lines of a file, each with a customer and a time. */
interface Moments {
  /** How many there are; each line has the number of one, counted from 0. */
  readonly customers: number;
  readonly customer: Growing;
  /** Epoch milliseconds. */
  readonly at: Growing;
}

interface Lines extends Moments {
  readonly minor: Growing;
  readonly currency: Growing;
  readonly discounted: Growing;
  readonly ids: OrderIdList | undefined;
  /** The column itself says that amounts are those of items. */
  readonly isByLine: boolean;
  /** Absent where every line tells its currency. */
  readonly currencies?: Pick<CurrencyIndex, 'codes' | 'minorOf'>;
}

/** Up to here moving numbers one by one is faster than a sort that calls back. */
const SHORT = 24;
/** Of the orders with several amounts, the share with the same amount on each line that makes it the total. */
const SAME = 0.9;

/** Lines by customer, then by time; frees the numbers of the customers. */
export function sortLines(lines: Moments): { readonly order: Uint32Array; readonly starts: Uint32Array } {
  const sorted = byCustomer(lines);
  const byTime = (left: number, right: number): number => lines.at.get(left) - lines.at.get(right) || left - right;
  forEachCustomer(sorted.starts, (from, to) => sort(sorted.order, from, to, byTime));
  return sorted;
}

/** Changes the amounts of lines that stand for several, and frees what it alone needs: the customers and the hashes of ids. */
export function mergeLines(lines: Lines): MergedLines {
  const { ids } = lines;
  const { order, starts } = byCustomer(lines);
  const byTime = (left: number, right: number): number =>
    lines.at.get(left) - lines.at.get(right) ||
    number(lines.minor.get(left)) - number(lines.minor.get(right)) ||
    left - right;
  if (ids === undefined) {
    forEachCustomer(starts, (from, to) => sort(order, from, to, byTime));
    return { order, starts, rule: 'total on each line', joined: 0, repeated: 0 };
  }
  const byId = (left: number, right: number): number =>
    number(ids.hashes.get(left)) - number(ids.hashes.get(right)) || byTime(left, right);
  forEachCustomer(starts, (from, to) => sort(order, from, to, byId));
  tellWithinOrders(lines, ids, order, starts);
  const rule = lines.isByLine ? 'amounts of items' : ruleOf(lines, ids, order, starts);
  const kept = keepOnePerOrder(lines, ids, order, starts, rule);
  ids.hashes.free();
  forEachCustomer(kept.starts, (from, to) => sort(order, from, to, byTime));
  return { ...kept, order: order.subarray(0, kept.starts.at(-1) ?? 0), rule };
}

/** What is unknown comes first. */
function number(value: number): number {
  return Number.isNaN(value) ? -1 : value;
}

/** A counting sort: two passes, and nothing but the result is kept. */
function byCustomer({ customers, customer }: Moments): { order: Uint32Array; starts: Uint32Array } {
  const { length } = customer;
  const starts = new Uint32Array(customers + 1);
  for (let line = 0; line < length; line += 1) add(starts, customer.get(line) + 1, 1);
  for (let i = 1; i <= customers; i += 1) add(starts, i, starts[i - 1] ?? 0);
  // The first line of each customer goes to its start, the next one behind it.
  const next = starts.slice();
  const order = new Uint32Array(length);
  for (let line = 0; line < length; line += 1) {
    const of = customer.get(line);
    order[next[of] ?? 0] = line;
    add(next, of, 1);
  }
  customer.free();
  return { order, starts };
}

function add(numbers: Uint32Array, index: number, more: number): void {
  numbers[index] = (numbers[index] ?? 0) + more;
}

function forEachCustomer(starts: Uint32Array, visit: (from: number, to: number) => void): void {
  for (let i = 1; i < starts.length; i += 1) visit(starts[i - 1] ?? 0, starts[i] ?? 0);
}

function sort(order: Uint32Array, from: number, to: number, compare: (left: number, right: number) => number): void {
  if (to - from > SHORT) {
    order.subarray(from, to).sort(compare);
    return;
  }
  for (let i = from + 1; i < to; i += 1) {
    const line = order[i] ?? 0;
    let place = i;
    for (; place > from && compare(order[place - 1] ?? 0, line) > 0; place -= 1) order[place] = order[place - 1] ?? 0;
    order[place] = line;
  }
}

/** Calls back with each run of lines of one order, the lines without an id each by themselves. */
function forEachOrder(
  ids: OrderIdList,
  order: Uint32Array,
  from: number,
  to: number,
  visit: (from: number, to: number) => void,
): void {
  for (let first = from; first < to;) {
    const hash = ids.hashes.get(order[first] ?? 0);
    let end = first + 1;
    while (end < to && ids.hashes.get(order[end] ?? 0) === hash) end += 1;
    visit(first, end);
    first = end;
  }
}

/** An order is paid in one currency: the lines that tell none are in that of the others. */
function tellWithinOrders(
  { minor, currency, currencies }: Lines,
  ids: OrderIdList,
  order: Uint32Array,
  starts: Uint32Array,
): void {
  if (currencies === undefined || currencies.codes.length === 1) return;
  forEachCustomer(starts, (from, to) =>
    forEachOrder(ids, order, from, to, (first, end) => {
      let told = UNTOLD;
      for (let i = first; i < end && told === UNTOLD; i += 1) told = currency.get(order[i] ?? 0);
      if (told === UNTOLD) return;
      for (let i = first; i < end; i += 1) {
        const line = order[i] ?? 0;
        if (currency.get(line) !== UNTOLD) continue;
        currency.set(line, told);
        const amount = minor.get(line);
        if (!Number.isNaN(amount)) minor.set(line, currencies.minorOf(amount, told));
      }
    }),
  );
}

function ruleOf({ at, minor }: Lines, ids: OrderIdList, order: Uint32Array, starts: Uint32Array): LineRule {
  let [same, different] = [0, 0];
  forEachCustomer(starts, (from, to) =>
    forEachOrder(ids, order, from, to, (first, end) => {
      const line = order[first] ?? 0;
      const amount = minor.get(line);
      for (let i = first + 1; i < end; i += 1) {
        const next = order[i] ?? 0;
        // An unknown amount says nothing about the others.
        if (at.get(next) !== at.get(line) || Number.isNaN(amount) || Number.isNaN(minor.get(next))) continue;
        if (minor.get(next) === amount) same += 1;
        else different += 1;
      }
    }),
  );
  return different > 0 && same < (same + different) * SAME ? 'amounts of items' : 'total on each line';
}

function keepOnePerOrder(
  { at, minor, currency, discounted }: Lines,
  ids: OrderIdList,
  order: Uint32Array,
  starts: Uint32Array,
  rule: LineRule,
): { starts: Uint32Array; joined: number; repeated: number } {
  const kept = new Uint32Array(starts.length);
  let [joined, repeated, next] = [0, 0, 0];
  let customer = 0;
  forEachCustomer(starts, (from, to) => {
    forEachOrder(ids, order, from, to, (first, end) => {
      const line = order[first] ?? 0;
      for (let i = first + 1; i < end; i += 1) {
        const further = order[i] ?? 0;
        if (at.get(further) !== at.get(line)) {
          repeated += 1;
          continue;
        }
        joined += 1;
        const [known, more] = [minor.get(line), minor.get(further)];
        if (Number.isNaN(known)) {
          minor.set(line, more);
          currency.set(line, currency.get(further));
        } else if (rule === 'amounts of items' && !Number.isNaN(more) && currency.get(line) === currency.get(further))
          minor.set(line, known + more);
        if (discounted.get(further) === 1) discounted.set(line, 1);
      }
      order[next] = line;
      next += 1;
    });
    customer += 1;
    kept[customer] = next;
  });
  return { starts: kept, joined, repeated };
}
