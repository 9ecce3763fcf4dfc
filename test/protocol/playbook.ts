/** A playbook in which everything the sending protocol speaks of happens within minutes. */
import { parsePlaybook, type Playbook } from '../../shared/lifecycle/playbook.ts';

const promotional = { class: 'promotional', fresh: '2 hours', after: '0 days' } as const;
const service = { class: 'service', fresh: '2 hours', after: '0 days' } as const;

/**
 * Two programmes of promotional mail that compete as soon as somebody buys, one of them repeating after an unknown
 * outcome, and recovery, which repeats too.
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
      dissatisfied: { maximumAge: '45 days', quietAfter: '1 hour' },
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
    offers: {},
    programmes: [
      {
        id: 'recovery',
        afterUnknown: 'repeat once',
        series: [
          {
            id: 'complaint',
            trigger: 'complaint',
            steps: [
              { ...service, id: 'apology', priority: 100, from: 'opened' },
              { ...service, id: 'resolved', priority: 99, from: 'resolved' },
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
    ],
  });
}
