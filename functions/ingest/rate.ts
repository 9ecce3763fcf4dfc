/**
 * How many signed requests get in: so many in ten seconds, whatever number of functions there are. They count together in
 * the table, each for some requests ahead, so that a request costs a fraction of a write and a flood costs none.
 */
import type { RequestBook, Window } from '../../shared/adapters/request-book.ts';
import type { Duration, Instant } from '../../shared/lifecycle/time.ts';

const SECOND: Duration = 1000;

/** Long enough that a burst passes, short enough that a sender waits for the next one. */
export const WINDOW: Duration = 10 * SECOND;

/** Requests counted ahead by one function at most: so many places are lost when no more of them come to it. */
const MOST_AHEAD = 8;

interface Open {
  readonly window: Window;
  /** Counted in the table and not used yet. */
  left: number;
  /** To be counted the next time; 0 when the window is full. */
  ahead: number;
}

export class Rate {
  readonly #requests: Pick<RequestBook, 'letIn'>;
  readonly #perSecond: number;
  #open: Open | undefined;

  /** @param perSecond requests, as an average of a window */
  constructor(requests: Pick<RequestBook, 'letIn'>, perSecond: number) {
    this.#requests = requests;
    this.#perSecond = perSecond;
  }

  /** Lets one request in, or says how long to wait until the next window opens. */
  async letIn(now: Instant): Promise<'in' | Duration> {
    const open = this.#at(now);
    while (open.left === 0 && open.ahead > 0) await this.#count(open);
    if (open.left === 0) return open.window.until - now;
    open.left -= 1;
    return 'in';
  }

  #at(now: Instant): Open {
    const number = Math.floor(now / WINDOW);
    if (this.#open?.window.number === number) return this.#open;
    const window = { number, until: (number + 1) * WINDOW, most: (this.#perSecond * WINDOW) / SECOND };
    this.#open = { window, left: 0, ahead: 1 };
    return this.#open;
  }

  /** Twice as many each time, for who has had some will have more; half as many where there is no room for them. */
  async #count(open: Open): Promise<void> {
    const { ahead } = open;
    if (await this.#requests.letIn(open.window, ahead)) {
      open.left += ahead;
      open.ahead = Math.min(2 * ahead, MOST_AHEAD);
    } else open.ahead = Math.floor(ahead / 2);
  }
}
