/** What has changed between two releases, in what marketers wrote: their texts, layouts, playbook and data. */
import { isDeepStrictEqual } from 'node:util';
import path from 'node:path/posix';
import { z } from 'zod';
import { PLAYBOOK_PART } from '../../shared/email/published-playbook.ts';
import { SHARED, stringsFileOf } from '../../shared/email/step.ts';
import type { Sources } from './sources.ts';

/** A value that is there in one of both only has the other one left out. */
export interface ValueChange {
  /** Names from the outside in; parts of lists go by their id. */
  readonly path: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface TextChanges {
  /** `onboarding/welcome`, `all mails` or `pages`. */
  readonly where: string;
  readonly locale: string;
  readonly variant?: string;
  readonly changes: readonly ValueChange[];
}

interface FileChanges {
  readonly file: string;
  readonly changes: readonly ValueChange[];
}

/** A layout, line by line, wherever its lines are indented. */
interface LayoutChange {
  readonly file: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** There in one of both releases only. */
  readonly isWhole: boolean;
}

export interface Differences {
  /** Steps whose templates are in one of both only. */
  readonly templates: { readonly added: readonly string[]; readonly removed: readonly string[] };
  readonly texts: readonly TextChanges[];
  readonly layouts: readonly LayoutChange[];
  readonly playbook: readonly ValueChange[];
  readonly data: readonly FileChanges[];
}

export const ALL_MAILS = 'all mails';
export const PAGES = 'pages';

const PAGES_DIRECTORY = 'preferences';
const TEMPLATES_DIRECTORY = path.dirname(SHARED);

type Json = Readonly<Record<string, unknown>>;

const record = z.record(z.string(), z.unknown());

function asRecord(value: unknown): Json | undefined {
  return Array.isArray(value) ? undefined : record.safeParse(value).data;
}

/** What parts of a list are known by, whichever of these all of them have, each another one. */
const NAMES = ['id', 'name', 'date', 'url', 'kind'] as const;

/** A list of things with names as a record of them; undefined for any other. */
function named(list: readonly unknown[]): Json | undefined {
  const items = list.map(asRecord);
  for (const key of NAMES) {
    const entries = items.flatMap((item) => {
      const name = item?.[key];
      return typeof name === 'string' ? [[name, item] as const] : [];
    });
    if (entries.length === list.length && new Set(entries.map(([name]) => name)).size === list.length) {
      return Object.fromEntries(entries);
    }
  }
  return undefined;
}

/** The name of what says in which order the parts of a list stand. */
const ORDER = 'order';

/** Every place in which two values differ, each told once: where all of a part is new, the part as a whole. */
export function changesBetween(before: unknown, after: unknown, at: readonly string[] = []): readonly ValueChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (before === undefined) return [{ path: at, after }];
  if (after === undefined) return [{ path: at, before }];
  if (Array.isArray(before) && Array.isArray(after)) {
    const [left, right] = [named(before), named(after)];
    if (left === undefined || right === undefined || before.length === 0 || after.length === 0) {
      return [{ path: at, before, after }];
    }
    return [...changesBetween(left, right, at), ...reordered(Object.keys(left), Object.keys(right), at)];
  }
  const [left, right] = [asRecord(before), asRecord(after)];
  if (left === undefined || right === undefined) return [{ path: at, before, after }];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.flatMap((key) => changesBetween(left[key], right[key], [...at, key]));
}

/** That what stays stands in another order. */
function reordered(before: readonly string[], after: readonly string[], at: readonly string[]): readonly ValueChange[] {
  const [left, right] = [before.filter((name) => after.includes(name)), after.filter((name) => before.includes(name))];
  return isDeepStrictEqual(left, right) ? [] : [{ path: [...at, ORDER], before: left, after: right }];
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}

/** Compares the sources of two releases. */
export function differencesBetween(before: Sources, after: Sources): Differences {
  const files = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  const texts: TextChanges[] = [];
  const layouts: LayoutChange[] = [];
  const data: FileChanges[] = [];
  let playbook: readonly ValueChange[] = [];
  const [stepsBefore, stepsAfter] = [stepsIn(before), stepsIn(after)];
  for (const file of files) {
    const [left, right] = [before[file], after[file]];
    if (left === right) continue;
    if (file.endsWith('.mjml')) {
      const isWhole = left === undefined || right === undefined;
      layouts.push({ file, ...linesChanged(left ?? '', right ?? ''), isWhole });
      continue;
    }
    const changes = changesBetween(parsed(left), parsed(right));
    if (changes.length === 0) continue;
    const place = placeOf(file);
    if (place !== undefined) texts.push({ ...place, changes: keyByKey(changes) });
    else if (file === PLAYBOOK_PART) playbook = changes;
    else data.push({ file, changes });
  }
  const templates = {
    added: stepsAfter.filter((step) => !stepsBefore.includes(step)),
    removed: stepsBefore.filter((step) => !stepsAfter.includes(step)),
  };
  return { templates, texts, layouts, playbook, data };
}

/** `programme/step` of every template. */
function stepsIn(sources: Sources): readonly string[] {
  const steps = Object.keys(sources)
    .filter((file) => file.startsWith(`${TEMPLATES_DIRECTORY}/`) && file.endsWith('.mjml'))
    .map((file) => path.relative(TEMPLATES_DIRECTORY, path.dirname(file)));
  return [...new Set(steps)].filter((step) => !step.startsWith('_')).toSorted();
}

/** Whose texts a file holds; undefined for a file that holds no texts. */
function placeOf(file: string): Omit<TextChanges, 'changes'> | undefined {
  const [directory, name] = [path.dirname(file), path.basename(file)];
  const isOfPages = directory === PAGES_DIRECTORY;
  if (!isOfPages && !file.startsWith(`${TEMPLATES_DIRECTORY}/`)) return undefined;
  const strings = stringsFileOf(directory, name);
  if (strings === undefined) return undefined;
  const { locale, variant } = strings;
  const step = path.relative(TEMPLATES_DIRECTORY, directory);
  const where = isOfPages ? PAGES : directory === SHARED ? ALL_MAILS : step;
  return { where, locale, ...(variant !== undefined && { variant }) };
}

/** A file of texts that is new or gone as a whole, text by text. */
function keyByKey(changes: readonly ValueChange[]): readonly ValueChange[] {
  return changes.flatMap((change) => {
    const whole = change.path.length === 0 ? asRecord(change.after ?? change.before) : undefined;
    if (whole === undefined) return [change];
    const side = change.after === undefined ? 'before' : 'after';
    return Object.entries(whole).map(([key, value]) => ({ path: [key], [side]: value }));
  });
}

/** The lines of a text that are not empty, wherever they are indented. */
function linesIn(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The lines that the others lack, or have fewer times. */
function linesBeyond(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const times = left.get(line) ?? 0;
    left.set(line, times - 1);
    return times <= 0;
  });
}

function linesChanged(before: string, after: string): Pick<LayoutChange, 'added' | 'removed'> {
  const [left, right] = [linesIn(before), linesIn(after)];
  return { added: linesBeyond(right, left), removed: linesBeyond(left, right) };
}

/** Whether two releases differ in nothing that can be told. */
export function isNothing({ templates, texts, layouts, playbook, data }: Differences): boolean {
  return [templates.added, templates.removed, texts, layouts, playbook, data].every((each) => each.length === 0);
}
