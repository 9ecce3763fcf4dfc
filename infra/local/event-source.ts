/**
 * Lambda's poller for one SQS queue: batches of visible messages, a bounded number at once. What a batch reports as
 * failed, or all of it when the function threw, stays in flight and comes back when its visibility timeout ends.
 */
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Origin } from './origin.ts';
import type { Job, WorkSource } from './pace.ts';
import type { Message, Queue } from './queue.ts';
import type { Outcome, Runtime } from './runtime.ts';

export interface EventSourceDefinition {
  readonly functionName: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly concurrency: number;
  readonly reportsItemFailures: boolean;
}

const batchResponse = z.union([
  z.null(),
  z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() }),
]);

/** What the poller does to see messages at all; without it they wait. */
const POLLING = ['sqs:GetQueueAttributes', 'sqs:ReceiveMessage'] as const;
const SECOND = 1000;

export class EventSource implements WorkSource {
  readonly #definition: EventSourceDefinition;
  readonly #queue: Queue;
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #region: string;
  /** Whether the function's role allows an action on the queue. */
  readonly #allows: (action: string) => boolean;
  #running = 0;
  #windowOpenedAt: number | undefined;

  constructor(
    definition: EventSourceDefinition,
    queue: Queue,
    runtime: Runtime,
    clock: Clock,
    region: string,
    allows: (action: string) => boolean,
  ) {
    this.#allows = allows;
    this.#definition = definition;
    this.#queue = queue;
    this.#runtime = runtime;
    this.#clock = clock;
    this.#region = region;
  }

  /** End of the open batching window, if there is one that could end with a batch. */
  next(): number | undefined {
    if (this.#windowOpenedAt === undefined || this.#running >= this.#definition.concurrency) return undefined;
    return this.#windowOpenedAt + this.#definition.windowSeconds * SECOND;
  }

  /** @param eager in virtual time nothing else will arrive while the clock stands, so no batch waits for its window */
  take(eager: boolean): Job | undefined {
    const { batchSize, windowSeconds, concurrency } = this.#definition;
    if (this.#running >= concurrency) return undefined;
    if (this.#queue.visible === 0) {
      this.#windowOpenedAt = undefined;
      return undefined;
    }
    if (!POLLING.every((action) => this.#allows(action))) return undefined;
    const now = this.#clock.now();
    this.#windowOpenedAt ??= now;
    const ripe = eager || this.#queue.visible >= batchSize || now >= this.#windowOpenedAt + windowSeconds * SECOND;
    if (!ripe) return undefined;
    this.#windowOpenedAt = undefined;
    const batch = this.#queue.receive(batchSize);
    if (batch.length === 0) return undefined;
    this.#running += 1;
    return (origin) => this.#run(batch, origin);
  }

  async #run(batch: readonly Message[], origin: Origin): Promise<void> {
    try {
      const records = batch.map((message) => this.#record(message));
      const outcome = await this.#runtime.invoke(
        this.#definition.functionName,
        JSON.stringify({ Records: records }),
        origin,
      );
      const failed = this.#failures(outcome, batch);
      for (const message of batch) {
        if (message.receipt === undefined || failed.has(message.id) || !this.#allows('sqs:DeleteMessage')) continue;
        this.#queue.delete(message.receipt);
      }
    } finally {
      this.#running -= 1;
    }
  }

  #failures(outcome: Outcome, batch: readonly Message[]): ReadonlySet<string> {
    const all = new Set(batch.map((message) => message.id));
    if (outcome.kind !== 'ok') return all;
    if (!this.#definition.reportsItemFailures) return new Set();
    const response = batchResponse.safeParse(JSON.parse(outcome.payload));
    // A response that Lambda cannot read, or one that names a stranger, fails the whole batch.
    if (!response.success) return all;
    const failed = new Set(response.data?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
    return [...failed].every((id) => all.has(id)) ? failed : all;
  }

  #record(message: Message) {
    return {
      messageId: message.id,
      receiptHandle: message.receipt,
      body: message.body,
      attributes: {
        ApproximateReceiveCount: String(message.receives),
        SentTimestamp: String(message.sentAt),
        SenderId: 'AIDAIENQZJOLO23YVJ4VO',
        ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
      },
      messageAttributes: {},
      md5OfBody: message.md5,
      eventSource: 'aws:sqs',
      eventSourceARN: this.#queue.definition.arn,
      awsRegion: this.#region,
    };
  }
}
