/** Walks in memory, with the same contract as the table; for tests. */
import type { Walk, WalkBook } from './walk-book.ts';

export class MemoryWalkBook implements WalkBook {
  readonly #walks = new Map<string, Walk>();

  async read(name: string): Promise<Walk | undefined> {
    return structuredClone(this.#walks.get(name));
  }

  async save(walk: Walk, expected: number): Promise<boolean> {
    if ((this.#walks.get(walk.name)?.version ?? 0) !== expected) return false;
    this.#walks.set(walk.name, structuredClone(walk));
    return true;
  }
}
