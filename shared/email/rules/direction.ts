/** A language that runs from right to left does so everywhere: no layout assumes one direction. */
import { directionOf } from '../locale.ts';
import { findingsIf, type MailRule } from './rule.ts';

/** A side written out where the language decides it. Codes and telephone numbers run from left to right in every one. */
const WRITTEN_OUT =
  /(?:margin|padding|border)-(?:left|right)\b|text-align:\s*(?:left|right)|\balign="(?:left|right)"|direction:\s*(?:ltr|rtl)|(?<!<bdi )dir="(?:ltr|rtl)"/u;
const BOTH_SIDES = /-left\b.*-right\b|-right\b.*-left\b/u;
const LEFT_TO_RIGHT = /direction:\s*ltr|<html(?![^>]*dir="rtl")/u;

export const direction: MailRule = {
  name: 'direction',
  check: ({ mail: { html }, worded: { step, stringsFile }, reader }) => {
    if (reader.id !== 'known') return [];
    const line = step.layout.source.split('\n').find((each) => WRITTEN_OUT.test(each) && !BOTH_SIDES.test(each));
    const written = line === undefined ? undefined : WRITTEN_OUT.exec(line)?.[0];
    const left = directionOf(stringsFile.locale) === 'rtl' ? LEFT_TO_RIGHT.exec(html)?.[0] : undefined;
    return [
      ...findingsIf(written !== undefined, {
        words: written ?? '',
        problem: `${written} is written out, and wrong in half of all languages`,
        advice: 'use {{ locale.dir }}, {{ locale.start }} and {{ locale.end }}',
      }),
      ...findingsIf(left !== undefined, {
        words: left ?? '',
        problem: `it runs from left to right: ${left}`,
        advice: 'leave the frame around the body, which sets the direction',
      }),
    ];
  },
};
