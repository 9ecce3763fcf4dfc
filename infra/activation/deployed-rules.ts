/**
 * A deployment that would bring other rules for the stages: nobody is shown whom they move, they have no beginning, and
 * nobody is looked at again. So they are published instead, and a deployment of them is refused.
 */
import type { CensusStore } from '../../shared/adapters/census-store.ts';
import type { Move, ReleaseStore } from '../../shared/adapters/release-store.ts';
import { PLAYBOOK_PART } from '../../shared/email/published-playbook.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { StagePolicy } from '../../shared/lifecycle/stage.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { Outline } from '../publishing/edition.ts';
import { isSamePolicy } from './beginning.ts';
import { countStageChanges, type StageChanges } from './stage-changes.ts';

/** What was the last move when it was looked at, and the rules for the stages that a deployment replaces. */
export interface Replaced {
  readonly move: Move | undefined;
  readonly rules: StagePolicy;
}

/**
 * The rules that are live and that a deployment of this release replaces; undefined where they are the same, where what is
 * live was published and stays, and where nobody wrote down what was deployed. What was published in another format than
 * these functions read does not stay.
 */
export async function rulesReplacedBy(
  store: ReleaseStore,
  { playbook, format }: Pick<Outline, 'playbook' | 'format'>,
): Promise<Replaced | undefined> {
  const move = await store.latest();
  if (move?.releaseId !== undefined && move.format === format) return undefined;
  const releaseId = move?.releaseId ?? (await store.deployed())?.releaseId;
  // Of a release of older code no more is read than is needed.
  const text = releaseId === undefined ? undefined : await store.readPart(releaseId, PLAYBOOK_PART);
  if (text === undefined) return undefined;
  const { stages: rules }: Pick<Playbook, 'stages'> = JSON.parse(text);
  return isSamePolicy(playbook.stages, rules) ? undefined : { move, rules };
}

/** Whom a deployment of this release would move; undefined where it replaces no rules, or nobody is known yet. */
export async function movedByDeploying(
  { releases, census }: { readonly releases: ReleaseStore; readonly census: Pick<CensusStore, 'page'> },
  edition: Pick<Outline, 'playbook' | 'format'>,
  now: Instant,
): Promise<StageChanges | undefined> {
  const replaced = await rulesReplacedBy(releases, edition);
  if (replaced === undefined) return undefined;
  const changes = await countStageChanges(census, replaced.rules, edition.playbook.stages, now);
  return changes.customers === 0 ? undefined : changes;
}
