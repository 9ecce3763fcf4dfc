/** Optimistic concurrency: read, change, write if nobody else did; on a conflict once more. */
import { randomInt } from 'node:crypto';
import { type Address, isForgettable, unknownAddress } from '../lifecycle/address.ts';
import type { Profile } from '../lifecycle/customer/profile.ts';
import type { Browsing } from '../lifecycle/facts/looks.ts';
import type { Lane } from '../lifecycle/lane.ts';
import type { AddressBook } from './address-book.ts';
import type { CustomerStore, StoredLooks } from './customer-store.ts';
import type { LaneStore } from './lane-store.ts';

/** Somebody else was faster every time; the caller's message is delivered again later. */
export class TooManyConflicts extends Error {
  override readonly name = 'TooManyConflicts';
}

const TRIES = 8;
const FIRST_WAIT_MS = 10;

interface Revision<Stored, Changed> {
  /** For the error: what was being written. */
  readonly what: string;
  /** As the caller last saw it. */
  readonly known: Stored;
  readonly read: () => Promise<Stored>;
  /** What to store instead; undefined to leave it alone. */
  readonly change: (current: Stored) => Promise<Changed | undefined> | Changed | undefined;
  /** False when somebody else was faster. */
  readonly save: (changed: Changed, current: Stored) => Promise<boolean>;
  readonly onConflict?: () => void;
}

async function untilSaved<Stored, Changed>(revision: Revision<Stored, Changed>): Promise<Changed | undefined> {
  const { what, known, read, change, save, onConflict } = revision;
  let current = known;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const changed = await change(current);
    if (changed === undefined) return undefined;
    if (await save(changed, current)) return changed;
    onConflict?.();
    await new Promise((resolve) => setTimeout(resolve, Math.random() * FIRST_WAIT_MS * 2 ** attempt));
    current = await read();
  }
  throw new TooManyConflicts(`${what} changed ${TRIES} times while it was being written`);
}

/**
 * Changes a profile.
 *
 * @param known the profile as the caller last saw it; undefined when there was none
 * @param change returns the profile to store (its version one above the one it was given), or undefined to leave it
 * @returns the stored profile, or undefined when `change` left it alone
 * @throws TooManyConflicts after eight lost races
 */
export function revise<P extends Profile>(
  store: Pick<CustomerStore, 'load' | 'save'>,
  customerId: string,
  known: Profile | undefined,
  change: (profile: Profile | undefined) => Promise<P | undefined> | P | undefined,
  onConflict: () => void,
): Promise<P | undefined> {
  return untilSaved({
    what: 'the profile of one customer',
    known,
    read: () => store.load(customerId),
    change,
    save: (changed, current) => store.save(changed, current?.version ?? 0),
    onConflict,
  });
}

/** Versions of what can be removed begin anywhere below this, so that one stored anew is not taken for the one removed. */
const VERSIONS_BEGIN_BELOW = 2 ** 47;

/**
 * Changes what is known of an address; an item that nobody needs any more is removed. `change` may be called several
 * times, and a write whose answer was lost is made again, so it has to be idempotent.
 *
 * @param change leaves the version alone; returning the object it was given means that nothing is written
 * @returns the address as it is now
 * @throws TooManyConflicts after eight lost races
 */
export async function reviseAddress(
  book: AddressBook,
  hash: string,
  change: (address: Address) => Address,
): Promise<Address> {
  const read = async () => (await book.read(hash)) ?? unknownAddress(hash);
  let seen = await read();
  const stored = await untilSaved({
    what: 'what is known of one address',
    known: seen,
    read,
    change: (current) => {
      seen = current;
      const changed = change(current);
      if (changed === current) return undefined;
      if (isForgettable(changed)) return current.version === 0 ? undefined : unknownAddress(hash);
      const version = current.version === 0 ? randomInt(1, VERSIONS_BEGIN_BELOW) : current.version + 1;
      return { ...changed, version };
    },
    save: (changed, current) =>
      changed.version === 0 ? book.remove(hash, current.version) : book.save(changed, current.version),
  });
  return stored ?? seen;
}

/**
 * Changes what is kept of the looks of a customer; nothing at all when none is left.
 *
 * @param change returning the object it was given means that nothing is written
 * @returns what is kept now
 * @throws TooManyConflicts after eight lost races
 */
export async function reviseLooks(
  store: CustomerStore,
  customerId: string,
  change: (browsing: Browsing) => Browsing,
): Promise<Browsing> {
  const read = () => store.readLooks(customerId);
  let seen = await read();
  const stored = await untilSaved<StoredLooks, StoredLooks>({
    what: 'what one customer looked at',
    known: seen,
    read,
    change: (current) => {
      seen = current;
      const browsing = change(current.browsing);
      if (browsing === current.browsing) return undefined;
      return { browsing, version: current.version === 0 ? randomInt(1, VERSIONS_BEGIN_BELOW) : current.version + 1 };
    },
    save: (changed, { version }) => {
      if (changed.browsing.looks.length > 0) return store.saveLooks(customerId, changed, version);
      return version === 0 ? Promise.resolve(true) : store.removeLooks(customerId, version);
    },
  });
  return (stored ?? seen).browsing;
}

/**
 * Changes the lane. A write whose answer was lost knows itself again, unless somebody else has written since: then it is made
 * twice.
 *
 * @param change leaves the version alone; returning the object it was given means that nothing is written
 * @returns the lane as it is now
 * @throws TooManyConflicts after eight lost races
 */
export async function reviseLane(store: LaneStore, change: (lane: Lane) => Lane): Promise<Lane> {
  let seen = await store.read();
  const stored = await untilSaved({
    what: 'the lane',
    known: seen,
    read: () => store.read(),
    change: (current) => {
      seen = current;
      const changed = change(current);
      return changed === current ? undefined : { ...changed, version: current.version + 1 };
    },
    save: (changed, current) => store.save(changed, current.version),
  });
  return stored ?? seen;
}
