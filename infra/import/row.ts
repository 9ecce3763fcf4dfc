/**
 * The row of the silent: one for all imports of a stage. Each place in it is a stretch of time of its own, the earliest
 * that is free, so that the waves of two imports never add up. No place is given away twice.
 */
import type { Walk, WalkBook } from '../../shared/adapters/walk-book.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';

/** Where it is written down what is taken; imports are named by hexadecimal digits, so none is called so. */
const NAME = 'import/row';

type Stretch = readonly [from: Instant, to: Instant];

/** When the first of a row may begin to get mail, as it is now. */
export async function freeFrom(walks: WalkBook, notBefore: Instant, perDay: number): Promise<Instant> {
  const [first = notBefore] = freePlaces((await walks.read(NAME))?.taken ?? [], 1, perDay, notBefore).places;
  return first;
}

/** Whose places they are, how many, and what is known of those they took before they died. */
export interface PlacesWanted {
  readonly count: number;
  readonly perDay: number;
  readonly notBefore: Instant;
  /** Places that somebody has. */
  readonly used: ReadonlySet<Instant>;
  readonly now: Instant;
}

/**
 * Takes places for the customers an import is at, those first that it took for them before it died.
 *
 * @returns when each begins, ascending
 */
export async function takePlaces(
  walks: WalkBook,
  { name, begunAt, done }: Pick<Walk, 'name' | 'begunAt' | 'done'>,
  { count, perDay, notBefore, used, now }: PlacesWanted,
): Promise<readonly Instant[]> {
  for (;;) {
    const row = await walks.read(NAME);
    const own = row?.by === name && row.done === done ? (row.places ?? []) : [];
    const left = own.filter((at) => at >= notBefore && !used.has(at));
    if (left.length >= count) return left.slice(0, count);
    const { places: more, taken } = freePlaces(row?.taken ?? [], count - left.length, perDay, notBefore);
    const places = [...left, ...more].toSorted((a, b) => a - b);
    const version = row?.version ?? 0;
    const next: Walk = {
      version: version + 1,
      name: NAME,
      startsAt: notBefore,
      begunAt,
      by: name,
      status: 'done',
      done,
      taken: taken.filter(([, to]) => to > now),
      places,
    };
    // Another import was faster: what is free after it, then.
    if (await walks.save(next, version)) return places;
  }
}

/** The earliest free places not before an instant, and what is taken with them. */
function freePlaces(
  taken: readonly Stretch[],
  count: number,
  perDay: number,
  notBefore: Instant,
): { readonly places: readonly Instant[]; readonly taken: readonly Stretch[] } {
  const places: Instant[] = [];
  const added: Stretch[] = [];
  let from = notBefore;
  for (const [begins, ends] of [...taken, [Infinity, Infinity] as const]) {
    const fitting = Math.min(count - places.length, Math.floor(((begins - from) * perDay) / DAY));
    if (fitting > 0) {
      for (let place = 0; place < fitting; place += 1) places.push(from + Math.floor((place * DAY) / perDay));
      added.push([from, from + Math.ceil((fitting * DAY) / perDay)]);
    }
    if (places.length === count) break;
    from = Math.max(from, ends);
  }
  return { places, taken: joined([...taken, ...added]) };
}

/** Ascending; stretches that touch are one. */
function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const all: Stretch[] = [];
  for (const [from, to] of stretches.toSorted(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1]) all[all.length - 1] = [last[0], Math.max(last[1], to)];
    else all.push([from, to]);
  }
  return all;
}
