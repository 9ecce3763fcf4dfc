/**
 * Colours come from the shop's palettes: their contrast is checked in light and in dark, and every one of them has a
 * counterpart in the other.
 */
import type { MailRule } from './rule.ts';

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

interface Found {
  readonly colour: string;
  readonly at: number;
}

/** The first colour that is written out. */
function writtenOut(layout: string): Found | undefined {
  const bare = layout.replaceAll(/\{\{.*?\}\}/gsu, (printed) => ' '.repeat(printed.length));
  const spelled = COLOUR.exec(bare);
  if (spelled !== null) return { colour: spelled[0], at: spelled.index };
  for (const { 0: written, 1: value = '', index } of bare.matchAll(COLOURABLE)) {
    const named = [...value.matchAll(WORD)].find(([word]) => !COLOURLESS.has(word.toLowerCase()));
    if (named !== undefined) return { colour: named[0], at: index + written.lastIndexOf(value) + named.index };
  }
  return undefined;
}

export const colours: MailRule = {
  name: 'colours',
  check: ({ reader, worded: { step } }) => {
    if (reader.id !== 'known') return [];
    const foreign = writtenOut(step.layout.source);
    if (foreign === undefined) return [];
    const { colour, at } = foreign;
    const advice = 'use {{ colours.light.… }} of shop.json, which has a counterpart in the dark';
    return [{ inLayout: at, problem: `the colour ${colour} is written out`, advice }];
  },
};
