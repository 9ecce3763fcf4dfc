/**
 * The functions that send, record, report and listen to readers, each call of theirs to the outside held back until
 * somebody lets it go on, fail, arrive late or not at all. What is run is the functions' own code; nothing here decides
 * anything about mail.
 */
import { setImmediate } from 'node:timers/promises';
import { vi } from 'vitest';
import { recordFeedback } from '../../functions/feedback/record-feedback.ts';
import { customerOf } from '../../functions/preferences/reader.ts';
import { unsubscribe } from '../../functions/preferences/unsubscribe.ts';
import { recordCustomer } from '../../functions/record/record-customer.ts';
import type { SendingLane } from '../../functions/send/lane.ts';
import { sendMessage } from '../../functions/send/send-message.ts';
import type { SendServices } from '../../functions/send/send-services.ts';
import { type Announcement, AnnouncementFailed, type Announcer } from '../../shared/adapters/announcer.ts';
import type { OutgoingMail, SendOutcome } from '../../shared/adapters/mailer.ts';
import { MemoryOfferBook } from '../../shared/adapters/memory-offer-book.ts';
import { TooManyConflicts } from '../../shared/adapters/revise.ts';
import { ANNOUNCED } from '../../shared/contracts/bus.ts';
import {
  FUNCTION_TIMEOUT_SECONDS,
  LEASE_SECONDS,
  NETWORK_MARGIN_SECONDS,
  SES_TIMEOUT_SECONDS,
} from '../../shared/contracts/timing.ts';
import { unknownAddress } from '../../shared/lifecycle/address.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';
import { pause, resume } from '../../shared/lifecycle/lane.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Duration, type Instant } from '../../shared/lifecycle/time.ts';
import { OPEN } from '../support/circumstances.ts';
import { SILENT } from '../support/counting-meter.ts';
import { CUSTOMER, START } from '../support/events.ts';
import { laneInMemory } from '../support/sending-lane.ts';
import { ADDRESS_KEY, hashOf } from './address-witness.ts';
import type { Fate, Operation } from './fates.ts';
import { bookOf, laneStoreOf, storeOf } from './held-back.ts';
import { aboutOf, type Call, type Delivery, Invocation } from './invocation.ts';
import { type Accepted, type ReportKind, reportOf } from './reports.ts';
import type { Witness } from './witness.ts';
import { World } from './world.ts';

const SECOND: Duration = 1000;
/** How long after a function began what it asked for may still happen: what a lease has to outlive. */
const LONGEST_EFFECT: Duration = (FUNCTION_TIMEOUT_SECONDS.send + NETWORK_MARGIN_SECONDS) * SECOND;
export const LEASE: Duration = LEASE_SECONDS * SECOND;

class ConnectionBroken extends Error {
  override readonly name = 'ConnectionBroken';
}

/** A request that has left its function and has not arrived yet. */
interface Travelling {
  readonly what: string;
  readonly latest: Instant;
  readonly arrive: () => Promise<void>;
}

/** A sender keeps what it knows of the lane from one invocation to the next; one that died knows nothing more. */
interface Environment {
  readonly lane: SendingLane;
  invocation: Invocation | undefined;
}

export interface Surroundings {
  /** By which functions live, and their requests travel, longer than the protocol counts on. */
  readonly slowness?: Duration;
  /** The calls about the lane are held back like all others, and so many mails are ours to send in 24 hours. */
  readonly lane?: { readonly perDay: number };
  /** SES says of each mail that it has accepted it, as soon as it has. */
  readonly reports?: boolean;
}

/** Turns of the event loop after which a function that neither asks nor ends is a fault of this harness. */
const PATIENCE = 200;
/** Continuations of promises in one turn, more than any function needs from one call to the next. */
const CONTINUATIONS = 60;
/** Sweeps that may pass within one instant before it counts as spinning. */
const PATIENT_SWEEPS = 40;

