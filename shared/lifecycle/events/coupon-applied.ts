import * as z from 'zod/mini';
import { addCoupon } from '../facts/coupons.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier, shortText } from './fields.ts';

export const couponApplied = defineEvent({
  type: 'Coupon Applied',
  summary: 'The customer entered a coupon code, before an order or with one.',
  data: z.object({
    customerId,
    coupon: shortText('the coupon code'),
    orderId: z.optional(identifier('the order id')),
  }),
  example: { customerId: 'c-1042', coupon: 'AUTUMN-10', orderId: '20001' },
  fold: (facts, event) => {
    const { coupon: code, orderId } = event.data;
    const use = { at: event.occurredAt, id: event.id, code, ...(orderId !== undefined && { orderId }) };
    const coupons = addCoupon(facts.coupons, use);
    return coupons === facts.coupons ? facts : { ...facts, coupons };
  },
});
