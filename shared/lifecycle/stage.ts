/**
 * The stage of a customer as a function of facts, policy and time. Nothing here is remembered, so a duplicate, a late
 * event or a replay cannot corrupt it (I1); the instants at which it changes are known in advance (I2).
 */
import { type Cadence, cadenceOf, type CadencePolicy } from './cadence/cadence.ts';
import { earlierSpansOf, spanOf } from './facts/complaints.ts';
import type { Facts } from './facts/facts.ts';
import { habitStopsAt, type LoginHabitPolicy } from './facts/logins.ts';
import { isStillOpen } from './facts/matters.ts';
import type { MoneyByCurrency } from './facts/money.ts';
import { historyBefore, historyOf, lastOrder, type OrderHistory, spendOf } from './facts/orders.ts';
import { badReviews } from './facts/reviews.ts';
import { type Duration, inDays, type Instant, NEVER, utcDay } from './time.ts';
import { criticSpans } from './traits/critic.ts';
import { at, during, NONE, type Reasoned, type Span } from './traits/spans.ts';
import { counted } from './traits/words.ts';

export const STAGES = ['lead', 'new', 'active', 'loyal', 'at_risk', 'lapsed'] as const;
export type Stage = (typeof STAGES)[number];

/** Something for each stage. */
export function byStage<T>(of: (stage: Stage) => T): Record<Stage, T> {
  return {
    lead: of('lead'),
    new: of('new'),
    active: of('active'),
    loyal: of('loyal'),
    at_risk: of('at_risk'),
    lapsed: of('lapsed'),
  };
}

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
    /** A bad rating has at most so many stars, and is over after `lasts` or a rating of at least `endedBy`. */
    readonly rating: { readonly atMost: number; readonly lasts: Duration; readonly endedBy: number };
  };
  /** Who is loud at small faults: never loyal while it lasts. */
  readonly critic: {
    readonly score: number;
    readonly complaints: number;
    readonly ratings: number;
    readonly within: Duration;
    readonly after: Duration;
  };
  /** When these rules became those of the shop: no moment before it that follows them is decided. */
  readonly activeFrom?: Instant | undefined;
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

/** Why somebody is dissatisfied whose complaint is open. */
export const OPEN_COMPLAINT = 'a complaint is open';

/** Open complaints; one nobody resolved is closed at its maximum age. */
function complaintSpans({ complaints }: Facts, { maximumAge }: StagePolicy['dissatisfied']): readonly Reasoned[] {
  if (complaints.known.length === 0) return NONE;
  return complaints.known.flatMap((each) => {
    const span = spanOf(each, maximumAge);
    const all = [...earlierSpansOf(each, maximumAge), ...(span === undefined ? [] : [span])];
    return all.flatMap(({ from, to }) => during(from, to, OPEN_COMPLAINT));
  });
}

/** Bad ratings, each until it has faded, a good one follows or it is taken back. */
function badRatingSpans({ reviews }: Facts, { rating }: StagePolicy['dissatisfied']): readonly Reasoned[] {
  if (reviews === undefined) return NONE;
  return badReviews(reviews, rating).flatMap(({ review: { at: from, rating: stars }, ended }) =>
    during(from, Math.min(from + rating.lasts, ended?.at ?? NEVER), `rated us with ${counted(stars, 'star')}`),
  );
}

/** Stopped renewals, each until it is resumed or the period ends. */
function stoppedRenewalSpans({ subscriptions }: Facts): readonly Reasoned[] {
  if (subscriptions === undefined) return NONE;
  return subscriptions.known.flatMap(({ opened, closed, since, earlier = [] }) => {
    if (opened === undefined) return NONE;
    const resumed = isStillOpen(opened, closed) ? NEVER : (closed?.at ?? NEVER);
    const all = [...earlier, { from: since ?? opened.at, to: Math.min(resumed, opened.endsAt) }];
    return all.flatMap(({ from, to }) => during(from, to, 'stopped the renewal of a subscription'));
  });
}

