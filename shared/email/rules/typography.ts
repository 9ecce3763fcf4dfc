/**
 * The signs of each language as its readers write them. Looks at texts as they are kept, so that values of customers do
 * not count. A language that is not listed is checked for what is wrong in all of them.
 */
import { NUMBERS } from './numbers.ts';
import type { RuleFinding } from './rule.ts';

export interface Sign {
  readonly found: RegExp;
  readonly problem: string;
  readonly advice: string;
}

const EVERYWHERE: readonly Sign[] = [
  {
    found: /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
    problem: 'an invisible mark of direction',
    advice: 'leave it out: the compiler isolates what runs the other way',
  },
  { found: /["']/u, problem: 'a straight quotation mark', advice: 'use the curved ones of the language' },
  { found: /\.\.\./u, problem: 'three full stops', advice: 'use the one sign …' },
  { found: /\S {2,}\S/u, problem: 'two spaces in a row', advice: 'leave one' },
  { found: /!\s?!|[!?]{3,}/u, problem: 'more than one exclamation mark', advice: 'leave one or none' },
  {
    // What is shorter and alone is an abbreviation.
    found: /\p{Lu}(?<![\p{L}\p{N}-]\p{Lu})(?:\p{Lu}{6,}|\p{Lu}{2,}[ ,!]+\p{Lu}{3,})(?![\p{L}\p{N}-])/u,
    problem: 'words in capitals, as if shouted',
    advice: 'write them in small letters',
  },
  { found: /[\p{L}\p{N}] [,.;:!?،؛؟](?!\S)/u, problem: 'a space before a sign', advice: 'leave it out' },
];

const quotes = (wrong: string, right: string): Sign => ({
  found: new RegExp(`[${wrong}]`, 'u'),
  problem: 'a quotation mark of another language',
  advice: `use ${right}`,
});

const BY_LANGUAGE: Readonly<Record<string, readonly Sign[]>> = {
  en: [quotes('„«»', '“ and ”')],
  sv: [quotes('“„«»', '” and ”')],
  de: [
    quotes('”«»', '„ and “'),
    { found: /\p{L} ?— ?\p{L}/u, problem: 'a long dash', advice: 'use – with a space on both sides' },
  ],
  ru: [
    quotes('”’', '« and »'),
    { found: /[\p{L}»)] [-–] [\p{L}«]/u, problem: 'a short dash', advice: 'use — with a space on both sides' },
  ],
  fa: [
    quotes('“”„', '« and »'),
    { found: /[يكى]/u, problem: 'an Arabic letter', advice: 'use the Persian ی and ک' },
    { found: /[٠-٩]/u, problem: 'an Arabic digit', advice: 'use the Persian ۰ to ۹' },
    { found: /\p{Script=Arabic}[,;?]/u, problem: 'a Latin sign', advice: 'use ، ؛ ؟' },
    { found: /%/u, problem: 'a Latin percent sign', advice: 'use ٪' },
    { found: /[→⇒➔➡]/u, problem: 'an arrow against the direction of reading', advice: 'use ←' },
    { found: /(?<![\p{L}\d])\d+(?!\S*[a-z])/iu, problem: 'a Latin digit', advice: 'use the Persian ۰ to ۹' },
  ],
};

/** Words alone: placeholders, conditions, targets of links, addresses. */
function wordsOf(text: string): string {
  return text
    .replaceAll(/\{%.*?%\}/gsu, '')
    .replaceAll(/\{\{.*?\}\}/gsu, 'x')
    .replaceAll(/\]\([^)]*\)/gu, ']')
    .replaceAll(/\bhttps?:\S+/gu, '');
}

/** Names are the same in every language; so many words in small letters are a sentence. */
const UNTRANSLATED_WORDS = 2;

/** What is wrong with the signs of one text, apart from what it says. */
export function signsOf(text: string, locale: string): readonly RuleFinding[] {
  const words = wordsOf(text);
  const language = locale.split('-')[0] ?? locale;
  return [...EVERYWHERE, ...(BY_LANGUAGE[language] ?? []), ...(NUMBERS[language] ?? [])].flatMap(
    ({ found, problem, advice }) => {
      const [sign] = found.exec(words) ?? [];
      return sign === undefined ? [] : [{ problem: `${problem}: ${sign}`, advice }];
    },
  );
}

/** Whether a text is still the English one. */
export function isUntranslated(text: string, english: string): boolean {
  return text === english && (wordsOf(text).match(/(?<!\p{L})\p{Ll}{2,}/gu) ?? []).length >= UNTRANSLATED_WORDS;
}
