/**
 * The pipeline in memory: the functions' own code on the memory store, a bus that is a list, a clock that only moves
 * when there is nothing left to do, and an SES that keeps what it accepted.
 */
import type { Announcement, Announcer } from '../../shared/adapters/announcer.ts';
import type { Mailer, OutgoingMail, SendOutcome } from '../../shared/adapters/mailer.ts';
import { MemoryAddressBook } from '../../shared/adapters/memory-address-book.ts';
import { MemoryLaneStore } from '../../shared/adapters/memory-lane-store.ts';
import { MemoryOfferBook } from '../../shared/adapters/memory-offer-book.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import { ANNOUNCED } from '../../shared/contracts/bus.ts';
import { CATCH_UP_MINUTES, LOOK_AGAIN_MINUTES } from '../../shared/contracts/timing.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { Circumstances } from '../../shared/lifecycle/customer/permit.ts';
import type { Living, Profile } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { findStep, type Playbook } from '../../shared/lifecycle/playbook.ts';
import { type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { recordCustomer, type RefusedEvent } from '../../functions/record/record-customer.ts';
import type { SendingLane } from '../../functions/send/lane.ts';
import { sendMessage } from '../../functions/send/send-message.ts';
import type { SendServices } from '../../functions/send/send-services.ts';
import { announceDue } from '../../functions/sweep/announce-due.ts';
import { OPEN } from './circumstances.ts';
import { CountingMeter } from './counting-meter.ts';
import { CUSTOMER, event as eventOf } from './events.ts';
import { laneInMemory } from './sending-lane.ts';

/** What SES does with one call: `vanished` was not taken and `swallowed` was, but nobody hears of either. */
export type SesAnswer = 'accepted' | 'rejected' | 'rate' | 'quota' | 'vanished' | 'swallowed';

export interface Accepted {
  readonly customerId: string;
  readonly key: string;
  readonly at: Instant;
  /** The customer as stored at that moment. */
  readonly customer: Profile | undefined;
}

class MemoryMailer implements Mailer {
  readonly accepted: Accepted[] = [];
  answers: readonly SesAnswer[] = ['accepted'];
  #calls = 0;
  readonly #now: () => Instant;
  readonly #store: MemoryStore;

  constructor(store: MemoryStore, now: () => Instant) {
    this.#store = store;
    this.#now = now;
  }

  async send({ tags }: OutgoingMail): Promise<SendOutcome> {
    const answer = this.answers[this.#calls % this.answers.length] ?? 'accepted';
    this.#calls += 1;
    const { c: customerId = '', k: key = '' } = tags;
    const customer = await this.#store.load(customerId);
    const take = () => this.accepted.push({ customerId, key, at: this.#now(), customer });
    switch (answer) {
      case 'accepted':
        take();
        return { kind: 'accepted', messageId: `ses-${this.#calls}` };
      case 'swallowed':
        take();
        return { kind: 'unknown', cause: new Error('reset') };
      case 'vanished':
        return { kind: 'unknown', cause: new Error('timeout') };
      case 'rejected':
        return { kind: 'rejected', code: 'MessageRejected' };
      case 'rate':
      case 'quota':
        return { kind: 'not now', why: answer };
      default:
        return answer satisfies never;
    }
  }
}

/** The function died, or what it called did. */
class Crash extends Error {
  override readonly name = 'Crash';
}

/** A store that dies at chosen calls, half of the times after having done what it was asked for. */
class MortalStore extends MemoryStore {
  /** Numbers of the calls that die. */
  deaths: ReadonlySet<number> = new Set();
  #calls = 0;

  async #risk<T>(act: () => Promise<T>): Promise<T> {
    this.#calls += 1;
    if (!this.deaths.has(this.#calls)) return act();
    if (this.#calls % 2 === 0) await act();
    throw new Crash(`call ${this.#calls}`);
  }

  override async save(profile: Profile, expected: number): Promise<boolean> {
    return this.#risk(() => super.save(profile, expected));
  }

  override async journal(event: CustomerEvent): Promise<'new' | 'known' | 'different'> {
    return this.#risk(() => super.journal(event));
  }

  override async writeEntry(entry: LedgerEntry): Promise<boolean> {
    return this.#risk(() => super.writeEntry(entry));
  }

  override async readEntry(customerId: string, key: string): Promise<LedgerEntry | undefined> {
    return this.#risk(() => super.readEntry(customerId, key));
  }
}

/** How long a queue hides a message that was not acknowledged. */
const VISIBILITY = 3 * MINUTE;

/** Work that was not acknowledged and comes again. */
interface Delivery {
  readonly at: Instant;
  readonly run: () => Promise<void>;
}

export class Pipeline {
  readonly store = new MortalStore();
  readonly addresses = new MemoryAddressBook();
  readonly offers = new MemoryOfferBook();
  readonly lanes = new MemoryLaneStore();
  readonly lane: SendingLane = laneInMemory(() => this.now, { lanes: this.lanes });
  readonly meter = new CountingMeter();
  readonly mailer: MemoryMailer = new MemoryMailer(this.store, () => this.now);
  readonly announced: Announcement[] = [];
  readonly refused: RefusedEvent[] = [];
  circumstances: Circumstances = OPEN;
  sending: SendServices['sending'] = 'live';
  /** Announcements with these ordinals find the bus refusing. */
  refusals: ReadonlySet<number> = new Set();
  /** Whether the shop confirms the offers it is asked for. */
  confirms = true;
  /** With the sender stopped, messages pile up as `Message Due` on the queue. */
  senderStopped = false;
  playbook: Playbook;
  now: Instant;
  #waiting: Announcement[] = [];
  #again: Delivery[] = [];
  #tokens = 0;
  #announcements = 0;

  constructor(playbook: Playbook, now: Instant) {
    this.playbook = playbook;
    this.now = now;
  }

  /** Delivers events to `record` as one batch of their customers, at the present. */
  async deliver(...events: readonly CustomerEvent[]): Promise<void> {
    for (const customerId of new Set(events.map((each) => each.customerId))) {
      const own = events.filter((each) => each.customerId === customerId);
      await this.#attempt(async () => {
        this.refused.push(...(await recordCustomer(this.#recording(), { customerId, events: own })));
      });
    }
    await this.#drain();
  }

  /** Lets time pass: everything that is due on the way happens, at its minute. */
  async waitUntil(then: Instant): Promise<void> {
    for (;;) {
      const next = await this.#next();
      if (next === undefined || next > then) break;
      this.now = next;
      const ready = this.#again.filter((each) => each.at <= next);
      this.#again = this.#again.filter((each) => each.at > next);
      for (const { run } of ready) await this.#attempt(run);
      await this.#drain();
      if (this.now % MINUTE === 0) await this.sweep();
    }
    this.now = Math.max(this.now, then);
  }

  /** Delivers each event at its time. */
  async play(events: readonly CustomerEvent[]): Promise<void> {
    for (const event of events) {
      await this.waitUntil(event.occurredAt);
      await this.deliver(event);
    }
  }

  async sweep(): Promise<void> {
    const services = { index: this.store, announcer: this.#bus(), meter: this.meter };
    await this.#attempt(() => announceDue(services, this.now));
    await this.#drain();
  }

  /** Hands one message to `send`, as a duplicate delivery would. */
  async send(key: string, customerId = CUSTOMER): Promise<void> {
    await this.#attempt(() => sendMessage(this.#sending(), customerId, key));
    await this.#drain();
  }

  async customer(customerId = CUSTOMER): Promise<Living> {
    const profile = await this.store.load(customerId);
    if (profile?.kind !== 'living') throw new Error(`${customerId} is ${profile?.kind ?? 'unknown'}`);
    return profile;
  }

  /** Mails SES accepted, as `programme/step`. */
  get sent(): readonly string[] {
    return this.mailer.accepted.map(({ key }) => key.split('/').slice(1, 3).join('/'));
  }

  /** How every message that has ended ended: `programme/step` and episode, outcome, reason. */
  async ledger(customerId = CUSTOMER): Promise<readonly string[]> {
    return (await this.store.readLedger(customerId)).map(({ key, outcome, reason }) => {
      const name = key.split('/').slice(1).join('/');
      return `${name} ${outcome}${reason === undefined ? '' : `: ${reason}`}`;
    });
  }

  /** Stages that were announced as entered, each once, in the order of their announcement. */
  get entered(): readonly { readonly to: unknown; readonly at: Instant }[] {
    const changes = this.announced.filter((each) => each.detailType === ANNOUNCED.stageChanged);
    const distinct = new Map(changes.map((each) => [each.id, each]));
    return [...distinct.values()].map(({ data, occurredAt }) => ({ to: data['to'], at: occurredAt }));
  }

  isPromotional(key: string): boolean {
    const { programme = '', step = '' } = parseKey(key) ?? {};
    return findStep(this.playbook, programme, step)?.step.class === 'promotional';
  }

  #recording() {
    return {
      store: this.store,
      addresses: this.addresses,
      addressKey: async () => 'address key',
      announcer: this.#bus(),
      meter: this.meter,
      playbook: this.playbook,
      releaseId: 'r1',
      now: () => this.now,
    };
  }

  #sending(): SendServices {
    return {
      store: this.store,
      addresses: this.addresses,
      addressKey: async () => 'address key',
      offers: this.offers,
      log: { warn: () => undefined },
      lane: this.lane,
      mailer: this.mailer,
      meter: this.meter,
      playbook: this.playbook,
      releaseId: 'r1',
      circumstances: this.circumstances,
      sending: this.sending,
      allowList: new Set(),
      compose: async (customer, key, message, { programme, step }) => ({
        from: 'shop@example.com',
        to: 'anna@example.com',
        raw: new Uint8Array(),
        tags: { c: customer.customerId, k: key, n: String(message.attempt) },
        release: 'r',
        template: `${programme.id}/${step.id}`,
        locale: 'en',
      }),
      now: () => this.now,
      token: () => {
        this.#tokens += 1;
        return `token-${this.#tokens}`;
      },
    };
  }

  #bus(): Announcer {
    return {
      announce: async (announcements) => {
        this.#announcements += 1;
        if (this.refusals.has(this.#announcements)) throw new Crash(`announcement ${this.#announcements}`);
        this.announced.push(...announcements);
        this.#waiting.push(...announcements);
      },
    };
  }

  /** Runs what a queue delivers; after a crash it is delivered again. */
  async #attempt(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (cause) {
      if (!(cause instanceof Crash)) throw cause;
      this.#again.push({ at: this.now + VISIBILITY, run });
    }
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { detailType, data, id } = next;
      if (detailType === ANNOUNCED.messageDue && !this.senderStopped) {
        const [customerId, key] = [String(data['customerId']), String(data['key'])];
        await this.#attempt(() => sendMessage(this.#sending(), customerId, key));
      }
      if (detailType === ANNOUNCED.offerIssued && this.confirms) await this.#confirm(data);
      const { customerIds } = data;
      if (detailType !== ANNOUNCED.customerDue || !Array.isArray(customerIds)) continue;
      for (const customerId of customerIds.map(String)) {
        await this.#attempt(async () => {
          await recordCustomer(this.#recording(), { customerId, events: [], wake: id });
        });
      }
    }
  }

  async #confirm({ customerId, offerId }: Announcement['data']): Promise<void> {
    const confirmed = eventOf('Offer Confirmed', this.now, { customerId, offerId }, `confirmed-${String(offerId)}`);
    await this.#attempt(async () => {
      await recordCustomer(this.#recording(), { customerId: String(customerId), events: [confirmed] });
    });
  }

  /** The next minute at which the sweep finds something, or at which something comes again. */
  async #next(): Promise<Instant | undefined> {
    const quarter = CATCH_UP_MINUTES * MINUTE;
    const timers = (await this.store.dueBetween(0, Number.MAX_SAFE_INTEGER)).map(({ dueAt }) => {
      const minute = Math.ceil(dueAt / MINUTE) * MINUTE;
      const next = (Math.floor(this.now / MINUTE) + 1) * MINUTE;
      if (next < minute + LOOK_AGAIN_MINUTES * MINUTE) return Math.max(minute, next);
      return (Math.floor(this.now / quarter) + 1) * quarter;
    });
    const instants = [...timers, ...this.#again.map((each) => each.at)];
    return instants.length === 0 ? undefined : Math.min(...instants);
  }
}
