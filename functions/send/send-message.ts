/**
 * Sending one message, effectively once: read, guard, take, hand over, settle, after the numbered rules of the sending
 * protocol. The profile is the only lock; whatever is interrupted is found again by its timer.
 */
import { errorInLog, type SendOutcome } from '../../shared/adapters/mailer.ts';
import { TooManyConflicts } from '../../shared/adapters/revise.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { SES_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';
import { OUTCOME_UNKNOWN, readySince } from '../../shared/lifecycle/customer/claim.ts';
import { parseKey, placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import { STOPPED } from '../../shared/lifecycle/lane.ts';
import { type Duration, MINUTE, SECOND } from '../../shared/lifecycle/time.ts';
import { AGAIN, claim, type Held } from './claim.ts';
import { OfferIssue } from './issue-offer.ts';
import { type Admission, returnAfter } from './lane.ts';
import type { SendServices } from './send-services.ts';
import { putBack, settle } from './settle.ts';

const TAKE_TO_SES: Duration = SES_TIMEOUT_SECONDS * 1000;
/** The function was held up after the take, by nothing that is known to last. */
const LATE_RETRY: Duration = MINUTE;

const TRIES = 8;

/**
 * Sends the message `key` of a customer if it is pending and the rules allow it now; otherwise leaves it in the state
 * it belongs in. Safe to call any number of times, by any number of callers.
 *
 * @throws TooManyConflicts, faults of the stores and of rendering: deliver again
 */
export async function sendMessage(services: SendServices, customerId: string, key: string): Promise<void> {
  const token = services.token();
  const admission = await admit(services, customerId, key);
  const issue = new OfferIssue(services, key);
  let handedOver = false;
  try {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const held = await claim(services, customerId, key, token, admission, issue);
      if (held === undefined) return;
      if (held !== AGAIN) {
        if (services.now() > held.takenAt + TAKE_TO_SES) {
          return await putBack(services, key, token, held, services.now() + LATE_RETRY, 'late');
        }
        handedOver = true;
        return await handOver(services, key, token, held, admission);
      }
      services.meter.count(METRIC.versionConflicts, { customerId });
    }
  } finally {
    if (!handedOver && admission?.kind === 'admitted') admission.unused();
  }
  throw new TooManyConflicts(`a profile changed ${TRIES} times while one of its messages was being claimed`);
}

/** Waits for the mail's turn before its profile is read, so that nothing is claimed and then kept waiting. */
async function admit(
  { lane, playbook, sending }: SendServices,
  customerId: string,
  key: string,
): Promise<Admission | undefined> {
  const placed = placedOf(key, playbook);
  // Nothing is sent at all, or the step left the playbook and the message will be cancelled.
  if (sending === 'off' || placed === undefined) return undefined;
  const campaign = placed.series.trigger === 'campaign' ? parseKey(key)?.episode : undefined;
  return lane.admit(customerId, placed.programme.id, placed.step.class, campaign);
}

/** Rules 4 to 6: SES, then the ledger, then the profile. */
async function handOver(
  services: SendServices,
  key: string,
  token: string,
  held: Held,
  admission: Admission | undefined,
): Promise<void> {
  const { mailer, sending, meter, lane } = services;
  const { mail, customer, placed, flight } = held;
  const outcome: SendOutcome = sending === 'shadow' ? { kind: 'accepted', messageId: '' } : await mailer.send(mail);
  const { customerId } = customer;
  meter.count(METRIC.oldestSendable, {}, (held.takenAt - readySince(flight)) / SECOND);
  if (outcome.kind !== 'accepted') tell(services, customerId, key, outcome);
  switch (outcome.kind) {
    case 'accepted':
      // Only what was sent as soon as it was decided shows how fast the way is.
      if (sending !== 'shadow' && flight.attempt === 1 && flight.notBefore === undefined) {
        meter.count(METRIC.eventToSes, {}, services.now() - flight.decidedAt);
      }
      await settle(services, key, token, held, {
        outcome: 'sent',
        ...(sending === 'shadow' ? { shadow: true } : { messageId: outcome.messageId }),
      });
      // Last, for what it throws must not keep the message from being settled.
      return sending === 'shadow' ? undefined : lane.accepted(held.heldBefore !== undefined);
    case 'rejected':
      meter.count(METRIC.mailsRejected);
      await settle(services, key, token, held, {
        outcome: 'failed',
        // Nobody knows what became of the attempt before, so nobody may say that this message was not sent.
        reason: flight.attempt > 1 ? OUTCOME_UNKNOWN : `rejected: ${outcome.code}`,
      });
      return lane.answered();
    case 'not now': {
      const { why } = outcome;
      meter.note(NOTE.heldBack, { why });
      const heldBy = why === 'rate' ? why : `${STOPPED}${why}`;
      const until = returnAfter(why, customerId, placed.step.class, services.now(), held.heldBefore === heldBy);
      await putBack(services, key, token, held, until, heldBy);
      await lane.refused(why, customerId);
      // SES counts nothing that it does not take, and an outage must not use up the share of the day that comes after it.
      if (why !== 'rate' && admission?.kind === 'admitted') admission.unused();
      return undefined;
    }
    case 'unknown':
      // The claim stays until its lease is over; then evidence or the programme's policy decides.
      // While SES is out of order each try may cost a message.
      return lane.refused('unknown', customerId);
    default:
      return outcome satisfies never;
  }
}

/** One line for a mail SES did not take. */
function tell(
  { log }: SendServices,
  customerId: string,
  key: string,
  { kind, cause }: Exclude<SendOutcome, { kind: 'accepted' }>,
): void {
  log.warn(`SES: ${kind}`, { customerId, key, ...errorInLog(cause) });
}
