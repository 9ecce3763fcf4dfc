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
