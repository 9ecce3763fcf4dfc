/** The playbook the project ships, and variations of it for tests. */
import { readFileSync } from 'node:fs';
import { type Playbook, parsePlaybook, type Step } from '../../shared/lifecycle/playbook.ts';
import type { StagePolicy } from '../../shared/lifecycle/stage.ts';
import { DAY } from '../../shared/lifecycle/time.ts';

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
  dissatisfied: { maximumAge: 45 * DAY, quietAfter: 7 * DAY },
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

/** No hour is quiet. */
const NO_QUIET_HOURS: Playbook['quietHours'] = {
  from: 0,
  to: 0,
  spread: 0,
  withoutZone: { from: 0, to: 0, timeZone: 'UTC' },
};

const step = (id: string, priority: number, fields: Partial<Step> = {}): Step => ({
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
  offers: { 'win-back': { code: 'C', value: '10 %', lasts: 14 * DAY, terms: 'once' } },
  programmes: [
    {
      id: 'recovery',
      afterUnknown: 'repeat once',
      series: [
        {
          id: 'complaint',
          trigger: 'complaint',
          steps: [
            { ...step('apology', 100, { class: 'service', fresh: 14 * DAY }), from: 'opened', after: 0 },
            {
              ...step('status', 98, { class: 'service', fresh: 3 * DAY }),
              from: 'opened',
              after: 3 * DAY,
              every: 3 * DAY,
              times: 9,
            },
            { ...step('resolved', 99, { class: 'service', fresh: 14 * DAY }), from: 'resolved', after: 0 },
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
            { ...step('improved', 71, { needs: 'improvement' }), after: 10 * DAY },
            { ...step('offer', 70, { needs: 'offer' }), after: 24 * DAY },
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
