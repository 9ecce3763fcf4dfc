/**
 * Going over all customers so that it may be killed anywhere: the place is written down on condition of the version that
 * was read, by one run at a time. Whoever begins later takes it over, and whoever was at it gives up.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Walk, WalkBook } from '../shared/adapters/walk-book.ts';

/** Another run has taken over the same walk. */
export class WalkOvertaken extends Error {
  override readonly name = 'WalkOvertaken';
}

/**
 * Makes a walk that of this run, whether it is new or was interrupted.
 *
 * @throws WalkOvertaken
 */
export function takeOver(walks: WalkBook, walk: Walk): Promise<Walk> {
  return savePlace(walks, { ...walk, run: randomUUID() });
}

/** What has a place that is written down: by name, on condition of its version. */
interface Place {
  readonly name: string;
  readonly version: number;
}

interface PlaceBook<T extends Place> {
  read(name: string): Promise<T | undefined>;
  save(next: T, expected: number): Promise<boolean>;
}

/**
 * Writes down how far something has come.
 *
 * @param isFinal whether what another run has written since ends this one, too, and is no conflict
 * @returns what is stored now
 * @throws WalkOvertaken when another run has written since
 */
export async function savePlace<T extends Place>(
  book: PlaceBook<T>,
  changed: T,
  isFinal: (stored: T) => boolean = () => false,
): Promise<T> {
  const next = { ...changed, version: changed.version + 1 };
  if (await book.save(next, changed.version)) return next;
  const stored = await book.read(changed.name);
  // The answer to our own write was lost: no other run would have written the same.
  if (stored !== undefined && (isDeepStrictEqual(stored, next) || isFinal(stored))) return stored;
  throw new WalkOvertaken('another run has taken this over');
}
