/** What making something live would change, as it was found when somebody asked; asking again finds it anew. */
import { stat } from 'node:fs/promises';
import type { CensusStore } from '../../../../shared/adapters/census-store.ts';
import type { Move, ReleaseStore } from '../../../../shared/adapters/release-store.ts';
import type { Instant } from '../../../../shared/lifecycle/time.ts';
import { changesInWords } from '../../../activation/activating.ts';
import { beginningOf, isSamePolicy, withBeginning } from '../../../activation/beginning.ts';
import { LOOKED_AT_PER_SECOND } from '../../../activation/rearm.ts';
import { countStageChanges } from '../../../activation/stage-changes.ts';
import { UnplayablePlaybook } from '../../../build.ts';
import { playbookWords } from '../../../publishing/account.ts';
import { differencesBetween } from '../../../publishing/differences.ts';
import { compileEdition, type Edition, type Outline } from '../../../publishing/edition.ts';
import { isLive, type Live, liveWords, readLive, readRelease } from '../../../publishing/live.ts';
import { type ToldSection, toldDifferences } from '../../../publishing/told-differences.ts';
import { ContentChanged } from '../../../publishing/unchanged.ts';
import { countWaiting, type Waiting } from '../../../publishing/waiting.ts';
import { type Goal, goalAt, unreadable } from '../../../publishing/way-back.ts';
import { type Finding, type Inspection, stampOf } from './inspection.ts';

export interface Services {
  readonly releases: ReleaseStore;
  readonly census: Pick<CensusStore, 'page'>;
  readonly inspection: Pick<Inspection, 'look'>;
  readonly contentDirectory: string;
  readonly now: () => Instant;
}

/** What differs, for people; undefined where nobody wrote down what was deployed. */
type Account =
  | {
      readonly sections: readonly ToldSection[];
      readonly waiting: Waiting;
      readonly notes: readonly string[];
    }
  | undefined;

/** What would be made live: the content as it was under that stamp, or what was live before. */
export type Candidate =
  | { readonly kind: 'content'; readonly stamp: string; readonly releaseId: string }
  | { readonly kind: 'back'; readonly goal: Goal };

interface Wrong {
  readonly kind: 'wrong';
  readonly findings: readonly Finding[];
}

interface Impossible {
  readonly kind: 'impossible';
  readonly why: string;
}

export type Comparison = {
  readonly at: Instant;
  /** What was live. */
  readonly live: string;
  /** The last move that was seen; 0 when there was none. */
  readonly seen: number;
} & (
  | Wrong
  | Impossible
  | { readonly kind: 'same' }
  | {
      readonly kind: 'ready';
      readonly candidate: Candidate;
      readonly account: Account;
      readonly warnings: readonly Finding[];
    }
);

/** Where `to` of the pages leads back to the release of the deployment. */
export const DEPLOYED = 'deployed';

const CHANGED_MEANWHILE = 'The content was changed while it was looked at. Compare again.';

/** Compares what marketers have written with what is live by then: looking through the content takes a while. */
export async function compareContent(services: Services): Promise<Comparison> {
  const found = await soundContent(services);
  const { live, head } = await begun(services);
  if (found.kind !== 'sound') return { ...head, ...found };
  const { stamp, warnings } = found;
  const edition = withBeginning(found.edition, beginningOf(found.edition, live.outline, head.at));
  if (isLive(live, edition)) return { ...head, kind: 'same' };
  return {
    ...head,
    kind: 'ready',
    candidate: { kind: 'content', stamp, releaseId: found.edition.id },
    account: await accountOf(services, live.outline, edition),
    warnings,
  };
}

type Found =
  | {
      readonly kind: 'sound';
      readonly edition: Edition;
      readonly stamp: string;
      readonly warnings: readonly Finding[];
    }
  | Wrong
  | Impossible;

async function soundContent({ contentDirectory, inspection }: Services): Promise<Found> {
  const absent = await missing(contentDirectory);
  if (absent !== undefined) return { kind: 'impossible', why: absent };
  const { stamp, findings } = await inspection.look();
  if (findings.some(({ severity }) => severity === 'error')) return { kind: 'wrong', findings };
  if ((await stampOf(contentDirectory)) !== stamp) return { kind: 'impossible', why: CHANGED_MEANWHILE };
  const edition = await compiled(contentDirectory, stamp);
  if (typeof edition === 'string') return { kind: 'impossible', why: edition };
  return { kind: 'sound', edition, stamp, warnings: findings };
}

/** Compares what was live once with what is; undefined when `to` names nothing that was. */
export async function compareBack(services: Services, to: string): Promise<Comparison | undefined> {
  const { releases } = services;
  const move = (await releases.history()).find(({ number }) => String(number) === to);
  if (move === undefined && to !== DEPLOYED) return undefined;
  const { live, head } = await begun(services);
  const goal = goalAt(move);
  if (goal.releaseId === live.move?.releaseId) return { ...head, kind: 'same' };
  const outline = await readRelease(releases, goal.releaseId);
  const why = await unreadable(releases, goal, outline, live, head.at);
  if (why !== undefined) return { ...head, kind: 'impossible', why };
  const account = await accountOf(services, live.outline, outline);
  return { ...head, kind: 'ready', candidate: { kind: 'back', goal }, account, warnings: [] };
}

async function begun({ releases, now }: Services) {
  const live: Live = await readLive(releases);
  return { live, head: { at: now(), live: liveWords(live), seen: numberOf(live.move) } };
}

export function numberOf(move: Move | undefined): number {
  return move?.number ?? 0;
}

async function missing(contentDirectory: string): Promise<string | undefined> {
  try {
    await stat(contentDirectory);
    return undefined;
  } catch (error) {
    return `${contentDirectory} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The edition of the content under that stamp, or why there is none. */
export async function compiled(contentDirectory: string, stamp: string): Promise<Edition | string> {
  try {
    const edition = await compileEdition(contentDirectory);
    return (await stampOf(contentDirectory)) === stamp ? edition : CHANGED_MEANWHILE;
  } catch (error) {
    if (error instanceof ContentChanged) return CHANGED_MEANWHILE;
    if (error instanceof UnplayablePlaybook) return error.message;
    throw error;
  }
}

async function activationNotes(
  census: Services['census'],
  { playbook: { stages: before } }: Outline,
  { playbook: { stages: after } }: Outline,
  t: Instant,
): Promise<readonly string[]> {
  if (isSamePolicy(before, after)) return [];
  const changes = changesInWords(await countStageChanges(census, before, after, t));
  return [
    ...changes,
    'Mail that follows stages, traits or a rhythm counts from then on: nothing that was meant for before is sent.',
    `Afterwards everybody is looked at again, ${LOOKED_AT_PER_SECOND} a second, and the page of releases says how far that is.`,
  ];
}

async function accountOf(
  { census, now }: Services,
  before: Outline | undefined,
  after: Outline | undefined,
): Promise<Account> {
  if (before === undefined || after === undefined) return undefined;
  return {
    sections: toldDifferences(differencesBetween(before.sources, after.sources)),
    waiting: await countWaiting(census, before, after, now(), () => undefined),
    notes: [...playbookWords(before, after), ...(await activationNotes(census, before, after, now()))],
  };
}
