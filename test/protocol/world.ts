/**
 * What the functions share: the stores in memory, and SES. Everything that happens to it is told to the witnesses in
 * the moment it happens, whoever hears of it.
 */
import type { Marked } from '../../shared/adapters/customer-store.ts';
import { MemoryAddressBook } from '../../shared/adapters/memory-address-book.ts';
import { MemoryLaneStore } from '../../shared/adapters/memory-lane-store.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import type { Address } from '../../shared/lifecycle/address.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import type { DeliveryMark } from '../../shared/lifecycle/customer/delivery.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { Profile } from '../../shared/lifecycle/customer/profile.ts';
import { type Lane, OPEN_LANE } from '../../shared/lifecycle/lane.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { START } from '../support/events.ts';
import { AddressWitness, hashOf, type Sighting } from './address-witness.ts';
import type { Delivery } from './invocation.ts';
import type { Accepted } from './reports.ts';
import { Witness } from './witness.ts';

/** What an invocation has seen of the customer it works for, when it last read the profile. */
export interface Seen {
  readonly life: number | undefined;
  readonly address: Sighting;
  /** Messages whose end the ledger knew by then. */
  readonly ended: ReadonlySet<string>;
}

export class World {
  readonly store = new MemoryStore();
  readonly book = new MemoryAddressBook();
  readonly lanes = new MemoryLaneStore();
  readonly addresses: AddressWitness;
  /** In the order of acceptance. */
  readonly mails: Accepted[] = [];
  now: Instant = START;
  readonly #playbook: Playbook;
  readonly #perDay: number;
  readonly #profiles = new Map<string, Profile>();
  readonly #witnesses = new Map<string, Witness>();
  readonly #ended = new Map<string, Set<string>>();
  #lane: Lane = OPEN_LANE;
  #attempts: readonly Instant[] = [];

  /** @param perDay mails that are ours to send in 24 hours */
  constructor(playbook: Playbook, perDay = Infinity) {
    this.#playbook = playbook;
    this.#perDay = perDay;
    this.addresses = new AddressWitness(playbook);
  }

  get customerIds(): readonly string[] {
    return [...this.#witnesses.keys()];
  }

  /** Who watches this customer. */
  witnessOf(customerId: string): Witness {
    const known = this.#witnesses.get(customerId);
    if (known !== undefined) return known;
    const explained = (key: string, reason: string, at: Instant) =>
      this.addresses.explains(customerId, key, reason, at);
    const witness = new Witness(this.#playbook, undefined, explained);
    this.#witnesses.set(customerId, witness);
    return witness;
  }

  async load(customerId: string): Promise<{ readonly profile: Profile | undefined; readonly seen: Seen }> {
    const profile = await this.store.load(customerId);
    const life = profile?.kind === 'living' ? profile.life : undefined;
    const ended = new Set(this.#ended.get(customerId));
    return { profile, seen: { life, ended, address: this.addresses.seen(profile, this.now) } };
  }

  /** @param seen by the sender that stores the profile */
  async save(profile: Profile, expected: number, seen: Seen | undefined): Promise<boolean> {
    const { customerId } = profile;
    if (!(await this.store.save(profile, expected))) return false;
    const before = this.#profiles.get(customerId);
    this.#profiles.set(customerId, profile);
    const witness = this.witnessOf(customerId);
    witness.stored(before, profile, this.now);
    this.addresses.stored(profile);
    if (profile.kind === 'erased' || seen === undefined) return true;
    const flown = before?.kind === 'living' ? before.flight : {};
    for (const [key, { token }] of Object.entries(profile.flight)) {
      if (flown[key]?.token === token) continue;
      this.addresses.taken(profile, key, seen.address);
      if (seen.ended.has(key)) witness.say(`I4: ${key} was taken although the ledger had its end`);
    }
    return true;
  }

  /** @param found by the invocation that writes it, the life it has read; only of a function that acts on evidence */
  async writeEntry(entry: LedgerEntry, found?: { readonly life: number | undefined }): Promise<boolean> {
    const { customerId, key, evidence } = entry;
    const isNew = await this.store.writeEntry(entry);
    if (!isNew) return false;
    this.#ended.set(customerId, (this.#ended.get(customerId) ?? new Set()).add(key));
    if (found !== undefined || evidence === true) this.witnessOf(customerId).evidenced(key, found?.life);
    return true;
  }

  async removeEntry(customerId: string, key: string): Promise<void> {
    await this.store.removeEntry(customerId, key);
    this.#ended.get(customerId)?.delete(key);
  }

  async markDelivery(customerId: string, key: string, mark: DeliveryMark): Promise<Marked> {
    const marked = await this.store.markDelivery(customerId, key, mark);
    if (marked === 'marked') this.witnessOf(customerId).reported(key, mark);
    return marked;
  }

  async saveAddress(address: Address, expected: number): Promise<boolean> {
    const isSaved = await this.book.save(address, expected);
    if (isSaved) this.addresses.saved(address);
    return isSaved;
  }

  async removeAddress(hash: string, expected: number): Promise<boolean> {
    const isRemoved = await this.book.remove(hash, expected);
    if (isRemoved) this.addresses.removed(hash);
    return isRemoved;
  }

  async saveLane(lane: Lane, expected: number): Promise<boolean> {
    const isSaved = await this.lanes.save(lane, expected);
    if (isSaved) this.#lane = lane;
    return isSaved;
  }

  accept(mail: Omit<Accepted, 'at'>): Accepted {
    const { customerId, key, to } = mail;
    const accepted = { ...mail, at: this.now };
    this.mails.push(accepted);
    this.witnessOf(customerId).accepted(key, this.now);
    this.addresses.accepted(customerId, key, to, this.now);
    return accepted;
  }

  doubts(customerId: string, key: string): void {
    this.witnessOf(customerId).doubts(key, this.now);
    this.addresses.doubts(customerId, key, this.now);
  }

  /** SES is called: what the lane has to see to. */
  called(customerId: string, key: string): void {
    const { now } = this;
    this.#attempts = [...this.#attempts.filter((each) => each > now - DAY), now];
    const witness = this.witnessOf(customerId);
    if (this.#attempts.length > this.#perDay) witness.say(`I7: ${this.#attempts.length} mails within a day`);
    const programme = parseKey(key)?.programme ?? '';
    const { all = Infinity, programmes } = this.#lane.paused;
    const since = Math.min(all, programmes[programme] ?? Infinity);
    if (now > since + MINUTE) witness.say(`I7: ${key} was sent in a pause`);
  }

  /** A function has done what it was called for. */
  done(delivery: Delivery): void {
    switch (delivery.to) {
      case 'feedback': {
        const { customerId, mail, report } = delivery;
        this.witnessOf(customerId).reported(mail.key, report.mark);
        const isFinal = report.kind === 'hard bounce' || report.kind === 'Complaint';
        if (isFinal) this.addresses.musts(hashOf(mail.to), 'suppressed');
        return;
      }
      case 'preferences':
        return this.addresses.musts(delivery.link.address, 'optOut');
      case 'record':
      case 'send':
        return undefined;
      default:
        return delivery satisfies never;
    }
  }

  /** Everything found, after nothing is left to do. */
  async violations(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const [customerId, witness] of this.#witnesses) {
      const ledger = await this.store.readLedger(customerId);
      const journal = await this.store.readJournal(customerId);
      const profile = this.#profiles.get(customerId);
      found.push(...witness.violations(profile, ledger, journal, this.now));
    }
    return [...new Set([...found, ...this.addresses.violations(this.#profiles)])];
  }
}
