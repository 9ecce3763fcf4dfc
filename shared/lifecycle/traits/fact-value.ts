/** The value of a known fact of a customer, and whether it meets a condition of the shop. */
import { type Answer, latestAnswer } from '../facts/answers.ts';
import type { Facts } from '../facts/facts.ts';
import { digitsOf } from '../facts/money.ts';
import { lastOrder, spendOf } from '../facts/orders.ts';
import { countReferrals } from '../facts/referrals.ts';
import { outlookOf, stageInstants, stageNameOf } from '../stage.ts';
import type { Playbook } from '../playbook.ts';
import { DAY, type Instant } from '../time.ts';
import { isKnownFact, type KnownFact, type Operator } from './known-facts.ts';

export type FactValue = number | string;

/** A condition as a playbook states it. */
export interface FactTest {
  readonly fact: string;
  readonly operator: Operator;
  readonly value: FactValue;
}

type Policies = Pick<Playbook, 'stages'>;

/** Net spend in the currency most was spent in, in its major units; of equal ones the first by code. */
function spendOfMost(facts: Facts): number {
  const amounts = Object.entries(spendOf(facts.orders))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, minor]) => minor / 10 ** digitsOf(currency));
  return Math.max(0, ...amounts);
}

function daysSince(then: Instant, t: Instant): number {
  return Math.max(0, Math.floor((t - then) / DAY));
}

/** Undefined when nothing is known, and for a name that is no known fact. */
export function factValue(facts: Facts, playbook: Policies, name: string, t: Instant): FactValue | undefined {
  if (!isKnownFact(name)) return undefined;
  const { orders } = facts;
  const history = outlookOf(facts, playbook.stages)?.history;
  switch (name) {
    case 'orders':
      return history?.orders ?? 0;
    case 'spend':
      return spendOfMost(facts);
    case 'averageOrder':
      return history && spendOfMost(facts) / history.orders;
    case 'refunds':
      return orders.refunds.length;
    case 'discountedShare':
      return history && discountedOrders(facts) / history.orders;
    case 'daysSinceOrder':
      return history && daysSince(history.last, t);
    case 'daysSinceFirstOrder':
      return history && daysSince(history.first, t);
    case 'loginDays':
      return facts.logins.length;
    case 'complaints':
      return facts.complaints.known.length;
    case 'rating':
      return facts.reviews?.at(-1)?.rating;
    case 'nps':
      return facts.nps?.score;
    case 'rangeWish':
      return rangeWish(facts)?.answer;
    case 'referrals':
      return countReferrals(facts);
    case 'lastCategory':
      return lastOrder(orders)?.category;
    case 'stage':
      return stageNameOf(facts, playbook.stages, t);
    default:
      return name satisfies never;
  }
}

/** The question that everybody who stays is asked in turn. */
const RANGE_QUESTION = 'range';

function rangeWish({ answers }: Facts): Answer | undefined {
  return latestAnswer(answers, RANGE_QUESTION, () => true);
}

/** Orders that count and were discounted. */
export function discountedOrders({ orders }: Facts): number {
  return (orders.older?.discounted ?? 0) + orders.ring.filter((each) => !each.cancelled && each.discounted).length;
}

/** What is not known meets no condition, not even that it is not something. */
export function meets(known: FactValue | undefined, { operator, value }: FactTest): boolean {
  if (known === undefined) return false;
  switch (operator) {
    case 'is':
      return known === value;
    case 'is not':
      return known !== value;
    case 'at least':
      return typeof known === typeof value && known >= value;
    case 'at most':
      return typeof known === typeof value && known <= value;
    default:
      return operator satisfies never;
  }
}

/** The instants at which the answer of a test can change if nothing else happens, ascending; the first is its beginning. */
export function turningPoints(facts: Facts, playbook: Policies, { fact, value }: FactTest): readonly Instant[] {
  const name: KnownFact | undefined = isKnownFact(fact) ? fact : undefined;
  const history = outlookOf(facts, playbook.stages)?.history;
  switch (name) {
    case 'daysSinceOrder':
      return history === undefined ? [] : dayPoints(history.last, value);
    case 'daysSinceFirstOrder':
      return history === undefined ? [] : dayPoints(history.first, value);
    case 'stage':
      return stageInstants(facts, playbook.stages).toSorted((a, b) => a - b);
    case 'rating':
      return [facts.reviews?.at(-1)?.at ?? 0];
    case 'nps':
      return [facts.nps?.at ?? 0];
    case 'rangeWish':
      return [rangeWish(facts)?.at ?? 0];
    case 'referrals':
      return [facts.referrals?.at(-1)?.at ?? 0];
    case 'refunds':
      return [facts.orders.refunds.at(-1)?.at ?? 0];
    case 'loginDays':
      return [(facts.logins.at(-1) ?? 0) * DAY];
    case 'complaints':
      return [Math.max(0, ...facts.complaints.known.map(({ opened }) => opened?.at ?? 0))];
    case 'orders':
    case 'spend':
    case 'averageOrder':
    case 'discountedShare':
    case 'lastCategory':
      return [history?.last ?? facts.firstSeenAt ?? 0];
    case undefined:
      return [];
    default:
      return name satisfies never;
  }
}

/** When the number of whole days since an instant reaches the value, and when it passes it. */
function dayPoints(since: Instant, value: FactValue): readonly Instant[] {
  const days = Number(value);
  if (!Number.isFinite(days)) return [since];
  return [since, since + Math.ceil(days) * DAY, since + (Math.floor(days) + 1) * DAY];
}
