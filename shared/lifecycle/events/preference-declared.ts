import * as z from 'zod/mini';
import { declare, STYLES } from '../facts/declared.ts';
import { defineEvent } from './definition.ts';
import { customerId, oneOf, playbookName, shortText } from './fields.ts';

export const preferenceDeclared = defineEvent({
  type: 'Preference Declared',
  summary:
    'The customer said something about themselves that mail should follow, on a page or to somebody of the shop. Fields that are left out stay as they are.',
  data: z.object({
    customerId,
    style: z.optional(
      oneOf(
        STYLES,
        'efficient: short mails, facts and figures; traditional: with the reasons for everything; both: the reasons in short; none: neither of them any more.',
      ),
    ),
    previousSupplier: z.optional(shortText('where the customer bought before')),
    objection: z.optional(playbookName('what the customer has doubts about, by its name in objections.json')),
  }),
  example: { customerId: 'c-1042', style: 'efficient', previousSupplier: 'Nordic Tea House', objection: 'delivery' },
  fold: (facts, event) => {
    const stamp = { at: event.occurredAt, id: event.id };
    const { style, previousSupplier, objection } = event.data;
    if (style === undefined && previousSupplier === undefined && objection === undefined) return facts;
    const declared = declare(facts.declared, {
      ...(style !== undefined && { style: { ...stamp, value: style } }),
      ...(previousSupplier !== undefined && { previousSupplier: { ...stamp, value: previousSupplier } }),
      ...(objection !== undefined && { objection: { ...stamp, value: objection } }),
    });
    return declared === facts.declared ? facts : { ...facts, declared };
  },
});
