/** The part of the playbook that says what makes a trait: thresholds of our own rules, and the rules of the shop. */
import * as z from 'zod/mini';
import { FIRST_VIEWS_KEPT } from '../facts/looks.ts';
import { OPERATORS } from '../traits/known-facts.ts';
import { count, fieldsOf, flag, lasting, listOf, name, oneOf, positive, share, words } from './fields.ts';

/** One condition on a known fact: of the traits of the shop, and of the worth of an offer. */
export const factTest = {
  fact: words(
    'A fact from the list in docs/customer-types.md, such as "orders"; never name, language, country or age.',
    'orders',
  ),
  operator: z
    .enum(OPERATORS, { error: `expected one of ${OPERATORS.join(', ')}` })
    .check(z.describe('How the fact is compared with the value.')),
  value: z
    .union([z.number(), z.string()], { error: 'expected a number or a text' })
    .check(z.describe('What the fact is compared with; money in major units.')),
};

const ownTrait = fieldsOf({
  id: name.check(z.describe('The name of the trait; steps refer to it, and it must not be one of ours.')),
  ...factTest,
  because: words('The reason, as the timeline of a customer shows it.', 'buys tea'),
});

export const traits = fieldsOf({
  looker: fieldsOf({
    views: count.check(z.describe('At most so many product views')),
    visits: count.check(z.describe('... in at most so many visits')),
    within: lasting('... within this time.'),
  }).check(z.describe('L1. Looks around before the first purchase; probably compares.')),
  researcher: fieldsOf({
    studies: count.check(z.describe('So many views of comparisons or specifications,')),
    categoryViews: count.check(z.describe('... or so many views in one category, or one download,')),
    within: lasting('... within this time.'),
    quiet: lasting('Over after so long without a look; shops that sell to businesses take "90 days".'),
  }).check(z.describe('L2. Has one specific problem and studies it.')),
  hesitant: fieldsOf({
    days: count.check(z.describe('The same product on so many days')),
    within: lasting('... within this time,'),
    undecided: lasting('... and so much later still no order; or a cart left for so long without checkout.'),
    lasts: lasting('Over after this.'),
  }).check(z.describe('L3. Has read and compared, yet does not decide.')),
  ready: fieldsOf({ lasts: lasting('A started checkout is alive for this long.') }).check(
    z.describe('L4. Started a checkout.'),
  ),
  bargain: fieldsOf({
    policy: oneOf(
      ['best_price', 'ignore'],
      'best_price: name the best price directly; ignore: treat them like others.',
    ),
    orders: count.check(z.describe('A buyer with at least so many orders,')),
    discounted: share.check(
      z.describe('... of which at least this share was discounted; or a lead who came by coupon.'),
    ),
    warnAt: share.check(
      z.describe('The census warns when this share of the revenue of a year, or more, was discounted.'),
    ),
  }).check(z.describe('L5. Buys for the price.')),
  impulse: fieldsOf({
    within: lasting('First order within this time of the first event'),
    views: count.check(
      z.lt(FIRST_VIEWS_KEPT, { error: `expected less than ${FIRST_VIEWS_KEPT}: of more views the times are not kept` }),
      z.describe('... and at most so many product views before it.'),
    ),
    lasts: lasting('Over after this.'),
    refunds: count.check(z.describe('Not after so many refunds')),
    refundsWithin: lasting('... within this time, nor while a return is open.'),
  }).check(z.describe('L6. Bought at once.')),
  switcher: fieldsOf({
    lasts: lasting('A declared previous supplier matters for this long, before the first order.'),
  }).check(z.describe('L7. Declared a previous supplier.')),
  neutral: fieldsOf({
    lowest: count.check(z.describe('An answer from this')),
    highest: count.check(z.describe('... to this to "would you recommend us",')),
    valid: lasting('... for this long;'),
    orders: count.check(z.describe('or at least so many orders')),
    irregularity: positive.check(
      z.describe('... with gaps whose standard deviation is at least this times their mean,'),
    ),
    mailsWithoutClick: count.check(z.describe('... and no click in so many mails.')),
    clicksReported: flag.check(
      z.describe('Whether SES reports clicks in this deployment; if not, nobody is neutral for not clicking.'),
    ),
  }).check(z.describe('A3. Neither for nor against us.')),
  promoter: fieldsOf({
    score: count.check(z.describe('An answer of at least this to "would you recommend us",')),
    valid: lasting('... for this long;'),
    referrals: count.check(z.describe('or so many people who came by their recommendation.')),
  }).check(z.describe('A4. Recommends us.')),
  recentTrouble: fieldsOf({
    lasts: lasting('For this long after a dissatisfaction nobody is asked to recommend us.'),
  }).check(z.describe('Something was wrong lately.')),
  badExperience: fieldsOf({
    lasts: lasting('A resolved complaint or a bad rating is remembered for this long.'),
  }).check(z.describe('A6b. Had a bad experience.')),
  keyAccount: fieldsOf({
    top: share.check(z.describe('Among this share of customers by spend a customer becomes a key account')),
    stays: share.check(z.describe('... and stays one among this share;')),
    orders: count.check(z.describe('... with at least so many orders.')),
    early: share.check(z.describe('The check-in comes at this share of the silence that makes a customer at risk.')),
  }).check(z.describe('A10. The big customers, found every night.')),
  interested: fieldsOf({
    lasts: lasting('Views and checkouts are fresh interest for this long; win-back waits for it.'),
  }).check(z.describe('Looks around again.')),
  own: listOf(ownTrait, 'traits').check(
    z.describe('Traits of the shop: a fact, how it is compared, and with what. No code is needed.'),
  ),
}).check(z.describe('What makes a trait. A customer has any number of them, beside one stage.'));
