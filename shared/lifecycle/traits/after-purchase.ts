/** Traits that orders reveal: L5, L6, A2, A7, A10, and who has come back. */
import { cadenceOf } from '../cadence/cadence.ts';
import { CHANGE_LASTS } from '../facts/matters.ts';
import { acquaintanceUntil } from '../customer/acquaintance.ts';
import { isStillOpen } from '../facts/matters.ts';
import { returnSpans } from '../facts/returns.ts';
import { outlookOf } from '../stage.ts';
import { ceilToHour, type Instant, NEVER } from '../time.ts';
import { firstOrderAt } from './before-purchase.ts';
import { discountedOrders } from './fact-value.ts';
import type { Situation } from './situation.ts';
import { during, NONE, outside, type Reasoned, until, whileAtLeast } from './spans.ts';
import { counted, long } from './words.ts';

/** L5: buys for the price. A lead who came by coupon; a buyer whose orders were mostly discounted. */
export function bargain(situation: Situation): readonly Reasoned[] {
  const { facts, playbook } = situation;
  if (playbook.traits.bargain.policy === 'ignore') return NONE;
  const coupon = facts.coupons?.[0];
  if (coupon === undefined) return discountBuyer(situation);
  const lead = until(during(coupon.at, NEVER, 'came by coupon'), firstOrderAt(situation));
  return [...lead, ...discountBuyer(situation)];
}

/**
 * Since the order from which on the share has been kept, as far back as single orders are known; each discounted order
 * after it is a new cause.
 */
function discountBuyer({ facts, playbook }: Situation): readonly Reasoned[] {
  let discounted = discountedOrders(facts);
  if (discounted === 0) return NONE;
  const history = outlookOf(facts, playbook.stages)?.history;
  const least = playbook.traits.bargain;
  let count = history?.orders ?? 0;
  const because = `${counted(discounted, 'discounted order')} of ${count}`;
  let since: Instant | undefined;
  const bargains: Instant[] = [];
  for (const order of facts.orders.ring.filter((each) => each.cancelled !== true).toReversed()) {
    if (count < least.orders || discounted / count < least.discounted) break;
    since = order.at;
    count -= 1;
    if (!order.discounted) continue;
    discounted -= 1;
    bargains.push(order.at);
  }
  if (since === undefined) return NONE;
  return [since, ...bargains.filter((each) => each !== since)].map((from) => ({ from, to: NEVER, because }));
}

/** L6: bought at once, hardly looking; not after two refunds, nor while something is on its way back. */
export function impulse({ facts, playbook }: Situation): readonly Reasoned[] {
  const { firstSeenAt, interest, orders } = facts;
  const first = outlookOf(facts, playbook.stages)?.history.first;
  if (first === undefined || firstSeenAt === undefined) return NONE;
  const { within, views, lasts, refunds, refundsWithin } = playbook.traits.impulse;
  // Looks after the order say nothing about how it came about.
  const before = interest?.first.views.filter((at) => at < first).length ?? 0;
  // Of whoever is first heard of by an order nobody knows how long they had looked.
  if (first <= firstSeenAt || first > firstSeenAt + within || before > views) return NONE;
  const bought = during(first, first + lasts, `bought within ${long(within)} of coming`);
  const sentBack = whileAtLeast(
    orders.refunds.map(({ at }) => at),
    refunds,
    refundsWithin,
  );
  return outside(bought, [...sentBack, ...returnSpans(facts)]);
}

/** A2: came by somebody's recommendation; until the acquaintance has been made, however long trouble delays that. */
export function referred(situation: Situation): readonly Reasoned[] {
  const { facts, playbook } = situation;
  const said = facts.person.find(({ referral }) => referral !== undefined);
  if (said === undefined) return NONE;
  const byCalendar = firstOrderAt(situation) + playbook.stages.onboardingWindow;
  // Whoever comes back after having lapsed is made acquainted anew, but nobody's friend sent them this time.
  const isFirst = outlookOf(facts, playbook.stages)?.returning === false;
  const made = isFirst ? Math.max(byCalendar, acquaintanceUntil(facts, playbook.stages)) : byCalendar;
  return during(said.at, made, 'was recommended to come');
}

/** Bought again after having lapsed; for as long as that makes a new acquaintance. */
export function returning({ facts, playbook }: Situation): readonly Reasoned[] {
  const outlook = outlookOf(facts, playbook.stages);
  if (outlook === undefined || !outlook.returning) return NONE;
  return during(outlook.history.last, acquaintanceUntil(facts, playbook.stages), 'bought again after having lapsed');
}

/** A7: asked for a change that is not confirmed yet. */
export function changing({ facts: { changes } }: Situation): readonly Reasoned[] {
  if (changes === undefined) return NONE;
  return changes.known.flatMap(({ opened, closed }) => {
    if (opened === undefined) return NONE;
    const confirmed = isStillOpen(opened, closed) ? NEVER : (closed?.at ?? NEVER);
    return during(opened.at, Math.min(confirmed, opened.at + CHANGE_LASTS), 'asked for a change');
  });
}

/** A10: among those who spend most, as the last census of the shop said. */
export function keyAccount({ facts, playbook }: Situation): readonly Reasoned[] {
  const { standing } = facts;
  if (standing?.keyAccount !== true) return NONE;
  const orders = outlookOf(facts, playbook.stages)?.history.orders ?? 0;
  if (orders < playbook.traits.keyAccount.orders) return NONE;
  const share = (standing.share * 100).toLocaleString('en', { maximumFractionDigits: 1 });
  return during(standing.at, NEVER, `among the ${share} % who spent most in a year`);
}

/** A key account that is silent, though not yet so long as to be at risk. */
export function quietKeyAccount(situation: Situation): readonly Reasoned[] {
  const { facts, playbook } = situation;
  const key = keyAccount(situation);
  const outlook = outlookOf(facts, playbook.stages);
  if (key.length === 0 || outlook === undefined) return NONE;
  const { history, atRisk } = outlook;
  const silence = cadenceOf(playbook.stages.cadence).atRiskAt(history) - history.last;
  const quiet = ceilToHour(history.last + playbook.traits.keyAccount.early * silence);
  return during(Math.max(quiet, ...key.map(({ from }) => from)), atRisk, 'silent for almost as long as is alarming');
}
