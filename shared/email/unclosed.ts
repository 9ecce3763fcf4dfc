/**
 * Whatever a layout opens it closes, in order: what stays open goes on around what follows, down to the way out of the mail, and
 * what is closed too often closes the frame. Build time and pages only.
 */
import type { ContentProblem } from './content-error.ts';
import type { Layout } from './layout.ts';

/** Comments, and Liquid, which can hold angle brackets of its own. */
const NO_MARKUP = /\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->/gsu;
const TAG = /<(\/?)([a-z][\w:-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/giu;
/** Tags that hold nothing, and are closed as they are opened. */
const VOID: ReadonlySet<string> = new Set(['br', 'hr', 'img', 'meta', 'input', 'link', 'wbr']);

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

export function unclosedIn({ source, origins, file }: Layout): readonly ContentProblem[] {
  const found = firstUnclosed(source.replaceAll(NO_MARKUP, (hidden) => hidden.replaceAll(/[^\n]/gu, ' ')));
  if (found === undefined) return [];
  const { at, problem, advice } = found;
  return [{ ...(origins[source.slice(0, at).split('\n').length - 1] ?? { file }), problem, advice }];
}
