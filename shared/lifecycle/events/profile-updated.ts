import * as z from 'zod/mini';
import { aboutPerson } from '../facts/facts.ts';
import { defineEvent } from './definition.ts';
import { address, customerId, personFields, personName } from './fields.ts';

export const profileUpdated = defineEvent({
  type: 'Profile Updated',
  summary: 'Something about the person changed; fields that are left out stay as they are.',
  data: z.object({
    customerId,
    email: z.optional(address),
    ...personFields,
    accountManager: z.optional(
      z
        .object({ name: personName, email: address }, { error: 'expected an object with name and email' })
        .check(z.describe('The person in the shop who looks after this customer.')),
    ),
  }),
  example: {
    customerId: 'c-1042',
    email: 'anna@example.org',
    locale: 'en-GB',
    accountManager: { name: 'Leila Karimi', email: 'leila@shop.example.com' },
  },
  fold: (facts, event) => {
    const { customerId: _id, ...said } = event.data;
    return aboutPerson(facts, event, said);
  },
});
