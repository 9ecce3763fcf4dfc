/**
 * The lines of a file we append to, as an earlier run has left it: one that was killed while it wrote leaves half a line behind,
 * which is cut off, so that the next line does not become a part of it.
 */
import { open, readFile } from 'node:fs/promises';
import { UsageError } from '../local/usage-error.ts';
import { isMissing } from '../missing.ts';

const NEW_LINE = 0x0a;

/** What a file of ours holds. */
interface Kind<T> {
  /** In words, such as "copies of messages". */
  readonly what: string;
  /** With what each line begins that we write: nothing else is ever cut off. */
  readonly opening: string;
  /** Undefined for what is no line of such a file. */
  readonly read: (line: string) => T | undefined;
}

/**
 * Empty lines count for nothing; a file that is not there has none.
 *
 * @throws UsageError when the file holds anything else, or cannot be read or written: it is left as it is
 */
export async function ownLines<T>(file: string, { what, opening, read }: Kind<T>): Promise<readonly T[]> {
  const other = () => new UsageError(`${file} holds something else than ${what}: name another file`);
  const bytes = await bytesOf(file);
  const whole = bytes.lastIndexOf(NEW_LINE) + 1;
  const lines = bytes
    .subarray(0, whole)
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '');
  const last = bytes.subarray(whole).toString();
  // Also whole, if the run died just before the end of the line, or somebody has edited the file.
  const isWhole = read(last) !== undefined;
  const found = (isWhole ? [...lines, last] : lines).map((line) => {
    const each = read(line);
    if (each === undefined) throw other();
    return each;
  });
  if (last === '') return found;
  if (!isWhole && (jsonOf(last) !== undefined || !(last.startsWith(opening) || opening.startsWith(last))))
    throw other();
  await endLine(file, isWhole ? undefined : whole);
  return found;
}

/** Undefined for what is no JSON. */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    // Without its message, which quotes the line.
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    if (isMissing(cause)) return Buffer.alloc(0);
    throw new UsageError(`cannot read ${file} (${cause instanceof Error ? cause.message : ''})`, { cause });
  }
}

/** @param length of the file without half a line; undefined where the last line only lacks its end */
async function endLine(file: string, length: number | undefined): Promise<void> {
  try {
    const handle = await open(file, 'r+');
    try {
      if (length !== undefined) await handle.truncate(length);
      else await handle.write('\n', (await handle.stat()).size);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new UsageError(`cannot write ${file} (${cause instanceof Error ? cause.message : ''})`, { cause });
  }
}
