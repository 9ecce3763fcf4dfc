/** The part of the playbook that says what is offered to whom, with which codes, and how often. */
import * as z from 'zod/mini';
import { count, fieldsOf, lasting, listOf, localised, name, oneOf, rhythm } from './fields.ts';
import { factTest } from './traits.ts';
import { NAME_EXPECTED } from '../name.ts';

const PERCENT = 'expected a percentage above 0, up to 100';
const percent = z
  .number({ error: PERCENT })
  .check(z.gt(0, { error: PERCENT }), z.lte(100, { error: PERCENT }), z.describe('Taken off the price, in percent.'));

const worth = fieldsOf({
  if: z.optional(fieldsOf(factTest).check(z.describe('Who gets it; left out: everybody.'))),
  percent,
}).check(z.describe('What the offer is worth for some customers.'));

const offer = fieldsOf({
  codes: oneOf(
    ['pool', 'announce'],
    'pool: codes of the shop, loaded with "npm run codes", each given once. announce: we say "Offer Issued" with a code of ours, and the mail waits until the shop says "Offer Confirmed".',
  ),
  worth: listOf(worth, 'worths').check(
    z.minLength(1, { error: 'expected at least one worth' }),
    z.describe('The first that applies counts; none: no offer.'),
  ),
  lasts: lasting(
    'How long the code can be used; the mail names the day, in the time zone of the reader, and the code is good to the end of it.',
  ),
  terms: localised('The exact terms, as the mail says them.'),
  notBelow: z.optional(
    name.check(z.describe('Never worth less than this offer would be for the same customer: loyalty is not punished.')),
  ),
  restAfter: z.optional(
    lasting(
      'Nothing at all is offered for this long after it expired unused, or after a mail that follows it; not when something was bought all the same.',
    ),
  ),
  budget: fieldsOf({
    offers: count.check(z.describe('At most so many are issued')),
    per: rhythm('... in each period of this length.'),
  }).check(z.describe('What the shop can afford at most.')),
}).check(z.describe('An offer, by the name steps refer to it with.'));

export const offers = fieldsOf({
  barred: lasting('After an offer expired unused, none as good or better is made for this long.'),
  confirmWithin: lasting('A mail whose announced code the shop does not confirm within this time is withheld.'),
  byName: z
    .record(name, offer, {
      error: ({ code }) => (code === 'invalid_key' ? NAME_EXPECTED : 'expected offers by name'),
    })
    .check(z.describe('The offers.')),
}).check(z.describe('Individual discounts, chosen by rules from known facts.'));

export type Offer = z.output<typeof offer>;
