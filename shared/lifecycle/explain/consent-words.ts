/** What a person has agreed to, in words. */
import { type Consent, mayPromote } from '../facts/consent.ts';
import type { Instant } from '../time.ts';
import { dateOf } from './when.ts';

export function consentInWords(consent: Consent | undefined, t: Instant): string {
  if (consent === undefined) return 'No consent is known: service mail only';
  const { marketing, source, at } = consent;
  const given = `${source}, ${dateOf(at)}`;
  switch (marketing) {
    case 'opt_in':
      return `Opted in to promotional mail (${given})`;
    case 'soft_opt_in':
      return mayPromote(consent, t) ? `Soft opt-in (${given})` : `Soft opt-in, expired (${given}): service mail only`;
    case 'none':
      return `Wants no promotional mail (${given})`;
    default:
      return marketing satisfies never;
  }
}
