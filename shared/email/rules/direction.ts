/** A language that runs from right to left does so everywhere: nothing in the mail still assumes the other direction. */
import { directionOf } from '../locale.ts';
import { findingsIf, type MailRule } from './rule.ts';

/** What holds Latin characters whatever the language: codes, telephone numbers. */
const ISOLATED = /<bdi dir="ltr"[^>]*>/gu;
const LEFT_TO_RIGHT = /direction:\s*ltr|dir="ltr"|text-align:\s*left|\balign="left"/u;
const ONE_SIDED = /\b(?:margin|padding|border)-(left|right):/gu;

export const direction: MailRule = {
  name: 'from right to left',
  check: ({ mail: { html }, template, reader }) => {
    if (reader.id !== 'known' || directionOf(template.stringsFile.locale) === 'ltr') return [];
    const left = LEFT_TO_RIGHT.exec(html.replaceAll(ISOLATED, ''))?.[0];
    const inline = [...html.matchAll(/\bstyle="([^"]*)"/gu)].map(([, style = '']) => style);
    const lopsided = inline.find((style) => {
      const sides = [...style.matchAll(ONE_SIDED)].map(([, side]) => side);
      return sides.includes('left') && !sides.includes('right');
    });
    return [
      ...findingsIf(left !== undefined, {
        words: left ?? '',
        problem: `it holds ${left}`,
        advice: 'use {{ locale.dir }}, {{ locale.start }} and {{ locale.end }}',
      }),
      ...findingsIf(lopsided !== undefined, {
        words: lopsided?.slice(0, 40) ?? '',
        problem: `"${lopsided?.slice(0, 60)}" leaves room on the left side only`,
        advice: 'write margin-{{ locale.start }} or margin-{{ locale.end }}',
      }),
    ];
  },
};
