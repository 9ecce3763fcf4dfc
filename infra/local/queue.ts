/**
 * One SQS standard queue: messages wait (delayed), are visible, or are in flight until deleted or their visibility
 * timeout ends. A message received too often goes to the dead-letter queue instead of being delivered once more.
 */
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { QueueMishap } from './faults.ts';
import { DueHeap } from './heap.ts';
import type { Statement } from './iam.ts';
import type { Journal } from './journal.ts';
import type { Origin } from './origin.ts';

export interface QueueDefinition {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilitySeconds: number;
  readonly delaySeconds: number;
  readonly retentionSeconds: number;
  readonly receiveWaitSeconds: number;
  readonly redrive: { readonly targetArn: string; readonly maxReceives: number } | undefined;
  readonly policy: readonly Statement[];
}

const keptMessage = z.object({
  id: z.string(),
  body: z.string(),
  attributes: z.record(z.string(), z.string()),
  sentAt: z.number(),
  receives: z.number(),
  firstReceivedAt: z.number().optional(),
  visibleAt: z.number(),
});

/** What is kept of a message when the process ends. */
type KeptMessage = z.infer<typeof keptMessage>;

export interface Message extends KeptMessage {
  readonly key: string;
  readonly md5: string;
  state: 'waiting' | 'visible' | 'in flight' | 'gone';
  /** Handle of the latest receive; older handles no longer delete. */
  receipt: string | undefined;
  /** Counts changes of state, so that timers of earlier states are recognised as stale. */
  turn: number;
}

const SECOND = 1000;
/** Message keys sort as numbers do up to 10^12 messages. */
const KEY_DIGITS = 12;
/** SQS leaves a message received this often out of the age it tells: the one behind it is what waits. */
const RECEIVES_OF_A_POISON_PILL = 3;

export class Queue {
  readonly definition: QueueDefinition;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #changed: (queue: Queue) => void;
  readonly #visible = new Map<string, Message>();
  readonly #inFlight = new Map<string, Message>();
  readonly #timers = new DueHeap<{ readonly message: Message; readonly turn: number }>();
  readonly #pollers = new Set<() => void>();
  /** Keys of messages whose next deletion is forgotten. */
  readonly #returning = new Set<string>();
  readonly #mishapOf: (queueName: string, body: string) => QueueMishap | undefined;
  #waiting = 0;
  #arrivals = 0;
  /** Counts changes of any message's state. */
  #edits = 0;
  #oldest: { readonly edits: number; readonly sentAt: number | undefined } | undefined;
  #deadLetterQueue: Queue | undefined;

  constructor(
    definition: QueueDefinition,
    clock: Clock,
    journal: Journal,
    changed: (queue: Queue) => void,
    mishapOf: (queueName: string, body: string) => QueueMishap | undefined = () => undefined,
  ) {
    this.definition = definition;
    this.#clock = clock;
    this.#journal = journal;
    this.#changed = changed;
    this.#mishapOf = mishapOf;
  }

  redriveTo(queue: Queue): void {
    this.#deadLetterQueue = queue;
  }

  /** Takes back what an earlier process left; messages that were in flight come back when their timeout ends. */
  async restore(): Promise<void> {
    for (const [key, value] of await this.#journal.read(`queue/${this.definition.name}/`)) {
      this.#arrivals = Math.max(this.#arrivals, Number(key));
      const kept = keptMessage.parse(value);
      this.#enter({ ...kept, key, md5: md5Of(kept.body), state: 'waiting', receipt: undefined, turn: 0 });
    }
  }

