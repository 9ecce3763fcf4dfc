/** Write units a second: whoever writes waits here for their turn, so that an import leaves room for the shop's events. */
import type { Duration, Instant } from '../../shared/lifecycle/time.ts';

const SECOND: Duration = 1000;

export class WriteBudget {
  /** Units asked for so far, spent or about to be. */
  spent = 0;
  readonly #perSecond: number;
  readonly #now: () => Instant;
  readonly #sleep: (duration: Duration) => Promise<unknown>;
  /** When all that was asked for so far is paid for. */
  #freeAt: Instant = 0;

  constructor(perSecond: number, now: () => Instant, sleep: (duration: Duration) => Promise<unknown>) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#sleep = sleep;
  }

  /** Resolves when so many units may be written. */
  async take(units: number): Promise<void> {
    const now = this.#now();
    const from = Math.max(now, this.#freeAt);
    this.#freeAt = from + (units * SECOND) / this.#perSecond;
    this.spent += units;
    if (from > now) await this.#sleep(from - now);
  }
}
