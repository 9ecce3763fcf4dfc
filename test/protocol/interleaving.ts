/**
 * The functions that send, each call of theirs to the outside held back until somebody lets it go on, fail, arrive
 * late or not at all. What is run is the functions' own code; nothing here decides anything about mail.
 */
import { setImmediate } from 'node:timers/promises';
import { vi } from 'vitest';
import { type Announcement, AnnouncementFailed, type Announcer } from '../../shared/adapters/announcer.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { OutgoingMail, SendOutcome } from '../../shared/adapters/mailer.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { ANNOUNCED } from '../../shared/contracts/bus.ts';
import {
  FUNCTION_TIMEOUT_SECONDS,
  LEASE_SECONDS,
  NETWORK_MARGIN_SECONDS,
  SES_TIMEOUT_SECONDS,
} from '../../shared/contracts/timing.ts';
import { TooManyConflicts } from '../../shared/adapters/revise.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Duration, type Instant } from '../../shared/lifecycle/time.ts';
import { recordCustomer } from '../../functions/record/record-customer.ts';
import { sendMessage, type SendServices } from '../../functions/send/send-message.ts';
import { CUSTOMER, START } from '../support/events.ts';
import { Witness } from './witness.ts';

const SECOND: Duration = 1000;
/** How long after a function began what it asked for may still happen: what a lease has to outlive. */
const LONGEST_EFFECT: Duration = (FUNCTION_TIMEOUT_SECONDS.send + NETWORK_MARGIN_SECONDS) * SECOND;
export const LEASE: Duration = LEASE_SECONDS * SECOND;

type Operation = keyof CustomerStore | 'ses' | 'announce';

/** What a queue hands to a function. */
export type Delivery =
  | { readonly to: 'record'; readonly events: readonly CustomerEvent[]; readonly wake?: string }
  | { readonly to: 'send'; readonly key: string };

/** What becomes of one call. */
export type Fate =
  | 'answered'
  /** Nothing happens and the caller hears of it. */
  | 'refused'
  /** It happens, and the caller sees a broken connection. */
  | 'answer lost'
  /** It happens, the answer is lost, and the SDK silently asks once more. */
  | 'asked twice'
  /** It happens, and a copy of the request arrives once more later. */
  | 'copied'
  | 'dies before'
  | 'dies after'
  /** The function dies, and what it asked for happens later. */
  | 'dies, arrives late'
  /** Only SES: the caller gives up, and the mail is accepted later. */
  | 'accepted late'
  /** Only SES: the caller gives up, and nothing is ever accepted. */
  | 'vanished'
  /** Only SES: certainly not taken. */
  | 'rejected'
  | 'rate'
  | 'quota'
  | 'paused';

const CONDITIONAL: ReadonlySet<Operation> = new Set(['save', 'writeEntry', 'journal']);
const READS: ReadonlySet<Operation> = new Set(['load', 'readEvent', 'readJournal', 'readEntry', 'readLedger']);
const OF_READS = ['refused', 'dies before'] as const;
const OF_WRITES = [...OF_READS, 'answer lost', 'dies after', 'dies, arrives late'] as const;

const OF_MAIL = [
  'answer lost',
  'vanished',
  'accepted late',
  'dies before',
  'dies after',
  'dies, arrives late',
  'rejected',
  'rate',
  'quota',
  'paused',
] as const;

/** Whether it may be asked for twice and happens once. */
export function isConditional(operation: Operation): boolean {
  return CONDITIONAL.has(operation);
}

/** The faults a call can suffer. */
export function faultsOf(operation: Operation): readonly Fate[] {
  if (operation === 'ses') return OF_MAIL;
  if (READS.has(operation)) return OF_READS;
  return isConditional(operation) ? [...OF_WRITES, 'asked twice', 'copied'] : OF_WRITES;
}

const SILENT: Meter = { count: () => undefined };

