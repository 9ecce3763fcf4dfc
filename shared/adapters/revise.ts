/** Optimistic concurrency on the profile: read, change, write if nobody else did; on a conflict once more. */
import type { Profile } from '../lifecycle/customer/profile.ts';
import type { CustomerStore } from './customer-store.ts';

/** Somebody else was faster every time; the caller's message is delivered again later. */
export class TooManyConflicts extends Error {
  override readonly name = 'TooManyConflicts';
}

const TRIES = 8;
const FIRST_WAIT_MS = 10;

/**
 * Changes a profile.
 *
 * @param known the profile as the caller last saw it; undefined when there was none
 * @param change returns the profile to store (its version one above the one it was given), or undefined to leave it
 * @returns the stored profile, or undefined when `change` left it alone
 * @throws TooManyConflicts after eight lost races
 */
export async function revise<P extends Profile>(
  store: CustomerStore,
  customerId: string,
  known: Profile | undefined,
  change: (profile: Profile | undefined) => Promise<P | undefined> | P | undefined,
  onConflict: () => void,
): Promise<P | undefined> {
  let current = known;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const changed = await change(current);
    if (changed === undefined) return undefined;
    if (await store.save(changed, current?.version ?? 0)) return changed;
    onConflict();
    await new Promise((resolve) => setTimeout(resolve, Math.random() * FIRST_WAIT_MS * 2 ** attempt));
    current = await store.load(customerId);
  }
  throw new TooManyConflicts(`the profile of one customer changed ${TRIES} times while it was being written`);
}
