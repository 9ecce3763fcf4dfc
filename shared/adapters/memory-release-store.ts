/** Releases in memory, with the same contract as the table; for tests. */
import type { Deployed, Move, ReleaseStore } from './release-store.ts';

export class MemoryReleaseStore implements ReleaseStore {
  readonly #moves: Move[] = [];
  readonly #parts = new Map<string, Map<string, string>>();
  #deployed: Deployed | undefined;

  async live(): Promise<Move | undefined> {
    return this.#moves.at(-1);
  }

  async latest(): Promise<Move | undefined> {
    return this.#moves.at(-1);
  }

  async move(move: Move, seen: Move | undefined): Promise<boolean> {
    if (this.#moves.at(-1)?.number !== seen?.number) return false;
    this.#moves.push(move);
    return true;
  }

  async history(): Promise<readonly Move[]> {
    return this.#moves.toReversed();
  }

  async writePart(releaseId: string, name: string, text: string): Promise<void> {
    const parts = this.#parts.get(releaseId) ?? new Map<string, string>();
    this.#parts.set(releaseId, parts);
    if (!parts.has(name)) parts.set(name, text);
  }

  async readPart(releaseId: string, name: string): Promise<string | undefined> {
    return this.#parts.get(releaseId)?.get(name);
  }

  async readParts(releaseId: string): Promise<ReadonlyMap<string, string>> {
    return new Map(this.#parts.get(releaseId));
  }

  async deployed(): Promise<Deployed | undefined> {
    return this.#deployed;
  }

  async setDeployed(deployed: Deployed): Promise<void> {
    this.#deployed = deployed;
  }
}
