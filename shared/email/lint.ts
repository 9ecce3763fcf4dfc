/**
 * Checks of layouts and texts before they are compiled: Liquid that does not parse, variables nobody provides, texts
 * that are missing or unused. A finding tells file, line and what to do.
 */
import { LiquidError, type Template } from 'liquidjs';
import { asContentError, ContentError, type ContentProblem } from './content-error.ts';
import { createEngine, PARSE_LIMIT_CHARACTERS, TAGS } from './engine.ts';
import { lineAt } from './json-text.ts';
import type { Origin } from './layout.ts';
import { liquidProblem } from './liquid-advice.ts';
import { loopProblems } from './loops.ts';
import type { Step } from './step.ts';
import { PLAIN_KEYS, type Strings } from './strings.ts';

/** What a loop over a list of the view may call its element, and where that element is found. */
const LOOP_VARIABLES: Readonly<Record<string, readonly string[]>> = {
  item: ['order.items.0', 'cart.items.0'],
  improvement: ['improvements.0'],
  answer: ['question.answers.0'],
  link: ['content.0'],
  option: ['options.0'],
};
const FORLOOP = new Set(['forloop.first', 'forloop.last', 'forloop.index', 'forloop.index0', 'forloop.length']);

const engine = createEngine('html');

/** Where something is written; without a line where nobody can say which. */
type Place = Pick<ContentProblem, 'file' | 'line'>;

/** Everything a template may name, as dotted paths; all elements of a list are like its first, `.0`. */
export function pathsOf(value: unknown, prefix = ''): string[] {
  const own = prefix === '' ? [] : [prefix];
  if (Array.isArray(value)) return [...own, `${prefix}.size`, ...pathsOf(value[0], `${prefix}.0`)];
  if (typeof value !== 'object' || value === null) return own;
  const dot = prefix === '' ? '' : `${prefix}.`;
  return [...own, ...Object.entries(value).flatMap(([key, child]) => pathsOf(child, `${dot}${key}`))];
}

/** Conditions within one another; the deepest text has three. The parser runs out of stack at some thousand. */
const DEEPEST_CONDITION = 20;
const BLOCK = new RegExp(String.raw`\{%-?\s*(end)?(?:${TAGS.join('|')})\b`, 'gu');

/** What makes a text too long or too deep to be parsed. */
function boundProblems(source: string): readonly Omit<ContentProblem, 'file'>[] {
  if (source.length > PARSE_LIMIT_CHARACTERS) {
    const problem = `it has ${source.length} characters, and ${PARSE_LIMIT_CHARACTERS} are the most`;
    return [{ line: lineAt(source, PARSE_LIMIT_CHARACTERS), problem, advice: 'shorten it' }];
  }
  let depth = 0;
  for (const { 1: end, index } of source.matchAll(BLOCK)) {
    depth = end === undefined ? depth + 1 : Math.max(0, depth - 1);
    if (depth <= DEEPEST_CONDITION) continue;
    const problem = `it has conditions within conditions, more than ${DEEPEST_CONDITION} deep`;
    return [{ line: lineAt(source, index), problem, advice: 'end some of them before others begin' }];
  }
  return [];
}

/** @throws ContentError when it does not parse, loops over what has no bound, or is too long or too deep to be parsed */
export function parseLiquid(source: string, at: (line: number) => Place): Template[] {
  const refused = (problems: readonly Omit<ContentProblem, 'file'>[]) =>
    new ContentError(problems.map(({ line = 1, problem, advice }) => ({ ...at(line), problem, advice })));
  const outOfBounds = boundProblems(source);
  if (outOfBounds.length > 0) throw refused(outOfBounds);
  let template: Template[];
  try {
    template = engine.parse(source);
  } catch (cause) {
    if (!LiquidError.is(cause)) throw asContentError(cause, at(1).file);
    throw new ContentError([{ ...at(cause.token.getPosition()[0] ?? 1), ...liquidProblem(cause) }], { cause });
  }
  const unbounded = loopProblems(source);
  if (unbounded.length > 0) throw refused(unbounded);
  return template;
}

/** Every variable a piece of Liquid names, as a dotted path, with the line it stands on. */
export function variablesOf(template: Template[]): { readonly path: string; readonly line: number }[] {
  return Object.values(engine.analyzeSync(template, { partials: false }).variables)
    .flat()
    .map(({ segments, location }) => ({ path: segments.map(String).join('.'), line: location.row }));
}

function isKnown(path: string, known: ReadonlySet<string>): boolean {
  const [root = '', ...rest] = path.split('.');
  const lists = LOOP_VARIABLES[root] ?? [];
  return known.has(path) || FORLOOP.has(path) || lists.some((list) => known.has([list, ...rest].join('.')));
}

/** Problems with variables that neither the view nor the compiler knows. */
export function unknownVariables(
  template: Template[],
  known: ReadonlySet<string>,
  at: (line: number) => Origin,
): ContentProblem[] {
  return variablesOf(template)
    .filter(({ path }) => !path.startsWith('t.') && !isKnown(path, known))
    .map(({ path, line }) => {
      const siblings = [...known].filter((name) => name.startsWith(`${path.split('.')[0] ?? ''}.`));
      const choice = siblings.length > 0 ? siblings : [...known].filter((name) => !name.includes('.'));
      return { ...at(line), problem: `there is no variable "${path}"`, advice: `use one of ${choice.join(', ')}` };
    });
}

/** Texts that a template sets and that are missing. @param ownFile where they ought to be */
export function missingTexts(step: Step, strings: Strings, ownFile: string): ContentProblem[] {
  const problems: ContentProblem[] = [];
  for (const key of PLAIN_KEYS.filter((name) => !strings.has(name))) {
    problems.push({ file: ownFile, problem: `there is no text "${key}"`, advice: 'add it' });
  }
  for (const [key, origin] of step.texts) {
    if (strings.has(key) || PLAIN_KEYS.includes(key)) continue;
    const advice = `add it to ${ownFile} or correct the name`;
    problems.push({ ...origin, problem: `there is no text "${key}"`, advice });
  }
  return problems;
}

/** Unknown variables of one text, or why it does not parse. */
function variableProblems(value: string, known: ReadonlySet<string>, at: () => Origin): readonly ContentProblem[] {
  try {
    return unknownVariables(parseLiquid(value, at), known, at);
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    return error.problems;
  }
}

/** Checks the texts of one template and locale against its layout and the view. */
export function checkStrings(step: Step, strings: Strings, own: Strings, known: ReadonlySet<string>): ContentProblem[] {
  const problems: ContentProblem[] = [];
  for (const [key, { value, file, line }] of strings) {
    const at = (): Origin => ({ file, line });
    problems.push(...variableProblems(value, known, at));
    if (/\{[{%][^}]*"/.test(value)) {
      const advice = "use single quotes: 'like this'";
      problems.push({ file, line, problem: 'a double quote inside a placeholder', advice });
    }
    if (own.has(key) && !step.texts.has(key) && !PLAIN_KEYS.includes(key)) {
      const advice = 'set it in the layout or remove it';
      problems.push({ file, line, problem: `the text "${key}" is not used`, advice });
    }
  }
  return problems;
}
