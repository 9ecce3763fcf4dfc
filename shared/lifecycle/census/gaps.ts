/**
 * The usual gap between two orders in the shop: the median of all gaps, in days. Gaps that a customer's ring of orders no
 * longer tells apart count as many times as there were, each with their geometric mean.
 */
import type { Orders } from '../facts/orders.ts';
import { DAY, type Duration, utcDay } from '../time.ts';

/** How many gaps were of so many whole days, the days as text. */
export type GapCounts = Readonly<Record<string, number>>;

/** Ten years: longer gaps count as this, so that the number of different ones has an end. */
const LONGEST_DAYS = 3650;

/** Gaps of one customer between order days, as [days, how many]. */
function* gapsOf({ ring, older }: Orders): Generator<readonly [days: number, many: number]> {
  const past = older?.history;
  if (past !== undefined && past.gaps > 0) yield [Math.round(Math.exp(past.lnGaps / past.gaps)), past.gaps];
  let before = past && utcDay(past.last);
  for (const { at, cancelled } of ring) {
    if (cancelled === true) continue;
    const day = utcDay(at);
    if (before !== undefined && day > before) yield [day - before, 1];
    before = day;
  }
}

/** Adds the gaps of a customer. */
export function addGaps(counts: Map<string, number>, orders: Orders): void {
  for (const [days, many] of gapsOf(orders)) {
    const key = String(Math.min(days, LONGEST_DAYS));
    counts.set(key, (counts.get(key) ?? 0) + many);
  }
}

/** How many gaps there are, and the middle one of them; undefined where there are none. */
export function medianGap(counts: GapCounts): { readonly gaps: number; readonly median: Duration } | undefined {
  const byDays = Object.entries(counts)
    .map(([days, many]) => ({ days: Number(days), many }))
    .toSorted((a, b) => a.days - b.days);
  const gaps = byDays.reduce((sum, { many }) => sum + many, 0);
  let below = 0;
  for (const { days, many } of byDays) {
    below += many;
    if (2 * below >= gaps) return { gaps, median: days * DAY };
  }
  return undefined;
}
