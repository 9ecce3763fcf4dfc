/** An export as the twin plays it, and as a backtest reads it: the same rows, for tests that hold the two together. */
import type { Besides } from '../../infra/backtest/happenings.ts';
import type { OrderLog } from '../../infra/history/order-log.ts';
import type { Delivery } from '../../infra/local/delivery.ts';
import { timelineOf } from '../../infra/local/player/timeline.ts';
import { toMinor } from '../../shared/lifecycle/facts/money.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import type { Stage } from '../../shared/lifecycle/stage.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

interface Row {
  readonly customer_id: string;
  readonly date: Instant;
}

interface OrderRow extends Row {
  readonly amount: number;
  readonly order_id?: string;
  readonly currency?: string;
  readonly discount?: number;
}

interface ComplaintRow extends Row {
  readonly complaint_id: string;
  readonly channel?: string;
  readonly severity?: 'low' | 'normal' | 'high';
  readonly resolved?: Instant;
}

export interface Exported {
  readonly orders: readonly OrderRow[];
  readonly logins?: readonly Row[];
  readonly complaints?: readonly ComplaintRow[];
}

interface Played {
  readonly deliveries: readonly Delivery[];
  readonly start: Instant;
  readonly end: Instant;
}

const NO_ORDER_COLUMNS = {
  order_id: undefined,
  email: undefined,
  name: undefined,
  locale: undefined,
  currency: undefined,
  discount: undefined,
};
const NO_COMPLAINT_COLUMNS = { channel: undefined, severity: undefined, resolved: undefined };

/** What the twin is told, up to the end of the day of the last order. */
export function deliveriesOf({ orders, logins = [], complaints = [] }: Exported): Played {
  const timeline = timelineOf({
    orders: orders.map((row) => ({ ...NO_ORDER_COLUMNS, ...row })),
    logins,
    complaints: complaints.map((row) => ({ ...NO_COMPLAINT_COLUMNS, ...row })),
  });
  if (timeline === undefined) throw new Error('an export without a row');
  return timeline;
}

const currencyOf = ({ currency = 'USD' }: OrderRow): string => currency;

/** What a backtest is given; somebody who only logs in or complains is not in it. */
export function logOf({ orders }: Exported): OrderLog {
  const sorted = orders.toSorted((a, b) =>
    a.customer_id < b.customer_id ? -1 : a.customer_id > b.customer_id ? 1 : a.date - b.date,
  );
  const customers = [...new Set(sorted.map((row) => row.customer_id))];
  const starts = customers.map((customer) => sorted.findIndex((row) => row.customer_id === customer));
  const currencies = [...new Set(sorted.map(currencyOf))];
  return {
    customers,
    starts: Uint32Array.from([...starts, sorted.length]),
    at: Float64Array.from(sorted, ({ date }) => date),
    minor: Float64Array.from(sorted, (row) => toMinor(row.amount, currencyOf(row))),
    currency: Uint8Array.from(sorted, (row) => currencies.indexOf(currencyOf(row))),
    currencies,
    discounted: Uint8Array.from(sorted, ({ discount = 0 }) => (discount > 0 ? 1 : 0)),
    orderIds: { textOf: (order) => sorted[order]?.order_id ?? `order-${order}` },
  };
}

export function besidesOf({ logins = [], complaints = [] }: Exported, customerId: string): Besides {
  const own = <Of extends Row>(rows: readonly Of[]): readonly Of[] =>
    rows.filter((row) => row.customer_id === customerId).toSorted((a, b) => a.date - b.date);
  return {
    logins: own(logins).map(({ date }) => date),
    complaints: own(complaints).map(({ complaint_id: complaintId, date: at, severity, channel, resolved }) => ({
      complaintId,
      at,
      severity: severity ?? 'normal',
      channel: channel ?? 'unknown',
      ...(resolved !== undefined && { resolvedAt: resolved }),
    })),
  };
}

/** What became of one customer. */
export interface Outcome {
  readonly stage: Stage;
  readonly stageSince: Instant;
  readonly traits: readonly string[];
  readonly waiting: readonly string[];
  readonly offers: readonly string[];
  /** Key, outcome, reason and time of each message that has ended. */
  readonly ends: readonly string[];
}

export function outcomeOf(customer: Living, ledger: readonly LedgerEntry[]): Outcome {
  return {
    stage: customer.stage,
    stageSince: customer.stageSince,
    traits: customer.traits,
    waiting: Object.keys(customer.pending).toSorted(),
    offers: customer.offers.map(({ offer, percent, issuedAt }) => `${offer} ${percent} ${issuedAt}`),
    ends: ledger
      .map(({ key, outcome, reason = '', endedAt }) => `${key} ${outcome} ${reason} ${new Date(endedAt).toISOString()}`)
      .toSorted(),
  };
}
