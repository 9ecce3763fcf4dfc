/** The part of the playbook that says what customers are written, and when: programmes, series, steps. */
import * as z from 'zod/mini';
import { CASE_KINDS } from '../case-kinds.ts';
import { CONTENT_KINDS } from '../content-kinds.ts';
import { STAGES } from '../stage.ts';
import { count, fieldsOf, flag, lasting, listOf, name, oneOf, pointInTime, rhythm } from './fields.ts';

const FEWEST_ANSWERS = 2;
/** From 0 to 10; more links than this is a form, and nobody reads it. */
const MOST_ANSWERS = 11;

const NEEDS = ['improvement', 'content', 'options', 'benefit', 'goods'] as const;

const traitNames = (meaning: string) =>
  listOf(name, 'traits').check(z.minLength(1, { error: 'expected at least one trait' }), z.describe(meaning));

/** What series and steps alike can say of whom they are for. */
const forWhom = {
  if: z.optional(traitNames('Only for customers with one of these traits.')),
  unless: z.optional(traitNames('Withheld from customers with one of these traits, with that reason.')),
};

const stepFields = {
  id: name.check(z.describe('The name of the step; its templates are in templates/<programme>/<step>/.')),
  class: z
    .enum(['promotional', 'service'], { error: 'expected "promotional" or "service"' })
    .check(
      z.describe(
        'promotional: obeys consent, unsubscribe, caps, quiet hours and open complaints. service: about the own case of the customer, without offer, product push or survey.',
      ),
    ),
  priority: count.check(z.describe('Of messages that compete for one person the highest goes first.')),
  fresh: lasting('How long after its moment the message still makes sense; later it is withheld.'),
  answersAct: z.optional(
    z
      .boolean({ error: 'expected true or false' })
      .check(
        z.describe(
          'The message answers what the customer has just done: within 15 minutes of it it goes out at any hour, and no cap binds or counts it.',
        ),
      ),
  ),
  waitsForCaps: z.optional(
    flag.check(z.describe('Held back by a cap it waits while it is fresh, instead of being withheld.')),
  ),
  variants: z.optional(
    listOf(name, 'traits').check(
      z.describe('Wordings of their own for a trait, or for what the case is about; the first that applies is used.'),
    ),
  ),
  ...forWhom,
  needs: z.optional(
    listOf(oneOf(NEEDS, 'What has to exist.'), 'needs').check(
      z.describe(
        'What has to exist, or the message is withheld. improvement: a dated one for the reason of the customer; content: one of the links below; options: something to choose from in library.json for the article or its category, or something in the cart; benefit: a next one to reach; goods: the last order was not sent back, and at an interval the other steps come instead.',
      ),
    ),
  ),
  content: z.optional(
    listOf(oneOf(CONTENT_KINDS, 'A kind of link in library.json.'), 'kinds of content').check(
      z.describe('Which links of library.json the mail shows: for the article, else its category, else in general.'),
    ),
  ),
  offer: z.optional(name.check(z.describe('The offer the mail makes; without one the message is withheld.'))),
  waitsForOffer: z.optional(
    lasting('It does not age while another offer is alive or bars a new one, up to so long after its moment.'),
  ),
  action: z.optional(
    oneOf(
      ['shop', 'resume', 'help', 'chat'],
      'Where the one button leads. resume: back to the cart or checkout; the others: the page of the shop.',
    ),
  ),
  follows: z.optional(
    name.check(
      z.describe(
        'An earlier step of the series without which this one makes no sense: withheld unless its mail was sent, and never closer to it than the two are in the playbook.',
      ),
    ),
  ),
  cooldown: z.optional(lasting('The step reaches a person again no sooner than this, instead of the cooldown of all.')),
  thenQuiet: z.optional(
    lasting(
      'So long after its mail no campaign reaches the person, as long as they are in one of the stages of the series: only what they do themselves is answered.',
    ),
  ),
  asks: z.optional(
    fieldsOf({
      question: name.check(z.describe('The name of the question, the same wherever it is asked.')),
      answers: listOf(name, 'names of answers').check(
        z.minLength(FEWEST_ANSWERS, { error: `expected at least ${FEWEST_ANSWERS} answers` }),
        z.maxLength(MOST_ANSWERS, { error: `expected at most ${MOST_ANSWERS} answers` }),
        z.describe('The answers the mail offers, in this order; their texts are in questions.json.'),
      ),
      stops: z.optional(listOf(name, 'answers').check(z.describe('Answers that end the rest of the series.'))),
      calls: z.optional(listOf(name, 'answers').check(z.describe('Answers that call a person: Attention Needed.'))),
      informs: z.optional(
        listOf(name, 'answers').check(
          z.describe('Answers a person should know of, without hurry: Attention Needed, as a named obstacle.'),
        ),
      ),
    }).check(
      z.describe(
        'The one question the mail asks. A survey is no service: service steps ask only whether their own complaint is settled.',
      ),
    ),
  ),
};

