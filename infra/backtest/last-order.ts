/** Whether the end of a log is to be trusted: one mistyped date would move the cut, and all scores with it. */
import { dateOf, plural } from '../../shared/lifecycle/explain/when.ts';
import { DAY, type Duration, utcDay } from '../../shared/lifecycle/time.ts';
import type { OrderLog } from '../history/order-log.ts';

/**
 * A note where the last day with orders follows the one before by more than the horizon.
 *
 * @returns undefined where it does not, or orders lie on one day only
 */
export function isolationNote({ at }: OrderLog, horizon: Duration): string | undefined {
  let [last, before] = [-Infinity, -Infinity];
  for (const each of at) {
    const day = utcDay(each);
    if (day > last) [last, before] = [day, last];
    else if (day < last && day > before) before = day;
  }
  const days = last - before;
  if (!Number.isFinite(days) || days * DAY <= horizon) return undefined;
  return `The last order, on ${dateOf(last * DAY)}, comes ${plural(days, 'day')} after the one before. If its date is mistyped, so is the end of this file: take it out, or say --cut.`;
}
