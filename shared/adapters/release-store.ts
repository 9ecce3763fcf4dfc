/**
 * Where published releases are kept, and which of them is live. A release is written part by part and never changes;
 * nobody sees it before the pointer names it, and the pointer moves only for who saw where it stood.
 */
import type { Instant } from '../lifecycle/time.ts';

/** A move of the pointer: a publication, or a way back. */
export interface Move {
  /** Counts the moves; the first is 1. */
  readonly number: number;
  /** The release that is live from then on; left out, the one that the functions were deployed with. */
  readonly releaseId?: string;
  /** Of the parts of that release. */
  readonly format: number;
  readonly at: Instant;
  readonly by: string;
  /** What whoever moved it had to say. */
  readonly message?: string;
  /** It brought other rules for the stages: every customer is looked at again for its sake. */
  readonly activates?: true;
}

/** The release a deployment brought, as whoever deployed wrote it down; functions do not ask. */
export interface Deployed {
  readonly releaseId: string;
  readonly at: Instant;
}

/** What functions ask. */
export interface LiveReleases {
  /** The last move; undefined before the first. It may be a second old, which costs half. */
  live(): Promise<Move | undefined>;
  /** The last move, as of now. */
  latest(): Promise<Move | undefined>;
  /** A part of a release as of now; undefined when it is not there as a whole. */
  readPart(releaseId: string, name: string): Promise<string | undefined>;
}

export interface ReleaseStore extends LiveReleases {
  /**
   * Moves the pointer if the last move is the one that was seen (undefined: if there was none).
   *
   * @param move carries the number after it
   * @returns false when somebody else was faster; nothing has changed then
   */
  move(move: Move, seen: Move | undefined): Promise<boolean>;
  /** All moves, newest first. */
  history(): Promise<readonly Move[]>;
  /** Writes a part of a release down, unless it is there already: parts never change. */
  writePart(releaseId: string, name: string, text: string): Promise<void>;
  /** Every part there is as a whole, by its name. */
  readParts(releaseId: string): Promise<ReadonlyMap<string, string>>;
  deployed(): Promise<Deployed | undefined>;
  setDeployed(deployed: Deployed): Promise<void>;
}
