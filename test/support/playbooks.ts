/** The playbook the project ships, and variations of it for tests. */
import { readFileSync } from 'node:fs';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import type { Series, Step } from '../../shared/lifecycle/playbook/series.ts';
import type { StagePolicy } from '../../shared/lifecycle/stage.ts';
import { DAY, HOUR } from '../../shared/lifecycle/time.ts';

const PLAYBOOK = new URL('../../shared/content/playbook.json', import.meta.url);

/** The shipped playbook as plain JSON, fresh each time, for tests that change it before it is parsed. */
export function playbookJson(): Record<string, unknown> {
  const json: Record<string, unknown> = JSON.parse(readFileSync(PLAYBOOK, 'utf8'));
  return json;
}

/**
 * A playbook whose numbers the tests of rules rely on, so that a marketer may change the shipped one freely: the same
 * programmes, but stages by the numbers below and no quiet hours.
 */
export const SHIPPED: Playbook = parsePlaybook(playbookJson());

export const POLICY: StagePolicy = {
  onboardingWindow: 60 * DAY,
  cadence: { rule: 'fixed', atRiskAfter: 90 * DAY, lapsedAfter: 180 * DAY },
  minimumAtRisk: 14 * DAY,
  loginHabit: { loginDays: 4, within: 60 * DAY, atLeast: 21 * DAY, gaps: 3 },
  loyal: { orders: 4, since: 180 * DAY, spend: { USD: 20_000, EUR: 20_000 } },
  dissatisfied: {
    maximumAge: 45 * DAY,
    quietAfter: 7 * DAY,
    rating: { atMost: 2, lasts: 30 * DAY, endedBy: 4 },
  },
  critic: { score: 6, complaints: 2, ratings: 2, within: 180 * DAY, after: 30 * DAY },
};

export const OWN_GAP: StagePolicy = {
  ...POLICY,
  cadence: {
    rule: 'ownGap',
    populationGap: 45 * DAY,
    atRiskGaps: 2,
    lapsedGaps: 4.5,
    atRiskNotBefore: 21 * DAY,
    lapsedNotBefore: 60 * DAY,
  },
};

/** Parameters of a shop much like the public data sets: half of those who buy once never return. */
export const MBG: StagePolicy = {
  ...POLICY,
  cadence: {
    rule: 'mbg',
    r: 0.5,
    alpha: 6,
    a: 0.9,
    b: 1.6,
    horizon: 90 * DAY,
    lapsedAbove: 0.85,
    populationGap: 45 * DAY,
    atRiskGaps: 3,
    atRiskNotBefore: 21 * DAY,
    lapsedNotBefore: 60 * DAY,
  },
};

/** Thresholds of the traits; none of the shop's own. */
export const TRAIT_POLICY: Playbook['traits'] = {
  looker: { views: 3, visits: 2, within: 14 * DAY },
  researcher: { studies: 3, categoryViews: 8, within: 14 * DAY, quiet: 30 * DAY },
  hesitant: { days: 3, within: 14 * DAY, undecided: DAY, lasts: 7 * DAY },
  ready: { lasts: DAY },
  bargain: { policy: 'best_price', orders: 2, discounted: 0.6, warnAt: 0.4 },
  impulse: { within: HOUR, views: 3, lasts: 30 * DAY, refunds: 2, refundsWithin: 90 * DAY },
  switcher: { lasts: 90 * DAY },
  neutral: {
    lowest: 7,
    highest: 8,
    valid: 180 * DAY,
    orders: 3,
    irregularity: 0.8,
    mailsWithoutClick: 5,
    clicksReported: false,
  },
  promoter: { score: 9, valid: 180 * DAY, referrals: 2 },
  recentTrouble: { lasts: 60 * DAY },
  badExperience: { lasts: 180 * DAY },
  keyAccount: { top: 0.02, stays: 0.04, orders: 2, early: 0.8 },
  interested: { lasts: 7 * DAY },
  own: [],
};

/** No hour is quiet. */
const NO_QUIET_HOURS: Playbook['quietHours'] = {
  from: 0,
  to: 0,
  spread: 0,
  withoutZone: { from: 0, to: 0, timeZone: 'UTC' },
};

