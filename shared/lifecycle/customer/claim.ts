/**
 * The transitions of the sending protocol as pure functions of the aggregate. Each is one write conditional on
 * `version`; the conditions on token, attempt and closing entry are checked here, on the state that write replaces.
 */
import { STOPPED } from '../lane.ts';
import type { Playbook } from '../playbook.ts';
import { DAY, type Duration, type Instant } from '../time.ts';
import type { Delivery } from './delivery.ts';
import { placedOf } from './message-key.ts';
import { freshUntil } from './occurrences.ts';
import { type ClosedOutcome, type Flight, type Living, type Pending, without } from './profile.ts';
import { isAnswer } from './quiet-hours.ts';

/** How an ended message is written down, once; only `sent` may replace another entry. */
export interface LedgerEntry {
  readonly customerId: string;
  readonly key: string;
  readonly outcome: ClosedOutcome | 'sent';
  readonly reason?: string;
  readonly moment: Instant;
  readonly decidedAt: Instant;
  readonly endedAt: Instant;
  readonly attempt: number;
  readonly cause?: string;
  readonly release?: string;
  readonly template?: string;
  readonly locale?: string;
  /** The language of the customer, where the mail was in another one because there was none in theirs. */
  readonly insteadOf?: string;
  readonly messageId?: string;
  /** Everything happened but the call of SES: the deployment runs in shadow. */
  readonly shadow?: true;
  /** Made from a report of SES, which came when the entry was missing. */
  readonly evidence?: true;
  /** Only on reading; writing an entry leaves it alone. */
  readonly delivery?: Delivery;
}

/** A step that left the playbook has no freshness of its own; nothing is fresh for longer than this. */
const LONGEST_FRESHNESS: Duration = 30 * DAY;

/** The ledger reason of an attempt nobody knows the outcome of. */
export const OUTCOME_UNKNOWN = 'outcome unknown';

/** Why a message waits, and how it ends, whose mail neither content nor customer yield. */
export const CANNOT_BE_MADE = 'cannot be made';

function rememberedUntil(key: string, message: Pending, playbook: Playbook): Instant {
  const placed = placedOf(key, playbook);
  return placed ? freshUntil(placed.step, message.moment) : message.moment + LONGEST_FRESHNESS;
}

/** How an attempt or a wait ended, and what is known of the mail that was made. */
type End = Pick<LedgerEntry, 'outcome' | 'endedAt'> &
  Partial<
    Pick<LedgerEntry, 'reason' | 'release' | 'template' | 'locale' | 'insteadOf' | 'messageId' | 'shadow' | 'evidence'>
  >;

/** The ledger entry of a message, whatever state it ended in. */
export function entryOf(customerId: string, key: string, message: Pending, end: End): LedgerEntry {
  const { moment, decidedAt, attempt, cause } = message;
  return { customerId, key, moment, decidedAt, attempt, ...(cause !== undefined && { cause }), ...end };
}

function asPending({ token: _token, lease: _lease, answer: _answer, ...pending }: Flight): Pending {
  return pending;
}

/**
 * Rule 3: pending becomes flight; the timer stays where it is, so that the sweep finds a claim nobody settles.
 *
 * @param claim with `answer` when the message was let through as the answer to an act of the customer's
 */
export function take(
  customer: Living,
  key: string,
  message: Pending,
  claim: Pick<Flight, 'token' | 'lease' | 'answer'>,
): Living {
  const { heldBy: _heldBy, ...taken } = message;
  return {
    ...customer,
    pending: without(customer.pending, key),
    flight: { ...customer.flight, [key]: { ...taken, ...claim } },
  };
}

/** Rule 5 for an accepted message: remembered for the caps. */
export function settleSent(customer: Living, key: string, t: Instant, shadow?: true): Living {
  const answer = customer.flight[key]?.answer;
  const sent = { key, at: t, ...(shadow && { shadow }), ...(answer && { answer }) };
  return { ...customer, flight: without(customer.flight, key), recent: [...customer.recent, sent] };
}

