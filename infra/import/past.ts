/**
 * What a shop's files tell of its customers, as the events it would have emitted. Ids of events are made of what they
 * tell, so that the same files make the same events, whenever and however often they are read.
 */
import { createHash } from 'node:crypto';
import { customerRegistered } from '../../shared/lifecycle/events/customer-registered.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { loginSucceeded } from '../../shared/lifecycle/events/login-succeeded.ts';
import { orderCancelled } from '../../shared/lifecycle/events/order-cancelled.ts';
import { profileUpdated } from '../../shared/lifecycle/events/profile-updated.ts';
import { purchaseCompleted } from '../../shared/lifecycle/events/purchase-completed.ts';
import { plural } from '../../shared/lifecycle/explain/when.ts';
import { BEFORE_RECORDS, type Duration, type Instant, utcDay } from '../../shared/lifecycle/time.ts';
import type { Cancellation } from '../history/cancellations.ts';
import type { Complaint } from '../history/complaints.ts';
import type { Person } from '../history/customers.ts';
import type { MomentLog } from '../history/moments.ts';
import type { OrderLog } from '../history/order-log.ts';
import { byCustomer, complaintEvents, discountIn, momentsOf, numbersOf, paidIn, toldEvent } from '../history/told.ts';

/** What the files hold. */
export interface Files {
  readonly orders?: OrderLog;
  readonly people?: readonly Person[];
  readonly logins?: MomentLog;
  readonly complaints?: readonly Complaint[];
  readonly cancellations?: readonly Cancellation[];
}

/** Every customer of the files, in the order of their ids. */
export interface Past {
  readonly customers: readonly string[];
  /** Cancellations that are left out: of customers of whom no other file tells. */
  readonly strayCancellations: number;
  /** Ascending by time. */
  eventsOf(customerId: string): readonly CustomerEvent[];
}

/** Characters of a hash in an id: 132 bits, so that no two ever meet. */
const HASH_LENGTH = 22;

/** An objection and a consent of the same instant, told by two imports: the objection holds, whatever the events' ids. */
const AFTER_CONSENT: Duration = 1;
/** Of consent and of complaints without one. */
const UNKNOWN_SOURCE = 'import';
const USUAL_SEVERITY = 'normal';

function hashOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, HASH_LENGTH);
}

/** @param begunAt when the import was first begun: what the files say without a date against mail counts from then */
export function pastFrom({ orders, people, logins, complaints, cancellations = [] }: Files, begunAt: Instant): Past {
  const [buyers, visitors] = [numbersOf(orders?.customers), numbersOf(logins?.customers)];
  const [said, complained, cancelled] = [byCustomer(people), byCustomer(complaints), byCustomer(cancellations)];
  const customers = [...new Set([buyers, visitors, said, complained].flatMap((each) => [...each.keys()]))].toSorted();
  const known = new Set(customers);
  const strayCancellations = cancellations.filter(({ customerId }) => !known.has(customerId)).length;
  const eventsOf = (customerId: string): readonly CustomerEvent[] => {
    const told = [
      ...(orders ? purchasesOf(orders, buyers.get(customerId), customerId) : []),
      ...(logins ? loginsOf(logins, visitors.get(customerId), customerId) : []),
      ...(complained.get(customerId) ?? []).flatMap(complaintIn),
      ...(cancelled.get(customerId) ?? []).map(cancellationEvent),
    ].toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1));
    const person = personOf(said.get(customerId) ?? []);
    return person === undefined ? told : [personEvent(customerId, person, told, begunAt), ...told];
  };
  return { customers, strayCancellations, eventsOf };
}

function idFrom(kind: string, ...parts: readonly unknown[]): string {
  return `import/${kind}/${hashOf(...parts)}`;
}

function purchasesOf(log: OrderLog, index: number | undefined, customerId: string): CustomerEvent[] {
  if (index === undefined) return [];
  const purchases: CustomerEvent[] = [];
  const end = log.starts[index + 1] ?? 0;
  /** Orders without an id that are alike in all the file tells of them. */
  const alike = new Map<string, number>();
  for (let order = log.starts[index] ?? 0; order < end; order += 1) {
    const at = log.at[order] ?? 0;
    const paid = paidIn(log, order);
    let orderId = log.orderIds?.textOf(order);
    if (orderId === undefined) {
      const like = hashOf(customerId, at, paid.total, paid.currency);
      const nth = alike.get(like) ?? 0;
      alike.set(like, nth + 1);
      orderId = `import-${hashOf(like, nth)}`;
    }
    const data = { orderId, ...paid, ...discountIn(log, order) };
    purchases.push(toldEvent(purchaseCompleted.type, customerId, idFrom('order', orderId), at, data));
  }
  return purchases;
}

/** One a day is all that is kept of them. */
function loginsOf(log: MomentLog, index: number | undefined, customerId: string): CustomerEvent[] {
  if (index === undefined) return [];
  const days = new Map<number, Instant>();
  for (const instant of momentsOf(log, index)) {
    const day = utcDay(instant);
    if (!days.has(day)) days.set(day, instant);
  }
  return [...days].map(([day, at]) => toldEvent(loginSucceeded.type, customerId, `import/login/${day}`, at));
}

