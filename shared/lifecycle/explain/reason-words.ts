/** Outcomes and reasons, which the ledger keeps as short stable words, as sentences for people. */
import { CANNOT_BE_MADE, type LedgerEntry, OUTCOME_UNKNOWN } from '../customer/claim.ts';
import type { CancellingReason, DeferralReason, WithholdingReason } from '../customer/reasons.ts';
import { stageName } from './stage-words.ts';
import { traitName } from './trait-words.ts';

export const WITHHELD: Readonly<Record<WithholdingReason, string>> = {
  'no address': 'no e-mail address is known',
  'no consent': 'there is no consent to promotional mail',
  unsubscribed: 'the reader at this address wants no such mail',
  'hard bounce': 'the address does not exist: mail to it came back for good',
  'spam complaint': 'mail to this address was reported as spam',
  bouncing: 'mail to this address keeps coming back, so it rests for a while',
  'open complaint': 'something is wrong or was put right only days ago, and promotion rests meanwhile',
  holdout:
    'this person belongs to the holdout group, which gets no promotional mail so that its effect can be measured',
  'no offer': 'the playbook holds no such offer for this person',
  'offer alive': 'an offer made to this person can still be used, and there are never two at once',
  'offer barred': 'an offer as good as this one expired not long ago, and an end that is none would be a lie',
  'offer not confirmed': 'the shop did not confirm the offer in time',
  'offer expired': 'the offer had expired before the mail could go out',
  'budget spent': 'as many such offers as planned have been made in this period',
  'no codes left': 'no code of the shop was free for this offer; npm run codes loads more',
  'nothing to report':
    'nothing has been improved in what this person minds since they last ordered, or since it went wrong, and the mail must not claim it',
  'no content': 'the library has no page on this for the mail to show',
  'no benefit': 'there is no next benefit to reach',
  'not for': 'it is not meant for whoever has the trait',
  'nothing to follow': 'the mail it was to follow never went out',
  'not delivered': 'the order it is about was promised and has not arrived, as far as anybody told us',
  'sent back': 'the order it is about was refunded or is on its way back',
  'same step recently': 'the same mail went to this person not long ago',
  'enough for now': 'this person has had as many mails of this kind as anybody gets in such a time',
  'same mailbox': 'the same mail went to the same mailbox already, to another customer who shares it',
  'left the audience': 'the person no longer belongs to those the campaign is for',
  'campaign cancelled': 'somebody has cancelled the campaign',
  'frequency cap': 'enough promotional mail has gone to this person lately',
  stale: 'its moment had passed by the time it could have gone out',
  'not on the allow-list': 'this deployment sends to a list of addresses only, and this one is not on it',
  'not before start': 'its moment came before the programme began',
};

export const CANCELLED: Readonly<Record<CancellingReason, string>> = {
  'step removed': 'the playbook no longer has this step',
  'episode over': 'the series it belonged to has begun anew',
  'complaint resolved': 'the complaint was resolved before it went out',
  'complaint open again': 'the complaint was opened again before it went out',
  'case is over': 'what it was about had come to its end before it went out',
  'case is open again': 'what it was about had begun again before it went out',
  'stage is': 'the customer moved on to the stage',
  'trait is over': 'the trait that led to it was over before it went out',
  'no longer fits': 'the customer no longer has the traits it is meant for',
  'answered:': 'the reader had answered',
};

export const DEFERRED: Readonly<Record<DeferralReason, string>> = {
  'interest comes first': 'the customer shows fresh interest, and that comes first',
  'too soon': 'another mail of the programme went out not long ago',
  'frequency cap': 'enough promotional mail has gone to this person lately',
  'waiting for the offer': 'the shop has not confirmed the offer yet',
  'another offer first': 'a code this person has, or had not long ago, has to end before another is made',
  'quiet hours': 'it is night where this person lives',
  'another message first': 'a more important mail goes first',
  paused: 'somebody has paused this mail',
  'stopped:': 'SES takes no mail at present',
  'warm-up': 'the sender’s domain is new and sends only so many mails a day as yet',
  'daily share': 'as much mail as may go out in a day has gone out',
  'sending is off': 'this deployment sends nothing at present',
  rate: 'mail goes out no faster than SES takes it',
  late: 'its turn came too long after it had been checked, so it is checked again',
  [CANNOT_BE_MADE]: 'the mail cannot be made: its template or what is known of this person does not yield one',
};

