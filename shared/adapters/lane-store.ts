/** Where the lane is kept: one item per deployment. */
import type { Lane } from '../lifecycle/lane.ts';

export interface LaneStore {
  /** As of now (a consistent read); an open lane when nothing is stored. */
  read(): Promise<Lane>;
  /**
   * Replaces the lane if the stored version is `expected` (0: if there is none).
   *
   * @param lane carries the version `expected + 1`
   * @returns false when somebody else was faster
   */
  save(lane: Lane, expected: number): Promise<boolean>;
}
