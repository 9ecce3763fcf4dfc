/**
 * Who the customer is: each field is the value of the latest update that named it, by (occurredAt, id).
 * Kept as the list of updates, each stripped of the fields a later one has overwritten, so that one stamp serves all
 * fields that came together.
 */
import type { Instant } from '../time.ts';
import { insertByTime, type Stamp } from './order-by-time.ts';
import type { ReferrerKind } from './referrals.ts';

export interface PersonFields {
  readonly email?: string;
  readonly name?: string;
  readonly locale?: string;
  readonly timeZone?: string;
  readonly accountManager?: { readonly name: string; readonly email: string };
  readonly referral?: {
    readonly by: string;
    readonly recommended?: string | undefined;
    /** What the person who recommended us is to us. */
    readonly kind?: ReferrerKind | undefined;
  };
}

const FIELDS = ['email', 'name', 'locale', 'timeZone', 'accountManager', 'referral'] as const;

export type PersonUpdate = Stamp & PersonFields;
export type Person = readonly PersonUpdate[];

/** Keeps the fields of an update that no later update names. */
function withoutOverwritten(update: PersonUpdate, later: Person): PersonUpdate | undefined {
  let kept: PersonUpdate = { at: update.at, id: update.id };
  let any = false;
  for (const field of FIELDS) {
    if (update[field] === undefined || later.some((other) => other[field] !== undefined)) continue;
    kept = { ...kept, [field]: update[field] };
    any = true;
  }
  return any ? kept : undefined;
}

/** Takes an update in, whenever it arrives and however often. */
export function updatePerson(person: Person, update: PersonUpdate): Person {
  if (person.some((known) => known.id === update.id)) return person;
  const all = insertByTime(person, update);
  return all.flatMap((each, index) => withoutOverwritten(each, all.slice(index + 1)) ?? []);
}

/** When the present address was said last; undefined while there is none. */
export function addressSaidAt(person: Person): Instant | undefined {
  return person.find(({ email }) => email !== undefined)?.at;
}

/** The person as known now. */
export function personOf(person: Person): PersonFields {
  let merged: PersonFields = {};
  for (const { at: _at, id: _id, ...fields } of person) merged = { ...merged, ...fields };
  return merged;
}
