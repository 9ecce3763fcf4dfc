/** Runs checks one after the other and keeps what they find, so that everything wrong is told at once. */
import { ContentError, type ContentProblem } from './content-error.ts';

export class Findings {
  readonly #problems: ContentProblem[] = [];

  get problems(): readonly ContentProblem[] {
    return this.#problems;
  }

  /** What the check yields, or undefined when it found something wrong. */
  async gather<T>(check: () => Promise<T>): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      this.#problems.push(...error.problems);
      return undefined;
    }
  }

  /** @throws ContentError if anything was found */
  settle(): void {
    if (this.#problems.length > 0) throw new ContentError(this.#problems);
  }
}
