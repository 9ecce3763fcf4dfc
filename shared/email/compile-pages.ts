/**
 * Reads the words of our pages, one file per language in `preferences/`. A language that lacks a key, a plural form or
 * the name of a programme stops the release. Build time only.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ContentError, type ContentProblem } from './content-error.ts';
import { FALLBACK_LOCALE } from './locale.ts';
import { type PageTexts, pageTexts, type PageTextsByLocale } from './page-texts.ts';
import { readJson } from './strings.ts';

const DIRECTORY = 'preferences';

/** @throws ContentError naming file, path and what to do */
export async function compilePageTexts(contentDirectory: string): Promise<PageTextsByLocale> {
  const all: Record<string, PageTexts> = {};
  const problems: ContentProblem[] = [];
  for (const name of (await readdir(join(contentDirectory, DIRECTORY))).toSorted()) {
    const file = join(DIRECTORY, name);
    const locale = /^([a-z]{2,3}(?:-[A-Z]{2})?)\.json$/u.exec(name)?.[1];
    if (locale === undefined) {
      problems.push({
        file,
        problem: 'this file has no meaning here',
        advice: 'name it <locale>.json or move it away',
      });
      continue;
    }
    const read = await readJson(contentDirectory, file, pageTexts);
    problems.push(...wrongPlurals(file, locale, read));
    all[locale] = read;
  }
  const fallback = all[FALLBACK_LOCALE];
  if (fallback === undefined) {
    problems.push({ file: DIRECTORY, problem: `there is no ${FALLBACK_LOCALE}.json`, advice: 'add it' });
  }
  const programmes = Object.keys(fallback?.programmes ?? {});
  for (const [locale, { programmes: named }] of Object.entries(all)) {
    const file = join(DIRECTORY, `${locale}.json`);
    for (const id of programmes.filter((each) => !Object.hasOwn(named, each))) {
      problems.push({ file, problem: `the programme "${id}" has no name here`, advice: 'add it' });
    }
    for (const id of Object.keys(named).filter((each) => !programmes.includes(each))) {
      problems.push({
        file,
        problem: `"${id}" is not in ${FALLBACK_LOCALE}.json`,
        advice: 'add it there or remove it',
      });
    }
  }
  if (problems.length > 0 || fallback === undefined) throw new ContentError(problems);
  return { ...all, [FALLBACK_LOCALE]: fallback };
}

function wrongPlurals(file: string, locale: string, { paceText }: PageTexts): ContentProblem[] {
  const wanted = new Intl.PluralRules(locale).resolvedOptions().pluralCategories.toSorted().join(', ');
  const given = Object.keys(paceText).toSorted().join(', ');
  if (wanted === given) return [];
  return [{ file, problem: `paceText has the forms ${given}`, advice: `this language needs ${wanted}` }];
}
