/** One invocation of a function, and the one call it waits for at a time. */
import type { SendOutcome } from '../../shared/adapters/mailer.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';
import type { Link } from '../../shared/email/links.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Duration, Instant } from '../../shared/lifecycle/time.ts';
import type { Operation } from './fates.ts';
import type { Accepted, Report } from './reports.ts';

const SECOND: Duration = 1000;

/** What is handed to a function. */
export type Delivery =
  | {
      readonly to: 'record';
      readonly customerId: string;
      readonly events: readonly CustomerEvent[];
      readonly wake?: string;
    }
  | { readonly to: 'send'; readonly customerId: string; readonly key: string }
  | { readonly to: 'feedback'; readonly customerId: string; readonly mail: Accepted; readonly report: Report }
  /** Somebody presses "unsubscribe". */
  | { readonly to: 'preferences'; readonly customerId: string; readonly link: Link };

/** What an invocation has asked for. */
export interface Call {
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

  get name(): string {
    return `${this.delivery.to} ${this.ordinal}`;
  }

  get isOver(): boolean {
    return this.state !== 'running' && this.state !== 'waiting';
  }

  /** When its timeout is over. */
  get endsAt(): Instant {
    return this.startedAt + FUNCTION_TIMEOUT_SECONDS[this.delivery.to] * SECOND;
  }
}

/** What an invocation is about, for the trace; no addresses, for traces are printed. */
export function aboutOf(delivery: Delivery): string {
  const { customerId } = delivery;
  switch (delivery.to) {
    case 'record':
      return `${customerId} ${delivery.wake ?? delivery.events.map((each) => each.type).join(', ')}`;
    case 'send':
      return `${customerId} ${delivery.key}`;
    case 'feedback':
      return `${customerId} ${delivery.mail.key} ${delivery.report.kind}`;
    case 'preferences':
      return `${customerId} unsubscribes`;
    default:
      return delivery satisfies never;
  }
}
