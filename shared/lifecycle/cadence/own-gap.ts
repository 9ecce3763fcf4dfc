/** The gap between orders that is usual for one customer, as far as a few gaps can tell. */
import type { OrderHistory } from '../facts/orders.ts';
import { DAY, type Duration } from '../time.ts';

/** The weight of the population's gap against the customer's own, in observed gaps. */
const PRIOR_GAPS = 2;

/**
 * The customer's own gap, shrunk towards the population's: exp((sum ln gap + 2 ln m) / (n + 2)), a geometric mean with
 * two pseudo-observations. Gaps are whole days, at least one.
 */
export function shrunkGap(history: Pick<OrderHistory, 'gaps' | 'lnGaps'>, populationGap: Duration): Duration {
  const lnPopulation = Math.log(Math.max(1, populationGap / DAY));
  return DAY * Math.exp((history.lnGaps + PRIOR_GAPS * lnPopulation) / (history.gaps + PRIOR_GAPS));
}
