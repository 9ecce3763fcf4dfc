/**
 * Whether what a replay put into the queue of the intake has been taken in, while the shop's own events go on coming: they share
 * the queue, so that it need never be found empty.
 */
import { MAX_RECEIVES, visibilitySeconds } from '../../shared/contracts/timing.ts';
import { type Duration, HOUR, type Instant, MINUTE, SECOND } from '../../shared/lifecycle/time.ts';
import type { ReplayState } from './archive-replay.ts';
import type { Depth } from './queues.ts';

/** A queue that is found empty so often in a row is: SQS counts roughly. */
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
  #emptyLooks = 0;
  /** For how long the looks have found a queue in which nothing lags, one deep look between them or not. */
  #shallowFor: Duration = 0;
  #lastShallow: Instant | undefined;
  #reached: Instant | undefined;
  #leastWaiting = Infinity;
  #advancedAt: Instant | undefined;

  /** @returns `stuck` when for an hour neither the replay went on nor the backlog shrank */
  after({ at, replay, depth: { waiting, hidden } }: Look): 'over' | 'goes on' | 'stuck' {
    const isReplayed = replay?.state === 'completed';
    this.#emptyLooks = isReplayed && waiting + hidden === 0 ? this.#emptyLooks + 1 : 0;
    // Hidden messages are being taken in. Where all of them wait and none is hidden, nobody takes any.
    const isTakenIn = waiting === 0 || hidden > 0;
    const isShallow = isReplayed && isTakenIn && waiting <= WAITING_WITHOUT_LAG;
    this.#count(isShallow, at);
    if (this.#emptyLooks >= EMPTY_LOOKS || this.#shallowFor >= SETTLES_WITHIN) return 'over';
    if (replay?.reached !== this.#reached || waiting < this.#leastWaiting) this.#advancedAt = at;
    this.#reached = replay?.reached;
    // While the replay puts more in, the queue may well grow.
    this.#leastWaiting = isReplayed ? Math.min(this.#leastWaiting, waiting) : Infinity;
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
