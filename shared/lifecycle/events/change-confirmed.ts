import * as z from 'zod/mini';
import { withPromises } from '../facts/facts.ts';
import { mergeMatter } from '../facts/matters.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier } from './fields.ts';

export const changeConfirmed = defineEvent({
  type: 'Change Confirmed',
  summary: 'A requested change is agreed on; it may arrive before the request.',
  data: z.object({ customerId, changeId: identifier('the change id') }),
  example: { customerId: 'c-1042', changeId: 'ch-12' },
  fold: (facts, event) => {
    const closed = { at: event.occurredAt, id: event.id };
    const changes = mergeMatter(facts.changes, { id: event.data.changeId, closed });
    return changes && withPromises(facts, changes, event.data.changeId);
  },
});
