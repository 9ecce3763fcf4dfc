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

/** @throws WalkOvertaken when another run has written since */
export async function savePlace(walks: WalkBook, changed: Walk): Promise<Walk> {
  const next = { ...changed, version: changed.version + 1 };
  if (await walks.save(next, changed.version)) return next;
  // The answer to our own write was lost: no other run would have written the same.
  if (isDeepStrictEqual(await walks.read(changed.name), next)) return next;
  throw new WalkOvertaken('another run has taken this over');
}
