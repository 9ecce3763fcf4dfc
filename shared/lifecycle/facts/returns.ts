/**
 * Articles on their way back. A return is over when money went back for its order, whichever of the two arrives first:
 * so only the requests are kept, and whether one is over is read from the refunds.
 */
import { DAY, type Duration, type Instant } from '../time.ts';
import { keepLatest, type Stamp } from './order-by-time.ts';
import type { Order, Orders } from './orders.ts';

export interface ReturnRequest extends Stamp {
  readonly returnId: string;
  readonly orderId: string;
}

/** Ascending by (at, id). */
export type Returns = readonly ReturnRequest[];

export const RETURNS_KEPT = 4;
/** A return nobody refunded by then was not sent, or was refused. */
const RETURN_LASTS: Duration = 30 * DAY;

export function addReturn(returns: Returns | undefined, requested: ReturnRequest): Returns {
  return keepLatest(returns, requested, (each) => each.returnId === requested.returnId, RETURNS_KEPT);
}

/** Whether all of the price went back for an order, or its articles are, or were once, to come back. */
export function wasGivenBack({ orders, returns }: SentBack, order: Order): boolean {
  return isRefunded(orders, order) || (returns ?? []).some(({ orderId }) => orderId === order.orderId);
}

/** Whether all of the price went back. */
export function isRefunded({ refunds }: Orders, { orderId, currency, minor }: Order): boolean {
  const refunded = refunds.reduce(
    (sum, each) => (each.orderId === orderId && each.currency === currency ? sum + each.minor : sum),
    0,
  );
  return refunded > 0 && refunded >= minor;
}

interface SentBack {
  readonly returns?: Returns;
  readonly orders: Orders;
}

/**
 * When returns are or were under way, from inclusive, to exclusive. Of many refunds the newest are known: of a return
 * that many refunds have followed it is not said that it is over.
 */
export function returnSpans({
  returns,
  orders,
}: SentBack): readonly { readonly orderId: string; readonly from: Instant; readonly to: Instant }[] {
  if (returns === undefined) return [];
  return returns.map(({ at: from, orderId }) => {
    const refund = orders.refunds.find((each) => each.orderId === orderId && each.at >= from);
    return { orderId, from, to: Math.min(refund?.at ?? Infinity, from + RETURN_LASTS) };
  });
}