/** Rule 5 for a message SES refused for good. */
export function settleRejected(customer: Living, key: string, flight: Flight, playbook: Playbook): Living {
  const until = rememberedUntil(key, flight, playbook);
  return { ...customer, flight: without(customer.flight, key), closed: [...customer.closed, { key, until }] };
}

/** Rule 6: the claim goes back to pending, the attempt is not used up. */
export function giveBack(customer: Living, key: string, flight: Flight, notBefore: Instant, heldBy: string): Living {
  return defer({ ...customer, flight: without(customer.flight, key) }, key, asPending(flight), notBefore, heldBy);
}

/** Rule 8: nobody knows what became of the attempt, and the policy has it repeated. */
export function repeat(customer: Living, key: string, flight: Flight, notBefore: Instant): Living {
  return {
    ...customer,
    flight: without(customer.flight, key),
    pending: { ...customer.pending, [key]: { ...asPending(flight), attempt: flight.attempt + 1, notBefore } },
  };
}

/** Whether a message waits though every rule would let it go: for the rate, for SES, for content that is mended. */
export function isHeldUp(heldBy: string): boolean {
  return heldBy === 'rate' || heldBy === 'late' || heldBy === CANNOT_BE_MADE || heldBy.startsWith(STOPPED);
}

/** Since when rules and hours have let a message go, as far as its last deferral tells. In the future while they do not. */
export function readySince({ decidedAt, notBefore = decidedAt, readySince: since = notBefore }: Pending): Instant {
  return Math.max(decidedAt, since);
}

/** A deferred message waits; nothing else changes. */
export function defer(customer: Living, key: string, message: Pending, notBefore: Instant, heldBy: string): Living {
  const { readySince: _before, ...rest } = message;
  const since = isHeldUp(heldBy) && { readySince: readySince(message) };
  return { ...customer, pending: { ...customer.pending, [key]: { ...rest, notBefore, heldBy, ...since } } };
}

/**
 * Rule 7, last part: the ledger has the entry, so the message is only remembered until nobody can want it. One that may
 * have been accepted counts for the caps, too.
 */
export function finishClosing(customer: Living, key: string, playbook: Playbook): Living {
  const closing = customer.closing[key];
  if (closing === undefined) return customer;
  const until = rememberedUntil(key, closing, playbook);
  return {
    ...customer,
    closing: without(customer.closing, key),
    recent: closing.attempt > 1 ? [...customer.recent, { key, at: closing.closedAt }] : customer.recent,
    closed: [...customer.closed, { key, until }],
  };
}

/** Whether it went out as the answer to an act: as its claim says, or where that is gone, its times. */
function wasAnswer({ flight }: Living, key: string, { moment, endedAt }: LedgerEntry, playbook: Playbook): boolean {
  const claimed = flight[key];
  return claimed === undefined ? endedAsAnswer({ key, moment, endedAt }, playbook) : claimed.answer === true;
}

/** Whether a message ended so soon after an act of the customer's that it answered it. */
export function endedAsAnswer(
  { key, moment, endedAt }: Pick<LedgerEntry, 'key' | 'moment' | 'endedAt'>,
  playbook: Playbook,
): boolean {
  const step = placedOf(key, playbook)?.step;
  return step !== undefined && isAnswer(step, moment, endedAt);
}

/**
 * Rule 2: the ledger already has the end of this message. Sent and unknown count for the caps. Whatever it was, it is
 * also closed: an end long ago is forgotten by the caps' window at once, and the message would be decided anew.
 */
export function dropEnded(
  customer: Living,
  key: string,
  message: Pending,
  ended: LedgerEntry,
  playbook: Playbook,
): Living {
  const counts = ended.outcome === 'sent' || ended.reason === OUTCOME_UNKNOWN;
  const { endedAt: at, shadow } = ended;
  const answer = wasAnswer(customer, key, ended, playbook);
  return {
    ...customer,
    pending: without(customer.pending, key),
    flight: without(customer.flight, key),
    recent: counts
      ? [...customer.recent, { key, at, ...(shadow && { shadow }), ...(answer && { answer: true as const }) }]
      : customer.recent,
    closed: [...customer.closed, { key, until: rememberedUntil(key, message, playbook) }],
  };
}