/** Spans in which the customer was or is dissatisfied, ascending by their beginning; they may overlap. */
export function dissatisfiedSpans(facts: Facts, policy: StagePolicy): readonly Reasoned[] {
  if (facts.complaints.known.length === 0 && facts.reviews === undefined && facts.subscriptions === undefined)
    return NONE;
  const { dissatisfied } = policy;
  const spans = [
    ...complaintSpans(facts, dissatisfied),
    ...badRatingSpans(facts, dissatisfied),
    ...stoppedRenewalSpans(facts),
  ];
  return spans.length < 2 ? spans : spans.toSorted((a, b) => a.from - b.from);
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

/** Whether a subscription had ended by the time of an order, and not before the order ahead of it. */
function hadEnded({ subscriptions }: Facts, before: Instant, order: Instant): boolean {
  return (subscriptions?.known ?? []).some(({ opened, closed }) => {
    if (opened === undefined || opened.at > order || opened.endsAt > order || opened.endsAt <= before) return false;
    return isStillOpen(opened, closed) || (closed !== undefined && closed.at > order);
  });
}

/** When a subscription ended, or will, unless it is resumed or something is bought after that; NEVER when none does. */
function endedAt({ subscriptions }: Facts, last: Instant): Instant {
  let earliest = NEVER;
  for (const { opened, closed } of subscriptions?.known ?? []) {
    if (opened !== undefined && isStillOpen(opened, closed) && opened.endsAt > last) {
      earliest = Math.min(earliest, opened.endsAt);
    }
  }
  return earliest;
}

/** Whether the last order, or the nth-last, came from a customer who had lapsed by then. */
function isReturn(facts: Facts, policy: StagePolicy, nthLast = 1): boolean {
  const order = lastOrder(facts.orders, nthLast);
  const before = historyBefore(facts.orders, nthLast);
  if (order === undefined || before === undefined || before.last >= order.at) return false;
  if (hadEnded(facts, before.last, order.at)) return true;
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
  /** The subscription ended: lapsed, whatever else. */
  readonly ended: Instant;
  readonly loyal: Instant;
  readonly spans: readonly Reasoned[];
  readonly critic: readonly Reasoned[];
  /** The instants at which the stage may change, in no order. */
  readonly crossings: readonly Instant[];
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

/** What decides the stage of a customer; undefined when no order counts. */
export function outlookOf(facts: Facts, policy: StagePolicy): Outlook | undefined {
  if (latest?.facts !== facts || latest.policy !== policy) latest = { facts, policy, outlook: workOut(facts, policy) };
  return latest.outlook;
}

function workOut(facts: Facts, policy: StagePolicy): Outlook | undefined {
  const history = historyOf(facts.orders);
  if (history === undefined) return undefined;
  const returning = isReturn(facts, policy);
  const { atRisk, byHabit, lapsed } = crossingsOf(facts, policy, history);
  const newUntil = history.orders === 1 || returning ? history.last + policy.onboardingWindow : 0;
  const ended = endedAt(facts, history.last);
  const loyal = loyalAt(facts, policy, history);
  const spans = dissatisfiedSpans(facts, policy);
  const critic = criticSpans(facts, policy);
  const crossings = [newUntil, ended, atRisk, lapsed, loyal];
  for (const { from, to } of spans) crossings.push(from, to);
  for (const { from, to } of critic) crossings.push(from, to);
  return { atRisk, byHabit, lapsed, history, returning, newUntil, ended, loyal, spans, critic, crossings };
}

function stageAt({ newUntil, ended, lapsed, atRisk, loyal, spans, critic }: Outlook, t: Instant): Stage {
  if (t >= ended) return 'lapsed';
  if (t < newUntil) return 'new';
  if (t >= lapsed) return 'lapsed';
  if (dissatisfiedUntil(spans, t) !== undefined) return 'active';
  if (t >= atRisk) return 'at_risk';
  return t >= loyal && at(critic, t) === undefined ? 'loyal' : 'active';
}

/** The name of the stage at `t`, without since and reasons. */
export function stageNameOf(facts: Facts, policy: StagePolicy, t: Instant): Stage {
  const outlook = outlookOf(facts, policy);
  return outlook === undefined ? 'lead' : stageAt(outlook, t);
}

/** When the condition of a stage began to hold that it is at `t`; see {@link Staged.since}. */
function sinceOf(stage: Stage, { history, newUntil, ended, atRisk, lapsed, spans }: Outlook, t: Instant): Instant {
  switch (stage) {
    case 'lapsed':
      return t >= ended ? ended : Math.max(lapsed, newUntil);
    case 'at_risk': {
      const from = Math.max(atRisk, newUntil);
      return dissatisfiedUntil(spans, from) ?? from;
    }
    case 'new':
    case 'loyal':
    case 'active':
      return history.last;
    case 'lead':
      return LEAD.since;
    default:
      return stage satisfies never;
  }
}

/** {@link Staged.since} of the stage at `t`, without the reasons, which take longer to put into words. */
export function stageSince(facts: Facts, policy: StagePolicy, t: Instant): Instant {
  const outlook = outlookOf(facts, policy);
  return outlook === undefined ? LEAD.since : sinceOf(stageAt(outlook, t), outlook, t);
}

/** Why it is that stage. */
function reasonsOf(stage: Stage, outlook: Outlook, policy: StagePolicy, t: Instant): readonly string[] {
  const { history, returning, ended, atRisk, byHabit, loyal, spans, critic } = outlook;
  const cadence = cadenceOf(policy.cadence);
  switch (stage) {
    case 'new': {
      const why = returning ? 'bought again after having lapsed' : 'first order';
      return [why, `no further order within ${inDays(policy.onboardingWindow)} so far`];
    }
    case 'lapsed':
      if (t >= ended) return ['the subscription ended', silenceOf(history, t)];
      return silent(cadence.usual(history), cadence, history, t);
    case 'at_risk':
      return silent(byHabit ? 'a habit of logging in has stopped' : cadence.usual(history), cadence, history, t);
    case 'loyal':
      return [`${history.orders} orders since ${inDays(t - history.first)}`, 'spend in the top quarter'];
    case 'active': {
      const unhappy = at(spans, t);
      if (t >= atRisk) return [`silent, but ${unhappy?.because ?? 'something is wrong'}: that comes first`];
      const bought = history.orders === 1 ? 'the onboarding window is over' : `${history.orders} orders`;
      const fault = t >= loyal ? (unhappy ?? at(critic, t)) : undefined;
      const held = fault ? [`not counted as loyal while this holds: ${fault.because}`] : [];
      return [bought, ...held, cadence.usual(history)];
    }
    case 'lead':
      return LEAD.reasons;
    default:
      return stage satisfies never;
  }
}

function silenceOf({ last }: OrderHistory, t: Instant): string {
  return `${inDays(Math.max(0, t - last))} of silence`;
}

function silent(why: string, cadence: Cadence, history: OrderHistory, t: Instant): readonly string[] {
  const likely = cadence.likely(history, t);
  return [why, silenceOf(history, t), ...(likely === undefined ? [] : [likely])];
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
  const stage = stageAt(outlook, t);
  const { returning } = outlook;
  return { stage, since: sinceOf(stage, outlook, t), returning, reasons: reasonsOf(stage, outlook, policy, t) };
}

/**
 * When the stage will change if nothing else happens; NEVER when it will not.
 *
 * @param t an instant; the change is strictly after it
 */
export function nextChangeAt(facts: Facts, policy: StagePolicy, t: Instant): Instant {
  const outlook = outlookOf(facts, policy);
  if (outlook === undefined) return NEVER;
  const stage = stageAt(outlook, t);
  let next = NEVER;
  for (const each of outlook.crossings) {
    if (each > t && each < next && stageAt(outlook, each) !== stage) next = each;
  }
  return next;
}

/** {@link nextChangeAt}, and to what; undefined when the stage will not change. */
export function nextChange(facts: Facts, policy: StagePolicy, t: Instant): { at: Instant; to: Staged } | undefined {
  const next = nextChangeAt(facts, policy, t);
  return next === NEVER ? undefined : { at: next, to: stageOf(facts, policy, next) };
}

/** The instants at which the stage may change, ascending from the last order; 0 for somebody without an order. */
export function stageInstants(facts: Facts, policy: StagePolicy): readonly Instant[] {
  const outlook = outlookOf(facts, policy);
  if (outlook === undefined) return [0];
  const { last } = outlook.history;
  const later = outlook.crossings.filter((each) => each > last && each !== NEVER);
  return [last, ...later.toSorted((a, b) => a - b)];
}
