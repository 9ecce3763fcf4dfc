/**
 * The rules of tone that can be checked: each customer type is written to in its own way, and a mail that would break
 * that stops the release. The rules look at rendered mails, so that texts, shared pieces and data all count. Build time
 * only.
 */
import * as z from 'zod/mini';
import type { Placed } from '../lifecycle/playbook.ts';
import type { RenderedMail } from './render.ts';
import { asksForTheOrder } from './step.ts';
import type { View } from './view.ts';

/** Where the words are listed, by language. */
export const TONE_FILE = 'tone.json';

/** Whoever declared themselves efficient reads no more than this, and sees one picture at most. */
const BRIEF_WORDS = 120;
const BRIEF_IMAGES = 1;

const list = z.array(z.string().check(z.minLength(1))).check(z.minLength(1, 'expected at least one word'));

/** Words and phrases of one language; a star stands for any ending, and alone for a word or a number. */
const toneWords = z.strictObject({
  /** We say sorry. */
  apology: list,
  /** Somebody is rushed, for no reason of their own. */
  urgency: list,
  /** The same words where they say the opposite, such as "no hurry". */
  unhurried: list,
  /** Somebody is to recommend or to review us. */
  referral: list,
  /** The price is cut. */
  discount: list,
  /** Somebody is to buy, at once if possible. */
  push: list,
  /** What a mail about somebody's own case has no place for. */
  promotion: list,
  /** Something is claimed to be better than it was. */
  claim: list,
  /** Feelings, which leave the neutral cold. */
  emotion: list,
});

export const toneSchema = z.record(z.string(), toneWords);

export type ToneWords = z.infer<typeof toneWords>;
export type ToneByLocale = z.infer<typeof toneSchema>;

/** One mail as one reader would get it. */
export interface TriedMail {
  readonly placed: Placed;
  readonly variant: string | undefined;
  readonly view: View;
  readonly mail: RenderedMail;
}

export interface ToneFinding {
  readonly problem: string;
  readonly advice: string;
  /** What was found, to tell the line it stands on. */
  readonly words?: string;
}

interface Read extends TriedMail {
  readonly words: ToneWords;
  /** Everything between the name of the shop and the footer, without markup. */
  readonly body: string;
  /** The same, with what an inbox lists. */
  readonly whole: string;
}

type Rule = (read: Read) => readonly (ToneFinding | undefined)[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
};

/** From the heading to the footer. */
function bodyOf(html: string): string {
  const visible = html.replaceAll(/<!--.*?-->/gsu, '');
  const end = visible.search(/<[^<>]*class="[^"<]*\bfooter\b/u);
  return visible.slice(visible.indexOf('<h1'), end === -1 ? undefined : end);
}

