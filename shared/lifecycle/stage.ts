/**
 * The stage of a customer as a function of facts, policy and time. Nothing here is remembered, so a duplicate, a late
 * event or a replay cannot corrupt it (I1); the instants at which it changes are known in advance (I2).
 */
import { cadenceOf, type CadencePolicy } from './cadence.ts';
import { type Complaints, type Span, spanOf } from './facts/complaints.ts';
import type { Facts } from './facts/facts.ts';
import { habitStopsAt, type LoginHabitPolicy } from './facts/logins.ts';
import type { MoneyByCurrency } from './facts/money.ts';
import { historyBefore, historyOf, lastOrder, type OrderHistory, spendOf } from './facts/orders.ts';
import { type Duration, inDays, type Instant, NEVER, utcDay } from './time.ts';

export const STAGES = ['lead', 'new', 'active', 'loyal', 'at_risk', 'lapsed'] as const;
export type Stage = (typeof STAGES)[number];

export interface StagePolicy {
  /** How long a first-time or returning buyer is `new`, unless the next order comes first. */
  readonly onboardingWindow: Duration;
  readonly cadence: CadencePolicy;
  /** `lapsed` begins no earlier than this after `at_risk` would have begun. */
  readonly minimumAtRisk: Duration;
  readonly loginHabit: LoginHabitPolicy;
  readonly loyal: {
    readonly orders: number;
    readonly since: Duration;
    /** Net spend that puts a customer into the shop's top quarter, in minor units per currency. */
    readonly spend: MoneyByCurrency;
  };
  readonly dissatisfied: {
    /** A complaint nobody resolved is closed as unknown after this. */
    readonly maximumAge: Duration;
    /** No promotion for this long after the end. */
    readonly quietAfter: Duration;
  };
}

export interface Staged {
  readonly stage: Stage;
  /** When the condition of this stage began to hold; for `lead`, `active` and `loyal` the last order or 0. */
  readonly since: Instant;
  /** The last order began the acquaintance anew: it came after the customer had lapsed. */
  readonly returning: boolean;
  /** In plain words, why. */
  readonly reasons: readonly string[];
}

/** Spans in which the customer was or is dissatisfied, ascending by their beginning. */
export function dissatisfiedSpans(complaints: Complaints, policy: StagePolicy): readonly Span[] {
  return complaints.known
    .flatMap((each) => spanOf(each, policy.dissatisfied.maximumAge) ?? [])
    .toSorted((a, b) => a.from - b.from);
}

/** The end of the dissatisfaction at `t`, following spans that touch or overlap; undefined when content. */
export function dissatisfiedUntil(spans: readonly Span[], t: Instant): Instant | undefined {
  let until: Instant | undefined;
  for (const span of spans) {
    if (span.from <= (until ?? t) && span.to > (until ?? t)) until = span.to;
  }
  return until;
}

interface Crossings {
  readonly atRisk: Instant;
  readonly byHabit: boolean;
  readonly lapsed: Instant;
}

function crossingsOf(facts: Facts, policy: StagePolicy, history: OrderHistory, loginsBefore?: number): Crossings {
  const cadence = cadenceOf(policy.cadence);
  const bySilence = cadence.atRiskAt(history);
  const stopped = habitStopsAt(facts.logins, policy.loginHabit, loginsBefore);
  // An order is use, too: a habit is not broken by somebody who has just bought.
  const byHabit = stopped === undefined ? NEVER : Math.max(stopped, history.last + policy.loginHabit.atLeast);
  const atRisk = Math.min(bySilence, byHabit);
  return {
    atRisk,
    byHabit: byHabit < bySilence,
    lapsed: Math.max(cadence.lapsedAt(history), atRisk + policy.minimumAtRisk),
  };
}

/** Whether the last order, or the nth-last, came from a customer who had lapsed by then. */
function isReturn(facts: Facts, policy: StagePolicy, nthLast = 1): boolean {
  const order = lastOrder(facts.orders, nthLast);
  const before = historyBefore(facts.orders, nthLast);
  if (order === undefined || before === undefined || before.last >= order.at) return false;
  if (crossingsOf(facts, policy, before, utcDay(order.at)).lapsed > order.at) return false;
  // Whoever was still new then had not lapsed, however short the shop's patience.
  const wasNew = order.at < before.last + policy.onboardingWindow;
  return !(wasNew && (before.orders === 1 || isReturn(facts, policy, nthLast + 1)));
}

