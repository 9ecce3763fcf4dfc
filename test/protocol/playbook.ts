/** A playbook in which everything the sending protocol speaks of happens within minutes. */
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';

const promotional = { class: 'promotional', fresh: '2 hours', after: '0 days' } as const;
const service = { class: 'service', fresh: '2 hours', after: '0 days' } as const;

/**
 * Two programmes of promotional mail that compete as soon as somebody buys, one of them repeating after an unknown
 * outcome, and recovery, which repeats too; and one that follows a checkout, and an answer to "would you recommend us",
 * with an offer.
 *
 * @param perDay promotional mails to one person in 24 hours; whoever wants less gets one
 */
export function hurried(perDay: number): Playbook {
  const known = parsed.get(perDay);
  if (known !== undefined) return known;
  const playbook = parseHurried(perDay);
  parsed.set(perDay, playbook);
  return playbook;
}

/** What makes a trait; the histories hold a checkout, a rating and answers to "would you recommend us". */
const TRAITS = {
  looker: { views: 3, visits: 2, within: '14 days' },
  researcher: { studies: 3, categoryViews: 8, within: '14 days', quiet: '30 days' },
  hesitant: { days: 3, within: '14 days', undecided: '24 hours', lasts: '7 days' },
  ready: { lasts: '24 hours' },
  bargain: { policy: 'ignore', orders: 2, discounted: 0.6, warnAt: 0.4 },
  impulse: { within: '1 hour', views: 3, lasts: '30 days', refunds: 2, refundsWithin: '90 days' },
  switcher: { lasts: '90 days' },
  neutral: {
    lowest: 7,
    highest: 8,
    valid: '180 days',
    orders: 3,
    irregularity: 0.8,
    mailsWithoutClick: 5,
    clicksReported: false,
  },
  promoter: { score: 9, valid: '180 days', referrals: 2 },
  recentTrouble: { lasts: '60 days' },
  badExperience: { lasts: '180 days' },
  keyAccount: { top: 0.02, stays: 0.04, orders: 2, early: 0.8 },
  interested: { lasts: '7 days' },
  own: [],
};
const ATTENTION = {
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
};

/** Parsing takes as long as half a history. */
const parsed = new Map<number, Playbook>();

function parseHurried(perDay: number): Playbook {
  const caps = { perDay, perWeek: perDay, per30Days: perDay };
  return parsePlaybook({
    stages: {
      onboardingWindow: '60 days',
      cadence: { rule: 'fixed', atRiskAfter: '90 days', lapsedAfter: '180 days' },
      minimumAtRisk: '14 days',
      loginHabit: { loginDays: 4, within: '60 days', atLeast: '21 days', gaps: 3 },
      loyal: { orders: 9, since: '180 days', spend: { USD: 900 } },
      dissatisfied: {
        maximumAge: '45 days',
        quietAfter: '1 hour',
        rating: { atMost: 2, lasts: '30 days', endedBy: 4 },
      },
      critic: { score: 6, complaints: 9, ratings: 9, within: '180 days', after: '30 days' },
    },
    caps: { ...caps, lessOften: { perDay: 1, perWeek: 1, per30Days: 1 } },
    bounces: { transient: 3, within: '14 days', rest: '30 days' },
    quietHours: {
      from: '00:00',
      to: '00:00',
      spread: '0 minutes',
      withoutZone: { from: '00:00', to: '00:00', timeZone: 'UTC' },
    },
    repeatAfter: '60 days',
    longestSilence: '44 days',
    longestWait: '21 days',
    cooldown: '60 days',
    traits: TRAITS,
    attention: ATTENTION,
    offers: {
      barred: '30 days',
      confirmWithin: '24 hours',
      byName: {
        bonus: {
          codes: 'announce',
          worth: [{ percent: 10 }],
          lasts: '30 days',
          terms: { en: 'Once.' },
          budget: { offers: 500, per: '30 days' },
        },
      },
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
              { ...service, id: 'apology', priority: 100, from: 'opened' },
              { ...service, id: 'resolved', priority: 99, from: 'closed' },
            ],
          },
          {
            id: 'rating',
            trigger: 'case',
            of: 'rating',
            steps: [{ ...service, id: 'bad-rating', priority: 98, from: 'opened' }],
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
              { ...promotional, id: 'welcome', priority: 80 },
              { ...promotional, id: 'check-in', priority: 70 },
            ],
          },
        ],
      },
      {
        id: 'tips',
        afterUnknown: 'repeat once',
        series: [
          {
            id: 'tips',
            trigger: 'stage',
            stage: 'new',
            steps: [{ ...promotional, id: 'tip', priority: 75 }],
          },
        ],
      },
      {
        id: 'nurture',
        afterUnknown: 'give up',
        series: [
          {
            id: 'ready',
            trigger: 'case',
            of: 'checkout',
            steps: [
              {
                ...promotional,
                id: 'resume',
                priority: 60,
                from: 'opened',
                cooldown: '1 hour',
                throughTrouble: '72 hours',
              },
            ],
          },
          {
            id: 'promoter',
            trigger: 'trait',
            trait: 'promoter',
            unless: ['was-critic'],
            steps: [{ ...promotional, id: 'bonus', priority: 50, offer: 'bonus' }],
          },
        ],
      },
    ],
  });
}