function complaintIn(complaint: Complaint): readonly CustomerEvent[] {
  const { customerId, openedAt: at, resolvedAt, channel = UNKNOWN_SOURCE, severity = USUAL_SEVERITY } = complaint;
  const { complaintId = `import-${hashOf(customerId, at)}` } = complaint;
  const ids = { opened: idFrom('complaint', complaintId), resolved: idFrom('resolved', complaintId) };
  return complaintEvents(customerId, { complaintId, at, resolvedAt, channel, severity }, ids);
}

function cancellationEvent({ customerId, orderId, at }: Cancellation): CustomerEvent {
  return toldEvent(orderCancelled.type, customerId, idFrom('cancelled', orderId), at, { orderId });
}

/** A later line counts for what it says; what it leaves out stays. Of consent one line tells all or nothing. */
function personOf(lines: readonly Person[]): Person | undefined {
  const merged = lines.reduce<Person | undefined>((known, line) => ({ ...known, ...line }), undefined);
  if (merged === undefined) return undefined;
  const {
    marketing: _marketing,
    consentAt: _consentAt,
    consentSource: _consentSource,
    consentWording: _consentWording,
    ...contact
  } = merged;
  const { marketing, consentAt, consentSource, consentWording } = lines.reduce(laterStatement, {});
  return {
    ...contact,
    ...(marketing !== undefined && { marketing }),
    ...(consentAt !== undefined && { consentAt }),
    ...(consentSource !== undefined && { consentSource }),
    ...(consentWording !== undefined && { consentWording }),
  };
}

type Statement = Omit<Person, 'customerId'>;

/** Of two lines the one whose word on consent counts: the later, at equal times the objection, else the second. */
function laterStatement(known: Statement, line: Statement): Statement {
  if (line.marketing === undefined) return known;
  if (known.marketing === undefined) return line;
  const [before, after] = [statedAt(known), statedAt(line)];
  if (before !== after) return before < after ? line : known;
  return known.marketing === 'none' ? known : line;
}

/** Without a date an objection is the last word, and a consent the first. */
function statedAt({ marketing, consentAt }: Statement): Instant {
  return consentAt ?? (marketing === 'none' ? Infinity : -Infinity);
}

/** The first thing anybody knows of them: whatever they told us since is newer. */
function personEvent(
  customerId: string,
  person: Person,
  told: readonly CustomerEvent[],
  begunAt: Instant,
): CustomerEvent {
  const { email, name, locale, timeZone, consentAt } = person;
  const dates = told.map(({ occurredAt }) => occurredAt);
  if (consentAt !== undefined) dates.push(Math.min(consentAt, begunAt));
  const occurredAt = dates.length === 0 ? BEFORE_RECORDS : Math.min(...dates);
  const consent = consentOf(person, told, begunAt);
  const data = {
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
    ...(locale !== undefined && { locale }),
    ...(timeZone !== undefined && { timeZone }),
    ...(consent && { consent }),
  };
  const type = email === undefined ? profileUpdated.type : customerRegistered.type;
  return toldEvent(type, customerId, idFrom('person', customerId, data), occurredAt, data);
}

/** The consent as an event has it. */
function consentOf(person: Person, told: readonly CustomerEvent[], begunAt: Instant) {
  const { marketing, consentSource = UNKNOWN_SOURCE, consentWording } = person;
  if (marketing === undefined) return undefined;
  const at = new Date(consentedAt({ ...person, marketing }, told, begunAt)).toISOString();
  return { marketing, source: consentSource, at, ...(consentWording !== undefined && { wording: consentWording }) };
}

/**
 * When a consent was given. Without a date an opt-in counts from the first order, so that no unsubscribe since is undone
 * by it; a soft opt-in from the last order, for each one renews it; an objection from the import, which is when it was
 * still known to hold.
 */
function consentedAt(
  { marketing, consentAt }: Pick<Person, 'consentAt'> & { readonly marketing: NonNullable<Person['marketing']> },
  told: readonly CustomerEvent[],
  begunAt: Instant,
): Instant {
  // A day without a time is its noon, which may still be to come.
  const dated = consentAt === undefined ? undefined : Math.min(consentAt, begunAt);
  const orders = told.filter(({ type, occurredAt }) => type === purchaseCompleted.type && occurredAt <= begunAt);
  switch (marketing) {
    case 'opt_in':
      return dated ?? orders.at(0)?.occurredAt ?? BEFORE_RECORDS;
    case 'soft_opt_in':
      return dated ?? orders.at(-1)?.occurredAt ?? BEFORE_RECORDS;
    case 'none':
      return (dated ?? begunAt) + AFTER_CONSENT;
    default:
      return marketing satisfies never;
  }
}

/**
 * The events up to the present: what is dated later comes of a wrong clock or a mistyped date, and is not taken in.
 *
 * @param events ascending by time
 */
export function upTo(events: readonly CustomerEvent[], now: Instant): readonly CustomerEvent[] {
  const last = events.at(-1)?.occurredAt ?? 0;
  return last <= now ? events : events.filter(({ occurredAt }) => occurredAt <= now);
}

/** That cancellations are left out, for whoever reads what an import takes in. */
export function strayInWords({ strayCancellations: count }: Pick<Past, 'strayCancellations'>): readonly string[] {
  if (count === 0) return [];
  const of = count === 1 ? 'is left out: its customer is' : 'are left out: their customers are';
  return [`${plural(count, 'cancellation')} ${of} in no other of these files.`];
}

/** Days until so many people have begun to get mail, for whoever reads how long a wave takes. */
export function daysOf(people: number, perDay: number): number {
  return Math.ceil(people / perDay);
}
