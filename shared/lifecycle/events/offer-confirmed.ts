import * as z from 'zod/mini';
import { LONGEST_CODE } from '../facts/coupons.ts';
import { addConfirmed } from '../facts/facts.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier } from './fields.ts';

export const offerConfirmed = defineEvent({
  type: 'Offer Confirmed',
  summary: 'The shop has made the code of an offer valid that "Offer Issued" announced; the mail waits for it.',
  data: z.object({
    customerId,
    offerId: identifier('the id that "Offer Issued" named'),
    code: z.optional(identifier('the code, when it is another than the one announced', LONGEST_CODE)),
  }),
  example: { customerId: 'c-1042', offerId: 'o-4hq2x7', code: 'TEA-4HQ2X7' },
  fold: (facts, event) => {
    const { offerId, code } = event.data;
    const heard = { at: event.occurredAt, id: event.id, offerId, ...(code !== undefined && { code }) };
    const confirmed = addConfirmed(facts.confirmed, heard);
    return confirmed === facts.confirmed ? facts : { ...facts, confirmed };
  },
});
