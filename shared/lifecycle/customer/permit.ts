/** The rules at the claim: whether a pending message may be handed to SES at this very moment (I5, I7). */
import { type Address, blockedAt } from '../address.ts';
import type { CaseKind } from '../case-kinds.ts';
import { mayPromote } from '../facts/consent.ts';
import { isInShare } from '../facts/digest.ts';
import { historyOf, lastOrder } from '../facts/orders.ts';
import { personOf } from '../facts/person.ts';
import { caseStepOf, type Placed, type Playbook } from '../playbook.ts';
import type { CONTENT_KINDS } from '../content-kinds.ts';
import { dissatisfiedSpans, stageNameOf } from '../stage.ts';
import type { Instant } from '../time.ts';
import { capped } from './caps.ts';
import { beginsAnew } from './acquaintance.ts';
import { hadEnough, isLeftInPeace, keptApartUntil, recentCopy } from './cooldown.ts';
import { isSentBack } from './goods.ts';
import { parseKey } from './message-key.ts';
import { type Improved, newsFor } from './news.ts';
import { makesUp } from './occurrences.ts';
import { ANOTHER_OFFER, offerVerdict, WAITING_FOR_OFFER } from './offers.ts';
import { pausesOf } from './pauses.ts';
import type { Living, Pending } from './profile.ts';
import { heldOverNight } from './quiet-hours.ts';
import type { DeferralReason, WithholdingReason } from './reasons.ts';
import { thoughtOf, type Topic, topicOf } from './topic.ts';
import { unsubscribed } from './unsubscribed.ts';
import { INTEREST_FIRST, keepsUntil, waitsUntil } from './waits.ts';
import { type Refused, stillWanted } from './wanted.ts';

export type Verdict =
  | { readonly kind: 'send'; readonly placed: Placed; readonly email: string }
  | ({ readonly kind: 'close' } & Refused)
  | { readonly kind: 'defer'; readonly until: Instant; readonly reason: string };

type ContentKind = (typeof CONTENT_KINDS)[number];

/** What the rules need beside customer and playbook. */
export interface Circumstances {
  /** Asked about by the sender, after everything else. */
  readonly holdout: Holdout;
  /** What the shop has improved. */
  readonly improvements: readonly Improved[];
  /** Numbers of orders at which a customer reaches a benefit, ascending. */
  readonly benefits: readonly number[];
  /** Whether there is something to read of one of these kinds: for the article, its category, or in general. */
  readonly hasContent: (kinds: readonly ContentKind[], topic: Topic) => boolean;
  /** Whether there is something to choose from: of the article or its category. */
  readonly hasOptions: (topic: Topic) => boolean;
}

export interface Holdout {
  /** From 0 to 1. */
  readonly share: number;
  readonly salt: string;
}

/**
 * Whether the customer belongs to the stable share that gets no promotional mail. Asked about last, when nothing else
 * stands in the way: it is to hold what would have gone, at the moment it would have.
 */
export function isHeldOut(customerId: string, { share, salt }: Holdout): boolean {
  return isInShare(`${salt}/${customerId}`, share);
}

const withheld = (reason: WithholdingReason) =>
  ({ kind: 'close', outcome: 'withheld', reason }) as const satisfies Verdict;
const deferred = (until: Instant, reason: DeferralReason) =>
  ({ kind: 'defer', until, reason }) as const satisfies Verdict;

/** What the customer has with us, and waits to hear of. */
const OWN_CASES: ReadonlySet<CaseKind> = new Set<CaseKind>([
  'complaint',
  'rating',
  'renewal',
  'late-order',
  'change',
  'answer',
]);

/**
 * Whether the message belongs to a case of the customer's own: one that is open, or the word that it was closed. Nobody
 * unsubscribes from the answer to their own complaint.
 */
export function answersOwnCase(placed: Placed): boolean {
  const { series, step } = placed;
  if (series.trigger !== 'case' || !OWN_CASES.has(series.of)) return false;
  const { from, after } = caseStepOf(placed) ?? {};
  return step.class === 'service' && (from === 'opened' || after === 0);
}

/**
 * Judges one pending message. Everything but the holdout: see {@link isHeldOut}.
 *
 * @param message the pending entry under `key`
 * @param t the present
 * @param address what is known of the customer's address, whoever else uses it; undefined: nothing
 */
