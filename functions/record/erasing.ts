/**
 * Forgetting a person: the tombstone first, which keeps late writers out; then the person is struck off the addresses
 * they were mailed at, and the items of the ended life are deleted. What a sender of that life may still write during
 * its lease is deleted once more when the lease is over. Every step may be interrupted and repeated.
 */
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import { type CustomerStore, removeLife } from '../../shared/adapters/customer-store.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { revise, reviseAddress } from '../../shared/adapters/revise.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { LEASE_SECONDS } from '../../shared/contracts/timing.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { isNamed, withoutHolder } from '../../shared/lifecycle/address.ts';
import { addressesIn, endOfPreviousLife, erase, isFromBeforeErasure } from '../../shared/lifecycle/customer/erasure.ts';
import { type Erased, type Living, type Profile, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Duration, Instant } from '../../shared/lifecycle/time.ts';
import { forgetLooks } from './looks.ts';

const LEASE: Duration = LEASE_SECONDS * 1000;

interface Services {
  readonly store: CustomerStore;
  readonly addresses: AddressBook;
  readonly addressKey: () => Promise<string>;
  readonly meter: Meter;
  readonly now: () => Instant;
}

/** Ends the present life of a customer, known or not. */
export async function eraseCustomer(
  services: Services,
  customerId: string,
  event: CustomerEvent,
  loaded: Profile | undefined,
): Promise<void> {
  const { store, meter, now } = services;
  const tombstone = await revise<Erased>(
    store,
    customerId,
    loaded,
    async (profile) => {
      if (profile && isFromBeforeErasure(profile, event)) return undefined;
      const life = profile ?? unknownCustomer(customerId, event.occurredAt);
      const addresses = await mailedAt(services, life);
      return { ...erase(life, event.occurredAt, now() + LEASE, addresses), version: life.version + 1 };
    },
    () => meter.count(METRIC.versionConflicts, { customerId }),
  );
  if (tombstone !== undefined) await removePerson(services, tombstone);
}

/** Hashes of every address the person may have been entered at, and of those an earlier erasure has not done with. */
async function mailedAt({ store, addressKey }: Services, profile: Profile): Promise<readonly string[]> {
  const isLiving = profile.kind === 'living';
  const earlier = (isLiving ? profile.previousLife?.addresses : profile.addresses) ?? [];
  const journal = await store.readJournal(profile.customerId);
  const said = addressesIn(isLiving ? profile.facts.person : [], journal);
  if (said.length === 0) return earlier;
  const key = await addressKey();
  return [...new Set([...earlier, ...said.map((each) => addressHash(key, each))])];
}

/** Removes what is left of an ended life: from the addresses, the looks, the journal and the ledger. */
export async function removePerson(services: Services, tombstone: Erased): Promise<void> {
  const { customerId, life, addresses } = tombstone;
  // First the addresses: nothing but the tombstone knows them once the journal is empty.
  await strikeOff(services, customerId, addresses ?? []);
  await forgetLooks(services.store, customerId);
  await removeLife(services.store, customerId, life, (event) => isFromBeforeErasure(tombstone, event));
}

async function strikeOff({ addresses }: Services, customerId: string, hashes: readonly string[]): Promise<void> {
  for (const hash of hashes) {
    await reviseAddress(addresses, hash, (address) =>
      isNamed(address, customerId) ? withoutHolder(address, customerId) : address,
    );
  }
}

/** An erasure that was delivered again: the deletion may not have been finished. */
export async function finishErasure(services: Services, profile: Profile): Promise<void> {
  if (profile.kind === 'erased') return removePerson(services, profile);
  if (profile.previousLife) return removePreviousLife(services, profile, profile.previousLife);
}

/** A person who registered anew before the second deletion of the old life was due. */
export async function finishPreviousLife(services: Services, customer: Living, t: Instant): Promise<Living> {
  const { previousLife } = customer;
  if (previousLife?.deleteAt === undefined || previousLife.deleteAt > t) return customer;
  await removePreviousLife(services, customer, previousLife);
  const { deleteAt: _deleted, addresses: _struckOff, ...rest } = previousLife;
  return { ...customer, previousLife: rest };
}

async function removePreviousLife(
  services: Services,
  customer: Living,
  { addresses }: NonNullable<Living['previousLife']>,
): Promise<void> {
  const { customerId, life, facts } = customer;
  if (addresses !== undefined) {
    const key = await services.addressKey();
    // Where the new life is mailed the entry is its own.
    const own = new Set(addressesIn(facts.person, []).map((each) => addressHash(key, each)));
    const left = addresses.filter((each) => !own.has(each));
    await strikeOff(services, customerId, left);
  }
  await forgetLooks(services.store, customerId, endOfPreviousLife(customer));
  await removeLife(services.store, customerId, life - 1, (event) => isFromBeforeErasure(customer, event));
}
