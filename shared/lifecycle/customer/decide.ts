/**
 * Deciding, level-triggered: what is wanted now, given what is remembered; not what changed. Run twice it decides
 * nothing twice, and run late it decides what is still fresh.
 */
import type { Placed, Playbook } from '../playbook.ts';
import { DAY, type Duration, type Instant, NEVER } from '../time.ts';
import { CANNOT_BE_MADE, OUTCOME_UNKNOWN } from './claim.ts';
import { cooldownOf, countedSince } from './cooldown.ts';
import { awaitsFollowed, followedFor, hasNothingToFollow } from './following.ts';
import { isPromotional, parseKey, placedOf } from './message-key.ts';
import { freshUntil, type Occurrence, occurrencesOf } from './occurrences.ts';
import { offersRemembered, releaseConfirmed, releaseFreed, restAfterFollowed } from './offers.ts';
import { type Closing, type Episode, type Living, type Pending, without } from './profile.ts';
import { heldOverNight } from './quiet-hours.ts';
import type { WithholdingReason } from './reasons.ts';
import { saidElsewhereUntil } from './said.ts';
import { decidesFrom } from './starts.ts';
import { INTEREST_FIRST, waitsUntil } from './waits.ts';
import { type Refused, stillWanted, type Wanted } from './wanted.ts';

/** The widest window a cap looks at. */
const CAP_WINDOW = 30 * DAY;

/** Whether the message is waiting, in the air, closing, or has ended. */
function isRemembered(customer: Living, key: string): boolean {
  if (key in customer.pending || key in customer.flight || key in customer.closing) return true;
  for (const each of customer.recent) if (each.key === key) return true;
  for (const each of customer.closed) if (each.key === key) return true;
  return false;
}

function hasAddress({ facts: { person } }: Living): boolean {
  return person.some(({ email }) => email !== undefined);
}

/** A reminder gives way for so long: what waits longer than that must not silence it. */
const GIVES_WAY: Duration = DAY;

/**
 * Whether another mail is on its way at the moment of a reminder, or may have arrived. Should nothing come of it, the reminder
 * is decided then. What waits for long, as for another offer to end, or cannot be made at all, is not on its way.
 */
function mailUnderWay({ pending, flight, closing }: Living, moment: Instant): boolean {
  return (
    Object.keys(flight).length > 0 ||
    Object.values(closing).some(({ attempt }) => attempt > 1) ||
    Object.values(pending).some(
      ({ notBefore = 0, decidedAt, heldBy, attempt }) =>
        attempt > 1 || (notBefore <= Math.max(moment, decidedAt) + GIVES_WAY && heldBy !== CANNOT_BE_MADE),
    )
  );
}

/** What would be said of a message that is decided at `t`; undefined when it is not to be decided. */
function wantedNow(customer: Living, occurrence: Occurrence, playbook: Playbook, t: Instant): Wanted | undefined {
  const { key, step, moment, reminds } = occurrence;
  if (moment > t || t > freshUntil(step, moment) || moment < decidesFrom(customer, occurrence, playbook))
    return undefined;
  // Nobody to write to yet: if the address comes while the message is fresh, it is wanted then.
  if (isRemembered(customer, key) || !hasAddress(customer)) return undefined;
  if (awaitsFollowed(customer, key, step)) return undefined;
  if (saidElsewhereUntil(customer, key, playbook, t) !== undefined) return undefined;
  if (reminds && mailUnderWay(customer, moment)) return undefined;
  const verdict = stillWanted(customer, key, asDecided(occurrence, t), playbook, t);
  return 'refused' in verdict && verdict.refused.outcome === 'cancelled' ? undefined : verdict;
}

/** Whether deciding at `t` would make this message pending, if only to withhold it with its reason. */
export function isWantedNow(customer: Living, occurrence: Occurrence, playbook: Playbook, t: Instant): boolean {
  return wantedNow(customer, occurrence, playbook, t) !== undefined;
}

function asDecided({ moment, cause }: Occurrence, t: Instant): Pending {
  return { moment, decidedAt: t, attempt: 1, ...(cause !== undefined && { cause }) };
}

