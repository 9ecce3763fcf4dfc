/**
 * People who came by this customer's recommendation, each from when that was said first: the first and the newest, and
 * how many there were. Said again it is nothing new, however long ago it was.
 */
import { addDigest, countDigests, hasDigest } from './digest.ts';
import { compareStamps, insertByTime, type Stamp } from './order-by-time.ts';

export const REFERRER_KINDS = ['customer', 'influencer', 'partner'] as const;
export type ReferrerKind = (typeof REFERRER_KINDS)[number];

export interface Referral extends Stamp {
  readonly friendId: string;
  readonly kind: ReferrerKind;
}

/** Ascending by (at, id), each friend once. */
export type Referrals = readonly Referral[];

export interface KnownReferrals {
  readonly referrals?: Referrals;
  /** Those between the first and the newest. */
  readonly referralsLeft?: {
    /** Digests of the ids of the friends. */
    readonly ids: string;
    readonly newest: Stamp;
  };
}

/** The first tell when somebody became a promoter, the newest what came after an answer. */
export const FIRST_REFERRALS_KEPT = 6;
export const NEWEST_REFERRALS_KEPT = 6;

/** Takes a referral in; the same list when it says nothing new, undefined when only the journal can tell. */
export function addReferral({ referrals = [], referralsLeft }: KnownReferrals, made: Referral): Referrals | undefined {
  const known = referrals.find(({ friendId }) => friendId === made.friendId);
  if (known !== undefined && compareStamps(known, made) <= 0) return referrals;
  if (referralsLeft !== undefined) {
    const { ids, newest } = referralsLeft;
    const mayBeLeft = known === undefined && hasDigest(ids, made.friendId);
    if (mayBeLeft || compareStamps(made, newest) <= 0) return undefined;
  }
  return insertByTime(
    referrals.filter((each) => each !== known),
    made,
  );
}

/** What of them changes where there are more than are kept; nothing where there are not. */
export function trimReferrals({ referrals = [], referralsLeft }: KnownReferrals): KnownReferrals {
  const left = referrals.slice(FIRST_REFERRALS_KEPT, -NEWEST_REFERRALS_KEPT);
  const last = left.at(-1);
  if (last === undefined) return {};
  const ids = left.reduce((digests, { friendId }) => addDigest(digests, friendId), referralsLeft?.ids ?? '');
  return {
    referrals: referrals.filter((each) => !left.includes(each)),
    referralsLeft: { ids, newest: { at: last.at, id: last.id } },
  };
}

/** How many came. */
export function countReferrals({ referrals = [], referralsLeft }: KnownReferrals): number {
  return referrals.length + countDigests(referralsLeft?.ids ?? '');
}

/** From when on so many had come, counted from 1: of one that is not kept the next one that is. */
export function nthReferral(known: KnownReferrals, nth: number): Referral | undefined {
  const { referrals = [], referralsLeft } = known;
  if (nth <= FIRST_REFERRALS_KEPT) return referrals[nth - 1];
  return referrals[Math.max(FIRST_REFERRALS_KEPT, nth - 1 - countDigests(referralsLeft?.ids ?? ''))];
}
