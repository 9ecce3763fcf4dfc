/** Which mail is looked at: a step of a programme, in one language and variant. What an address may name is checked here. */
import { join } from 'node:path';
import type { MailName } from '../../../../shared/email/lint-content.ts';
import { FALLBACK_LOCALE } from '../../../../shared/email/locale.ts';
import { SHARED, stringsFileOf, TEMPLATES } from '../../../../shared/email/step.ts';
import { NAME } from '../../../../shared/lifecycle/name.ts';

export type Place = MailName;

/** What an address says, as far as it can be the name of a mail; the directory may still have none. */
export function placeOf(
  programme: string,
  step: string,
  locale: string | null,
  variant: string | null,
): Place | undefined {
  if (!NAME.test(programme) || !NAME.test(step)) return undefined;
  const wanted = [locale ?? FALLBACK_LOCALE, ...(variant === null || variant === '' ? [] : [variant])].join('.');
  const named = stringsFileOf(join(TEMPLATES, programme, step), `${wanted}.json`);
  return named && { programme, step, locale: named.locale, variant: named.variant };
}

export function directoryOf({ programme, step }: Pick<Place, 'programme' | 'step'>): string {
  return join(TEMPLATES, programme, step);
}

/** The file with the texts of a mail, relative to the content directory. */
export function fileOf({ locale, variant, ...step }: Place): string {
  return join(directoryOf(step), `${[locale, ...(variant === undefined ? [] : [variant])].join('.')}.json`);
}

/** The file with what all mails of a language share. */
export function sharedFileOf(locale: string): string {
  return join(SHARED, `${locale}.json`);
}

/** The same mail in its source language. */
export function sourceOf(place: Place): Place {
  return { ...place, locale: FALLBACK_LOCALE };
}

const NAMES = new Intl.DisplayNames(['en'], { type: 'language' });

/** "Persian" */
export function languageName(locale: string): string {
  return NAMES.of(locale) ?? locale;
}
