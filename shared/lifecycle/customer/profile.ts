/**
 * The aggregate of one customer: facts, stage, and what is remembered of messages. It is the only lock there is: every
 * change of it is one write conditional on `version`, which never restarts.
 */
import { type Facts, NO_FACTS } from '../facts/facts.ts';
import type { Stage } from '../stage.ts';
import type { Instant } from '../time.ts';

/** A message that was decided and waits for its turn. */
export interface Pending {
  /** The instant the playbook meant. */
  readonly moment: Instant;
  readonly decidedAt: Instant;
  /** Attempt, from 1; 2 after an attempt whose outcome stayed unknown. */
  readonly attempt: number;
  /** Id of the journalled event whose data the template shows. */
  readonly cause?: string;
  /** Not before this; set when the message was deferred. */
  readonly notBefore?: Instant;
  /** Why it was deferred last. */
  readonly heldBy?: string;
  /** Since when it could have gone but for faults and limits of ours: kept while these put it off. */
  readonly readySince?: Instant;
}

/** A message some function has taken and may be handing to SES at this moment. */
export interface Flight extends Pending {
  readonly token: string;
  /** End of the claim. */
  readonly lease: Instant;
  /** It answers what the customer has just done: the caps neither bind it nor count it. */
  readonly answer?: true;
}

export type ClosedOutcome = 'withheld' | 'cancelled' | 'failed';

/** A message that will not be sent (again) and whose ledger entry may still be missing. */
export interface Closing extends Pending {
  readonly outcome: ClosedOutcome;
  readonly reason: string;
  readonly closedAt: Instant;
}

/** A message SES accepted, or may have accepted; both count for the caps. */
export interface Recent {
  readonly key: string;
  readonly at: Instant;
  /** Ended as sent by a deployment in shadow: nobody got it. */
  readonly shadow?: true;
  /** It answered what the customer had just done, within minutes: no cap counts it. */
  readonly answer?: true;
}

/** A message that ended unsent, remembered until it can no longer be wanted. */
interface Closed {
  readonly key: string;
  readonly until: Instant;
}

/** Which time a series has begun, and when. */
export interface Episode {
  readonly n: number;
  readonly beganAt: Instant;
}

/** Where a person is asked for, once per cause. */
export interface Attention {
  /** `life/reason/cause`. */
  readonly id: string;
  /** One of the playbook's. */
  readonly reason: string;
  readonly priority: 'low' | 'normal' | 'high';
  readonly at: Instant;
  /** Id of the event that led to it, kept so that a redelivered cause announces it again. */
  readonly cause: string;
}

/** An offer made to this customer. */
export interface IssuedOffer {
  /** Of the message that makes it. */
  readonly key: string;
  /** Name in the playbook. */
  readonly offer: string;
  readonly offerId: string;
  readonly percent: number;
  readonly code: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  /** Announced: no mail names it before the shop has confirmed it, nor after this time. */
  readonly confirmBy?: Instant;
  /** When the shop was asked last, and the id of the event that led to it: delivered again, it asks again. */
  readonly asked?: { readonly at: Instant; readonly cause: string };
  /** Made up by a deployment in shadow: no shop heard of it. */
  readonly shadow?: true;
}

export interface StageChange {
  readonly from: Stage;
  readonly to: Stage;
  readonly at: Instant;
  readonly reasons: readonly string[];
}

/** The changes of the last write that had any, kept so that a redelivered cause announces them again. */
interface LastChanges {
  /** Id of the event that led to the write. */
  readonly cause: string;
  readonly changes: readonly StageChange[];
}

/** The person was erased and has registered anew. */
interface PreviousLife {
  /** Events up to here are dropped. */
  readonly erasedAt: Instant;
  /** So are those up to here that waited in vain for a registration. */
  readonly forgottenUntil?: Instant;
  /** When its items are deleted once more: a sender may have written one during its lease. */
  readonly deleteAt?: Instant;
  /** Hashes of the addresses it is struck off once more then. */
  readonly addresses?: readonly string[];
}

