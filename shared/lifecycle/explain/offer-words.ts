/** The offers a customer was made, and what became of each, in words. */
import { type OfferOutcome, offersOf } from '../customer/offers.ts';
import type { Living } from '../customer/profile.ts';
import type { Instant } from '../time.ts';
import { absolute } from './when.ts';

/** "10 % (win-back), code ABC, issued on 2 Mar 2026, 12:00 UTC: used with order 123 on ..."; the oldest first. */
export function offersInWords(customer: Living, t: Instant): readonly string[] {
  return offersOf(customer, t).map((outcome) => {
    const { percent, offer, code, issuedAt, shadow } = outcome.issued;
    const made = `${percent} % (${offer}), code ${code}, issued on ${absolute(issuedAt)}`;
    return shadow === true ? `${made} in shadow: nobody heard of it` : `${made}: ${fateOf(outcome)}`;
  });
}

function fateOf({ state, issued, redeemed }: OfferOutcome): string {
  const usable = `can be used until ${absolute(issued.expiresAt)}`;
  switch (state) {
    case 'issued':
      return usable;
    case 'waiting':
      return `${usable}; the shop has not confirmed it yet`;
    case 'unconfirmed':
      return `${usable}; the shop did not confirm it in time`;
    case 'redeemed':
      return redeemed === undefined ? 'used' : `used with order ${redeemed.orderId} on ${absolute(redeemed.at)}`;
    case 'expired':
      return `expired unused on ${absolute(issued.expiresAt)}`;
    default:
      return state satisfies never;
  }
}
