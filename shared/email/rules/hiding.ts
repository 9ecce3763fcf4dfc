/**
 * Nothing in a mail is there without being seen, for that is how the way out of it gets lost: no words that are not shown, are
 * cut off, or stand beside the screen. Too small and too faint is told with the words themselves.
 */
import { type Declaration, declarationsIn } from './cascade.ts';

/** How MJML hides the line for the inbox's list, the only words that are not to be seen in the mail. */
const PREHEADER_STYLE =
  'display:none;font-size:1px;color:#ffffff;line-height:1px;max-height:0px;max-width:0px;opacity:0;overflow:hidden;';

/** What MJML tells Outlook of the spaces between its boxes, in which there is nothing but boxes. */
const SPACES: ReadonlySet<string> = new Set([
  'line-height:0px;font-size:0px;mso-line-height-rule:exactly;',
  'height:0;line-height:0;',
]);

export const isPreheader = (tag: string, style: string) => tag === 'div' && style === PREHEADER_STYLE;

const SHOWN_DISPLAY =
  /^(?:block|inline|inline-block|inline-table|table|table-row|table-cell|table-row-group|list-item|inherit)$/u;
/** Nothing that the frame needs, and each a way to hide. */
const REFUSED =
  /^(?:visibility|opacity|position|top|right|bottom|left|inset|transform|scale|translate|rotate|clip|clip-path|mask|filter|zoom|content|text-indent|mso-hide|-webkit-text-fill-color)$/u;
const BOX = /^(?:(?:max|min)-)?(?:width|height)$/u;
const LENGTH = /(-?\d*\.?\d+)(px|pt|em|rem|%|vw|vh)?(?![\w.])/gu;
/** A colour is no length. */
const COLOUR = /#[0-9a-f]{3,8}\b/gu;

/** Pixels; nobody reads words in a box that narrow or flat. */
const LEAST_BOX = 8;
/** Of the size of the font; lines closer than this lie upon each other. */
const LEAST_LINE = 0.8;
/** Pixels, more than twice the width of a mail: what is that far off is beside the screen. */
const FARTHEST = 1200;
/** Pixels of what parts of a unit come to, about. */
const UNIT_PIXELS: Readonly<Record<string, number>> = { pt: 4 / 3, em: 16, rem: 16, '%': 6, vw: 6, vh: 6 };

interface Length {
  readonly number: number;
  readonly unit: string;
  readonly pixels: number;
}

function lengthsIn(value: string): readonly Length[] {
  return [...value.replaceAll(COLOUR, '').matchAll(LENGTH)].map(([, digits = '', unit = '']) => {
    const number = Number(digits);
    return { number, unit, pixels: number * (UNIT_PIXELS[unit] ?? 1) };
  });
}

function isHiding({ property, value }: Declaration): boolean {
  if (REFUSED.test(property)) return true;
  if (property === 'display') return !SHOWN_DISPLAY.test(value);
  if (property.startsWith('mso-')) return false;
  const lengths = lengthsIn(value);
  if (lengths.some(({ number, pixels }) => number < 0 || pixels > FARTHEST)) return true;
  if (BOX.test(property) && !property.startsWith('min-')) return lengths.some(({ pixels }) => pixels < LEAST_BOX);
  if (property === 'line-height') {
    return lengths.some(({ number, unit, pixels }) =>
      unit === '' ? number < LEAST_LINE : unit === '%' ? number < LEAST_LINE * 100 : pixels < LEAST_BOX,
    );
  }
  return false;
}

/** A box of one height, or of little width, that shows nothing of what goes beyond it. */
function isCut(declarations: readonly Declaration[]): boolean {
  if (!declarations.some(({ property, value }) => property === 'overflow' && value !== 'visible')) return false;
  return declarations.some(({ property, value }) => {
    if (/^(?:max-)?height$/u.test(property)) return value !== 'auto' && value !== 'none';
    return /^(?:max-)?width$/u.test(property) && lengthsIn(value).some(({ pixels }) => pixels < LEAST_CUT_WIDTH);
  });
}

/** Pixels; a word or two. */
const LEAST_CUT_WIDTH = 100;

const written = ({ property, value }: Declaration) => `${property}:${value}`;

/** The declaration of a style that hides; undefined when none does. */
export function hidingIn(style: string): string | undefined {
  if (SPACES.has(style)) return undefined;
  const declarations = declarationsIn(style);
  const hiding = declarations.find(isHiding);
  if (hiding !== undefined) return written(hiding);
  const overflow = declarations.find(({ property }) => property === 'overflow');
  return overflow !== undefined && isCut(declarations) ? written(overflow) : undefined;
}

/** The first declaration of a sheet that hides what it selects. */
export function hidingInSheet(css: string): string | undefined {
  for (const [, body = ''] of css.matchAll(/\{([^{}]*)\}/gu)) {
    const found = hidingIn(body);
    if (found !== undefined) return found;
  }
  return undefined;
}
