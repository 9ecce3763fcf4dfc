/**
 * What was known of everybody at the end of one day, and whether they ordered in the time after it. Nothing a customer
 * did later reaches anything here but `silent`, so scores made of a snapshot cannot look ahead.
 */
import { median } from 'd3-array';
import { shrunkGap } from '../../../shared/lifecycle/cadence/own-gap.ts';
import type { RepeatsTable } from '../../../shared/lifecycle/cadence/fit.ts';
import { DAY, type Duration, utcDay } from '../../../shared/lifecycle/time.ts';
import type { OrderLog } from '../../history/order-log.ts';

export const DAYS_PER_WEEK = 7;

/** A day and the time after it, in whole UTC days. */
export interface Look {
  /** The last UTC day that is known, counted from 1970-01-01. */
  readonly day: number;
  /** How many days after it decide who stayed silent. */
  readonly horizon: number;
}

/**
 * Everybody who had ordered by the end of the day, one place per person in every array. The orders of one day are one;
 * `x`, `tx` and `T` are as the models want them: repeat order days, weeks from the first order to the last and to the day.
 */
export interface Snapshot extends RepeatsTable {
  /** Which customer of the log each person is. */
  readonly customer: Uint32Array;
  readonly x: Float64Array;
  readonly tx: Float64Array;
  readonly T: Float64Array;
  /** Days since the last order. */
  readonly silence: Float64Array;
  /** Geometric mean of the person's own gaps, in days; NaN below two order days. */
  readonly ownGap: Float64Array;
  /** The same shrunk towards the gap of the population, in days. */
  readonly usualGap: Float64Array;
  /** What the orders came to in {@link currency}, in minor units; NaN where an amount is unknown or of another currency. */
  readonly spend: Float64Array;
  /** The currency of most orders up to the day; undefined in a log without any. */
  readonly currency: string | undefined;
  /** 1 for whoever did not order in the days after. */
  readonly silent: Uint8Array;
  /** Median gap between two order days of one person, in days; NaN when nobody ordered twice. */
  readonly populationGap: number;
}

/** The last day a log knows anything about; undefined without orders. */
export function lastDay({ at }: OrderLog): number | undefined {
  return at.length === 0 ? undefined : utcDay(at.reduce((latest, each) => Math.max(latest, each)));
}

/** The first day of a log; undefined without orders. */
export function firstDay({ at }: OrderLog): number | undefined {
  return at.length === 0 ? undefined : utcDay(at.reduce((earliest, each) => Math.min(earliest, each)));
}

/** The latest cut that leaves the whole horizon in the log, as a UTC day; undefined without orders. */
export function latestCut(log: OrderLog, horizon: Duration): number | undefined {
  const last = lastDay(log);
  return last === undefined ? undefined : last - Math.round(horizon / DAY);
}

/** Whom the log knows by the end of the day. */
function knownBy({ customers, starts, at }: OrderLog, day: number): Uint32Array {
  return Uint32Array.from(customers.keys()).filter((customer) => {
    const first = starts[customer] ?? 0;
    return first < (starts[customer + 1] ?? 0) && utcDay(at[first] ?? 0) <= day;
  });
}

/**
 * Index of the currency most orders up to the end of the day were paid in; the first one when nothing was ordered. Of
 * equal ones it is the first by its code: where it stands in the list may depend on later orders.
 */
function commonestCurrency({ at, currency, currencies }: OrderLog, day: number): number {
  const orders = new Float64Array(Math.max(1, currencies.length));
  currency.forEach((each, order) => {
    if (utcDay(at[order] ?? 0) <= day) orders[each] = (orders[each] ?? 0) + 1;
  });
  const most = Math.max(...orders);
  const [code] = currencies.filter((_, index) => orders[index] === most).toSorted();
  return code === undefined || most === 0 ? 0 : currencies.indexOf(code);
}

/** Looks at the log as it stood at the end of a day. */
export function snapshotAt(log: OrderLog, { day, horizon }: Look): Snapshot {
  const { starts, at, minor, currency, currencies } = log;
  const customer = knownBy(log, day);
  const length = customer.length;
  const counted = commonestCurrency(log, day);
  const x = new Float64Array(length);
  const tx = new Float64Array(length);
  const T = new Float64Array(length);
  const silence = new Float64Array(length);
  const lnGaps = new Float64Array(length);
  const spend = new Float64Array(length);
  const silent = new Uint8Array(length).fill(1);
  const allGaps: number[] = [];

  customer.forEach((each, person) => {
    const from = starts[each] ?? 0;
    const to = starts[each + 1] ?? 0;
    const first = utcDay(at[from] ?? 0);
    let last = first;
    for (let order = from; order < to; order += 1) {
      const on = utcDay(at[order] ?? 0);
      if (on > day) {
        if (on <= day + horizon) silent[person] = 0;
        break;
      }
      if (on > last) {
        allGaps.push(on - last);
        x[person] = (x[person] ?? 0) + 1;
        lnGaps[person] = (lnGaps[person] ?? 0) + Math.log(on - last);
        last = on;
      }
      const amount = currency[order] === counted ? minor[order] : undefined;
      spend[person] = (spend[person] ?? 0) + (amount ?? Number.NaN);
    }
    tx[person] = (last - first) / DAYS_PER_WEEK;
    T[person] = (day - first) / DAYS_PER_WEEK;
    silence[person] = day - last;
  });

  const populationGap = median(allGaps) ?? Number.NaN;
  return {
    length,
    customer,
    x,
    tx,
    T,
    silence,
    ownGap: lnGaps.map((sum, person) => Math.exp(sum / (x[person] ?? 0))),
    usualGap: lnGaps.map((sum, person) => shrunkGap({ gaps: x[person] ?? 0, lnGaps: sum }, populationGap * DAY) / DAY),
    spend,
    currency: currencies[counted],
    silent,
    populationGap,
  };
}
