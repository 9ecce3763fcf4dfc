import * as z from 'zod/mini';
import { isAnsweredAfter } from '../facts/answers.ts';
import { mergeComplaint, SEVERITIES } from '../facts/complaints.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier, shortText } from './fields.ts';

export const complaintOpened = defineEvent({
  type: 'Complaint Opened',
  summary: 'The customer complained. Promotional mail stops at once; the text of the complaint is never sent to us.',
  data: z.object({
    customerId,
    complaintId: identifier('the complaint id'),
    channel: shortText('the channel, such as email, phone or social'),
    severity: z
      .enum(SEVERITIES, { error: `expected one of ${SEVERITIES.join(', ')}` })
      .check(z.describe('How bad it is, as the shop sees it.')),
    orderId: z.optional(identifier('the order id')),
  }),
  example: { customerId: 'c-1042', complaintId: 'k-9', channel: 'email', severity: 'normal', orderId: '20001' },
  fold: (facts, event) => {
    const { complaintId, severity } = event.data;
    const opened = { at: event.occurredAt, id: event.id, severity };
    // What the customer said of it since is to be seen in the light of this.
    if (isAnsweredAfter(facts, complaintId, opened)) return undefined;
    const complaints = mergeComplaint(facts.complaints, { complaintId, opened });
    return complaints && { ...facts, complaints };
  },
});
