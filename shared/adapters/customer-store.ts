/**
 * Where customers are kept: one profile, a journal of events and a ledger of messages per customer. All writes touch
 * one item and are conditional, so every emulator and every retry agrees on what they mean.
 */
import type { LedgerEntry } from '../lifecycle/customer/claim.ts';
import type { DeliveryMark } from '../lifecycle/customer/delivery.ts';
import { parseKey } from '../lifecycle/customer/message-key.ts';
import type { Profile } from '../lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../lifecycle/events/definition.ts';
import type { Browsing } from '../lifecycle/facts/looks.ts';
import type { Instant } from '../lifecycle/time.ts';

/** `different`: the id is taken by an event with other content. */
export type Journalled = 'new' | 'known' | 'different';

/** `not further`: a report that came before says as much or more. `not sent`: the message ended otherwise so far. */
export type Marked = 'marked' | 'not further' | 'no entry' | 'not sent';

/** What a customer looked at, with a version of its own, which has nothing to do with that of the profile. */
export interface StoredLooks {
  readonly browsing: Browsing;
  readonly version: number;
}

export interface CustomerStore {
  /** The profile as of now (a consistent read); undefined for a customer nobody has seen. */
  load(customerId: string): Promise<Profile | undefined>;
  /**
   * Replaces the profile if the stored version is `expected` (0: if there is none).
   *
   * @param profile carries the version `expected + 1`
   * @returns false when somebody else was faster
   */
  save(profile: Profile, expected: number): Promise<boolean>;
  /** Writes the event down unless its id is taken. Idempotent. */
  journal(event: CustomerEvent): Promise<Journalled>;
  readEvent(customerId: string, eventId: string): Promise<CustomerEvent | undefined>;
  /** All events of the customer, in no particular order (a consistent read). */
  readJournal(customerId: string): Promise<readonly CustomerEvent[]>;
  /** Removes one event again: it belongs to a life that has been erased. */
  unjournal(customerId: string, eventId: string): Promise<void>;
  /** What the customer looked at (a consistent read); nothing, with version 0, when nothing is kept. */
  readLooks(customerId: string): Promise<StoredLooks>;
  /**
   * Replaces what is kept of looks if the stored version is `expected` (0: if there is none).
   *
   * @returns false when somebody else was faster
   */
  saveLooks(customerId: string, looks: StoredLooks, expected: number): Promise<boolean>;
  /** Removes all that is kept of looks, unless somebody has written since version `expected`; false in that case. */
  removeLooks(customerId: string, expected: number): Promise<boolean>;
  /** The end of a message and its delivery (a consistent read); undefined while it has none. */
  readEntry(customerId: string, key: string): Promise<LedgerEntry | undefined>;
  /**
   * Writes the end of a message: `sent` replaces any other end, the others only fill an empty place. The delivery of
   * the entry is left out.
   *
   * @returns false when a final entry was there already
   */
  writeEntry(entry: LedgerEntry): Promise<boolean>;
  /** Notes what became of a sent message, in one conditional write; nothing that is known is taken back. */
  markDelivery(customerId: string, key: string, mark: DeliveryMark): Promise<Marked>;
  /** Every message of the customer that has ended, with its delivery. */
  readLedger(customerId: string): Promise<readonly LedgerEntry[]>;
  /** Removes one entry: it was written for a life that has been erased. */
  removeEntry(customerId: string, key: string): Promise<void>;
}

/** The sparse index of timers. */
export interface DueIndex {
  /** Customers whose timer lies in (after, until], each with its timer. */
  dueBetween(after: Instant, until: Instant): Promise<readonly { customerId: string; dueAt: Instant }[]>;
}

/**
 * Removes the journal items of a customer that belong to an ended life, and all ledger entries of lives up to `life`.
 * Idempotent and safe to interrupt.
 */
export async function removeLife(
  store: CustomerStore,
  customerId: string,
  life: number,
  isOver: (event: CustomerEvent) => boolean,
): Promise<void> {
  for (const event of await store.readJournal(customerId)) {
    if (isOver(event)) await store.unjournal(customerId, event.id);
  }
  for (const { key } of await store.readLedger(customerId)) {
    if ((parseKey(key)?.life ?? 0) <= life) await store.removeEntry(customerId, key);
  }
}
