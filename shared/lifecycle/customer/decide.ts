/**
 * Deciding, level-triggered: what is wanted now, given what is remembered; not what changed. Run twice it decides
 * nothing twice, and run late it decides what is still fresh.
 */
import { personOf } from '../facts/person.ts';
import type { Playbook } from '../playbook.ts';
import { DAY, type Instant } from '../time.ts';
import { CANNOT_BE_MADE, OUTCOME_UNKNOWN } from './claim.ts';
import { freshUntil, type Occurrence, occurrencesOf } from './occurrences.ts';
import { type Closing, type Episode, type Living, type Pending, without } from './profile.ts';
import { heldOverNight } from './quiet-hours.ts';
import { stillWanted } from './wanted.ts';

/** The widest window a cap looks at. */
const CAP_WINDOW = 30 * DAY;

/** Whether the message is waiting, in the air, closing, or has ended. */
function isRemembered(customer: Living, key: string): boolean {
  return (
    key in customer.pending ||
    key in customer.flight ||
    key in customer.closing ||
    customer.recent.some((each) => each.key === key) ||
    customer.closed.some((each) => each.key === key)
  );
}

/** Whether deciding at `t` would make this message pending. */
export function isWantedNow(customer: Living, { key, step, programme, moment }: Occurrence, t: Instant): boolean {
  if (moment > t || t > freshUntil(step, moment) || moment < (programme.startsAt ?? 0)) return false;
  // Nobody to write to yet: if the address comes while the message is fresh, it is wanted then.
  return !isRemembered(customer, key) && personOf(customer.facts.person).email !== undefined;
}

/** Drops what can no longer matter: mails beyond every window, and ended messages that cannot be wanted again. */
export function forget(customer: Living, playbook: Playbook, t: Instant): Living {
  const horizon = t - Math.max(CAP_WINDOW, playbook.repeatAfter);
  const recent = customer.recent.filter((each) => each.at > horizon);
  const closed = customer.closed.filter((each) => each.until >= t);
  const nothing = recent.length === customer.recent.length && closed.length === customer.closed.length;
  return nothing ? customer : { ...customer, recent, closed };
}

/** Time has passed a message by because of us, and not because of the customer, when nobody could make its mail. */
function endOf({ heldBy }: Pending, end: Pick<Closing, 'outcome' | 'reason'>): Pick<Closing, 'outcome' | 'reason'> {
  return end.reason === 'stale' && heldBy === CANNOT_BE_MADE ? { outcome: 'failed', reason: CANNOT_BE_MADE } : end;
}

/**
 * Moves a waiting message to `closing`. After an attempt whose outcome stayed unknown nobody may claim that it was not
 * sent, whatever the reason for closing it.
 */
export function close(
  customer: Living,
  key: string,
  message: Pending,
  { outcome, reason }: Pick<Closing, 'outcome' | 'reason'>,
  t: Instant,
): Living {
  const { notBefore: _notBefore, heldBy: _heldBy, ...kept } = message;
  const ended: Pick<Closing, 'outcome' | 'reason'> =
    message.attempt > 1 ? { outcome: 'failed', reason: OUTCOME_UNKNOWN } : endOf(message, { outcome, reason });
  return {
    ...customer,
    pending: without(customer.pending, key),
    closing: { ...customer.closing, [key]: { ...kept, ...ended, closedAt: t } },
  };
}

/**
 * Decides at `t`: pending messages no longer wanted start closing with the reason, wanted ones become pending.
 *
 * @param customer evaluated up to `t`
 */
export function decide(customer: Living, playbook: Playbook, t: Instant): Living {
  let decided = forget(customer, playbook, t);
  for (const [key, message] of Object.entries(decided.pending)) {
    const verdict = stillWanted(decided, key, message, playbook, t);
    if ('refused' in verdict) decided = close(decided, key, message, verdict.refused, t);
  }
  for (const occurrence of occurrencesOf(decided, playbook, t)) {
    if (!isWantedNow(decided, occurrence, t)) continue;
    const { key, step, moment, cause, takes } = occurrence;
    // Known already: nobody has to ask the sender at night only to be told to come back in the morning.
    const notBefore = heldOverNight(decided, step, moment, playbook, t);
    const pending: Pending = {
      moment,
      decidedAt: t,
      attempt: 1,
      ...(cause !== undefined && { cause }),
      ...(notBefore !== undefined && { notBefore, heldBy: 'quiet hours' }),
    };
    const taken: Readonly<Record<string, Episode>> = takes ? { [takes.series]: { n: takes.n, beganAt: moment } } : {};
    decided = {
      ...decided,
      pending: { ...decided.pending, [key]: pending },
      episodes: { ...decided.episodes, ...taken },
    };
  }
  return decided;
}
