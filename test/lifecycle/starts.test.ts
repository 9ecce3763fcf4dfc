/** Since when moments count: the start of a programme, the activation of a policy, the import of a customer. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../shared/lifecycle/customer/decide.ts';
import { nextDue } from '../../shared/lifecycle/customer/due.ts';
import { placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import { countedFrom, decidesFrom } from '../../shared/lifecycle/customer/starts.ts';
import { findStep, type Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';
import { customerAfter, type Memory } from '../support/customers.ts';
import { bought, complained, day } from '../support/events.ts';
import { historyOf, ORDINARY } from '../support/histories.ts';
import { Pipeline } from '../support/pipeline.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';
import { assert } from '../support/property.ts';

const WELCOME = '1/onboarding/welcome/1';

function activeFrom(at: Instant): Playbook {
  return { ...PLAYBOOK_FOR_RULES, stages: { ...PLAYBOOK_FOR_RULES.stages, activeFrom: at } };
}

function starting(at: Instant): Playbook {
  const programmes = PLAYBOOK_FOR_RULES.programmes.map((each) => ({ ...each, startsAt: at }));
  return { ...activeFrom(day(2)), programmes };
}

function placed(programme: string, step: string, playbook: Playbook) {
  const found = findStep(playbook, programme, step);
  if (found === undefined) throw new Error(`no ${programme}/${step}`);
  return found;
}

function pendingAfter(events: Parameters<typeof customerAfter>[0], t: Instant, memory: Memory, playbook: Playbook) {
  const customer = customerAfter(events, t, { pending: {}, ...memory }, playbook);
  return Object.keys(decide(customer, playbook, t).pending);
}

describe('moments count', () => {
  it('from the latest of the programme, the policy and the customer on', () => {
    const from = (programmeStart: Instant, startsAt?: Instant) => {
      const playbook = starting(programmeStart);
      const customer = startsAt === undefined ? {} : { startsAt };
      return decidesFrom(customer, placed('onboarding', 'welcome', playbook), playbook);
    };
    expect(from(day(1))).toBe(day(2));
    expect(from(day(3))).toBe(day(3));
    expect(from(day(3), day(4))).toBe(day(4));
    expect(from(day(1), day(1))).toBe(day(2));
    const plain = placed('onboarding', 'welcome', PLAYBOOK_FOR_RULES);
    expect(decidesFrom({}, plain, PLAYBOOK_FOR_RULES)).toBe(0);
  });

  it('from the activation of a policy on, but for those of a case, which is none of its business', () => {
    const playbook = activeFrom(day(1));
    expect(pendingAfter([bought(day(0))], day(1), {}, activeFrom(day(0)))).toStrictEqual([WELCOME]);
    expect(pendingAfter([bought(day(0))], day(1), {}, playbook)).toStrictEqual([]);
    expect(pendingAfter([complained(day(0), 'k')], day(1), {}, playbook)).toStrictEqual(['1/recovery/apology/k']);
  });

  it('from the import of a customer on, whatever they follow', () => {
    expect(pendingAfter([bought(day(0))], day(1), { startsAt: day(0) }, PLAYBOOK_FOR_RULES)).toStrictEqual([WELCOME]);
    expect(pendingAfter([bought(day(0))], day(1), { startsAt: day(1) }, PLAYBOOK_FOR_RULES)).toStrictEqual([]);
    expect(pendingAfter([complained(day(0), 'k')], day(1), { startsAt: day(1) }, PLAYBOOK_FOR_RULES)).toStrictEqual([]);
  });

  it('no less when the message was decided before: it still goes out', () => {
    const waiting = { [WELCOME]: { moment: day(0), decidedAt: day(0), attempt: 1 } };
    const memory: Memory = { pending: waiting, startsAt: day(1) };
    expect(pendingAfter([bought(day(0))], day(1), memory, activeFrom(day(1)))).toStrictEqual([WELCOME]);
  });

  it('for the timer, too: nothing is looked at for a moment that does not count', () => {
    const customer = customerAfter([bought(day(0))], day(1), {
      pending: {},
      closed: [{ key: WELCOME, until: day(9) }],
    });
    expect(nextDue(customer, PLAYBOOK_FOR_RULES, day(1))).toBe(day(7));
    expect(nextDue({ ...customer, startsAt: day(8) }, PLAYBOOK_FOR_RULES, day(1))).toBe(day(8));
  });

  it('for nobody before the activation of the policy, whatever happens', async () => {
    await assert(
      fc.asyncProperty(historyOf(ORDINARY), fc.integer({ min: 0, max: 60 }), async (history, days) => {
        const first = history[0]?.occurredAt ?? 0;
        const from = first + days * DAY;
        const playbook = activeFrom(from);
        const pipeline = new Pipeline(playbook, first);
        await pipeline.play(history);
        await pipeline.waitUntil((history.at(-1)?.occurredAt ?? 0) + 200 * DAY);
        for (const { customerId } of pipeline.store.profiles) {
          for (const { key, moment } of await pipeline.store.readLedger(customerId)) {
            const trigger = placedOf(key, playbook)?.series.trigger;
            const follows = trigger !== 'case' && trigger !== 'campaign';
            expect(moment).toBeGreaterThanOrEqual(follows ? from : 0);
          }
        }
      }),
      24,
    );
  });
});

describe('the mails of a stage', () => {
  it('are counted from the day of their own of whoever was silent when they were imported', () => {
    const imported = { startsAt: day(100), waveAt: day(107) };
    expect(countedFrom(imported, 'lapsed', day(99))).toBe(day(107));
    expect(countedFrom(imported, 'at_risk', day(99))).toBe(day(107));
    expect(countedFrom(imported, 'lapsed', day(100))).toBe(day(100));
    // Silent anew before a later import.
    expect(countedFrom({ startsAt: day(300), waveAt: day(107) }, 'lapsed', day(250))).toBe(day(250));
    expect(countedFrom(imported, 'new', day(99))).toBe(day(99));
    expect(countedFrom({ startsAt: day(100) }, 'lapsed', day(99))).toBe(day(99));
    expect(countedFrom({}, 'lapsed', day(99))).toBe(day(99));
  });

  it('reach them from that day on, and nobody else', async () => {
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- it stands beside the test it serves
    const sentFrom = async (memory: { readonly startsAt?: Instant; readonly waveAt?: Instant }) => {
      const pipeline = new Pipeline(PLAYBOOK_FOR_RULES, day(400));
      const silent = customerAfter([bought(day(0))], day(400), { pending: {}, ...memory });
      await pipeline.store.save({ ...silent, version: 1, dueAt: day(400) }, 0);
      await pipeline.waitUntil(day(460));
      return pipeline.mailer.accepted.filter(({ key }) => key.includes('win-back')).map(({ at }) => at);
    };
    expect(await sentFrom({ startsAt: day(400) })).toStrictEqual([]);
    const [first] = await sentFrom({ startsAt: day(400), waveAt: day(410) });
    expect(first).toBeGreaterThanOrEqual(day(410));
    expect(first).toBeLessThan(day(411));
  });
});
