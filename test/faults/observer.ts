/**
 * Watches one customer at the twin's gateway, where every call of every function passes, and tells the witness what
 * really happened. It believes nothing a function says of itself.
 */
import type { Fate, FaultPlan, FunctionCall, QueueMishap } from '../../infra/local/faults.ts';
import type { Profile } from '../../shared/lifecycle/customer/profile.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { Witness } from '../protocol/witness.ts';
import { type NamedCall, nameCall } from './named-call.ts';

/** One place in a history at which something can go wrong: the n-th call of this name, from 1. */
export interface Point {
  readonly call: NamedCall;
  readonly nth: number;
}

/** Decides what goes wrong. */
export interface Mishaps {
  readonly call?: (point: Point, t: Instant) => Fate | undefined;
  readonly message?: (queueName: string, body: string, t: Instant) => QueueMishap | undefined;
}

/** From here on an answer of SES says nothing about whether the mail was taken. */
const SERVER_FAULT = 500;

export class Observer implements FaultPlan {
  readonly witness: Witness;
  readonly trace: string[] = [];
  /** Every call that was met, by name and number. */
  readonly points: string[] = [];
  /** Faults of calls and mishaps of messages that happened. */
  faults = 0;
  mishaps = 0;
  readonly #customerId: string;
  #planned: Mishaps;
  readonly #now: () => Instant;
  readonly #seen = new Map<string, number>();
  #profile: Profile | undefined;
  #attempts = 0;
  #isRecording = true;

  constructor(
    customerId: string,
    planned: Mishaps,
    playbook: Playbook,
    now: () => Instant,
    isNight: (t: Instant) => boolean,
  ) {
    this.#customerId = customerId;
    this.#planned = planned;
    this.#now = now;
    this.witness = new Witness(playbook, isNight);
  }

  /** From here on nothing goes wrong, and points no longer count. */
  endMishaps(): void {
    this.#planned = {};
    this.#isRecording = false;
    this.note('nothing goes wrong any more');
  }

  readonly note = (line: string): void => {
    this.trace.push(`${new Date(this.#now()).toISOString()} ${line}`);
  };

  readonly call = (asked: FunctionCall): Fate | undefined => {
    const call = nameCall(asked);
    const nth = (this.#seen.get(call.name) ?? 0) + 1;
    this.#seen.set(call.name, nth);
    if (this.#isRecording) this.points.push(`${call.name} #${nth}`);
    const fate = this.#planned.call?.({ call, nth }, this.#now());
    this.#begins(call);
    if (fate !== undefined) this.#suffers(call, fate);
    this.note(`${call.name} #${nth}${fate === undefined ? '' : `: ${inWords(fate)}`}`);
    return fate;
  };

  readonly happened = (asked: FunctionCall, status: number): void => {
    const { stores, mails, calls } = nameCall(asked);
    const isDone = status < 300;
    if (isDone) for (const attentionId of calls) this.witness.called(attentionId);
    if (stores !== undefined && isDone) {
      this.witness.stored(this.#profile, stores, this.#now());
      this.#profile = stores;
    }
    if (mails !== undefined) {
      this.witness.attemptEnds(mails.key, this.#attempts);
      if (isDone) this.witness.accepted(mails.key, this.#now());
    }
    if (!isDone) this.note(`  answered with ${status}`);
  };

  readonly message = (queueName: string, body: string): QueueMishap | undefined => {
    const mishap = this.#planned.message?.(queueName, body, this.#now());
    if (mishap !== undefined) {
      this.mishaps += 1;
      this.note(`a message on ${queueName}: ${JSON.stringify(mishap)}`);
    }
    return mishap;
  };

  #begins({ functionName, stores, mails }: NamedCall): void {
    if (mails !== undefined) {
      if (mails.customerId !== this.#customerId) this.witness.say(`I4: a mail is tagged as ${mails.customerId}'s`);
      this.#attempts += 1;
      this.witness.attemptBegins(mails.key, this.#attempts, this.#now());
    }
    if (functionName !== 'send' || stores?.kind !== 'living') return;
    for (const key of Object.keys(stores.flight)) {
      if (!this.#flown().includes(key)) this.witness.claims(key, this.#now());
    }
  }

  /** What a fault leaves in doubt: mail that was in the air, or was just being taken. */
  #suffers({ functionName, service, stores, mails }: NamedCall, fate: Fate): void {
    this.faults += 1;
    const now = this.#now();
    if (mails !== undefined && fate.kind === 'refused') {
      this.witness.attemptEnds(mails.key, this.#attempts);
      if (fate.code === 'MessageRejected') this.witness.rejected(mails.key);
      if (fate.status < SERVER_FAULT) return;
    }
    if (mails !== undefined && fate.kind === 'dies' && fate.effect === 'before') {
      this.witness.attemptEnds(mails.key, this.#attempts);
    }
    if (functionName !== 'send' && service !== 'ses') return;
    const taken = stores?.kind === 'living' ? Object.keys(stores.flight) : [];
    for (const key of new Set([...this.#flown(), ...taken])) this.witness.doubts(key, now);
  }

  #flown(): readonly string[] {
    return this.#profile?.kind === 'living' ? Object.keys(this.#profile.flight) : [];
  }
}

function inWords(fate: Fate): string {
  switch (fate.kind) {
    case 'dies':
      return `dies ${fate.effect} it takes effect`;
    case 'answer lost':
      return fate.kind;
    case 'late':
      return `${fate.dies ? 'dies' : 'connection lost'}, takes effect ${fate.milliseconds / 1000} s later`;
    case 'held':
      return 'held back';
    case 'refused':
      return `refused with ${fate.code}`;
    default:
      return fate satisfies never;
  }
}
