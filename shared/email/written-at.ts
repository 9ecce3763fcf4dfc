/** Which line of which file a finding is about: what was found in a mail is traced to where it was written. */
import type { ContentProblem } from './content-error.ts';
import { lineAt } from './json-text.ts';
import { type Unmarked, traced, unmarked } from './marks.ts';
import type { RuleFinding } from './rules/rule.ts';
import type { Worded } from './step.ts';

type Place = Pick<ContentProblem, 'file' | 'line'>;

/** Markup that parts no words, markup that does, what nobody reads, and signs that HTML writes otherwise. */
const TOKEN =
  /<(style)\b.*?<\/style>|<!--.*?-->|<(\/?(?:bdi|strong|a|span)\b)[^>]*>|<[^>]*>|&(amp|lt|gt|quot|#39);|\s+|./dgsu;
const SIGNS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Words as they are compared, each character with its place in the HTML. */
function readable(html: string): { readonly words: string; readonly at: readonly number[] } {
  const at: number[] = [];
  let words = '';
  for (const { 0: token, 2: inline, 3: sign, index } of html.matchAll(TOKEN)) {
    const read = readAs(token, inline, sign);
    if (read === ' ' && words.endsWith(' ')) continue;
    for (let each = 0; each < read.length; each += 1) at.push(index);
    words += read;
  }
  return { words, at };
}

function readAs(token: string, inline: string | undefined, sign: string | undefined): string {
  if (inline !== undefined) return '';
  if (sign !== undefined) return SIGNS[sign] ?? token;
  if (token.length > 1 || token.trim() === '') return ' ';
  return comparable(token);
}

/** Signs and spaces are written otherwise in HTML than by people. */
function comparable(text: string): string {
  return text.replaceAll('’', "'").replaceAll(/\s+/gu, ' ').toLowerCase();
}

const ESCAPED = /[.*+?^${}()|[\]\\/]/gu;

/** As whole words, wherever they are words. */
function asWords(words: string): RegExp {
  const source = words.replaceAll(ESCAPED, String.raw`\$&`);
  const before = /^[\p{L}\p{N}]/u.test(words) ? String.raw`(?<![\p{L}\p{N}])` : '';
  const after = /[\p{L}\p{N}]$/u.test(words) ? String.raw`(?![\p{L}\p{N}])` : '';
  return new RegExp(`${before}${source}${after}`, 'u');
}

/** Where words stand that can be read, or else what stands in a tag; undefined when they stand nowhere. */
function firstOf(html: string, words: string): number | undefined {
  const { words: read, at } = readable(html);
  const sought = comparable(words);
  const found = asWords(sought).exec(read)?.index ?? read.indexOf(sought);
  if (found !== -1) return at[found];
  const inTag = html.indexOf(words);
  return inTag === -1 ? undefined : inTag;
}

/** Without spaces: an attribute can be written with more of them. */
const close = (text: string) => comparable(text).replaceAll(' ', '');

function lineIn(
  { step }: Worded,
  [first, last]: readonly [number | undefined, number | undefined],
  words: string,
): Place {
  const { source, origins, file } = step.layout;
  const from = (first ?? 1) - 1;
  const between = source.split('\n').slice(from, last);
  const sought = close(words);
  const found = sought === '' ? -1 : between.findIndex((line) => close(line).includes(sought));
  if (found === -1) return (first === undefined ? undefined : origins[from]) ?? { file };
  return origins[from + found] ?? { file };
}

/** A picture as HTML and as MJML write it. */
const PICTURE = /<(?:img|mj-image|mj-carousel-image)\b/gu;

/**
 * A picture of MJML bears no mark, and what stands before it may be of another file: it is the picture of that place in the
 * layout that has as many before it since the last mark. Undefined for what is no picture.
 */
function pictureIn(worded: Worded, html: Unmarked, offset: number, words: string): Place | undefined {
  const opens = html.plain.lastIndexOf('<', offset);
  if (opens === -1 || !html.plain.startsWith('<img', opens)) return undefined;
  const [first, last] = traced(html, offset).lines;
  const marked = html.marks.findLast(({ at, line }) => at <= offset && line !== undefined)?.at ?? 0;
  const before = html.plain.slice(marked, opens).match(PICTURE)?.length ?? 0;
  const { source, origins, file } = worded.step.layout;
  const from = (first ?? 1) - 1;
  const between = source.split('\n').slice(from, last);
  const pictures = between.flatMap((line, index) => [...line.matchAll(PICTURE)].map(() => index));
  const picture = pictures[before];
  if (picture === undefined) return { file };
  // Its attributes may stand on lines of their own.
  const end = between.findIndex((line, index) => index >= picture && line.includes('>'));
  const sought = close(words);
  const within = between.slice(picture, end + 1).findIndex((line) => sought !== '' && close(line).includes(sought));
  return origins[from + picture + Math.max(0, within)] ?? { file };
}

function offsetOf({ at, words }: RuleFinding, html: Unmarked): number | undefined {
  return at ?? (words === undefined || words === '' ? undefined : firstOf(html.plain, words));
}

/** @param marked the HTML that was looked at, with marks */
export function placeOf(finding: RuleFinding, worded: Worded, marked: () => string): Place {
  const { strings, step, stringsFile } = worded;
  const { key, inLayout, words = '' } = finding;
  const { file, source, origins } = step.layout;
  if (inLayout === 'whole') return { file };
  if (inLayout !== undefined) return origins[lineAt(source, inLayout) - 1] ?? { file };
  const text = key === undefined ? undefined : strings.get(key);
  if (text !== undefined) return { file: text.file, line: text.line };
  if (finding.at === undefined && words === '') return { file: stringsFile.file };
  const html = unmarked(marked());
  const offset = offsetOf(finding, html);
  if (offset === undefined) return { file: stringsFile.file };
  const picture = pictureIn(worded, html, offset, words);
  if (picture !== undefined) return picture;
  const found = traced(html, offset);
  const set = found.key === undefined ? undefined : strings.get(found.key);
  return set === undefined ? lineIn(worded, found.lines, words) : { file: set.file, line: set.line };
}

/** Where the layout sets what was found, for findings about how it looks and not about what it says. */
export function layoutPlaceOf(finding: RuleFinding, worded: Worded, marked: string): Place {
  const html = unmarked(marked);
  const offset = offsetOf(finding, html);
  const { file } = worded.step.layout;
  return offset === undefined ? { file } : lineIn(worded, traced(html, offset).lines, finding.words ?? '');
}