/** Of steps about what was bought. */
const hadFor = z.optional(
  lasting(
    'No sooner than so long after the delivery of the order. One with a promised date is waited for; one that stays undelivered or was sent back gets nothing.',
  ),
);

const seriesId = name.check(z.describe('The name of the series, unique in the playbook.'));
/** What every series can say of whom it is for. */
const audience = {
  ...forWhom,
  waitsFor: z.optional(traitNames('Its steps wait while a customer has one of these traits.')),
  apart: z.optional(
    fieldsOf({
      every: rhythm('One mail waits this long for another.'),
      most: count.check(z.describe('At most so many; more are withheld')),
      while: name.check(z.describe('... for as long as the customer has this trait.')),
      atLeast: z.optional(lasting('... and for this long at least, though the trait ended and began again.')),
    }).check(
      z.describe('How its mails keep apart, among those of all series of the programme that say how they keep apart.'),
    ),
  ),
};
const stageName = z.enum(STAGES, { error: `expected one of ${STAGES.join(', ')}` });
const onlyInStages = z.optional(
  listOf(stageName, 'stages').check(z.describe('Only for customers in one of these stages.')),
);

const stageSeries = fieldsOf({
  id: seriesId,
  ...audience,
  trigger: z.literal('stage'),
  stage: stageName.check(z.describe('Entering this stage begins the series.')),
  steps: listOf(
    fieldsOf({
      ...stepFields,
      after: lasting('The moment of the step, counted from entering the stage.'),
      afterDelivery: z.optional(
        lasting(
          'Counted from the delivery of the order instead, as soon as that is known. One with a promised date is waited for; one that was sent back gets nothing.',
        ),
      ),
      hadFor,
    }),
    'steps',
  ).check(z.describe('The mails of the series.')),
}).check(z.describe('Mails that follow the beginning of a stage.'));

const intervalSeries = fieldsOf({
  id: seriesId,
  ...audience,
  trigger: z.literal('interval'),
  stages: listOf(stageName, 'stages').check(z.describe('For customers in one of these stages.')),
  every: rhythm('The time between two mails.'),
  since: z
    .enum(['any mail', 'own'], { error: 'expected "any mail" or "own"' })
    .check(
      z.describe(
        'any mail: counted from the last mail of any programme, in days as they are, and not while another mail is on its way; own: from the last mail of this series, the first at once.',
      ),
    ),
  untilHeardOnceLapsed: z.optional(
    flag.check(
      z.describe(
        'To somebody who has lapsed only until promotional mail has gone out since, and with since "any mail" as late as `longestSilence` lets it be.',
      ),
    ),
  ),
  first: z.optional(
    lasting('With since "own": the first comes so long after the stage began, so that series do not begin together.'),
  ),
  steps: listOf(fieldsOf(stepFields), 'steps').check(
    z.minLength(1, { error: 'expected at least one step' }),
    z.describe('Taken in turn.'),
  ),
}).check(z.describe('Mails at an interval.'));

