/**
 * What is known about a customer, folded from the events. Commutative and idempotent: any order of arrival and any
 * duplication give the same facts (I1).
 *
 * An event type that brings a fact of its own declares it in its own file:
 * `declare module '../facts/facts.ts' { interface Facts { readonly wishes?: Wishes } }`.
 */
import type { Instant } from '../time.ts';
import { type KnownAnswers, trimAnswers } from './answers.ts';
import type { Basket } from './basket.ts';
import type { Choices } from './choices.ts';
import type { Addressed } from './campaigns.ts';
import { type Complaints, trimComplaints } from './complaints.ts';
import { type Consent, laterConsent } from './consent.ts';
import type { Coupons } from './coupons.ts';
import type { Declared } from './declared.ts';
import type { Interest } from './interest.ts';
import type { LoginDays } from './logins.ts';
import { type Changes, type Subscriptions, trimMatters } from './matters.ts';
import type { Nps } from './nps.ts';
import { type KnownObjections, trimObjections } from './objections.ts';
import { keepLatest, type Stamp } from './order-by-time.ts';
import { NO_ORDERS, type Orders, trimOrders } from './orders.ts';
import { type Person, type PersonFields, updatePerson } from './person.ts';
import { type KnownReferrals, trimReferrals } from './referrals.ts';
import { type Agreements, withAgreed } from './promises.ts';
import type { Returns } from './returns.ts';
import { type KnownReviews, trimReviews } from './reviews.ts';
import type { Standing } from './standing.ts';

/** Somebody has taken care of what a person was asked for. */
export interface Handled extends Stamp {
  readonly attentionId: string;
}

/** The shop knows of an offer; perhaps under another code. */
export interface ConfirmedOffer extends Stamp {
  readonly offerId: string;
  readonly code?: string;
}

export interface Facts extends KnownReviews, KnownReferrals, KnownAnswers, KnownObjections {
  readonly person: Person;
  /** When an address was said first; the person's own stamp is of when it was said last. */
  readonly addressedSince?: Instant;
  readonly consent?: Consent;
  readonly orders: Orders;
  readonly logins: LoginDays;
  readonly complaints: Complaints;
  readonly choices?: Choices;
  readonly nps?: Nps;
  readonly basket?: Basket;
  readonly coupons?: Coupons;
  readonly subscriptions?: Subscriptions;
  readonly changes?: Changes;
  /** Delivery dates that changes agreed on. */
  readonly agreed?: Agreements;
  readonly returns?: Returns;
  readonly declared?: Declared;
  readonly standing?: Standing;
  /** Campaigns the customer was addressed by: those with the latest moments. */
  readonly campaigns?: readonly Addressed[];
  /** Attention somebody has taken care of: the newest. */
  readonly handled?: readonly Handled[];
  /** Offers the shop confirmed: the newest. */
  readonly confirmed?: readonly ConfirmedOffer[];
  /** The latest of the first clicks in our mails. */
  readonly clickedAt?: Instant;
  /** The earliest event of all, and the first look. */
  readonly firstSeenAt?: Instant;
  /** Not from the journal: what the looks kept beside it come to. */
  readonly interest?: Interest;
}

export const NO_FACTS: Facts = { person: [], orders: NO_ORDERS, logins: [], complaints: { known: [] } };

/** Attention that is asked for and handled; more at once are not open. */
export const HANDLED_KEPT = 12;
/** Never two offers are alive; one more may be waiting, and one may have come late. */
export const CONFIRMED_KEPT = 4;

export function addHandled(handled: Facts['handled'], heard: Handled): readonly Handled[] {
  return keepLatest(handled, heard, (each) => each.attentionId === heard.attentionId, HANDLED_KEPT);
}

export function addConfirmed(confirmed: Facts['confirmed'], heard: ConfirmedOffer): readonly ConfirmedOffer[] {
  return keepLatest(confirmed, heard, (each) => each.offerId === heard.offerId, CONFIRMED_KEPT);
}

/** The facts with the requested changes as they stand, and what the one that was heard of agrees on. */
export function withPromises(facts: Facts, changes: Changes, changeId: string): Facts {
  const agreed = withAgreed(facts.agreed, changes, changeId);
  return { ...facts, changes, ...(agreed && { agreed }) };
}

/** Drops single entries beyond what is kept; the sums and marks left in their place say that they existed. */
export function trimFacts(facts: Facts): Facts {
  const orders = trimOrders(facts.orders);
  const complaints = trimComplaints(facts.complaints);
  const subscriptions = facts.subscriptions && trimMatters(facts.subscriptions);
  const changes = facts.changes && trimMatters(facts.changes);
  const left = { ...trimReviews(facts), ...trimReferrals(facts), ...trimAnswers(facts), ...trimObjections(facts) };
  const isTrim =
    orders === facts.orders &&
    complaints === facts.complaints &&
    subscriptions === facts.subscriptions &&
    changes === facts.changes &&
    Object.keys(left).length === 0;
  if (isTrim) return facts;
  return {
    ...facts,
    ...left,
    orders,
    complaints,
    ...(subscriptions && { subscriptions }),
    ...(changes && { changes }),
  };
}

interface SaidConsent {
  readonly marketing: Consent['marketing'];
  readonly source: string;
  readonly at: string;
  readonly wording?: string | undefined;
}

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Takes what an event says about the person into the facts; the same object when that is nothing new. */
export function aboutPerson(
  facts: Facts,
  event: { readonly id: string; readonly occurredAt: number; readonly customerId: string },
  said: Loose<PersonFields> & { readonly consent?: SaidConsent | undefined },
): Facts {
  const { consent, ...fields } = said;
  // Nobody is their own friend, however the links of a shop are made.
  const isOwn = fields.referral?.by === event.customerId;
  const stated = Object.entries(fields).filter(
    ([field, value]) => value !== undefined && !(isOwn && field === 'referral'),
  );
  const person =
    stated.length === 0
      ? facts.person
      : updatePerson(facts.person, { ...Object.fromEntries(stated), at: event.occurredAt, id: event.id });
  const known =
    fields.email === undefined || event.occurredAt >= (facts.addressedSince ?? Infinity)
      ? facts
      : { ...facts, addressedSince: event.occurredAt };
  if (consent === undefined) return person === known.person ? known : { ...known, person };
  const { marketing, source, at, wording } = consent;
  const given = laterConsent(facts.consent, {
    marketing,
    source,
    at: Date.parse(at),
    id: event.id,
    ...(wording !== undefined && { wording }),
  });
  return person === known.person && given === known.consent ? known : { ...known, person, consent: given };
}
