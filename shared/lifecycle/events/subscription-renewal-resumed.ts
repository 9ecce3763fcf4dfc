import * as z from 'zod/mini';
import { mergeMatter } from '../facts/matters.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier } from './fields.ts';

export const subscriptionRenewalResumed = defineEvent({
  type: 'Subscription Renewal Resumed',
  summary: 'The subscription goes on after all; it may arrive before the stop.',
  data: z.object({ customerId, subscriptionId: identifier('the subscription id') }),
  example: { customerId: 'c-1042', subscriptionId: 's-5' },
  fold: (facts, event) => {
    const closed = { at: event.occurredAt, id: event.id };
    const subscriptions = mergeMatter(facts.subscriptions, { id: event.data.subscriptionId, closed });
    return subscriptions && { ...facts, subscriptions };
  },
});
