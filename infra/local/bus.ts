/**
 * EventBridge: buses, rules and their targets. An event reaches the targets of every rule that matches, in the order
 * of the rules' names; a target whose resource policy does not admit the rule gets nothing, and that is counted.
 */
import type { AsyncInvocations } from './async-invocation.ts';
import type { Clock } from './clock.ts';
import type { AccessRequest, Statement } from './iam.ts';
import type { Origin } from './origin.ts';
import type { EventPredicate } from './pattern.ts';
import type { Queue } from './queue.ts';
import type { Rights } from './rights.ts';
import { nextTime, type Schedule } from './schedule.ts';

export interface Target {
  readonly id: string;
  readonly destination:
    | { readonly kind: 'queue'; readonly queue: Queue }
    | { readonly kind: 'function'; readonly name: string; readonly arn: string; readonly policy: readonly Statement[] }
    | { readonly kind: 'bus'; readonly name: string; readonly arn: string; readonly role: readonly Statement[] };
  /** Replaces the event when the template sets a constant input. */
  readonly input: string | undefined;
  readonly deadLetterQueue: Queue | undefined;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly bus: string;
  readonly matches: EventPredicate | undefined;
  readonly schedule: Schedule | undefined;
  readonly targets: readonly Target[];
}

/** One entry of PutEvents that was found valid. */
export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources: readonly string[];
  readonly time: number;
}

/** An event as it reaches rules and targets. */
export interface Envelope {
  readonly version: string;
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, in seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
  /** Of an event that comes from an archive. */
  readonly 'replay-name'?: string;
}

export interface Place {
  readonly account: string;
  readonly region: string;
}

const EVENTS_SERVICE = { kind: 'Service', name: 'events.amazonaws.com' } as const;
/** EventBridge forwards an event from bus to bus a few times and then drops it; more means a loop. */
const MAX_HOPS = 5;

export class EventRouter {
  readonly buses: ReadonlyMap<string, { readonly arn: string }>;
  readonly rules: readonly Rule[];
  readonly #clock: Clock;
  readonly #place: Place;
  readonly #invocations: AsyncInvocations;
  readonly #rights: Rights;
  readonly #failed: (rule: Rule, reason: string, deadLetter: boolean | undefined) => void;
  readonly #heard: (event: BusEvent) => void;
  readonly #archived: (bus: string, envelope: Envelope) => void;

  constructor(parts: {
    buses: ReadonlyMap<string, { readonly arn: string }>;
    rules: readonly Rule[];
    clock: Clock;
    place: Place;
    invocations: AsyncInvocations;
    rights: Rights;
    /** An event did not reach a target; `deadLetter` says whether it reached the rule's dead-letter queue, if it has one. */
    failed: (rule: Rule, reason: string, deadLetter: boolean | undefined) => void;
    /** Whoever listens from outside of the deployment. */
    heard: (event: BusEvent) => void;
    /** Whatever archives take. */
    archived: (bus: string, envelope: Envelope) => void;
  }) {
    this.buses = parts.buses;
    this.rules = parts.rules.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.#clock = parts.clock;
    this.#place = parts.place;
    this.#invocations = parts.invocations;
    this.#rights = parts.rights;
    this.#failed = parts.failed;
    this.#heard = parts.heard;
    this.#archived = parts.archived;
  }