export function permit(
  customer: Living,
  key: string,
  message: Pending,
  playbook: Playbook,
  t: Instant,
  circumstances: Circumstances,
  address: Address | undefined,
): Verdict {
  const wanted = stillWanted(customer, key, message, playbook, t);
  if ('refused' in wanted) return { kind: 'close', ...wanted.refused };
  const { placed } = wanted;
  const { step, series, programme } = placed;
  const { email } = personOf(customer.facts.person);
  if (email === undefined) return withheld('no address');
  const isService = step.class === 'service';
  // What may pass must not cost an apology: an out-of-office reply is reported as such a bounce, too.
  const blocked = isService ? address?.suppressed?.reason : blockedAt(address, t);
  if (blocked !== undefined) return withheld(blocked);
  if (!isService && !mayPromote(customer.facts.consent, t)) return withheld('no consent');
  if (!answersOwnCase(placed) && unsubscribed(customer.facts, address, programme.id)) return withheld('unsubscribed');
  const waits = waitsUntil(customer, series, playbook, t);
  const refused = isService
    ? withoutContents(customer, placed, playbook, t, circumstances)
    : withheldPromotion(customer, key, message, placed, playbook, t, circumstances);
  if (refused !== undefined) return refused;
  if (waits !== undefined) return deferred(waits, INTEREST_FIRST);
  if (isService) return { kind: 'send', placed, email };
  return postponed(customer, key, message, placed, playbook, t) ?? { kind: 'send', placed, email };
}

/** What stops a promotional message for good, or until another offer has ended. */
function withheldPromotion(
  customer: Living,
  key: string,
  { moment }: Pending,
  placed: Placed,
  playbook: Playbook,
  t: Instant,
  circumstances: Circumstances,
): Verdict | undefined {
  const { step } = placed;
  const { facts } = customer;
  const isMadeUp = makesUp(step, parseKey(key)?.round ?? 0);
  const rest = isMadeUp ? dissatisfiedSpans(facts, playbook.stages) : pausesOf(facts, playbook.stages);
  // A complaint stamped by a clock ahead of ours is open already.
  if (rest.some(({ to }) => to > t)) return withheld('open complaint');
  const offer = offerVerdict(customer, key, placed, playbook, t);
  if (offer?.kind === 'refused') {
    // What waits for another offer to end must still make sense then.
    const waits = 'until' in offer && offer.until <= keepsUntil(customer, key, placed, moment, playbook, t);
    return waits ? deferred(offer.until, ANOTHER_OFFER) : withheld(offer.reason);
  }
  const empty = withoutContents(customer, placed, playbook, t, circumstances);
  if (empty !== undefined) return empty;
  const isAnew = beginsAnew(facts, placed, playbook);
  if (!isAnew && recentCopy(customer.recent, key, step, playbook, t)) return withheld('same step recently');
  const isEnough = isCampaignAmidQuiet(customer, placed, playbook, t) || hadEnough(customer, placed, playbook, t);
  return isEnough ? withheld('enough for now') : undefined;
}

function isCampaignAmidQuiet(customer: Living, { series }: Placed, playbook: Playbook, t: Instant): boolean {
  if (series.trigger !== 'campaign') return false;
  return isLeftInPeace(customer, stageNameOf(customer.facts, playbook.stages, t), playbook, t);
}

/** A mail that would have nothing to say. */
function withoutContents(
  customer: Living,
  placed: Placed,
  playbook: Playbook,
  t: Instant,
  { improvements, benefits, hasContent, hasOptions }: Circumstances,
): Verdict | undefined {
  const { step } = placed;
  for (const need of step.needs ?? []) {
    switch (need) {
      case 'improvement':
        if (newsFor(improvements, customer, placed, playbook, t).length === 0) return withheld('nothing to report');
        break;
      case 'content':
        if (!hasContent(step.content ?? [], topicOf(customer.facts))) return withheld('no content');
        break;
      case 'options': {
        const inCart = customer.facts.basket?.cart?.items ?? 0;
        if (inCart === 0 && !hasOptions(thoughtOf(customer.facts))) return withheld('no content');
        break;
      }
      case 'goods': {
        const order = lastOrder(customer.facts.orders);
        if (order !== undefined && isSentBack(customer.facts, order, t)) return withheld('sent back');
        break;
      }
      case 'benefit': {
        const orders = historyOf(customer.facts.orders)?.orders ?? 0;
        if (!benefits.some((least) => least > orders)) return withheld('no benefit');
        break;
      }
      default:
        return need satisfies never;
    }
  }
  return undefined;
}

/** An offer the shop has to confirm, night, and what others of the customer's messages have used of the caps. */
function postponed(
  customer: Living,
  key: string,
  message: Pending,
  placed: Placed,
  playbook: Playbook,
  t: Instant,
): Verdict | undefined {
  const offer = offerVerdict(customer, key, placed, playbook, t);
  if (offer?.kind === 'waiting') return deferred(offer.until, WAITING_FOR_OFFER);
  const quiet = heldOverNight(customer, placed.step, message.moment, playbook, t);
  if (quiet !== undefined) return deferred(quiet, 'quiet hours');
  const apart = keptApartUntil(customer.recent, placed, playbook, t);
  if (apart !== undefined) return deferred(apart, 'too soon');
  return capped(customer, key, message, placed, playbook, t);
}
