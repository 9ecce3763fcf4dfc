/**
 * Importing all customers in an order of their own, some at once: how far it has come is written down after every page,
 * and each customer may be done again, so killed anywhere and begun again it ends the same.
 */
import type { Walk, WalkBook } from '../../shared/adapters/walk-book.ts';
import type { Profile } from '../../shared/lifecycle/customer/profile.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { importCustomer, type ImportServices } from './import-customer.ts';
import type { Past } from './past.ts';
import { savePlace, takeOver } from '../walking.ts';
import { takePlaces } from './row.ts';
import { inOrder, needsPlace } from './waves.ts';

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
  readonly silent: ReadonlySet<string>;
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
  const customers = inOrder(past.customers);
  while (walk.done < customers.length) {
    const page = customers.slice(walk.done, walk.done + PAGE);
    const from = walk.done;
    const known = new Map<string, Profile | undefined>();
    await eachOf(page, async (customerId) => void known.set(customerId, await services.store.load(customerId)));
    const waves = await wavesIn(services, walk, silent, page, known);
    const { startsAt } = walk;
    let done = 0;
    await eachOf(page, async (customerId) => {
      const starts = { startsAt, waveAt: waves.get(customerId) };
      const { outcome, different, future } = await importCustomer(
        services,
        { customerId, profile: known.get(customerId) },
        past.eventsOf(customerId),
        starts,
      );
      tally[outcome] += 1;
      tally.different += different;
      tally.future += future;
      done += 1;
      told(from + done);
    });
    const waveFrom = walk.waveFrom ?? [...waves.values()].at(0);
    walk = await savePlace(services.walks, {
      ...walk,
      ...(waveFrom !== undefined && { waveFrom }),
      done: from + page.length,
    });
  }
  if (walk.status !== 'done') await savePlace(services.walks, { ...walk, status: 'done' });
  return tally;
}

/**
 * When those of a page begin to get mail who need a place. Places are taken as the customers come, so that no day is over
 * before it can be used, and by whoever needs one by what is stored and no others.
 */
async function wavesIn(
  { walks, playbook, now }: WalkServices,
  walk: Walk,
  silent: ReadonlySet<string>,
  page: readonly string[],
  known: ReadonlyMap<string, Profile | undefined>,
): Promise<ReadonlyMap<string, Instant>> {
  const { startsAt, rampPerDay: perDay } = walk;
  if (perDay === undefined) return new Map();
  const ids = page.filter((id) => needsPlace(known.get(id), silent.has(id), startsAt, playbook));
  if (ids.length === 0) return new Map();
  const used = new Set([...known.values()].flatMap((each) => (each?.kind === 'living' ? (each.waveAt ?? []) : [])));
  const count = ids.length;
  const notBefore = Math.max(startsAt, now());
  const places = await takePlaces(walks, walk, { count, perDay, notBefore, used, now: now() });
  return new Map(ids.flatMap((id, nth) => places.slice(nth, nth + 1).map((at) => [id, at] as const)));
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
