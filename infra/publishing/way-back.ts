/** Going back: to what, and whether functions could read it. */
import type { Move, ReleaseStore } from '../../shared/adapters/release-store.ts';
import { RELEASE_FORMAT } from '../../shared/contracts/content-table.ts';
import { beginningOf, storedEdition, withBeginning } from '../activation/beginning.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { Outline } from './edition.ts';
import type { Live } from './live.ts';
import { isWhole, type Moved, moveTo, type Mover, publish } from './publish.ts';

/** Where to go back to. */
export interface Goal {
  readonly words: string;
  /** Undefined for what was deployed. */
  readonly releaseId: string | undefined;
}

/** @param move undefined for before the first one */
export function goalAt(move: Move | undefined): Goal {
  const releaseId = move?.releaseId;
  if (move === undefined || releaseId === undefined) return { words: 'what was deployed', releaseId: undefined };
  return { words: `number ${move.number} (release ${releaseId})`, releaseId };
}

/**
 * Whether going back means other rules for the stages than those that count now, or a beginning of theirs that nobody wrote down;
 * they have to be told since when they count.
 */
function needsBeginning(outline: Outline, live: Live, t: Instant): boolean {
  return beginningOf(outline, live.outline, t) !== outline.playbook.stages.activeFrom;
}

/**
 * Why one cannot go back there, in a sentence; undefined when one can.
 *
 * @param t the present moment
 */
export async function unreadable(
  releases: ReleaseStore,
  { words, releaseId }: Goal,
  outline: Outline | undefined,
  live: Live,
  t: Instant,
): Promise<string | undefined> {
  if (releaseId === undefined) {
    if (outline === undefined || !needsBeginning(outline, live, t) || (await isWhole(releases, outline)))
      return undefined;
    return `${words} has other rules for the stages, and is not stored as a whole: nobody could tell functions that these rules begin now, and mail that was meant for before would go out. Publish its content instead`;
  }
  if (outline === undefined || !(await isWhole(releases, outline))) {
    return `${words} is not there as a whole any more: publish its content anew`;
  }
  if (outline.format !== RELEASE_FORMAT) {
    return `${words} has format ${outline.format}, and this code reads format ${RELEASE_FORMAT}: publish its content anew`;
  }
  return undefined;
}

/**
 * Makes live again what was live before. Should its rules for the stages not be those of today, they begin now, under another id.
 *
 * @param outline of the goal; undefined when nobody wrote down what was deployed
 * @param live what is live, as far as it is known
 */
export async function goBack(
  store: ReleaseStore,
  { releaseId }: Goal,
  outline: Outline | undefined,
  live: Live,
  mover: Mover,
): Promise<Moved> {
  if (outline === undefined) return moveTo(store, undefined, live.move, mover);
  const activeFrom = beginningOf(outline, live.outline, mover.at);
  if (activeFrom === outline.playbook.stages.activeFrom) {
    return moveTo(store, releaseId === undefined ? undefined : outline, live.move, mover);
  }
  return publish(store, withBeginning(await storedEdition(store, outline), activeFrom), live.move, mover);
}
