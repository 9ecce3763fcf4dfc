/** The rules at the claim: whether a pending message may be handed to SES at this very moment (I5, I7). */
import { type Address, blockedAt } from '../address.ts';
import { choicesOf } from '../facts/choices.ts';
import { mayPromote } from '../facts/consent.ts';
import { hash32 } from '../facts/digest.ts';
import { lastOrder } from '../facts/orders.ts';
import { personOf } from '../facts/person.ts';
import type { Placed, Playbook } from '../playbook.ts';
import { DAY, type Duration, type Instant, MINUTE } from '../time.ts';
import { CANNOT_BE_MADE } from './claim.ts';
import { placedOf, sameStep } from './message-key.ts';
import { pausedUntil, pausesOf } from './pauses.ts';
import type { Living, Pending } from './profile.ts';
import { heldOverNight } from './quiet-hours.ts';
import { unsubscribed } from './unsubscribed.ts';
import { type Refused, stillWanted } from './wanted.ts';

/** A rival is settled within seconds; the next minute's sweep looks again. */
const RIVAL_RETRY: Duration = MINUTE;

export type Verdict =
  | { readonly kind: 'send'; readonly placed: Placed; readonly email: string }
  | ({ readonly kind: 'close' } & Refused)
  | { readonly kind: 'defer'; readonly until: Instant; readonly reason: string };

/** What the rules need beside customer and playbook. */
export interface Circumstances {
  readonly holdout: Holdout;
  /** Dates of what the shop has improved. */
  readonly improvements: readonly Instant[];
}

/** Whether an improvement came after the customer was last here, and is no promise. */
export function isNews(date: Instant, lastHere: Instant, t: Instant): boolean {
  return date > lastHere && date <= t;
}

export interface Holdout {
  /** From 0 to 1. */
  readonly share: number;
  readonly salt: string;
}

const UINT32 = 2 ** 32;

/** Whether the customer belongs to the stable share that gets no promotional mail. */
export function isHeldOut(customerId: string, { share, salt }: Holdout): boolean {
  return hash32(`${salt}/${customerId}`) / UINT32 < share;
}

export function isPromotional(key: string, playbook: Playbook): boolean {
  // A step that left the playbook is counted on the careful side.
  return placedOf(key, playbook)?.step.class !== 'service';
}

const withheld = (reason: string) => ({ kind: 'close', outcome: 'withheld', reason }) as const satisfies Verdict;

/**
 * Whether the message belongs to a case of the customer's own: a complaint that is open, or the word that it was
 * resolved. Nobody unsubscribes from the answer to their own complaint.
 */
function answersOwnCase({ series, step }: Placed): boolean {
  if (series.trigger !== 'complaint') return false;
  const { from, after } = series.steps.find((each) => each.id === step.id) ?? {};
  return from === 'opened' || after === 0;
}

/**
 * Promotional messages that would go before this one: in the air, ready and of higher priority, or perhaps sent: after
 * an attempt whose outcome stayed unknown a message has used its share, whatever becomes of it.
 */
function rivalsOf(
  customer: Living,
  key: string,
  { attempt }: Pending,
  placed: Placed,
  playbook: Playbook,
  t: Instant,
): number {
  const others = Object.entries({ ...customer.flight, ...customer.closing });
  const inTheAir = others.filter(
    ([other, message]) =>
      other !== key && isPromotional(other, playbook) && (other in customer.flight || message.attempt > 1),
  );
  const ahead = Object.entries(customer.pending).filter(([other, message]) => {
    if (other === key || !isPromotional(other, playbook)) return false;
    if (message.attempt !== attempt) return message.attempt > attempt;
    // A mail that cannot be made goes before nobody.
    if ((message.notBefore ?? 0) > t || message.heldBy === CANNOT_BE_MADE) return false;
    const wanted = stillWanted(customer, other, message, playbook, t);
    if ('refused' in wanted) return false;
    const { priority } = wanted.placed.step;
    return priority > placed.step.priority || (priority === placed.step.priority && other < key);
  });
  return inTheAir.length + ahead.length;
}

