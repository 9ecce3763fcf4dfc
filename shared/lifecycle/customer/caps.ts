/**
 * Frequency caps: how much promotional mail one person gets at most, and who of several messages goes first. What may
 * have arrived counts like what did.
 */
import { caseOf } from '../cases.ts';
import { choicesOf } from '../facts/choices.ts';
import type { Facts } from '../facts/facts.ts';
import type { Placed, Playbook } from '../playbook.ts';
import { DAY, type Duration, HOUR, type Instant, MINUTE, NEVER } from '../time.ts';
import { CANNOT_BE_MADE } from './claim.ts';
import { isPromotional, parseKey } from './message-key.ts';
import { makesUp } from './occurrences.ts';
import { WAITING_FOR_OFFER } from './offers.ts';
import type { Living, Pending, Recent } from './profile.ts';
import { isAnswer } from './quiet-hours.ts';
import type { DeferralReason, WithholdingReason } from './reasons.ts';
import { keepsUntil } from './waits.ts';
import { stillWanted } from './wanted.ts';

/** A rival is settled within seconds; the next minute's sweep looks again. */
const RIVAL_RETRY: Duration = MINUTE;
/** The word of the shop may take a day, and nobody is to look every minute. */
const OFFER_RETRY: Duration = HOUR;

export interface CapWindow {
  readonly window: Duration;
  /** Promotional mails to one person within the window. */
  readonly cap: number;
}

const ASKED_FOR_LESS = 'less';

/** The caps of a customer, who may have asked for less than others get. */
export function capsOf({ choices }: Pick<Facts, 'choices'>, { caps }: Pick<Playbook, 'caps'>): readonly CapWindow[] {
  const { perDay, perWeek, per30Days } = choicesOf(choices).pace === ASKED_FOR_LESS ? caps.lessOften : caps;
  return [
    { window: DAY, cap: perDay },
    { window: 7 * DAY, cap: perWeek },
    { window: 30 * DAY, cap: per30Days },
  ];
}

/** Whether a message is in the air, or may have arrived for all anybody knows. */
function isOut({ flight }: Living, key: string, { attempt }: Pending): boolean {
  return (key in flight && flight[key]?.answer !== true) || attempt > 1;
}

/** Its code is made, and only the word of the shop is missing: it keeps its place, or nobody would hear of the code. */
function waitsForOffer({ notBefore = 0, heldBy }: Pending, t: Instant): boolean {
  return notBefore > t && heldBy === WAITING_FOR_OFFER;
}

/** Whether another pending message goes before this one: it has been tried more often, or is ready and matters more. */
function goesFirst(
  customer: Living,
  other: string,
  its: Pending,
  key: string,
  { attempt }: Pending,
  { step }: Placed,
  playbook: Playbook,
  t: Instant,
): boolean {
  // After an attempt whose outcome stayed unknown it has used its share, whatever becomes of it.
  if (its.attempt !== attempt) return its.attempt > attempt;
  // A mail that cannot be made goes before nobody.
  const waits = (its.notBefore ?? 0) > t && !waitsForOffer(its, t);
  if (waits || its.heldBy === CANNOT_BE_MADE) return false;
  const wanted = stillWanted(customer, other, its, playbook, t);
  if ('refused' in wanted) return false;
  const { step: rival } = wanted.placed;
  // One that answers an act goes out beside all others.
  if (isAnswer(rival, its.moment, t)) return false;
  const { priority } = rival;
  return priority > step.priority || (priority === step.priority && other < key);
}

/** How many promotional messages of the same customer may use up the caps before this one. */
function rivals(
  customer: Living,
  key: string,
  message: Pending,
  placed: Placed,
  playbook: Playbook,
  t: Instant,
): number {
  const others = (messages: Readonly<Record<string, Pending>>) =>
    Object.entries(messages).filter(([other]) => other !== key && isPromotional(other, playbook));
  const out = others({ ...customer.flight, ...customer.closing }).filter(([other, its]) => isOut(customer, other, its));
  const ahead = others(customer.pending).filter(([other, its]) =>
    goesFirst(customer, other, its, key, message, placed, playbook, t),
  );
  return out.length + ahead.length;
}

/** Mails another reader of the mailbox may have got, for the outcome of their first attempt stayed unknown. */
function perhapsSent({ pending, closing }: Living, { attempt }: Pending, playbook: Playbook): number {
  return Object.entries({ ...pending, ...closing }).filter(
    ([key, its]) => its.attempt > attempt && isPromotional(key, playbook),
  ).length;
}

/** From when on no window is full, if nothing else goes out. */
function roomFrom(sent: readonly Recent[], windows: readonly CapWindow[]): Instant {
  const newestFirst = sent.map(({ at }) => at).toSorted((a, b) => b - a);
  return Math.max(...windows.map(({ window, cap }) => (newestFirst[cap - 1] ?? -NEVER) + window));
}

/** Whether a message that waits for the caps is still worth sending then: fresh, and its case not over by itself. */
function keeps(
  customer: Living,
  key: string,
  { moment }: Pending,
  placed: Placed,
  playbook: Playbook,
  t: Instant,
  then: Instant,
): boolean {
  const { step } = placed;
  if (then > keepsUntil(customer, key, placed, moment, playbook, t)) return false;
  const { round, episode } = parseKey(key) ?? {};
  if (makesUp(step, round ?? 0)) return true;
  const about = caseOf(customer, placed, episode, playbook);
  return about === undefined || about.closed !== undefined || then < about.endsAt;
}

type Capped =
  | { readonly kind: 'close'; readonly outcome: 'withheld'; readonly reason: WithholdingReason }
  | { readonly kind: 'defer'; readonly until: Instant; readonly reason: DeferralReason };

/**
 * What the frequency caps say; undefined when there is room, and for the answer to what the customer has just done.
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
): Capped | undefined {
  if (isAnswer(placed.step, message.moment, t)) return undefined;
  const sent = [customer, ...readers].flatMap(({ recent }) =>
    recent.filter((each) => each.answer !== true && isPromotional(each.key, playbook)),
  );
  const waiting = readers.reduce(
    (sum, reader) => sum + perhapsSent(reader, message, playbook),
    rivals(customer, key, message, placed, playbook, t),
  );
  const isPatient = Object.values(customer.pending).some((each) => waitsForOffer(each, t));
  const windows = capsOf(customer.facts, playbook);
  for (const { window, cap } of windows) {
    const used = sent.filter((each) => each.at > t - window).length;
    if (used >= cap) {
      const until = roomFrom(sent, windows);
      return placed.step.waitsForCaps === true && keeps(customer, key, message, placed, playbook, t, until)
        ? { kind: 'defer', until, reason: 'frequency cap' }
        : { kind: 'close', outcome: 'withheld', reason: 'frequency cap' };
    }
    if (used + waiting >= cap) {
      return { kind: 'defer', until: t + (isPatient ? OFFER_RETRY : RIVAL_RETRY), reason: 'another message first' };
    }
  }
  return undefined;
}
