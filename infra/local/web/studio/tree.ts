/** The files of the content directory as they are at one moment, so that what was made of them is known to be current. */
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** What tells one state of a file from another, by its path relative to the content directory, with slashes. */
export type Tree = ReadonlyMap<string, string>;

export async function readTree(contentDirectory: string): Promise<Tree> {
  const entries = await readdir(contentDirectory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
  const stamped = await Promise.all(
    files.map(async (entry): Promise<readonly [string, string] | undefined> => {
      const path = join(entry.parentPath, entry.name);
      // A file can go between being listed and being looked at.
      const found = await stat(path, { bigint: true }).catch(() => undefined);
      return found && [relative(contentDirectory, path).split(sep).join('/'), `${found.mtimeNs}:${found.size}`];
    }),
  );
  return new Map(stamped.filter((each) => each !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What tells one state of some files from another. */
export function stampOf(tree: Tree, belongs: (file: string) => boolean): string {
  return [...tree]
    .filter(([file]) => belongs(file))
    .map(([file, stamp]) => `${file} ${stamp}`)
    .join('\n');
}
