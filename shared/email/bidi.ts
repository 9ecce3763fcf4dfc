/**
 * Plain text from right to left: no markup can isolate what runs the other way, so invisible characters do (Unicode
 * Standard Annex #9). The HTML part has its own elements for that.
 */

/** First strong isolate and its end: what is between has its own direction and does not reorder its surroundings. */
const ISOLATE = { begin: '\u2068', end: '\u2069' } as const;
/** Right-to-left mark: a line that begins with it runs from right to left, whatever follows. */
const MARK = '\u200f';

/** A printed value, but not the address of a link, which programs read, nor what is isolated already. */
const VALUE = /(?<![<\u2068])\{\{(?:[^}]|\}(?!\}))*\}\}/gu;
/** The beginning of a line, behind its conditions and loops, where a value or letters from left to right follow. */
const BEGINS_OTHERWISE = /^((?:\{%[^%]*%\}[ \t]*)*)(?=\{\{|\u2068|[a-z0-9+])/gimu;

/** Printed values isolated. */
export function isolated(liquid: string): string {
  return liquid.replaceAll(VALUE, (value) => `${ISOLATE.begin}${value}${ISOLATE.end}`);
}

/** HTML whose isolated elements stay isolated when it becomes plain text. */
export function withIsolates(html: string): string {
  return html.replaceAll(/<bdi\b[^>]*>/gu, ISOLATE.begin).replaceAll('</bdi>', ISOLATE.end);
}

/** A text part with printed values isolated, and every line from right to left. */
export function rightToLeft(liquid: string): string {
  return isolated(liquid.replaceAll(BEGINS_OTHERWISE, `$1${MARK}`));
}