/** How long a mail that was sent can still matter: to the caps, to its own step, to the series it belongs to. */
function remembranceOf(key: string, playbook: Playbook): Duration {
  const placed = placedOf(key, playbook);
  if (placed === undefined) return Math.max(CAP_WINDOW, playbook.repeatAfter, playbook.cooldown);
  const { step, series } = placed;
  return Math.max(
    CAP_WINDOW,
    playbook.repeatAfter,
    cooldownOf(step, playbook),
    series.apart?.every ?? 0,
    series.apart?.atLeast ?? 0,
    step.fresh,
    step.thenQuiet ?? 0,
    followedFor(placed),
    restAfterFollowed(placed, playbook),
  );
}

/** Whether a mail of so long ago still counts among as many as there may be while a trait lasts. */
function isCounted(customer: Living, key: string, at: Instant, playbook: Playbook, t: Instant): boolean {
  const placed = placedOf(key, playbook);
  const since = placed && countedSince(customer, placed.series, playbook, t);
  return since !== undefined && at > since;
}

/** Drops what can no longer matter: mails beyond every window, offers, and ended messages that cannot be wanted again. */
export function forget(customer: Living, playbook: Playbook, t: Instant): Living {
  if (customer.recent.length + customer.closed.length + customer.offers.length === 0) return customer;
  const { clicksReported, mailsWithoutClick } = playbook.traits.neutral;
  // As many as somebody has to leave unclicked, however old: in the order of time, but for what was settled late.
  const newest = clicksReported ? customer.recent.length - mailsWithoutClick : NEVER;
  // The last one, however old, says since when they have heard nothing; and of promotion, whether since a stage began.
  const last = Math.max(...customer.recent.map(({ at }) => at));
  const lastPromotion = Math.max(
    ...customer.recent.flatMap(({ key, at }) => (isPromotional(key, playbook) ? [at] : [])),
  );
  const recent = customer.recent.filter(
    ({ key, at }, index) =>
      index >= newest ||
      at === last ||
      at === lastPromotion ||
      at > t - remembranceOf(key, playbook) ||
      isCounted(customer, key, at, playbook, t),
  );
  const closed = customer.closed.filter((each) => each.until >= t);
  const offers = offersRemembered(customer, playbook, t);
  const nothing =
    recent.length === customer.recent.length && closed.length === customer.closed.length && offers === customer.offers;
  return nothing ? customer : { ...customer, recent, closed, offers };
}

/** Time has passed a message by because of us, and not because of the customer, when nobody could make its mail. */
function endOf({ heldBy }: Pending, end: Pick<Closing, 'outcome' | 'reason'>): Pick<Closing, 'outcome' | 'reason'> {
  return end.reason === 'stale' && heldBy === CANNOT_BE_MADE ? { outcome: 'failed', reason: CANNOT_BE_MADE } : end;
}

/** What stands in the way of one step, and not of the others of its series. */
const OF_THE_STEP: ReadonlySet<string> = new Set<WithholdingReason>([
  'sent back',
  'no content',
  'no benefit',
  'same step recently',
]);
/** What stands in the way of one mail, and not of one that comes later. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set<WithholdingReason>(['open complaint', 'stale']);

/** However little is left of the time that silence may last: what stands in the way of every step passes in days. */
const AGAIN_AT_LEAST: Duration = 5 * DAY;

/**
 * The episode of a series after its message ended unsent. A reminder that something kept back in passing has reminded nobody:
 * another step takes its turn at once. Where none can, or it was the time that was wrong, the next one is counted so that it
 * comes before the silence has lasted too long, and not a whole interval later.
 *
 * @param others how many other messages of the series have ended unsent lately
 */
export function triedAgain(
  episode: Episode,
  key: string,
  reason: string | undefined,
  playbook: Playbook,
  others: number,
): Episode {
  const series = placedOf(key, playbook)?.series;
  if (series?.trigger !== 'interval' || series.since !== 'any mail' || reason === undefined) return episode;
  const isOfStep = OF_THE_STEP.has(reason);
  if (!isOfStep && !OF_THE_MOMENT.has(reason)) return episode;
  const later = Math.max(AGAIN_AT_LEAST, playbook.longestSilence - series.every);
  const again = isOfStep && others < series.steps.length - 1 ? 0 : later;
  return { ...episode, beganAt: episode.beganAt + again - series.every };
}