/** Mails another reader of the mailbox may have got, for the outcome of their first attempt stayed unknown. */
function perhapsSent({ pending, closing }: Living, { attempt }: Pending, playbook: Playbook): number {
  return Object.entries({ ...pending, ...closing }).filter(
    ([key, message]) => message.attempt > attempt && isPromotional(key, playbook),
  ).length;
}

/**
 * What the frequency caps say.
 *
 * @param readers the other customers who read the same mailbox: what they got counts, too
 */
export function capped(
  customer: Living,
  key: string,
  message: Pending,
  placed: Placed,
  playbook: Playbook,
  t: Instant,
  readers: readonly Living[] = [],
): Exclude<Verdict, { kind: 'send' }> | undefined {
  const { pace } = choicesOf(customer.facts.choices);
  const { perDay, perWeek, per30Days } = pace === 'less' ? playbook.caps.lessOften : playbook.caps;
  const sent = [customer, ...readers].flatMap(({ recent }) =>
    recent.filter((each) => isPromotional(each.key, playbook)),
  );
  const rivals = readers.reduce(
    (sum, reader) => sum + perhapsSent(reader, message, playbook),
    rivalsOf(customer, key, message, placed, playbook, t),
  );
  const windows = [
    [DAY, perDay],
    [7 * DAY, perWeek],
    [30 * DAY, per30Days],
  ] as const;
  for (const [window, cap] of windows) {
    const used = sent.filter((each) => each.at > t - window).length;
    if (used >= cap) return withheld('frequency cap');
    if (used + rivals >= cap) return { kind: 'defer', until: t + RIVAL_RETRY, reason: 'another message first' };
  }
  return undefined;
}

/**
 * Judges one pending message.
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
  const { step, programme } = placed;
  const { email } = personOf(customer.facts.person);
  if (email === undefined) return withheld('no address');
  const isService = step.class === 'service';
  // What may pass must not cost an apology: an out-of-office reply is reported as such a bounce, too.
  const blocked = isService ? address?.suppressed?.reason : blockedAt(address, t);
  if (blocked !== undefined) return withheld(blocked);
  if (!isService && !mayPromote(customer.facts.consent, t)) return withheld('no consent');
  if (!(isService && answersOwnCase(placed)) && unsubscribed(customer.facts, address, programme.id)) {
    return withheld('unsubscribed');
  }
  if (isService) return { kind: 'send', placed, email };
  const refused =
    withheldPromotion(customer, key, placed, playbook, t, circumstances) ??
    postponed(customer, key, message, placed, playbook, t);
  if (refused !== undefined) return refused;
  // The holdout comes last: it is to hold what would have gone, at the moment it would have.
  return isHeldOut(customer.customerId, circumstances.holdout) ? withheld('holdout') : { kind: 'send', placed, email };
}

/** What stops a promotional message for good. */
function withheldPromotion(
  customer: Living,
  key: string,
  { step, programme }: Placed,
  playbook: Playbook,
  t: Instant,
  { improvements }: Circumstances,
): Verdict | undefined {
  const pauses = pausesOf(customer.facts, playbook.stages);
  // A complaint stamped by a clock ahead of ours is open already.
  if (pausedUntil(pauses, t) !== undefined || pauses.some(({ from }) => from > t)) return withheld('open complaint');
  if (step.needs === 'offer' && playbook.offers[programme.id] === undefined) return withheld('no offer');
  if (step.needs === 'improvement') {
    const since = lastOrder(customer.facts.orders)?.at ?? 0;
    if (!improvements.some((date) => isNews(date, since, t))) return withheld('nothing to report');
  }
  const recently = t - playbook.repeatAfter;
  if (customer.recent.some((each) => each.at > recently && sameStep(each.key, key))) {
    return withheld('same step recently');
  }
  return undefined;
}

/** Night, and what others of the customer's messages have used of the caps. */
function postponed(
  customer: Living,
  key: string,
  message: Pending,
  placed: Placed,
  playbook: Playbook,
  t: Instant,
): Verdict | undefined {
  const quiet = heldOverNight(customer, placed.step, message.moment, playbook, t);
  if (quiet !== undefined) return { kind: 'defer', until: quiet, reason: 'quiet hours' };
  return capped(customer, key, message, placed, playbook, t);
}
