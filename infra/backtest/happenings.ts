/**
 * What an export tells of a customer, as the events that a shop would have emitted: the same that the player of the twin
 * makes of its rows, but for their ids, and made without the text of a wire in between.
 */
import { complaintOpened } from '../../shared/lifecycle/events/complaint-opened.ts';
import { complaintResolved } from '../../shared/lifecycle/events/complaint-resolved.ts';
import { customerRegistered } from '../../shared/lifecycle/events/customer-registered.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { loginSucceeded } from '../../shared/lifecycle/events/login-succeeded.ts';
import { orderCancelled } from '../../shared/lifecycle/events/order-cancelled.ts';
import { purchaseCompleted } from '../../shared/lifecycle/events/purchase-completed.ts';
import type { SEVERITIES } from '../../shared/lifecycle/facts/complaints.ts';
import { digitsOf } from '../../shared/lifecycle/facts/money.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { OrderLog } from '../history/order-log.ts';

interface Complaint {
  readonly complaintId: string;
  readonly at: Instant;
  readonly severity: (typeof SEVERITIES)[number];
  readonly channel: string;
  readonly resolvedAt?: Instant | undefined;
}

interface Cancellation {
  readonly orderId: string;
  readonly at: Instant;
}

/** What an export tells of a customer beside the orders; each list ascending by time. */
export interface Besides {
  readonly logins?: readonly Instant[];
  readonly complaints?: readonly Complaint[];
  readonly cancellations?: readonly Cancellation[];
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

/** An amount that the export does not tell: an order it is all the same, and a mail about it has to name something. */
const UNKNOWN_AMOUNT = 0;

/** In major units. The export tells only that there was a discount; any amount above 0 says as much. */
const SOME_DISCOUNT = 0.01;

/** Of one instant the registration comes first, and what ends something after what began it. */
const TELLING_ORDER: readonly string[] = [
  customerRegistered.type,
  loginSucceeded.type,
  purchaseCompleted.type,
  orderCancelled.type,
  complaintOpened.type,
  complaintResolved.type,
];

/** The id of an order by its place in the log, where the export has none. */
function orderIdOf({ orderIds }: OrderLog, order: number): string {
  return orderIds?.textOf(order) ?? `order-${order}`;
}

function purchaseOf(log: OrderLog, order: number, customerId: string): CustomerEvent {
  const currency = log.currencies[log.currency[order] ?? 0] ?? '';
  const minor = log.minor[order] ?? Number.NaN;
  const total = Number.isNaN(minor) ? UNKNOWN_AMOUNT : minor / 10 ** digitsOf(currency);
  const data = { customerId, orderId: orderIdOf(log, order), total, currency };
  return {
    id: `bought-${order}`,
    type: purchaseCompleted.type,
    customerId,
    occurredAt: log.at[order] ?? 0,
    data: log.discounted[order] === 1 ? { ...data, discount: SOME_DISCOUNT } : data,
  };
}

function besidesOf(customerId: string, { logins, complaints, cancellations }: Besides): CustomerEvent[] {
  const event = (id: string, type: string, occurredAt: Instant, data: object): CustomerEvent => ({
    id,
    type,
    customerId,
    occurredAt,
    data: { customerId, ...data },
  });
  const told: CustomerEvent[] = [];
  for (const at of logins ?? []) told.push(event(`login-${at}`, loginSucceeded.type, at, {}));
  for (const { complaintId, at, severity, channel, resolvedAt } of complaints ?? []) {
    told.push(event(`opened-${complaintId}`, complaintOpened.type, at, { complaintId, channel, severity }));
    if (resolvedAt === undefined) continue;
    told.push(event(`resolved-${complaintId}`, complaintResolved.type, resolvedAt, { complaintId }));
  }
  for (const { orderId, at } of cancellations ?? []) {
    told.push(event(`cancelled-${orderId}`, orderCancelled.type, at, { orderId }));
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
  const data = { customerId, email: EMAIL, ...person, consent };
  return [{ id: 'registered', type: customerRegistered.type, customerId, occurredAt, data }, ...events];
}
