/**
 * The row of the silent: one for all imports of a stage. Each takes a stretch of time behind those taken before, so that
 * the waves of two imports follow each other and never add up. No stretch is given away twice.
 */
import type { Walk, WalkBook } from '../../shared/adapters/walk-book.ts';
import { DAY, type Duration, type Instant } from '../../shared/lifecycle/time.ts';

/** Where it is written down how far the row reaches; imports are named by hexadecimal digits, so none is called so. */
const NAME = 'import/row';

/** How long so many people take. */
export function lengthOf(people: number, perDay: number): Duration {
  return Math.ceil((people * DAY) / perDay);
}

/** When the first of a new stretch may begin to get mail, as the row is now. */
export async function freeFrom(walks: WalkBook, notBefore: Instant): Promise<Instant> {
  return Math.max(notBefore, (await walks.read(NAME))?.startsAt ?? notBefore);
}

/**
 * Takes the next stretch, not before an instant.
 *
 * @param isFirst the import has none yet: one that it took and could not write down before it died is its own
 * @returns when the stretch begins
 */
export async function takeStretch(
  walks: WalkBook,
  { name, begunAt }: Pick<Walk, 'name' | 'begunAt'>,
  length: Duration,
  notBefore: Instant,
  isFirst: boolean,
): Promise<Instant> {
  for (;;) {
    const row = await walks.read(NAME);
    if (isFirst && row?.by === name && row.waveFrom !== undefined) return row.waveFrom;
    const waveFrom = Math.max(notBefore, row?.startsAt ?? notBefore);
    const version = row?.version ?? 0;
    const next: Walk = {
      version: version + 1,
      name: NAME,
      // Since when a place is free.
      startsAt: waveFrom + length,
      waveFrom,
      begunAt,
      by: name,
      status: 'done',
      done: 0,
    };
    // Another import was faster: behind its stretch, then.
    if (await walks.save(next, version)) return waveFrom;
  }
}
