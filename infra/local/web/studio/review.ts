/** Looks through all mails, one after the other, for what is wrong with them; those that have not changed only once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Draft, Drafts } from './drafts.ts';
import { fileOf, type Place } from './place.ts';

/** Between two mails, so that whoever clicks meanwhile does not wait for all of them. */
const REST_MS = 15;
/** For so long after somebody has looked at a mail nothing is looked through: what they type next shall not wait. */
const GIVE_WAY_MS = 1_500;
/** Told so often how far it has come. */
const TOLD_EVERY = 10;

export class Review {
  readonly #drafts: Drafts;
  readonly #progressed: () => void;
  readonly #counts = new Map<string, { readonly stamp: string; readonly count: number }>();
  #wanted: readonly Place[] = [];
  #running = false;
  #closed = false;
  #waitUntil = 0;

  constructor(drafts: Drafts, progressed: () => void) {
    this.#drafts = drafts;
    this.#progressed = progressed;
  }

  /** How many errors a mail had when it was last looked at; undefined before that. */
  countOf(place: Place): number | undefined {
    return this.#counts.get(fileOf(place))?.count;
  }

  /** Somebody has just looked at one mail. */
  saw({ place, findings }: Draft, stamp: string): void {
    // What is older than its source is told apart from what is wrong.
    const count = findings.filter(({ severity }) => severity === 'error').length;
    this.#counts.set(fileOf(place), { stamp, count });
  }

  /** Somebody is at work on one mail. */
  giveWay(): void {
    this.#waitUntil = performance.now() + GIVE_WAY_MS;
  }

  /** Wants these looked through, in this order. */
  want(places: readonly Place[]): void {
    this.#wanted = places;
    if (this.#running || this.#closed) return;
    this.#running = true;
    void this.#run()
      .catch(() => {
        // What is wrong with one mail is a finding of it; here nobody can say which mails there are. The page that is looked at
        // next reads the same files, says why they cannot be read, and wants all mails again once they can.
      })
      .finally(() => {
        this.#running = false;
      });
  }

  close(): void {
    this.#closed = true;
  }

  async #run(): Promise<void> {
    let seen = 0;
    for (;;) {
      const pause = Math.max(REST_MS, this.#waitUntil - performance.now());
      await sleep(pause, undefined, { ref: false });
      if (performance.now() < this.#waitUntil) continue;
      const tree = await this.#drafts.tree();
      const place = this.#wanted.find(
        (each) => this.#counts.get(fileOf(each))?.stamp !== this.#drafts.stamp(tree, each),
      );
      if (place === undefined || this.#closed) break;
      this.saw(await this.#drafts.draft(tree, place), this.#drafts.stamp(tree, place));
      seen += 1;
      if (seen % TOLD_EVERY === 0) this.#progressed();
    }
    if (seen > 0) this.#progressed();
  }
}
