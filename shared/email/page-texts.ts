/** The words of the pages our readers open from a mail: every language says the same things. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { FALLBACK_LOCALE } from './locale.ts';
import { UnreadableRelease } from './unreadable-release.ts';

/** What the words may name: the shop, the address that people answer at, and a number. */
const PLACEHOLDERS: readonly string[] = ['shop.name', 'contact', 'count'];

const PLACEHOLDER = /\{\{\s*([^}]*?)\s*\}\}/gu;

const text = z.string().check(
  z.minLength(1, 'expected a text'),
  z.refine((value) => [...value.matchAll(PLACEHOLDER)].every(([, name = '']) => PLACEHOLDERS.includes(name)), {
    error: `expected no other placeholders than ${PLACEHOLDERS.map((each) => `{{ ${each} }}`).join(', ')}`,
  }),
);

/** Every one of these keys and no other. */
const texts = <const Key extends string>(...keys: readonly [Key, ...Key[]]) => z.record(z.enum(keys), text);

export const pageTexts = z.strictObject({
  /** The name of the language in the language itself. */
  language: text,
  unsubscribe: texts('title', 'text', 'case', 'button', 'choose', 'doneTitle', 'doneText', 'regret', 'aged'),
  centre: texts(
    'title',
    'intro',
    'saved',
    'unchanged',
    'stopped',
    'none',
    'blocked',
    'elsewhere',
    'which',
    'consent',
    'service',
    'how',
    'pace',
    'tailored',
    'tailoredText',
    'languageLabel',
    'save',
    'stop',
  ),
  /** What "less often" means, by the plural category of `count`. */
  paceText: z.record(z.string(), text),
  /** By programme id. */
  programmes: z.record(z.string(), texts('name', 'text')),
  question: texts('title', 'intro', 'button', 'thanksTitle', 'thanksText'),
  notices: texts(
    'refusedTitle',
    'refusedText',
    'lateTitle',
    'lateText',
    'goneTitle',
    'goneText',
    'failedTitle',
    'failedText',
    'misusedTitle',
    'misusedText',
  ),
});

export type PageTexts = z.infer<typeof pageTexts>;

export const pagesSchema = z.catchall(z.object({ [FALLBACK_LOCALE]: pageTexts }), pageTexts);

/** By locale; the fallback locale is always there. */
export type PageTextsByLocale = Readonly<z.infer<typeof pagesSchema>>;

/** Where the release keeps the words of all languages. */
export const PAGES_FILE = 'pages.json';

/** The words in the release of a directory. @throws UnreadableRelease */
export function openPageTexts(directory: string): PageTextsByLocale {
  const file = join(directory, PAGES_FILE);
  try {
    return pagesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new UnreadableRelease(file, { cause });
  }
}

/** Splits a text at its placeholders: words at even places, names of placeholders at odd ones. */
export function partsOf(value: string): readonly string[] {
  return value.split(PLACEHOLDER);
}

/** The form of a text for a number, with the number as the language writes it. */
export function plural(forms: Readonly<Record<string, string>>, count: number, locale: string): string {
  const form = forms[new Intl.PluralRules(locale).select(count)] ?? forms['other'] ?? '';
  return form.replaceAll(PLACEHOLDER, (placeholder, name) =>
    name === 'count' ? new Intl.NumberFormat(locale).format(count) : placeholder,
  );
}
