/**
 * Steps that were found sound before, so that who changes one sentence waits for the mails that show it, and not for all.
 * What is kept is named by the hash of everything that it was made of and checked by, so it is never that of other files.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { SoundSteps } from '../shared/email/compile.ts';
import { type CompiledTemplate, templateSchema } from '../shared/email/release.ts';
import { cached, found, hashOf, PROJECT } from './cache.ts';

/** The code that mails are made and checked by. */
export const MAKING_MAILS: readonly string[] = [
  'shared/email',
  'shared/lifecycle',
  'shared/contracts',
  'package-lock.json',
].map((name) => path.join(PROJECT, name));

/** Below the directories of the cache. */
const TEMPLATES = 'steps';
const LINTED = 'linted-steps';
const PARTS_FILE = 'parts.json';

const partsSchema = z.record(z.string(), templateSchema);

/** The SHA-256 of every file of the content by its path, with slashes; undefined where there is what cannot be told so. */
async function fingerprints(contentDirectory: string): Promise<ReadonlyMap<string, string> | undefined> {
  const entries = await readdir(contentDirectory, { recursive: true, withFileTypes: true });
  // What a link leads to can lie anywhere.
  if (entries.some((entry) => !entry.isFile() && !entry.isDirectory())) return undefined;
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const hashed = await Promise.all(
    files.toSorted().map(async (file) => {
      const name = path.relative(contentDirectory, file).split(path.sep).join('/');
      return [
        name,
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      ] as const;
    }),
  );
  return new Map(hashed);
}

/**
 * Whether a file can show in the mails of a step: all but the texts of the other steps, and the record of translations,
 * which is checked anew each time. Layouts can hold pieces of one another.
 */
function concerns(file: string, programme: string, step: string): boolean {
  if (file.startsWith('translated/')) return false;
  return (
    !file.startsWith('templates/') ||
    file.startsWith('templates/_shared/') ||
    file.startsWith(`templates/${programme}/${step}/`) ||
    file.endsWith('.mjml')
  );
}

/**
 * What is known of the content as it is now.
 *
 * @param standard whether a step that was compiled is enough, or has to have been held to every rule of the lint, too
 */
export async function openSoundSteps(contentDirectory: string, standard: 'compiled' | 'linted'): Promise<SoundSteps> {
  const files = await fingerprints(contentDirectory);
  // The runtime brings the words of dates, sums and countries.
  const making = await hashOf(MAKING_MAILS, JSON.stringify(process.versions));
  const nameOf = (programme: string, step: string) =>
    hashOf(
      [],
      making,
      `${programme}/${step}`,
      ...[...(files ?? [])].filter(([file]) => concerns(file, programme, step)).flat(),
    );
  return {
    find: async (programme, step) => {
      if (files === undefined) return undefined;
      const name = await nameOf(programme, step);
      if (standard === 'linted' && (await found(LINTED, name)) === undefined) return undefined;
      const directory = await found(TEMPLATES, name);
      if (directory === undefined) return undefined;
      const parts = partsSchema.parse(JSON.parse(await readFile(path.join(directory, PARTS_FILE), 'utf8')));
      return new Map(Object.entries(parts));
    },
    keep: async (made) => {
      if (files === undefined || made.length === 0) return;
      // What was changed while it was made belongs to neither state.
      const now = await fingerprints(contentDirectory);
      const bySteps = new Map<string, { programme: string; step: string; parts: Record<string, CompiledTemplate> }>();
      for (const { entry, parts } of made) {
        const { programme, step, file } = entry;
        const known = bySteps.get(`${programme}/${step}`) ?? { programme, step, parts: {} };
        known.parts[file] = parts;
        bySteps.set(`${programme}/${step}`, known);
      }
      if (JSON.stringify([...(now ?? [])]) !== JSON.stringify([...files])) return;
      for (const { programme, step, parts } of bySteps.values()) {
        const name = await nameOf(programme, step);
        await cached(TEMPLATES, name, (directory) =>
          writeFile(path.join(directory, PARTS_FILE), JSON.stringify(parts)),
        );
        if (standard === 'linted') await cached(LINTED, name, async () => undefined);
      }
    },
  };
}