export class Interleaving {
  readonly world: World;
  readonly playbook: Playbook;
  readonly trace: string[] = [];
  readonly queue: Delivery[] = [];
  running: Invocation[] = [];
  travelling: Travelling[] = [];
  #ordinal = 0;
  #sweeps = 0;
  #reports = 0;
  readonly #slowness: Duration;
  readonly #saysSent: boolean;
  /** Nobody's calls about the lane are held back: then all senders may know the same of it. */
  readonly #sharedLane: SendingLane | undefined;
  readonly #perDay: number;
  readonly #environments: Environment[] = [];
  readonly #offers = new MemoryOfferBook();
  /** Offers the shop was asked for, by customer. */
  readonly #asked = new Map<string, Set<string>>();

  constructor(playbook: Playbook, { slowness = 0, lane, reports = false }: Surroundings = {}) {
    this.#slowness = slowness;
    this.#saysSent = reports;
    this.playbook = playbook;
    this.#perDay = lane?.perDay ?? Infinity;
    this.world = new World(playbook, this.#perDay);
    if (lane === undefined) this.#sharedLane = laneInMemory(() => this.now, { lanes: this.world.lanes });
  }

  get now(): Instant {
    return this.world.now;
  }

  /** Who watches the customer that most histories are about. */
  get witness(): Witness {
    return this.world.witnessOf(CUSTOMER);
  }

  /** Begins a function; it runs up to its first call. */
  async begin(delivery: Delivery): Promise<Invocation> {
    this.#ordinal += 1;
    const invocation = new Invocation(this.#ordinal, delivery, this.now);
    this.running.push(invocation);
    this.#note(`${invocation.name} begins: ${aboutOf(delivery)}`);
    this.#work(invocation).then(
      () => this.#end(invocation, 'done'),
      (cause: unknown) => this.#fail(invocation, cause),
    );
    await this.#settled(invocation);
    return invocation;
  }

  /** Lets the call an invocation waits for meet its fate, and the invocation run up to its next call. */
  async go(invocation: Invocation, fate: Fate = 'answered'): Promise<void> {
    const { call } = invocation;
    if (call === undefined) throw new Error(`${invocation.name} is ${invocation.state} and waits for nothing`);
    this.#note(`${invocation.name} ${call.operation}: ${fate}`);
    const { perform, answer, reject, say } = call;
    const goOn = async (act: () => void): Promise<void> => {
      if (say !== undefined && fate !== 'accepted late') this.#attemptEnds(invocation);
      invocation.call = undefined;
      invocation.state = 'running';
      act();
      await this.#settled(invocation);
    };
    const tell = (outcome: SendOutcome) => goOn(() => say?.(outcome));
    const unknown = (): SendOutcome => {
      this.#doubts(invocation);
      return { kind: 'unknown', cause: new ConnectionBroken() };
    };
    switch (fate) {
      case 'answered':
        await perform();
        return goOn(answer);
      case 'refused':
        return goOn(() => reject(call.operation === 'announce' ? new AnnouncementFailed() : new ConnectionBroken()));
      case 'answer lost':
        await perform();
        return say === undefined ? goOn(() => reject(new ConnectionBroken())) : tell(unknown());
      case 'asked twice':
        await perform();
        await perform();
        return goOn(answer);
      case 'copied':
        await perform();
        this.#sendOff(invocation, call);
        return goOn(answer);
      case 'dies before':
        return this.#die(invocation);
      case 'dies after':
        await perform();
        return this.#die(invocation);
      case 'dies, arrives late':
        this.#sendOff(invocation, call);
        return this.#die(invocation, true);
      case 'accepted late':
        this.#sendOff(invocation, call);
        return tell(unknown());
      case 'vanished':
        return tell(unknown());
      case 'rejected':
        this.world.witnessOf(invocation.delivery.customerId).rejected(keyOf(invocation.delivery));
        return tell({ kind: 'rejected', code: 'MessageRejected' });
      case 'rate':
      case 'quota':
      case 'paused':
        return tell({ kind: 'not now', why: fate });
      default:
        return fate satisfies never;
    }
  }

  /** What a function asked for happens; it still waits for the answer, and the SDK will ask once more. */
  async happens(invocation: Invocation): Promise<void> {
    if (invocation.call === undefined) throw new Error(`${invocation.name} waits for nothing`);
    this.#note(`${invocation.name} ${invocation.call.operation}: happens`);
    await invocation.call.perform();
  }

  /** Lets an invocation go on without faults until it asks for `operation` (the n-th time from here). */
  async upTo(invocation: Invocation, operation: Operation, nth = 1): Promise<void> {
    for (let seen = 0; ;) {
      if (invocation.call?.operation === operation) {
        seen += 1;
        if (seen === nth) return;
      }
      if (invocation.isOver) throw new Error(`${invocation.name} ended without ${operation}`);
      await this.go(invocation);
    }
  }

  async finish(invocation: Invocation): Promise<void> {
    while (!invocation.isOver) await this.go(invocation);
  }

  /** A request on its way arrives. */
  async arrive(index = 0): Promise<void> {
    const [request] = this.travelling.splice(index, 1);
    if (request === undefined) throw new Error('nothing is on its way');
    this.#note(`arrives late: ${request.what}`);
    await request.arrive();
  }

  /** Lets time pass. SES calls time out, functions reach their timeout, and what is on its way arrives at the latest. */
  async pass(duration: Duration): Promise<void> {
    const until = this.now + duration;
    for (;;) {
      const next = this.#nextExpiry();
      if (next === undefined || next.at > until) break;
      this.world.now = Math.max(this.now, next.at);
      await next.act();
    }
    this.world.now = until;
    this.#note(`it is ${(until - START) / SECOND} s`);
  }

  /** Runs a function from beginning to end, without faults. */
  async run(delivery: Delivery): Promise<void> {
    await this.finish(await this.begin(delivery));
  }

  /** Records events of one customer that happen now. */
  async record(...events: readonly ((t: Instant) => CustomerEvent)[]): Promise<void> {
    await this.pass(1);
    await this.run(this.recorded(events.map((each) => each(this.now))));
  }

  recorded(events: readonly CustomerEvent[]): Delivery {
    return { to: 'record', customerId: events[0]?.customerId ?? CUSTOMER, events };
  }

  /** SES reports what became of a mail, with the first copy of that report. */
  reported(mail: Accepted, kind: ReportKind): Delivery {
    this.#reports += 1;
    // No two reports of a mail are of the same instant, so that it is known which of them counts.
    const timestamp = this.now + this.#reports;
    const report = reportOf(kind, mail, `report-${this.#reports}`, timestamp);
    return { to: 'feedback', customerId: mail.customerId, mail, report };
  }

  /** Somebody presses "unsubscribe" in a mail of the life that went to the address. */
  unsubscribed(customerId: string, life: number, email: string): Delivery {
    const key = `${life}/onboarding/welcome/1`;
    return {
      to: 'preferences',
      customerId,
      link: { kind: 'unsubscribe', customerId, life, key, address: hashOf(email), issuedAt: this.now },
    };
  }

  /** Customers who have known of each other for as long as they were mailed. */
  async entered(email: string, customerIds: readonly string[], since: Instant): Promise<void> {
    const holders = Object.fromEntries(customerIds.map((each) => [each, since]));
    await this.world.saveAddress({ ...unknownAddress(hashOf(email)), holders, version: 1 }, 0);
  }

  /** A person pauses everything, or one programme, at once. */
  async pause(programme?: string): Promise<void> {
    this.#note(`${programme ?? 'everything'} is paused`);
    const lane = await this.world.lanes.read();
    await this.world.saveLane({ ...pause(lane, programme, this.now), version: lane.version + 1 }, lane.version);
  }

  async resume(): Promise<void> {
    this.#note('nothing is paused');
    const lane = await this.world.lanes.read();
    await this.world.saveLane({ ...resume(lane, undefined), version: lane.version + 1 }, lane.version);
  }

  /** Wakes the customers whose timers have passed. */
  async sweep(): Promise<boolean> {
    const due = await this.world.store.dueBetween(0, this.now);
    if (due.length === 0) return false;
    this.#sweeps += 1;
    for (const { customerId } of due) {
      this.queue.push({ to: 'record', customerId, events: [], wake: `due/${this.#sweeps}` });
    }
    return true;
  }

  /** No more faults: everything is delivered, every timer fires, until nothing is left to do. */
  async drain(): Promise<void> {
    this.#note('no more faults');
    await this.resume();
    const horizon = this.now + 2 * DAY;
    let sweeps = 0;
    while (this.now < horizon) {
      for (const invocation of this.running.slice()) await this.finish(invocation);
      for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
        await this.run(next);
      }
      if (await this.sweep()) {
        sweeps += 1;
        if (sweeps <= PATIENT_SWEEPS) continue;
        this.witness.say('I3: a timer keeps firing and nothing changes');
        return;
      }
      const timers = (await this.world.store.dueBetween(0, horizon)).map((each) => each.dueAt);
      const next = Math.min(horizon, ...timers, ...this.travelling.map((each) => each.latest));
      await this.pass(next - this.now);
      sweeps = 0;
    }
  }

