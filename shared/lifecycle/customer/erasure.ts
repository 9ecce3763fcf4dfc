/** Forgetting a person: a tombstone keeps life and version, so that late events and late writes find a closed door. */
import * as z from 'zod/mini';
import { customerRegistered } from '../events/customer-registered.ts';
import type { CustomerEvent } from '../events/definition.ts';
import { NO_FACTS } from '../facts/facts.ts';
import type { Person } from '../facts/person.ts';
import type { Instant } from '../time.ts';
import { type Erased, type Living, type Profile, type Recent, unknownCustomer } from './profile.ts';

/**
 * The tombstone of a customer.
 *
 * @param erasedAt when the person asked; what happened up to then is forgotten
 * @param deleteAgainAt when no sender of the ended life can still be writing; its items are deleted once more then
 * @param addresses hashes of the addresses to strike the person off
 */
export function erase(
  customer: Profile,
  erasedAt: Instant,
  deleteAgainAt: Instant,
  addresses: readonly string[],
): Erased {
  const { customerId, life, version } = customer;
  const recent = customer.kind === 'living' ? sentSince(customer, erasedAt) : (customer.recent ?? []);
  return {
    kind: 'erased',
    customerId,
    life,
    version,
    erasedAt,
    dueAt: deleteAgainAt,
    ...(addresses.length > 0 && { addresses }),
    ...(recent.length > 0 && { recent }),
  };
}

/** What was decided after `since` and went out, or may be going out: a claim under way counts as sent. */
function sentSince({ recent, flight }: Living, since: Instant): readonly Recent[] {
  const underWay = Object.entries(flight)
    .filter(([, { decidedAt }]) => decidedAt > since)
    .map(([key, { lease }]): Recent => ({ key, at: lease }));
  return [...recent.filter((each) => each.at > since), ...underWay];
}

const namesAddress = z.object({ email: z.string() });

/** Every address a person may have been mailed at: those of the facts, and those an update has overwritten since. */
export function addressesIn(person: Person, journal: readonly CustomerEvent[]): readonly string[] {
  const said = journal.flatMap(({ data }) => z.safeParse(namesAddress, data).data?.email ?? []);
  return [...new Set([...person.flatMap(({ email }) => email ?? []), ...said])];
}

/** Whether an event belongs to a life that has ended and is to be dropped. */
export function isFromBeforeErasure(profile: Profile, event: CustomerEvent): boolean {
  const erasure = profile.kind === 'erased' ? profile : profile.previousLife;
  if (erasure === undefined) return false;
  const { erasedAt, forgottenUntil } = erasure;
  if (event.occurredAt <= erasedAt) return true;
  return forgottenUntil !== undefined && event.occurredAt <= forgottenUntil && !beginsLifeAfter(erasedAt, event);
}

/** Up to here nothing that was looked at is kept: it belongs to a life that has ended. */
export function endOfPreviousLife({ previousLife }: Living): Instant {
  if (previousLife === undefined) return -Infinity;
  return Math.max(previousLife.erasedAt, previousLife.forgottenUntil ?? previousLife.erasedAt);
}

/** Only a registration after the erasure, with a consent given after it, begins a new life. */
export function beginsNewLife({ erasedAt }: Erased, event: CustomerEvent): boolean {
  return beginsLifeAfter(erasedAt, event);
}

function beginsLifeAfter(erasedAt: Instant, event: CustomerEvent): boolean {
  if (event.type !== customerRegistered.type || event.occurredAt <= erasedAt) return false;
  const consent = customerRegistered.fold(NO_FACTS, event)?.consent;
  return consent !== undefined && consent.marketing !== 'none' && consent.at > erasedAt;
}

/**
 * A new life under the old key; the version goes on.
 *
 * @param t when it begins
 * @param registeredAt what happened from here on belongs to it, however long it waited
 */
export function newLife(tombstone: Erased, t: Instant, registeredAt: Instant): Living {
  const { customerId, life, version, erasedAt, dueAt, addresses, recent = [] } = tombstone;
  const forgottenUntil = tombstone.forgottenUntil && Math.min(tombstone.forgottenUntil, registeredAt - 1);
  return {
    ...unknownCustomer(customerId, t),
    life: life + 1,
    version,
    recent,
    previousLife: {
      erasedAt,
      ...(forgottenUntil !== undefined && { forgottenUntil }),
      ...(dueAt !== undefined && { deleteAt: dueAt }),
      ...(addresses && { addresses }),
    },
    ...(dueAt !== undefined && { dueAt }),
  };
}
