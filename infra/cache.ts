/**
 * Directories named by the hash of everything that went into them, below `build/`. A directory that exists is complete
 * and never changes, so processes may build and read side by side.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMissing } from './missing.ts';

/** The project's root directory. */
export const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** What nobody has used for this long is removed when something new is made. */
const KEEP_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

/** 64 bits of the digest: short enough to read, and collisions among a few hundred builds are out of the question. */
const HASH_CHARACTERS = 16;

/**
 * Hash over files and values. A directory counts with all files below it; names count relative to the given path, so
 * the hash is the same in every checkout.
 */
export async function hashOf(paths: readonly string[], ...values: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const add = (part: string | Buffer) => hash.update(`${part.length}:`).update(part);
  for (const root of paths) {
    for (const file of await filesBelow(root)) {
      add(path.relative(root, file));
      add(await readFile(file));
    }
  }
  for (const value of values) add(value);
  return hash.digest('hex').slice(0, HASH_CHARACTERS);
}

async function filesBelow(root: string): Promise<string[]> {
  if (!(await stat(root)).isDirectory()) return [root];
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

/** The directory `kind`/`hash` if there is one. */
export async function found(kind: string, hash: string): Promise<string | undefined> {
  const directory = path.join(PROJECT, 'build', kind, hash);
  return (await touched(directory)) ? directory : undefined;
}

/** Whose unused directories this process has removed: once is enough, and looking through hundreds takes its time. */
const tidied = new Set<string>();

/** The directory `kind`/`hash`, filled by `fill` unless it is there already. */
export async function cached(kind: string, hash: string, fill: (directory: string) => Promise<void>): Promise<string> {
  const parent = path.join(PROJECT, 'build', kind);
  const directory = path.join(parent, hash);
  if (await touched(directory)) return directory;

  await mkdir(parent, { recursive: true });
  await removeUnused(parent);
  const unfinished = await mkdtemp(path.join(parent, `.${hash}-`));
  try {
    await fill(unfinished);
    await rename(unfinished, directory);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process finished the same directory first; its content is the same by definition.
    if (await touched(directory)) return directory;
    throw error;
  }
  return directory;
}

/** Marks a directory as used now; false when there is none. */
async function touched(directory: string): Promise<boolean> {
  const now = new Date();
  return utimes(directory, now, now).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}

async function removeUnused(parent: string): Promise<void> {
  if (tidied.has(parent)) return;
  tidied.add(parent);
  const oldest = Date.now() - KEEP_MILLISECONDS;
  for (const name of await readdir(parent)) {
    const directory = path.join(parent, name);
    const { mtimeMs } = await stat(directory).catch(() => ({ mtimeMs: Date.now() }));
    if (mtimeMs < oldest) await rm(directory, { recursive: true, force: true });
  }
}
