/**
 * Whether what a replay put into the queue of the intake has been taken in, while the shop's own events go on coming: they share
 * the queue, so that it need never be found empty.
 */
import { MAX_RECEIVES, visibilitySeconds } from '../../shared/contracts/timing.ts';
import { type Duration, HOUR, type Instant, MINUTE, SECOND } from '../../shared/lifecycle/time.ts';
import type { ReplayState } from './archive-replay.ts';
import type { Depth } from './queues.ts';

/** A queue that is found empty so often in a row, for as long as its counts may lag, is: SQS counts roughly. */
const EMPTY_LOOKS = 2;
/** Waiting while nothing lags: what a busy shop emits within the seconds it takes until a batch is fetched. */
const WAITING_WITHOUT_LAG = 100;
/** A message that fails is delivered again until it is dead: whatever waited before is by then taken in or a dead letter. */
const SETTLES_WITHIN: Duration = MAX_RECEIVES * visibilitySeconds('record') * SECOND;
/** A moment of many orders, or a look at which SQS counted roughly, is no lag. */
const LAGS_AFTER: Duration = 2 * MINUTE;
/** A replay goes on, or a backlog shrinks, within seconds; nobody is to wait for what does neither. */
const STUCK_AFTER: Duration = HOUR;

interface Look {
  readonly at: Instant;
  readonly replay: ReplayState | undefined;
  readonly depth: Depth;
}

export class TakingIn {
  readonly #countsLag: Duration;
  #emptyLooks = 0;
  #emptySince: Instant | undefined;
  /** For how long the looks have found a queue in which nothing lags, one deep look between them or not. */
  #shallowFor: Duration = 0;
  #lastShallow: Instant | undefined;
  #reached: Instant | undefined;
  #leastWaiting = Infinity;
  #advancedAt: Instant | undefined;

  /** @param countsLag how late the queue may tell of what it holds */
  constructor(countsLag: Duration) {
    this.#countsLag = countsLag;
  }

  /** @returns `stuck` when for an hour neither the replay went on nor, after it, the backlog shrank */
  after({ at, replay, depth: { waiting, hidden } }: Look): 'over' | 'goes on' | 'stuck' {
    const isReplayed = replay?.state === 'completed';
    const isEmpty = isReplayed && waiting + hidden === 0;
    this.#emptyLooks = isEmpty ? this.#emptyLooks + 1 : 0;
    this.#emptySince = isEmpty ? (this.#emptySince ?? at) : undefined;
    const isEmptied = this.#emptyLooks >= EMPTY_LOOKS && at - (this.#emptySince ?? at) >= this.#countsLag;
    // Hidden messages are being taken in. Where all of them wait and none is hidden, nobody takes any.
    const isTakenIn = waiting === 0 || hidden > 0;
    const isShallow = isReplayed && isTakenIn && waiting <= WAITING_WITHOUT_LAG;
    this.#count(isShallow, at);
    if (isEmptied || this.#shallowFor >= SETTLES_WITHIN) return 'over';
    // While the replay puts more in, the queue may well grow, and shrink for a moment.
    const isFurther = replay?.reached !== this.#reached || (isReplayed && waiting < this.#leastWaiting);
    if (isFurther) this.#advancedAt = at;
    this.#reached = replay?.reached;
    if (isReplayed) this.#leastWaiting = Math.min(this.#leastWaiting, waiting);
    this.#advancedAt ??= at;
    return at - this.#advancedAt >= STUCK_AFTER ? 'stuck' : 'goes on';
  }

  #count(isShallow: boolean, at: Instant): void {
    const since = this.#lastShallow === undefined ? 0 : at - this.#lastShallow;
    if (isShallow) {
      this.#shallowFor = since <= LAGS_AFTER ? this.#shallowFor + since : 0;
      this.#lastShallow = at;
    }
  }
}
