/**
 * People who get promotional mail against those who are held out: how many bought again within a window, and for how much.
 *
 * Who is compared is settled by what was so before the groups were treated differently, because whatever came later may
 * follow from the mail: whoever unsubscribes belongs to the group as before, however long ago that was. Of consent the
 * profile knows the latest word only. If that came since, the person is compared whatever it says: one who had consent
 * before is thereby always in, and one who had none got no mail in either group until then, so belongs there by chance alone.
 */
import { type Holdout, isHeldOut } from '../customer/permit.ts';
import type { Living } from '../customer/profile.ts';
import { choicesOf } from '../facts/choices.ts';
import { mayPromote } from '../facts/consent.ts';
import { hash32 } from '../facts/digest.ts';
import type { Facts } from '../facts/facts.ts';
import { historyOf, type Order, type Orders } from '../facts/orders.ts';
import { personOf } from '../facts/person.ts';
import { DAY, type Duration, type Instant } from '../time.ts';
import { type Difference, isShown, type Moments, newcombe, type Proportion, welch } from './intervals.ts';

/** How long a window is, up to the census. */
export const COMPARED: Duration = 90 * DAY;

/** Fewer people in a group say nothing about a rate. */
const LEAST_PEOPLE = 100;
/** Means of amounts most of which are zero are no bell curve before so many in each group have bought. */
const LEAST_BUYERS = 30;

/** One of the two groups. */
interface Group {
  readonly people: number;
  /** Who ordered within the window. */
  readonly buyers: number;
  /** Of those, whose orders of the window the ring may not hold in full. */
  readonly more: number;
  /** Minor units per head by currency; whoever spent nothing counts only in `people`. */
  readonly spent: Readonly<Record<string, Omit<Moments, 'n'>>>;
}

export interface Groups {
  readonly held: Group;
  readonly treated: Group;
}

const NOBODY: Group = { people: 0, buyers: 0, more: 0, spent: {} };
export const NO_GROUPS: Groups = { held: NOBODY, treated: NOBODY };

function isKnownToHaveRefused({ consent, choices }: Facts, before: Instant): boolean {
  const { promotion } = choicesOf(choices);
  if (promotion?.value !== 'off' || promotion.at >= before) return false;
  return consent?.marketing !== 'opt_in' || consent.at <= promotion.at;
}

/**
 * Whether the customer could have got promotional mail when the groups began to be treated differently, or at the first
 * order if that came later, as far as it can be known now. Turning mail off takes a mail, so it never counts from the first
 * order: somebody who had not bought yet may have been mailed, too.
 */
function isCompared({ facts }: Living, since: Instant, from: Instant): boolean {
  const first = historyOf(facts.orders)?.first;
  if (first === undefined || first >= from || personOf(facts.person).email === undefined) return false;
  const { consent } = facts;
  if (consent === undefined || isKnownToHaveRefused(facts, since)) return false;
  const entered = Math.max(since, first);
  return consent.at > entered || mayPromote(consent, entered);
}

/**
 * What became of somebody within a window: exact as to whether they bought. The amount is that of the orders the ring
 * still holds, less what was refunded of them, and never below zero: of somebody with more than six orders the newest six.
 */
function outcomeOf({ ring, refunds, older }: Orders, from: Instant, to: Instant) {
  const isWithin = (at: Instant) => at >= from && at < to;
  const orders = ring.filter(({ at, cancelled }) => cancelled !== true && isWithin(at));
  const isMore = older?.history !== undefined && isWithin(older.history.last);
  const spent = new Map<string, number>();
  const add = ({ currency, minor }: Pick<Order, 'currency' | 'minor'>, sign: 1 | -1) =>
    spent.set(currency, (spent.get(currency) ?? 0) + sign * minor);
  for (const order of orders) add(order, 1);
  const ids = new Set(orders.map(({ orderId }) => orderId));
  for (const refund of refunds) if (ids.has(refund.orderId)) add(refund, -1);
  return { hasBought: orders.length > 0 || isMore, isMore, spent };
}

function withOutcome(group: Group, { hasBought, isMore, spent }: ReturnType<typeof outcomeOf>): Group {
  const { people, buyers, more } = group;
  if (!hasBought) return { ...group, people: people + 1 };
  const sums = { ...group.spent };
  for (const [currency, minor] of spent) {
    if (minor <= 0) continue;
    const { sum, squares } = sums[currency] ?? { sum: 0, squares: 0 };
    sums[currency] = { sum: sum + minor, squares: squares + minor ** 2 };
  }
  return { people: people + 1, buyers: buyers + 1, more: isMore ? more + 1 : more, spent: sums };
}

/** Who is held out, and since when these have been treated differently from the others. */
export interface Separation {
  readonly holdout: Holdout;
  readonly since: Instant;
}

/** The groups with one more customer; the same object for who is not compared. */
export function addToGroup(groups: Groups, customer: Living, { holdout, since }: Separation, t: Instant): Groups {
  const from = t - COMPARED;
  if (holdout.share === 0 || !isCompared(customer, since, from)) return groups;
  const outcome = outcomeOf(customer.facts.orders, from, t);
  return isHeldOut(customer.customerId, holdout)
    ? { ...groups, held: withOutcome(groups.held, outcome) }
    : { ...groups, treated: withOutcome(groups.treated, outcome) };
}