function topSpend(facts: Facts, policy: StagePolicy): boolean {
  const spend = spendOf(facts.orders);
  return Object.entries(policy.loyal.spend).some(([currency, least]) => (spend[currency] ?? 0) >= least);
}

/** When the customer can be loyal, as far as time decides it; NEVER when orders or spend do not suffice. */
function loyalAt(facts: Facts, policy: StagePolicy, history: OrderHistory): Instant {
  if (history.orders < policy.loyal.orders || !topSpend(facts, policy)) return NEVER;
  return Math.max(history.last, history.first + policy.loyal.since);
}

/**
 * The stage at `t`.
 *
 * @param t not before the last event that made the facts; an event up to the clock tolerance ahead of it counts already
 */
export function stageOf(facts: Facts, policy: StagePolicy, t: Instant): Staged {
  const history = historyOf(facts.orders);
  if (history === undefined) return { stage: 'lead', since: 0, returning: false, reasons: ['no order yet'] };
  const { last } = history;
  const returning = isReturn(facts, policy);
  const said = (stage: Stage, since: Instant, ...reasons: string[]): Staged => ({ stage, since, returning, reasons });

  const windowEnd = last + policy.onboardingWindow;
  if ((history.orders === 1 || returning) && t < windowEnd) {
    const why = returning ? 'bought again after having lapsed' : 'first order';
    return said('new', last, why, `no further order within ${inDays(policy.onboardingWindow)} so far`);
  }

  const { atRisk, byHabit, lapsed } = crossingsOf(facts, policy, history);
  const usual = cadenceOf(policy.cadence).usual(history);
  const silence = `${inDays(Math.max(0, t - last))} since the last order`;
  if (t >= lapsed)
    return said('lapsed', Math.max(lapsed, windowEndIfNew(history, returning, windowEnd)), usual, silence);

  const spans = dissatisfiedSpans(facts.complaints, policy);
  const unhappy = dissatisfiedUntil(spans, t) !== undefined;
  if (t >= atRisk && !unhappy) {
    const from = Math.max(atRisk, windowEndIfNew(history, returning, windowEnd));
    const since = dissatisfiedUntil(spans, from) ?? from;
    return said('at_risk', since, byHabit ? 'a habit of logging in has stopped' : usual, silence);
  }
  if (t >= loyalAt(facts, policy, history) && !unhappy) {
    return said(
      'loyal',
      last,
      `${history.orders} orders since ${inDays(t - history.first)}`,
      'spend in the top quarter',
    );
  }
  if (unhappy && t >= atRisk) return said('active', last, 'silent, but a complaint is open: that comes first');
  return said(
    'active',
    last,
    history.orders === 1 ? 'the onboarding window is over' : `${history.orders} orders`,
    usual,
  );
}

/** While a buyer is new, silence means nothing, so what follows cannot have begun before the window ended. */
function windowEndIfNew(history: OrderHistory, returning: boolean, windowEnd: Instant): Instant {
  return history.orders === 1 || returning ? windowEnd : 0;
}

/**
 * When the stage will change if nothing else happens, and to what; undefined when it will not.
 *
 * @param t an instant; the change is strictly after it
 */
export function nextChange(facts: Facts, policy: StagePolicy, t: Instant): { at: Instant; to: Staged } | undefined {
  const history = historyOf(facts.orders);
  if (history === undefined) return undefined;
  const { stage } = stageOf(facts, policy, t);
  const { atRisk, lapsed } = crossingsOf(facts, policy, history);
  const instants = [
    history.last + policy.onboardingWindow,
    atRisk,
    lapsed,
    history.first + policy.loyal.since,
    ...dissatisfiedSpans(facts.complaints, policy).flatMap((span) => [span.from, span.to]),
  ];
  for (const at of instants.filter((each) => each > t && each < NEVER).toSorted((a, b) => a - b)) {
    const to = stageOf(facts, policy, at);
    if (to.stage !== stage) return { at, to };
  }
  return undefined;
}
