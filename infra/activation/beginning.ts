/**
 * Giving other rules for the stages a beginning: a release that brings them says since when they count, so that nothing
 * they mean for a time before is ever decided. What marketers wrote says nothing of it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ReleaseStore } from '../../shared/adapters/release-store.ts';
import { PLAYBOOK_PART } from '../../shared/email/published-playbook.ts';
import { MANIFEST_FILE } from '../../shared/email/release.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { StagePolicy } from '../../shared/lifecycle/stage.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { digestOf, type Edition, type Outline, partNames } from '../publishing/edition.ts';

/** Whether two policies put every customer into the same stages, whenever each began. */
export function isSamePolicy(
  { activeFrom: _one, ...before }: StagePolicy,
  { activeFrom: _other, ...after }: StagePolicy,
): boolean {
  return isDeepStrictEqual(before, after);
}

/** Between the id of a release, a hash of its content, and the time its rules began, in base 36. */
const BETWEEN = '_';
const RADIX = 36;

/** The id a release has without the beginning of its rules. */
export function contentIdOf(id: string): string {
  return id.split(BETWEEN, 1)[0] ?? id;
}

function idFrom(id: string, activeFrom: Instant | undefined): string {
  const content = contentIdOf(id);
  return activeFrom === undefined ? content : content + BETWEEN + activeFrom.toString(RADIX);
}

function beginning(
  { stages: { activeFrom: _before, ...stages }, ...playbook }: Playbook,
  activeFrom?: Instant,
): Playbook {
  return { ...playbook, stages: activeFrom === undefined ? stages : { ...stages, activeFrom } };
}

/**
 * When the rules of a release would have begun, should it be made live now: those that are live already keep their
 * beginning, others begin at `t`. Where nobody knows what is live they keep the one they have.
 */
export function beginningOf(
  { playbook }: Pick<Outline, 'playbook'>,
  live: Pick<Outline, 'playbook'> | undefined,
  t: Instant,
): Instant | undefined {
  if (live === undefined) return playbook.stages.activeFrom;
  return isSamePolicy(playbook.stages, live.playbook.stages) ? live.playbook.stages.activeFrom : t;
}

/** The edition with the beginning of its rules; the same content with another beginning is another release. */
export function withBeginning(edition: Edition, activeFrom: Instant | undefined): Edition {
  if (edition.playbook.stages.activeFrom === activeFrom) return edition;
  const id = idFrom(edition.id, activeFrom);
  const manifest = { ...edition.manifest, id };
  const playbook = beginning(edition.playbook, activeFrom);
  const parts = new Map(edition.parts)
    .set(MANIFEST_FILE, JSON.stringify(manifest))
    .set(PLAYBOOK_PART, JSON.stringify(playbook));
  return { ...edition, id, manifest, playbook, parts, digest: digestOf(parts, partNames(manifest)) };
}

/** A stored release with its parts, to be written under another beginning. */
export async function storedEdition(store: ReleaseStore, outline: Outline): Promise<Edition> {
  const names = partNames(outline.manifest);
  const parts = [...(await store.readParts(outline.id))].filter(([name]) => names.has(name));
  return { ...outline, parts: new Map(parts) };
}