function episodesAfter(
  { episodes, closed, closing }: Living,
  key: string,
  reason: string | undefined,
  playbook: Playbook,
): Living['episodes'] {
  const id = placedOf(key, playbook)?.series.id ?? '';
  const last = episodes[id];
  if (last === undefined || String(last.n) !== parseKey(key)?.episode) return episodes;
  const ended = [...closed.map((each) => each.key), ...Object.keys(closing)];
  const others = ended.filter((each) => each !== key && placedOf(each, playbook)?.series.id === id);
  const next = triedAgain(last, key, reason, playbook, others.length);
  return next === last ? episodes : { ...episodes, [id]: next };
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
  playbook: Playbook,
  t: Instant,
): Living {
  const { notBefore: _notBefore, heldBy: _heldBy, readySince: _readySince, ...kept } = message;
  const ended: Pick<Closing, 'outcome' | 'reason'> =
    message.attempt > 1 ? { outcome: 'failed', reason: OUTCOME_UNKNOWN } : endOf(message, { outcome, reason });
  return {
    ...customer,
    episodes: message.attempt > 1 ? customer.episodes : episodesAfter(customer, key, reason, playbook),
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
  let decided = releaseFreed(releaseConfirmed(forget(customer, playbook, t), t), playbook, t);
  for (const [key, message] of Object.entries(decided.pending)) {
    const verdict = stillWanted(decided, key, message, playbook, t);
    if ('refused' in verdict) decided = close(decided, key, message, verdict.refused, playbook, t);
  }
  for (const occurrence of remindersLast(occurrencesOf(decided, playbook, t))) {
    const verdict = wantedNow(decided, occurrence, playbook, t);
    if (verdict === undefined) continue;
    const { key, moment, takes } = occurrence;
    const held = 'placed' in verdict ? heldFromTheStart(decided, verdict.placed, moment, playbook, t) : undefined;
    const pending: Pending = { ...asDecided(occurrence, t), ...held };
    const taken: Readonly<Record<string, Episode>> = takes ? { [takes.series]: { n: takes.n, beganAt: moment } } : {};
    decided = {
      ...decided,
      pending: { ...decided.pending, [key]: pending },
      episodes: { ...decided.episodes, ...taken },
    };
    // Withheld in the write that decides it, so that the ledger says why nothing came.
    const refused = refusedAtOnce(decided, occurrence, verdict);
    if (refused !== undefined) decided = close(decided, key, pending, refused, playbook, t);
  }
  return decided;
}

/** Whether there is room for a reminder is known when everything else has been decided. */
function remindersLast(occurrences: readonly Occurrence[]): readonly Occurrence[] {
  if (!occurrences.some(({ reminds }) => reminds)) return occurrences;
  return [...occurrences.filter(({ reminds }) => !reminds), ...occurrences.filter(({ reminds }) => reminds)];
}

/** Asked here alone what a step follows: once it has gone out, that never changes. */
function refusedAtOnce(customer: Living, { key, step }: Occurrence, verdict: Wanted): Refused | undefined {
  if ('refused' in verdict) return verdict.refused;
  return hasNothingToFollow(customer, key, step) ? { outcome: 'withheld', reason: 'nothing to follow' } : undefined;
}

/** Known already: nobody has to ask the sender at night only to be told to come back in the morning. */
function heldFromTheStart(
  customer: Living,
  { series, step }: Placed,
  moment: Instant,
  playbook: Playbook,
  t: Instant,
): Pick<Pending, 'notBefore' | 'heldBy'> | undefined {
  const waits = waitsUntil(customer, series, playbook, t);
  if (waits !== undefined) return { notBefore: waits, heldBy: INTEREST_FIRST };
  const night = heldOverNight(customer, step, moment, playbook, t);
  return night === undefined ? undefined : { notBefore: night, heldBy: 'quiet hours' };
}
