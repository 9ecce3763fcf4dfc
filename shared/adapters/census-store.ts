/** Where a census reads all customers, page by page, and keeps how far it has come: one item per deployment. */
import type { Count } from '../lifecycle/census/count.ts';
import type { Figures } from '../lifecycle/census/figures.ts';
import type { InForce } from '../lifecycle/census/holdout.ts';
import type { Proposal } from '../lifecycle/census/proposal.ts';
import type { Living } from '../lifecycle/customer/profile.ts';
import type { Instant } from '../lifecycle/time.ts';

/** Customers of a page: two requests of a hundred, the most that one may name. */
export const PAGE_CUSTOMERS = 200;

/**
 * Read units of a page, at the most: half a unit reads a profile of up to 4 KB, and what is larger is so rare that a quarter
 * more is enough; the page of the index is a few units.
 */
export const PAGE_READ_UNITS = 128;

/**
 * Milliseconds between two pages: with a page's own 30 ms about eight a second, a third of what one partition of the
 * table can give, so that the shop's own reads are not slower for it.
 */
export const PAGE_PAUSE = 100;

/** A census under way, or the last one. */
export interface Census {
  /** 0 when none was ever taken. */
  readonly version: number;
  /** When the one under way, or the last one, began. */
  readonly at: Instant;
  /** First all customers are counted, then each is compared with the count. */
  readonly phase: 'counting' | 'ranking' | 'done';
  /** Where the phase goes on; from the beginning when left out. */
  readonly after?: string;
  readonly count: Count;
  /** Key accounts found anew, less those who are none any more. */
  readonly changes: number;
  /** Since when people have been held out, and the others mailed, as they are now; goes on from census to census. */
  readonly force?: InForce;
  /** Fitted when all were counted; by the end of the comparing it knows whom it would move. */
  readonly proposal?: Proposal;
  /** Of the last one that was finished. */
  readonly figures?: Figures;
}

export interface CensusStore {
  /** As of now (a consistent read). */
  read(): Promise<Census | undefined>;
  /**
   * Replaces the census if the stored version is `expected` (0: if there is none).
   *
   * @param census carries the version `expected + 1`
   * @returns false when somebody else was faster
   */
  save(census: Census, expected: number): Promise<boolean>;
  /**
   * Living customers, some of them, as they were a moment ago.
   *
   * @param after where the page before ended
   * @returns where the next page begins; undefined after the last one
   */
  page(after: string | undefined): Promise<{ readonly customers: readonly Living[]; readonly next?: string }>;
}
