/**
 * From rows of an export to the events a shop would have emitted, oldest first. The result depends on what the rows
 * say, never on the order of the lines.
 */
import { createHash } from 'node:crypto';
import { byCodeUnit, byTimeAndCustomer, type Delivery, type ShopEvent } from '../delivery.ts';
import { type End, endOfDay } from './date.ts';
import type { ComplaintRow, LoginRow, OrderRow } from './rows.ts';

const SOURCE = 'shop.export';
/** What an export without the column is taken to mean. */
const DEFAULTS = { currency: 'USD', channel: 'unknown', severity: 'normal' } as const;
/** 96 bits: a collision among a billion ids has a chance of one in 10^11. */
const HASH_HEX_DIGITS = 24;
/** Ids that are fine inside an address as they stand; others are hashed. */
const PLAIN_ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** The part before the @ may have 64 characters (RFC 5321). */
const PLAIN_ID_LIMIT = 40;

export interface ExportRows {
  readonly orders: readonly OrderRow[];
  readonly logins: readonly LoginRow[];
  readonly complaints: readonly ComplaintRow[];
}

export interface Timeline {
  /** Sorted by time, customer and kind; an order told twice is delivered twice. */
  readonly deliveries: readonly Delivery[];
  /** Distinct orders, logins and complaints up to the end. */
  readonly events: number;
  /** Rows that lie after the end. */
  readonly leftOut: number;
  /** Epoch milliseconds of the first event and of the end of the play. */
  readonly start: number;
  readonly end: number;
}

/** A row's events, what it counts as, and what it says about the person. */
interface Told {
  readonly at: number;
  readonly customerId: string;
  /** Rows with the same identity are the same order, login or complaint. */
  readonly identity: string;
  readonly events: readonly ShopEvent[];
  readonly person: { readonly email?: string; readonly name?: string; readonly locale?: string };
}

/**
 * Lays out the rows in time, each customer announced by one registration at the instant of the first event.
 *
 * @param until where the play ends; without it, at the end of the UTC day of the last order
 * @returns undefined when no row lies before the end
 */
export function timelineOf(rows: ExportRows, until?: End): Timeline | undefined {
  const all = [...toldByOrders(rows.orders), ...rows.logins.map(toldByLogin), ...toldByComplaints(rows.complaints)];
  const { instant: end, included } =
    until ?? endOfDay(latest(rows.orders.length > 0 ? rows.orders : [...rows.logins, ...rows.complaints]));
  const inPlay = ({ at }: { readonly at: number }): boolean => at < end || (included && at === end);
  const told = all.filter(inPlay).toSorted(byTimeAndIdentity);
  const first = told[0];
  if (first === undefined) return undefined;

  const deliveries = [...registrations(told), ...told.flatMap((each) => each.events)]
    .map((event) => ({ at: Date.parse(event.detail.metadata.occurredAt), event }))
    .filter(inPlay)
    .toSorted(byTimeAndCustomer);
  return {
    deliveries,
    events: new Set(told.map((each) => each.identity)).size,
    leftOut: all.length - told.length,
    start: first.at,
    end,
  };
}

function latest(rows: readonly { readonly date: number }[]): number {
  return rows.reduce((last, row) => Math.max(last, row.date), Number.NEGATIVE_INFINITY);
}

function byTimeAndIdentity(left: Told, right: Told): number {
  return (
    left.at - right.at ||
    byCodeUnit(left.customerId, right.customerId) ||
    byCodeUnit(left.identity, right.identity) ||
    byCodeUnit(JSON.stringify(left.person), JSON.stringify(right.person))
  );
}

function hashOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, HASH_HEX_DIGITS);
}

/** The id covers all that is said, so the same event told twice is one event and a different one never shares its id. */
function shopEvent(
  kind: string,
  detailType: string,
  at: number,
  data: { readonly customerId: string } & Readonly<Record<string, unknown>>,
): ShopEvent {
  const occurredAt = new Date(at).toISOString();
  const id = `${kind}-${hashOf(detailType, occurredAt, data)}`;
  return {
    source: SOURCE,
    detailType,
    customerId: data.customerId,
    detail: { metadata: { id, version: 1, occurredAt }, data },
  };
}

