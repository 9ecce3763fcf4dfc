/**
 * One customer's past into the table: each event into the journal if it is not there, then the profile on condition of
 * its version. What is known already stays, whoever is live meanwhile wins or is merged with, and nothing is announced.
 * Done again it changes nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import { tellAddress } from '../../functions/record/opting-out.ts';
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import { sizeOf, WRITE_UNIT } from '../../shared/adapters/item-size.ts';
import { toItem } from '../../shared/adapters/profile-item.ts';
import { revise } from '../../shared/adapters/revise.ts';
import { contentOf } from '../../shared/adapters/stored-event.ts';
import { isFromBeforeErasure } from '../../shared/lifecycle/customer/erasure.ts';
import { type Living, type Profile, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { JOURNAL_NEEDED, react, readyToStore } from '../../shared/lifecycle/customer/react.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { upTo } from './past.ts';
import type { WriteBudget } from './write-budget.ts';

export interface ImportServices {
  readonly store: Pick<CustomerStore, 'load' | 'save' | 'journal' | 'unjournal' | 'readJournal'>;
  readonly addresses: AddressBook;
  /** The key of the address hashes; asked for the first time somebody has objected. */
  readonly addressKey: () => Promise<string>;
  readonly budget: Pick<WriteBudget, 'take'>;
  readonly playbook: Playbook;
  readonly now: () => Instant;
}

/** Somebody as they were stored a little while ago; whoever wrote since is noticed. */
export interface Known {
  readonly customerId: string;
  readonly profile: Profile | undefined;
}

/** Since when a customer's moments count. */
export interface Starts {
  readonly startsAt: Instant;
  /** For whoever was silent then, and needs a place. */
  readonly waveAt?: Instant | undefined;
}

/** `different`: events of a known id with other content, which are left out. */
export interface Imported {
  readonly outcome: 'written' | 'unchanged' | 'erased';
  readonly different: number;
  readonly future: number;
}

/** The cause of an import is never announced, so that it is no event's id. */
const CAUSE = 'import';
/** Attributes of a journal item beside the content, in bytes; a rounded guess that decides only how fast we go. */
const JOURNAL_OVERHEAD = 150;
/** The index of timers, of which a new profile becomes a part. */
const INDEX_UNITS = 1;

/** @throws TooManyConflicts and faults of the store: call again */
export async function importCustomer(
  services: ImportServices,
  { customerId, profile: before }: Known,
  told: readonly CustomerEvent[],
  starts: Starts,
): Promise<Imported> {
  const { store, budget } = services;
  const events = upTo(told, services.now());
  const journalled = new Map<string, 'new' | 'known' | 'different'>();
  let isErased = false;
  const take = async (profile: Profile | undefined): Promise<readonly CustomerEvent[]> => {
    const fresh: CustomerEvent[] = [];
    for (const event of events) {
      if (profile && isFromBeforeErasure(profile, event)) {
        // Written just now, or by whoever was interrupted before they could take it away again.
        await remove(event);
        continue;
      }
      const known = journalled.get(event.id) ?? (await journal(event));
      journalled.set(event.id, known);
      if (known !== 'different') fresh.push(event);
    }
    return fresh;
  };
  const journal = async (event: CustomerEvent) => {
    await budget.take(Math.ceil((Buffer.byteLength(contentOf(event)) + JOURNAL_OVERHEAD) / WRITE_UNIT));
    return store.journal(event);
  };
  const remove = async ({ id }: CustomerEvent) => {
    await budget.take(1);
    await store.unjournal(customerId, id);
    journalled.delete(id);
  };
  const change = async (profile: Profile | undefined): Promise<Living | undefined> => {
    isErased = profile?.kind === 'erased';
    if (profile?.kind === 'erased') {
      for (const event of events) await remove(event);
      return undefined;
    }
    const fresh = await take(profile);
    if (fresh.length === 0 && profile === undefined) return undefined;
    const next = await changed(services, customerId, profile, fresh, starts);
    if (next !== undefined) await budget.take(Math.ceil(sizeOf(toItem(next)) / WRITE_UNIT) + INDEX_UNITS);
    return next;
  };
  const stored = await revise(store, customerId, before, change, () => undefined);
  const different = [...journalled.values()].filter((each) => each === 'different').length;
  const outcome = isErased ? 'erased' : stored === undefined ? 'unchanged' : 'written';
  return { outcome, different, future: told.length - events.length };
}

/** The profile with these events in it; undefined when they change nothing. */
async function changed(
  services: ImportServices,
  customerId: string,
  profile: Living | undefined,
  events: readonly CustomerEvent[],
  starts: Starts,
): Promise<Living | undefined> {
  const { store, playbook, now } = services;
  const t = now();
  const before = profile ?? unknownCustomer(customerId, Math.min(t, ...events.map(({ occurredAt }) => occurredAt)));
  const started = starting(before, starts);
  let observed = react(started, events, CAUSE, playbook, t);
  if (observed === JOURNAL_NEEDED) {
    observed = react(started, events, CAUSE, playbook, t, await store.readJournal(customerId));
  }
  if (observed === JOURNAL_NEEDED) throw new Error('the reaction asks for a journal it was given');
  const { lastChanges: _past, ...known } = observed.customer;
  // The changes of the past are nobody's news; those of the last event that was live are said again, should it be.
  const next = readyToStore({ ...known, ...(before.lastChanges && { lastChanges: before.lastChanges }) }, playbook, t);
  await tellAddress(services, before.facts, next.facts, events);
  const { version, evaluatedAt } = before;
  return profile !== undefined && isDeepStrictEqual(profile, { ...next, version, evaluatedAt }) ? undefined : next;
}

/**
 * The later of two imports counts, for it may tell of what the first did not know. A day of one's own stays if it lies
 * ahead of that: from an earlier one nothing more would follow.
 */
function starting(customer: Living, { startsAt, waveAt }: Starts): Living {
  const from = Math.max(customer.startsAt ?? 0, startsAt);
  const kept = customer.waveAt;
  const wave = kept !== undefined && kept >= from ? kept : (waveAt ?? kept);
  return { ...customer, startsAt: from, ...(wave !== undefined && { waveAt: wave }) };
}
