/** The part of the playbook that says when a customer is in which stage. */
import * as z from 'zod/mini';
import { SHORTEST_WAIT } from '../facts/matters.ts';
import { DAY } from '../time.ts';
import { count, fieldsOf, lasting, moneyByCurrency, pointInTime, positive } from './fields.ts';

const RATING = 'expected a rating from 1 to 5';
const rating = z.int({ error: RATING }).check(z.gte(1, { error: RATING }), z.lte(5, { error: RATING }));
const PROBABILITY = 'expected a probability above 0 and below 1';
const probability = z
  .number({ error: PROBABILITY })
  .check(z.gt(0, { error: PROBABILITY }), z.lt(1, { error: PROBABILITY }));
const SCORE = 'expected a score from 0 to 10';

const cadence = z
  .discriminatedUnion(
    'rule',
    [
      fieldsOf({
        rule: z.literal('fixed'),
        atRiskAfter: lasting('Silence after which everybody is at risk.'),
        lapsedAfter: lasting('Silence after which everybody has lapsed.'),
      }).check(z.describe('The same silence for every customer.')),
      fieldsOf({
        rule: z.literal('ownGap'),
        populationGap: lasting(
          'The usual gap between two orders in this shop; it stands in for what is not yet known.',
        ),
        atRiskGaps: positive.check(z.describe('At risk after this many of the usual gaps of the customer.')),
        lapsedGaps: positive.check(z.describe('Lapsed after this many of the usual gaps of the customer.')),
        atRiskNotBefore: lasting('Nobody is at risk before this much silence.'),
        lapsedNotBefore: lasting('Nobody has lapsed before this much silence.'),
      }).check(z.describe('Silence measured by the gaps between the orders of each customer.')),
      fieldsOf({
        rule: z.literal('mbg'),
        r: positive.check(z.describe('How customers differ in how often they buy: shape of the gamma distribution.')),
        alpha: positive.check(z.describe('Its scale, in weeks.')),
        a: positive.check(z.describe('How customers differ in how easily they leave: first of the beta distribution,')),
        b: positive.check(z.describe('... and second.')),
        horizon: lasting('The time ahead in which an order is expected, or not.').check(
          z.refine((length) => length >= DAY, { error: 'expected a duration of at least 1 day' }),
        ),
        lapsedAbove: probability.check(
          z.describe('Lapsed as soon as no order within the horizon has at least this probability, 0 to 1.'),
        ),
        populationGap: lasting(
          'The usual gap between two orders in this shop; it stands in for what is not yet known.',
        ),
        atRiskGaps: positive.check(z.describe('At risk after this many of the usual gaps of the customer.')),
        atRiskNotBefore: lasting('Nobody is at risk before this much silence.'),
        lapsedNotBefore: lasting('Nobody has lapsed before this much silence.'),
      }).check(
        z.describe(
          'Lapsed by the probability of no further order (MBG/NBD, see docs/model.md); the numbers are found by `npm run backtest`.',
        ),
      ),
    ],
    { error: 'expected a rule, "fixed", "ownGap" or "mbg"' },
  )
  .check(z.describe('When silence means something.'));

export const stages = fieldsOf({
  onboardingWindow: lasting('A first-time or returning buyer is new for this long, or until the next order.'),
  cadence,
  minimumAtRisk: lasting('Nobody lapses sooner than this after having become at risk.'),
  loginHabit: fieldsOf({
    loginDays: count.check(z.describe('So many days with a login, within the time below, make a habit.')),
    within: lasting('The time within which login days make a habit.'),
    atLeast: lasting('No habit has stopped before this much silence.'),
    gaps: positive.check(
      z.describe('A habit has stopped after this many of the usual gaps between the logins of the customer.'),
    ),
  }).check(z.describe('A login habit that stops makes a customer at risk, too.')),
  loyal: fieldsOf({
    orders: count.check(z.describe('At least so many orders.')),
    since: lasting('The first order is at least this long ago.'),
    spend: moneyByCurrency(
      'Net spend of all time that puts a customer into the top quarter of the shop, a fixed sum for each currency; one of them suffices, and in a currency without a sum nobody becomes loyal. The census shows what the top quarter spent in a year.',
    ),
  }).check(z.describe('Who is loyal: orders, time and spend, and satisfied.')),
  dissatisfied: fieldsOf({
    maximumAge: lasting('A complaint nobody resolved counts as closed after this.').check(
      z.refine((length) => length >= SHORTEST_WAIT, { error: 'expected a duration of at least 1 day' }),
    ),
    quietAfter: lasting('No promotional mail for this long after the dissatisfaction has ended.'),
    rating: fieldsOf({
      atMost: rating.check(z.describe('A rating of at most so many stars is a bad one.')),
      lasts: lasting('A bad rating is over after this,'),
      endedBy: rating.check(z.describe('... or with a later rating of at least so many stars.')),
    }).check(z.describe('A bad rating counts like a complaint.')),
  }).check(
    z.describe(
      'While a complaint is open, a rating bad or a renewal stopped, and some time after, promotional mail is withheld.',
    ),
  ),
  critic: fieldsOf({
    score: z
      .int({ error: SCORE })
      .check(
        z.gte(0, { error: SCORE }),
        z.lte(10, { error: SCORE }),
        z.describe('An answer of at most this to "would you recommend us" makes a critic,'),
      ),
    complaints: count.check(z.describe('... or so many complaints of low severity,')),
    ratings: count.check(z.describe('... or so many bad ratings,')),
    within: lasting('... each within this time.'),
    after: lasting('Nothing that asks for praise is sent for this long after it.'),
  }).check(z.describe('Who is silent when pleased and loud at small faults; never loyal while it lasts.')),
  activeFrom: z.optional(
    pointInTime(
      'Set when other rules for the stages are published: mail that follows stages, traits or a rhythm and was meant for a time before is not sent.',
    ),
  ),
}).check(z.describe('When a customer is in which stage.'));
