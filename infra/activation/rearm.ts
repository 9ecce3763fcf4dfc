/**
 * Looking at everybody again because the rules for the stages are others: page after page all customers are announced as
 * due, and the place after the page is written down once its announcements are on the bus. Being looked at twice changes
 * nothing, so killed anywhere and begun again the walk ends the same.
 */
import type { Announcement, Announcer } from '../../shared/adapters/announcer.ts';
import { type CensusStore, PAGE_PAUSE } from '../../shared/adapters/census-store.ts';
import type { Move, ReleaseStore } from '../../shared/adapters/release-store.ts';
import type { Walk, WalkBook } from '../../shared/adapters/walk-book.ts';
import { ANNOUNCED, DUE_BATCH } from '../../shared/contracts/bus.ts';
import { type Duration, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { savePlace, takeOver } from '../walking.ts';

/**
 * Customers looked at in a second. Each costs `record` a read unit, and who changes two write units: less than half of
 * what one partition of the table writes, so that the shop's own events do not queue behind it.
 */
export const LOOKED_AT_PER_SECOND = 200;

/** Functions take a release within so long; whoever they looked at before would keep the old rules. */
const IN_USE_AFTER: Duration = MINUTE;

export interface RearmServices {
  readonly walks: WalkBook;
  /** All customers, page after page. */
  readonly customers: Pick<CensusStore, 'page'>;
  /** Speaks for the system itself, as the sweep does. */
  readonly announcer: Announcer;
  readonly now: () => Instant;
  readonly sleep: (duration: Duration) => Promise<unknown>;
}

function nameOf({ number }: Pick<Move, 'number'>): string {
  return `activation/${number}`;
}

/** The last activation that has not reached everybody, with how far it is; undefined when there is none. */
export async function unfinishedActivation(
  releases: Pick<ReleaseStore, 'history'>,
  walks: WalkBook,
): Promise<{ readonly move: Move; readonly done: number } | undefined> {
  // Whoever the last one looks at has the rules of that one: those before are no matter.
  const move = (await releases.history()).find(({ activates }) => activates === true);
  const walk = move && (await walks.read(nameOf(move)));
  return move === undefined || walk?.status === 'done' ? undefined : { move, done: walk?.done ?? 0 };
}

/**
 * Has everybody looked at again under the rules that a move brought, or goes on with it.
 *
 * @param told how many have been announced
 * @returns how many they were
 * @throws WalkOvertaken when another run goes on with it; AnnouncementFailed and faults of the stores: call again
 */
export async function rearm(
  services: RearmServices,
  move: Move,
  told: (people: number) => void = () => undefined,
): Promise<number> {
  const { customers, walks, announcer, now, sleep } = services;
  const known = await walks.read(nameOf(move));
  if (known?.status === 'done') return known.done;
  let walk = await takeOver(walks, known ?? beginning(move, now()));
  await sleep(Math.max(0, move.at + IN_USE_AFTER - now()));
  for (;;) {
    const page = await customers.page(walk.after);
    const ids = page.customers.map(({ customerId }) => customerId);
    for (let from = 0; from < ids.length; from += DUE_BATCH) {
      const some = ids.slice(from, from + DUE_BATCH);
      await announcer.announce([looking(move, walk.done + from, some, now())]);
      told(walk.done + from + some.length);
      await sleep((some.length * 1000) / LOOKED_AT_PER_SECOND);
    }
    const { after: _before, ...rest } = walk;
    const isLast = page.next === undefined;
    const done = walk.done + ids.length;
    walk = await savePlace(walks, { ...rest, done, ...(isLast ? { status: 'done' } : { after: page.next }) });
    if (isLast) return done;
    await sleep(PAGE_PAUSE);
  }
}

function beginning({ at, by, number }: Move, now: Instant): Walk {
  return { version: 0, name: nameOf({ number }), startsAt: at, begunAt: now, by, status: 'running', done: 0 };
}

/** Made of the move and the place: said again after a crash it is the same. */
function looking(move: Move, place: number, customerIds: readonly string[], t: Instant): Announcement {
  return { detailType: ANNOUNCED.customerDue, id: `${nameOf(move)}/${place}`, occurredAt: t, data: { customerIds } };
}
