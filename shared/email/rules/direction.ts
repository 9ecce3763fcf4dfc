/** A language that runs from right to left does so everywhere: no layout assumes one direction. */
import { lineFromTheLeft } from '../bidi.ts';
import { directionOf } from '../locale.ts';
import { findingsIf, type MailRule } from './rule.ts';

/** A side written out where the language decides it. Codes and telephone numbers run from left to right in every one. */
const WRITTEN_OUT =
  /(?:text-align|\bfloat|\bclear):\s*(?:left|right)|\balign\s*=\s*["']?(?:left|right)|\bdirection(?::\s*|\s*=\s*["']?)(?:ltr|rtl)|(?<!<bdi )\bdir\s*=\s*["']?(?:ltr|rtl)|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/iu;
/** Room or a line on one side, as a style or as an attribute of MJML. */
const SIDED = /\b((?:margin|padding|border)-)(left|right)((?:-[a-z]+)?)\s*(?::|=\s*["']?)\s*([^;"'}]*)/giu;
/** Room on all four sides: above, on the right, below, on the left. */
const FOUR_SIDED =
  /\b(?:[\w-]*padding|margin|border-(?:width|style|color))\s*(?::|=\s*["']?)\s*([^\s;"'}]+)\s+([^\s;"'}]+)\s+([^\s;"'}]+)\s+([^\s;"'}]+)/giu;
const LEFT_TO_RIGHT = /direction:\s*ltr|<html(?![^>]*dir="rtl")/u;

interface Found {
  readonly written: string;
  /** Where it begins. */
  readonly at: number;
}

const foundBy = (match: RegExpExecArray | undefined | null): Found | undefined =>
  match ? { written: match[0].trim(), at: match.index } : undefined;

/** The first side whose other side is not the same. */
function oneSided(tag: string): Found | undefined {
  const sides = [...tag.matchAll(SIDED)].map((match) => ({ match, ...sideIn(match) }));
  const lonely = sides.find(({ other }) => !sides.some(({ is }) => is === other));
  const four = [...tag.matchAll(FOUR_SIDED)].find(([, , right, , left]) => !isSame(right, left));
  return foundBy(lonely?.match ?? four);
}

function sideIn([, box = '', side = '', part = '', size = '']: RegExpExecArray) {
  return {
    is: `${box}${side}${part}:${size.trim()}`.toLowerCase(),
    other: `${box}${side.toLowerCase() === 'left' ? 'right' : 'left'}${part}:${size.trim()}`.toLowerCase(),
  };
}

/** The first side that is written out. A tag may go over several lines; what it says of one thing stands together. */
function writtenOut(layout: string): Found | undefined {
  let begins = 0;
  for (const tag of layout.split(/(?=<)/u)) {
    const found = foundBy(WRITTEN_OUT.exec(tag)) ?? oneSided(tag);
    if (found !== undefined) return { ...found, at: begins + found.at };
    begins += tag.length;
  }
  return undefined;
}

/** Nothing, in whatever unit. */
const NOTHING = /^0+(?:\.0*)?[a-z%]*$/u;

function isSame(one = '', other = ''): boolean {
  return one === other || (NOTHING.test(one) && NOTHING.test(other));
}

export const direction: MailRule = {
  name: 'direction',
  check: ({ mail: { html, text }, worded: { step, stringsFile }, reader }) => {
    const isRightToLeft = directionOf(stringsFile.locale) === 'rtl';
    const line = isRightToLeft ? lineFromTheLeft(text) : undefined;
    const ofText = findingsIf(line !== undefined, {
      words: /[\p{L}\p{N}]+/u.exec(line ?? '')?.[0] ?? '',
      problem: `a line of the text part for ${reader.title} runs from left to right: ${line}`,
      advice: 'begin it with a word of the language, or with a value',
    });
    if (reader.id !== 'known') return ofText;
    const found = writtenOut(step.layout.source);
    const left = isRightToLeft ? foundBy(LEFT_TO_RIGHT.exec(html)) : undefined;
    return [
      ...ofText,
      ...findingsIf(found !== undefined, {
        inLayout: found?.at ?? 'whole',
        problem: `${found?.written} is written out, and wrong in half of all languages`,
        advice: 'use {{ locale.dir }}, {{ locale.start }} and {{ locale.end }}',
      }),
      ...findingsIf(left !== undefined, {
        words: left?.written ?? '',
        at: left?.at,
        problem: `it runs from left to right: ${left?.written}`,
        advice: 'leave the frame around the body, which sets the direction',
      }),
    ];
  },
};
