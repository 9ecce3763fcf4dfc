/** Outcomes and reasons, which the ledger keeps as short stable words, as sentences for people. */
import type { LedgerEntry } from '../../../shared/lifecycle/customer/claim.ts';
import type { MessageKey } from '../../../shared/lifecycle/customer/message-key.ts';
import type { Stage } from '../../../shared/lifecycle/stage.ts';

export const STAGE_NAMES: Readonly<Record<Stage, string>> = {
  lead: 'Lead',
  new: 'New',
  active: 'Active',
  loyal: 'Loyal',
  at_risk: 'At risk',
  lapsed: 'Lapsed',
};

export const STAGE_MEANINGS: Readonly<Record<Stage, string>> = {
  lead: 'known, no order yet',
  new: 'first order, or back again',
  active: 'buying as usual',
  loyal: 'often, for long, content',
  at_risk: 'silent for longer than usual',
  lapsed: 'unlikely to return unasked',
};

/** "At risk" for a stage, the word itself for anything else. */
export function stageName(stage: string): string {
  return Object.entries(STAGE_NAMES).find(([each]) => each === stage)?.[1] ?? stage;
}

const REASONS: Readonly<Record<string, string>> = {
  stale: 'its moment had passed by the time it could have gone out',
  'no address': 'no e-mail address is known',
  'no consent': 'there is no consent to promotional mail',
  'open complaint': 'a complaint is open or was settled only days ago, and promotion rests meanwhile',
  holdout:
    'this person belongs to the holdout group, which gets no promotional mail so that its effect can be measured',
  'no offer': 'the playbook holds no offer for this programme',
  'nothing to report': 'nothing has been improved since the last order, and the mail must not claim it',
  'same step recently': 'the same mail went to this person not long ago',
  'frequency cap': 'enough promotional mail has gone to this person lately',
  'not on the allow-list': 'this deployment sends to a list of addresses only, and this one is not on it',
  'step removed': 'the playbook no longer has this step',
  'episode over': 'the series it belonged to has begun anew',
  'complaint resolved': 'the complaint was resolved before it went out',
  'complaint open again': 'the complaint was opened again before it went out',
  'quiet hours': 'it is night where this person lives',
  'another message first': 'a more important mail goes first',
};

const STAGE_IS = 'stage is ';

/** A reason of the ledger in words; one that is not known here is given as it stands. */
export function reasonInWords(reason: string): string {
  if (reason.startsWith(STAGE_IS)) {
    return `the customer moved on to the stage “${stageName(reason.slice(STAGE_IS.length))}”`;
  }
  return REASONS[reason] ?? reason;
}

/** How a message ended, as one sentence. */
export function endInWords({ outcome, reason, shadow, attempt }: LedgerEntry): string {
  switch (outcome) {
    case 'sent':
      if (shadow) return 'Would have been sent: this deployment runs in shadow and hands nothing to SES.';
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
  if (reason === 'outcome unknown') {
    return 'Failed: SES gave no clear answer, so it may or may not have arrived. It is not sent again.';
  }
  if (reason.startsWith(REJECTED)) return `Failed: SES refused it (${reason.slice(REJECTED.length)}).`;
  return `Failed: ${reason}.`;
}

/** "Recovery, status, round 2" */
export function messageName({ programme, step, round }: Pick<MessageKey, 'programme' | 'step' | 'round'>): string {
  const name = `${capital(programme)}, ${step.replaceAll('-', ' ')}`;
  return round > 0 ? `${name}, round ${round}` : name;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
