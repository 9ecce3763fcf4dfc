/** Sets texts, colours and direction into a layout, and makes HTML of it; the Liquid that is left is for the renderer. */
import mjml2html from 'mjml';
import * as z from 'zod/mini';
import { ContentError } from './content-error.ts';
import type { Layout } from './layout.ts';
import { directionOf } from './locale.ts';
import { withoutMarks } from './marks.ts';
import type { Shop } from './shop.ts';
import { PLAIN_KEYS, type Strings, toAttribute, toMarkup } from './strings.ts';
import { viewOf } from './view.ts';

/** Numbers of points, in the figures of the language. */
const FIGURES = [1, 2, 3, 4, 5] as const;
const WITH_ARABIC_COMMA = new Set(['ar', 'fa', 'ur']);

/** What the compiler itself provides to layouts: direction and colours, which MJML wants to validate as values. */
export function settingsOf(locale: string, { colours }: Shop): Map<string, string> {
  const direction = directionOf(locale);
  const figureFormat = new Intl.NumberFormat(locale);
  const settings = new Map([
    ['locale.lang', locale],
    ['locale.dir', direction],
    ['locale.start', direction === 'ltr' ? 'left' : 'right'],
    ['locale.end', direction === 'ltr' ? 'right' : 'left'],
    ['locale.comma', WITH_ARABIC_COMMA.has(locale.split('-')[0] ?? '') ? '،' : ','],
    ...FIGURES.map((figure): [string, string] => [`locale.n${figure}`, figureFormat.format(figure)]),
  ]);
  for (const [scheme, palette] of Object.entries(colours)) {
    for (const [name, colour] of Object.entries(palette)) settings.set(`colours.${scheme}.${name}`, colour);
  }
  return settings;
}

/** What is the same in every mail of a release: said once, when compiling, and not thousands of times a second. */
export function constantsOf(locale: string, shop: Shop): ReadonlyMap<string, string> {
  const view = { shop: viewOf({ shop, customer: {} }, locale).shop };
  const leaves = (value: unknown, path: string): [string, string][] => {
    if (typeof value === 'string') return [[path, value]];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, child]) => leaves(child, `${path}.${key}`));
  };
  return new Map(leaves(view.shop, 'shop'));
}

const PLACE = /\{\{\s*([\w.]+)\s*\}\}/g;

/**
 * Sets texts, settings and constants into a layout; the Liquid that is left is for the renderer.
 *
 * @param mark what becomes of a text, with its key, at a place of the source
 */
export function fill(
  source: string,
  strings: Strings,
  settings: ReadonlyMap<string, string>,
  constants: ReadonlyMap<string, string>,
  mark: (text: string, key: string, at: number) => string = (text) => text,
): string {
  // Liquid can hold angle brackets of its own; masked, the last bracket before a place tells whether it is in a tag.
  const masked = source.replaceAll(/\{\{.*?\}\}|\{%.*?%\}/gsu, (liquid) => '_'.repeat(liquid.length));
  const worded = source.replaceAll(PLACE, (liquid, path: string, at: number) => {
    const key = path.startsWith('t.') ? path.slice(2) : undefined;
    const text = key === undefined ? undefined : strings.get(key);
    if (key === undefined || text === undefined) return settings.get(path) ?? liquid;
    const inTag = masked.lastIndexOf('<', at) > masked.lastIndexOf('>', at);
    return mark(inTag || PLAIN_KEYS.includes(key) ? toAttribute(text.value) : toMarkup(text.value), key, at);
  });
  return worded.replaceAll(PLACE, (liquid, path: string) => {
    const value = constants.get(path);
    return value === undefined ? liquid : toAttribute(value);
  });
}

/** A line for the header or the inbox, which is no markup. */
export function fillPlain(text: string, constants: ReadonlyMap<string, string>): string {
  return text.replaceAll(PLACE, (liquid, path: string) => constants.get(path) ?? liquid);
}

const mjmlErrors = z.object({ errors: z.array(z.object({ line: z.number(), message: z.string() })) });

/** @throws ContentError with the line of the layout */
export async function toHtml(layout: Layout, filled: string): Promise<string> {
  try {
    const { html } = await mjml2html(filled, { validationLevel: 'strict', keepComments: false, fonts: {} });
    return (
      html
        // MJML aligns every column to the left, whatever its direction.
        .replaceAll('text-align:left;direction:rtl', 'text-align:right;direction:rtl')
        // Indentation is a third of what MJML writes.
        .replaceAll(/\s*\n\s*/g, '\n')
        .trim()
    );
  } catch (cause) {
    const advice = 'correct the MJML';
    const invalid = mjmlErrors.safeParse(cause);
    if (!invalid.success) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw new ContentError([{ file: layout.file, problem, advice }], { cause });
    }
    const problems = invalid.data.errors.map(({ line, message }) => {
      const origin = layout.origins[line - 1] ?? { file: layout.file };
      return { ...origin, problem: withoutMarks(message), advice };
    });
    throw new ContentError(problems, { cause });
  }
}
