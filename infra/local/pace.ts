/**
 * What happens when. In virtual time the clock moves only when no work is left at the present instant, and then to the
 * next instant at which there is some; minutes in which the due index holds nothing are skipped. Live, work starts as
 * soon as it is there and the minute rule fires every minute. Daily rules fire at their time, virtual or not.
 */
import { CATCH_UP_MINUTES, LOOK_AGAIN_MINUTES } from '../../shared/contracts/timing.ts';
import type { Clock } from './clock.ts';
import { Origin } from './origin.ts';
import type { Queue } from './queue.ts';

/** One invocation with everything around it; what it sends is sent on behalf of `origin`. */
export type Job = (origin: Origin) => Promise<void>;

export interface WorkSource {
  /** Work that can start now, one piece a call. `eager`: do not wait for more to arrive. */
  take(eager: boolean): Job | undefined;
  /** When there may be more. */
  next(): number | undefined;
}

/** The rule that fires every minute, and the index that tells in which minutes there is something for it to do. */
export interface Minutes {
  readonly scheduled: boolean;
  fire(minute: number, origin: Origin): void;
  /** Smallest key of the due indexes that is greater than `instant`, epoch milliseconds. */
  smallestDueAfter(instant: number): Promise<number | undefined>;
}

/** The rules that fire once a day. */
export interface Days {
  /** The first instant after `after` at which one fires; Infinity when there is none. */
  next(after: number): number;
  fire(instant: number, origin: Origin): void;
}

/** What virtual time skips on its way: nothing, or minutes in which nothing was to be done, or work waited its turn. */
export type Skipped = 'nothing' | 'idle' | 'left over';

const MINUTE = 60_000;
const CATCH_UP = CATCH_UP_MINUTES * MINUTE;
const LOOK_AGAIN = LOOK_AGAIN_MINUTES * MINUTE;
/** Longest sleep of the live loop; a timer cannot be longer than 2^31 ms. */
const LONGEST_SLEEP = 60 * MINUTE;

export class Pace {
  readonly #clock: Clock;
  readonly #sources: readonly WorkSource[];
  readonly #queues: readonly Queue[];
  readonly #minutes: Minutes;
  readonly #days: Days;
  readonly #name: string;
  readonly #passing: (instant: number, skipped: Skipped) => void;
  #leftOver = false;
  #origins = 0;
  #timer: NodeJS.Timeout | undefined;
  #nextTick = Infinity;
  #nextDaily = Infinity;
  #nudged = false;
  #closed = false;
  #advancing: Promise<void> = Promise.resolve();
  /** Invocations from outside; time does not move while one of them runs. */
  readonly #visits = new Set<Promise<unknown>>();

  /** @param name goes into every id, so that each start of the twin gives ids of its own */
  constructor(parts: {
    clock: Clock;
    sources: readonly WorkSource[];
    queues: readonly Queue[];
    minutes: Minutes;
    days: Days;
    name: string;
    /** The clock is about to go on to this instant, or has done so when it is live. */
    passing: (instant: number, skipped: Skipped) => void;
  }) {
    this.#clock = parts.clock;
    this.#sources = parts.sources;
    this.#queues = parts.queues;
    this.#minutes = parts.minutes;
    this.#days = parts.days;
    this.#name = parts.name;
    this.#passing = parts.passing;
    if (parts.clock.live) this.goLive();
  }

