/**
 * Individual offers: what one is worth to a customer, whether another may be made, and what became of those that were.
 * Never two codes alive, and no code ends only to be followed by one as good: whoever waits must not be better off.
 */
import { choicesOf } from '../facts/choices.ts';
import type { Stamp } from '../facts/order-by-time.ts';
import { personOf } from '../facts/person.ts';
import type { Playbook, Placed } from '../playbook.ts';
import type { Offer } from '../playbook/offers.ts';
import { factValue, type FactTest, meets } from '../traits/fact-value.ts';
import type { TraitId } from '../traits/ids.ts';
import type { KnownFact } from '../traits/known-facts.ts';
import { situationOf } from '../traits/situation.ts';
import { hasTrait } from '../traits/traits.ts';
import { type Duration, HOUR, type Instant, NEVER } from '../time.ts';
import { isFollowed } from './following.ts';
import { endOfDay } from './local-time.ts';
import { placedOf } from './message-key.ts';
import type { IssuedOffer, Living, Pending } from './profile.ts';
import type { DeferralReason, OfferRefusal } from './reasons.ts';

/** What the step of a message may do about its offer. */
export type OfferVerdict =
  /** Issued for this very message, and good to be named in a mail; the code is the one that counts. */
  | { readonly kind: 'ready'; readonly issued: IssuedOffer }
  /** To be issued once nothing else stands in the way of the mail. */
  | { readonly kind: 'issue'; readonly percent: number }
  /** Announced; the shop has not confirmed it. */
  | { readonly kind: 'waiting'; readonly until: Instant }
  | { readonly kind: 'refused'; readonly reason: OfferRefusal }
  /** Another one is alive or bars it: until then, if nobody uses that. */
  | { readonly kind: 'refused'; readonly reason: 'offer alive' | 'offer barred'; readonly until: Instant };

/** Why a message waits whose code the shop has not confirmed. */
export const WAITING_FOR_OFFER: DeferralReason = 'waiting for the offer';

/** Why a message waits whose offer has to give way to one that was made before. */
export const ANOTHER_OFFER: DeferralReason = 'another offer first';

/** How long the shop has to confirm a code before it is asked again: the word to it may have been lost. */
const ASKED_AGAIN: Duration = HOUR;

type OfferState = 'issued' | 'waiting' | 'unconfirmed' | 'redeemed' | 'expired';

/** One offer a customer was made, and what became of it. */
export interface OfferOutcome {
  readonly issued: IssuedOffer;
  readonly state: OfferState;
  /** The order the code was used with. */
  readonly redeemed?: Stamp & { readonly orderId: string };
}

/** What a loyal customer and one to be won back can never have in common, whatever both have spent. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set<KnownFact>(['stage', 'daysSinceOrder']);

function offerNamed(name: string, playbook: Playbook): Offer | undefined {
  const { byName } = playbook.offers;
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}

/**
 * The best an offer could be worth to the customer in another place of the lifecycle: conditions on the present moment
 * are taken as met.
 */
function withinReach(worth: Offer['worth'], holds: (test: FactTest) => boolean): number {
  let best = 0;
  for (const { if: test, percent } of worth) {
    const isOfTheMoment = test !== undefined && OF_THE_MOMENT.has(test.fact);
    const applies = test === undefined || isOfTheMoment || holds(test);
    if (applies) best = Math.max(best, percent);
    if (applies && !isOfTheMoment) break;
  }
  return best;
}

/**
 * Percent off the price that an offer is worth to the customer; 0 when no worth of it applies.
 *
 * The first worth that applies counts, unless the offer named by `notBelow` would be worth more to somebody who has
 * spent as much: then that one does, so that loyalty is not punished.
 */
