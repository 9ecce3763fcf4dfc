/**
 * Several customers with one mailbox: the second copy of a promotional step is withheld (I4), and the caps count what
 * all of them got. Customers are entered as holders before their first mail, so each knows of the others; between them a
 * claim on the step, kept with the address, decides who goes first, and keeps everything promotional of the others
 * waiting until the end of a lease. The claim goes on naming its customer after that: whoever was not entered for want of
 * room is found by it.
 *
 * Why a lease suffices: whoever took a message did so while its function lived, within seconds of its own claim or of
 * having been entered. Whoever waits a lease from there finds that message in flight, or its end, in the profile.
 */
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import { reviseAddress } from '../../shared/adapters/revise.ts';
import type { SendingMode } from '../../shared/contracts/environment.ts';
import { LEASE_SECONDS } from '../../shared/contracts/timing.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import {
  type Address,
  claimStep,
  hasRoomFor,
  heldByAnother,
  othersAt,
  sharedSince,
  withHolder,
} from '../../shared/lifecycle/address.ts';
import { capped } from '../../shared/lifecycle/customer/caps.ts';
import { cooldownOf, recentCopy } from '../../shared/lifecycle/customer/cooldown.ts';
import { isPromotional, sameStep } from '../../shared/lifecycle/customer/message-key.ts';
import type { Verdict } from '../../shared/lifecycle/customer/permit.ts';
import { type Living, type Pending, withoutShadow } from '../../shared/lifecycle/customer/profile.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';
import type { Placed, Playbook } from '../../shared/lifecycle/playbook.ts';
import { type Duration, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';

const LEASE: Duration = LEASE_SECONDS * 1000;
/** The other copy is settled within seconds, or found by the end of its lease. */
const OTHER_RETRY: Duration = MINUTE;

type Objection = Exclude<Verdict, { kind: 'send' }>;

interface Services {
  readonly store: CustomerStore;
  readonly addresses: AddressBook;
  readonly addressKey: () => Promise<string>;
  readonly playbook: Playbook;
  readonly sending: SendingMode;
}

/** The customer as the rules about earlier mail are to see them: in shadow, what was shown to nobody counts as mail. */
export function asMailed({ sending }: Pick<Services, 'sending'>, customer: Living): Living {
  return sending === 'shadow' ? customer : withoutShadow(customer);
}

/** The keyed hash of the customer's present address; undefined without one. */
export async function hashOf(
  { addressKey }: Pick<Services, 'addressKey'>,
  { facts }: Living,
): Promise<string | undefined> {
  const { email } = personOf(facts.person);
  return email === undefined ? undefined : addressHash(await addressKey(), email);
}

const anotherFirst = (until: Instant): Objection => ({ kind: 'defer', until, reason: 'another message first' });

/**
 * Looks at who else reads mail at the address, just before a message is taken.
 *
 * @param address as it was read for this claim; undefined when nothing was stored
 * @returns why the message may not go now; undefined when nothing stands in its way
 */
export async function objectionAt(
  services: Services,
  hash: string,
  address: Address | undefined,
  customer: Living,
  key: string,
  message: Pending,
  placed: Placed,
  t: Instant,
): Promise<Objection | undefined> {
  const { addresses, playbook } = services;
  const { customerId } = customer;
  const isEntered = address !== undefined && Object.hasOwn(address.holders, customerId);
  const shared = isEntered
    ? address
    : // More customers than an address keeps do not push each other out: the others' mails are looked at all the same.
      await reviseAddress(addresses, hash, (known) =>
        hasRoomFor(known, customerId) ? withHolder(known, customerId, t) : known,
      );
  if (placed.step.class !== 'promotional' || othersAt(shared, customerId).length === 0) return undefined;
  // Somebody may have looked before a second one was entered: what they take now shows within a lease. Counted from the
  // entry itself, for who entered may have died, or lost the race for the profile, before the wait was written down.
  // Where the others have only left claims nobody was entered late: nobody waits.
  const knownBy = (sharedSince(shared) ?? -Infinity) + LEASE;
  if (t < knownBy) return anotherFirst(knownBy);
  // Before the profiles are read, and again when the claim is made: what goes out between the two is not missed.
  const heldNow = heldByAnother(shared, customerId, t);
  if (heldNow !== undefined) return anotherFirst(heldNow);
  const readers = await readersOf(services, hash, shared, customerId);
  const objection =
    otherCopy(readers, key, message, placed, playbook, t) ??
    capped(asMailed(services, customer), key, message, placed, playbook, t, readers);
  if (objection !== undefined) return objection;
  const { programme, step } = placed;
  const claim = { customerId, at: t, until: t + LEASE };
  const keptFor = Math.max(playbook.repeatAfter, cooldownOf(step, playbook));
  const claimed = await reviseAddress(addresses, hash, (known) =>
    heldByAnother(known, customerId, t) === undefined
      ? claimStep(known, `${programme.id}/${step.id}`, claim, keptFor + LEASE)
      : known,
  );
  const heldUntil = heldByAnother(claimed, customerId, t);
  return heldUntil === undefined ? undefined : anotherFirst(heldUntil);
}

/** The other customers who read mail at the address now. */
async function readersOf(
  services: Services,
  hash: string,
  address: Address,
  customerId: string,
): Promise<readonly Living[]> {
  const readers: Living[] = [];
  for (const id of othersAt(address, customerId)) {
    const other = await services.store.load(id);
    // Somebody who has moved to another address is no reader of this one any more.
    if (other?.kind === 'living' && (await hashOf(services, other)) === hash) readers.push(asMailed(services, other));
  }
  return readers;
}

/** Whether another reader was sent the step, or may be getting it or any other promotional mail at this moment. */
function otherCopy(
  readers: readonly Living[],
  key: string,
  { attempt }: Pending,
  { step }: Placed,
  playbook: Playbook,
  t: Instant,
): Objection | undefined {
  if (readers.some(({ recent }) => recentCopy(recent, key, step, playbook, t) !== undefined)) {
    return { kind: 'close', outcome: 'withheld', reason: 'same mailbox' };
  }
  for (const { pending, closing, flight } of readers) {
    // After an attempt whose outcome stayed unknown the message may have arrived, whatever becomes of it.
    const perhaps = Object.entries({ ...pending, ...closing }).filter(([, each]) => each.attempt > attempt);
    const isWaitedFor =
      perhaps.some(([each]) => sameStep(each, key)) ||
      Object.keys(flight).some((each) => isPromotional(each, playbook));
    if (isWaitedFor) return anotherFirst(t + OTHER_RETRY);
  }
  return undefined;
}