/** A promotional step, fresh for a week, unless said otherwise. */
export const step = (id: string, priority: number, fields: Partial<Step> = {}): Step => ({
  id,
  class: 'promotional',
  priority,
  fresh: 7 * DAY,
  ...fields,
});

/** The playbook of the unit tests: small, with every kind of series, and nothing quiet. */
export const PLAYBOOK_FOR_RULES: Playbook = {
  stages: POLICY,
  caps: { perDay: 1, perWeek: 2, per30Days: 4, lessOften: { perDay: 1, perWeek: 1, per30Days: 2 } },
  bounces: { transient: 3, within: 14 * DAY, rest: 30 * DAY },
  quietHours: NO_QUIET_HOURS,
  repeatAfter: 60 * DAY,
  longestSilence: 44 * DAY,
  longestWait: 21 * DAY,
  cooldown: 60 * DAY,
  traits: TRAIT_POLICY,
  offers: {
    barred: 30 * DAY,
    confirmWithin: DAY,
    byName: {
      'win-back': {
        codes: 'announce',
        worth: [{ percent: 10 }],
        lasts: 14 * DAY,
        terms: { en: 'once' },
        budget: { offers: 500, per: 30 * DAY },
      },
    },
  },
  attention: {
    'severe-complaint': 'high',
    critic: 'normal',
    'loyal-critic': 'high',
    'key-account': 'normal',
    'key-account-at-risk': 'high',
    'key-account-benefit': 'normal',
    'change-without-cost': 'normal',
    'named-obstacle': 'normal',
    'unanswered-objection': 'normal',
    answer: 'high',
  },
  programmes: [
    {
      id: 'recovery',
      afterUnknown: 'repeat once',
      series: [
        {
          id: 'complaint',
          trigger: 'case',
          of: 'complaint',
          steps: [
            { ...step('apology', 100, { class: 'service', fresh: 14 * DAY }), from: 'opened', after: 0 },
            {
              ...step('status', 98, { class: 'service', fresh: 3 * DAY }),
              from: 'opened',
              after: 3 * DAY,
              every: 3 * DAY,
              times: 9,
            },
            { ...step('resolved', 99, { class: 'service', fresh: 14 * DAY }), from: 'closed', after: 0 },
          ],
        },
      ],
    },
    {
      id: 'onboarding',
      afterUnknown: 'give up',
      series: [
        {
          id: 'first-steps',
          trigger: 'stage',
          stage: 'new',
          steps: [
            { ...step('welcome', 80, { fresh: 3 * DAY, answersAct: true, variants: ['returning'] }), after: 0 },
            { ...step('guide', 79), after: 7 * DAY, afterDelivery: 2 * DAY },
            { ...step('check-in', 78), after: 21 * DAY },
          ],
        },
      ],
    },
    {
      id: 'win-back',
      afterUnknown: 'give up',
      series: [
        {
          id: 'return',
          trigger: 'stage',
          stage: 'lapsed',
          steps: [
            { ...step('ask', 72, { asks: { question: 'reason', answers: ['price', 'other'] } }), after: 0 },
            { ...step('improved', 71, { needs: ['improvement'] }), after: 10 * DAY },
            { ...step('offer', 70, { offer: 'win-back' }), after: 24 * DAY },
          ],
        },
      ],
    },
    {
      id: 'retention',
      afterUnknown: 'give up',
      series: [
        {
          id: 'at-risk',
          trigger: 'stage',
          stage: 'at_risk',
          steps: [
            { ...step('check-in', 62), after: 0 },
            { ...step('reminder', 61), after: 14 * DAY },
          ],
        },
        {
          id: 'appreciation',
          trigger: 'interval',
          stages: ['loyal'],
          every: 90 * DAY,
          since: 'own',
          steps: [step('appreciation', 50)],
        },
        {
          id: 'in-touch',
          trigger: 'interval',
          stages: ['active', 'loyal'],
          every: 40 * DAY,
          since: 'any mail',
          steps: [step('make-the-most', 43), step('benefits', 42), step('your-view', 41)],
        },
      ],
    },
  ],
};

/** The playbook of the unit tests with one programme of these series and no other. */
export const playing = (...series: readonly Series[]): Playbook => ({
  ...PLAYBOOK_FOR_RULES,
  programmes: [{ id: 'tests', afterUnknown: 'give up', series: [...series] }],
});
