import * as z from 'zod/mini';
import { cancelOrder } from '../facts/orders.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier } from './fields.ts';

export const orderCancelled = defineEvent({
  type: 'Order Cancelled',
  summary: 'An order was cancelled as a whole; it and its refunds no longer count. It may arrive before the order.',
  data: z.object({ customerId, orderId: identifier('the order id') }),
  example: { customerId: 'c-1042', orderId: '20001' },
  fold: (facts, event) => {
    const orders = cancelOrder(facts.orders, event.data.orderId, event.occurredAt);
    return orders && { ...facts, orders };
  },
});
