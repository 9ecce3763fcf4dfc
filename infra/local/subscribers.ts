/**
 * Who listens to a bus from outside of the deployment, as the shop's platform does through a rule of its own account.
 * What a subscriber does belongs to the instant of the event: in virtual time nobody goes on before it has done it.
 */
import type { BusEvent } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Job, WorkSource } from './pace.ts';

export type Subscriber = (event: BusEvent) => Promise<void>;

export class Subscribers implements WorkSource {
  readonly #clock: Clock;
  readonly #added: () => void;
  readonly #subscribers = new Set<Subscriber>();
  #heard: BusEvent[] = [];

  constructor(clock: Clock, added: () => void) {
    this.#clock = clock;
    this.#added = added;
  }

  /** @returns the off switch */
  add(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  }

  hear(event: BusEvent): void {
    if (this.#subscribers.size === 0) return;
    this.#heard.push(event);
    this.#added();
  }

  next(): number | undefined {
    return this.#heard.length > 0 ? this.#clock.now() : undefined;
  }

  /** One after the other, so that two runs see the same. */
  take(): Job | undefined {
    const heard = this.#heard;
    if (heard.length === 0) return undefined;
    this.#heard = [];
    const subscribers = [...this.#subscribers];
    return async () => {
      for (const event of heard) for (const subscriber of subscribers) await subscriber(event);
    };
  }
}