const WORDS: ReadonlyMap<string, string> = new Map(
  [WITHHELD, CANCELLED, DEFERRED].flatMap((words) => Object.entries(words)),
);

/** Why SES takes nothing, after `stopped: `. */
const STOPS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    rate: 'more came than it takes in a second',
    quota: 'the account’s quota of a day is used up',
    'quota unknown': 'it does not say how much mail may go out',
    paused: 'sending is paused for the account or the configuration set',
    misconfigured: 'it refuses our identity, configuration or rights',
    unreachable: 'no connection to it can be made',
    unknown: 'it gives no clear answer',
  }),
);

const STAGE_IS = 'stage is ';
const STOPPED = 'stopped: ';
/** Before the name of a trait. */
export const NOT_FOR = 'not for ';
/** Before an answer. */
export const ANSWERED = 'answered: ';

/** Why SES takes no mail, in words; what is not known here is given as it stands. */
export function stopInWords(why: string): string {
  return STOPS.get(why) ?? why;
}

/** A reason of the ledger in words; one that is not known here is given as it stands. */
export function reasonInWords(reason: string): string {
  if (reason.startsWith(STAGE_IS)) return `${CANCELLED['stage is']} “${stageName(reason.slice(STAGE_IS.length))}”`;
  if (reason.startsWith(STOPPED)) return `${DEFERRED['stopped:']}: ${stopInWords(reason.slice(STOPPED.length))}`;
  if (reason.startsWith(NOT_FOR)) return `${WITHHELD['not for']} “${traitName(reason.slice(NOT_FOR.length))}”`;
  if (reason.startsWith(ANSWERED)) {
    return `${CANCELLED['answered:']} “${reason.slice(ANSWERED.length)}”, which ends the series`;
  }
  return WORDS.get(reason) ?? reason;
}

/** How a message ended, as one sentence. */
export function endInWords({ outcome, reason, shadow, attempt, evidence }: LedgerEntry): string {
  switch (outcome) {
    case 'sent':
      if (shadow) return 'Would have been sent: this deployment runs in shadow and hands nothing to SES.';
      if (evidence) return 'Sent; our own note of it was lost, but SES reported that it had accepted it.';
      return attempt > 1 ? `Sent at attempt ${attempt}; SES accepted it.` : 'Sent; SES accepted it.';
    case 'withheld':
    case 'cancelled':
      return unsent(outcome, reason);
    case 'failed':
      return failed(reason);
    default:
      return outcome satisfies never;
  }
}

/** Why a message will not be sent, as one sentence. */
export function unsent(outcome: 'withheld' | 'cancelled', reason: string | undefined): string {
  const verb = outcome === 'withheld' ? 'Withheld' : 'Cancelled';
  return reason === undefined ? `${verb}.` : `${verb}: ${reasonInWords(reason)}.`;
}

const REJECTED = 'rejected: ';

export function failed(reason = 'no reason was noted'): string {
  if (reason === OUTCOME_UNKNOWN) {
    return 'Failed: SES gave no clear answer, so it may or may not have arrived. It is not sent again.';
  }
  if (reason === CANNOT_BE_MADE) {
    return 'Failed: the mail could not be made before its moment had passed; its template or what is known of this person did not yield one.';
  }
  if (reason.startsWith(REJECTED)) return `Failed: SES refused it (${reason.slice(REJECTED.length)}).`;
  return `Failed: ${reason}.`;
}
