/**
 * Orders, cancellations, deliveries and refunds of one customer.
 *
 * The newest orders are kept one by one (the ring), older ones as sums. An order id stands for its event with the
 * smallest (occurredAt, id). Everything here is a function of the set of events: what the ring can no longer tell is
 * answered with `undefined`, which means "rebuild from the journal", never with a guess.
 */
import { type Instant, utcDay } from '../time.ts';
import { addDigest, hasDigest } from './digest.ts';
import { addMoney, type MoneyByCurrency } from './money.ts';
import { addToMonth, type MoneyByMonth, sumSince } from './months.ts';
import { compareStamps, insertByTime, type Stamp } from './order-by-time.ts';

export interface Order extends Stamp {
  readonly orderId: string;
  /** Minor units of `currency`. */
  readonly minor: number;
  readonly currency: string;
  readonly cancelled?: true;
  /** When that was said first; not known of what was cancelled long ago. */
  readonly cancelledAt?: Instant;
  readonly deliveredAt?: Instant;
  /** When the shop promised delivery. */
  readonly promisedBy?: Instant;
  /** Bought for less than the usual price, or with a coupon. */
  readonly discounted?: true;
  /** Of its dearest article. */
  readonly category?: string;
}

export interface Refund extends Stamp {
  readonly refundId: string;
  readonly orderId: string;
  readonly minor: number;
  readonly currency: string;
}

/** What stage and cadence need to know of the orders that count. */
export interface OrderHistory {
  readonly orders: number;
  readonly first: Instant;
  readonly last: Instant;
  /** Gaps between consecutive order days; orders of one UTC day count as one. */
  readonly gaps: number;
  /** Sum of ln(gap in days), added in the order of time: floating-point sums are not commutative. */
  readonly lnGaps: number;
}

interface OlderOrders {
  /** Of those that count, that is, were not cancelled. */
  readonly history?: OrderHistory;
  readonly spend: MoneyByCurrency;
  /** The same by month, of which the newest are kept. */
  readonly months: MoneyByMonth;
  /** How many of those that count were discounted. */
  readonly discounted: number;
  /** Digests of all order ids in here. */
  readonly ids: string;
  /** The ids of those that were cancelled: few, and refunds are checked against them. */
  readonly cancelled: readonly string[];
  readonly newest: Stamp;
}

interface OlderRefunds {
  readonly sums: MoneyByCurrency;
  /** The same by month of the refund, of which the newest are kept. */
  readonly months: MoneyByMonth;
  readonly ids: string;
  readonly last: Stamp;
}

/** A cancellation or delivery whose order has not arrived. */
interface EarlyMark {
  readonly orderId: string;
  /** Latest time anything was said about it. */
  readonly at: Instant;
  readonly cancelled?: true;
  readonly cancelledAt?: Instant;
  readonly deliveredAt?: Instant;
}

export interface Orders {
  /** Ascending by (at, id). */
  readonly ring: readonly Order[];
  readonly refunds: readonly Refund[];
  readonly early: readonly EarlyMark[];
  readonly older?: OlderOrders;
  readonly olderRefunds?: OlderRefunds;
  /** Early marks have been dropped: an unknown order may be marked. */
  readonly earlyDropped?: true;
}

export const NO_ORDERS: Orders = { ring: [], refunds: [], early: [] };

/**
 * Six orders: enough for every rule that looks at single orders, while a typical profile stays below 1 KB. A late
 * event older than the sixth-last order costs one rebuild.
 */
export const RING_SIZE = 6;
/** Marks for orders that never came point to a shop that does not send its purchases. */
export const EARLY_MARKS_KEPT = 8;

function replaceAt<T>(list: readonly T[], index: number, value: T): readonly T[] {
  return list.map((each, at) => (at === index ? value : each));
}

export function addOrder(orders: Orders, order: Order): Orders | undefined {
  const index = orders.ring.findIndex((each) => each.orderId === order.orderId);
  const known = orders.ring[index];
  if (known !== undefined) {
    if (compareStamps(order, known) >= 0) return orders;
    if (orders.older && compareStamps(order, orders.older.newest) < 0) return undefined;
    const earlier = { ...order, ...markOf(known) };
    return { ...orders, ring: insertByTime(replaceAt(orders.ring, index, undefined).filter(isPresent), earlier) };
  }
  const { older } = orders;
  if (older && (compareStamps(order, older.newest) <= 0 || hasDigest(older.ids, order.orderId))) return undefined;
  if (orders.earlyDropped) return undefined;
  const early = orders.early.find((each) => each.orderId === order.orderId);
  const marked: Order = { ...order, ...(early && markOf(early)) };
  return {
    ...orders,
    ring: insertByTime(orders.ring, marked),
    early: early ? orders.early.filter((each) => each !== early) : orders.early,
  };
}

