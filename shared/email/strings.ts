/**
 * The texts of a template in one locale, apart from its layout: a translator writes words, `**emphasis**`,
 * `[links](https://...)` and placeholders, and never sees markup.
 */
import * as z from 'zod/mini';
import { ContentError, type ContentProblem } from './content-error.ts';
import { readContent } from './content-file.ts';
import { NoJson, readJsonText } from './json-text.ts';

interface Text {
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** Texts by key. Later files override earlier ones. */
export type Strings = ReadonlyMap<string, Text>;

/** Texts that every template has and that go where markup cannot: the header field and the list of an inbox. */
export const PLAIN_KEYS: readonly string[] = ['subject', 'preheader'];

/** Anything Liquid, to be left alone when words are escaped. */
const LIQUID = /(\{\{.*?\}\}|\{%.*?%\})/su;

/** Characters of one text: eight times the longest there is, and few enough for every pattern that is looked for in it. */
export const LONGEST_TEXT = 4_000;
export const TOO_LONG = `expected at most ${LONGEST_TEXT} characters`;

const stringsSchema = z.record(
  z.string().check(z.regex(/^[a-z][A-Za-z0-9]*$/, 'expected a key such as stepOneTitle')),
  z.string().check(z.minLength(1, 'expected a text'), z.maxLength(LONGEST_TEXT, TOO_LONG)),
);

/** What is read of the JSON of a file. @throws ContentError with the line at which it is none */
export function jsonIn<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof NoJson)) throw cause;
    const { line, message: problem } = cause;
    throw new ContentError([{ file, line, problem, advice: 'correct it there' }], { cause });
  }
}

/** Parses a JSON file of the content, telling file and path when it is not what the schema says. */
export async function readJson<T extends z.ZodMiniType>(
  contentDirectory: string,
  file: string,
  schema: T,
): Promise<z.output<T>> {
  const source = await readContent(contentDirectory, file);
  const { value, lineOf } = jsonIn(file, () => readJsonText(source));
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue): ContentProblem => ({
    file,
    line: lineOf(issue.path.map((part) => (typeof part === 'number' ? part : String(part)))),
    problem: `${issue.path.join('.') || 'the file'}: ${issue.message}`,
    advice: 'correct the value',
  }));
  throw new ContentError(problems);
}

/** The first line on which a JSON key stands; undefined when it does not. */
function lineOfKey(source: string, key: string): number | undefined {
  const at = source.split('\n').findIndex((line) => line.includes(`${JSON.stringify(key)}:`));
  return at === -1 ? undefined : at + 1;
}

/** @throws ContentError */
export async function readStrings(contentDirectory: string, file: string): Promise<Strings> {
  const texts = await readJson(contentDirectory, file, stringsSchema);
  const source = await readContent(contentDirectory, file);
  return new Map(
    Object.entries(texts).map(([key, value]) => [key, { value, file, line: lineOfKey(source, key) ?? 1 }]),
  );
}

function escapeMarkup(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A telephone number, which runs from left to right in every language and is not to be broken. */
const PHONE = /\{\{\s*shop\.contacts\.phone\s*\}\}/u;

const isolated = (value: string): string =>
  PHONE.test(value) ? `<bdi dir="ltr" style="white-space:nowrap;">${value}</bdi>` : `<bdi>${value}</bdi>`;

const MARKUP = /^(?:<|\{%)/u;

/** A letter, a hyphen and a word, such as E-Mail: at the end of a line the letter would stand alone. */
const HYPHENATED = /(?<![\p{L}\p{N}-])\p{L}-\p{L}+/gu;

/** Held together by a style: the hyphen that does not break is missing in many fonts, and nobody searches for it. */
function unbroken(words: string): string {
  return words.replaceAll(HYPHENATED, '<span style="white-space:nowrap;">$&</span>');
}

/**
 * A text as element content: words escaped, emphasis and links marked up, and every printed value isolated, so that
 * a name, price or code in another script cannot reorder the sentence around it.
 */
export function toMarkup(value: string): string {
  return toAttribute(value)
    .replaceAll(/\*\*(.+?)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/\[([^\]]+)\]\(((?:https:|mailto:|\{\{)[^)]*)\)/g, '<a href="$2">$1</a>')
    .split(/(<a href="[^"]*">|\{\{.*?\}\}|\{%.*?%\})/su)
    .map((part) => (part.startsWith('{{') ? isolated(part) : MARKUP.test(part) ? part : unbroken(part)))
    .join('');
}

/** A text as the value of an attribute, or of an element that holds plain text. */
export function toAttribute(value: string): string {
  return value
    .split(LIQUID)
    .map((part) => (LIQUID.test(part) ? part : escapeMarkup(part)))
    .join('');
}
