/**
 * Marks that go with a layout and its texts through compiler and renderer, so that every place in what comes out is traced to
 * where it was written. Whoever reads mails gets them without: what is left is what comes out without marks. Build time and
 * pages only.
 */
import { lineAt } from './json-text.ts';

/** Characters for private use, which no language writes with. */
const BEGIN = '\uF8F0';
const END = '\uF8F1';
const MARKS = new RegExp(`${BEGIN}(?:(\\d+)(?::(\\w+))?)?${END}`, 'gu');

/** Tags of MJML that hold HTML. */
const HOLDS_HTML = /<(mj-text|mj-raw|mj-table|mj-button)\b(?:"[^"]*"|'[^']*'|[^'">])*(?<!\/)>(.*?)<\/\1>/dgsu;
const LIQUID = /\{\{.*?\}\}|\{%.*?%\}/gsu;
/** Nothing can be put within these. */
const CLOSED = /<!--.*?-->|<(?:"[^"]*"|'[^']*'|[^'">])*>|\{\{.*?\}\}|\{%.*?%\}/gsu;

/** Where lines of HTML begin, or where the tag ends that goes on from the line before. */
function beginningsOf(source: string): readonly number[] {
  const masked = source.replaceAll(LIQUID, (liquid) => liquid.replaceAll(/[^\n]/gu, '_'));
  return [...masked.matchAll(HOLDS_HTML)].flatMap(({ indices }) => {
    const [from, to] = indices?.[2] ?? [0, 0];
    const held = source.slice(from, to);
    const closed = [...held.matchAll(CLOSED)].map(({ 0: piece, index }) => [index, index + piece.length] as const);
    return [...held.matchAll(/^[^\n]+/gmu)].flatMap(({ 0: line, index: begins }) => {
      const first = begins + line.search(/\S|$/u);
      const at = closed.find(([begin, end]) => begin < first && first < end)?.[1] ?? first;
      return at < begins + line.length ? [from + at] : [];
    });
  });
}

/** A layout with a mark before each of its lines that holds HTML. Lines stay what they are. */
export function withLines(source: string): string {
  let [marked, from] = ['', 0];
  for (const at of beginningsOf(source)) {
    marked += `${source.slice(from, at)}${BEGIN}${lineAt(source, at)}${END}`;
    from = at;
  }
  return marked + source.slice(from);
}

/** A text that is set into a line of the layout. */
export function withKey(text: string, key: string, line: number): string {
  return `${BEGIN}${line}:${key}${END}${text}${BEGIN}${END}`;
}

/** What stands behind a mark. */
interface Mark {
  /** Where, in what is left without marks. */
  readonly at: number;
  /** Of the layout with all its pieces, from 1; undefined behind a text. */
  readonly line: number | undefined;
  /** Of the text that begins here. */
  readonly key: string | undefined;
}

export interface Unmarked {
  readonly plain: string;
  /** As they stand. */
  readonly marks: readonly Mark[];
}

export function unmarked(marked: string): Unmarked {
  const marks: Mark[] = [];
  let [plain, from] = ['', 0];
  for (const { 0: mark, 1: line, 2: key, index } of marked.matchAll(MARKS)) {
    plain += marked.slice(from, index);
    from = index + mark.length;
    marks.push({ at: plain.length, line: line === undefined ? undefined : Number(line), key });
  }
  return { plain: plain + marked.slice(from), marks };
}

export function withoutMarks(marked: string): string {
  return marked.replaceAll(MARKS, '');
}

interface Traced {
  /** The text it stands in; undefined for what stands in the layout. */
  readonly key: string | undefined;
  /** Between which lines of the layout it was written, both included; the first is undefined before all of them. */
  readonly lines: readonly [first: number | undefined, last: number | undefined];
}

/** Where something was written that stands at a place without marks. */
export function traced({ marks }: Unmarked, at: number): Traced {
  const next = marks.findIndex((mark) => mark.at > at);
  const before = marks.slice(0, next === -1 ? undefined : next);
  const last = before.findLast(({ line }) => line !== undefined)?.line;
  const key = before.at(-1)?.key;
  if (key !== undefined) return { key, lines: [last, last] };
  const following = next === -1 ? undefined : marks.slice(next).find(({ line }) => line !== undefined)?.line;
  return { key: undefined, lines: [last, following] };
}
