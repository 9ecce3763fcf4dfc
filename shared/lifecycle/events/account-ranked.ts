import * as z from 'zod/mini';
import { latest } from '../facts/order-by-time.ts';
import { defineEvent } from './definition.ts';
import { customerId } from './fields.ts';

const SHARE_EXPECTED = 'expected a share from 0 to 1';

export const accountRanked = defineEvent({
  type: 'Account Ranked',
  summary:
    'Where the customer stands among all by what they spent in a year. Our own census says so, at night, when a customer becomes a key account or ceases to be one.',
  data: z.object({
    customerId,
    share: z
      .number({ error: SHARE_EXPECTED })
      .check(
        z.gte(0, { error: SHARE_EXPECTED }),
        z.lte(1, { error: SHARE_EXPECTED }),
        z.describe('The share of customers who spend as much or more: 0.02 is the top 2 percent.'),
      ),
    keyAccount: z
      .boolean({ error: 'expected true or false' })
      .check(z.describe('Whether the customer is one of those who are looked after by name.')),
  }),
  example: { customerId: 'c-1042', share: 0.012, keyAccount: true },
  fold: (facts, event) => {
    const { share, keyAccount } = event.data;
    const standing = latest(facts.standing, { at: event.occurredAt, id: event.id, share, keyAccount });
    return standing === facts.standing ? facts : { ...facts, standing };
  },
});