interface Call {
  readonly operation: Operation;
  readonly askedAt: Instant;
  /** Makes it happen, once more if called again. */
  readonly perform: () => Promise<void>;
  /** Tells the caller what the last time led to. */
  readonly answer: () => void;
  readonly reject: (cause: Error) => void;
  /** Only SES: tells the caller this instead. */
  readonly say?: (outcome: SendOutcome) => void;
}

class ConnectionBroken extends Error {
  override readonly name = 'ConnectionBroken';
}

/** One invocation of a function. */
export class Invocation {
  state: 'running' | 'waiting' | 'done' | 'failed' | 'dead' = 'running';
  call: Call | undefined;
  calls = 0;
  /** It has asked for a claim on its message. */
  mayHold = false;
  readonly ordinal: number;
  readonly delivery: Delivery;
  readonly startedAt: Instant;

  constructor(ordinal: number, delivery: Delivery, startedAt: Instant) {
    this.ordinal = ordinal;
    this.delivery = delivery;
    this.startedAt = startedAt;
  }

  get isOver(): boolean {
    return this.state !== 'running' && this.state !== 'waiting';
  }

  get endsAt(): Instant {
    return this.startedAt + FUNCTION_TIMEOUT_SECONDS[this.delivery.to] * SECOND;
  }
}

/** A request that has left its function and has not arrived yet. */
interface Travelling {
  readonly what: string;
  readonly latest: Instant;
  readonly arrive: () => Promise<void>;
}

/** Turns of the event loop after which a function that neither asks nor ends is a fault of this harness. */
const PATIENCE = 200;
/** Sweeps that may pass within one instant before it counts as spinning. */
const PATIENT_SWEEPS = 40;

export class Interleaving {
  readonly store = new MemoryStore();
  readonly witness: Witness;
  readonly playbook: Playbook;
  readonly trace: string[] = [];
  readonly queue: Delivery[] = [];
  now: Instant = START;
  running: Invocation[] = [];
  travelling: Travelling[] = [];
  #ordinal = 0;
  #sweeps = 0;

  readonly #slowness: Duration;

  /** @param slowness by which functions live, and their requests travel, longer than the protocol counts on */
  constructor(playbook: Playbook, slowness: Duration = 0) {
    this.#slowness = slowness;
    this.playbook = playbook;
    this.witness = new Witness(playbook);
  }

