import * as z from 'zod/mini';
import { mergeMatter } from '../facts/matters.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier, instant } from './fields.ts';

export const subscriptionRenewalStopped = defineEvent({
  type: 'Subscription Renewal Stopped',
  summary: 'The customer does not want a subscription to go on after the period that is paid.',
  data: z.object({
    customerId,
    subscriptionId: identifier('the subscription id'),
    endsAt: instant.check(z.describe('When it ends unless it is resumed. An ISO 8601 time with zone.')),
  }),
  example: { customerId: 'c-1042', subscriptionId: 's-5', endsAt: '2026-12-31T23:00:00Z' },
  fold: (facts, event) => {
    const { subscriptionId, endsAt } = event.data;
    const opened = { at: event.occurredAt, id: event.id, endsAt: Date.parse(endsAt) };
    const subscriptions = mergeMatter(
      facts.subscriptions,
      { id: subscriptionId, opened },
      // Whoever stops it after the end of the period has renewed it before, whether anybody told us or not.
      (before, heard) => heard.at < before.endsAt,
      (before) => before.endsAt,
    );
    return subscriptions && { ...facts, subscriptions };
  },
});
