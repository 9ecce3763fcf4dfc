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
  // An order is use, too: a habit is not broken by somebody who has just bought, and one that had stopped before says
  // nothing about the time after.
  const alive = stopped !== undefined && stopped > history.last;
  const byHabit = alive ? Math.max(stopped, history.last + policy.loginHabit.atLeast) : NEVER;
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

/** Everything that decides the stage but the time: the instants at which one thing or another begins to hold. */
interface Outlook extends Crossings {
  readonly history: OrderHistory;
  readonly returning: boolean;
  /** Until then a first-time or returning buyer is new, and silence means nothing; 0 for everybody else. */
  readonly newUntil: Instant;
  readonly loyal: Instant;
  readonly spans: readonly Span[];
}

interface WorkedOut {
  readonly facts: Facts;
  readonly policy: StagePolicy;
  /** Undefined when no order counts. */
  readonly outlook: Outlook | undefined;
}

/**
 * One event asks for the stage of the same facts half a dozen times in a row, and facts are never changed, only
 * replaced: so the last outlook is kept. (A WeakMap of all of them costs more than it saves.)
 */
let latest: WorkedOut | undefined;

function outlookOf(facts: Facts, policy: StagePolicy): Outlook | undefined {
  if (latest?.facts !== facts || latest.policy !== policy) latest = { facts, policy, outlook: workOut(facts, policy) };
  return latest.outlook;
}

function workOut(facts: Facts, policy: StagePolicy): Outlook | undefined {
  const history = historyOf(facts.orders);
  if (history === undefined) return undefined;
  const returning = isReturn(facts, policy);
  const { atRisk, byHabit, lapsed } = crossingsOf(facts, policy, history);
  return {
    atRisk,
    byHabit,
    lapsed,
    history,
    returning,
    newUntil: history.orders === 1 || returning ? history.last + policy.onboardingWindow : 0,
    loyal: loyalAt(facts, policy, history),
    spans: dissatisfiedSpans(facts.complaints, policy),
  };
}

function stageAt({ newUntil, lapsed, atRisk, loyal, spans }: Outlook, t: Instant): Stage {
  if (t < newUntil) return 'new';
  if (t >= lapsed) return 'lapsed';
  if (dissatisfiedUntil(spans, t) !== undefined) return 'active';
  if (t >= atRisk) return 'at_risk';
  return t >= loyal ? 'loyal' : 'active';
}

/** The name of the stage at `t`, without since and reasons. */
export function stageNameOf(facts: Facts, policy: StagePolicy, t: Instant): Stage {
  const outlook = outlookOf(facts, policy);
  return outlook === undefined ? 'lead' : stageAt(outlook, t);
}

const LEAD: Staged = { stage: 'lead', since: 0, returning: false, reasons: ['no order yet'] };

/**
 * The stage at `t`.
 *
 * @param t not before the last event that made the facts; an event up to the clock tolerance ahead of it counts already
 */
export function stageOf(facts: Facts, policy: StagePolicy, t: Instant): Staged {
  const outlook = outlookOf(facts, policy);
  if (outlook === undefined) return LEAD;
  const { history, returning, newUntil, atRisk, byHabit, lapsed, spans } = outlook;
  const { first, last, orders } = history;
  const stage = stageAt(outlook, t);
  const said = (since: Instant, ...reasons: string[]): Staged => ({ stage, since, returning, reasons });
  const usual = () => cadenceOf(policy.cadence).usual(history);
  const silence = () => `${inDays(Math.max(0, t - last))} since the last order`;
  switch (stage) {
    case 'new': {
      const why = returning ? 'bought again after having lapsed' : 'first order';
      return said(last, why, `no further order within ${inDays(policy.onboardingWindow)} so far`);
    }
    case 'lapsed':
      return said(Math.max(lapsed, newUntil), usual(), silence());
    case 'at_risk': {
      const from = Math.max(atRisk, newUntil);
      const since = dissatisfiedUntil(spans, from) ?? from;
      return said(since, byHabit ? 'a habit of logging in has stopped' : usual(), silence());
    }
    case 'loyal':
      return said(last, `${orders} orders since ${inDays(t - first)}`, 'spend in the top quarter');
    case 'active':
      if (t >= atRisk) return said(last, 'silent, but a complaint is open: that comes first');
      return said(last, orders === 1 ? 'the onboarding window is over' : `${orders} orders`, usual());
    case 'lead':
      return LEAD;
    default:
      return stage satisfies never;
  }
}

/**
 * When the stage will change if nothing else happens, and to what; undefined when it will not.
 *
 * @param t an instant; the change is strictly after it
 */
export function nextChange(facts: Facts, policy: StagePolicy, t: Instant): { at: Instant; to: Staged } | undefined {
  const outlook = outlookOf(facts, policy);
  if (outlook === undefined) return undefined;
  const { newUntil, atRisk, lapsed, loyal, spans } = outlook;
  const stage = stageAt(outlook, t);
  const instants = [newUntil, atRisk, lapsed, loyal, ...spans.flatMap((span) => [span.from, span.to])];
  let at = NEVER;
  for (const each of instants) if (each > t && each < at && stageAt(outlook, each) !== stage) at = each;
  return at === NEVER ? undefined : { at, to: stageOf(facts, policy, at) };
}
