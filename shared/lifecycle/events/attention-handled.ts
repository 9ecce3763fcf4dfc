import * as z from 'zod/mini';
import { addHandled } from '../facts/facts.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier, shortText } from './fields.ts';

export const attentionHandled = defineEvent({
  type: 'Attention Handled',
  summary: 'Somebody has taken care of what "Attention Needed" asked for, from the helpdesk or from our pages.',
  data: z.object({
    customerId,
    attentionId: identifier('the id that "Attention Needed" named'),
    outcome: z.optional(shortText('what was done')),
  }),
  example: { customerId: 'c-1042', attentionId: '1/severe-complaint/k-9', outcome: 'Called, a new teapot is coming' },
  fold: (facts, event) => {
    const { attentionId } = event.data;
    const handled = addHandled(facts.handled, { at: event.occurredAt, id: event.id, attentionId });
    return handled === facts.handled ? facts : { ...facts, handled };
  },
});
