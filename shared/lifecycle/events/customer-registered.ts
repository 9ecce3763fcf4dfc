import * as z from 'zod/mini';
import { aboutPerson } from '../facts/facts.ts';
import { defineEvent } from './definition.ts';
import { address, customerId, personFields } from './fields.ts';

export const customerRegistered = defineEvent({
  type: 'Customer Registered',
  summary: 'A person became known to the shop, with or without consent to promotional mail.',
  data: z.object({ customerId, email: address, ...personFields }),
  example: {
    customerId: 'c-1042',
    email: 'anna.svensson@example.com',
    name: 'Anna Svensson',
    locale: 'sv-SE',
    timeZone: 'Europe/Stockholm',
    consent: { marketing: 'opt_in', source: 'signup form', at: '2026-11-01T08:12:00Z', wording: '2026-03' },
    referral: { by: 'c-0077', recommended: 'loose-leaf sampler' },
  },
  fold: (facts, event) => {
    const { customerId: _id, ...said } = event.data;
    return aboutPerson(facts, event, said);
  },
});
