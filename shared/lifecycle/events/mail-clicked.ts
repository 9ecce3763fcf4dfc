import * as z from 'zod/mini';
import { defineEvent } from './definition.ts';
import { customerId, identifier } from './fields.ts';

/** Two names, a life, a round and an episode of 128 bytes. */
const LONGEST_KEY = 192;

export const mailClicked = defineEvent({
  type: 'Mail Clicked',
  summary:
    'The reader followed a link in one of our mails for the first time. Our own function says so when SES reports it, once a mail.',
  data: z.object({ customerId, key: identifier('the key of the message', LONGEST_KEY) }),
  example: { customerId: 'c-1042', key: '1/onboarding/guide/1' },
  fold: (facts, event) => {
    const clickedAt = Math.max(facts.clickedAt ?? event.occurredAt, event.occurredAt);
    return clickedAt === facts.clickedAt ? facts : { ...facts, clickedAt };
  },
});
