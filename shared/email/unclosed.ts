/**
 * Whatever a layout opens it closes, in order: what stays open goes on around what follows, down to the way out of the mail, and
 * what is closed too often closes the frame. Build time and pages only.
 */
import type { ContentProblem } from './content-error.ts';
import { lineAt } from './json-text.ts';
import type { Layout } from './layout.ts';

/** Comments, and Liquid, which can hold angle brackets of its own. */
const NO_MARKUP = /\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->/gsu;
const TAG = /<(\/?)([a-z][\w:-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/giu;
/** Tags that hold nothing, and are closed as they are opened. */
const VOID: ReadonlySet<string> = new Set(['br', 'hr', 'img', 'meta', 'input', 'link', 'wbr']);

/** Tags within one another; the deepest layout has eight. What makes HTML and text of them runs out of stack at a thousand. */
const DEEPEST_TAG = 50;

/** The largest layout has some two hundred with its frame. What looks for tags takes the square of their number. */
const MOST_TAGS = 1_000;

interface Opened {
  readonly name: string;
  readonly at: number;
}

/** The tag that is not closed, or closes nothing; undefined when all are closed in order. */
function firstUnclosed(markup: string): (Opened & { readonly problem: string; readonly advice: string }) | undefined {
  const open: Opened[] = [];
  const unclosed = ({ name, at }: Opened) => ({
    name,
    at,
    problem: `<${name}> is not closed`,
    advice: `write </${name}> behind what it is for, before what is around it ends`,
  });
  for (const { 1: slash, 2: written = '', 3: rest = '', index: at } of markup.matchAll(TAG)) {
    const name = written.toLowerCase();
    if (slash === '') {
      if (!VOID.has(name) && !rest.endsWith('/')) open.push({ name, at });
      continue;
    }
    const last = open.pop();
    if (last?.name === name) continue;
    if (last !== undefined && open.some((each) => each.name === name)) return unclosed(last);
    return { name, at, problem: `</${name}> closes nothing`, advice: 'leave it out, or open it within the same piece' };
  }
  const [first] = open;
  return first && unclosed(first);
}

/** Where nothing but markup is left, at the places where it stands. */
function markupOf(source: string): string {
  return source.replaceAll(NO_MARKUP, (hidden) => hidden.replaceAll(/[^\n]/gu, ' '));
}

/** Where the first tag begins that stands deeper than any may; undefined when none does. */
function firstTooDeep(markup: string): number | undefined {
  let depth = 0;
  for (const { 1: slash, 2: written = '', 3: rest = '', index } of markup.matchAll(TAG)) {
    const name = written.toLowerCase();
    // Only MJML closes a tag that ends so: for HTML it stays open.
    if (VOID.has(name) || (rest.endsWith('/') && name.startsWith('mj-'))) continue;
    depth = slash === '' ? depth + 1 : Math.max(0, depth - 1);
    if (depth > DEEPEST_TAG) return index;
  }
  return undefined;
}

/** Where the first angle bracket stands that is one too many, whether it begins a tag or not; undefined when none is. */
function firstTooMany(source: string): number | undefined {
  let at = source.indexOf('<');
  for (let seen = 1; at !== -1 && seen <= MOST_TAGS; seen += 1) at = source.indexOf('<', at + 1);
  return at === -1 ? undefined : at;
}

/** What is found at a place of a layout, told of the file and line where that was written. */
function problemAt({ source, origins, file }: Layout, at: number, problem: string, advice: string): ContentProblem {
  return { ...(origins[lineAt(source, at) - 1] ?? { file }), problem, advice };
}

/** What makes a layout too deep to be parsed, or too long to be looked through. */
export function tooDeepIn(layout: Layout): readonly ContentProblem[] {
  const many = firstTooMany(layout.source);
  if (many !== undefined) {
    const problem = `it has more than ${MOST_TAGS} tags, or "<" that begins none`;
    return [problemAt(layout, many, problem, 'leave some of them out')];
  }
  const deep = firstTooDeep(markupOf(layout.source));
  if (deep === undefined) return [];
  const problem = `it has tags within tags, more than ${DEEPEST_TAG} deep`;
  return [problemAt(layout, deep, problem, 'end some of them before others begin')];
}

export function unclosedIn(layout: Layout): readonly ContentProblem[] {
  const found = firstUnclosed(markupOf(layout.source));
  return found === undefined ? [] : [problemAt(layout, found.at, found.problem, found.advice)];
}
