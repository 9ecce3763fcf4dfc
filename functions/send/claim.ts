/** Rules 1 to 3 of the sending protocol: read, guard, take; or leave the message in the state it belongs in. */
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { LEASE_SECONDS } from '../../shared/contracts/timing.ts';
import type { Address } from '../../shared/lifecycle/address.ts';
import { CANNOT_BE_MADE, defer, dropEnded, isHeldUp, readySince, take } from '../../shared/lifecycle/customer/claim.ts';
import { close } from '../../shared/lifecycle/customer/decide.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import { offerVerdict, withOffer } from '../../shared/lifecycle/customer/offers.ts';
import { isHeldOut, permit, type Verdict } from '../../shared/lifecycle/customer/permit.ts';
import type { Flight, IssuedOffer, Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
import { isAnswer } from '../../shared/lifecycle/customer/quiet-hours.ts';
import { readyToStore } from '../../shared/lifecycle/customer/react.ts';
import { hash32 } from '../../shared/lifecycle/facts/digest.ts';
import type { Placed } from '../../shared/lifecycle/playbook.ts';
import { SPREAD } from '../../shared/lifecycle/lane.ts';
import { type Duration, HOUR, type Instant, MINUTE, SECOND } from '../../shared/lifecycle/time.ts';
import { finishClosings } from '../closings.ts';
import { CannotBeMade, type ComposedMail } from './compose.ts';
import { type OfferIssue, plannedOffer } from './issue-offer.ts';
import { type Admission, countHeld } from './lane.ts';
import type { SendServices } from './send-services.ts';
import { asMailed, hashOf, objectionAt } from './shared-address.ts';

const LEASE: Duration = LEASE_SECONDS * 1000;

/** The rules hold for the moment they were asked at; so soon after it at most the message is taken. */
const JUDGED_FOR: Duration = 2000;

/** How often a message looks again whether sending has been switched on, each customer at their own moment. */
const OFF_RECHECK: Duration = HOUR;

/** A message that cannot be made waits for content that is mended: once soon, then hour by hour. */
const FIRST_REMAKE: Duration = 15 * MINUTE;
const NEXT_REMAKE: Duration = HOUR;

const CAMPAIGN_CANCELLED = {
  kind: 'close',
  outcome: 'withheld',
  reason: 'campaign cancelled',
} as const satisfies Verdict;

/** A claim this call holds. */
export interface Held {
  readonly customer: Living;
  readonly flight: Flight;
  readonly placed: Placed;
  readonly mail: ComposedMail;
  readonly takenAt: Instant;
  /** What the message waited for last. */
  readonly heldBefore: string | undefined;
}

/** Tells the caller to read the profile again: somebody else was faster. */
export const AGAIN = 'again';

/**
 * Claims a message for the caller if it is pending and the rules allow it now.
 *
 * @param admission the lane's answer, asked for before anything was read
 * @param issue issues the offer of the message, once in all its tries
 * @returns undefined when there is nothing to send (any more, or yet)
 */
export async function claim(
  services: SendServices,
  customerId: string,
  key: string,
  token: string,
  admission: Admission | undefined,
  issue: OfferIssue,
): Promise<Held | typeof AGAIN | undefined> {
  const { store } = services;
  const customer = await store.load(customerId);
  if (customer?.kind !== 'living' || customer.life !== parseKey(key)?.life) return undefined;
  if (key in customer.closing) {
    await finishClosings(services, customer);
    return undefined;
  }
  const t = services.now();
  const message = customer.pending[key];
  if (message === undefined) return undefined;
  if ((message.notBefore ?? 0) > t) return undefined;

  if (admission?.kind === 'cancelled') return refuse(services, customer, key, message, CAMPAIGN_CANCELLED, t);
  const hash = await hashOf(services, customer);
  const mailbox = hash ?? '';
  const addressNow = async () => (hash === undefined ? undefined : services.addresses.read(hash));
  const first = judge(services, customer, key, message, t, undefined);
  if (first.kind !== 'send' || admission?.kind === 'held') {
    // The rules about the customer first: what is never to be sent need not wait for the lane to open.
    const verdict = judge(services, customer, key, message, t, await addressNow());
    if (verdict.kind !== 'send') return refuse(services, customer, key, message, verdict, t);
    if (admission?.kind === 'held') return holdBack(services, customer, key, message, admission, t);
    return AGAIN;
  }
  const { placed } = first;
  const planned = await planOffer(services, customer, key, placed, t);
  // Made before the take: a template that fails leaves no claim behind, and SES is called at once after it. Made also
  // before an offer is issued, with the one that is planned: none is issued for a mail that nobody could make.
  const mailed = planned === undefined ? customer : withOffer(customer, planned);
  const mail = await makeMail(services, mailed, key, message, placed, mailbox, t);
  if (mail === undefined) return putOff(services, customer, key, message, t);
  // What is known of the address is read last: whoever unsubscribed while the mail was being made gets none.
  const address = await addressNow();
  const judgedAt = services.now();
  const verdict = judge(services, customer, key, message, judgedAt, address);
  if (verdict.kind !== 'send') return refuse(services, customer, key, message, verdict, judgedAt);
  const objection = await objectionAt(services, mailbox, address, customer, key, message, placed, judgedAt);
  if (objection !== undefined) return refuse(services, customer, key, message, objection, judgedAt);
  // The holdout comes last: it is to hold what would have gone, at the moment it would have.
  if (placed.step.class === 'promotional' && isHeldOut(customerId, services.circumstances.holdout)) {
    const withheld = { kind: 'close', outcome: 'withheld', reason: 'holdout' } as const;
    return refuse(services, customer, key, message, withheld, judgedAt);
  }
  if (planned !== undefined) {
    const issued = await issue.issue(customer, message, planned);
    switch (issued.kind) {
      case 'ready':
        return claim(services, customerId, key, token, admission, issue);
      case 'waiting':
        return undefined;
      case 'lost':
        return AGAIN;
      case 'refused': {
        const { reason } = issued;
        return refuse(services, customer, key, message, { kind: 'close', outcome: 'withheld', reason }, judgedAt);
      }
      default:
        return issued satisfies never;
    }
  }
  const ended = await store.readEntry(customerId, key);
  if (ended !== undefined) {
    const dropped = dropEnded(customer, key, message, ended, services.playbook);
    return (await write(services, customer, dropped, judgedAt)) ? undefined : AGAIN;
  }
  const takenAt = services.now();
  if (takenAt > judgedAt + JUDGED_FOR) return AGAIN;
  const answer = isAnswer(placed.step, message.moment, judgedAt);
  const taken = take(customer, key, message, { token, lease: takenAt + LEASE, ...(answer && { answer }) });
  const flight = taken.flight[key];
  // The timer stays where it is: if this is the last anybody hears of the claim, the sweep finds it.
  const next: Living = { ...taken, version: customer.version + 1 };
  if (!(await store.save(next, customer.version)) && !(await isMine(store, customerId, key, token))) return AGAIN;
  return flight && { customer: next, flight, placed, mail, takenAt, heldBefore: message.heldBy };
}

/** The offer that has to be issued before the mail can go; undefined when there is none, or it was issued before. */
async function planOffer(
  services: SendServices,
  customer: Living,
  key: string,
  placed: Placed,
  t: Instant,
): Promise<IssuedOffer | undefined> {
  const verdict = offerVerdict(asMailed(services, customer), key, placed, services.playbook, t);
  if (verdict?.kind !== 'issue' || placed.step.offer === undefined) return undefined;
  return plannedOffer(services, customer, key, placed.step.offer, verdict.percent, t);
}

/** Makes the mail; undefined when the content, or what is known of the customer, does not yield one. */
async function makeMail(
  { compose, log, meter }: SendServices,
  customer: Living,
  key: string,
  message: Pending,
  placed: Placed,
  mailbox: string,
  t: Instant,
): Promise<ComposedMail | undefined> {
  try {
    return await compose(customer, key, message, placed, mailbox, t);
  } catch (error) {
    if (!(error instanceof CannotBeMade)) throw error;
    meter.count(METRIC.cannotBeMade);
    log.warn('a message cannot be made', { customerId: customer.customerId, key, error: error.reason });
    return undefined;
  }
}

/** A message that cannot be made waits, longer each time, and lets others go first. */
function putOff(
  services: SendServices,
  customer: Living,
  key: string,
  message: Pending,
  t: Instant,
): Promise<typeof AGAIN | undefined> {
  const wait = message.heldBy === CANNOT_BE_MADE ? NEXT_REMAKE : FIRST_REMAKE;
  return refuse(services, customer, key, message, { kind: 'defer', until: t + wait, reason: CANNOT_BE_MADE }, t);
}

/** A conditional write that was repeated after its answer was lost fails on its own success: the token tells. */
async function isMine(store: CustomerStore, customerId: string, key: string, token: string): Promise<boolean> {
  const customer = await store.load(customerId);
  return customer?.kind === 'living' && customer.flight[key]?.token === token;
}

async function write(
  { store, playbook }: SendServices,
  before: Living,
  changed: Living,
  t: Instant,
): Promise<Living | undefined> {
  const next = readyToStore(changed, playbook, t);
  return (await store.save(next, before.version)) ? next : undefined;
}

/** Closes or defers the message: one write, and for a message that ends its ledger entry. */
async function refuse(
  services: SendServices,
  customer: Living,
  key: string,
  message: Pending,
  verdict: Exclude<Verdict, { kind: 'send' }>,
  t: Instant,
): Promise<typeof AGAIN | undefined> {
  if (verdict.kind === 'defer') {
    const { until, reason } = verdict;
    return (await write(services, customer, defer(customer, key, message, until, reason), t)) ? undefined : AGAIN;
  }
  const closing = await write(services, customer, close(customer, key, message, verdict, services.playbook, t), t);
  if (closing === undefined) return AGAIN;
  await finishClosings(services, closing);
  return undefined;
}

/** Not now, as far as the lane is concerned. */
async function holdBack(
  services: SendServices,
  customer: Living,
  key: string,
  message: Pending,
  { until, reason, forLong }: Extract<Admission, { kind: 'held' }>,
  t: Instant,
): Promise<typeof AGAIN | undefined> {
  const deferred = await refuse(services, customer, key, message, { kind: 'defer', until, reason }, t);
  if (deferred !== undefined) return deferred;
  countHeld(services.meter, reason, forLong);
  if (isHeldUp(reason)) services.meter.count(METRIC.oldestSendable, {}, (t - readySince(message)) / SECOND);
  return undefined;
}

function judge(
  services: SendServices,
  customer: Living,
  key: string,
  message: Pending,
  t: Instant,
  address: Address | undefined,
): Verdict {
  const { playbook, sending, allowList, circumstances } = services;
  const verdict = permit(asMailed(services, customer), key, message, playbook, t, circumstances, address);
  if (verdict.kind !== 'send') return verdict;
  if (sending === 'off') {
    const until = t + OFF_RECHECK + (hash32(customer.customerId) % SPREAD);
    return { kind: 'defer', until, reason: 'sending is off' };
  }
  if (sending === 'allow-list' && !allowList.has(verdict.email.toLowerCase())) {
    return { kind: 'close', outcome: 'withheld', reason: 'not on the allow-list' };
  }
  return verdict;
}
