/**
 * Two customers with one mailbox: the second copy of a promotional step is withheld (I4). Customers are entered as
 * holders before their first mail, so each knows of the others; between those who are entered a claim on the step, kept
 * with the address until the end of a lease, decides who goes first.
 *
 * Why a lease suffices: whoever took a message did so while its function lived, within seconds of its own claim or of
 * having been entered. Whoever waits a lease from there finds that message in flight, or its end, in the profile.
 */
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import { reviseAddress } from '../../shared/adapters/revise.ts';
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
import { parseKey, sameStep } from '../../shared/lifecycle/customer/message-key.ts';
import type { Verdict } from '../../shared/lifecycle/customer/permit.ts';
import type { Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
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
  { step }: Placed,
  t: Instant,
): Promise<Objection | undefined> {
  const { addresses } = services;
  const { customerId } = customer;
  const isEntered = address !== undefined && Object.hasOwn(address.holders, customerId);
  const shared = isEntered
    ? address
    : // More customers than an address keeps do not push each other out: the others' mails are looked at all the same.
      await reviseAddress(addresses, hash, (known) =>
        hasRoomFor(known, customerId) ? withHolder(known, customerId, t) : known,
      );
  if (step.class !== 'promotional' || othersAt(shared, customerId).length === 0) return undefined;
  // Somebody may have looked before a second one was entered: what they take now shows within a lease. Counted from the
  // entry itself, for who entered may have died, or lost the race for the profile, before the wait was written down.
  const knownBy = (sharedSince(shared) ?? t) + LEASE;
  if (t < knownBy) return anotherFirst(knownBy);
  const objection = await otherCopy(services, hash, shared, customerId, key, message, t);
  if (objection !== undefined) return objection;
  const { programme, step: name } = parseKey(key) ?? {};
  const sharedStep = `${programme}/${name}`;
  const claimed = await reviseAddress(addresses, hash, (known) =>
    heldByAnother(known, sharedStep, customerId, t) === undefined
      ? claimStep(known, sharedStep, customerId, t, t + LEASE)
      : known,
  );
  const heldUntil = heldByAnother(claimed, sharedStep, customerId, t);
  return heldUntil === undefined ? undefined : anotherFirst(heldUntil);
}

/** Whether another holder was sent the step, or may be getting it at this moment. */
async function otherCopy(
  services: Services,
  hash: string,
  address: Address,
  customerId: string,
  key: string,
  { attempt }: Pending,
  t: Instant,
): Promise<Objection | undefined> {
  const { store, playbook } = services;
  const recently = t - playbook.repeatAfter;
  for (const id of othersAt(address, customerId)) {
    const other = await store.load(id);
    // Somebody who has moved to another address is no reader of this one any more.
    if (other?.kind !== 'living' || (await hashOf(services, other)) !== hash) continue;
    if (other.recent.some((each) => each.at > recently && sameStep(each.key, key))) {
      return { kind: 'close', outcome: 'withheld', reason: 'same mailbox' };
    }
    // After an attempt whose outcome stayed unknown the message may have arrived, whatever becomes of it.
    const inTheAir = Object.entries({ ...other.pending, ...other.closing })
      .filter(([, each]) => each.attempt > attempt)
      .concat(Object.entries(other.flight));
    if (inTheAir.some(([each]) => sameStep(each, key))) return anotherFirst(t + OTHER_RETRY);
  }
  return undefined;
}
