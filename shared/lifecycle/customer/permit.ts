/** The rules at the claim: whether a pending message may be handed to SES at this very moment (I5, I7). */
import { hash32 } from '../facts/digest.ts';
import { mayPromote } from '../facts/consent.ts';
import { lastOrder } from '../facts/orders.ts';
import { personOf } from '../facts/person.ts';
import { findStep, type Placed, type Playbook } from '../playbook.ts';
import { DAY, type Duration, type Instant, MINUTE } from '../time.ts';
import { parseKey, sameStep } from './message-key.ts';
import { pausedUntil, pausesOf } from './pauses.ts';
import type { Living, Pending } from './profile.ts';
import { heldOverNight } from './quiet-hours.ts';
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

function isPromotional(key: string, playbook: Playbook): boolean {
  const parts = parseKey(key);
  const step = parts && findStep(playbook, parts.programme, parts.step)?.step;
  // A step that left the playbook is counted on the careful side.
  return step?.class !== 'service';
}

const close = (outcome: Refused['outcome'], reason: string): Verdict => ({ kind: 'close', outcome, reason });

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
    if ((message.notBefore ?? 0) > t) return false;
    const wanted = stillWanted(customer, other, message, playbook, t);
    if ('refused' in wanted) return false;
    const { priority } = wanted.placed.step;
    return priority > placed.step.priority || (priority === placed.step.priority && other < key);
  });
  return inTheAir.length + ahead.length;
}

function capped(
  customer: Living,
  key: string,
  message: Pending,
  placed: Placed,
  playbook: Playbook,
  t: Instant,
): Verdict | undefined {
  const { perDay, perWeek, per30Days } = playbook.caps;
  const sent = customer.recent.filter((each) => isPromotional(each.key, playbook));
  const rivals = rivalsOf(customer, key, message, placed, playbook, t);
  const windows = [
    [DAY, perDay],
    [7 * DAY, perWeek],
    [30 * DAY, per30Days],
  ] as const;
  for (const [window, cap] of windows) {
    const used = sent.filter((each) => each.at > t - window).length;
    if (used >= cap) return close('withheld', 'frequency cap');
    if (used + rivals >= cap) return { kind: 'defer', until: t + RIVAL_RETRY, reason: 'another message first' };
  }
  return undefined;
}

/**
 * Judges one pending message.
 *
 * @param message the pending entry under `key`
 * @param t the present
 */
export function permit(
  customer: Living,
  key: string,
  message: Pending,
  playbook: Playbook,
  t: Instant,
  circumstances: Circumstances,
): Verdict {
  const wanted = stillWanted(customer, key, message, playbook, t);
  if ('refused' in wanted) return { kind: 'close', ...wanted.refused };
  const { placed } = wanted;
  const { step, programme } = placed;
  const { email } = personOf(customer.facts.person);
  if (email === undefined) return close('withheld', 'no address');
  if (step.class === 'service') return { kind: 'send', placed, email };

  if (!mayPromote(customer.facts.consent, t)) return close('withheld', 'no consent');
  const pauses = pausesOf(customer.facts, playbook.stages);
  // A complaint stamped by a clock ahead of ours is open already.
  if (pausedUntil(pauses, t) !== undefined || pauses.some(({ from }) => from > t)) {
    return close('withheld', 'open complaint');
  }
  if (isHeldOut(customer.customerId, circumstances.holdout)) return close('withheld', 'holdout');
  if (step.needs === 'offer' && playbook.offers[programme.id] === undefined) return close('withheld', 'no offer');
  if (step.needs === 'improvement') {
    const since = lastOrder(customer.facts.orders)?.at ?? 0;
    if (!circumstances.improvements.some((date) => isNews(date, since, t)))
      return close('withheld', 'nothing to report');
  }
  const recently = t - playbook.repeatAfter;
  if (customer.recent.some((each) => each.at > recently && sameStep(each.key, key))) {
    return close('withheld', 'same step recently');
  }
  const quiet = heldOverNight(customer, step, message.moment, playbook, t);
  if (quiet !== undefined) return { kind: 'defer', until: quiet, reason: 'quiet hours' };
  return capped(customer, key, message, placed, playbook, t) ?? { kind: 'send', placed, email };
}
