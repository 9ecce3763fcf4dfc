/**
 * What a mail may be made of. Judges the compiled template, not mails made from it, so that no branch is safe only for
 * the readers we think of; and lists what is allowed, so that what nobody thought of is refused.
 */
import { Parser } from 'htmlparser2';
import { isBalanced, maskLiquid, type MaskedLiquid, withoutMasked } from '../masked-liquid.ts';
import { wrongWithAddress } from '../public-address.ts';
import type { CompiledTemplate } from '../release.ts';
import { hidingIn, hidingInSheet, isPreheader } from './hiding.ts';
import type { RuleFinding } from './rule.ts';
import { spelledOut, wrongWithWritten } from './written-address.ts';

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const TAGS = setOf(
  'html head title meta style body div table thead tbody tfoot tr th td h1 h2 h3 p span a img br hr ul ol li bdi bdo strong em b i u s small sub sup blockquote code',
);
/** What MJML tells Outlook, in conditional comments. */
const OUTLOOK_TAGS = setOf('noscript xml o:officedocumentsettings o:allowpng o:pixelsperinch');

const ATTRIBUTES = setOf(
  'id class style lang dir title role aria-label aria-hidden aria-roledescription align valign width height border cellpadding cellspacing colspan rowspan scope bgcolor',
);
const OWN_ATTRIBUTES: Readonly<Record<string, ReadonlySet<string>>> = {
  a: setOf('href target rel'),
  img: setOf('src alt'),
  meta: setOf('name content http-equiv charset'),
  style: setOf('type media'),
  html: setOf('xmlns xmlns:v xmlns:o'),
};
/** What the frame and MJML say about a mail; anything else could lead elsewhere. */
const META_VALUES: ReadonlySet<string> = new Set([
  'X-UA-Compatible',
  'IE=edge',
  'Content-Type',
  'text/html; charset=UTF-8',
  'viewport',
  'width=device-width, initial-scale=1',
  'color-scheme',
  'supported-color-schemes',
  'light dark',
]);

const PROPERTIES = setOf(
  'background background-color border-collapse border-color border-radius border-spacing border-style border-width box-sizing color cursor direction display font-family font-size font-style font-variant-numeric font-weight height letter-spacing line-height list-style list-style-type margin max-height max-width min-height min-width outline overflow overflow-wrap padding table-layout text-align text-decoration text-transform text-wrap vertical-align white-space width word-break word-spacing',
);
const SIDED_PROPERTY = /^(?:margin|padding|border)-(?:top|right|bottom|left|inline|block)(?:-start|-end)?$/u;
const OUTLOOK_PROPERTY = /^mso-[a-z-]+$/u;
const PICTURE_PROPERTIES = setOf(
  'border border-radius display font-size height line-height margin max-height max-width min-height min-width outline overflow padding text-decoration vertical-align width',
);
const HIDING = /none|hidden|collapse/u;

