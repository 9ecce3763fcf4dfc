/**
 * Numbers, prices, dates and times as somebody writes them by hand into a text: as the readers of its language write them, and
 * as the values beside them are formatted.
 */
import type { Sign } from './typography.ts';

const CURRENCY = '(?:€|\\$|£|¥|₽|EUR|Euro|USD|GBP|SEK|RUB|kr|руб)';

const SLASHED: Sign = {
  found: /(?<![\d/])\d{1,2}\/\d{1,2}\/(?:\d{4}|\d{2})(?![\d/])/u,
  problem: 'a date that some read month first',
  advice: 'write the month as a word',
};
const TWELVE_HOURS: Sign = {
  // "am" in small letters is a German word.
  found: /\d ?(?:[AP]\.?M\b|[ap]\. ?m\.|pm\b)/u,
  problem: 'a time of a twelve-hour clock',
  advice: 'count hours to 24',
};
const CURRENCY_FIRST: Sign = {
  found: /[€$£¥₽][\s\u00a0]?[\d۰-۹]/u,
  problem: 'a currency before its amount',
  advice: 'write the amount first',
};
const COMMA_FOR_THOUSANDS: Sign = {
  found: /(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?!\d)/u,
  problem: 'thousands parted by a comma',
  advice: 'a comma begins the decimals here: part thousands as the language does',
};
const DOT_FOR_THOUSANDS: Sign = {
  found: /(?<![\d.,])[1-9]\d{0,2}(?:\.\d{3})+(?![\d.])/u,
  problem: 'thousands parted by a full stop',
  advice: 'part thousands as the language does',
};
const DOT_FOR_DECIMALS: Sign = {
  // Beside a currency: 9.30 can be a time, and 24.12. is a date.
  found: new RegExp(`\\d\\.\\d{1,2}[\\s\\u00a0]?${CURRENCY}|${CURRENCY}[\\s\\u00a0]?\\d+\\.\\d{1,2}(?!\\d)`, 'u'),
  problem: 'a price with a full stop before its decimals',
  advice: 'use a comma',
};
const DOTTED_DATE: Sign = {
  found: /(?<![\d.])\d{1,2}\.\d{1,2}\.\d{4}(?!\d)/u,
  problem: 'a date with full stops',
  advice: 'write the month as a word',
};

const CONTINENTAL = [SLASHED, TWELVE_HOURS, CURRENCY_FIRST, COMMA_FOR_THOUSANDS, DOT_FOR_DECIMALS];

/** By language, what is written as others write it. */
export const NUMBERS: Readonly<Record<string, readonly Sign[]>> = {
  en: [
    SLASHED,
    DOTTED_DATE,
    DOT_FOR_THOUSANDS,
    {
      found: /(?<![\d,.])\d+,\d{1,2}(?![\d,])/u,
      problem: 'a comma before decimals',
      advice: 'use a full stop',
    },
    { found: /\d[\s\u00a0]?[€$£]/u, problem: 'a currency behind its amount', advice: 'write it before the amount' },
  ],
  sv: [...CONTINENTAL, DOT_FOR_THOUSANDS, DOTTED_DATE],
  de: CONTINENTAL,
  ru: [...CONTINENTAL, DOT_FOR_THOUSANDS],
  fa: [
    CURRENCY_FIRST,
    {
      found: /(?<![۰-۹/])[۰-۹]{1,2}\/[۰-۹]{1,2}\/[۰-۹]{2,4}/u,
      problem: 'a date that does not begin with the year',
      advice: 'write the month as a word',
    },
    {
      found: /[۰-۹][.,][۰-۹]/u,
      problem: 'a Latin sign within a number',
      advice: 'use ٬ for thousands and ٫ for decimals',
    },
  ],
};
