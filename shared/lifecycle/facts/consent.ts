/** Consent to promotional mail, with its source, time and wording; the latest by its own time wins, not by arrival. */
import { DAY, type Duration, type Instant } from '../time.ts';
import { compareStamps, type Stamp } from './order-by-time.ts';

export const CONSENT_KINDS = ['opt_in', 'soft_opt_in', 'none'] as const;

/** `at` is when the person decided, `id` the event that told us. */
export interface Consent extends Stamp {
  readonly marketing: (typeof CONSENT_KINDS)[number];
  readonly source: string;
  readonly wording?: string;
}

/** Soft opt-in rests on a sale; 24 months after it nobody can claim to expect our mail. */
export const SOFT_OPT_IN_LASTS: Duration = 730 * DAY;

export function laterConsent(known: Consent | undefined, given: Consent): Consent {
  return known === undefined || compareStamps(known, given) < 0 ? given : known;
}

/** Whether promotional mail is allowed at `t`. Consent is never inferred: unknown is no. */
export function mayPromote(consent: Consent | undefined, t: Instant): boolean {
  if (consent === undefined) return false;
  switch (consent.marketing) {
    case 'opt_in':
      return true;
    case 'soft_opt_in':
      return t < consent.at + SOFT_OPT_IN_LASTS;
    case 'none':
      return false;
    default:
      return consent.marketing satisfies never;
  }
}
