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
/** The address of a link, which programs read. */
const ADDRESS = /<(?:\{\{[^}]*\}\}|\{%[^%]*%\}|[^\s<>{}])+>/u;
/**
 * Where a line may begin with a value or with letters from left to right: at its beginning in Liquid, and behind every
 * condition and loop, for what stands before that may be left out for some readers and in some turns.
 */
const MAY_BEGIN = /(?<before>^|\{%[^%]*%\}[ \t]*)(?=\{\{|\u2068|\d|\+|(?!\p{Script=Arabic})\p{L})/u;
const MAY_BEGIN_OTHERWISE = new RegExp(`${ADDRESS.source}|${MAY_BEGIN.source}`, 'gmu');

/** Printed values isolated. */
export function isolated(liquid: string): string {
  return liquid.replaceAll(VALUE, (value) => `${ISOLATE.begin}${value}${ISOLATE.end}`);
}

/** HTML whose isolated elements stay isolated when it becomes plain text. */
export function withIsolates(html: string): string {
  return html.replaceAll(/<bdi\b[^>]*>/gu, ISOLATE.begin).replaceAll('</bdi>', ISOLATE.end);
}

/** A text part with printed values isolated, and every line from right to left, whichever of its conditions hold. */
export function rightToLeft(liquid: string): string {
  return isolated(
    liquid.replaceAll(MAY_BEGIN_OTHERWISE, (found, before?: string) =>
      before === undefined ? found : `${found}${MARK}`,
    ),
  );
}

/** The first line of a plain text that no strong character of its own lets run from right to left; what is isolated does not count. */
export function lineFromTheLeft(text: string): string | undefined {
  return text.split('\n').find((line) => {
    const own = line.replaceAll(/\u2068[^\u2069]*\u2069|<https:[^\s>]*>/gu, '');
    const strong = /\p{L}|\u200f/u.exec(own)?.[0];
    const says = strong !== undefined || own.length < line.length;
    return says && !/[\p{Script=Arabic}\u200f]/u.test(strong ?? '') && !/^\s*<https:\S*>\s*$/u.test(line);
  });
}
