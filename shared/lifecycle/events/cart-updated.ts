import * as z from 'zod/mini';
import { withBasket } from '../facts/basket.ts';
import { defineEvent } from './definition.ts';
import { currency, customerId, items, url } from './fields.ts';

export const cartUpdated = defineEvent({
  type: 'Cart Updated',
  summary: 'What lies in the cart now, as a whole; an empty list says that it was cleared.',
  data: z
    .object({
      customerId,
      items: items.check(z.describe('All articles in the cart; none clears it.')),
      currency: z.optional(currency),
      resumeUrl: z.optional(url.check(z.describe('The https URL that leads back to this very cart.'))),
    })
    .check(
      z.refine((data) => data.items.length === 0 || data.currency !== undefined, {
        error: 'expected an ISO 4217 currency code in capitals, for there are articles with prices',
        path: ['currency'],
      }),
    ),
  example: {
    customerId: 'c-1042',
    items: [{ sku: 'pot-03', name: 'Cast-iron teapot, 0.8 l', quantity: 1, price: 649, category: 'teapots' }],
    currency: 'SEK',
    resumeUrl: 'https://shop.example.com/cart/7f3a',
  },
  fold: (facts, event) => {
    const cart = { at: event.occurredAt, id: event.id, items: event.data.items.length };
    const basket = withBasket(facts.basket, { cart });
    return basket === facts.basket ? facts : { ...facts, basket };
  },
});
