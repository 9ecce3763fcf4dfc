/**
 * What marketers wrote, as it was when a release was made of it. It travels with the release, so that the next one can be
 * compared with it in words: compiled mails are no text.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { stringsFileOf } from '../../shared/email/step.ts';

/** Texts of files, by their path below the content directory, with forward slashes. */
export type Sources = Readonly<Record<string, string>>;

/** Made from the playbook's schema, and words that only say what is to be checked: they change no mail. */
const NOT_RELEASED: ReadonlySet<string> = new Set(['playbook.schema.json', 'tone.json']);
/** Which English text each translation was made of: for the lint. */
const TRANSLATED = 'translated/';

/** Reads the sources of a release in the languages of the shop; texts in another one are in preparation. */
export async function readSources(contentDirectory: string, locales: readonly string[]): Promise<Sources> {
  const entries = await readdir(contentDirectory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(?:json|mjml)$/u.test(entry.name))
    .map((entry) => path.relative(contentDirectory, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .filter((file) => !NOT_RELEASED.has(file) && isReleased(file, locales))
    .toSorted();
  const texts = await Promise.all(
    files.map(async (file) => [file, await readFile(path.join(contentDirectory, file), 'utf8')] as const),
  );
  return Object.fromEntries(texts);
}

function isReleased(file: string, locales: readonly string[]): boolean {
  if (!file.startsWith('templates/')) return !file.startsWith(TRANSLATED);
  const strings = stringsFileOf(path.posix.dirname(file), path.posix.basename(file));
  return strings === undefined || locales.includes(strings.locale);
}
