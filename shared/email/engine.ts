/**
 * The Liquid dialect of the templates: a handful of tags and filters, no way to reach files, prototypes or unescaped
 * output. The HTML dialect escapes every value; the plain one, for subjects and text parts, escapes none.
 */
import { Liquid } from 'liquidjs';

export const TAGS: readonly string[] = ['if', 'unless', 'case', 'for'];
/** Note what is missing: `raw` would get around the escaping. */
export const FILTERS: readonly string[] = [
  'default',
  'first',
  'join',
  'last',
  'remove',
  'size',
  'truncate',
  'url_encode',
];

/**
 * Milliseconds one part may render; a usual one takes a tenth of one. The last resort: what the compiler lets through is
 * bounded by its loops, and never comes near.
 */
const RENDER_LIMIT_MS = 500;
/** Characters one template may have: five times the largest mail that Gmail shows whole. */
export const PARSE_LIMIT_CHARACTERS = 500_000;
/** Objects and characters that filters and loops may create in one render. */
const MEMORY_LIMIT = 1e6;

export function createEngine(escape: 'html' | 'none'): Liquid {
  const engine = new Liquid({
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    // An absent value may be asked about in a condition, but never printed.
    lenientIf: true,
    parseLimit: PARSE_LIMIT_CHARACTERS,
    renderLimit: RENDER_LIMIT_MS,
    memoryLimit: MEMORY_LIMIT,
    ...(escape === 'html' ? { outputEscape: 'escape' as const } : {}),
  });
  for (const tag of Object.keys(engine.tags)) if (!TAGS.includes(tag)) delete engine.tags[tag];
  for (const filter of Object.keys(engine.filters)) if (!FILTERS.includes(filter)) delete engine.filters[filter];
  return engine;
}
