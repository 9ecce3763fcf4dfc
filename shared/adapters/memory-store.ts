/** The customers in memory, with the same contract as the table; for tests and backtests. */
import type { LedgerEntry } from '../lifecycle/customer/claim.ts';
import { type DeliveryMark, type DeliveryMarks, deliveryOf, withMark } from '../lifecycle/customer/delivery.ts';
import type { Profile } from '../lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../lifecycle/events/definition.ts';
import { NOTHING_SEEN } from '../lifecycle/facts/looks.ts';
import type { Instant } from '../lifecycle/time.ts';
import type { CustomerStore, DueIndex, Journalled, Marked, StoredLooks } from './customer-store.ts';
import { contentOf, eventFrom } from './stored-event.ts';

interface Ledged {
  readonly entry: LedgerEntry;
  readonly marks: DeliveryMarks;
}

function withDelivery({ entry, marks }: Ledged): LedgerEntry {
  const delivery = deliveryOf(marks);
  return { ...entry, ...(delivery && { delivery }) };
}

export class MemoryStore implements CustomerStore, DueIndex {
  readonly #profiles = new Map<string, Profile>();
  readonly #events = new Map<string, Map<string, string>>();
  readonly #looks = new Map<string, StoredLooks>();
  readonly #ledger = new Map<string, Map<string, Ledged>>();

  /** Everybody, in the order of their arrival. */
  get profiles(): readonly Profile[] {
    return structuredClone([...this.#profiles.values()]);
  }

  async load(customerId: string): Promise<Profile | undefined> {
    return structuredClone(this.#profiles.get(customerId));
  }

  async save(profile: Profile, expected: number): Promise<boolean> {
    if ((this.#profiles.get(profile.customerId)?.version ?? 0) !== expected) return false;
    this.#profiles.set(profile.customerId, structuredClone(profile));
    return true;
  }

  async journal(event: CustomerEvent): Promise<Journalled> {
    const events = this.#events.get(event.customerId) ?? new Map<string, string>();
    const known = events.get(event.id);
    const content = contentOf(event);
    if (known !== undefined) return known === content ? 'known' : 'different';
    this.#events.set(event.customerId, events.set(event.id, content));
    return 'new';
  }

  async readEvent(customerId: string, eventId: string): Promise<CustomerEvent | undefined> {
    const content = this.#events.get(customerId)?.get(eventId);
    return content === undefined ? undefined : eventFrom(customerId, eventId, content);
  }

  async readJournal(customerId: string): Promise<readonly CustomerEvent[]> {
    return [...(this.#events.get(customerId) ?? [])].map(([id, content]) => eventFrom(customerId, id, content));
  }

  async unjournal(customerId: string, eventId: string): Promise<void> {
    this.#events.get(customerId)?.delete(eventId);
  }

  async readLooks(customerId: string): Promise<StoredLooks> {
    return this.#looks.get(customerId) ?? { browsing: NOTHING_SEEN, version: 0 };
  }

  async saveLooks(customerId: string, looks: StoredLooks, expected: number): Promise<boolean> {
    if ((this.#looks.get(customerId)?.version ?? 0) !== expected) return false;
    this.#looks.set(customerId, structuredClone(looks));
    return true;
  }

  async removeLooks(customerId: string, expected: number): Promise<boolean> {
    if ((this.#looks.get(customerId)?.version ?? 0) !== expected) return false;
    this.#looks.delete(customerId);
    return true;
  }

  async readEntry(customerId: string, key: string): Promise<LedgerEntry | undefined> {
    const known = this.#ledger.get(customerId)?.get(key);
    return known && withDelivery(known);
  }

  async writeEntry({ delivery: _reported, ...entry }: LedgerEntry): Promise<boolean> {
    const entries = this.#ledger.get(entry.customerId) ?? new Map<string, Ledged>();
    const known = entries.get(entry.key);
    if (known !== undefined && (entry.outcome !== 'sent' || known.entry.outcome === 'sent')) return false;
    this.#ledger.set(entry.customerId, entries.set(entry.key, { entry, marks: {} }));
    return true;
  }

  async markDelivery(customerId: string, key: string, mark: DeliveryMark): Promise<Marked> {
    const entries = this.#ledger.get(customerId);
    const known = entries?.get(key);
    if (known === undefined) return 'no entry';
    if (known.entry.outcome !== 'sent') return 'not sent';
    const marks = withMark(known.marks, mark);
    if (marks === known.marks) return 'not further';
    entries?.set(key, { ...known, marks });
    return 'marked';
  }

  async readLedger(customerId: string): Promise<readonly LedgerEntry[]> {
    return [...(this.#ledger.get(customerId)?.values() ?? [])].map(withDelivery);
  }

  async removeEntry(customerId: string, key: string): Promise<void> {
    this.#ledger.get(customerId)?.delete(key);
  }

  async dueBetween(after: Instant, until: Instant) {
    return [...this.#profiles.values()].flatMap(({ customerId, dueAt }) =>
      dueAt !== undefined && dueAt > after && dueAt <= until ? [{ customerId, dueAt }] : [],
    );
  }
}
