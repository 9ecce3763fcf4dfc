/** The total order of everything that happened to a customer: by time, then by event id. */
import type { Instant } from '../time.ts';

/** When something happened and which event said so. */
export interface Stamp {
  readonly at: Instant;
  readonly id: string;
}

/** Negative when `a` comes first. Ids are compared by code unit, so every machine agrees. */
export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** The list with one more entry, ascending; the list itself is not touched. */
export function insertByTime<T extends Stamp>(sorted: readonly T[], entry: T): readonly T[] {
  let position = sorted.length;
  for (let before = sorted[position - 1]; before !== undefined && compareStamps(before, entry) > 0;) {
    position -= 1;
    before = sorted[position - 1];
  }
  return [...sorted.slice(0, position), entry, ...sorted.slice(position)];
}

/** The later of two, whichever is heard of first. */
export function latest<T extends Stamp>(known: T | undefined, heard: T): T {
  return known !== undefined && compareStamps(known, heard) >= 0 ? known : heard;
}

/**
 * A list that remembers of each thing the latest that was said, and of all things those said last: union, then
 * truncate, so order of arrival does not matter.
 *
 * @param sorted ascending
 * @param isSame whether two entries are about the same thing
 * @param most how many are kept
 * @returns the same list when the entry says nothing new
 */
export function keepLatest<T extends Stamp>(
  sorted: readonly T[] | undefined,
  heard: T,
  isSame: (known: T) => boolean,
  most: number,
): readonly T[] {
  const all = sorted ?? [];
  const known = all.find(isSame);
  if (known !== undefined && compareStamps(known, heard) >= 0) return all;
  const others = known === undefined ? all : all.filter((each) => each !== known);
  const kept = insertByTime(others, heard).slice(-most);
  return kept.includes(heard) ? kept : all;
}
