import * as z from 'zod/mini';
import { defineEvent } from './definition.ts';
import { customerId, identifier } from './fields.ts';

/** Not a fact about the customer but the end of all of them: the function that records acts on it. */
export const customerErasureRequested = defineEvent({
  type: 'Customer Erasure Requested',
  summary: 'The person wants to be forgotten: everything is deleted but a tombstone.',
  data: z.object({ customerId, requestId: identifier('the request id') }),
  example: { customerId: 'c-1042', requestId: 'gdpr-17' },
  fold: (facts) => facts,
});
