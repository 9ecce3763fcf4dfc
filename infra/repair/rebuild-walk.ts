/** The walk of those who are rebuilt all together: where the next run begins. */
import type { Walk } from '../../shared/adapters/walk-book.ts';
import { type Duration, HOUR, type Instant } from '../../shared/lifecycle/time.ts';

/** Its name, and the cause of what it changes. */
export const REBUILD = 'rebuild';

/** An interruption that somebody noticed is over by then; whom an older walk has looked at may have gone wrong since. */
const GOES_ON_FOR: Duration = 6 * HOUR;

interface Asked {
  readonly by: string;
  readonly now: Instant;
  /** Begins at the beginning in any case. */
  readonly isAnew: boolean;
}

/** One that was interrupted a while ago goes on where it stood; else everybody is looked at, from the beginning. */
export function rebuildWalk(known: Walk | undefined, { by, now, isAnew }: Asked): Walk {
  const isInterrupted = known?.status === 'running' && known.after !== undefined;
  if (isInterrupted && !isAnew && now - known.begunAt <= GOES_ON_FOR) return known;
  const version = known?.version ?? 0;
  return { version, name: REBUILD, startsAt: now, begunAt: now, by, status: 'running', done: 0 };
}