const STYLE_FUNCTION = /([\w-]+)\(/gu;
const STYLE_FUNCTIONS = setOf('rgb rgba hsl hsla not nth-child');
/** Escapes can spell anything, and a rule can load a sheet. */
const STYLE_ESCAPE = /\\|\/\*|@(?!media\b)[\w-]*|expression/iu;

/** Pixels; nobody shows a picture that small. */
const LEAST_SIZE = 8;
const SIZE_PROPERTY = /^(?:(?:max|min)-)?(?:width|height)$/u;
const SHOWN_SIZE = /^(?:auto|100%|(\d+)(?:px)?)$/u;

/** An address we made or checked ourselves, alone and as it is. */
const LINKED_VALUE = /^\{\{-?\s*(?:\w+\.)*(?:url|\w+Url)\s*-?\}\}$/u;
const PICTURE_VALUE = /^\{\{-?\s*item\.imageUrl\s*-?\}\}$/u;
const OTHER_WAY = /^(?:mailto|tel):/u;

const CONDITIONAL = /^\[if [\w !|&()]+\]>(?!<!$)([\s\S]*)<!\[endif\]$/u;
const OPENS_COMMENT = '<!--';
const CONDITIONAL_ENDS = new Set(['[if !mso]><!', '<![endif]']);

const LEAVE_OUT = 'leave it out: a mail holds words, tables, links and pictures, and nothing that runs or loads';
const LINK_SAFELY = 'link an https address that everybody can open, or one value that is an address';
const SHOW = 'leave it out: what nobody sees hides the way out of a mail, or watches its reader';
const STAY_WITHIN = 'begin and end the condition in the same place, and print values between tags or quotes only';

interface Looked {
  readonly masked: MaskedLiquid;
  /** The host of the shop. */
  readonly host: string;
  /** Where what is looked at begins, in masked HTML; undefined for what is looked at outside it. */
  at: number | undefined;
  readonly report: (words: string, problem: string, advice: string) => void;
}

function checkHref(value: string, { masked: { piecesIn, unmasked }, report }: Looked): void {
  const written = unmasked(value);
  const refuse = (wrong: string): void => report(written, `the link ${written} ${wrong}`, LINK_SAFELY);
  if (LINKED_VALUE.test(written)) return;
  const pieces = piecesIn(value);
  const isOther = OTHER_WAY.test(written);
  if (pieces.length > 0) {
    const isOneValue = isOther && pieces.length === 1 && withoutMasked(value).replace(OTHER_WAY, '') === '';
    if (!isOneValue) refuse('depends on its reader');
    return;
  }
  const wrong = isOther ? undefined : wrongWithAddress(written);
  if (wrong !== undefined) refuse(wrong);
}

function checkSource(value: string, { masked: { piecesIn, unmasked }, host, report }: Looked): void {
  const written = unmasked(value);
  if (PICTURE_VALUE.test(written)) return;
  const isOwn =
    piecesIn(value).length === 0 && wrongWithAddress(written) === undefined && new URL(written).host === host;
  if (isOwn) return;
  const advice = `show pictures of articles, {{ item.imageUrl }}, or of ${host}: any other could watch its reader`;
  report(written, `the picture ${written} is not one of the shop`, advice);
}

function checkSheet(css: string, { masked: { piecesIn, unmasked }, report }: Looked): void {
  const [piece] = piecesIn(css);
  const called = [...css.matchAll(STYLE_FUNCTION)].find(([, name = '']) => !STYLE_FUNCTIONS.has(name.toLowerCase()));
  const found = piece?.source ?? called?.[0] ?? STYLE_ESCAPE.exec(css)?.[0];
  if (found !== undefined) report(unmasked(found), `a style holds ${unmasked(found)}`, LEAVE_OUT);
}

function isTooSmall(size: string): boolean {
  const [shown, pixels] = SHOWN_SIZE.exec(size.trim()) ?? [];
  return shown === undefined || (pixels !== undefined && Number(pixels) < LEAST_SIZE);
}

function checkPictureSize(written: string, size: string, { report }: Looked): void {
  if (!isTooSmall(size)) return;
  const advice = `use auto, 100% or at least ${LEAST_SIZE} pixels: a picture nobody sees watches its reader`;
  report(written, `a picture is too small to be seen: ${written}`, advice);
}

function checkStyle(tag: string, style: string, looked: Looked): void {
  checkSheet(style, looked);
  const hiding = tag === 'img' ? undefined : hidingIn(style);
  if (hiding !== undefined) {
    looked.report(hiding, `<${tag}> hides what it holds: ${hiding}`, SHOW);
    return;
  }
  for (const declaration of style.split(';')) {
    const [name = '', ...rest] = declaration.split(':');
    const property = name.trim().toLowerCase();
    const value = rest.join(':').trim().toLowerCase();
    if (property === '') continue;
    const isListed =
      tag === 'img'
        ? PICTURE_PROPERTIES.has(property) && !HIDING.test(property === 'display' ? value : '')
        : PROPERTIES.has(property) ||
          property === 'border' ||
          SIDED_PROPERTY.test(property) ||
          OUTLOOK_PROPERTY.test(property);
    if (!isListed) looked.report(declaration.trim(), `<${tag}> has the style ${declaration.trim()}`, LEAVE_OUT);
    if (tag === 'img' && SIZE_PROPERTY.test(property)) checkPictureSize(declaration.trim(), value, looked);
  }
}

function checkAttribute(tag: string, name: string, value: string, looked: Looked): void {
  const isListed = ATTRIBUTES.has(name) || OWN_ATTRIBUTES[tag]?.has(name) === true;
  const written = looked.masked.unmasked(value);
  if (!isListed || (tag === 'meta' && !META_VALUES.has(value))) {
    const words = written === '' ? looked.masked.unmasked(name) : written;
    looked.report(words, `<${tag}> has ${looked.masked.unmasked(name)}="${written.slice(0, 80)}"`, LEAVE_OUT);
    return;
  }
  if (name === 'href') checkHref(value, looked);
  if (name === 'src') checkSource(value, looked);
  if (name === 'style') checkStyle(tag, value, looked);
  if (tag === 'img' && (name === 'width' || name === 'height')) {
    checkPictureSize(`${name}="${written}"`, value, looked);
  }
}

/** @param from where the HTML begins in all of it */
function checkMarkup(html: string, looked: Looked, from = 0, outlook = false): void {
  const { masked, report } = looked;
  let tag = '';
  let hasWords = false;
  let plain = '';
  let inBody = false;
  let hasPreheader = false;
  const parser = new Parser({
    onopentagname(name) {
      looked.at = from + parser.startIndex;
      // A condition may begin right behind the name.
      tag = masked.piecesIn(name).some((piece) => piece.tag === undefined) ? name : beforeMasked(name);
      hasWords = false;
      plain = '';
      if (tag === 'body') inBody = true;
      if (tag === 'style' && inBody)
        report('<style', 'it holds <style, within the body', 'leave it to the head of the frame');
      if (TAGS.has(tag) || (outlook && OUTLOOK_TAGS.has(tag))) return;
      const shown = masked.unmasked(tag);
      report(`<${shown}`, `it holds <${shown}`, LEAVE_OUT);
    },
    onattribute(name, value, quote) {
      looked.at = from + parser.startIndex;
      const inName = masked.piecesIn(name);
      const inValue = masked.piecesIn(value);
      if (inName.length > 0 && inValue.length === 0 && withoutMasked(name) === '' && value === '') {
        if (inName.every((piece) => piece.tag !== undefined)) return;
      }
      const isLoose = inValue.length > 0 && quote !== '"' && quote !== "'";
      if (isLoose || !isBalanced(inValue)) {
        report(masked.unmasked(value), `${name} of <${tag}> is not whole: ${masked.unmasked(value)}`, STAY_WITHIN);
      }
      if (tag === 'img' && name === 'alt' && value.trim() !== '') hasWords = true;
      if (name === 'style' && isPreheader(tag, value) && !hasPreheader) hasPreheader = true;
      else checkAttribute(tag, name, value, looked);
    },
    onopentag(name) {
      if (name !== 'img' || hasWords) return;
      report('<img', 'a picture has no text that stands for it', 'say in alt what it shows');
    },
    ontext(text) {
      if (tag === 'title' || tag === 'style') plain += text;
    },
    onclosetag(name) {
      if (name === 'style') {
        checkSheet(plain, looked);
        const hiding = hidingInSheet(plain);
        if (hiding !== undefined) report(hiding, `a style hides what it selects: ${hiding}`, SHOW);
      }
      if (name === 'title' && !isBalanced(masked.piecesIn(plain))) {
        report('<title', 'the title is not whole', STAY_WITHIN);
      }
    },
    oncomment(comment) {
      looked.at = from + parser.startIndex;
      const [, inner] = CONDITIONAL.exec(comment) ?? [];
      if (CONDITIONAL_ENDS.has(comment)) return;
      if (inner !== undefined && masked.piecesIn(comment).length === 0 && !outlook) {
        checkMarkup(inner, looked, from + parser.startIndex + OPENS_COMMENT.length + comment.indexOf(inner), true);
      } else {
        report('<!--', `it holds a comment: ${masked.unmasked(comment).slice(0, 80)}`, LEAVE_OUT);
      }
    },
    onprocessinginstruction(_name, instruction) {
      looked.at = from + parser.startIndex;
      if (instruction.toLowerCase() === '!doctype html') return;
      report(`<${masked.unmasked(instruction)}`, `it holds <${masked.unmasked(instruction)}>`, LEAVE_OUT);
    },
  });
  parser.end(html);
  looked.at = undefined;
}

function beforeMasked(name: string): string {
  const bare = withoutMasked(name);
  return name.startsWith(bare) ? bare : name;
}

function checkWrittenAddresses(words: string, known: ReadonlyMap<string, unknown>, { report }: Looked): void {
  for (const { address, wrong } of wrongWithWritten(words)) {
    // A link that goes on with a value is known by what it begins with.
    const told = [`the link ${address} `, `the link ${address}{{`];
    if ([...known.keys()].some((problem) => told.some((begins) => problem.startsWith(begins)))) continue;
    report(address, `the link ${address} ${wrong}`, LINK_SAFELY);
  }
}

/** @param shopUrl where the shop's own pictures are */
export function unsafeIn(parts: CompiledTemplate, shopUrl: string): readonly RuleFinding[] {
  const findings = new Map<string, RuleFinding>();
  const masked = maskLiquid(parts.html);
  const looked: Looked = {
    masked,
    at: undefined,
    host: new URL(shopUrl).host,
    report: (words, problem, advice) => {
      if (findings.has(problem)) return;
      findings.set(problem, {
        words,
        problem,
        advice,
        at: looked.at === undefined ? undefined : masked.sourceAt(looked.at),
      });
    },
  };
  const { html, split } = masked;
  if (split !== undefined) {
    looked.at = split.at;
    looked.report(split.words, `a tag has no name of its own: ${split.words}`, STAY_WITHIN);
  }
  checkMarkup(html, looked);
  for (const part of [parts.subject, parts.preheader, parts.html]) {
    for (const printed of spelledOut(part)) {
      const advice =
        'write words as words, and link an address as it is: nobody can check what is put together of pieces';
      looked.report(printed, `${printed} prints a part of an address`, advice);
    }
  }
  checkWrittenAddresses(`${parts.subject}\n${parts.preheader}\n${parts.text}`, findings, looked);
  return [...findings.values()];
}
