/**
 * Importing all customers in the order of their ids, some at once: how far it has come is written down after every page,
 * and each customer may be done again, so killed anywhere and begun again it ends the same.
 */
import type { Walk, WalkBook } from '../../shared/adapters/walk-book.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { importCustomer, type ImportServices } from './import-customer.ts';
import type { Past } from './past.ts';
import { savePlace, takeOver } from '../walking.ts';
import { lengthOf, takeStretch } from './row.ts';
import { placesOf, waveAt, wavesOf } from './waves.ts';

/** Customers between two places written down: one write unit for some 1,000. */
const PAGE = 200;
/** Customers under way at once, so that the budget and not the wire decides how fast it goes. */
const AT_ONCE = 16;

export interface WalkServices extends ImportServices {
  readonly walks: WalkBook;
}

/** What is imported, and when its customers begin to get mail. */
export interface Importing {
  readonly past: Past;
  readonly silent: readonly string[];
  readonly walk: Walk;
}

export interface Tally {
  written: number;
  unchanged: number;
  erased: number;
  different: number;
  future: number;
}

/** An import that has not begun. */
export function newImport(name: string, startsAt: Instant, rampPerDay: number, begunAt: Instant, by: string): Walk {
  return { version: 0, name, startsAt, rampPerDay, begunAt, by, status: 'running', done: 0 };
}

/**
 * Imports who has not been imported yet.
 *
 * @param told how many customers are done, those of earlier runs included
 * @throws WalkOvertaken when another run goes on with it; faults of the stores: call again, it goes on where it stood
 */
export async function importAll(
  services: WalkServices,
  { past, silent, walk: begun }: Importing,
  told: (customers: number) => void = () => undefined,
): Promise<Tally> {
  const tally: Tally = { written: 0, unchanged: 0, erased: 0, different: 0, future: 0 };
  // Before the first customer: whoever goes on later has to know since when mail counts.
  let walk = begun.status === 'done' ? begun : await takeOver(services.walks, begun);
  if (walk.status !== 'done' && walk.waveFrom === undefined) {
    const { startsAt, rampPerDay: perDay } = walk;
    const length = perDay === undefined ? 0 : lengthOf(silent.length, perDay);
    const waveFrom = length === 0 ? startsAt : await takeStretch(services.walks, walk, length, startsAt, true);
    walk = await savePlace(services.walks, { ...walk, waveFrom });
  }
  const places = placesOf(silent);
  while (walk.done < past.customers.length) {
    const page = past.customers.slice(walk.done, walk.done + PAGE);
    const from = walk.done;
    const waves = await wavesIn(services, walk, places, page);
    const { startsAt } = walk;
    let done = 0;
    await eachOf(page, async (customerId) => {
      const starts = { startsAt, waveAt: waves.get(customerId) };
      const { outcome, different, future } = await importCustomer(
        services,
        customerId,
        past.eventsOf(customerId),
        starts,
      );
      tally[outcome] += 1;
      tally.different += different;
      tally.future += future;
      done += 1;
      told(from + done);
    });
    walk = await savePlace(services.walks, { ...walk, done: from + page.length });
  }
  if (walk.status !== 'done') await savePlace(services.walks, { ...walk, status: 'done' });
  return tally;
}

/** When the silent of a page begin to get mail. Whose time has passed goes to the end of the row, behind every import. */
async function wavesIn(
  { walks, now }: Pick<WalkServices, 'walks' | 'now'>,
  walk: Walk,
  places: ReadonlyMap<string, number>,
  page: readonly string[],
): Promise<ReadonlyMap<string, Instant>> {
  const { rampPerDay: perDay, waveFrom: from = walk.startsAt } = walk;
  if (perDay === undefined) return new Map();
  const { waves, late } = wavesOf({ places, from, perDay }, page, now());
  if (late.length === 0) return waves;
  // Before anybody has such a place: whoever goes on after a death must not give it away again.
  const end = await takeStretch(walks, walk, lengthOf(late.length, perDay), now(), false);
  return new Map([...waves, ...late.map((id, nth) => [id, waveAt(end, nth, perDay)] as const)]);
}

/** Some at a time; the first that fails ends it, once those under way have ended. */
export async function eachOf(ids: readonly string[], act: (id: string) => Promise<void>): Promise<void> {
  const queue = ids.values();
  let hasFailed = false;
  const work = async () => {
    for (const id of queue) {
      if (hasFailed) return;
      try {
        await act(id);
      } catch (cause) {
        hasFailed = true;
        throw cause;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
