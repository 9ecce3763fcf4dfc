/**
 * Plain text from right to left: no markup can isolate what runs the other way, so invisible characters do (Unicode
 * Standard Annex #9). The HTML part has its own elements for that.
 */

/** First strong isolate and its end: what is between has its own direction and does not reorder its surroundings. */
const ISOLATE = { begin: '\u2068', end: '\u2069' } as const;
/** Right-to-left mark: a line that begins with it runs from right to left, whatever follows. */
const MARK = '\u200f';

/** A printed value, but not the address of a link, which programs read. */
const VALUE = /(?<!<)\{\{(?:[^}]|\}(?!\}))*\}\}/gu;
/** A line that begins with a value, or with letters or digits from left to right. */
const BEGINS_OTHERWISE = /^(?=(?:\{%[^%]*%\}\s*)*(?:\{\{|[a-z0-9+]))/gimu;

/** Printed values isolated. */
export function isolated(liquid: string): string {
  return liquid.replaceAll(VALUE, (value) => `${ISOLATE.begin}${value}${ISOLATE.end}`);
}

/** A text part with printed values isolated, and every line from right to left. */
export function rightToLeft(liquid: string): string {
  return isolated(liquid.replaceAll(BEGINS_OTHERWISE, MARK));
}