  /** Begins a function; it runs up to its first call. */
  async begin(delivery: Delivery): Promise<Invocation> {
    this.#ordinal += 1;
    const invocation = new Invocation(this.#ordinal, delivery, this.now);
    this.running.push(invocation);
    const what = delivery.to === 'send' ? delivery.key : (delivery.wake ?? delivery.events.map((each) => each.type));
    this.#note(`${this.#name(invocation)} begins: ${String(what)}`);
    const work = delivery.to === 'send' ? this.#send(invocation, delivery.key) : this.#record(invocation, delivery);
    work.then(
      () => this.#end(invocation, 'done'),
      (cause: unknown) => this.#fail(invocation, cause),
    );
    await this.#settled(invocation);
    return invocation;
  }

  /** Lets the call an invocation waits for meet its fate, and the invocation run up to its next call. */
  async go(invocation: Invocation, fate: Fate = 'answered'): Promise<void> {
    const { call } = invocation;
    if (call === undefined) throw new Error(`${this.#name(invocation)} is ${invocation.state} and waits for nothing`);
    this.#note(`${this.#name(invocation)} ${call.operation}: ${fate}`);
    const { perform, answer, reject, say } = call;
    const goOn = async (act: () => void): Promise<void> => {
      if (say !== undefined && fate !== 'accepted late')
        this.witness.attemptEnds(keyOf(invocation), invocation.ordinal);
      invocation.call = undefined;
      invocation.state = 'running';
      act();
      await this.#settled(invocation);
    };
    const tell = (outcome: SendOutcome) => goOn(() => say?.(outcome));
    const unknown = (): SendOutcome => {
      this.witness.doubts(keyOf(invocation));
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
        this.witness.rejected(keyOf(invocation));
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
    if (invocation.call === undefined) throw new Error(`${this.#name(invocation)} waits for nothing`);
    this.#note(`${this.#name(invocation)} ${invocation.call.operation}: happens`);
    await invocation.call.perform();
  }

  /** Lets an invocation go on without faults until it asks for `operation` (the n-th time from here). */
  async upTo(invocation: Invocation, operation: Operation, nth = 1): Promise<void> {
    for (let seen = 0; ;) {
      if (invocation.call?.operation === operation) {
        seen += 1;
        if (seen === nth) return;
      }
      if (invocation.isOver) throw new Error(`${this.#name(invocation)} ended without ${operation}`);
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
      this.now = Math.max(this.now, next.at);
      await next.act();
    }
    this.now = until;
    this.#note(`it is ${(until - START) / SECOND} s`);
  }

  /** Runs a function from beginning to end, without faults. */
  async run(delivery: Delivery): Promise<void> {
    await this.finish(await this.begin(delivery));
  }

  /** Records events that happen now. */
  async record(...events: readonly ((t: Instant) => CustomerEvent)[]): Promise<void> {
    await this.pass(1);
    await this.run({ to: 'record', events: events.map((each) => each(this.now)) });
  }

  /** Wakes the customer if the timer has passed. */
  async sweep(): Promise<boolean> {
    const due = await this.store.dueBetween(0, this.now);
    if (due.length === 0) return false;
    this.#sweeps += 1;
    this.queue.push({ to: 'record', events: [], wake: `due/${this.#sweeps}` });
    return true;
  }

  /** No more faults: everything is delivered, every timer fires, until nothing is left to do. */
  async drain(): Promise<void> {
    this.#note('no more faults');
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
        this.witness.say('I3: the timer keeps firing and nothing changes');
        return;
      }
      const [timer] = await this.store.dueBetween(0, horizon);
      const next = Math.min(timer?.dueAt ?? horizon, ...this.travelling.map((each) => each.latest));
      await this.pass(next - this.now);
      sweeps = 0;
    }
  }

  /** What the witness holds against this history. */
  async violations(): Promise<readonly string[]> {
    const ledger = await this.store.readLedger(CUSTOMER);
    const journal = await this.store.readJournal(CUSTOMER);
    return this.witness.violations(await this.store.load(CUSTOMER), ledger, journal);
  }

  async ledger(): Promise<readonly string[]> {
    return (await this.store.readLedger(CUSTOMER)).map(
      ({ key, outcome, reason }) => `${key} ${outcome}${reason === undefined ? '' : `: ${reason}`}`,
    );
  }