const traitSeries = fieldsOf({
  id: seriesId,
  ...audience,
  trigger: z.literal('trait'),
  trait: name.check(z.describe('Getting this trait begins the series; losing it ends it.')),
  stages: onlyInStages,
  steps: listOf(
    fieldsOf({ ...stepFields, after: lasting('The moment of the step, counted from getting the trait.') }),
    'steps',
  ).check(z.describe('The mails of the series.')),
}).check(z.describe('Mails that follow the beginning of a trait.'));

const caseSeries = fieldsOf({
  id: seriesId,
  ...audience,
  trigger: z.literal('case'),
  of: oneOf(CASE_KINDS, 'What kind of case: something that begins, ends, and belongs to this customer.'),
  stages: onlyInStages,
  steps: listOf(
    fieldsOf({
      ...stepFields,
      from: oneOf(
        ['opened', 'closed', 'ended'],
        'What of the case the step follows: that it was opened; that somebody closed it; that it ended by itself because nobody did.',
      ),
      after: lasting('The moment of the step, counted from that end.'),
      hadFor,
      every: z.optional(rhythm('The step repeats at this interval.')),
      times: z.optional(count.check(z.describe('How many times in all, when the step repeats.'))),
      notWith: z.optional(
        name.check(
          z.describe('Another step of the series: where both would come at the same moment, only the other one comes.'),
        ),
      ),
      about: z.optional(
        listOf(name, 'names').check(
          z.describe(
            'Only for cases about one of these: an answer, a kind of referrer, a reason, "priced" or "unpriced".',
          ),
        ),
      ),
      saidBy: z.optional(
        name.check(
          z.describe(
            'Another step, whose mail says the same of the newest such case: what that one said is not said again, and while it is to come it is waited for, a day at most.',
          ),
        ),
      ),
      throughTrouble: z.optional(
        lasting(
          'Held back by a dissatisfaction, it is sent when that ends within this time of the case, without further rest.',
        ),
      ),
    }),
    'steps',
  ).check(z.describe('The mails of the series.')),
}).check(z.describe('Mails that follow the beginning or the end of a case.'));

const campaignSeries = fieldsOf({
  id: seriesId,
  ...audience,
  trigger: z.literal('campaign'),
  steps: listOf(fieldsOf(stepFields), 'steps').check(
    z.describe('The mails a campaign may send; `npm run campaign` says which, to whom and when.'),
  ),
}).check(z.describe('Mails that go out when somebody starts a campaign.'));

export const programme = fieldsOf({
  id: name.check(z.describe('The name of the programme, unique in the playbook.')),
  afterUnknown: z
    .enum(['give up', 'repeat once'], { error: 'expected "give up" or "repeat once"' })
    .check(z.describe('What to do when nobody can say whether a message went out: give it up, or send it once more.')),
  startsAt: z.optional(pointInTime('No moment before this is decided.')),
  series: listOf(
    z.discriminatedUnion('trigger', [stageSeries, intervalSeries, traitSeries, caseSeries, campaignSeries], {
      error: 'expected a trigger, "stage", "interval", "trait", "case" or "campaign"',
    }),
    'series, each with a trigger',
  ).check(z.describe('Its steps, grouped by what they follow.')),
});

export type Programme = z.output<typeof programme>;
export type Series = Programme['series'][number];
export type StageSeries = Extract<Series, { trigger: 'stage' }>;
export type IntervalSeries = Extract<Series, { trigger: 'interval' }>;
export type TraitSeries = Extract<Series, { trigger: 'trait' }>;
export type CaseSeries = Extract<Series, { trigger: 'case' }>;
export type CampaignSeries = Extract<Series, { trigger: 'campaign' }>;
export type Step = IntervalSeries['steps'][number];
