import * as z from 'zod/mini';
import { deliverOrder } from '../facts/orders.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier } from './fields.ts';

export const orderDelivered = defineEvent({
  type: 'Order Delivered',
  summary: 'The parcel arrived; onboarding counts from here. The first delivery of an order is the one that counts.',
  data: z.object({ customerId, orderId: identifier('the order id') }),
  example: { customerId: 'c-1042', orderId: '20001' },
  fold: (facts, event) => {
    const orders = deliverOrder(facts.orders, event.data.orderId, event.occurredAt);
    return orders && { ...facts, orders };
  },
});
