import * as z from 'zod/mini';
import { addReferral } from '../facts/referrals.ts';
import { defineEvent } from './definition.ts';
import { customerId, referrerKind, shortText } from './fields.ts';

export const referralMade = defineEvent({
  type: 'Referral Made',
  summary:
    'Somebody came by the recommendation of this customer. Our own function says so when a person registers with a referral; a shop may say it, too. The friend is never named to the customer.',
  data: z
    .object({
      customerId: customerId.check(z.describe('The customer id of the person who recommended the shop.')),
      friendId: customerId.check(z.describe('The customer id of the person who came; somebody else.')),
      kind: referrerKind,
      recommended: z.optional(shortText('what was recommended')),
    })
    .check(
      z.refine((data) => data.friendId !== data.customerId, {
        path: ['friendId'],
        error: 'expected another customer than the one who recommended the shop',
      }),
    ),
  example: { customerId: 'c-1042', friendId: 'c-2071', kind: 'customer', recommended: 'loose-leaf sampler' },
  fold: (facts, event) => {
    const { friendId, kind } = event.data;
    const referrals = addReferral(facts, { at: event.occurredAt, id: event.id, friendId, kind });
    if (referrals === undefined) return undefined;
    return referrals === facts.referrals ? facts : { ...facts, referrals };
  },
});
