import * as z from 'zod/mini';
import { addReturn } from '../facts/returns.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier } from './fields.ts';

export const returnRequested = defineEvent({
  type: 'Return Requested',
  summary: 'The customer sends something of an order back. It is under way until money goes back for that order.',
  data: z.object({
    customerId,
    returnId: identifier('the return id'),
    orderId: identifier('the order id'),
  }),
  example: { customerId: 'c-1042', returnId: 'rt-4', orderId: '20001' },
  fold: (facts, event) => {
    const { returnId, orderId } = event.data;
    const returns = addReturn(facts.returns, { at: event.occurredAt, id: event.id, returnId, orderId });
    return returns === facts.returns ? facts : { ...facts, returns };
  },
});
