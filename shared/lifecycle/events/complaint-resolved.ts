import * as z from 'zod/mini';
import { isAnsweredAfter } from '../facts/answers.ts';
import { mergeComplaint } from '../facts/complaints.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier, shortText } from './fields.ts';

export const complaintResolved = defineEvent({
  type: 'Complaint Resolved',
  summary: 'A complaint was settled; it may arrive before its opening.',
  data: z.object({
    customerId,
    complaintId: identifier('the complaint id'),
    outcome: z.optional(shortText('what was done, as one would tell the customer')),
    compensation: z.optional(shortText('what the customer got for it, as one would tell the customer')),
  }),
  example: { customerId: 'c-1042', complaintId: 'k-9', outcome: 'A new teapot is on its way' },
  fold: (facts, event) => {
    const resolved = { at: event.occurredAt, id: event.id };
    // What the customer said of it since is to be seen in the light of this.
    if (isAnsweredAfter(facts, event.data.complaintId, resolved)) return undefined;
    const complaints = mergeComplaint(facts.complaints, { complaintId: event.data.complaintId, resolved });
    return complaints && { ...facts, complaints };
  },
});