export function percentOf({ facts }: Living, name: string, playbook: Playbook, t: Instant): number {
  const offer = offerNamed(name, playbook);
  if (offer === undefined) return 0;
  // Who asked for mail like everybody's gets the offer of everybody.
  const { tailored } = choicesOf(facts.choices);
  const holds = (test: FactTest) => tailored && meets(factValue(facts, playbook, test.fact, t), test);
  let best = offer.worth.find((each) => each.if === undefined || holds(each.if))?.percent ?? 0;
  const seen = new Set([name]);
  for (let { notBelow } = offer; notBelow !== undefined && !seen.has(notBelow);) {
    seen.add(notBelow);
    const other = offerNamed(notBelow, playbook);
    best = Math.max(best, withinReach(other?.worth ?? [], holds));
    notBelow = other?.notBelow;
  }
  return best;
}

/** Shops take a code in any spelling. */
const spelled = (code: string) => code.trim().toUpperCase();

function confirmationOf({ facts }: Living, { offerId }: IssuedOffer) {
  return facts.confirmed?.findLast((each) => each.offerId === offerId);
}

/** The offer with the code that counts: the shop may have put one of its own in the place of ours. */
function asConfirmed(customer: Living, issued: IssuedOffer): IssuedOffer {
  const code = confirmationOf(customer, issued)?.code;
  return code === undefined ? issued : { ...issued, code };
}

/** The order the code was used with; undefined while it was used with none. Derived, so it may arrive in any order. */
function redemptionOf({ facts }: Living, { code, issuedAt }: IssuedOffer): OfferOutcome['redeemed'] {
  for (const { at, id, code: used, orderId } of facts.coupons ?? []) {
    if (orderId !== undefined && at >= issuedAt && spelled(used) === spelled(code)) return { at, id, orderId };
  }
  return undefined;
}

function outcomeOf(customer: Living, made: IssuedOffer, t: Instant): OfferOutcome {
  const issued = asConfirmed(customer, made);
  const redeemed = redemptionOf(customer, issued);
  if (redeemed !== undefined) return { issued, state: 'redeemed', redeemed };
  if (t >= issued.expiresAt) return { issued, state: 'expired' };
  if (issued.confirmBy === undefined || confirmationOf(customer, issued)) return { issued, state: 'issued' };
  return { issued, state: t < issued.confirmBy ? 'waiting' : 'unconfirmed' };
}

/** Every offer that is remembered of the customer, the oldest first. */
export function offersOf(customer: Living, t: Instant): readonly OfferOutcome[] {
  return customer.offers.map((made) => outcomeOf(customer, made, t));
}

/** The offer that was issued for a message, with the code that counts; undefined while none was. */
export function offerFor(customer: Living, key: string): IssuedOffer | undefined {
  const made = customer.offers.find((each) => each.key === key);
  return made && asConfirmed(customer, made);
}

function verdictOnIssued({ issued, state }: OfferOutcome): OfferVerdict {
  switch (state) {
    case 'issued':
    case 'redeemed':
      return { kind: 'ready', issued };
    case 'waiting':
      return { kind: 'waiting', until: issued.confirmBy ?? issued.expiresAt };
    case 'unconfirmed':
      return { kind: 'refused', reason: 'offer not confirmed' };
    case 'expired':
      return { kind: 'refused', reason: 'offer expired' };
    default:
      return state satisfies never;
  }
}

/** How long nothing at all is offered after an offer that expired unused. */
function restAfter({ offer }: IssuedOffer, { byName }: Playbook['offers']): Duration {
  return byName[offer]?.restAfter ?? 0;
}

/** How long the mail matters that follows one with an offer: nothing is offered for that long after it. */
export function restAfterFollowed({ series, step }: Placed, { offers: { byName } }: Playbook): Duration {
  if (step.follows === undefined) return 0;
  const offered = series.steps.find(({ id }) => id === step.follows)?.offer;
  return (offered === undefined ? undefined : byName[offered]?.restAfter) ?? 0;
}

/**
 * Until when nothing at all is offered after an offer that expired unused: counted from the mail that follows it, where
 * one does, for that is the one that says so. Whoever bought meanwhile, if without the code, need not rest.
 */
