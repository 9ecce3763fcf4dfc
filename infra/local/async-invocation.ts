/**
 * Lambda's own queue of asynchronous invocations: retried on a function error after one and two minutes, then handed
 * to the on-failure destination or dead-letter queue. It is not kept when the process ends, schedules come again.
 */
import type { Clock } from './clock.ts';
import { DueHeap } from './heap.ts';
import type { Origin } from './origin.ts';
import type { Job, WorkSource } from './pace.ts';
import type { Queue } from './queue.ts';
import type { Runtime } from './runtime.ts';

export interface AsyncPolicy {
  readonly maxRetries: number;
  readonly maxAgeSeconds: number;
  /** Where the event itself goes when it is given up. */
  readonly deadLetterQueue: Queue | undefined;
  /** Where a record about the failed invocation goes. */
  readonly onFailure: Queue | undefined;
  /** Whether the function's role lets Lambda put something into a queue. */
  readonly maySendTo: (queue: Queue) => boolean;
}

interface Pending {
  readonly functionName: string;
  readonly payload: string;
  readonly since: number;
  readonly attempt: number;
}

const RETRY_DELAYS_MS = [60_000, 120_000] as const;
const THROTTLED_DELAY_MS = 60_000;
const THROTTLED = { type: 'TooManyRequestsException', message: 'Rate Exceeded.' } as const;
const SECOND = 1000;

export class AsyncInvocations implements WorkSource {
  readonly #pending = new DueHeap<Pending>();
  readonly #policies: ReadonlyMap<string, AsyncPolicy>;
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #added: () => void;
  readonly #notPutAside: (functionName: string) => void;

  /** @param notPutAside hears of failures whose destination may not be written to */
  constructor(
    policies: ReadonlyMap<string, AsyncPolicy>,
    runtime: Runtime,
    clock: Clock,
    added: () => void,
    notPutAside: (functionName: string) => void,
  ) {
    this.#policies = policies;
    this.#runtime = runtime;
    this.#clock = clock;
    this.#added = added;
    this.#notPutAside = notPutAside;
  }

  add(functionName: string, payload: string, since: number): void {
    this.#pending.push(since, { functionName, payload, since, attempt: 1 });
    this.#added();
  }

  next(): number | undefined {
    return this.#pending.first()?.at;
  }

  take(): Job | undefined {
    const first = this.#pending.first();
    if (first === undefined || first.at > this.#clock.now()) return undefined;
    this.#pending.pop();
    return (origin) => this.#run(first.value, origin);
  }

  async #run(pending: Pending, origin: Origin): Promise<void> {
    const outcome = await this.#runtime.invoke(pending.functionName, pending.payload, origin);
    if (outcome.kind === 'ok') return;
    const policy = this.#policies.get(pending.functionName);
    const now = this.#clock.now();
    const tooOld = (at: number): boolean => at - pending.since > (policy?.maxAgeSeconds ?? Infinity) * SECOND;
    // Throttled invocations are tried until they are too old, and do not count as attempts.
    if (outcome.kind === 'throttled' && !tooOld(now + THROTTLED_DELAY_MS)) {
      this.#pending.push(now + THROTTLED_DELAY_MS, pending);
      this.#added();
      return;
    }
    const { type, message } = outcome.kind === 'error' ? outcome : THROTTLED;
    const delay = RETRY_DELAYS_MS[pending.attempt - 1];
    const retryAt = now + (delay ?? 0);
    const retries = policy?.maxRetries ?? RETRY_DELAYS_MS.length;
    if (outcome.kind === 'error' && delay !== undefined && pending.attempt <= retries && !tooOld(retryAt)) {
      this.#pending.push(retryAt, { ...pending, attempt: pending.attempt + 1 });
      this.#added();
      return;
    }
    const attributes = { ErrorMessage: message, ErrorCode: '200' };
    const sending = (queue: Queue | undefined) =>
      queue !== undefined && policy?.maySendTo(queue) === true ? queue : undefined;
    sending(policy?.deadLetterQueue)?.send(pending.payload, origin, { attributes });
    const destination = sending(policy?.onFailure);
    if (policy?.onFailure !== undefined && destination === undefined) this.#notPutAside(pending.functionName);
    destination?.send(
      JSON.stringify({
        version: '1.0',
        timestamp: new Date(now).toISOString(),
        requestContext: {
          functionArn: pending.functionName,
          condition: 'RetriesExhausted',
          approximateInvokeCount: pending.attempt,
        },
        requestPayload: JSON.parse(pending.payload),
        responsePayload: { errorType: type, errorMessage: message },
      }),
      origin,
    );
  }
}