  /** Journalled at once, visible when `origin` lets it go. */
  send(
    body: string,
    origin: Origin,
    options: { delaySeconds?: number; attributes?: Record<string, string> } = {},
  ): Message {
    const now = this.#clock.now();
    const mishap = this.#mishapOf(this.definition.name, body);
    const delaySeconds = (options.delaySeconds ?? this.definition.delaySeconds) + (mishap?.delaySeconds ?? 0);
    const message: Message = {
      id: origin.nextId(),
      body,
      attributes: options.attributes ?? {},
      sentAt: now,
      receives: 0,
      visibleAt: now + delaySeconds * SECOND,
      key: this.#nextKey(),
      md5: md5Of(body),
      state: 'waiting',
      receipt: undefined,
      turn: 0,
    };
    this.#keep(message);
    origin.effect(() => this.#enter(message));
    if (mishap?.returns === true) this.#returning.add(message.key);
    if (mishap?.copySeconds !== undefined) {
      const visibleAt = message.visibleAt + mishap.copySeconds * SECOND;
      const copy: Message = { ...message, key: this.#nextKey(), visibleAt };
      this.#keep(copy);
      origin.effect(() => this.#enter(copy));
    }
    return message;
  }

  receive(limit: number, visibilitySeconds = this.definition.visibilitySeconds): Message[] {
    this.#expire();
    const now = this.#clock.now();
    const received: Message[] = [];
    for (const message of this.#visible.values()) {
      if (received.length === limit) break;
      this.#visible.delete(message.key);
      if (
        this.#deadLetterQueue !== undefined &&
        message.receives >= (this.definition.redrive?.maxReceives ?? Infinity)
      ) {
        this.#drop(message);
        this.#deadLetterQueue.#adopt(message);
        continue;
      }
      message.receives += 1;
      message.firstReceivedAt ??= now;
      message.receipt = randomUUID();
      this.#inFlight.set(message.receipt, message);
      this.#hide(message, 'in flight', now + visibilitySeconds * SECOND);
      this.#keep(message);
      received.push(message);
    }
    if (received.length > 0) this.#changed(this);
    return received;
  }

  /** Resolves when a message is visible or `milliseconds` of real time are over. */
  async poll(milliseconds: number): Promise<void> {
    if (this.visible > 0 || milliseconds <= 0) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#pollers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.#pollers.add(wake);
    });
  }

  /** Deleting with a handle that is no longer valid does nothing, as in SQS. */
  delete(receipt: string): void {
    const message = this.#inFlight.get(receipt);
    if (message === undefined || this.#returning.delete(message.key)) return;
    this.#inFlight.delete(receipt);
    this.#drop(message);
    this.#changed(this);
  }

  /** @returns false when the handle holds no message in flight */
  changeVisibility(receipt: string, seconds: number): boolean {
    const message = this.#inFlight.get(receipt);
    if (message === undefined) return false;
    this.#hide(message, 'in flight', this.#clock.now() + seconds * SECOND);
    this.#keep(message);
    this.settle();
    this.#changed(this);
    return true;
  }

  purge(): void {
    for (const message of this.messages()) this.#drop(message);
    for (let timer = this.#timers.first(); timer !== undefined; timer = this.#timers.first()) {
      if (timer.value.message.state !== 'gone') this.#drop(timer.value.message);
      this.#timers.pop();
    }
    this.#visible.clear();
    this.#inFlight.clear();
    this.#waiting = 0;
    this.#changed(this);
  }

  /** How many messages wait, and since when the oldest does that was not yet received three times. */
  level(): { readonly visible: number; readonly oldestSentAt: number | undefined } {
    this.#expire();
    if (this.#oldest?.edits !== this.#edits) this.#oldest = { edits: this.#edits, sentAt: this.#oldestSentAt() };
    return { visible: this.#visible.size, oldestSentAt: this.#oldest.sentAt };
  }

  get visible(): number {
    return this.#visible.size;
  }

  /** Messages that ever came here. */
  get arrivals(): number {
    return this.#arrivals;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get delayed(): number {
    return this.#waiting;
  }

  /** Visible messages and those in flight, without receiving them. */
  messages(): Message[] {
    this.#expire();
    return [...this.#visible.values(), ...this.#inFlight.values()];
  }

  /** When the next delayed or in-flight message becomes visible. */
  next(): number | undefined {
    for (let first = this.#timers.first(); first !== undefined; first = this.#timers.first()) {
      if (first.value.turn === first.value.message.turn) return first.at;
      this.#timers.pop();
    }
    return undefined;
  }

  /** Makes visible what is due. */
  settle(): void {
    const now = this.#clock.now();
    for (let at = this.next(); at !== undefined && at <= now; at = this.next()) {
      const message = this.#timers.first()?.value.message;
      this.#timers.pop();
      if (message === undefined) return;
      if (message.state === 'waiting') this.#waiting -= 1;
      if (message.receipt !== undefined) this.#inFlight.delete(message.receipt);
      this.#show(message);
    }
  }

  #enter(message: Message): void {
    if (message.visibleAt <= this.#clock.now()) {
      this.#show(message);
      return;
    }
    this.#waiting += 1;
    this.#hide(message, 'waiting', message.visibleAt);
    this.#changed(this);
  }

  /** A message redriven here keeps its identity and its age. */
  #adopt(message: Message): void {
    const adopted: Message = { ...message, key: this.#nextKey(), state: 'waiting', receipt: undefined, turn: 0 };
    adopted.visibleAt = this.#clock.now();
    this.#keep(adopted);
    this.#enter(adopted);
  }

  #show(message: Message): void {
    this.#edits += 1;
    message.state = 'visible';
    message.turn += 1;
    message.receipt = undefined;
    this.#visible.set(message.key, message);
    for (const wake of this.#pollers) wake();
    this.#changed(this);
  }

  #hide(message: Message, state: 'waiting' | 'in flight', until: number): void {
    this.#edits += 1;
    message.state = state;
    message.turn += 1;
    message.visibleAt = until;
    this.#timers.push(until, { message, turn: message.turn });
  }

  #drop(message: Message): void {
    this.#edits += 1;
    message.state = 'gone';
    message.turn += 1;
    this.#journal.delete(`queue/${this.definition.name}/${message.key}`);
  }

  #keep({ key, id, body, attributes, sentAt, receives, firstReceivedAt, visibleAt }: Message): void {
    const kept: KeptMessage = { id, body, attributes, sentAt, receives, firstReceivedAt, visibleAt };
    this.#journal.put(`queue/${this.definition.name}/${key}`, kept);
  }

  #expire(): void {
    const oldest = this.#clock.now() - this.definition.retentionSeconds * SECOND;
    for (const message of this.#visible.values()) {
      if (message.sentAt > oldest) return;
      this.#visible.delete(message.key);
      this.#drop(message);
    }
  }

  #oldestSentAt(): number | undefined {
    let oldest: number | undefined;
    for (const messages of [this.#visible, this.#inFlight])
      for (const { sentAt, receives } of messages.values())
        if (receives < RECEIVES_OF_A_POISON_PILL) oldest = Math.min(oldest ?? sentAt, sentAt);
    return oldest;
  }

  #nextKey(): string {
    this.#arrivals += 1;
    return String(this.#arrivals).padStart(KEY_DIGITS, '0');
  }
}

function md5Of(body: string): string {
  return createHash('md5').update(body).digest('hex');
}