  /** @returns the id that EventBridge gives the event */
  put(bus: string, event: BusEvent, origin: Origin, hops = 0): string {
    const envelope = this.#envelope(event, origin.nextId());
    if (hops === 0) origin.effect(() => this.#heard(event));
    this.#archived(bus, envelope);
    this.#route(bus, envelope, this.rules, event, origin, hops);
    return envelope.id;
  }

  /** Delivers an event out of an archive of the bus again, to all rules or to those a replay is limited to. */
  replay(bus: string, envelope: Envelope, only: ReadonlySet<string> | undefined, origin: Origin): void {
    const { 'detail-type': detailType, source, detail, resources, time } = envelope;
    const event = { source, detailType, detail, resources, time: Date.parse(time) };
    const rules = only === undefined ? this.rules : this.rules.filter(({ arn }) => only.has(arn));
    if (only === undefined) origin.effect(() => this.#heard(event));
    this.#route(bus, envelope, rules, event, origin, 0);
  }

  #route(bus: string, envelope: Envelope, rules: readonly Rule[], event: BusEvent, origin: Origin, hops: number): void {
    let text: string | undefined;
    for (const rule of rules) {
      if (rule.bus !== bus || rule.matches === undefined || !rule.matches(envelope)) continue;
      text ??= JSON.stringify(envelope);
      for (const target of rule.targets) this.#deliver(rule, target, text, event, origin, hops);
    }
  }

  get runsEveryMinute(): boolean {
    return this.rules.some(({ schedule }) => schedule?.kind === 'every minute');
  }

  /** The first instant after `after` at which a daily rule fires; Infinity when there is none. */
  nextDaily(after: number): number {
    return this.rules.reduce(
      (least, { schedule }) => (schedule?.kind === 'daily' ? Math.min(least, nextTime(schedule, after)) : least),
      Infinity,
    );
  }

  /** Fires the rules that run every minute; `minute` is what the event's `time` says. */
  fireMinute(minute: number, origin: Origin): void {
    this.#fire(minute, origin, (schedule) => schedule.kind === 'every minute');
  }

  /** Fires the daily rules whose time is this instant. */
  fireDaily(instant: number, origin: Origin): void {
    this.#fire(instant, origin, (each) => each.kind === 'daily' && nextTime(each, instant - 1) === instant);
  }

  #fire(instant: number, origin: Origin, isTurn: (schedule: Schedule) => boolean): void {
    for (const rule of this.rules) {
      if (rule.schedule === undefined || !isTurn(rule.schedule)) continue;
      const event = {
        source: 'aws.events',
        detailType: 'Scheduled Event',
        detail: {},
        resources: [rule.arn],
        time: instant,
      };
      const text = JSON.stringify(this.#envelope(event, origin.nextId()));
      for (const target of rule.targets) this.#deliver(rule, target, text, event, origin, 0);
    }
  }

  #envelope(event: BusEvent, id: string): Envelope {
    return {
      version: '0',
      id,
      'detail-type': event.detailType,
      source: event.source,
      account: this.#place.account,
      time: secondsPrecision(event.time),
      region: this.#place.region,
      resources: event.resources,
      detail: event.detail,
    };
  }

  #deliver(rule: Rule, target: Target, text: string, event: BusEvent, origin: Origin, hops: number): void {
    const { destination } = target;
    const payload = target.input ?? text;
    switch (destination.kind) {
      case 'queue':
        if (
          !this.#admits(rule, destination.queue.definition.policy, 'sqs:SendMessage', destination.queue.definition.arn)
        )
          this.#giveUp(rule, target, payload, 'NO_PERMISSIONS', destination.queue.definition.arn, origin);
        else destination.queue.send(payload, origin);
        return;
      case 'function':
        if (!this.#admits(rule, destination.policy, 'lambda:InvokeFunction', destination.arn))
          this.#giveUp(rule, target, payload, 'NO_PERMISSIONS', destination.arn, origin);
        else origin.effect(() => this.#invocations.add(destination.name, payload, this.#clock.now()));
        return;
      case 'bus': {
        const access = { action: 'events:PutEvents', resource: destination.arn };
        if (this.#rights.decide(destination.role, access) !== 'allowed')
          this.#giveUp(rule, target, payload, 'NO_PERMISSIONS', destination.arn, origin);
        else if (hops < MAX_HOPS) this.put(destination.name, event, origin, hops + 1);
        return;
      }
      default:
        destination satisfies never;
    }
  }

  #admits(rule: Rule, policy: readonly Statement[], action: string, resource: string): boolean {
    const context = {
      'aws:SourceArn': rule.arn,
      'aws:SourceAccount': this.#place.account,
      // The twin has no TLS between its parts; AWS does, and the policies ask for it.
      'aws:SecureTransport': 'true',
    };
    const request: AccessRequest = { action, resource, context };
    return this.#rights.decide(policy, request, EVENTS_SERVICE) === 'allowed';
  }

  #giveUp(rule: Rule, target: Target, payload: string, code: string, targetArn: string, origin: Origin): void {
    const queue = target.deadLetterQueue;
    const admitted = queue && this.#admits(rule, queue.definition.policy, 'sqs:SendMessage', queue.definition.arn);
    this.#failed(rule, `${code}: ${rule.name} may not deliver to ${targetArn}`, admitted);
    if (queue === undefined || admitted !== true) return;
    const attributes = { RULE_ARN: rule.arn, TARGET_ARN: targetArn, ERROR_CODE: code };
    queue.send(payload, origin, { attributes });
  }
}

function secondsPrecision(time: number): string {
  return `${new Date(time).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
}
