/**
 * How long a silence has to be before it means something: one interface, behind it the rule the shop chose.
 * Every crossing is a function of the history alone, so one timer per order is enough.
 */
import type { OrderHistory } from '../facts/orders.ts';
import { ceilToHour, DAY, type Duration, inDays, type Instant, MINUTE, NEVER } from '../time.ts';
import { boundsOfNoOrder, type MbgParameters, noOrderWithin } from './mbg-nbd.ts';
import { shrunkGap } from './own-gap.ts';

export interface Cadence {
  /** When the silence after the last order becomes unlike this customer. */
  atRiskAt(history: OrderHistory): Instant;
  /** When a return has become unlikely. */
  lapsedAt(history: OrderHistory): Instant;
  /** One sentence on what is usual for this customer, for the timeline. */
  usual(history: OrderHistory): string;
  /** One sentence on what the silence at `t` makes likely; undefined under a rule that knows no probability. */
  likely(history: OrderHistory, t: Instant): string | undefined;
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

/** The own gap as alarm clock, and lapsed when an order within the horizon has become unlikely by MBG/NBD. */
export interface MbgCadence extends MbgParameters {
  readonly rule: 'mbg';
  /** The time ahead within which an order is expected, or not. */
  readonly horizon: Duration;
  /** Lapsed from this probability of no order within the horizon on; above 0 and below 1. */
  readonly lapsedAbove: number;
  /** Median gap between orders in the shop. */
  readonly populationGap: Duration;
  readonly atRiskGaps: number;
  readonly atRiskNotBefore: Duration;
  readonly lapsedNotBefore: Duration;
}

export type CadencePolicy = FixedCadence | OwnGapCadence | MbgCadence;

const WEEK: Duration = 7 * DAY;

/** Nobody waits longer: a crossing after a hundred years of silence is none. */
const LONGEST_SILENCE: Duration = 36_525 * DAY;

/**
 * The cadence of a policy. Crossings that are multiples of days are rounded up to the hour: the rules have no finer
 * meaning, and timers that fall together are swept together. That of a probability is a minute.
 */
export function cadenceOf(policy: CadencePolicy): Cadence {
  if (latest?.policy !== policy) latest = { policy, cadence: cadenceBy(policy) };
  return latest.cadence;
}

/** Policies are never changed, only replaced; the last one's cadence is kept, with the crossings it has found. */
let latest: { readonly policy: CadencePolicy; readonly cadence: Cadence } | undefined;

function cadenceBy(policy: CadencePolicy): Cadence {
  switch (policy.rule) {
    case 'fixed':
      return {
        atRiskAt: (history) => ceilToHour(history.last + policy.atRiskAfter),
        lapsedAt: (history) => ceilToHour(history.last + policy.lapsedAfter),
        usual: () => `this shop waits ${Math.round(policy.atRiskAfter / DAY)} days for everybody`,
        likely: () => undefined,
      };
    case 'ownGap':
      return {
        atRiskAt: (history) => afterGaps(history, policy, policy.atRiskGaps, policy.atRiskNotBefore),
        lapsedAt: (history) => afterGaps(history, policy, policy.lapsedGaps, policy.lapsedNotBefore),
        usual: (history) => usualGap(history, policy),
        likely: () => undefined,
      };
    case 'mbg':
      return mbgCadence(policy);
    default:
      return policy satisfies never;
  }
}

interface ByGaps {
  readonly populationGap: Duration;
}

function afterGaps(history: OrderHistory, { populationGap }: ByGaps, gaps: number, atLeast: Duration): Instant {
  return ceilToHour(history.last + Math.max(atLeast, gaps * shrunkGap(history, populationGap)));
}

function usualGap(history: OrderHistory, { populationGap }: ByGaps): string {
  const days = Math.round(shrunkGap(history, populationGap) / DAY);
  return `${history.gaps === 0 ? 'a buyer like this one usually returns after' : 'usually buys every'} ${days} days`;
}

/** A crossing, found by searching. */
interface Found {
  readonly history: OrderHistory;
  readonly at: Instant;
}

/**
 * One customer's events ask for the crossings of the last order, and of the one before it, again and again; whether
 * whoever came back was new then may take a third.
 */
const FOUND_KEPT = 3;

function isSame(one: OrderHistory, other: OrderHistory): boolean {
  return one.last === other.last && one.first === other.first && one.gaps === other.gaps;
}

function mbgCadence(policy: MbgCadence): Cadence {
  const { atRiskGaps, atRiskNotBefore, lapsedNotBefore, horizon } = policy;
  const found: Found[] = [];
  const unlikelyAt = (history: OrderHistory): Instant => {
    const known = found.find((each) => isSame(each.history, history));
    if (known !== undefined) return known.at;
    const at = noOrderLikelyAt(policy, history);
    found.unshift({ history, at });
    if (found.length > FOUND_KEPT) found.pop();
    return at;
  };
  return {
    atRiskAt: (history) =>
      Math.max(
        ceilToHour(history.last + atRiskNotBefore),
        Math.min(afterGaps(history, policy, atRiskGaps, atRiskNotBefore), unlikelyAt(history)),
      ),
    lapsedAt: (history) => Math.max(ceilToHour(history.last + lapsedNotBefore), unlikelyAt(history)),
    usual: (history) => usualGap(history, policy),
    likely: (history, t) => {
      const probability = noOrderAt(policy, history, Math.max(t, history.last));
      return `${wholePercent(probability)} % likely not to order in the next ${inDays(horizon)}`;
    },
  };
}

/** 1 to 99: nothing about a customer is certain. */
function wholePercent(probability: number): number {
  return Math.min(99, Math.max(1, Math.round(100 * probability)));
}

/** P0 of the horizon at `t`, not before the last order. */
function noOrderAt(policy: MbgCadence, { gaps, first, last }: OrderHistory, t: Instant): number {
  const customer = { x: gaps, tx: (last - first) / WEEK, T: (t - first) / WEEK };
  return noOrderWithin(policy, customer, policy.horizon / WEEK);
}

/**
 * The first whole minute, not before the last order, at which P0 of the horizon is `lapsedAbove` or more. As P0 rises to
 * 1 with silence, there always is one; after more than a hundred years it is NEVER, and the customer stays at risk.
 * Bounds in closed form first, then halving: about 20 evaluations of P0.
 */
function noOrderLikelyAt(policy: MbgCadence, history: OrderHistory): Instant {
  const { first, last, gaps } = history;
  const { horizon, lapsedAbove } = policy;
  const bounds = boundsOfNoOrder(policy, { x: gaps, tx: (last - first) / WEEK }, horizon / WEEK, lapsedAbove);
  if (first + bounds.least * WEEK > last + LONGEST_SILENCE) return NEVER;
  const holds = (minute: number) => noOrderAt(policy, history, minute * MINUTE) >= lapsedAbove;
  // A minute to either side, for the bounds are rounded, too; of `below` it does not hold, of `from` it does.
  const earliest = Math.ceil(last / MINUTE);
  let below = Math.max(earliest, Math.floor((first + bounds.least * WEEK) / MINUTE) - 1) - 1;
  const atMost = Math.min(first + bounds.most * WEEK, last + LONGEST_SILENCE);
  let from = Math.max(earliest, Math.ceil(atMost / MINUTE) + 1);
  while (from - below > 1) {
    const middle = Math.floor((below + from) / 2);
    if (holds(middle)) from = middle;
    else below = middle;
  }
  const at = from * MINUTE;
  return at > last + LONGEST_SILENCE ? NEVER : at;
}
