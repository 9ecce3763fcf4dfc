/**
 * Sending one message, effectively once: read, guard, take, hand over, settle, after the numbered rules of the sending
 * protocol. The profile is the only lock; whatever is interrupted is found again by its timer.
 */
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { Mailer, SendOutcome } from '../../shared/adapters/mailer.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { revise, TooManyConflicts } from '../../shared/adapters/revise.ts';
import type { SendingMode } from '../../shared/contracts/environment.ts';
import { DIMENSION, METRIC } from '../../shared/contracts/metrics.ts';
import { LEASE_SECONDS, SES_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';
import {
  defer,
  dropEnded,
  giveBack,
  type LedgerEntry,
  OUTCOME_UNKNOWN,
  settleRejected,
  settleSent,
  take,
} from '../../shared/lifecycle/customer/claim.ts';
import { close } from '../../shared/lifecycle/customer/decide.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import { type Circumstances, permit } from '../../shared/lifecycle/customer/permit.ts';
import type { Flight, Living, Pending, Profile } from '../../shared/lifecycle/customer/profile.ts';
import { readyToStore } from '../../shared/lifecycle/customer/react.ts';
import type { Placed, Playbook } from '../../shared/lifecycle/playbook.ts';
import { type Duration, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { countEnd, finishClosings } from '../closings.ts';
import type { ComposedMail } from './compose.ts';

const LEASE: Duration = LEASE_SECONDS * 1000;
const TAKE_TO_SES: Duration = SES_TIMEOUT_SECONDS * 1000;

/** How long a message waits that SES did not want now. The daily quota is a moving window: an hour frees some of it. */
const NOT_NOW: Readonly<Record<NotNow, Duration>> = {
  rate: MINUTE,
  quota: HOUR,
  paused: 15 * MINUTE,
  misconfigured: 15 * MINUTE,
  late: MINUTE,
  off: 15 * MINUTE,
};
type NotNow = 'rate' | 'quota' | 'paused' | 'misconfigured' | 'late' | 'off';

export interface SendServices {
  readonly store: CustomerStore;
  readonly mailer: Mailer;
  readonly meter: Meter;
  readonly playbook: Playbook;
  readonly circumstances: Circumstances;
  readonly sending: SendingMode;
  /** Addresses that may be mailed in mode `allow-list`, in lower case. */
  readonly allowList: ReadonlySet<string>;
  /** Turns a claimed message into what goes on the wire. */
  readonly compose: (
    customer: Living,
    key: string,
    message: Pending,
    placed: Placed,
    t: Instant,
  ) => Promise<ComposedMail>;
  readonly now: () => Instant;
  /** A fresh random token for each claim. */
  readonly token: () => string;
}

/** A claim this call holds. */
interface Held {
  readonly customer: Living;
  readonly flight: Flight;
  readonly placed: Placed;
  readonly mail: ComposedMail;
  readonly takenAt: Instant;
}

/** Tells the caller to read the profile again: somebody else was faster. */
const AGAIN = 'again';

const TRIES = 8;

/**
 * Sends the message `key` of a customer if it is pending and the rules allow it now; otherwise leaves it in the state
 * it belongs in. Safe to call any number of times, by any number of callers.
 *
 * @throws TooManyConflicts, faults of the store and of rendering: deliver again
 */
export async function sendMessage(services: SendServices, customerId: string, key: string): Promise<void> {
  const token = services.token();
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const held = await claim(services, customerId, key, token);
    if (held === undefined) return;
    if (held !== AGAIN) return handOver(services, key, token, held);
    services.meter.count(METRIC.versionConflicts);
  }
  throw new TooManyConflicts(`a profile changed ${TRIES} times while one of its messages was being claimed`);
}

/** Rules 1 to 3. Undefined: there is nothing to send (any more, or yet). */
async function claim(
  services: SendServices,
  customerId: string,
  key: string,
  token: string,
): Promise<Held | typeof AGAIN | undefined> {
  const { store, playbook } = services;
  const customer = await store.load(customerId);
  if (customer?.kind !== 'living' || customer.life !== parseKey(key)?.life) return undefined;
  if (key in customer.closing) {
    await finishClosings(services, customer);
    return undefined;
  }
  const t = services.now();
  const message = customer.pending[key];
  if (message === undefined || (message.notBefore ?? 0) > t) return undefined;

  const verdict = judge(services, customer, key, message, t);
  const write = async (changed: Living): Promise<Living | undefined> => {
    const next = readyToStore(changed, playbook, t);
    return (await store.save(next, customer.version)) ? next : undefined;
  };
  if (verdict.kind === 'close') {
    const closing = await write(close(customer, key, message, verdict, t));
    if (closing === undefined) return AGAIN;
    await finishClosings(services, closing);
    return undefined;
  }
  if (verdict.kind === 'defer') {
    return (await write(defer(customer, key, message, verdict.until))) ? undefined : AGAIN;
  }
  const ended = await store.readEntry(customerId, key);
  if (ended !== undefined) {
    return (await write(dropEnded(customer, key, message, ended, playbook))) ? undefined : AGAIN;
  }
  // Rendered before the take: a template that fails leaves no claim behind, and SES is called at once after it.
  const mail = await services.compose(customer, key, message, verdict.placed, t);
  const takenAt = services.now();
  const flight: Flight = { ...message, token, lease: takenAt + LEASE };
  const taken = take(customer, key, message, token, flight.lease);
  // The timer stays where it is: if this is the last anybody hears of the claim, the sweep finds it.
  const next: Living = { ...taken, version: customer.version + 1 };
  if (!(await store.save(next, customer.version)) && !(await isMine(store, customerId, key, token))) return AGAIN;
  return { customer: next, flight, placed: verdict.placed, mail, takenAt };
}

/** A conditional write that was repeated after its answer was lost fails on its own success: the token tells. */
async function isMine(store: CustomerStore, customerId: string, key: string, token: string): Promise<boolean> {
  const customer = await store.load(customerId);
  return customer?.kind === 'living' && customer.flight[key]?.token === token;
}

function judge(services: SendServices, customer: Living, key: string, message: Pending, t: Instant) {
  const { playbook, circumstances, sending, allowList } = services;
  const verdict = permit(customer, key, message, playbook, t, circumstances);
  if (verdict.kind !== 'send') return verdict;
  switch (sending) {
    case 'off':
      return { kind: 'defer', until: t + NOT_NOW.off, reason: 'sending is off' } as const;
    case 'allow-list':
      if (allowList.has(verdict.email.toLowerCase())) return verdict;
      return { kind: 'close', outcome: 'withheld', reason: 'not on the allow-list' } as const;
    case 'shadow':
    case 'live':
      return verdict;
    default:
      return sending satisfies never;
  }
}

/** Rules 4 to 6: SES, then the ledger, then the profile. */
async function handOver(services: SendServices, key: string, token: string, held: Held): Promise<void> {
  const { mailer, sending } = services;
  const { mail, takenAt } = held;
  if (services.now() > takenAt + TAKE_TO_SES) return putBack(services, key, token, held, 'late');
  const outcome: SendOutcome = sending === 'shadow' ? { kind: 'accepted', messageId: '' } : await mailer.send(mail);
  switch (outcome.kind) {
    case 'accepted':
      return settle(services, key, token, held, {
        outcome: 'sent',
        ...(sending === 'shadow' ? { shadow: true } : { messageId: outcome.messageId }),
      });
    case 'rejected':
      return settle(services, key, token, held, {
        outcome: 'failed',
        // Nobody knows what became of the attempt before, so nobody may say that this message was not sent.
        reason: held.flight.attempt > 1 ? OUTCOME_UNKNOWN : `rejected: ${outcome.code}`,
      });
    case 'not now':
      services.meter.count(METRIC.notNow, 1, { [DIMENSION.why]: outcome.why });
      return putBack(services, key, token, held, outcome.why);
    case 'unknown':
      // The claim stays until its lease is over; then evidence or the programme's policy decides.
      services.meter.count(METRIC.outcomesUnknown);
      return undefined;
    default:
      return outcome satisfies never;
  }
}

/** Changes the profile as long as the claim is ours; undefined when it no longer is. */
function whileMine(
  { store, playbook, meter, now }: SendServices,
  key: string,
  token: string,
  held: Held,
  change: (customer: Living, flight: Flight) => Living,
): Promise<Living | undefined> {
  const mine = (profile: Profile | undefined): Living | undefined => {
    const flight = profile?.kind === 'living' ? profile.flight[key] : undefined;
    if (profile?.kind !== 'living' || flight?.token !== token) return undefined;
    return readyToStore(change(profile, flight), playbook, now());
  };
  return revise(store, held.customer.customerId, held.customer, mine, () => meter.count(METRIC.versionConflicts));
}

async function putBack(services: SendServices, key: string, token: string, held: Held, why: NotNow): Promise<void> {
  const until = services.now() + NOT_NOW[why];
  await whileMine(services, key, token, held, (customer, flight) =>
    giveBack(customer, key, flight, flight.attempt, until),
  );
}

async function settle(
  services: SendServices,
  key: string,
  token: string,
  held: Held,
  end: Pick<LedgerEntry, 'outcome' | 'reason' | 'messageId' | 'shadow'>,
): Promise<void> {
  const { store, playbook, meter } = services;
  const { customer, flight, mail } = held;
  const { customerId } = customer;
  const t = services.now();
  const { moment, decidedAt, attempt, cause } = flight;
  const { release, template, locale } = mail;
  const written = await store.writeEntry({
    customerId,
    key,
    moment,
    decidedAt,
    endedAt: t,
    attempt,
    release,
    template,
    locale,
    ...(cause !== undefined && { cause }),
    ...end,
  });
  if (written) countEnd(meter, key, end.outcome);
  const settled = await whileMine(services, key, token, held, (current, claimed) =>
    end.outcome === 'sent' || end.reason === OUTCOME_UNKNOWN
      ? settleSent(current, key, t)
      : settleRejected(current, key, claimed, playbook),
  );
  if (settled !== undefined) return;
  // The person was erased meanwhile: the entry just written must not outlive them.
  const now = await store.load(customerId);
  if (now === undefined || now.kind === 'erased' || now.life !== customer.life)
    await store.removeEntry(customerId, key);
}
