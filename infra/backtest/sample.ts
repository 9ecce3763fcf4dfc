/**
 * A part of a large export, for the play: who is in it hangs on the id alone, so it is the same people in every run, and
 * what is counted of them is scaled to everybody. Scoring always looks at everybody.
 */
import { isInShare } from '../../shared/lifecycle/facts/digest.ts';
import { byStage } from '../../shared/lifecycle/stage.ts';
import type { OrderLog } from '../history/order-log.ts';
import type { Simulated } from './simulation.ts';

export interface Sample {
  readonly log: OrderLog;
  /** By number of a customer in the sample: the number in the whole. */
  readonly originals: ArrayLike<number>;
}

/**
 * About `most` of the customers; all of them where there are not more.
 *
 * @param most people
 */
export function sampleOf(log: OrderLog, most: number): Sample {
  const { customers, starts, orderIds } = log;
  const share = most / customers.length;
  const chosen = customers.flatMap((id, index) => (isInShare(id, share) ? [index] : []));
  const originals = Uint32Array.from(chosen);
  if (originals.length === customers.length) return { log, originals };
  const places = originals.reduce((sum, index) => sum + (starts[index + 1] ?? 0) - (starts[index] ?? 0), 0);
  const some = {
    starts: new Uint32Array(originals.length + 1),
    at: new Float64Array(places),
    minor: new Float64Array(places),
    currency: new Uint8Array(places),
    discounted: new Uint8Array(places),
  };
  const orders = new Uint32Array(places);
  let place = 0;
  for (const [index, original] of originals.entries()) {
    const [from = 0, to = 0] = [starts[original], starts[original + 1]];
    for (const column of ['at', 'minor', 'currency', 'discounted'] as const) {
      some[column].set(log[column].subarray(from, to), place);
    }
    for (let order = from; order < to; order += 1) orders[place + order - from] = order;
    place += to - from;
    some.starts[index + 1] = place;
  }
  return {
    log: {
      ...some,
      customers: chosen.flatMap((index) => customers[index] ?? []),
      currencies: log.currencies,
      ...(orderIds && { orderIds: { textOf: (order: number) => orderIds.textOf(orders[order] ?? 0) } }),
    },
    originals,
  };
}

type ByName = Readonly<Record<string, number>>;

/**
 * What was counted of a sample, as if of everybody. Peaks grow with the rest: within an hour of a large shop chance matters
 * less than in its sample, so they are rather too high than too low.
 *
 * @param whole of whom the sample is a part
 */
export function scaledTo(whole: Pick<OrderLog, 'customers' | 'at'>, counted: Simulated): Simulated {
  const factor = counted.customers === 0 ? 1 : whole.customers.length / counted.customers;
  if (factor === 1) return counted;
  const times = (count: number) => Math.round(count * factor);
  const all = (counts: ByName) =>
    Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, times(count)]));
  const weekly = (weeks: Int32Array) => weeks.map(times);
  const { busiestHour, busiestDay, holdout } = counted;
  return {
    ...counted,
    customers: whole.customers.length,
    orders: whole.at.length,
    stages: byStage((stage) => weekly(counted.stages[stage])),
    stagesAtEnd: byStage((stage) => times(counted.stagesAtEnd[stage])),
    mails: Object.fromEntries(Object.entries(counted.mails).map(([programme, weeks]) => [programme, weekly(weeks)])),
    mailsByStep: all(counted.mailsByStep),
    sent: times(counted.sent),
    withheld: all(counted.withheld),
    cancelled: all(counted.cancelled),
    failed: all(counted.failed),
    busiestHour: { ...busiestHour, mails: times(busiestHour.mails) },
    busiestDay: { ...busiestDay, mails: times(busiestDay.mails) },
    offers: counted.offers.map((bill) => ({
      ...bill,
      issued: times(bill.issued),
      unknown: times(bill.unknown),
      worstCase: all(bill.worstCase),
    })),
    holdout: { ...holdout, people: times(holdout.people), mails: times(holdout.mails) },
  };
}
