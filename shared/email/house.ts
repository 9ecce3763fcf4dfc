/** What holds for every template: the data files of the content, the playbook, the words of the pages and of the tone. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Playbook } from '../lifecycle/playbook.ts';
import { compilePageTexts } from './compile-pages.ts';
import { ContentError } from './content-error.ts';
import { readContent } from './content-file.ts';
import { pathsOf } from './lint.ts';
import { FALLBACK_LOCALE } from './locale.ts';
import type { PageTextsByLocale } from './page-texts.ts';
import { readPlaybookText, UnreadablePlaybook } from './playbook-text.ts';
import { contentSchemas, type Manifest } from './release.ts';
import { fullSample } from './sample.ts';
import { shopSchema } from './shop.ts';
import { SHARED, stringsFileOf } from './step.ts';
import { readJson, readStrings, type Strings } from './strings.ts';
import { TONE_FILE, type ToneByLocale, toneSchema } from './tone.ts';
import { viewOf } from './view.ts';

/** Which steps there are, and what each of them offers, asks and does. */
const PLAYBOOK_FILE = 'playbook.json';

/** The problems of zod/mini have no words until a language is loaded. */
z.config(z.locales.en());

/** What a release carries as it was written. */
export type Carried = Omit<Manifest, 'id' | 'templates'>;

export interface House {
  readonly carried: Carried;
  readonly playbook: Playbook;
  readonly pages: PageTextsByLocale;
  readonly tone: ToneByLocale;
  /** Everything a template may name. */
  readonly viewPaths: ReadonlySet<string>;
}

/** @throws ContentError */
async function readPlaybook(contentDirectory: string): Promise<Playbook> {
  try {
    return readPlaybookText(await readContent(contentDirectory, PLAYBOOK_FILE));
  } catch (cause) {
    if (!(cause instanceof UnreadablePlaybook)) throw cause;
    throw new ContentError(
      cause.problems.map((each) => ({ file: PLAYBOOK_FILE, ...each, advice: 'correct it there' })),
      { cause },
    );
  }
}

/** The words of the pages in the languages of the shop: nobody is offered a language that no mail is written in. */
async function readPages(contentDirectory: string, locales: readonly string[]): Promise<PageTextsByLocale> {
  const all = await compilePageTexts(contentDirectory);
  const missing = locales.filter((locale) => !Object.hasOwn(all, locale));
  if (missing.length > 0) {
    const advice = 'add it, or take the language out of shop.json';
    throw new ContentError(
      missing.map((locale) => ({ file: `preferences/${locale}.json`, problem: 'there is no such file', advice })),
    );
  }
  const { [FALLBACK_LOCALE]: fallback, ...others } = all;
  return {
    ...Object.fromEntries(Object.entries(others).filter(([locale]) => locales.includes(locale))),
    [FALLBACK_LOCALE]: fallback,
  };
}

/** @throws ContentError */
export async function readHouse(contentDirectory: string): Promise<House> {
  const carried = {
    shop: await readJson(contentDirectory, 'shop.json', shopSchema),
    improvements: await readJson(contentDirectory, 'improvements.json', contentSchemas.improvements),
    questions: await readJson(contentDirectory, 'questions.json', contentSchemas.questions),
    library: await readJson(contentDirectory, 'library.json', contentSchemas.library),
    benefits: await readJson(contentDirectory, 'benefits.json', contentSchemas.benefits),
    objections: await readJson(contentDirectory, 'objections.json', contentSchemas.objections),
    suppliers: await readJson(contentDirectory, 'suppliers.json', contentSchemas.suppliers),
  };
  return {
    carried,
    playbook: await readPlaybook(contentDirectory),
    pages: await readPages(contentDirectory, carried.shop.locales),
    tone: await readJson(contentDirectory, TONE_FILE, toneSchema),
    viewPaths: new Set(pathsOf(viewOf(fullSample(carried), FALLBACK_LOCALE))),
  };
}

/** The texts that every template can use, in one language. @throws ContentError */
export async function readShared(contentDirectory: string, locale: string): Promise<Strings> {
  const found = (await readdir(join(contentDirectory, SHARED)))
    .map((name) => stringsFileOf(SHARED, name))
    .find((each) => each?.locale === locale && each.variant === undefined);
  return found === undefined ? new Map() : readStrings(contentDirectory, found.file);
}
