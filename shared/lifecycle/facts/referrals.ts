/** People who came by this customer's recommendation: the newest, and how many there were, saturating. */
import { keepLatest, type Stamp } from './order-by-time.ts';

export const REFERRER_KINDS = ['customer', 'influencer', 'partner'] as const;
export type ReferrerKind = (typeof REFERRER_KINDS)[number];

export interface Referral extends Stamp {
  readonly friendId: string;
  readonly kind: ReferrerKind;
}

/** Ascending by (at, id), each friend once; of more than are kept the newest. */
export type Referrals = readonly Referral[];

/** Whoever has brought so many is a promoter by any measure. */
export const REFERRALS_KEPT = 6;

export function addReferral(referrals: Referrals | undefined, made: Referral): Referrals {
  return keepLatest(referrals, made, (each) => each.friendId === made.friendId, REFERRALS_KEPT);
}
