/**
 * What lists of customers call a consent and a refusal. A word that is in none of these is never guessed: it may be an
 * objection.
 */
import type { CONSENT_KINDS } from '../../shared/lifecycle/facts/consent.ts';

type Consent = (typeof CONSENT_KINDS)[number];

/** Somebody was asked and has not answered: as if the cell were empty. */
type Open = 'open';

/** By commas; in lower case, without points, with one blank for blanks, hyphens and underscores. */
const WORDS: Readonly<Record<Consent | Open, readonly string[]>> = {
  opt_in: [
    'opt in, optin, opted in, optedin, yes, y, true, 1, x, subscribed, granted',
    'ja, oui, sí, si, tak, да, так',
  ],
  soft_opt_in: ['soft opt in', 'soft optin', 'softopt in', 'softoptin'],
  none: [
    'opt out, optout, opted out, optedout, out, none, no, n, false, 0, off, never, stop',
    'not subscribed, unsubscribed, unsubscribe, unsub, denied, declined, refused, rejected',
    'withdrawn, withdrew, revoked, objected, objection, removed, do not contact, do not email',
    // Services of mail say so of whoever complained, and of addresses nobody is at.
    'complained, spam, blocked, suppressed, cleaned, bounced',
    'nein, abgemeldet, abbestellt, ausgetragen, widerrufen, widersprochen, abgelehnt',
    'nej, avregistrerad, avanmäld, avböjt, nee, afgemeld, uitgeschreven',
    'non, désabonné, desabonne, refus, refusé, nie, não, baja, disiscritto',
    'нет, отказ, отписан, отписался, отписалась, ні, відмова, відписаний',
  ],
  open: ['pending', 'unconfirmed', 'unknown'],
};

const MEANINGS: ReadonlyMap<string, Consent | Open> = new Map(
  (['opt_in', 'soft_opt_in', 'none', 'open'] as const).flatMap((meaning) =>
    WORDS[meaning].flatMap((line) => line.split(', ')).map((word) => [word.normalize('NFC'), meaning] as const),
  ),
);

/** @returns undefined when nobody knows what is meant */
export function consentMeant(text: string): Consent | Open | undefined {
  if (text === '') return 'open';
  const word = text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[.!]/gu, '')
    .replaceAll(/[\s_-]+/gu, ' ');
  return MEANINGS.get(word.trim());
}