  #name({ delivery, ordinal }: Invocation): string {
    return `${delivery.to} ${ordinal}`;
  }

  #note(line: string): void {
    this.trace.push(line);
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
      if (turns > PATIENCE) throw new Error(`${this.#name(invocation)} neither asks nor ends`);
      await setImmediate();
      // Waiting between two tries is no event of its own: the next call may be let go at any later time.
      if (vi.getTimerCount() > 0) vi.runAllTimers();
    }
  }

  #sendOff(invocation: Invocation, { operation, perform }: Call): void {
    const arrive = async () => {
      await perform();
      if (operation === 'ses') this.witness.attemptEnds(keyOf(invocation), invocation.ordinal);
    };
    const what = `${this.#name(invocation)} ${operation}`;
    this.travelling.push({ what, latest: invocation.startedAt + LONGEST_EFFECT + this.#slowness, arrive });
  }

  #die(invocation: Invocation, stillTravelling = false): void {
    if (!stillTravelling) this.witness.attemptEnds(keyOf(invocation), invocation.ordinal);
    invocation.call = undefined;
    this.#end(invocation, 'dead');
  }

  #fail(invocation: Invocation, cause: unknown): void {
    const expected = [ConnectionBroken, AnnouncementFailed, TooManyConflicts].some((each) => cause instanceof each);
    if (!expected) this.witness.say(`${this.#name(invocation)} failed: ${String(cause)}`);
    this.#end(invocation, 'failed');
  }

  #end(invocation: Invocation, state: 'done' | 'failed' | 'dead'): void {
    invocation.state = state;
    this.running = this.running.filter((each) => each !== invocation);
    if (state === 'done') return;
    if (invocation.mayHold) this.witness.doubts(keyOf(invocation));
    this.queue.push(invocation.delivery);
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

  #mail(invocation: Invocation, { tags }: OutgoingMail): Promise<SendOutcome> {
    const key = keyOf(invocation);
    if (tags['k'] !== key) this.witness.say(`I4: ${key} was handed over as ${tags['k'] ?? 'nothing'}`);
    this.witness.attemptBegins(key, invocation.ordinal, this.now);
    return new Promise((resolve, reject) => {
      const perform = async () => this.witness.accepted(key, this.now);
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

  #announced(announcements: readonly Announcement[]): void {
    for (const { detailType, data } of announcements) {
      if (detailType === ANNOUNCED.messageDue) this.queue.push({ to: 'send', key: String(data['key']) });
    }
  }

  #record(invocation: Invocation, { events, wake }: Extract<Delivery, { to: 'record' }>): Promise<unknown> {
    const services = {
      store: this.#storeOf(invocation),
      announcer: this.#announcerOf(invocation),
      meter: SILENT,
      playbook: this.playbook,
      now: () => this.now,
    };
    return recordCustomer(services, { customerId: CUSTOMER, events, ...(wake !== undefined && { wake }) });
  }

  #send(invocation: Invocation, key: string): Promise<void> {
    const store = this.#storeOf(invocation);
    const services: SendServices = {
      store,
      mailer: { send: (mail) => this.#mail(invocation, mail) },
      meter: SILENT,
      playbook: this.playbook,
      circumstances: { holdout: { share: 0, salt: 's' }, improvements: [] },
      sending: 'live',
      allowList: new Set(),
      compose: async (customer, messageKey, { attempt, cause }, { programme, step }) => {
        // As the real one does: the order is read between the guard and the take.
        if (cause !== undefined) await store.readEvent(customer.customerId, cause);
        return {
          from: 'shop@example.com',
          to: 'anna@example.com',
          raw: new Uint8Array(),
          tags: { c: customer.customerId, k: messageKey, n: String(attempt) },
          release: 'r',
          template: `${programme.id}/${step.id}`,
          locale: 'en',
        };
      },
      now: () => this.now,
      token: () => `token of ${invocation.ordinal}`,
    };
    return sendMessage(services, CUSTOMER, key);
  }

  #storeOf(invocation: Invocation): CustomerStore {
    const { store, witness } = this;
    const ask = <T>(operation: Operation, perform: () => Promise<T>) => this.#ask(invocation, operation, perform);
    return {
      load: (id) => ask('load', () => store.load(id)),
      save: (profile, expected) => {
        const kept = structuredClone(profile);
        const { delivery } = invocation;
        if (delivery.to === 'send' && kept.kind === 'living' && delivery.key in kept.flight) {
          witness.claims(delivery.key, this.now);
          invocation.mayHold = true;
        }
        return ask('save', async () => {
          const before = await store.load(kept.customerId);
          const saved = await store.save(kept, expected);
          if (saved) witness.stored(before, kept);
          return saved;
        });
      },
      journal: (event) => ask('journal', () => store.journal(event)),
      readEvent: (id, eventId) => ask('readEvent', () => store.readEvent(id, eventId)),
      readJournal: (id) => ask('readJournal', () => store.readJournal(id)),
      unjournal: (id, eventId) => ask('unjournal', () => store.unjournal(id, eventId)),
      readEntry: (id, key) => ask('readEntry', () => store.readEntry(id, key)),
      writeEntry: (entry) => ask('writeEntry', () => store.writeEntry(entry)),
      readLedger: (id) => ask('readLedger', () => store.readLedger(id)),
      removeEntry: (id, key) => ask('removeEntry', () => store.removeEntry(id, key)),
    };
  }
}

/** The message a sender was called for; what `record` asks for is about no message. */
function keyOf({ delivery }: Invocation): string {
  return delivery.to === 'send' ? delivery.key : 'no message';
}
