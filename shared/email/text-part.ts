/** The text part, made once from compiled HTML: Liquid passes through as the words it looks like. */
import { convert, type HtmlToTextOptions } from 'html-to-text';

const TEXT_OPTIONS: HtmlToTextOptions = {
  wordwrap: false,
  selectors: [
    { selector: 'h1', options: { uppercase: false, trailingLineBreaks: 2 } },
    { selector: 'h2', options: { uppercase: false, leadingLineBreaks: 2, trailingLineBreaks: 1 } },
    { selector: 'img', format: 'skip' },
    // The preheader, which stands in the inbox's list and would be read twice.
    { selector: 'div[style^="display:none"]', format: 'skip' },
    { selector: 'tr', format: 'block', options: { leadingLineBreaks: 2, trailingLineBreaks: 2 } },
    { selector: 'tr.entry', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: ['<', '>'] } },
    // A link that adds nothing to its text, such as a telephone number.
    { selector: 'a.untargeted', format: 'inline' },
    { selector: 'a.plain', format: 'inline' },
  ],
};

/** Stands for the empty line between the last entry of a list and what follows, which is none for an empty list. */
const AFTER_LAST = '\u0000';

/**
 * The text part of compiled HTML. Conditions whose content was markup only go, and a tag alone on its line takes the
 * line with it, so that it leaves no gap; but a list keeps its distance to what follows.
 */
export function toText(html: string): string {
  return `${convert(html, TEXT_OPTIONS)
    .replaceAll(/\{%-? (?:if|unless) [^%]*%\}\s*\{%-? end(?:if|unless) -?%\}/g, '')
    .replaceAll(/(?<=\S)\n(?=\{% endfor %\}\n\n)/g, `${AFTER_LAST}\n`)
    .replaceAll(/^[ \t]*((?:\{%[^%]*%\}\s*?)+)[ \t]*\n+/gm, '$1')
    .replaceAll(`${AFTER_LAST}\n`, '\n{% if forloop.last %}\n{% endif %}')
    .replaceAll(/^((?:\{%[^%]*%\})*)[ \t]+|[ \t]+$/gm, '$1')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