type Mark = Pick<EarlyMark, 'cancelled' | 'cancelledAt' | 'deliveredAt'>;

/** What became of an order, as far as that was said. */
function markOf({ cancelled, cancelledAt, deliveredAt }: Mark): Mark {
  return {
    ...(cancelled && { cancelled }),
    ...(cancelledAt !== undefined && { cancelledAt }),
    ...(deliveredAt !== undefined && { deliveredAt }),
  };
}

/** Of what was said twice the first time counts. */
function mergedMark(known: Mark, heard: Mark): Mark {
  const cancelledAt = earliest(known.cancelledAt, heard.cancelledAt);
  const deliveredAt = earliest(known.deliveredAt, heard.deliveredAt);
  return {
    ...((known.cancelled ?? heard.cancelled) && { cancelled: true }),
    ...(cancelledAt !== undefined && { cancelledAt }),
    ...(deliveredAt !== undefined && { deliveredAt }),
  };
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}

function earliest(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

function mark(orders: Orders, heard: EarlyMark): Orders | undefined {
  const index = orders.ring.findIndex((each) => each.orderId === heard.orderId);
  const known = orders.ring[index];
  if (known !== undefined) {
    return { ...orders, ring: replaceAt(orders.ring, index, { ...known, ...mergedMark(known, heard) }) };
  }
  if (orders.older && hasDigest(orders.older.ids, heard.orderId)) return undefined;
  if (orders.earlyDropped) return undefined;
  const before = orders.early.find((each) => each.orderId === heard.orderId);
  const merged: EarlyMark = {
    orderId: heard.orderId,
    at: Math.max(before?.at ?? heard.at, heard.at),
    ...mergedMark(before ?? {}, heard),
  };
  const early = [...orders.early.filter((each) => each !== before), merged].toSorted(
    (a, b) => a.at - b.at || (a.orderId < b.orderId ? -1 : 1),
  );
  return { ...orders, early };
}

export function cancelOrder(orders: Orders, orderId: string, at: Instant): Orders | undefined {
  // Sums of old refunds cannot be told apart by order any more, and a cancelled order's refunds do not count.
  if (orders.olderRefunds && !isKnownCancelled(orders, orderId)) return undefined;
  return mark(orders, { orderId, at, cancelled: true, cancelledAt: at });
}

export function deliverOrder(orders: Orders, orderId: string, at: Instant): Orders | undefined {
  return mark(orders, { orderId, at, deliveredAt: at });
}

function isKnownCancelled(orders: Orders, orderId: string): boolean {
  return [...orders.ring, ...orders.early].some((each) => each.orderId === orderId && each.cancelled === true);
}

export function addRefund(orders: Orders, refund: Refund): Orders | undefined {
  const index = orders.refunds.findIndex((each) => each.refundId === refund.refundId);
  const known = orders.refunds[index];
  if (known !== undefined) {
    if (compareStamps(refund, known) >= 0) return orders;
    if (orders.olderRefunds && compareStamps(refund, orders.olderRefunds.last) < 0) return undefined;
    return {
      ...orders,
      refunds: insertByTime(
        orders.refunds.filter((each) => each !== known),
        refund,
      ),
    };
  }
  const old = orders.olderRefunds;
  if (orders.earlyDropped) return undefined;
  if (old && (compareStamps(refund, old.last) <= 0 || hasDigest(old.ids, refund.refundId))) return undefined;
  return { ...orders, refunds: insertByTime(orders.refunds, refund) };
}

/** Whether the order of a refund is known to be cancelled, in the ring, among the old ones or before it came. */
function isVoid(orders: Orders, refund: Refund): boolean {
  return isKnownCancelled(orders, refund.orderId) || (orders.older?.cancelled.includes(refund.orderId) ?? false);
}

/** A history with one more order, not earlier than its last. */
function extend(history: OrderHistory | undefined, order: Order): OrderHistory {
  if (history === undefined) return { orders: 1, first: order.at, last: order.at, gaps: 0, lnGaps: 0 };
  const gap = utcDay(order.at) - utcDay(history.last);
  return {
    orders: history.orders + 1,
    first: history.first,
    last: order.at,
    gaps: gap > 0 ? history.gaps + 1 : history.gaps,
    lnGaps: gap > 0 ? history.lnGaps + Math.log(gap) : history.lnGaps,
  };
}

const NOTHING_OLDER: Omit<OlderOrders, 'newest'> = {
  spend: {},
  months: [],
  discounted: 0,
  ids: '',
  cancelled: [],
};

function withOrder(older: OlderOrders | undefined, order: Order): OlderOrders {
  const { history, spend, months, discounted, ids, cancelled } = older ?? NOTHING_OLDER;
  const { at, id, orderId, currency, minor } = order;
  const left = { ids: addDigest(ids, orderId), newest: { at, id } };
  if (order.cancelled) {
    return { ...(history && { history }), spend, months, discounted, ...left, cancelled: [...cancelled, orderId] };
  }
  return {
    history: extend(history, order),
    spend: addMoney(spend, currency, minor),
    months: addToMonth(months, at, currency, minor),
    discounted: order.discounted ? discounted + 1 : discounted,
    ...left,
    cancelled,
  };
}

function withRefund(orders: Orders, refund: Refund): OlderRefunds {
  const { sums, months, ids } = orders.olderRefunds ?? { sums: {}, months: [], ids: '' };
  const { at, id, refundId, currency, minor } = refund;
  const left = { ids: addDigest(ids, refundId), last: { at, id } };
  if (isVoid(orders, refund)) return { sums, months, ...left };
  return { sums: addMoney(sums, currency, minor), months: addToMonth(months, at, currency, minor), ...left };
}

/** Moves what exceeds the ring into the sums, oldest first. */
export function trimOrders(orders: Orders): Orders {
  const { ring, refunds, early } = orders;
  if (ring.length <= RING_SIZE && refunds.length <= RING_SIZE && early.length <= EARLY_MARKS_KEPT) return orders;
  let trimmed = orders;
  // Refunds first: whether one counts is decided while its order can still be looked up.
  const surplusRefunds = trimmed.refunds.slice(0, Math.max(0, trimmed.refunds.length - RING_SIZE));
  for (const refund of surplusRefunds) {
    trimmed = { ...trimmed, refunds: trimmed.refunds.slice(1), olderRefunds: withRefund(trimmed, refund) };
  }
  const surplus = trimmed.ring.slice(0, Math.max(0, trimmed.ring.length - RING_SIZE));
  for (const order of surplus) {
    trimmed = { ...trimmed, ring: trimmed.ring.slice(1), older: withOrder(trimmed.older, order) };
  }
  if (trimmed.early.length > EARLY_MARKS_KEPT) {
    const dropped = trimmed.early.slice(0, -EARLY_MARKS_KEPT).filter((each) => each.cancelled);
    trimmed = {
      ...trimmed,
      // A refund of a cancelled order never counts, also when nothing is left that says so.
      refunds: trimmed.refunds.filter(({ orderId }) => !dropped.some((each) => each.orderId === orderId)),
      early: trimmed.early.slice(-EARLY_MARKS_KEPT),
      earlyDropped: true,
    };
  }
  return trimmed;
}

/** Undefined when no order counts. */
export function historyOf(orders: Orders): OrderHistory | undefined {
  return orders.ring.filter(counts).reduce(extend, orders.older?.history);
}

/** The history as it was before the nth-last order that counts; undefined when there was none. */
export function historyBefore(orders: Orders, nthLast: number): OrderHistory | undefined {
  return orders.ring.filter(counts).slice(0, -nthLast).reduce(extend, orders.older?.history);
}

function counts(order: Order): boolean {
  return !order.cancelled;
}

/** The last order that counts, or the nth-last one, if it is still in the ring. */
export function lastOrder(orders: Orders, nthLast = 1): Order | undefined {
  return orders.ring.filter(counts).at(-nthLast);
}

/** Net spend: orders that were not cancelled, less their refunds; never below zero. Minor units per currency. */
export function spendOf(orders: Orders): MoneyByCurrency {
  let sums: MoneyByCurrency = orders.older?.spend ?? {};
  for (const order of orders.ring) if (counts(order)) sums = addMoney(sums, order.currency, order.minor);
  for (const refund of orders.refunds) {
    if (!isVoid(orders, refund)) sums = addMoney(sums, refund.currency, -refund.minor);
  }
  for (const [currency, minor] of Object.entries(orders.olderRefunds?.sums ?? {})) {
    sums = addMoney(sums, currency, -minor);
  }
  return neverBelowZero(sums);
}

/**
 * Net spend since an instant, like {@link spendOf}; refunds count by their own time. Of what the rings no longer hold
 * the whole month of `since` counts, and nothing older than a year.
 */
export function spendSince(orders: Orders, since: Instant): MoneyByCurrency {
  let sums = sumSince(orders.older?.months ?? [], since);
  for (const { at, currency, minor, cancelled } of orders.ring) {
    if (at >= since && !cancelled) sums = addMoney(sums, currency, minor);
  }
  for (const refund of orders.refunds) {
    if (refund.at >= since && !isVoid(orders, refund)) sums = addMoney(sums, refund.currency, -refund.minor);
  }
  for (const [currency, minor] of Object.entries(sumSince(orders.olderRefunds?.months ?? [], since))) {
    sums = addMoney(sums, currency, -minor);
  }
  return neverBelowZero(sums);
}

function neverBelowZero(sums: MoneyByCurrency): MoneyByCurrency {
  return Object.fromEntries(Object.entries(sums).map(([currency, minor]) => [currency, Math.max(0, minor)]));
}
