/**
 * Codes the customer used, by (time, id): the newest that were only entered, and those that came with an order, which no
 * number of others makes forgotten.
 */
import { DAY, type Duration } from '../time.ts';
import { keepLatest, type Stamp } from './order-by-time.ts';

export interface CouponUse extends Stamp {
  readonly code: string;
  readonly orderId?: string;
}

/** Ascending by (at, id), each code once by order and once outside one. */
export type Coupons = readonly CouponUse[];

/** Entered before an order, or without one: enough to see that somebody came by a coupon. */
export const TRIES_KEPT = 6;
/**
 * Used with an order: enough to see for as long as an offer matters that it was used, also for whoever uses a code with
 * every order, twice a month; how many orders were discounted is counted with the orders.
 */
export const REDEMPTIONS_KEPT = 24;
/** Longer than an offer bars another one. */
const REDEMPTION_LASTS: Duration = 365 * DAY;
/** Longer texts are no codes; a profile has no room for them. */
export const LONGEST_CODE = 64;

export function addCoupon(coupons: Coupons | undefined, use: CouponUse): Coupons {
  const code = use.code.slice(0, LONGEST_CODE);
  const isSame = (each: CouponUse) => each.code === code && each.orderId === use.orderId;
  const heard = { ...use, code };
  const all = keepLatest(coupons, heard, isSame, Infinity);
  const tries = all.filter(({ orderId }) => orderId === undefined).slice(-TRIES_KEPT);
  const redeemed = all.filter(({ orderId }) => orderId !== undefined).slice(-REDEMPTIONS_KEPT);
  const since = (redeemed.at(-1)?.at ?? 0) - REDEMPTION_LASTS;
  const kept = new Set([...tries, ...redeemed.filter(({ at }) => at >= since)]);
  return kept.has(heard) ? all.filter((each) => kept.has(each)) : (coupons ?? []);
}
