/**
 * Rows that cannot be read, or not in full: all of them counted by reason, the first ones kept with their line. No address
 * is kept.
 */

/** Rows kept with file and line, unless the reader asks for others; the rest is counted. */
const KEPT = 1000;
/** Characters of a value that a report repeats. */
const QUOTED_LIMIT = 40;

export interface BadRow {
  /** Name of the file, without its folder. */
  readonly file: string;
  /** Line of the file, counted from 1, on which the row ends. */
  readonly line: number;
  /** Line on which the row begins, where that is another one. */
  readonly begins?: number;
  readonly reason: string;
}

export interface BadRows {
  readonly total: number;
  /** The first ones. */
  readonly kept: readonly BadRow[];
  /** What was expected, such as "date: missing", and how many rows did not have it; a row may have several faults. */
  readonly byReason: ReadonlyMap<string, number>;
}

/** What is wrong with a cell or a row. */
export interface Fault {
  /** As it is counted: the same for all rows with this fault. */
  readonly expected: string;
  /** What was found instead; absent when repeating it would say nothing, or name a person. */
  readonly found?: string;
}

export interface BadRowList {
  add(begins: number, line: number, faults: readonly Fault[]): void;
  clear(): void;
  done(): BadRows;
}

/** @param most how many are kept with their line */
export function badRowsOf(file: string, most: number = KEPT): BadRowList {
  let total = 0;
  let kept: BadRow[] = [];
  let byReason = new Map<string, number>();
  return {
    add(begins, line, faults) {
      total += 1;
      for (const { expected } of faults) byReason.set(expected, (byReason.get(expected) ?? 0) + 1);
      if (kept.length < most)
        kept.push({ file, line, ...(begins !== line && { begins }), reason: faults.map(inWords).join('; ') });
    },
    clear() {
      total = 0;
      kept = [];
      byReason = new Map();
    },
    done: () => ({ total, kept, byReason }),
  };
}

function inWords({ expected, found }: Fault): string {
  return found === undefined ? expected : `${expected}, found ${quoted(found)}`;
}

/**
 * A value as a message repeats it: in part, with control characters spelt out, since a terminal would act on them, and not
 * at all when it may be an address.
 */
export function quoted(text: string): string {
  if (text.includes('@')) return 'what looks like an e-mail address';
  const characters = Array.from(text, visible);
  const part = characters.slice(0, QUOTED_LIMIT).join('');
  return characters.length > QUOTED_LIMIT ? `"${part}..."` : `"${part}"`;
}

const HEX = 16;

/** U+0000 as `\u0000`. */
export function visible(character: string): string {
  return /\p{Cc}/u.test(character) ? `\\u${(character.codePointAt(0) ?? 0).toString(HEX).padStart(4, '0')}` : character;
}
