/** The lane in memory, with the same contract as the table; for tests. */
import { type Lane, OPEN_LANE } from '../lifecycle/lane.ts';
import type { LaneStore } from './lane-store.ts';

export class MemoryLaneStore implements LaneStore {
  #lane: Lane = OPEN_LANE;

  async read(): Promise<Lane> {
    return structuredClone(this.#lane);
  }

  async save(lane: Lane, expected: number): Promise<boolean> {
    if (this.#lane.version !== expected) return false;
    this.#lane = structuredClone(lane);
    return true;
  }
}
