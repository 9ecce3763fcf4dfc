/**
 * Which translations are as new as their English source. For every translated text `translated/<locale>.json` keeps a
 * digest of the English text it was written from; where that is another one by now, the translation is older.
 */
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Node } from 'jsonc-parser';
import * as z from 'zod/mini';
import type { ContentProblem } from './content-error.ts';
import { readContent } from './content-file.ts';
import { lineAt, roughTree } from './json-text.ts';
import { FALLBACK_LOCALE } from './locale.ts';
import { stringsFileOf, TEMPLATES } from './step.ts';
import { jsonIn, readJson } from './strings.ts';
import { isUntranslated } from './rules/typography.ts';

const DIRECTORY = 'translated';
const PAGES = 'preferences';
/** Hexadecimal digits of a digest: enough to tell two versions of one sentence apart. */
const DIGEST_LENGTH = 6;

/** One text in one language, and what it is a translation of. */
export interface Translation {
  readonly locale: string;
  /** The file it is in, or ought to be in, relative to the content directory. */
  readonly file: string;
  /** Its key, or its path within the file, joined by slashes. */
  readonly key: string;
  /** 1-based; undefined where there is none in that file. */
  readonly line: number | undefined;
  /** Undefined when there is none. */
  readonly text: string | undefined;
  readonly english: string;
}

/** By file, "key:digest" of each text, parted by spaces. */
const recordSchema = z.record(z.string(), z.string());
type Confirmed = Map<string, Map<string, string>>;

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, DIGEST_LENGTH);

interface Leaf {
  readonly path: readonly string[];
  readonly text: string;
  readonly line: number;
}

/** Every text of a JSON file with its path. @throws ContentError */
function leavesOf(file: string, source: string): readonly Leaf[] {
  const walk = (node: Node, path: readonly string[]): Leaf[] => {
    if (node.type === 'string') return [{ path, text: String(node.value), line: lineAt(source, node.offset) }];
    if (node.type === 'array')
      return (node.children ?? []).flatMap((child, index) => walk(child, [...path, `${index}`]));
    return (node.children ?? []).flatMap(({ children: [key, value] = [] }) =>
      key === undefined || value === undefined ? [] : walk(value, [...path, String(key.value)]),
    );
  };
  const tree = jsonIn(file, () => roughTree(source));
  return tree === undefined ? [] : walk(tree, []);
}

/** Whatever else is wrong with a file, whoever reads it says. */
function isThere(contentDirectory: string, file: string): Promise<boolean> {
  return access(join(contentDirectory, file)).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'),
  );
}

/** Texts kept in a file per language: of templates and of pages. */
async function ofPair(directory: string, english: string, file: string, locale: string): Promise<Translation[]> {
  const source = await readContent(directory, english);
  const target = (await isThere(directory, file)) ? await readContent(directory, file) : '{}';
  const known = new Map(leavesOf(file, target).map((leaf) => [leaf.path.join('/'), leaf]));
  return leavesOf(english, source).map(({ path, text }) => {
    const key = path.join('/');
    const own = known.get(key);
    return { locale, file, key, line: own?.line, text: own?.text, english: text };
  });
}

/** Texts that stand in one file in all languages: `{ "en": "...", "sv": "..." }`. */
async function ofData(directory: string, file: string, locale: string): Promise<Translation[]> {
  const leaves = leavesOf(file, await readContent(directory, file));
  const known = new Map(leaves.map((leaf) => [leaf.path.join('/'), leaf]));
  return leaves
    .filter(({ path }) => path.at(-1) === FALLBACK_LOCALE)
    .map(({ path, text, line }) => {
      const key = path.slice(0, -1).join('/');
      const own = known.get([...path.slice(0, -1), locale].join('/'));
      return { locale, file, key, line: own?.line ?? line, text: own?.text, english: text };
    });
}

/** Every text the content has in English, in each of these languages; in English it is its own translation. */
export async function translationsOf(contentDirectory: string, locales: readonly string[]): Promise<Translation[]> {
  const names = (await readdir(contentDirectory, { recursive: true })).map((name) => name.split(sep).join('/'));
  const found: Translation[] = [];
  for (const locale of locales) {
    for (const name of names.toSorted()) {
      const parts = name.split('/');
      const file = parts.at(-1) ?? '';
      const strings = parts[0] === TEMPLATES ? stringsFileOf(dirname(name), file) : undefined;
      if (strings?.locale === FALLBACK_LOCALE) {
        const variant = strings.variant === undefined ? '' : `.${strings.variant}`;
        found.push(...(await ofPair(contentDirectory, name, `${dirname(name)}/${locale}${variant}.json`, locale)));
      } else if (name === `${PAGES}/${FALLBACK_LOCALE}.json`) {
        found.push(...(await ofPair(contentDirectory, name, `${PAGES}/${locale}.json`, locale)));
      } else if (parts.length === 1 && file.endsWith('.json') && !UNTRANSLATED_FILES.has(file)) {
        found.push(...(await ofData(contentDirectory, name, locale)));
      }
    }
  }
  return found;
}

