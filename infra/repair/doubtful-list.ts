/** The doubtful messages in a file, a JSON line each and each once, however often the repair was interrupted. */
import { z } from 'zod';
import type { Doubtful } from './doubtful.ts';
import { appendForOwner } from './owner-file.ts';
import { jsonOf, ownLines } from './own-lines.ts';

const listed = z.object({
  customerId: z.string(),
  key: z.string(),
  moment: z.number(),
  fate: z.enum(['given up', 'goes out']),
});

export class DoubtfulList {
  readonly #file: string;
  readonly #known = new Map<string, Doubtful>();

  private constructor(file: string) {
    this.#file = file;
  }

  /**
   * With what an earlier run has found, but for half a line at the end, of a message that run did not settle.
   *
   * @throws UsageError when the file is another one, or cannot be read or written
   */
  static async open(file: string): Promise<DoubtfulList> {
    const list = new DoubtfulList(file);
    const lines = await ownLines(file, {
      what: 'a list of doubtful messages',
      opening: '{"customerId":',
      read: (line) => listed.safeParse(jsonOf(line)).data,
    });
    for (const each of lines) list.#known.set(idOf(each), each);
    return list;
  }

  get all(): readonly Doubtful[] {
    return [...this.#known.values()].toSorted((one, other) => one.moment - other.moment);
  }

  async add(doubtful: readonly Doubtful[]): Promise<void> {
    const fresh = doubtful.filter((each) => !this.#known.has(idOf(each)));
    for (const each of fresh) this.#known.set(idOf(each), each);
    const lines = fresh.map((each) => `${JSON.stringify(each)}\n`).join('');
    if (lines !== '') await appendForOwner(this.#file, lines);
  }
}

function idOf({ customerId, key }: Doubtful): string {
  return JSON.stringify([customerId, key]);
}
