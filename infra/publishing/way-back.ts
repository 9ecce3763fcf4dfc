/** Going back: to what, and whether functions could read it. */
import type { Move, ReleaseStore } from '../../shared/adapters/release-store.ts';
import { RELEASE_FORMAT } from '../../shared/contracts/content-table.ts';
import type { Outline } from './edition.ts';
import { isWhole } from './publish.ts';

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

/** Why functions could not read what one wants to go back to; undefined when they could. */
export async function unreadable(
  releases: ReleaseStore,
  { words, releaseId }: Goal,
  outline: Outline | undefined,
): Promise<string | undefined> {
  if (releaseId === undefined) return undefined;
  if (outline === undefined || !(await isWhole(releases, outline))) {
    return `${words} is not there as a whole any more: publish its content anew`;
  }
  if (outline.format !== RELEASE_FORMAT) {
    return `${words} has format ${outline.format}, and this code reads format ${RELEASE_FORMAT}: publish its content anew`;
  }
  return undefined;
}
