/**
 * Reads files of the content, none larger than any that is written for mails: what is not read can exhaust no parser. Build
 * time and pages only.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ContentError, type ContentProblem } from './content-error.ts';

/** Bytes of a layout or a piece of one; the largest has a tenth. */
const LARGEST_LAYOUT_BYTES = 40_000;
/** Bytes of the texts of a template: no mail with more of them would be shown whole. */
const LARGEST_TEXTS_BYTES = 100_000;
/** Bytes of a data file, such as a library of some thousand articles. */
const LARGEST_DATA_BYTES = 1_000_000;
/** Bytes of a file that are looked through for what makes it so large. */
const LOOKED_THROUGH_BYTES = 10_000_000;

function largest(file: string): number {
  if (file.endsWith('.mjml')) return LARGEST_LAYOUT_BYTES;
  return /^templates[/\\]/u.test(file) ? LARGEST_TEXTS_BYTES : LARGEST_DATA_BYTES;
}

/** From 1. */
function longestLine(source: string): number {
  let [longest, length] = [1, 0];
  for (const [index, line] of source.split('\n').entries()) {
    if (line.length > length) [longest, length] = [index + 1, line.length];
  }
  return longest;
}

async function read(path: string, file: string): Promise<string> {
  const found = await stat(path);
  const refuse = (problem: Omit<ContentProblem, 'file'>) => new ContentError([{ file, ...problem }]);
  if (!found.isFile()) throw refuse({ problem: 'this is no file', advice: 'move it away, and write a file there' });
  const most = largest(file);
  if (found.size <= most) return readFile(path, 'utf8');
  const line = found.size > LOOKED_THROUGH_BYTES ? undefined : longestLine(await readFile(path, 'utf8'));
  const where = line === undefined ? '' : ', beginning with what stands here';
  const problem = `the file has ${found.size} bytes, and ${most} are the most`;
  throw refuse({ line, problem, advice: `shorten it${where}` });
}

/**
 * @param file relative to the content directory
 * @throws ContentError when there is no such file, it cannot be read, or is larger than any that is written for mails
 */
export async function readContent(contentDirectory: string, file: string): Promise<string> {
  try {
    return await read(join(contentDirectory, file), file);
  } catch (cause) {
    if (cause instanceof ContentError) throw cause;
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ContentError([{ file, problem, advice: 'write a file that can be read' }], { cause });
  }
}