export interface Living {
  readonly kind: 'living';
  readonly customerId: string;
  readonly life: number;
  readonly version: number;
  readonly facts: Facts;
  readonly stage: Stage;
  /** When the present stage was entered, as observed. */
  readonly stageSince: Instant;
  /** When they were first seen to have lapsed after their last order: one that was taken back began no other lapse. */
  readonly lapsedSince?: Instant;
  /** Up to here every change of stage has been observed. */
  readonly evaluatedAt: Instant;
  readonly lastChanges?: LastChanges;
  /** Traits as observed at `evaluatedAt`. */
  readonly traits: readonly string[];
  /** When they became a critic, while they are one: what is forgotten of the causes does not make them one anew. */
  readonly criticSince?: Instant;
  /** Raised and remembered, whether somebody has taken care of it or not. */
  readonly attention: readonly Attention[];
  readonly offers: readonly IssuedOffer[];
  /** By series id. */
  readonly episodes: Readonly<Record<string, Episode>>;
  /** By message key. */
  readonly pending: Readonly<Record<string, Pending>>;
  readonly flight: Readonly<Record<string, Flight>>;
  readonly closing: Readonly<Record<string, Closing>>;
  readonly recent: readonly Recent[];
  readonly closed: readonly Closed[];
  /** Timer in the due index. It may be earlier than needed, never later. */
  readonly dueAt?: Instant;
  readonly previousLife?: PreviousLife;
  /** Imported: no moment before this is decided. */
  readonly startsAt?: Instant;
  /** Imported at risk or lapsed: the mails of that stage are counted from here, not from when it began. */
  readonly waveAt?: Instant;
}

/** What is left of an erased customer: enough to drop late events and to finish deleting. */
export interface Erased {
  readonly kind: 'erased';
  readonly customerId: string;
  /** The life that ended. */
  readonly life: number;
  readonly version: number;
  readonly erasedAt: Instant;
  /** Events up to here waited in vain for a registration; they are dropped like those before the erasure. */
  readonly forgottenUntil?: Instant;
  readonly dueAt?: Instant;
  /**
   * What was sent after the erasure was asked for, because it came late: should the person have registered anew by then,
   * nothing of it goes out again.
   */
  readonly recent?: readonly Recent[];
  /** Hashes of the addresses the person was mailed at, until they have been struck off for the last time. */
  readonly addresses?: readonly string[];
}

export type Profile = Living | Erased;

/** What is remembered of a customer of whom there is nothing to remember. */
export const NO_MEMORY = {
  traits: [],
  attention: [],
  offers: [],
  episodes: {},
  pending: {},
  flight: {},
  closing: {},
  recent: [],
  closed: [],
} as const satisfies Partial<Living>;

/** A customer nobody has seen; version 0 means that nothing is stored. */
export function unknownCustomer(customerId: string, t: Instant): Living {
  return {
    kind: 'living',
    customerId,
    life: 1,
    version: 0,
    facts: NO_FACTS,
    stage: 'lead',
    stageSince: t,
    evaluatedAt: t,
    ...NO_MEMORY,
  };
}

/**
 * The customer as those rules see them that are about what somebody got. What was shown in shadow stays remembered, so
 * that no series begins again; but it is no mail, and no offer.
 */
export function withoutShadow(customer: Living): Living {
  const recent = customer.recent.filter(({ shadow }) => !shadow);
  const offers = customer.offers.filter(({ shadow }) => !shadow);
  const isSame = recent.length === customer.recent.length && offers.length === customer.offers.length;
  return isSame ? customer : { ...customer, recent, offers };
}

const EMPTY: Readonly<Record<string, never>> = {};

/** A record without one of its keys. */
export function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const keys = Object.keys(record);
  // Mostly it is the only one, and copying all but one key of an object costs as much as deciding the message did.
  if (keys.length === 1 && keys[0] === key) return EMPTY;
  const { [key]: _dropped, ...rest } = record;
  return rest;
}
