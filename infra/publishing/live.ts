/** What is live in a deployment, as far as it can be told: a release that was published, or the one that was deployed. */
import type { Move, ReleaseStore } from '../../shared/adapters/release-store.ts';
import { absolute } from '../../shared/lifecycle/explain/when.ts';
import { type Edition, type Outline, readOutline } from './edition.ts';

export interface Live {
  /** The move that made it so; undefined when nothing was ever published. */
  readonly move: Move | undefined;
  /** Undefined when nobody wrote down what was deployed. */
  readonly outline: Outline | undefined;
}

export async function readLive(store: ReleaseStore): Promise<Live> {
  const move = await store.latest();
  return { move, outline: await readRelease(store, move?.releaseId) };
}

/** The release of that id, or the one that was deployed; undefined when it is not there. */
export async function readRelease(store: ReleaseStore, releaseId: string | undefined): Promise<Outline | undefined> {
  const id = releaseId ?? (await store.deployed())?.releaseId;
  return id === undefined ? undefined : readOutline(store, id);
}

/** A release that stands under the live one's name may still be the outline of a deployment, which is live as it is. */
export function isLive({ move, outline }: Live, { id, digest }: Pick<Edition, 'id' | 'digest'>): boolean {
  return (
    outline?.id === id && outline.digest === digest && (move?.releaseId === undefined || move.releaseId === outline.id)
  );
}

/** "number 3 (release 5f0c..., published 2 Mar 2026, 12:00 UTC by anna)" */
export function liveWords({ move, outline }: Live): string {
  if (move?.releaseId === undefined) {
    return `what was deployed${outline === undefined ? '' : ` (release ${outline.id})`}`;
  }
  return `number ${move.number} (release ${move.releaseId}, ${absolute(move.at)}, by ${move.by})`;
}
