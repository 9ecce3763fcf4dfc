import * as z from 'zod/mini';
import type { Suppression } from '../address.ts';
import { withChoices } from '../facts/choices.ts';
import { defineEvent } from './definition.ts';
import { customerId, playbookName } from './fields.ts';

const REASONS = ['hard bounce', 'spam complaint'] as const satisfies readonly Suppression[];

/**
 * The suppression itself belongs to the address and is kept there. In the facts a spam complaint is an unsubscribe, so
 * that it holds for this person's next address, too; a hard bounce says nothing about the person.
 */
export const addressSuppressed = defineEvent({
  type: 'Address Suppressed',
  summary:
    'An address of the customer gets no more mail: it does not exist, or its reader reported ours as spam. Our own function says so when SES reports it; the address is never named.',
  data: z.object({
    customerId,
    reason: z
      .enum(REASONS, { error: `expected one of ${REASONS.join(', ')}` })
      .check(
        z.describe(
          'hard bounce: the mailbox does not exist; spam complaint: the reader pressed "spam", which also ends promotional mail to any other address of the customer.',
        ),
      ),
    programme: z.optional(playbookName('the programme of the mail')),
    step: z.optional(playbookName('the step of the mail')),
  }),
  example: { customerId: 'c-1042', reason: 'spam complaint', programme: 'retention', step: 'reminder' },
  fold: (facts, event) => {
    const { reason } = event.data;
    switch (reason) {
      case 'hard bounce':
        return facts;
      case 'spam complaint':
        return withChoices(facts, { at: event.occurredAt, id: event.id, promotion: 'off' });
      default:
        return reason satisfies never;
    }
  },
});
