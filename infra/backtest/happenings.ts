/**
 * What an export tells of a customer, as the events that a shop would have emitted: the same that the player of the twin
 * makes of its rows, but for their ids, and made without the text of a wire in between.
 */
import { complaintOpened } from '../../shared/lifecycle/events/complaint-opened.ts';
import { complaintResolved } from '../../shared/lifecycle/events/complaint-resolved.ts';
import { customerRegistered } from '../../shared/lifecycle/events/customer-registered.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { loginSucceeded } from '../../shared/lifecycle/events/login-succeeded.ts';
import { purchaseCompleted } from '../../shared/lifecycle/events/purchase-completed.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { OrderLog } from '../history/order-log.ts';
import { complaintEvents, discountIn, paidIn, toldEvent, type ToldComplaint } from '../history/told.ts';

/** What an export tells of a customer beside the orders; each list ascending by time. Cancelled orders are not in the log. */
export interface Besides {
  readonly logins?: readonly Instant[];
  readonly complaints?: readonly ToldComplaint[];
}

/** What is known of a person; without it an export's customer has an address that nobody owns. */
export interface PersonSaid {
  readonly email?: string;
  readonly name?: string;
  readonly locale?: string;
  readonly timeZone?: string;
}

/** An address nobody can own (RFC 2606). Nobody is ever written to at it, so that the id need not be in it. */
const EMAIL = 'customer@example.com';

/** Of one instant the registration comes first, and what ends something after what began it. */
const TELLING_ORDER: readonly string[] = [
  customerRegistered.type,
  loginSucceeded.type,
  purchaseCompleted.type,
  complaintOpened.type,
  complaintResolved.type,
];

/** The id of an order by its place in the log, where the export has none. */
function orderIdOf({ orderIds }: OrderLog, order: number): string {
  return orderIds?.textOf(order) ?? `order-${order}`;
}

function purchaseOf(log: OrderLog, order: number, customerId: string): CustomerEvent {
  const data = { orderId: orderIdOf(log, order), ...paidIn(log, order), ...discountIn(log, order) };
  return toldEvent(purchaseCompleted.type, customerId, `bought-${order}`, log.at[order] ?? 0, data);
}

function besidesOf(customerId: string, { logins, complaints }: Besides): CustomerEvent[] {
  const told: CustomerEvent[] = [];
  for (const at of logins ?? []) told.push(toldEvent(loginSucceeded.type, customerId, `login-${at}`, at));
  for (const complaint of complaints ?? []) {
    const { complaintId } = complaint;
    const ids = { opened: `opened-${complaintId}`, resolved: `resolved-${complaintId}` };
    told.push(...complaintEvents(customerId, complaint, ids));
  }
  return told;
}

/** The events of customer number `index` of the log, ascending by time, the registration with consent first of all. */
export function eventsOf(
  log: OrderLog,
  index: number,
  besides: Besides = {},
  person: PersonSaid = {},
): readonly CustomerEvent[] {
  const customerId = log.customers[index] ?? '';
  const events: CustomerEvent[] = [];
  const end = log.starts[index + 1] ?? 0;
  for (let order = log.starts[index] ?? 0; order < end; order += 1) events.push(purchaseOf(log, order, customerId));
  const others = besidesOf(customerId, besides);
  if (others.length > 0) {
    events.push(...others);
    events.sort((a, b) => a.occurredAt - b.occurredAt || TELLING_ORDER.indexOf(a.type) - TELLING_ORDER.indexOf(b.type));
  }
  const [first] = events;
  if (first === undefined) return events;
  const { occurredAt } = first;
  const consent = { marketing: 'opt_in', source: 'export', at: new Date(occurredAt).toISOString() };
  const data = { email: EMAIL, ...person, consent };
  return [toldEvent(customerRegistered.type, customerId, 'registered', occurredAt, data), ...events];
}