/**
 * Pairs each row with its id. A row without one gets the hash of what it says and its ordinal among the rows that say
 * the same: two identical rows are two orders. What the further columns say decides which of them comes first, so the
 * order of the lines does not.
 */
function identified<T extends { readonly customer_id: string }>(
  rows: readonly T[],
  idOf: (row: T) => string | undefined,
  saying: (row: T) => readonly unknown[],
): (readonly [T, string])[] {
  const seen = new Map<string, number>();
  return rows
    .map((row) => ({ row, all: JSON.stringify(row) }))
    .toSorted((left, right) => byCodeUnit(left.all, right.all))
    .map(({ row }) => {
      const id = idOf(row);
      if (id !== undefined) return [row, id];
      const said = JSON.stringify(saying(row));
      const ordinal = seen.get(said) ?? 0;
      seen.set(said, ordinal + 1);
      return [row, hashOf(said, ordinal)];
    });
}

function toldByOrders(rows: readonly OrderRow[]): Told[] {
  const orders = identified(
    rows,
    (row) => row.order_id,
    (row) => ['order', row.customer_id, row.date, row.amount],
  );
  return orders.map(([row, orderId]) => ({
    at: row.date,
    customerId: row.customer_id,
    identity: JSON.stringify(['order', row.customer_id, orderId]),
    events: [
      shopEvent('order', 'Purchase Completed', row.date, {
        customerId: row.customer_id,
        orderId,
        total: row.amount,
        currency: row.currency ?? DEFAULTS.currency,
        ...(row.discount !== undefined && { discount: row.discount }),
        ...(row.email !== undefined && { email: row.email }),
      }),
    ],
    person: {
      ...(row.email !== undefined && { email: row.email }),
      ...(row.name !== undefined && { name: row.name }),
      ...(row.locale !== undefined && { locale: row.locale }),
    },
  }));
}

function toldByLogin(row: LoginRow): Told {
  return {
    at: row.date,
    customerId: row.customer_id,
    identity: JSON.stringify(['login', row.customer_id, row.date]),
    events: [shopEvent('login', 'Login Succeeded', row.date, { customerId: row.customer_id })],
    person: {},
  };
}

function toldByComplaints(rows: readonly ComplaintRow[]): Told[] {
  const complaints = identified(
    rows,
    (row) => row.complaint_id,
    (row) => ['complaint', row.customer_id, row.date],
  );
  return complaints.map(([row, complaintId]) => {
    const customer = row.customer_id;
    const channel = row.channel ?? DEFAULTS.channel;
    const severity = row.severity ?? DEFAULTS.severity;
    const opened = shopEvent('opened', 'Complaint Opened', row.date, {
      customerId: customer,
      complaintId,
      channel,
      severity,
    });
    const resolved =
      row.resolved === undefined
        ? []
        : [shopEvent('resolved', 'Complaint Resolved', row.resolved, { customerId: customer, complaintId })];
    return {
      at: row.date,
      customerId: customer,
      identity: JSON.stringify(['complaint', customer, complaintId]),
      events: [opened, ...resolved],
      person: {},
    };
  });
}

/** One registration per customer at the first event; what the earliest row with the column says about the person counts. */
function registrations(told: readonly Told[]): ShopEvent[] {
  const people = new Map<string, { at: number; person: Told['person'] }>();
  for (const each of told) {
    const known = people.get(each.customerId);
    people.set(each.customerId, { at: known?.at ?? each.at, person: { ...each.person, ...known?.person } });
  }
  return [...people].map(([customerId, { at, person }]) =>
    shopEvent('registered', 'Customer Registered', at, {
      customerId,
      email: person.email ?? madeUpAddress(customerId),
      ...(person.name !== undefined && { name: person.name }),
      ...(person.locale !== undefined && { locale: person.locale }),
      consent: { marketing: 'opt_in', source: 'export', at: new Date(at).toISOString() },
    }),
  );
}

/** An address nobody can own (RFC 2606), readable where the id allows it. */
function madeUpAddress(customerId: string): string {
  const plain = PLAIN_ID.test(customerId) && customerId.length <= PLAIN_ID_LIMIT;
  return `customer-${plain ? customerId : hashOf(customerId)}@example.com`;
}
