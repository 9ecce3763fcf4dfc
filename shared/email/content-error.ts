/** What is wrong in the content, told so that the person who wrote it can put it right: file, line, what to do. */

export interface ContentProblem {
  /** Path relative to the content directory. */
  readonly file: string;
  /** 1-based; absent when the problem is the file as a whole. */
  readonly line?: number | undefined;
  readonly problem: string;
  readonly advice: string;
}

function sentence({ file, line, problem, advice }: ContentProblem): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${problem}; ${advice}`;
}

/** The content cannot be released. Carries every problem found, not just the first. */
export class ContentError extends Error {
  override readonly name = 'ContentError';
  readonly problems: readonly ContentProblem[];

  constructor(problems: readonly ContentProblem[], options?: ErrorOptions) {
    // A piece that many templates share is checked in each of them.
    const distinct = new Map(problems.map((problem) => [sentence(problem), problem]));
    super([...distinct.keys()].join('\n'), options);
    this.problems = [...distinct.values()];
  }
}

/** Whatever a parser or a renderer ends with over a file, told as a problem of that file. */
export function asContentError(cause: unknown, file: string): ContentError {
  if (cause instanceof ContentError) return cause;
  const [told = ''] = String(cause).split('\n');
  const advice = 'undo what was changed last, or write it in a simpler way';
  return new ContentError([{ file, problem: `nothing can be made of it: ${told}`, advice }], { cause });
}
