/**
 * Whoever opens a mail can read all of its words, in light and in dark. Judges what is compiled, every branch of it: the words
 * with the colour they inherit, on the ground that is behind them, in the size they have.
 */
import { Parser } from 'htmlparser2';
import { AA_CONTRAST, AA_LARGE_CONTRAST, contrast } from '../contrast.ts';
import { type MaskedLiquid, maskLiquid } from '../masked-liquid.ts';
import {
  type Declaration,
  declaredFor,
  parseSheet,
  type Scheme,
  SCHEMES,
  type Sheet,
  type StyledElement,
} from './cascade.ts';
import type { RuleFinding } from './rule.ts';

/** Pixels; what is smaller nobody reads. */
const LEAST_TEXT = 9;
/** Pixels from which text is large, in WCAG's sense: 18 points, or 14 in bold. */
const LARGE = { any: 24, bold: 18.66 } as const;
const BOLD_WEIGHT = 600;
/** Of text that nothing else is said of. */
const FONT_SIZE = 16;

/** What the ground is like before anything is painted, and the words on it. */
const BLANK: Readonly<Record<Scheme, Painted>> = {
  light: { colour: '#000000', ground: '#ffffff' },
  dark: { colour: '#ffffff', ground: '#000000' },
};

interface Painted {
  readonly colour: string;
  readonly ground: string;
}

/** How words look directly within an element. */
interface Look extends Readonly<Record<Scheme, Painted>> {
  /** In pixels. */
  readonly size: number;
  readonly weight: number;
  readonly isHidden: boolean;
}

const HEX = /#(?:[0-9a-f]{6}|[0-9a-f]{3})\b/iu;
const BOLD_TAGS: ReadonlySet<string> = new Set(['b', 'strong', 'th']);
/** What says how words look; a selector that cannot be judged must not. */
const LOOKS = /^(?:color|background(?:-color)?|font(?:-size|-weight)?)$/u;

/** As `#rrggbb`; undefined for what is none, such as inherit. */
function hexOf(value: string | undefined): string | undefined {
  const [found] = HEX.exec(value ?? '') ?? [];
  if (found === undefined || found.length > 4) return found?.toLowerCase();
  return found.replaceAll(/[0-9a-f]/giu, '$&$&').toLowerCase();
}

function sizeOf(value: string | undefined, around: number): number {
  const [, digits, unit = ''] = /^(\d*\.?\d+)(px|pt|em|rem|%)?$/u.exec(value ?? '') ?? [];
  if (digits === undefined) return around;
  const number = Number(digits);
  switch (unit) {
    case 'pt':
      return (number * 4) / 3;
    case 'em':
      return number * around;
    case 'rem':
      return number * FONT_SIZE;
    case '%':
      return (number * around) / 100;
    default:
      return number;
  }
}

function weightOf(value: string | undefined, tag: string, around: number): number {
  if (value === undefined) return BOLD_TAGS.has(tag) ? BOLD_WEIGHT : around;
  if (value === 'bold' || value === 'bolder') return BOLD_WEIGHT;
  const number = Number(value);
  return Number.isNaN(number) ? around : number;
}

function lookOf(sheet: Sheet, path: readonly StyledElement[], around: Look): Look {
  const own = path.at(-1);
  const declared = declaredFor(sheet, path);
  const painted = (scheme: Scheme): Painted => {
    const styles = declared[scheme];
    const behind = hexOf(styles.get('background-color'));
    const colour = styles.get('color');
    const ground = behind ?? hexOf(own?.attributes['bgcolor']) ?? around[scheme].ground;
    // What can be seen through has the colour of the ground.
    return { ground, colour: colour === 'transparent' ? ground : (hexOf(colour) ?? around[scheme].colour) };
  };
  const { light, dark } = declared;
  const tag = own?.tag ?? '';
  return {
    light: painted('light'),
    dark: painted('dark'),
    // The smaller and thinner one counts, should they differ in light and in dark.
    size: Math.min(...[light, dark].map((styles) => sizeOf(styles.get('font-size'), around.size))),
    weight: Math.min(...[light, dark].map((styles) => weightOf(styles.get('font-weight'), tag, around.weight))),
    isHidden: around.isHidden || light.get('display') === 'none',
  };
}

/** Characters that show nothing. */
const BLANKS = /\s|\u00ad|\u034f|[\u200b-\u200f]|\u2060|\ufeff/gu;