/** Files of words that no language translates into another. */
const UNTRANSLATED_FILES: ReadonlySet<string> = new Set(['tone.json', 'playbook.schema.json']);

async function readConfirmed(contentDirectory: string, locale: string): Promise<Confirmed> {
  const record = `${DIRECTORY}/${locale}.json`;
  const byFile = (await isThere(contentDirectory, record))
    ? await readJson(contentDirectory, record, recordSchema)
    : {};
  return new Map(
    Object.entries(byFile).map(([file, entries]) => [
      file,
      new Map(
        entries.split(' ').map((entry): [string, string] => {
          const at = entry.lastIndexOf(':');
          return [decodeURI(entry.slice(0, at)), entry.slice(at + 1)];
        }),
      ),
    ]),
  );
}

export interface TranslationFinding extends ContentProblem {
  readonly severity: 'error' | 'warning';
  readonly locale: string;
}

/**
 * What is missing, still English, or older than its English source.
 *
 * @param translations as they were read
 */
export async function checkTranslations(
  contentDirectory: string,
  translations: readonly Translation[],
): Promise<readonly TranslationFinding[]> {
  const confirmed = new Map<string, Confirmed>();
  const others = translations.filter(({ locale }) => locale !== FALLBACK_LOCALE);
  for (const locale of new Set(others.map((each) => each.locale))) {
    confirmed.set(locale, await readConfirmed(contentDirectory, locale));
  }
  const [whole, partly] = byFileMissing(others);
  const absent = whole.map(({ locale, file, count, english }): TranslationFinding => {
    const advice = `write it: ${count} texts, beginning with “${english}”`;
    // Its readers get English until it is there, which whoever publishes has to want.
    return { severity: 'warning', locale, file, problem: `there is no such file in ${locale}`, advice };
  });
  const single = partly.flatMap((translation): TranslationFinding[] => {
    const { locale, file, key, line, text, english } = translation;
    if (text === undefined) {
      const problem = `"${key}" is missing in ${locale}`;
      return [{ severity: 'error', locale, file, line, problem, advice: `translate: ${english}` }];
    }
    if (isUntranslated(text, english)) {
      const problem = `"${key}" is still English`;
      return [{ severity: 'error', locale, file, line, problem, advice: `translate: ${english}` }];
    }
    if (confirmed.get(locale)?.get(file)?.get(key) === digestOf(english)) return [];
    const problem = `"${key}" is older than its English source`;
    const place = file.replace(/^templates\//u, '').replace(/\/[^/]*$/u, '');
    const advice = `compare it with “${english}”, then npm run lint:content -- --confirm ${locale} ${place}`;
    return [{ severity: 'warning', locale, file, line, problem, advice }];
  });
  return [...absent, ...single];
}

/** Files of which nothing is there, each once, and the texts of all others. */
function byFileMissing(translations: readonly Translation[]) {
  const groups = new Map<string, Translation[]>();
  for (const each of translations) {
    const id = `${each.locale} ${each.file}`;
    groups.set(id, [...(groups.get(id) ?? []), each]);
  }
  const isWhole = (group: readonly Translation[]) =>
    group.every(({ file, locale, text }) => text === undefined && file.includes(`/${locale}.`));
  const whole = [...groups.values()]
    .filter(isWhole)
    .flatMap(([first, ...more]) => (first === undefined ? [] : [{ ...first, count: more.length + 1 }]));
  return [whole, [...groups.values()].filter((group) => !isWhole(group)).flat()] as const;
}

/**
 * Marks translations as current: they say what the English texts say now.
 *
 * @param concerns which of them; all when left out
 * @returns how many were not marked so before
 */
export async function confirmTranslations(
  contentDirectory: string,
  locale: string,
  concerns: (translation: Translation) => boolean = () => true,
): Promise<number> {
  const known = await readConfirmed(contentDirectory, locale);
  const now: Confirmed = new Map();
  let changed = 0;
  for (const translation of await translationsOf(contentDirectory, [locale])) {
    const { file, key, text, english } = translation;
    if (text === undefined) continue;
    const before = known.get(file)?.get(key);
    const digest = concerns(translation) ? digestOf(english) : before;
    if (digest === undefined) continue;
    if (digest !== before) changed += 1;
    now.set(file, (now.get(file) ?? new Map<string, string>()).set(key, digest));
  }
  const entries = [...now].map(([file, texts]) => [
    file,
    [...texts].map(([key, digest]) => `${encodeURI(key)}:${digest}`).join(' '),
  ]);
  const target = join(contentDirectory, DIRECTORY, `${locale}.json`);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`);
  return changed;
}
