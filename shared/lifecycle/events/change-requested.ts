import * as z from 'zod/mini';
import { hash32 } from '../facts/digest.ts';
import { CHANGE_LASTS, mergeMatter } from '../facts/matters.ts';
import type { Stamp } from '../facts/order-by-time.ts';
import { withPromises } from '../facts/facts.ts';
import type { Instant } from '../time.ts';
import { defineEvent } from './definition.ts';
import { amount, currency, customerId, identifier, instant, shortText, withCurrency } from './fields.ts';

const overAt = ({ at }: Stamp): Instant => at + CHANGE_LASTS;

export const changeRequested = defineEvent({
  type: 'Change Requested',
  summary:
    'The customer wants something about an order changed. With its cost the customer is told what it means before it is made; without, a person is asked for.',
  data: z
    .object({
      customerId,
      changeId: identifier('the change id'),
      what: shortText('what is to be changed, as one would tell the customer'),
      cost: z.optional(amount.check(z.describe('What the change costs, in major units; 0 when it costs nothing.'))),
      currency: z.optional(currency),
      newDate: z.optional(
        instant.check(
          z.describe(
            'When it would be delivered then: confirmed, it is the promised date of the order. An ISO 8601 time with zone.',
          ),
        ),
      ),
      orderId: z.optional(
        identifier('the order that is to be changed; left out, the newest one that has yet to be delivered'),
      ),
    })
    .check(withCurrency('cost')),
  example: {
    customerId: 'c-1042',
    changeId: 'ch-12',
    what: 'The green glaze instead of the blue one',
    cost: 45,
    currency: 'SEK',
    newDate: '2026-11-20T12:00:00+01:00',
    orderId: '20001',
  },
  fold: (facts, event) => {
    const { changeId, what, cost, currency: of, newDate, orderId } = event.data;
    const terms = hash32(JSON.stringify([what, cost, of, newDate, ...(orderId === undefined ? [] : [orderId])]));
    const opened = {
      at: event.occurredAt,
      id: event.id,
      priced: cost !== undefined,
      terms,
      ...(newDate !== undefined && { newDate: Date.parse(newDate) }),
      ...(orderId !== undefined && { orderId }),
    };
    const changes = mergeMatter(
      facts.changes,
      { id: changeId, opened },
      // What nobody confirmed for so long was given up: who asks again asks anew.
      (before, heard) => before.terms === terms && heard.at < overAt(before),
      overAt,
    );
    return changes && withPromises(facts, changes, changeId);
  },
});
