/** Runs checks one after the other and keeps what they find, so that everything wrong is told at once. */
import { asContentError, ContentError, type ContentProblem } from './content-error.ts';

export class Findings {
  readonly #errors: ContentError[] = [];

  get problems(): readonly ContentProblem[] {
    return this.#errors.flatMap(({ problems }) => problems);
  }

  /**
   * What the check yields, or undefined when it found something wrong, or ended early for any other reason: nothing that is
   * written in a file may end whoever looks at it.
   *
   * @param file blamed for what no check has foreseen
   */
  async gather<T>(file: string, check: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      this.#errors.push(asContentError(error, file));
      return undefined;
    }
  }

  /** @throws ContentError if anything was found */
  settle(): void {
    const [cause] = this.#errors;
    if (cause !== undefined) throw new ContentError(this.problems, { cause });
  }
}
