import * as z from 'zod/mini';
import { aboutPerson } from '../facts/facts.ts';
import { toMinor } from '../facts/money.ts';
import { addOrder } from '../facts/orders.ts';
import { defineEvent } from './definition.ts';
import { address, amount, consent, currency, customerId, identifier, items, shortText } from './fields.ts';

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
  },
  fold: (facts, event) => {
    const { orderId, total, currency: code, email, consent: given } = event.data;
    const minor = toMinor(total, code);
    const orders = addOrder(facts.orders, { at: event.occurredAt, id: event.id, orderId, minor, currency: code });
    return orders && aboutPerson({ ...facts, orders }, event, { email, consent: given });
  },
});
