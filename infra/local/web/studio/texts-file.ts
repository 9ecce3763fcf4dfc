/**
 * A file of texts as the pages read and write it: keys in the order they have, formatted as they are kept. Nothing is
 * ever written outside of the content directory, or over what somebody else has written meanwhile.
 */
import { createHash } from 'node:crypto';
import { lstat, readFile, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import * as z from 'zod/mini';
import { isMissing } from '../../../missing.ts';

export interface TextsFile {
  /** Relative to the content directory. */
  readonly file: string;
  /** Names the bytes of the file; {@link ABSENT} for one that is not there. */
  readonly seen: string;
  /** By key, in the order of the file. */
  readonly texts: ReadonlyMap<string, string>;
}

/** The fingerprint of a file that is not there. */
export const ABSENT = 'absent';

/** What is written may not go there. */
export class NotOurFile extends Error {
  override readonly name = 'NotOurFile';
}

/** The file is there, and no file of texts; a person has to put it right in an editor. */
export class NoTexts extends Error {
  override readonly name = 'NoTexts';
}

const textsSchema = z.record(z.string(), z.string());

/** Undefined for a file that is not there. */
async function sourceOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function fingerprint(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}

/**
 * A file that is not there has no texts.
 *
 * @throws NoTexts
 */
export async function readTexts(contentDirectory: string, file: string): Promise<TextsFile> {
  const source = await sourceOf(join(contentDirectory, file));
  if (source === undefined) return { file, seen: ABSENT, texts: new Map() };
  try {
    return { file, seen: fingerprint(source), texts: new Map(Object.entries(textsSchema.parse(JSON.parse(source)))) };
  } catch (cause) {
    throw new NoTexts(`${file} is no JSON file of texts`, { cause });
  }
}

/** @throws NotOurFile for a path that leads out of the content directory, also by a link */
async function pathBelow(contentDirectory: string, file: string): Promise<string> {
  const root = await realpath(contentDirectory);
  const wanted = resolve(root, file);
  const directory = await realpath(dirname(wanted)).catch((cause: unknown) => {
    throw new NotOurFile(`there is no directory for ${file}`, { cause });
  });
  const path = join(directory, basename(wanted));
  const within = relative(root, path);
  if (within.startsWith('..') || resolve(root, within) !== path) throw new NotOurFile(`${file} is outside the content`);
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) throw new NotOurFile(`${file} is no plain file`);
  return path;
}

export type Saved =
  /** It is as wanted now; `changed` names the keys whose texts are others than before. */
  | { readonly kind: 'saved'; readonly changed: ReadonlySet<string> }
  /** Somebody else has written the file since it was read: nothing is written. */
  | { readonly kind: 'overtaken'; readonly now: TextsFile };

/**
 * Writes texts into a file; those that are not named stay as they are.
 *
 * @param texts by key; one that is empty is taken out of the file
 * @param seen fingerprint of the file as whoever changed it saw it
 * @param order of keys the file does not have yet
 * @throws NotOurFile, NoTexts
 */
export async function saveTexts(
  contentDirectory: string,
  file: string,
  texts: ReadonlyMap<string, string>,
  seen: string,
  order: readonly string[],
): Promise<Saved> {
  const path = await pathBelow(contentDirectory, file);
  const now = await readTexts(contentDirectory, file);
  if (now.seen !== seen) return { kind: 'overtaken', now };
  const next = new Map([...now.texts, ...texts]);
  const keys = new Set([...now.texts.keys(), ...order, ...next.keys()]);
  const written = [...keys].flatMap((key): [string, string][] => {
    const text = next.get(key) ?? '';
    return text === '' ? [] : [[key, text]];
  });
  const changed = new Set([...keys].filter((key) => (next.get(key) ?? '') !== (now.texts.get(key) ?? '')));
  if (changed.size > 0) await writeFile(path, `${JSON.stringify(Object.fromEntries(written), undefined, 2)}\n`);
  return { kind: 'saved', changed };
}
