import * as z from 'zod/mini';
import { addCoupon } from '../facts/coupons.ts';
import { aboutPerson } from '../facts/facts.ts';
import { toMinor } from '../facts/money.ts';
import { addOrder } from '../facts/orders.ts';
import { defineEvent } from './definition.ts';
import {
  address,
  amount,
  consent,
  currency,
  customerId,
  identifier,
  instant,
  items,
  LONGEST_CATEGORY,
  shortText,
} from './fields.ts';

type Article = z.output<typeof items>[number];

/** The article most was paid for; of several the first. */
function dearest(articles: readonly Article[] = []): Article | undefined {
  return articles.reduce<Article | undefined>(
    (most, each) => (most === undefined || each.price * each.quantity > most.price * most.quantity ? each : most),
    undefined,
  );
}

export const purchaseCompleted = defineEvent({
  type: 'Purchase Completed',
  summary: 'An order was placed and paid. One order id counts once, whatever number of events name it.',
  data: z.object({
    customerId,
    orderId: identifier('the order id'),
    total: amount.check(z.describe('What the customer paid, in major units: 429 is 429 kronor, not öre.')),
    currency,
    items: z.optional(items),
    discount: z.optional(amount.check(z.describe('What was taken off the price, in major units.'))),
    coupon: z.optional(shortText('the coupon code')),
    promisedBy: z.optional(
      instant.check(
        z.describe(
          'When delivery was promised: the confirmation states it, and an order that is late is apologised for unasked. An ISO 8601 time with zone.',
        ),
      ),
    ),
    email: z.optional(address.check(z.describe('The address given with the order; it replaces an older one.'))),
    consent: z.optional(consent),
  }),
  example: {
    customerId: 'c-1042',
    orderId: '20001',
    total: 429,
    currency: 'SEK',
    items: [{ sku: 'tea-17', name: 'First flush Darjeeling', quantity: 2, price: 189.5, category: 'tea' }],
    discount: 0,
    promisedBy: '2026-11-05T17:00:00+01:00',
  },
  fold: (facts, event) => {
    const { orderId, total, currency: code, items: articles, discount = 0, coupon, promisedBy } = event.data;
    const { email, consent: given } = event.data;
    const stamp = { at: event.occurredAt, id: event.id };
    const category = dearest(articles)?.category?.slice(0, LONGEST_CATEGORY);
    const orders = addOrder(facts.orders, {
      ...stamp,
      orderId,
      minor: toMinor(total, code),
      currency: code,
      ...(promisedBy !== undefined && { promisedBy: Date.parse(promisedBy) }),
      ...((discount > 0 || coupon !== undefined) && { discounted: true }),
      ...(category !== undefined && { category }),
    });
    if (orders === undefined) return undefined;
    const coupons =
      coupon === undefined ? facts.coupons : addCoupon(facts.coupons, { ...stamp, code: coupon, orderId });
    return aboutPerson({ ...facts, orders, ...(coupons && { coupons }) }, event, { email, consent: given });
  },
});
