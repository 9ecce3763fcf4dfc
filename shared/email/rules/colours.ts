/**
 * Colours come from the shop's palettes: their contrast is checked in light and in dark, and every one of them has a
 * counterpart in the other.
 */
import { findingsIf, type MailRule } from './rule.ts';

/** A colour written out; what begins with an ampersand is a character. */
const COLOUR =
  /(?<!&)#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix)\(/iu;
/** What may be coloured, as a style or as an attribute of MJML, with its value. */
const COLOURABLE =
  /(?<![\w-])(?:(?:[\w-]+-)?(?:background-)?(?:bg)?color|background|border(?:-(?:top|right|bottom|left|inner))?|outline)\s*(?::|=\s*["']?)\s*([^;"'}]*)/giu;
/** Words of such values that name no colour. */
const COLOURLESS = new Set(
  'none solid dashed dotted double auto inherit currentcolor transparent important'.split(' '),
);
const WORD = /(?<![\w#-])[a-z]+/giu;

/** The first colour that is written out. */
function writtenOut(layout: string): string | undefined {
  const bare = layout.replaceAll(/\{\{.*?\}\}/gsu, '');
  const named = [...bare.matchAll(COLOURABLE)]
    .flatMap(([, value = '']) => value.match(WORD) ?? [])
    .find((word) => !COLOURLESS.has(word.toLowerCase()));
  return COLOUR.exec(bare)?.[0] ?? named;
}

export const colours: MailRule = {
  name: 'colours',
  check: ({ reader, worded: { step } }) => {
    if (reader.id !== 'known') return [];
    const foreign = writtenOut(step.layout.source);
    return findingsIf(foreign !== undefined, {
      words: foreign ?? '',
      problem: `the colour ${foreign} is written out`,
      advice: 'use {{ colours.light.… }} of shop.json, which has a counterpart in the dark',
    });
  },
};
