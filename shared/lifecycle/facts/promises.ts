/**
 * By when orders are promised: a change that was confirmed moves the promise, and what was agreed on stands until
 * something else is. Which order a change means that names none follows from what was so when it was asked for, so it
 * does not matter whether order, request or confirmation is heard of first.
 */
import type { Instant } from '../time.ts';
import { type Changes, isStillOpen } from './matters.ts';
import { keepLatest, type Stamp } from './order-by-time.ts';
import { type Order, type Orders, RING_SIZE } from './orders.ts';

/** A new date for an order; its stamp is that of the confirmation. */
export interface Agreed extends Stamp {
  readonly newDate: Instant;
  /** When the change was asked for. */
  readonly asked: Instant;
  /** The order, where it was named. */
  readonly orderId?: string;
}

/** Ascending by when it was confirmed: of each order that was named the latest, and of each request that named none. */
export type Agreements = readonly Agreed[];

interface Known {
  readonly orders: Orders;
  readonly agreed?: Agreements;
}

/** Only the newest orders are known one by one; twice as many, for some changes name no order. */
const AGREEMENTS_KEPT = 2 * RING_SIZE;

/** What the confirmation of a change agrees on; undefined for one that is not confirmed, or moves no date. */
function agreedOn({ opened, closed }: Changes['known'][number]): Agreed | undefined {
  if (opened?.newDate === undefined || closed === undefined || isStillOpen(opened, closed)) return undefined;
  const { newDate, orderId, at: asked } = opened;
  return { at: closed.at, id: closed.id, newDate, asked, ...(orderId !== undefined && { orderId }) };
}

/** The agreements with what a change that was heard of agrees on; the same list when that is nothing new. */
export function withAgreed(agreed: Agreements | undefined, changes: Changes, changeId: string): Agreements | undefined {
  const change = changes.known.find(({ id }) => id === changeId);
  const heard = change && agreedOn(change);
  if (heard === undefined) return agreed;
  const isSame = ({ orderId, asked }: Agreed) =>
    orderId === heard.orderId && (orderId ?? asked) === (heard.orderId ?? heard.asked);
  return keepLatest(agreed, heard, isSame, AGREEMENTS_KEPT);
}

/** The order that was to be changed: the one that was named, or else the newest that was still to be delivered then. */
function meant({ ring }: Orders, { asked, orderId }: Agreed): string | undefined {
  const open = ring.filter(
    ({ at, cancelled, cancelledAt = cancelled ? at : Infinity, deliveredAt = Infinity }) =>
      at <= asked && cancelledAt > asked && deliveredAt > asked,
  );
  return orderId ?? open.at(-1)?.orderId;
}

/** The date that was agreed on last for an order; undefined when none was. */
export function agreedFor({ orders, agreed = [] }: Known, { orderId }: Order): Instant | undefined {
  return agreed.findLast((each) => meant(orders, each) === orderId)?.newDate;
}

/** The order with the date that was agreed on last. */
export function asAgreed(known: Known, order: Order): Order {
  const promisedBy = agreedFor(known, order);
  return promisedBy === undefined ? order : { ...order, promisedBy };
}
