/** Codes the customer used, the newest, by (time, id): in the cart, or with an order. */
import { keepLatest, type Stamp } from './order-by-time.ts';

export interface CouponUse extends Stamp {
  readonly code: string;
  readonly orderId?: string;
}

/** Ascending by (at, id), each code once by order and once outside one. */
export type Coupons = readonly CouponUse[];

/** Enough to see whether one of our own offers was used; how many orders were discounted is counted with the orders. */
export const COUPONS_KEPT = 6;
/** Longer texts are no codes; a profile has no room for them. */
export const LONGEST_CODE = 64;

export function addCoupon(coupons: Coupons | undefined, use: CouponUse): Coupons {
  const code = use.code.slice(0, LONGEST_CODE);
  const isSame = (each: CouponUse) => each.code === code && each.orderId === use.orderId;
  return keepLatest(coupons, { ...use, code }, isSame, COUPONS_KEPT);
}
