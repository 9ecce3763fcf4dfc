import * as z from 'zod/mini';
import { addLogin } from '../facts/logins.ts';
import { defineEvent } from './definition.ts';
import { customerId } from './fields.ts';

export const loginSucceeded = defineEvent({
  type: 'Login Succeeded',
  summary: 'The customer logged in; only the UTC day is kept.',
  data: z.object({ customerId }),
  example: { customerId: 'c-1042' },
  fold: (facts, event) => ({ ...facts, logins: addLogin(facts.logins, event.occurredAt) }),
});
