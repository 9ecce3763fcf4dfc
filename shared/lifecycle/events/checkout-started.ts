import * as z from 'zod/mini';
import { withBasket } from '../facts/basket.ts';
import { defineEvent } from './definition.ts';
import { amount, currency, customerId, items, url, withCurrency } from './fields.ts';

export const checkoutStarted = defineEvent({
  type: 'Checkout Started',
  summary: 'The customer began to order. Whoever does not finish is shown the way back.',
  data: z
    .object({
      customerId,
      items: z.optional(items),
      total: z.optional(amount.check(z.describe('What the order would come to, in major units.'))),
      currency: z.optional(currency),
      resumeUrl: url.check(z.describe('The https URL that leads back to this very checkout.')),
    })
    .check(withCurrency('total'), withCurrency('items')),
  example: {
    customerId: 'c-1042',
    items: [{ sku: 'pot-03', name: 'Cast-iron teapot, 0.8 l', quantity: 1, price: 649, category: 'teapots' }],
    total: 649,
    currency: 'SEK',
    resumeUrl: 'https://shop.example.com/checkout/7f3a',
  },
  fold: (facts, event) => {
    const basket = withBasket(facts.basket, { checkout: { at: event.occurredAt, id: event.id } });
    return basket === facts.basket ? facts : { ...facts, basket };
  },
});