function restsUntil({ facts, recent }: Living, issued: IssuedOffer, playbook: Playbook): Instant {
  const rest = restAfter(issued, playbook.offers);
  if (rest === 0) return -NEVER;
  const farewells = recent.flatMap(({ key, at }) => {
    const step = placedOf(key, playbook)?.step;
    return step !== undefined && isFollowed(step, key, issued.key) ? [at] : [];
  });
  const begins = Math.max(issued.expiresAt, ...farewells);
  const hasBought = facts.orders.ring.some(
    ({ at, cancelled }) => cancelled !== true && at > issued.issuedAt && at <= begins,
  );
  return hasBought ? -NEVER : begins + rest;
}

/** Until when an earlier offer bars one of so many percent. */
function barredUntil(customer: Living, { issued, state }: OfferOutcome, percent: number, playbook: Playbook): Instant {
  if (state !== 'expired') return -NEVER;
  const rests = restsUntil(customer, issued, playbook);
  return percent >= issued.percent ? Math.max(issued.expiresAt + playbook.offers.barred, rests) : rests;
}

/** From when on another offer of so many percent may be made if nobody uses those that were. */
function freeFrom(
  customer: Living,
  outcomes: readonly OfferOutcome[],
  percent: number,
  hadOne: boolean,
  playbook: Playbook,
): Instant {
  const ends = outcomes.map((each) => {
    const budget = hadOne ? each.issued.issuedAt + playbook.offers.barred : -NEVER;
    if (each.state === 'redeemed') return budget;
    const barred = barredUntil(customer, { ...each, state: 'expired' }, percent, playbook);
    return Math.max(budget, each.issued.expiresAt, barred);
  });
  return Math.max(...ends);
}

/** Who buys on impulse is tempted once in a while, whether it worked or not. */
const TEMPTED_ONCE: TraitId = 'impulse';

function hasOneBudget(customer: Living, playbook: Playbook, t: Instant): boolean {
  return customer.offers.length > 0 && hasTrait(situationOf(customer, playbook), TEMPTED_ONCE, t);
}

/**
 * Whether the message `key` of a step may make its offer, as far as the customer's own state tells; the budget and the
 * codes of the shop are asked last, when the offer is issued.
 *
 * @returns undefined for a step that offers nothing
 */
export function offerVerdict(
  customer: Living,
  key: string,
  { step }: Placed,
  playbook: Playbook,
  t: Instant,
): OfferVerdict | undefined {
  if (step.offer === undefined) return undefined;
  const outcomes = offersOf(customer, t);
  const own = outcomes.find(({ issued }) => issued.key === key);
  if (own !== undefined) return verdictOnIssued(own);
  const percent = percentOf(customer, step.offer, playbook, t);
  if (percent === 0) return { kind: 'refused', reason: 'no offer' };
  const hadOne = hasOneBudget(customer, playbook, t);
  const until = freeFrom(customer, outcomes, percent, hadOne, playbook);
  // Also one the shop has not confirmed: it may have made the code all the same.
  if (outcomes.some(({ state }) => state !== 'redeemed' && state !== 'expired')) {
    return { kind: 'refused', reason: 'offer alive', until };
  }
  return t < until ? { kind: 'refused', reason: 'offer barred', until } : { kind: 'issue', percent };
}

/**
 * Until when other offers stand, or stood, in the way of a message's own: used, or expired and no longer barring one as
 * good; long ago where none does. They are remembered for as long as a message may wait for them.
 */
export function othersUntil(customer: Living, key: string, { step }: Placed, playbook: Playbook, t: Instant): Instant {
  if (step.offer === undefined || customer.offers.length === 0) return -NEVER;
  const others = offersOf(customer, t).filter(({ issued }) => issued.key !== key);
  const percent = percentOf(customer, step.offer, playbook, t);
  const free = freeFrom(customer, others, percent, hasOneBudget(customer, playbook, t), playbook);
  return Math.max(free, ...others.map(({ redeemed }) => redeemed?.at ?? -NEVER));
}

/** The last instant of a code made at `t`: the mail names the day, and the code is good for the whole of it. */
export function offerEnds({ facts }: Pick<Living, 'facts'>, { lasts }: Pick<Offer, 'lasts'>, t: Instant): Instant {
  return endOfDay(t + lasts, personOf(facts.person).timeZone);
}