/** What decides who is treated how. */
export interface Regime {
  readonly holdout: Holdout;
  /** Whether mail goes out at all: nobody is treated by a deployment in shadow. */
  readonly isLive: boolean;
}

/** Since when a regime has been in force, as far as the censuses have seen; before that, people were treated otherwise. */
export interface InForce {
  /** Stands for the regime. */
  readonly digest: number;
  readonly since: Instant;
  /**
   * Since when the others have been mailed, of people told apart by the same salt. With another share, or after a while
   * without mail, many of them are in the same group as before, and whoever was mailed has had reason to unsubscribe.
   */
  readonly apart?: { readonly salt: number; readonly since: Instant };
}

export function inForce({ holdout, isLive }: Regime, known: InForce | undefined, t: Instant): InForce {
  const digest = hash32(`${holdout.share}/${holdout.salt}/${isLive}`);
  if (known?.digest === digest) return known;
  const salt = hash32(holdout.salt);
  const isApart = holdout.share > 0 && isLive;
  const apart = isApart && known?.apart?.salt !== salt ? { salt, since: t } : known?.apart;
  return { digest, since: t, ...(apart && { apart }) };
}

/** @param t when the census began */
export function separationOf({ holdout }: Regime, force: InForce | undefined, t: Instant): Separation {
  return { holdout, since: force?.apart?.since ?? force?.since ?? t };
}

/** One figure of both groups, and what the difference between treated and held out shows. */
export interface Compared {
  readonly held: number;
  readonly treated: number;
  readonly difference: Difference;
  readonly shows: 'more' | 'less' | 'nothing';
}

/** Only that a group is so large, until there is enough to compare. */
interface Sizes {
  readonly held: Proportion;
  readonly treated: Proportion;
}

/** What the comparison came to. */
export type Comparison =
  | { readonly kind: 'nobody held out' }
  | { readonly kind: 'nothing is sent' }
  /** The groups have not been treated differently for a whole window. */
  | { readonly kind: 'too early'; readonly since: Instant; readonly full: Instant }
  | ({ readonly kind: 'too few'; readonly least: number } & Sizes)
  | ({
      readonly kind: 'compared';
      readonly from: Instant;
      readonly to: Instant;
      /** Share of people who ordered within the window, 0 to 1. */
      readonly rate: Compared;
      /** Spent per head, in minor units; undefined when too few have bought. */
      readonly revenue?: Compared & { readonly currency: string };
      /** How many need to have bought in each group for that. */
      readonly leastBuyers: number;
      /** Of how many only the newest orders of the window are counted as revenue. */
      readonly cutShort: number;
    } & Sizes);

function showing(difference: Difference): Compared['shows'] {
  if (!isShown(difference)) return 'nothing';
  return difference.low > 0 ? 'more' : 'less';
}

function momentsOf({ people, spent }: Group, currency: string): Moments {
  return { n: people, ...(spent[currency] ?? { sum: 0, squares: 0 }) };
}

function revenueOf(held: Group, treated: Group, currency: string) {
  const [ofHeld, ofTreated] = [momentsOf(held, currency), momentsOf(treated, currency)];
  const difference = welch(ofTreated, ofHeld);
  return {
    currency,
    held: ofHeld.sum / ofHeld.n,
    treated: ofTreated.sum / ofTreated.n,
    difference,
    shows: showing(difference),
  };
}

/**
 * Compares the groups of a finished count.
 *
 * @param currency the one most customers buy in; undefined where nobody does
 * @param at when the count began, which is the end of the window
 */
export function compare(
  { held, treated }: Groups,
  currency: string | undefined,
  regime: Regime,
  { since }: InForce,
  at: Instant,
): Comparison {
  if (regime.holdout.share === 0) return { kind: 'nobody held out' };
  if (!regime.isLive) return { kind: 'nothing is sent' };
  const from = at - COMPARED;
  if (since > from) return { kind: 'too early', since, full: since + COMPARED };
  const sizes: Sizes = {
    held: { of: held.people, successes: held.buyers },
    treated: { of: treated.people, successes: treated.buyers },
  };
  if (Math.min(held.people, treated.people) < LEAST_PEOPLE) return { kind: 'too few', least: LEAST_PEOPLE, ...sizes };
  const difference = newcombe(sizes.treated, sizes.held);
  const isEnough = currency !== undefined && Math.min(held.buyers, treated.buyers) >= LEAST_BUYERS;
  return {
    kind: 'compared',
    from,
    to: at,
    ...sizes,
    rate: {
      held: held.buyers / held.people,
      treated: treated.buyers / treated.people,
      difference,
      shows: showing(difference),
    },
    ...(isEnough && { revenue: revenueOf(held, treated, currency) }),
    leastBuyers: LEAST_BUYERS,
    cutShort: held.more + treated.more,
  };
}
