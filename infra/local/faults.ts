/**
 * What goes wrong on purpose. Nothing does until a plan is set; then the plan is asked about every call that a function
 * makes and every message that enters a queue, and what it answers happens at exactly that point.
 */
import type { Clock } from './clock.ts';
import { ServiceError } from './errors.ts';
import { DueHeap } from './heap.ts';
import type { Grant } from './iam.ts';
import type { Job, WorkSource } from './pace.ts';
import type { Caller } from './runtime.ts';

/** One request of a function, about to be carried out. */
export interface FunctionCall {
  readonly functionName: string;
  readonly service: string;
  readonly operation: string;
  /** The request as it was sent: JSON, for SES a form. */
  readonly body: string;
}

/** What becomes of a call. Without one it is carried out and answered. */
export type Fate =
  /** The function is stopped before or after its call took effect; its credentials are refused from then on. */
  | { readonly kind: 'dies'; readonly effect: 'before' | 'after' }
  /** It takes effect, and the connection breaks before the answer; the client may ask again. */
  | { readonly kind: 'answer lost' }
  /** The connection breaks at once, or the function is stopped; the request takes effect later. */
  | { readonly kind: 'late'; readonly milliseconds: number; readonly dies: boolean }
  /** It takes effect only when this is over; the caller waits. */
  | { readonly kind: 'held'; readonly until: Promise<unknown> }
  /** It does not take effect and is answered with an error of the service. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string };

/** What becomes of a queue message beside being delivered. */
export interface QueueMishap {
  /** It becomes visible this much later. */
  readonly delaySeconds?: number;
  /** A copy of it becomes visible this long after it. */
  readonly copySeconds?: number;
  /** Its first deletion is forgotten: it comes back when its visibility timeout ends. */
  readonly returns?: boolean;
}

export interface FaultPlan {
  readonly call?: (call: FunctionCall) => Fate | undefined;
  /** Hears of every call that was carried out, late ones included, with the status of the answer. */
  readonly happened?: (call: FunctionCall, status: number) => void;
  readonly message?: (queueName: string, body: string) => QueueMishap | undefined;
  /** Whether a grant of a role or a resource's policy is gone, as when somebody has changed it by hand. */
  readonly withholds?: (grant: Grant) => boolean;
  /** Whether an invocation of the function is turned away, as when the account's concurrency is used up. */
  readonly throttles?: (functionName: string) => boolean;
}

interface Answer {
  readonly status: number;
}

export class Faults implements WorkSource {
  plan: FaultPlan | undefined;
  readonly #clock: Clock;
  readonly #late = new DueHeap<() => Promise<unknown>>();
  readonly #added: () => void;

  constructor(clock: Clock, added: () => void) {
    this.#clock = clock;
    this.#added = added;
  }

  /**
   * Carries out a request as the plan wants it.
   *
   * @returns undefined when the caller gets no answer
   * @throws ServiceError when the call is refused, or carried out and answered with an error
   */
  async pass<A extends Answer>(
    caller: Caller,
    { service, operation, body }: Omit<FunctionCall, 'functionName'>,
    carryOut: () => Promise<A>,
  ): Promise<A | undefined> {
    const { plan } = this;
    if (plan === undefined || caller.kind !== 'function') return carryOut();
    const call = { functionName: caller.definition.name, service, operation, body };
    const carriedOut = async (): Promise<A> => {
      try {
        const answer = await carryOut();
        plan.happened?.(call, answer.status);
        return answer;
      } catch (error) {
        if (error instanceof ServiceError) plan.happened?.(call, error.status);
        throw error;
      }
    };
    const fate = plan.call?.(call);
    switch (fate?.kind) {
      case undefined:
        return carriedOut();
      case 'dies':
        // The answer is for nobody, whether it is an error or not.
        if (fate.effect === 'after') await carriedOut().catch(() => undefined);
        caller.stop();
        return undefined;
      case 'answer lost':
        await carriedOut().catch(() => undefined);
        return undefined;
      case 'late':
        this.#late.push(this.#clock.now() + fate.milliseconds, () => carriedOut().catch(() => undefined));
        this.#added();
        if (fate.dies) caller.stop();
        return undefined;
      case 'held':
        await fate.until;
        return carriedOut();
      case 'refused':
        throw new ServiceError(fate.status, fate.code, fate.message);
      default:
        return fate satisfies never;
    }
  }

  next(): number | undefined {
    return this.#late.first()?.at;
  }

  /** A request that is late by as much as planned. */
  take(): Job | undefined {
    const first = this.#late.first();
    if (first === undefined || first.at > this.#clock.now()) return undefined;
    this.#late.pop();
    return async () => {
      await first.value();
    };
  }
}
