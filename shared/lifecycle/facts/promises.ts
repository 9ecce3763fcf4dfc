/**
 * By when orders are promised: a change that was confirmed moves the promise. Read from the facts and remembered nowhere,
 * so it does not matter whether order, request or confirmation is heard of first.
 */
import type { Instant } from '../time.ts';
import { type Changes, isStillOpen } from './matters.ts';
import type { Order, Orders } from './orders.ts';

interface Agreed {
  readonly orders: Orders;
  readonly changes?: Changes;
}

interface Asked {
  readonly at: Instant;
  readonly orderId?: string;
}

/** The order that was to be changed: the one that was named, or else the newest that was still to be delivered. */
function meant({ ring }: Orders, { at, orderId }: Asked): string | undefined {
  const open = ring.filter((each) => each.at <= at && !each.cancelled && (each.deliveredAt ?? Infinity) > at);
  return orderId ?? open.at(-1)?.orderId;
}

/** The order with the date that was agreed on last. */
export function asAgreed({ orders, changes }: Agreed, order: Order): Order {
  let last: { readonly at: Instant; readonly newDate: Instant } | undefined;
  for (const { opened, closed } of changes?.known ?? []) {
    if (opened?.newDate === undefined || closed === undefined || isStillOpen(opened, closed)) continue;
    if (closed.at < (last?.at ?? 0) || meant(orders, opened) !== order.orderId) continue;
    last = { at: closed.at, newDate: opened.newDate };
  }
  return last === undefined ? order : { ...order, promisedBy: last.newDate };
}
