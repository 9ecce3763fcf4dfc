/** Traits of people who have not bought yet (L1 to L4), ended by the first order, and of whoever shows fresh interest. */
import { clearedAfter } from '../facts/basket.ts';
import type { Facts } from '../facts/facts.ts';
import { outlookOf } from '../stage.ts';
import { interestSpans } from '../facts/interest.ts';
import { type Instant, NEVER } from '../time.ts';
import type { Situation } from './situation.ts';
import { during, NONE, outside, type Reasoned, until } from './spans.ts';
import { counted, long } from './words.ts';

/** The first order that counts; NEVER for a lead. */
export function firstOrderAt({ facts, playbook }: Situation): Instant {
  return outlookOf(facts, playbook.stages)?.history.first ?? NEVER;
}

/**
 * The earliest order at or after an instant, as far as the newest orders tell; NEVER when there is none. Who finished one
 * and cancelled it has not left it unfinished.
 */
function orderedAfter({ orders }: Facts, t: Instant): Instant {
  return orders.ring.find(({ at }) => at >= t)?.at ?? NEVER;
}

/**
 * When a sale began to be prepared that goes on, as far as the latest cart and checkout tell; NEVER when it did not.
 *
 * @param since what was heard before tells nothing of these looks
 */
function preparedAt({ basket = {} }: Facts, since: Instant): Instant {
  const { cart, checkout } = basket;
  const begun = [...(cart !== undefined && cart.items > 0 ? [cart.at] : []), ...(checkout ? [checkout.at] : [])];
  return Math.min(NEVER, ...begun.filter((at) => at >= since));
}

/**
 * L1: has looked around a little, and no more: whoever studies, hesitates or is about to buy is more than that, and
 * looking around ends with something in the cart or a checkout.
 */
export function looker(situation: Situation): readonly Reasoned[] {
  const { facts, playbook } = situation;
  const looked = facts.interest?.looked;
  if (looked === undefined) return NONE;
  const { views, visits } = playbook.traits.looker;
  if (looked.views > views || looked.visits > visits) return NONE;
  const because = `${counted(looked.views, 'product view')} in ${counted(looked.visits, 'visit')}`;
  const over = Math.min(firstOrderAt(situation), preparedAt(facts, looked.since));
  const alone = until(during(looked.since, looked.until, because), over);
  return outside(alone, [...researcher(situation), ...hesitant(situation), ...ready(situation)]);
}

const STUDIED: Readonly<
  Record<'specification' | 'comparison' | 'download' | 'category', readonly [one: string, several: string]>
> = {
  specification: ['specification page', 'specification pages'],
  comparison: ['comparison page', 'comparison pages'],
  download: ['download', 'downloads'],
  category: ['product of one category', 'products of one category'],
};

/** L2: has one specific problem and studies it. */
export function researcher(situation: Situation): readonly Reasoned[] {
  const studied = situation.facts.interest?.studied;
  if (studied === undefined) return NONE;
  const because = `${counted(studied.count, ...STUDIED[studied.by])} in ${counted(studied.days, 'day')}`;
  return until(during(studied.since, studied.until, because), firstOrderAt(situation));
}

/** L3: has read and compared, yet does not decide. */
export function hesitant(situation: Situation): readonly Reasoned[] {
  const { facts } = situation;
  if (facts.interest?.pondered === undefined && facts.basket?.cart === undefined) return NONE;
  return until([...pondering(situation), ...leavingTheCart(situation)], firstOrderAt(situation));
}

function pondering({ facts, playbook }: Situation): readonly Reasoned[] {
  const pondered = facts.interest?.pondered;
  if (pondered === undefined) return NONE;
  const { undecided, lasts } = playbook.traits.hesitant;
  const from = pondered.since + undecided;
  const checkout = facts.basket?.checkout?.at ?? -Infinity;
  // Who has checked out since has decided.
  const decided = Math.min(checkout >= pondered.since ? checkout : NEVER, orderedAfter(facts, pondered.since));
  return during(
    from,
    Math.min(from + lasts, decided),
    `looked at the same product on ${counted(pondered.days, 'day')}`,
  );
}

function leavingTheCart({ facts, playbook }: Situation): readonly Reasoned[] {
  const { cart, checkout } = facts.basket ?? {};
  if (cart === undefined || cart.items === 0) return NONE;
  const { undecided, lasts } = playbook.traits.hesitant;
  const from = cart.at + undecided;
  const taken = checkout !== undefined && checkout.at >= cart.at ? checkout.at : NEVER;
  return during(
    from,
    Math.min(from + lasts, taken, orderedAfter(facts, cart.at)),
    `left a cart for ${long(undecided)} without checking out`,
  );
}

/** L4: has started a checkout, and neither ordered nor emptied the cart since. For buyers, too. */
export function ready({ facts, playbook }: Situation): readonly Reasoned[] {
  const { basket = {} } = facts;
  const { checkout } = basket;
  if (checkout === undefined) return NONE;
  const emptied = clearedAfter(basket, checkout)?.at ?? NEVER;
  const over = Math.min(emptied, orderedAfter(facts, checkout.at));
  return during(checkout.at, Math.min(checkout.at + playbook.traits.ready.lasts, over), 'started a checkout');
}

/**
 * Fresh interest, of anybody: views or a checkout lately. All of the time it lasted, for what waits for its end is not to
 * grow old over it.
 */
export function interested({ facts, playbook }: Situation): readonly Reasoned[] {
  const { interest, basket } = facts;
  const { lasts } = playbook.traits.interested;
  if (interest === undefined && basket?.checkout === undefined) return NONE;
  // Looks are known by their days only, and those by their ends.
  const looked = (interest === undefined ? [] : interestSpans(interest, lasts)).flatMap(({ from, to }) =>
    during(from, to, 'looked around lately'),
  );
  const { checkout, before = [] } = basket ?? {};
  const checkedOut = [...before, ...(checkout === undefined ? [] : [checkout.at])];
  return [...looked, ...checkedOut.flatMap((at) => during(at, at + lasts, 'started a checkout lately'))];
}
