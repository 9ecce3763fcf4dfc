import * as z from 'zod/mini';
import { toMinor } from '../facts/money.ts';
import { addRefund } from '../facts/orders.ts';
import { defineEvent } from './definition.ts';
import { amount, currency, customerId, identifier } from './fields.ts';

export const purchaseRefunded = defineEvent({
  type: 'Purchase Refunded',
  summary: 'Money went back for an order, in whole or in part. One refund id counts once.',
  data: z.object({
    customerId,
    orderId: identifier('the order id'),
    refundId: identifier('the refund id'),
    amount: amount.check(z.describe('What went back, in major units.')),
    currency,
  }),
  example: { customerId: 'c-1042', orderId: '20001', refundId: 'r-31', amount: 189.5, currency: 'SEK' },
  fold: (facts, event) => {
    const { orderId, refundId, amount: major, currency: code } = event.data;
    const minor = toMinor(major, code);
    const refund = { at: event.occurredAt, id: event.id, refundId, orderId, minor, currency: code };
    const orders = addRefund(facts.orders, refund);
    return orders && { ...facts, orders };
  },
});
