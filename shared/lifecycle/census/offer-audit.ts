/**
 * Whether people who read one language are offered more than those who read another: offers issued per people who could
 * have got one. Rules see neither language nor country, so a large difference has to have another cause, and somebody
 * should know it.
 */
import { mayPromote } from '../facts/consent.ts';
import { localeOf, optedOut } from '../facts/choices.ts';
import { personOf } from '../facts/person.ts';
import type { Living } from '../customer/profile.ts';
import type { Playbook } from '../playbook.ts';
import { DAY, type Duration, type Instant } from '../time.ts';

/** The audit looks back so far, if offers are remembered for as long. */
const AUDITED: Duration = 90 * DAY;

/** No programme is called so: what is asked about is promotional mail altogether. */
const ANY_PROGRAMME = '';

/** Nobody said. */
const UNKNOWN = 'unknown';

/** By language of the locale, such as "sv". */
export type OfferCounts = Readonly<Record<string, OfferCount>>;

interface OfferCount {
  /** People with an address, consent, and no word against promotional mail. */
  readonly people: number;
  /** Offers issued to them within what the audit looks at. */
  readonly offers: number;
}

/**
 * How far back every offer is still remembered: the census sees profiles, and those forget an offer when it can no longer
 * bar another. Undefined for a shop without offers.
 */
function auditedFor({ offers: { barred, byName } }: Pick<Playbook, 'offers'>): Duration | undefined {
  const remembered = Object.values(byName).map(({ lasts, restAfter = 0 }) => lasts + Math.max(barred, restAfter));
  return remembered.length === 0 ? undefined : Math.min(AUDITED, ...remembered);
}

function isReachable({ facts }: Living, t: Instant): boolean {
  if (personOf(facts.person).email === undefined || !mayPromote(facts.consent, t)) return false;
  return !optedOut(facts, ANY_PROGRAMME);
}

/** Adds a customer who can get offers. */
export function addOffers(
  counts: Map<string, OfferCount>,
  customer: Living,
  playbook: Pick<Playbook, 'offers'>,
  t: Instant,
): void {
  const audited = auditedFor(playbook);
  if (audited === undefined || !isReachable(customer, t)) return;
  const language = localeOf(customer.facts)?.toLowerCase().split(/[-_]/u)[0] ?? UNKNOWN;
  const issued = customer.offers.filter(({ issuedAt, shadow }) => shadow !== true && issuedAt > t - audited);
  const { people, offers } = counts.get(language) ?? { people: 0, offers: 0 };
  counts.set(language, { people: people + 1, offers: offers + issued.length });
}

/** What the audit found, the language of most people first. */
export interface OfferAudit {
  /** How far back it looked. */
  readonly audited: Duration;
  readonly languages: readonly (OfferCount & { readonly language: string })[];
}

/** Languages told one by one; the others are too few people each to compare. */
const LANGUAGES_TOLD = 12;

export function offerAuditOf(counts: OfferCounts, playbook: Pick<Playbook, 'offers'>): OfferAudit | undefined {
  const audited = auditedFor(playbook);
  if (audited === undefined) return undefined;
  const languages = Object.entries(counts)
    .map(([language, count]) => ({ language, ...count }))
    .toSorted((a, b) => b.people - a.people || (a.language < b.language ? -1 : 1));
  return { audited, languages: languages.slice(0, LANGUAGES_TOLD) };
}
