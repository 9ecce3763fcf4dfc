/**
 * Making a release live. All parts are written and read back before the pointer moves, and it moves only for who saw
 * where it stood: what is half-written never goes live, a second try goes on where the first one ended, and of two
 * publishers at once one wins and the other changes nothing.
 */
import { userInfo } from 'node:os';
import type { Move, ReleaseStore } from '../../shared/adapters/release-store.ts';
import { RELEASE_FORMAT } from '../../shared/contracts/content-table.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { rulesReplacedBy } from '../activation/deployed-rules.ts';
import { besides, digestOf, type Edition, type Outline, partNames } from './edition.ts';

/** Parts written at once; one partition of the table takes 1,000 units a second, and a part is about ten. */
const AT_ONCE = 4;

/** What was read back is not what was written. */
export class UnfaithfulRelease extends Error {
  override readonly name = 'UnfaithfulRelease';
}

/** What the list of releases says of a deployment that made other rules live. */
const DEPLOYED_RULES = 'deployed with other rules for the stages';

/** Who moves the pointer, when, and why. */
export interface Mover {
  readonly at: Instant;
  readonly by: string;
  readonly message?: string | undefined;
  /** The release brings other rules for the stages. */
  readonly activates?: boolean;
}

/** Whoever moves the pointer, as this machine knows them. */
export function personHere(): string {
  return userInfo().username;
}

export type Moved =
  | { readonly kind: 'moved'; readonly move: Move }
  /** Somebody else moved the pointer meanwhile; nothing has changed. */
  | { readonly kind: 'overtaken'; readonly by: Move | undefined };

/**
 * Writes a release down and makes it live.
 *
 * @param seen the last move, as it was when whoever publishes looked at what is going to change
 * @param told how many of how many parts are written
 * @throws UnfaithfulRelease, and faults of the store; nothing is live then that was not before
 */
export async function publish(
  store: ReleaseStore,
  edition: Edition,
  seen: Move | undefined,
  mover: Mover,
  told: (written: number, total: number) => void = () => undefined,
): Promise<Moved> {
  await writeEdition(store, edition, mover, told);
  return moveTo(store, edition, seen, mover);
}

/** @throws UnfaithfulRelease, and faults of the store */
async function writeEdition(
  store: ReleaseStore,
  edition: Edition,
  { at, by }: Mover,
  told: (written: number, total: number) => void,
): Promise<void> {
  const { id, parts, digest } = edition;
  const { sources, summary } = besides(edition, at, by);
  const there = await store.readParts(id);
  const missing = [...parts, sources].filter(([name]) => !there.has(name));
  let written = 0;
  const queue = missing.values();
  const work = async () => {
    for (const [name, text] of queue) {
      await store.writePart(id, name, text);
      written += 1;
      told(written, missing.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const back = missing.length === 0 ? there : await store.readParts(id);
  if (digestOf(back, parts.keys()) !== digest) {
    const wrong = [...parts].filter(([name, text]) => back.get(name) !== text).map(([name]) => name);
    throw new UnfaithfulRelease(
      `the release ${id} is not as it was written, in ${wrong.join(', ')}; nothing was published`,
    );
  }
  // Last, so that a release that was never written whole is not listed as one.
  await store.writePart(id, ...summary);
}

/** Moves the pointer to a release that is stored as a whole; without one, to that of the deployment. */
export async function moveTo(
  store: ReleaseStore,
  release: Pick<Outline, 'id' | 'format'> | undefined,
  seen: Move | undefined,
  { at, by, message, activates }: Mover,
): Promise<Moved> {
  const move: Move = {
    number: (seen?.number ?? 0) + 1,
    ...(release !== undefined && { releaseId: release.id }),
    format: release?.format ?? RELEASE_FORMAT,
    at,
    by,
    ...(message !== undefined && { message }),
    ...(activates === true && { activates }),
  };
  if (await store.move(move, seen)) return { kind: 'moved', move };
  return { kind: 'overtaken', by: await store.latest() };
}

/** Whether every part of a stored release that functions read is there as it was written. */
export async function isWhole(store: ReleaseStore, { id, digest, manifest }: Outline): Promise<boolean> {
  return digestOf(await store.readParts(id), partNames(manifest)) === digest;
}

/**
 * Writes down what a deployment brought, so that the first publication after it can be compared with it; and as a whole, so that
 * going back to it can say since when its rules for the stages count. Where it made other rules live, that is a move of its
 * own: by it everybody can be looked at again.
 *
 * @returns that move, if there was one
 * @throws UnfaithfulRelease, and faults of the store
 */
export async function writeDeployed(
  store: ReleaseStore,
  edition: Edition,
  at: Instant,
  by: string,
): Promise<Move | undefined> {
  const before = await rulesReplacedBy(store, edition);
  await writeEdition(store, edition, { at, by }, () => undefined);
  // The move first: killed in between, it is made once more, which costs one look at everybody, and never left out.
  const moved =
    before && (await moveTo(store, undefined, before.move, { at, by, message: DEPLOYED_RULES, activates: true }));
  await store.setDeployed({ releaseId: edition.id, at });
  return moved?.kind === 'moved' ? moved.move : undefined;
}
