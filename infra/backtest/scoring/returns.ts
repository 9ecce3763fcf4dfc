/**
 * Silences that an order ended: what an alarm during them would have been false about. Only of people who had ordered on
 * two days or more before, for whoever has bought once has no gap of their own.
 */
import { shrunkGap } from '../../../shared/lifecycle/cadence/own-gap.ts';
import { DAY, utcDay } from '../../../shared/lifecycle/time.ts';
import type { OrderLog } from '../../history/order-log.ts';
import type { Silences } from './rules.ts';
import { DAYS_PER_WEEK } from './snapshot.ts';

/** One place per silence; `x` and `tx` as at its beginning, `T` and `silence` as at its end. */
export interface Returns extends Silences {
  /** Geometric mean of the person's own gaps before it, in days. */
  readonly ownGap: Float64Array;
}

/**
 * Silences that ended on a day after `from` and up to `to`, both UTC days.
 *
 * @param populationGap in days
 */
export function returnsBetween(log: OrderLog, from: number, to: number, populationGap: number): Returns {
  const { customers, starts, at } = log;
  const x: number[] = [];
  const tx: number[] = [];
  const T: number[] = [];
  const silence: number[] = [];
  const ownGap: number[] = [];
  const usualGap: number[] = [];
  customers.forEach((_, customer) => {
    const begin = starts[customer] ?? 0;
    const first = utcDay(at[begin] ?? 0);
    let last = first;
    let gaps = 0;
    let lnGaps = 0;
    for (let order = begin; order < (starts[customer + 1] ?? 0); order += 1) {
      const day = utcDay(at[order] ?? 0);
      if (day > to) break;
      if (day === last) continue;
      if (day > from && gaps > 0) {
        x.push(gaps);
        tx.push((last - first) / DAYS_PER_WEEK);
        T.push((day - first) / DAYS_PER_WEEK);
        silence.push(day - last);
        ownGap.push(Math.exp(lnGaps / gaps));
        usualGap.push(shrunkGap({ gaps, lnGaps }, populationGap * DAY) / DAY);
      }
      gaps += 1;
      lnGaps += Math.log(day - last);
      last = day;
    }
  });
  return {
    x: Float64Array.from(x),
    tx: Float64Array.from(tx),
    T: Float64Array.from(T),
    silence: Float64Array.from(silence),
    ownGap: Float64Array.from(ownGap),
    usualGap: Float64Array.from(usualGap),
  };
}
