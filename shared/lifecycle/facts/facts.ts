/**
 * What is known about a customer, folded from the events. Commutative and idempotent: any order of arrival and any
 * duplication give the same facts (I1).
 *
 * An event type that brings a fact of its own declares it in its own file:
 * `declare module '../facts/facts.ts' { interface Facts { readonly reviews?: Reviews } }`.
 */
import type { Answers } from './answers.ts';
import type { Choices } from './choices.ts';
import type { Complaints } from './complaints.ts';
import { trimComplaints } from './complaints.ts';
import { type Consent, laterConsent } from './consent.ts';
import type { LoginDays } from './logins.ts';
import { NO_ORDERS, type Orders, trimOrders } from './orders.ts';
import { type Person, type PersonFields, updatePerson } from './person.ts';

export interface Facts {
  readonly person: Person;
  readonly consent?: Consent;
  readonly orders: Orders;
  readonly logins: LoginDays;
  readonly complaints: Complaints;
  readonly choices?: Choices;
  readonly answers?: Answers;
}

export const NO_FACTS: Facts = { person: [], orders: NO_ORDERS, logins: [], complaints: { known: [] } };

/** Drops single entries beyond what is kept; the sums and marks left in their place say that they existed. */
export function trimFacts(facts: Facts): Facts {
  const orders = trimOrders(facts.orders);
  const complaints = trimComplaints(facts.complaints);
  return orders === facts.orders && complaints === facts.complaints ? facts : { ...facts, orders, complaints };
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
  event: { readonly id: string; readonly occurredAt: number },
  said: Loose<PersonFields> & { readonly consent?: SaidConsent | undefined },
): Facts {
  const { consent, ...fields } = said;
  const stated = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const person =
    Object.keys(stated).length === 0
      ? facts.person
      : updatePerson(facts.person, { ...stated, at: event.occurredAt, id: event.id });
  if (consent === undefined) return person === facts.person ? facts : { ...facts, person };
  const { marketing, source, at, wording } = consent;
  const given = laterConsent(facts.consent, {
    marketing,
    source,
    at: Date.parse(at),
    id: event.id,
    ...(wording !== undefined && { wording }),
  });
  return person === facts.person && given === facts.consent ? facts : { ...facts, person, consent: given };
}