  /** Something may have become possible; in virtual time whoever advances the clock looks by itself. */
  nudge(): void {
    if (!this.#clock.live || this.#nudged || this.#closed) return;
    this.#nudged = true;
    setImmediate(() => {
      this.#nudged = false;
      this.#run();
    });
  }

  advanceTo(instant: number): Promise<void> {
    const advance = this.#advancing.then(() => this.#advance(instant));
    // One stretch at a time; a refused one does not spoil the next.
    this.#advancing = advance.catch(() => undefined);
    return advance;
  }

  /** Runs something that does not wait for anybody to advance the clock, at the instant at which it stands. */
  visit<T>(run: (origin: Origin) => Promise<T>): Promise<T> {
    const visit = run(this.#outside());
    const settled: Promise<unknown> = visit.then(
      () => this.#visits.delete(settled),
      () => this.#visits.delete(settled),
    );
    this.#visits.add(settled);
    return visit;
  }

  goLive(): void {
    this.#passing(Date.now(), 'idle');
    this.#nextTick = nextMultiple(Date.now(), MINUTE);
    this.#nextDaily = this.#days.next(Date.now());
    this.nudge();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #advance(instant: number): Promise<void> {
    if (this.#clock.live) throw new RangeError('the clock is live, it cannot be advanced');
    // Not a number would be an end that never comes.
    if (!(instant >= this.#clock.now())) throw new RangeError(`cannot advance to ${instant}, which is not ahead`);
    while (!this.#closed) {
      if (await this.#wave()) continue;
      if (this.#visits.size > 0) {
        await Promise.all(this.#visits);
        continue;
      }
      const tick = await this.#nextVirtualTick();
      const daily = this.#days.next(this.#clock.now());
      const next = Math.min(tick, daily, this.#nextInstant());
      if (next > instant) break;
      this.#moveTo(Math.max(next, this.#clock.now()));
      for (const queue of this.#queues) queue.settle();
      if (next === tick) this.#minutes.fire(tick, this.#outside());
      if (next === daily) this.#days.fire(daily, this.#outside());
    }
    if (!this.#closed) this.#moveTo(instant);
  }

  #moveTo(instant: number): void {
    this.#passing(instant, this.#leftOver ? 'left over' : 'idle');
    this.#clock.moveTo(instant);
  }

  /** Everything that can start now runs side by side; what it sends is let go when all of it has ended. */
  async #wave(): Promise<boolean> {
    const running: Promise<void>[] = [];
    const origins: Origin[] = [];
    for (const source of this.#sources) {
      for (let job = source.take(true); job !== undefined; job = source.take(true)) {
        const origin = this.#origin(true);
        origins.push(origin);
        running.push(job(origin));
      }
    }
    await Promise.all(running);
    for (const origin of origins) origin.release();
    return running.length > 0;
  }

  /**
   * A sweep covers what became due up to its minute, so keys beyond the present minute need the next full minute.
   * Older keys are left over from work that did not complete, and the sweep comes back to those at its catch-up.
   */
  async #nextVirtualTick(): Promise<number> {
    if (!this.#minutes.scheduled) return Infinity;
    const now = this.#clock.now();
    const swept = Math.floor(now / MINUTE) * MINUTE;
    const oldest = await this.#minutes.smallestDueAfter(-1);
    this.#leftOver = oldest !== undefined && oldest <= swept;
    if (oldest === undefined) return Infinity;
    if (oldest > swept) return Math.ceil(oldest / MINUTE) * MINUTE;
    const next = nextMultiple(now, MINUTE);
    // Timers that have not stood for long are looked at again every minute, older ones wait for the catch-up.
    const young = (await this.#minutes.smallestDueAfter(next - LOOK_AGAIN)) ?? Infinity;
    if (young <= swept) return next;
    return Math.min(nextMultiple(now, CATCH_UP), Math.ceil(young / MINUTE) * MINUTE);
  }

  /** The live loop: starts what can start and sleeps until the next instant at which there may be more. */
  #run(): void {
    if (this.#closed) return;
    const now = this.#clock.now();
    for (const queue of this.#queues) queue.settle();
    if (now >= this.#nextTick) {
      this.#passing(now, 'nothing');
      this.#minutes.fire(Math.floor(now / MINUTE) * MINUTE, this.#outside());
      this.#nextTick = nextMultiple(now, MINUTE);
    }
    if (now >= this.#nextDaily) {
      this.#days.fire(this.#nextDaily, this.#outside());
      this.#nextDaily = this.#days.next(now);
    }
    for (const source of this.#sources) {
      for (let job = source.take(false); job !== undefined; job = source.take(false)) {
        void job(this.#origin(false)).finally(() => this.nudge());
      }
    }
    clearTimeout(this.#timer);
    const tick = this.#minutes.scheduled ? this.#nextTick : Infinity;
    const next = Math.min(this.#nextInstant(), tick, this.#nextDaily);
    this.#timer = setTimeout(() => this.#run(), Math.min(Math.max(next - Date.now(), 1), LONGEST_SLEEP));
  }

  #nextInstant(): number {
    return [...this.#sources, ...this.#queues].reduce(
      (least, one) => Math.min(least, one.next() ?? Infinity),
      Infinity,
    );
  }

  #outside(): Origin {
    return this.#origin(false);
  }

  #origin(held: boolean): Origin {
    this.#origins += 1;
    return new Origin(`${this.#name}/${this.#origins}`, held);
  }
}

function nextMultiple(instant: number, step: number): number {
  return (Math.floor(instant / step) + 1) * step;
}
