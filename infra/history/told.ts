/**
 * What the files of a shop tell, as the events the shop would have emitted: whoever makes events of files makes them here,
 * each under ids of its own, so that an order is the same to the backtest and to the import.
 */
import { complaintOpened } from '../../shared/lifecycle/events/complaint-opened.ts';
import { complaintResolved } from '../../shared/lifecycle/events/complaint-resolved.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { digitsOf } from '../../shared/lifecycle/facts/money.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { Complaint } from './complaints.ts';
import type { MomentLog } from './moments.ts';
import type { OrderLog } from './order-log.ts';

/** An amount that a file does not tell: an order it is all the same, and a mail about it has to name something. */
const UNKNOWN_AMOUNT = 0;

/** In major units. A file tells only that there was a discount; any amount above 0 says as much. */
const SOME_DISCOUNT = 0.01;

/** By customer, in the order of the rows. */
export function byCustomer<T extends { readonly customerId: string }>(
  rows: readonly T[] = [],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.customerId);
    if (group === undefined) groups.set(row.customerId, [row]);
    else group.push(row);
  }
  return groups;
}

/** The number of each customer of a log, by its list of them. */
export function numbersOf(customers: readonly string[] = []): ReadonlyMap<string, number> {
  return new Map(customers.map((customerId, number) => [customerId, number]));
}

/** When customer number `number` of a log did it, ascending. */
export function momentsOf({ starts, at }: Pick<MomentLog, 'starts' | 'at'>, number: number): Float64Array {
  return at.subarray(starts[number], starts[number + 1]);
}

/** An event of a customer. */
export function toldEvent(
  type: string,
  customerId: string,
  id: string,
  occurredAt: Instant,
  data: object = {},
): CustomerEvent {
  return { id, type, customerId, occurredAt, data: { customerId, ...data } };
}

/** What order number `order` of a log came to, in major units. */
export function paidIn(log: OrderLog, order: number): { readonly total: number; readonly currency: string } {
  const currency = log.currencies[log.currency[order] ?? 0] ?? '';
  const minor = log.minor[order] ?? Number.NaN;
  return { total: Number.isNaN(minor) ? UNKNOWN_AMOUNT : minor / 10 ** digitsOf(currency), currency };
}

/** The discount of an order, as far as an event has to tell of one. */
export function discountIn(log: OrderLog, order: number): { readonly discount?: number } {
  return log.discounted[order] === 1 ? { discount: SOME_DISCOUNT } : {};
}

/** A complaint of which everything is known that an event has to say. */
export interface ToldComplaint extends Required<Pick<Complaint, 'complaintId' | 'channel' | 'severity'>> {
  readonly at: Instant;
  readonly resolvedAt?: Instant | undefined;
}

/** A complaint, and its end where it had one. */
export function complaintEvents(
  customerId: string,
  { complaintId, channel, severity, at, resolvedAt }: ToldComplaint,
  ids: { readonly opened: string; readonly resolved: string },
): readonly CustomerEvent[] {
  const opened = toldEvent(complaintOpened.type, customerId, ids.opened, at, { complaintId, channel, severity });
  if (resolvedAt === undefined) return [opened];
  return [opened, toldEvent(complaintResolved.type, customerId, ids.resolved, resolvedAt, { complaintId })];
}
