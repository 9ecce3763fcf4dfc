import * as z from 'zod/mini';
import { addNps } from '../facts/nps.ts';
import { defineEvent } from './definition.ts';
import { customerId, score } from './fields.ts';

export const npsAnswered = defineEvent({
  type: 'Nps Answered',
  summary:
    'The customer said how likely they are to recommend the shop, in a survey of the shop. Our own mails ask as well.',
  data: z.object({ customerId, score }),
  example: { customerId: 'c-1042', score: 9 },
  fold: (facts, event) => {
    const nps = addNps(facts.nps, { at: event.occurredAt, id: event.id, score: event.data.score });
    return nps === facts.nps ? facts : { ...facts, nps };
  },
});
