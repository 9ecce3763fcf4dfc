/**
 * Where it is written down how far something has come that goes over all customers: an import, or looking at everybody
 * again under other rules. One item each, by name.
 */
import type { Instant } from '../lifecycle/time.ts';

export interface Walk {
  /** 0 is none; each write has the next one. */
  readonly version: number;
  /** `activation/4`, `import/5f0c...` */
  readonly name: string;
  /** What it is about: when the rules became those of the shop, from when on imported customers get mail. */
  readonly startsAt: Instant;
  readonly begunAt: Instant;
  readonly by: string;
  /** Of the process that is at it, or was last. */
  readonly run?: string;
  readonly status: 'running' | 'done';
  /** Customers so far. */
  readonly done: number;
  /** Where it goes on; from the beginning when left out. */
  readonly after?: string;
  /** Of an import: how many who were silent begin to get mail in a day. */
  readonly rampPerDay?: number;
  /** Of an import: when the first of the silent begins to get mail. */
  readonly waveFrom?: Instant;
  /** Of the row of the silent: the stretches of time that are taken, ascending. */
  readonly taken?: readonly (readonly [from: Instant, to: Instant])[];
  /** Of the row of the silent: the places that `by` took last, for the customers after `done`. */
  readonly places?: readonly Instant[];
}

export interface WalkBook {
  /** As of now (a consistent read); undefined when there is none of the name. */
  read(name: string): Promise<Walk | undefined>;
  /**
   * Replaces the walk if the stored version is `expected` (0: if there is none).
   *
   * @param walk carries the version `expected + 1`
   * @returns false when somebody else was faster
   */
  save(walk: Walk, expected: number): Promise<boolean>;
}
