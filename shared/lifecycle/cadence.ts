/**
 * How long a silence has to be before it means something: one interface, behind it the rule the shop chose.
 * Both crossings are closed forms of the history, so one timer per order is enough.
 */
import type { OrderHistory } from './facts/orders.ts';
import { ceilToHour, DAY, type Duration, type Instant } from './time.ts';

export interface Cadence {
  /** When the silence after the last order becomes unlike this customer. */
  atRiskAt(history: OrderHistory): Instant;
  /** When a return has become unlikely. */
  lapsedAt(history: OrderHistory): Instant;
  /** One sentence on what is usual for this customer, for the timeline. */
  usual(history: OrderHistory): string;
}

/** Fixed numbers of days for everybody. */
interface FixedCadence {
  readonly rule: 'fixed';
  readonly atRiskAfter: Duration;
  readonly lapsedAfter: Duration;
}

/** Multiples of the customer's own gap, shrunk towards what is usual in the shop. */
export interface OwnGapCadence {
  readonly rule: 'ownGap';
  /** Median gap between orders in the shop. */
  readonly populationGap: Duration;
  readonly atRiskGaps: number;
  readonly lapsedGaps: number;
  /** A daily buyer is not alarming after two days. */
  readonly atRiskNotBefore: Duration;
  /** Nobody is given up earlier than this. */
  readonly lapsedNotBefore: Duration;
}

export type CadencePolicy = FixedCadence | OwnGapCadence;

/** The weight of the population's gap against the customer's own, in observed gaps. */
const PRIOR_GAPS = 2;

/**
 * The customer's own gap, shrunk towards the population's: exp((sum ln gap + 2 ln m) / (n + 2)), a geometric mean with
 * two pseudo-observations. Gaps are whole days, at least one.
 */
export function shrunkGap(history: OrderHistory, populationGap: Duration): Duration {
  const lnPopulation = Math.log(Math.max(1, populationGap / DAY));
  return DAY * Math.exp((history.lnGaps + PRIOR_GAPS * lnPopulation) / (history.gaps + PRIOR_GAPS));
}

/**
 * The cadence of a policy. Crossings are rounded up to the hour: the rules have no finer meaning, and timers that fall
 * together are swept together.
 */
export function cadenceOf(policy: CadencePolicy): Cadence {
  switch (policy.rule) {
    case 'fixed':
      return {
        atRiskAt: (history) => ceilToHour(history.last + policy.atRiskAfter),
        lapsedAt: (history) => ceilToHour(history.last + policy.lapsedAfter),
        usual: () => `this shop waits ${Math.round(policy.atRiskAfter / DAY)} days for everybody`,
      };
    case 'ownGap': {
      const after = (history: OrderHistory, gaps: number, atLeast: Duration) =>
        ceilToHour(history.last + Math.max(atLeast, gaps * shrunkGap(history, policy.populationGap)));
      return {
        atRiskAt: (history) => after(history, policy.atRiskGaps, policy.atRiskNotBefore),
        lapsedAt: (history) => after(history, policy.lapsedGaps, policy.lapsedNotBefore),
        usual: (history) => {
          const days = Math.round(shrunkGap(history, policy.populationGap) / DAY);
          return `${history.gaps === 0 ? 'a buyer like this one usually returns after' : 'usually buys every'} ${days} days`;
        },
      };
    }
    default:
      return policy satisfies never;
  }
}