  /** Ids of the offers of a customer the shop was asked for. */
  askedFor(customerId: string): ReadonlySet<string> {
    return this.#asked.get(customerId) ?? new Set();
  }

  /** What the witnesses hold against this history. */
  violations(): Promise<readonly string[]> {
    return this.world.violations();
  }

  async ledger(customerId = CUSTOMER): Promise<readonly string[]> {
    return (await this.world.store.readLedger(customerId)).map(
      ({ key, outcome, reason }) => `${key} ${outcome}${reason === undefined ? '' : `: ${reason}`}`,
    );
  }

  #note(line: string): void {
    this.trace.push(line);
  }

  #attemptEnds({ delivery, ordinal }: Invocation): void {
    this.world.witnessOf(delivery.customerId).attemptEnds(keyOf(delivery), ordinal);
  }

  #doubts({ delivery }: Invocation): void {
    this.world.doubts(delivery.customerId, keyOf(delivery));
  }

  /** The earliest thing that happens by itself as time passes. */
  #nextExpiry(): { readonly at: Instant; readonly act: () => Promise<void> } | undefined {
    const expiries = [
      ...this.running.flatMap((each) =>
        each.call?.operation === 'ses'
          ? [{ at: each.call.askedAt + SES_TIMEOUT_SECONDS * SECOND, act: () => this.go(each, 'accepted late') }]
          : [],
      ),
      ...this.running.map((each) => ({
        at: each.endsAt + this.#slowness,
        act: () => this.go(each, 'dies, arrives late'),
      })),
      ...this.travelling.map((each) => ({
        at: each.latest,
        act: () => this.arrive(this.travelling.indexOf(each)),
      })),
    ];
    return expiries.toSorted((a, b) => a.at - b.at)[0];
  }

  /** Waits until the invocation asks for something or ends. */
  async #settled(invocation: Invocation): Promise<void> {
    for (let turns = 0; invocation.state === 'running'; turns += 1) {
      if (turns > PATIENCE) throw new Error(`${invocation.name} neither asks nor ends`);
      // Nothing but promises lies between two calls, and their continuations are far cheaper than turns.
      for (let each = 0; each < CONTINUATIONS && isRunning(invocation); each += 1) await Promise.resolve();
      if (!isRunning(invocation)) return;
      // Waiting between two tries is no event of its own: the next call may be let go at any later time.
      if (vi.getTimerCount() > 0) vi.runAllTimers();
      else await setImmediate();
    }
  }

  #sendOff(invocation: Invocation, { operation, perform }: Call): void {
    const arrive = async () => {
      await perform();
      if (operation === 'ses') this.#attemptEnds(invocation);
    };
    const what = `${invocation.name} ${operation}`;
    this.travelling.push({ what, latest: invocation.startedAt + LONGEST_EFFECT + this.#slowness, arrive });
  }

  #die(invocation: Invocation, stillTravelling = false): void {
    if (!stillTravelling) this.#attemptEnds(invocation);
    invocation.call = undefined;
    this.#end(invocation, 'dead');
  }

  #fail(invocation: Invocation, cause: unknown): void {
    const expected = [ConnectionBroken, AnnouncementFailed, TooManyConflicts].some((each) => cause instanceof each);
    if (!expected) this.witness.say(`${invocation.name} failed: ${String(cause)}`);
    this.#end(invocation, 'failed');
  }

  #end(invocation: Invocation, state: 'done' | 'failed' | 'dead'): void {
    const { delivery } = invocation;
    invocation.state = state;
    this.running = this.running.filter((each) => each !== invocation);
    for (const [index, environment] of this.#environments.entries()) {
      if (environment.invocation !== invocation) continue;
      if (state === 'dead') this.#environments.splice(index, 1);
      else environment.invocation = undefined;
      break;
    }
    if (state === 'done') {
      this.world.done(delivery);
      return;
    }
    if (invocation.mayHold) this.#doubts(invocation);
    this.queue.push(delivery);
  }

  #ask<T>(invocation: Invocation, operation: Operation, act: () => Promise<T>): Promise<T> {
    if (invocation.call !== undefined) throw new Error('an invocation asks for one thing at a time');
    return new Promise<T>((resolve, reject) => {
      let answer: Promise<T> | undefined;
      const perform = async () => {
        answer = act();
        await answer;
      };
      const answerIt = () => resolve(answer ?? act());
      this.#wait(invocation, { operation, askedAt: this.now, perform, answer: answerIt, reject });
    });
  }

  #wait(invocation: Invocation, call: Call): void {
    invocation.calls += 1;
    invocation.state = 'waiting';
    invocation.call = call;
  }

  #mail(invocation: Invocation, { to, tags }: OutgoingMail): Promise<SendOutcome> {
    const { customerId } = invocation.delivery;
    const key = keyOf(invocation.delivery);
    const witness = this.world.witnessOf(customerId);
    if (tags['k'] !== encode(key)) witness.say(`I4: ${key} was handed over as ${tags['k'] ?? 'nothing'}`);
    witness.attemptBegins(key, invocation.ordinal, this.now);
    this.world.called(customerId, key);
    return new Promise((resolve, reject) => {
      const perform = async () => {
        const mail = this.world.accept({ customerId, key, to, tags });
        if (this.#saysSent) this.queue.push(this.reported(mail, 'Send'));
      };
      const answer = () => resolve({ kind: 'accepted', messageId: `ses-${invocation.ordinal}` });
      this.#wait(invocation, { operation: 'ses', askedAt: this.now, perform, answer, reject, say: resolve });
    });
  }

  #announcerOf(invocation: Invocation): Announcer {
    return {
      announce: async (announcements) => {
        if (announcements.length === 0) return;
        await this.#ask(invocation, 'announce', async () => this.#announced(announcements));
      },
    };
  }

  /** What the bus does with it: messages due go to the sender, what a reader or SES said goes to the intake. */
  #announced(announcements: readonly Announcement[]): void {
    for (const { detailType, id, occurredAt, data } of announcements) {
      if (detailType === ANNOUNCED.messageDue) {
        this.queue.push({ to: 'send', customerId: String(data['customerId']), key: String(data['key']) });
        continue;
      }
      if (detailType === ANNOUNCED.attentionNeeded) {
        this.world.witnessOf(String(data['customerId'])).called(String(data['attentionId']));
      }
      if (detailType === ANNOUNCED.offerIssued) {
        const customerId = String(data['customerId']);
        this.#asked.set(customerId, new Set([...this.askedFor(customerId), String(data['offerId'])]));
      }
      const metadata = { id, version: 1, occurredAt: new Date(occurredAt).toISOString() };
      const parsed = parseEvent({ source: 'perennial.test', detailType, detail: { metadata, data } }, this.now);
      if (parsed.kind === 'refused') this.witness.say(`${detailType} was refused: ${parsed.refusal.field}`);
      if (parsed.kind === 'event') this.queue.push(this.recorded([parsed.event]));
    }
  }

  #work(invocation: Invocation): Promise<unknown> {
    const { delivery } = invocation;
    const { world } = this;
    const ask = <T>(operation: Operation, perform: () => Promise<T>) => this.#ask(invocation, operation, perform);
    const store = storeOf(world, invocation, ask, (key) => {
      world.witnessOf(delivery.customerId).claims(key, this.now);
      invocation.mayHold = true;
    });
    const shared = {
      store,
      addresses: bookOf(world, ask),
      addressKey: async () => ADDRESS_KEY,
      announcer: this.#announcerOf(invocation),
      meter: SILENT,
      playbook: this.playbook,
      releaseId: 'r1',
      now: () => this.now,
    };
    switch (delivery.to) {
      case 'record': {
        const { customerId, events, wake } = delivery;
        return recordCustomer(shared, { customerId, events, ...(wake !== undefined && { wake }) });
      }
      case 'send':
        return this.#send(invocation, shared, delivery.customerId, delivery.key);
      case 'feedback':
        return recordFeedback({ ...shared, hashOf: async (email) => hashOf(email) }, delivery.report.event);
      case 'preferences': {
        const { link } = delivery;
        return customerOf(store, link).then((customer) => unsubscribe(shared, link, customer, 'one-click'));
      }
      default:
        return delivery satisfies never;
    }
  }

  #send(
    invocation: Invocation,
    shared: Pick<SendServices, 'store' | 'addresses' | 'addressKey' | 'meter' | 'playbook' | 'releaseId' | 'now'>,
    customerId: string,
    key: string,
  ): Promise<void> {
    const services: SendServices = {
      ...shared,
      offers: this.#offers,
      lane: this.#sharedLane ?? this.#environmentFor(invocation).lane,
      log: { warn: () => undefined },
      mailer: { send: (mail) => this.#mail(invocation, mail) },
      circumstances: OPEN,
      sending: 'live',
      allowList: new Set(),
      compose: async (customer, messageKey, { attempt, cause }, { programme, step }) => {
        // As the real one does: the order is read between the guard and the take.
        if (cause !== undefined) await shared.store.readEvent(customer.customerId, cause);
        const template = `${programme.id}/${step.id}`;
        return {
          from: 'shop@example.com',
          to: personOf(customer.facts.person).email ?? '',
          raw: new Uint8Array(),
          tags: {
            c: encode(customer.customerId),
            k: encode(messageKey),
            n: String(attempt),
            r: 'r',
            v: encode(`${template}:en`),
          },
          release: 'r',
          template,
          locale: 'en',
        };
      },
      token: () => `token of ${invocation.ordinal}`,
    };
    return sendMessage(services, customerId, key);
  }

  /** One that is free, or a new one. */
  #environmentFor(invocation: Invocation): Environment {
    const free = this.#environments.find((each) => each.invocation === undefined);
    if (free !== undefined) {
      free.invocation = invocation;
      return free;
    }
    const environment: Environment = { lane: this.#laneOf(() => environment.invocation), invocation };
    this.#environments.push(environment);
    return environment;
  }

  #laneOf(present: () => Invocation | undefined): SendingLane {
    const ask = <T>(operation: Operation, perform: () => Promise<T>): Promise<T> => {
      const invocation = present();
      if (invocation === undefined) throw new Error('a lane asks for something while nothing is being sent');
      return this.#ask(invocation, operation, perform);
    };
    const quota = () => ask('quota', async () => ({ perDay: this.#perDay, perSecond: Infinity }));
    return laneInMemory(() => this.now, { lanes: laneStoreOf(this.world, ask), quota });
  }
}

const encode = (text: string) => Buffer.from(text).toString('base64url');

/** Asked anew after every wait: the state may have changed meanwhile. */
function isRunning({ state }: Invocation): boolean {
  return state === 'running';
}

/** The message a sender was called for; what others ask for is about no message. */
function keyOf(delivery: Delivery): string {
  return delivery.to === 'send' ? delivery.key : 'no message';
}
