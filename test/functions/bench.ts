/** `record` and `send` on one store in memory, with a clock, a store and an SES that do what a test tells them. */
import type { Announcement } from '../../shared/adapters/announcer.ts';
import type { Journalled } from '../../shared/adapters/customer-store.ts';
import type { OfferBook } from '../../shared/adapters/offer-book.ts';
import type { Mailer, OutgoingMail, SendOutcome } from '../../shared/adapters/mailer.ts';
import { MemoryAddressBook } from '../../shared/adapters/memory-address-book.ts';
import { MemoryLaneStore } from '../../shared/adapters/memory-lane-store.ts';
import { MemoryOfferBook } from '../../shared/adapters/memory-offer-book.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import type { Living, Profile } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';
import { recordCustomer, type RecordServices, type RefusedEvent } from '../../functions/record/record-customer.ts';
import type { SendingLane } from '../../functions/send/lane.ts';
import { sendMessage } from '../../functions/send/send-message.ts';
import type { SendServices } from '../../functions/send/send-services.ts';
import { OPEN } from '../support/circumstances.ts';
import { CountingMeter } from '../support/counting-meter.ts';
import { CUSTOMER, START } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';
import { HandStopwatch, laneInMemory } from '../support/sending-lane.ts';

/** The key of the address hashes in these tests. */
export const ADDRESS_KEY = 'address key';

type Call = 'save' | 'journal' | 'writeEntry';

/** What becomes of a call: it happens and the answer says otherwise, or the function dies before or after it. */
type Fate = 'answer lost' | 'dies before' | 'dies after';

export class Died extends Error {
  override readonly name = 'Died';
}

export class FaultyStore extends MemoryStore {
  readonly #before = new Map<Call, () => Promise<unknown>>();
  readonly #fates = new Map<Call, Fate>();

  /** Just before the next such call, once, this happens. */
  before(call: Call, act: () => Promise<unknown>): void {
    this.#before.set(call, act);
  }

  /** What becomes of the next such call. */
  next(call: Call, fate: Fate): void {
    this.#fates.set(call, fate);
  }

  async #perform<T>(call: Call, act: () => Promise<T>): Promise<{ readonly answer: T; readonly lost: boolean }> {
    const before = this.#before.get(call);
    this.#before.delete(call);
    await before?.();
    const fate = this.#fates.get(call);
    this.#fates.delete(call);
    if (fate === 'dies before') throw new Died(call);
    const answer = await act();
    if (fate === 'dies after') throw new Died(call);
    return { answer, lost: fate === 'answer lost' };
  }

  override async save(profile: Profile, expected: number): Promise<boolean> {
    const { answer, lost } = await this.#perform('save', () => super.save(profile, expected));
    return answer && !lost;
  }

  override async journal(event: CustomerEvent): Promise<Journalled> {
    return (await this.#perform('journal', () => super.journal(event))).answer;
  }

  override async writeEntry(entry: LedgerEntry): Promise<boolean> {
    const { answer, lost } = await this.#perform('writeEntry', () => super.writeEntry(entry));
    return answer && !lost;
  }
}

class RecordingMailer implements Mailer {
  readonly mails: OutgoingMail[] = [];
  answer: SendOutcome = { kind: 'accepted', messageId: 'ses-1' };
  /** What happens elsewhere while SES has the mail. */
  meanwhile: () => Promise<unknown> = async () => undefined;

  async send(mail: OutgoingMail): Promise<SendOutcome> {
    this.mails.push(mail);
    await this.meanwhile();
    return this.answer;
  }

  /** Keys of the messages handed over, in their order. */
  get keys(): readonly string[] {
    return this.mails.map(({ tags }) => tags['k'] ?? '');
  }
}

export class Bench {
  readonly store: FaultyStore;
  readonly addresses = new MemoryAddressBook();
  readonly lanes = new MemoryLaneStore();
  offers: OfferBook = new MemoryOfferBook();
  readonly stopwatch = new HandStopwatch();
  readonly mailer = new RecordingMailer();
  readonly announced: Announcement[] = [];
  readonly meter = new CountingMeter();
  /** Lines of the log. */
  readonly logged: (readonly [string, Readonly<Record<string, string | number>>])[] = [];
  sending: SendServices['sending'] = 'live';
  allowList: ReadonlySet<string> = new Set();
  circumstances: SendServices['circumstances'] = OPEN;
  playbook = PLAYBOOK_FOR_RULES;
  now = START;
  lane: SendingLane;
  #tokens = 0;

  constructor(store = new FaultyStore()) {
    this.store = store;
    this.lane = laneInMemory(() => this.now, {
      lanes: this.lanes,
      meter: this.meter,
      stopwatch: this.stopwatch,
    });
  }

  get recording(): RecordServices {
    return {
      store: this.store,
      announcer: { announce: async (each) => void this.announced.push(...each) },
      addresses: this.addresses,
      addressKey: async () => ADDRESS_KEY,
      meter: this.meter,
      playbook: this.playbook,
      releaseId: 'r1',
      now: () => this.now,
    };
  }

  get senders(): SendServices {
    return {
      ...this.recording,
      offers: this.offers,
      mailer: this.mailer,
      lane: this.lane,
      log: { warn: (...line) => void this.logged.push(line) },
      circumstances: this.circumstances,
      sending: this.sending,
      allowList: this.allowList,
      compose: async (customer, key, message, { programme, step }) => ({
        from: 'shop@example.com',
        to: personOf(customer.facts.person).email ?? '',
        raw: new Uint8Array(),
        tags: { c: customer.customerId, k: key, n: String(message.attempt) },
        release: 'r1',
        template: `${programme.id}/${step.id}`,
        locale: 'en',
      }),
      token: () => `token-${(this.#tokens += 1)}`,
    };
  }

  /** Events arrive at `record` together. */
  record(...events: readonly CustomerEvent[]): Promise<readonly RefusedEvent[]> {
    return recordCustomer(this.recording, { customerId: events[0]?.customerId ?? CUSTOMER, events });
  }

  /** The timer of the customer has passed. */
  async wake(): Promise<void> {
    await recordCustomer(this.recording, { customerId: CUSTOMER, events: [], wake: 'due/1/0' });
  }

  send(key: string, customerId = CUSTOMER): Promise<void> {
    return sendMessage(this.senders, customerId, key);
  }

  async customer(customerId = CUSTOMER): Promise<Living> {
    const profile = await this.store.load(customerId);
    if (profile?.kind !== 'living') throw new Error(`the customer is ${profile?.kind ?? 'unknown'}`);
    return profile;
  }

  /** Somebody else changes the profile, whatever it is. */
  async change(changed: (customer: Living) => Partial<Living>): Promise<void> {
    const customer = await this.customer();
    const next = { ...customer, ...changed(customer), version: customer.version + 1 };
    if (!(await this.store.save(next, customer.version))) throw new Error('nobody else writes in a test');
  }

  /** How each message ended. */
  async ledger(customerId = CUSTOMER): Promise<readonly string[]> {
    return (await this.store.readLedger(customerId)).map(({ key, outcome, reason }) =>
      reason === undefined ? `${key} ${outcome}` : `${key} ${outcome}: ${reason}`,
    );
  }
}