/** The customer with one more offer made; an earlier one for the same message is replaced. */
export function withOffer(customer: Living, issued: IssuedOffer): Living {
  return { ...customer, offers: [...customer.offers.filter((each) => each.key !== issued.key), issued] };
}

/** How long after another offer has ended a message that waits for that is fresh; 0 when none waits. */
function longestFreshness({ pending }: Living, playbook: Playbook): Duration {
  const waiting = Object.keys(pending).flatMap((key) => placedOf(key, playbook)?.step ?? []);
  return Math.max(0, ...waiting.map(({ fresh, waitsForOffer }) => (waitsForOffer === undefined ? 0 : fresh)));
}

/** Offers that can still matter: alive, or expired so recently that they bar another, or that one has waited for them. */
export function offersRemembered(customer: Living, playbook: Playbook, t: Instant): readonly IssuedOffer[] {
  const { offers } = customer;
  if (offers.length === 0) return offers;
  const { barred } = playbook.offers;
  const waited = longestFreshness(customer, playbook);
  const kept = offers.filter((made) => {
    // What a late cancellation takes from the orders may begin a rest that had none.
    const rest = Math.max(barred, restAfter(made, playbook.offers));
    return t < Math.max(made.expiresAt + rest, restsUntil(customer, made, playbook)) + waited;
  });
  return kept.length === offers.length ? offers : kept;
}

/** Offers whose mail waits for the word of the shop. */
export function offersAwaited(customer: Living, t: Instant): readonly IssuedOffer[] {
  if (customer.offers.length === 0) return customer.offers;
  return customer.offers.filter(
    (made) => made.key in customer.pending && outcomeOf(customer, made, t).state === 'waiting',
  );
}

const askedFrom = ({ asked, issuedAt }: IssuedOffer): Instant =>
  asked === undefined ? issuedAt : asked.at + ASKED_AGAIN;

/** When the shop has to be asked next for a code that a mail waits for; NEVER when for none. */
export function nextAsking(customer: Living, t: Instant): Instant {
  return Math.min(NEVER, ...offersAwaited(customer, t).map(askedFrom));
}

/** The customer with the shop asked for every code it is time to ask for. The same object when there is none. */
export function askShop(customer: Living, cause: string, t: Instant): Living {
  const awaited = offersAwaited(customer, t);
  if (awaited.length === 0) return customer;
  const due = new Set(awaited.filter((made) => askedFrom(made) <= t));
  if (due.size === 0) return customer;
  const offers = customer.offers.map((made) => (due.has(made) ? { ...made, asked: { at: t, cause } } : made));
  return { ...customer, offers };
}

/** Messages that waited for the word of the shop and have it wait no longer. The same object when there are none. */
export function releaseConfirmed(customer: Living, t: Instant): Living {
  if (customer.offers.length === 0) return customer;
  const confirmed = Object.entries(customer.pending).filter(([key, { heldBy }]) => {
    const issued = heldBy === WAITING_FOR_OFFER && customer.offers.find((each) => each.key === key);
    return issued && confirmationOf(customer, issued) !== undefined;
  });
  return confirmed.length === 0 ? customer : released(customer, confirmed, t);
}

function released(customer: Living, waiting: readonly (readonly [string, Pending])[], t: Instant): Living {
  const due = waiting.map(([key, { heldBy: _heldBy, ...message }]): [string, Pending] => [
    key,
    { ...message, notBefore: t },
  ]);
  return { ...customer, pending: { ...customer.pending, ...Object.fromEntries(due) } };
}

/**
 * Messages that waited for another offer have it wait no longer when that was used. The same object when there are none.
 */
export function releaseFreed(customer: Living, playbook: Playbook, t: Instant): Living {
  const freed = Object.entries(customer.pending).filter(([key, { heldBy, notBefore = 0 }]) => {
    if (heldBy !== ANOTHER_OFFER || notBefore <= t) return false;
    const placed = placedOf(key, playbook);
    return placed !== undefined && offerVerdict(customer, key, placed, playbook, t)?.kind !== 'refused';
  });
  return freed.length === 0 ? customer : released(customer, freed, t);
}
