/**
 * How fast one execution environment hands mails to SES: each mail has a slot, the slots are evenly spaced. A batch
 * waits a few seconds at most; whoever would have to wait longer comes back later.
 */
import type { Duration } from '../../shared/lifecycle/time.ts';

/** A clock that runs also where the date stands still, as it may on a laptop. */
export interface Stopwatch {
  /** Milliseconds since some fixed instant. */
  elapsed(): Duration;
  wait(duration: Duration): Promise<void>;
}

export const PROCESS_TIME: Stopwatch = {
  elapsed: () => performance.now(),
  wait: (duration) => new Promise((resolve) => setTimeout(resolve, duration)),
};

/** How long a batch may wait for slots in all; the function has 30 s, and SES may take 10 of them. */
const PATIENCE: Duration = 5000;

export class Pace {
  readonly #stopwatch: Stopwatch;
  #nextSlot = 0;
  #patientUntil: Duration;

  constructor(stopwatch: Stopwatch) {
    this.#stopwatch = stopwatch;
    this.#patientUntil = stopwatch.elapsed() + PATIENCE;
  }

  /** A batch begins. */
  begin(): void {
    this.#patientUntil = this.#stopwatch.elapsed() + PATIENCE;
  }

  /**
   * Waits for the next free slot.
   *
   * @param interval milliseconds between two slots
   * @returns false, at once, when that would take longer than the batch can wait
   */
  async enter(interval: Duration): Promise<boolean> {
    const now = this.#stopwatch.elapsed();
    const slot = Math.max(now, this.#nextSlot);
    const mustWait = slot > now;
    if (mustWait && slot > this.#patientUntil) return false;
    this.#nextSlot = slot + interval;
    if (mustWait) await this.#stopwatch.wait(slot - now);
    return true;
  }

  /** A slot was not used: those who come later come so much earlier. */
  leave(interval: Duration): void {
    this.#nextSlot -= interval;
  }
}