function wordsIn(text: string, { piecesIn, unmasked }: MaskedLiquid): string {
  const printed = piecesIn(text)
    .filter(({ tag }) => tag === undefined)
    .map(({ source }) => source);
  const words = unmasked(text)
    .replaceAll(/\{%.*?%\}|\{\{.*?\}\}/gsu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
  return words.replaceAll(BLANKS, '') === '' ? (printed[0] ?? '') : words;
}

const SHOWN_WORDS = 40;

/** What is wrong with words that look so, by what is the same for all words that do. */
function problemsOf(words: string, look: Look): readonly (readonly [id: string, RuleFinding])[] {
  const quoted = `“${words.slice(0, SHOWN_WORDS)}${words.length > SHOWN_WORDS ? '…' : ''}”`;
  const isLarge = look.size >= (look.weight >= BOLD_WEIGHT ? LARGE.bold : LARGE.any);
  const least = isLarge ? AA_LARGE_CONTRAST : AA_CONTRAST;
  const faint = SCHEMES.flatMap((scheme): [string, RuleFinding][] => {
    const { colour, ground } = look[scheme];
    const has = contrast(colour, ground);
    if (has >= least) return [];
    const advice =
      scheme === 'dark'
        ? 'leave colour and ground to the frame, or give them one of its classes, which change both: panel, quiet, numeral, plain'
        : 'use colours of shop.json that are made for each other: ink, muted or accent on ground or card';
    const where = scheme === 'dark' ? 'the dark' : 'light';
    const problem = `cannot be read in ${where}: the contrast of ${colour} on ${ground} is ${Math.floor(has * 100) / 100}, readable text needs ${least}`;
    return [[problem, { words, problem: `${quoted} ${problem}`, advice }]];
  });
  if (look.size >= LEAST_TEXT) return faint;
  const advice = `use at least ${LEAST_TEXT} pixels`;
  const problem = `is too small to be read: ${look.size} pixels`;
  return [...faint, [problem, { words, problem: `${quoted} ${problem}`, advice }]];
}

const VOID: ReadonlySet<string> = new Set(['br', 'hr', 'img', 'meta', 'wbr']);

/** What surrounds everything. */
const OUTSIDE: Look = { ...BLANK, size: FONT_SIZE, weight: 400, isHidden: false };

/**
 * Looks by the look of what is around them and by what decides over them. All mails have the same frame, so that most of what one
 * looks like is known from another.
 */
class Looks {
  readonly css: string;
  readonly sheet: Sheet;
  readonly #within = new WeakMap<Look, Map<string, Look>>();

  constructor(css: string) {
    this.css = css;
    this.sheet = parseSheet(css);
  }

  of(path: readonly StyledElement[], around: Look): Look {
    const { tag = '', attributes = {} } = path.at(-1) ?? {};
    const deciding = ['class', 'style', 'bgcolor', ...this.sheet.attributes].map((name) => attributes[name] ?? '');
    const key = [tag, ...deciding].join('\n');
    const within = this.#within.get(around) ?? new Map<string, Look>();
    this.#within.set(around, within);
    const known = within.get(key);
    if (known !== undefined) return known;
    const look = lookOf(this.sheet, path, around);
    within.set(key, look);
    return look;
  }
}

/** Of the last sheet there was. */
let lastLooks = new Looks('');

function looksIn(css: string): Looks {
  if (lastLooks.css !== css) lastLooks = new Looks(css);
  return lastLooks;
}

/** A size that can be read can be read wherever it holds. */
const isAboutLooks = ({ property, value }: Declaration) =>
  LOOKS.test(property) && !(property === 'font-size' && sizeOf(value, 0) >= LEAST_TEXT);

/** What cannot be read of a compiled mail. */
export function illegibleIn(html: string): readonly RuleFinding[] {
  const masked = maskLiquid(html);
  const findings = new Map<string, RuleFinding>();
  const css: string[] = [];
  let looks: Looks | undefined;
  const path: StyledElement[] = [];
  const around: Look[] = [];
  const parser = new Parser({
    onopentag(tag, attributes) {
      if (tag === 'body') looks = looksIn(css.join('\n'));
      if (VOID.has(tag)) return;
      path.push({ tag, attributes, classes: (attributes['class'] ?? '').split(/\s+/u) });
      around.push(looks?.of(path, around.at(-1) ?? OUTSIDE) ?? OUTSIDE);
    },
    ontext(text) {
      if (path.at(-1)?.tag === 'style') css.push(text);
      const look = around.at(-1);
      if (looks === undefined || look === undefined || look.isHidden) return;
      const words = wordsIn(text, masked);
      if (words === '') return;
      // One colour on one ground is one mistake, however many words it has.
      const at = masked.sourceAt(parser.startIndex + text.search(/\S/u));
      for (const [id, finding] of problemsOf(words, look)) {
        if (!findings.has(id)) findings.set(id, { ...finding, at });
      }
    },
    onclosetag(tag) {
      if (VOID.has(tag)) return;
      path.pop();
      around.pop();
    },
  });
  parser.end(masked.html);
  for (const [selector, declarations] of looks?.sheet.unjudged ?? []) {
    if (!declarations.some(isAboutLooks)) continue;
    const advice = 'select by tag, class or attribute, one within the other';
    findings.set(selector, { words: selector, problem: `nobody can say what ${selector} colours`, advice });
  }
  return [...findings.values()];
}
