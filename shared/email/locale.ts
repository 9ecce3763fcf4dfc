/** Which language a mail is written in, and how numbers and dates look in it. A reader always gets some language. */

/** The language every text exists in. */
export const FALLBACK_LOCALE = 'en';

/** Dates and numbers of readers whose own language we do not have. */
const FALLBACK_FORMATTING = 'en-GB';

const RIGHT_TO_LEFT = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']);

export interface Negotiated {
  /** The locale whose texts are used, one of those available. */
  readonly locale: string;
  /** The locale for dates and money: the reader's own region where it speaks the same language. */
  readonly formatting: string;
  /** The language the reader has and we do not; absent where the texts are in it, and where nobody knows it. */
  readonly insteadOf?: string;
}

function languageOf(locale: string): string {
  return locale.split('-')[0] ?? locale;
}

/** The tag in its usual spelling, without extensions; undefined when it is no language tag. */
function canonical(requested: string): string | undefined {
  try {
    return new Intl.Locale(requested.trim().replaceAll('_', '-')).baseName;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * Finds the best language we have: the whole tag, then shorter ones, then {@link FALLBACK_LOCALE}.
 *
 * @example negotiate('sv-FI', ['en', 'sv']) // { locale: 'sv', formatting: 'sv-FI' }
 */
export function negotiate(requested: string | undefined, available: readonly string[]): Negotiated {
  const tag = requested === undefined ? undefined : canonical(requested);
  const subtags = tag?.split('-') ?? [];
  for (let length = subtags.length; length > 0; length--) {
    const locale = subtags.slice(0, length).join('-');
    if (available.includes(locale)) return { locale, formatting: tag ?? locale };
  }
  // Not a speaker of English: day before month, as nearly everywhere.
  const fallback = { locale: FALLBACK_LOCALE, formatting: FALLBACK_FORMATTING };
  return tag === undefined ? fallback : { ...fallback, insteadOf: languageOf(tag) };
}

export function directionOf(locale: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(languageOf(locale)) ? 'rtl' : 'ltr';
}

/** The text of the locale, of its language, or of the fallback, which the schema guarantees. */
export function inLocale(texts: Readonly<Record<string, string>>, locale: string): string {
  return texts[locale] ?? texts[languageOf(locale)] ?? texts[FALLBACK_LOCALE] ?? '';
}
