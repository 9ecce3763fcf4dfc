import * as z from 'zod/mini';
import { declare, STYLES } from '../facts/declared.ts';
import { addObjection } from '../facts/objections.ts';
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
    objection: z.optional(
      playbookName(
        'what the customer has doubts about, by its name in objections.json; one that has no answer there calls a person',
      ),
    ),
  }),
  example: { customerId: 'c-1042', style: 'efficient', previousSupplier: 'Nordic Tea House', objection: 'price' },
  fold: (facts, event) => {
    const stamp = { at: event.occurredAt, id: event.id };
    const { style, previousSupplier, objection } = event.data;
    const objections = objection === undefined ? facts.objections : addObjection(facts, { ...stamp, value: objection });
    if (objection !== undefined && objections === undefined) return undefined;
    const heard = objections === facts.objections || objections === undefined ? facts : { ...facts, objections };
    if (style === undefined && previousSupplier === undefined) return heard;
    const declared = declare(facts.declared, {
      ...(style !== undefined && { style: { ...stamp, value: style } }),
      ...(previousSupplier !== undefined && { previousSupplier: { ...stamp, value: previousSupplier } }),
    });
    return declared === facts.declared ? heard : { ...heard, declared };
  },
});