/** Marks that show nothing where they stand in a word: places to break it, and directions. */
const INVISIBLE = /[\u00AD\u200B\u2060\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

function plain(html: string): string {
  return html
    .replaceAll(/<\/?(?:bdi|strong|a|span)\b[^>]*>/gu, '')
    .replaceAll(/<[^>]*>/gu, ' ')
    .replaceAll(/&(?:amp|lt|gt|quot|#39|nbsp);/gu, (entity) => ENTITIES[entity] ?? entity)
    .replaceAll('’', "'")
    .replaceAll(INVISIBLE, '')
    .replaceAll(/\s+/gu, ' ');
}

const patterns = new WeakMap<readonly string[], RegExp>();

const BEGINS_A_WORD = String.raw`(?<![\p{L}\p{N}])`;

/** Between the words of a phrase: "last chance", "last-chance", "now, or never". A sentence that ends parts them. */
const GAP = String.raw`[\s\p{Pd},"'“”„«»\u200C]+`;

const sourceOf = (word: string) =>
  word
    .replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`)
    .replaceAll('*', String.raw`[\p{L}\p{N}]*`)
    .replaceAll(' ', GAP);
const isWord = (word: string) => /^[\p{L}\p{N}]/u.test(word);

/** Finds any of the words, as whole words and in any case; what begins with a sign may follow a number: "10% off". */
function patternOf(words: readonly string[]): RegExp {
  const known = patterns.get(words);
  if (known !== undefined) return known;
  const [begun, others] = [words.filter(isWord), words.filter((word) => !isWord(word))];
  // Looked behind once for all words: asking it for each of them costs more than the rest of compiling.
  const sources = [
    ...(begun.length > 0 ? [`${BEGINS_A_WORD}(?:${begun.map(sourceOf).join('|')})`] : []),
    ...others.map(sourceOf),
  ];
  const pattern = new RegExp(String.raw`(?:${sources.join('|')})(?![\p{L}\p{N}])`, 'iu');
  patterns.set(words, pattern);
  return pattern;
}

/** A text without the phrases that use words of haste to say that there is none. */
function withoutCalm(text: string, { unhurried }: ToneWords): string {
  return text.replaceAll(new RegExp(patternOf(unhurried), 'giu'), '·');
}

function unwanted(text: string, words: readonly string[], why: string, advice: string): ToneFinding | undefined {
  const found = patternOf(words).exec(text)?.[0];
  return found === undefined ? undefined : { problem: `${why}, but it says "${found}"`, advice, words: found };
}

function findingIf(broken: boolean, problem: string, advice: string): ToneFinding | undefined {
  return broken ? { problem, advice } : undefined;
}

const inBrief: Rule = ({ view, mail, body }) => {
  if (!view.form.brief) return [];
  const count = body.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  const images = bodyOf(mail.html).match(/<img\b/gu)?.length ?? 0;
  return [
    findingIf(
      count > BRIEF_WORDS,
      `in brief it has ${count} words, and ${BRIEF_WORDS} are the most`,
      'shorten the summary, the reasons or the terms',
    ),
    findingIf(images > BRIEF_IMAGES, `in brief it has ${images} pictures`, `leave at most ${BRIEF_IMAGES}`),
  ];
};

/** Whether a step is for those who study a problem: series for them alone. */
function isForResearchers({ series }: Placed): boolean {
  return (series.trigger === 'trait' && series.trait === 'researcher') || series.if?.includes('researcher') === true;
}

const toResearchers: Rule = ({ placed, whole, words }) => {
  if (!isForResearchers(placed)) return [];
  const why = 'researchers get facts, nothing to buy and no discount';
  const advice = 'say what helps them to know, and leave the price a fact';
  const percent = /[%٪]|\bper ?cent\b/iu.exec(whole)?.[0];
  return [
    findingIf(placed.step.offer !== undefined, `${why}, but the step makes an offer`, 'take it out of the playbook'),
    findingIf(placed.step.action === 'shop', `${why}, but the button leads to the shop`, 'take it out of the playbook'),
    percent === undefined ? undefined : { problem: `${why}, but it says "${percent}"`, advice, words: percent },
    unwanted(whole, words.discount, why, advice),
    unwanted(whole, words.push, why, advice),
  ];
};

const inRecovery: Rule = ({ placed, body, words }) => {
  const { programme, series } = placed;
  if (programme.id !== 'recovery') return [];
  if (series.trigger === 'case' && series.of === 'renewal') {
    const advice = 'ask why, and leave the apology out';
    return [unwanted(body, words.apology, 'nobody is owed an apology for a decision of their own', advice)];
  }
  const advice = `apologise in every form, the summary included, with one of: ${words.apology.join(', ')}`;
  return [findingIf(!patternOf(words.apology).test(body), 'it does not apologise', advice)];
};

/** What no mail may do, whoever gets it; until when an offer lasts is a date, and no reason to hurry. */
const forEverybody: Rule = ({ whole, words }) => {
  const advice = 'say until when something holds, as a date, and leave the rest out';
  return [unwanted(withoutCalm(whole, words), words.urgency, 'nobody is rushed', advice)];
};

/** Nobody who waits for us to put something right is asked for a favour, or sold anything. */
const inTrouble: Rule = ({ placed, whole, words }) => {
  if (placed.programme.id !== 'recovery') return [];
  const why = 'a mail that puts something right asks for nothing';
  const advice = 'leave it out';
  return [words.referral, words.discount, words.push, words.promotion].map((unwelcome) =>
    unwanted(whole, unwelcome, why, advice),
  );
};

/** What a shop calls its codes: capitals, and at the end how much they are worth. */
const CODE = /(?<![\p{L}\p{N}-])[A-Z]{3,}\d{1,3}(?![\p{L}\p{N}-])/gu;

/** A code in the words of a mail, and not in what is known of its reader and their order. */
function codeIn(text: string, view: View): string | undefined {
  const codes = text.match(CODE) ?? [];
  return codes.find((code) => !JSON.stringify(view).includes(code));
}

const inService: Rule = ({ placed, view, whole, words }) => {
  const { step } = placed;
  if (step.class !== 'service') return [];
  const why = 'a mail about somebody’s own case promotes nothing';
  const advice = 'leave it out, or make the step promotional';
  const code = codeIn(whole, view);
  return [
    code === undefined ? undefined : { problem: `${why}, but it has the code "${code}"`, advice, words: code },
    findingIf(step.offer !== undefined, `${why}, but the step makes an offer`, 'take it out of the playbook'),
    findingIf(step.action === 'shop', `${why}, but the button leads to the shop`, 'take it out of the playbook'),
    unwanted(whole, words.discount, why, advice),
    unwanted(whole, words.push, why, advice),
    unwanted(whole, words.promotion, why, advice),
    unwanted(whole, words.referral, why, advice),
  ];
};

const toTheReady: Rule = ({ placed, view, mail, whole, words }) => {
  if (!asksForTheOrder(placed)) return [];
  const ways = [view.unsubscribeUrl, view.preferencesUrl].map((url) => `href="${url}"`);
  const links = [...mail.html.matchAll(/<a\b[^>]*>/gu)].filter(([tag]) => !ways.some((way) => tag.includes(way)));
  const why = 'who is about to order gets the way back and no discount';
  return [
    findingIf(
      links.length !== 1,
      `it has ${links.length} links beside those of the footer`,
      'leave the button and nothing that leads away from it',
    ),
    findingIf(placed.step.offer !== undefined, `${why}, but the step makes an offer`, 'take it out of the playbook'),
    unwanted(whole, words.discount, why, 'leave it out'),
  ];
};

const withOffer: Rule = ({ placed, view, mail, body }) => {
  const { offer } = view;
  if (placed.step.offer === undefined || offer === undefined) return [];
  const subject = plain(mail.subject);
  const listed = plain(`${mail.subject} ${mail.preheader}`);
  return [
    findingIf(
      !subject.includes(plain(offer.value)),
      'the subject does not say what the offer is worth',
      'put {{ offer.value }} into it: nobody likes surprises',
    ),
    findingIf(
      !listed.includes(plain(offer.expiresAt)),
      'the list of the inbox does not say until when the offer lasts',
      'put {{ offer.expiresAt }} into subject or preheader',
    ),
    findingIf(
      ![offer.code, offer.value, offer.expiresAt, offer.terms].every((part) => body.includes(plain(part))),
      'code, value, date or terms of the offer are missing',
      'leave them to the frame',
    ),
  ];
};

const claims: Rule = ({ placed, view, body, whole, words }) => {
  const [entry] = view.improvements;
  if (placed.step.needs?.includes('improvement') === true) {
    const missing = entry !== undefined && !body.includes(plain(entry.title));
    return [findingIf(missing, 'it does not say what has improved', 'print {{ improvements[0].title }} in every form')];
  }
  if (entry !== undefined) return [];
  const advice = 'ask for it with {% if improvements.size > 0 %}, or let the step need an improvement';
  return [unwanted(whole, words.claim, 'nothing is known to have improved', advice)];
};

const toTheNeutral: Rule = ({ variant, whole, words }) =>
  variant === 'neutral'
    ? [unwanted(whole, words.emotion, 'the neutral are told of quality, price and use', 'say it without feeling')]
    : [];

const RULES: readonly Rule[] = [
  forEverybody,
  inTrouble,
  inBrief,
  toResearchers,
  inRecovery,
  inService,
  toTheReady,
  withOffer,
  claims,
  toTheNeutral,
];

/** What is wrong with the tone of a mail. */
export function checkTone(tried: TriedMail, words: ToneWords): readonly ToneFinding[] {
  const body = plain(bodyOf(tried.mail.html));
  const whole = plain(`${tried.mail.subject} ${tried.mail.preheader} ${body}`);
  const read = { ...tried, words, body, whole };
  return RULES.flatMap((rule) => rule(read)).filter((finding) => finding !== undefined);
}
