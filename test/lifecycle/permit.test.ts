/** The rules at the claim, one by one, and who goes first. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { type Circumstances, isHeldOut, isNews, permit, type Verdict } from '../../shared/lifecycle/customer/permit.ts';
import type { Pending } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { customerAfter, type Memory } from '../support/customers.ts';
import { bought, complained, day, event, resolved } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';

const OPEN: Circumstances = { holdout: { share: 0, salt: 's' }, improvements: [] };
const WELCOME = '1/onboarding/welcome/1';
const GUIDE = '1/onboarding/guide/1';
const waiting = (moment: Instant): Pending => ({ moment, decidedAt: moment, attempt: 1 });

interface Given {
  readonly events?: readonly CustomerEvent[];
  readonly memory?: Memory;
  readonly t?: Instant;
  readonly key?: string;
  readonly moment?: Instant;
  readonly playbook?: Playbook;
  readonly circumstances?: Circumstances;
}

/** Given a reachable new customer, unless stated otherwise, when the welcome is claimed, then this is the verdict. */
function verdictOn({
  events = [bought(day(0))],
  memory = {},
  t = day(0),
  key = WELCOME,
  moment = t,
  playbook = PLAYBOOK_FOR_RULES,
  circumstances = OPEN,
}: Given): Verdict {
  const message = waiting(moment);
  const customer = customerAfter(events, t, { ...memory, pending: { ...memory.pending, [key]: message } }, playbook);
  return permit(customer, key, message, playbook, t, circumstances);
}

const withheld = (reason: string) => ({ kind: 'close', outcome: 'withheld', reason });
const told = (type: string, data: Readonly<Record<string, unknown>>, at = day(0)) => event(type, at, data);

describe('a message may go', () => {
  it('to a reachable customer who wants it', () => {
    expect(verdictOn({})).toMatchObject({
      kind: 'send',
      email: 'anna@example.com',
      placed: { step: { id: 'welcome' }, programme: { id: 'onboarding' } },
    });
  });

  it('not when it is no longer wanted', () => {
    expect(verdictOn({ events: [] })).toStrictEqual({ kind: 'close', outcome: 'cancelled', reason: 'stage is lead' });
    expect(verdictOn({ moment: day(-4), t: day(0) })).toStrictEqual(withheld('stale'));
  });

  it('not without an address', () => {
    const events = [bought(day(0))];
    const customer = customerAfter(events, day(0));
    const nowhere = { ...customer, facts: { ...customer.facts, person: [] } };
    const verdict = permit(nowhere, WELCOME, waiting(day(0)), PLAYBOOK_FOR_RULES, day(0), OPEN);
    expect(verdict).toStrictEqual(withheld('no address'));
  });

  it('not without consent', () => {
    const consent = { marketing: 'none', source: 'centre', at: new Date(day(0.5)).toISOString() };
    const events = [bought(day(0)), told('Profile Updated', { consent }, day(1))];
    expect(verdictOn({ events, t: day(1) })).toStrictEqual(withheld('no consent'));
  });

  it('not with a soft opt-in that is too old', () => {
    const consent = { marketing: 'soft_opt_in', source: 'checkout', at: new Date(day(1)).toISOString() };
    const at = (t: number) =>
      verdictOn({ events: [told('Profile Updated', { consent }, day(1)), bought(day(t))], t: day(t) });
    expect(at(700).kind).toBe('send');
    expect(at(731)).toStrictEqual(withheld('no consent'));
  });

  it('not while a complaint is open, nor for a week after', () => {
    const events = [bought(day(0)), complained(day(1)), resolved(day(1.5))];
    const at = (t: number) => verdictOn({ events, t: day(t), moment: day(t) });
    expect(at(1.6)).toStrictEqual(withheld('open complaint'));
    expect(at(8.5 - 1 / DAY)).toStrictEqual(withheld('open complaint'));
    expect(at(8.5).kind).toBe('send');
  });

  it('not when the complaint is recorded, but stamped by a clock ahead of ours', () => {
    const events = [bought(day(0)), complained(day(1) + 1)];
    expect(verdictOn({ events, t: day(1), moment: day(1) })).toStrictEqual(withheld('open complaint'));
  });

  it('not to the holdout', () => {
    expect(verdictOn({ circumstances: { ...OPEN, holdout: { share: 1, salt: 's' } } })).toStrictEqual(
      withheld('holdout'),
    );
  });

  it('not twice the same step, whatever the key', () => {
    const at = (sent: Instant) => verdictOn({ memory: { recent: [{ key: '1/onboarding/welcome/0', at: sent }] } });
    expect(at(day(-60) + 1)).toStrictEqual(withheld('same step recently'));
    expect(at(day(-60)).kind).toBe('send');
  });

  const lapsed = [bought(day(0), 'a'), bought(day(10), 'b')];

  it('with an offer only if there is one', () => {
    const given: Given = { events: lapsed, t: day(214), key: '1/win-back/offer/1' };
    expect(verdictOn(given).kind).toBe('send');
    expect(verdictOn({ ...given, playbook: { ...PLAYBOOK_FOR_RULES, offers: {} } })).toStrictEqual(
      withheld('no offer'),
    );
  });

  it('with an improvement only if there is one since the last order', () => {
    const at = (...improvements: readonly Instant[]) =>
      verdictOn({
        events: lapsed,
        t: day(200),
        key: '1/win-back/improved/1',
        circumstances: { ...OPEN, improvements },
      });
    expect(at()).toStrictEqual(withheld('nothing to report'));
    expect(at(day(10))).toStrictEqual(withheld('nothing to report'));
    expect(at(day(10) + 1).kind).toBe('send');
    expect(at(day(201), day(5))).toStrictEqual(withheld('nothing to report'));
    expect(at(day(201), day(20)).kind).toBe('send');
  });

  it('an improvement is news after the last visit, and no promise', () => {
    expect([isNews(5, 5, 9), isNews(6, 5, 9), isNews(9, 5, 9), isNews(10, 5, 9)]).toStrictEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('a service message', () => {
  it('goes out whatever promotion has to obey', () => {
    const consent = { marketing: 'none', source: 'centre', at: new Date(day(0)).toISOString() };
    const night = { ...PLAYBOOK_FOR_RULES.quietHours, withoutZone: { from: 0, to: 1439, timeZone: 'UTC' } };
    const recent = Array.from({ length: 9 }, (_, index) => ({ key: `1/retention/benefits/${index}`, at: day(0.9) }));
    const verdict = verdictOn({
      events: [told('Profile Updated', { consent }), complained(day(1))],
      memory: { recent: [...recent, { key: '1/recovery/apology/other', at: day(0.9) }] },
      key: '1/recovery/apology/k-1',
      t: day(1),
      playbook: { ...PLAYBOOK_FOR_RULES, quietHours: night },
      circumstances: { ...OPEN, holdout: { share: 1, salt: 's' } },
    });
    expect(verdict).toMatchObject({ kind: 'send' });
  });
});

describe('quiet hours', () => {
  const night = (from: number, to: number): Playbook => ({
    ...PLAYBOOK_FOR_RULES,
    quietHours: { from, to, spread: 0, withoutZone: { from, to, timeZone: 'UTC' } },
  });
  // The test days begin at noon: minute 720.
  const noon = night(700, 780);

  it('defer to their end', () => {
    expect(verdictOn({ key: GUIDE, t: day(7), playbook: noon })).toStrictEqual({
      kind: 'defer',
      until: day(7) + HOUR,
      reason: 'quiet hours',
    });
  });

  it('let through what answers an act of the last quarter of an hour', () => {
    const late = (by: number) => verdictOn({ moment: day(0), t: day(0) + by, playbook: noon });
    expect(late(15 * MINUTE).kind).toBe('send');
    expect(late(15 * MINUTE + 1)).toMatchObject({ kind: 'defer', until: day(0) + HOUR });
    expect(verdictOn({ key: GUIDE, t: day(7), playbook: night(0, 700) }).kind).toBe('send');
  });
});

describe('frequency caps', () => {
  const mail = (at: Instant, index = 0) => ({ key: `1/retention/step-${index}/1`, at });
  const after = (...ago: readonly number[]) =>
    verdictOn({ memory: { recent: ago.map((each, index) => mail(day(0) - each, index)) } });

  it('one a day, two a week, four in thirty days', () => {
    expect(after(DAY).kind).toBe('send');
    expect(after(DAY - 1)).toStrictEqual(withheld('frequency cap'));
    expect(after(DAY, 7 * DAY).kind).toBe('send');
    expect(after(DAY, 7 * DAY - 1)).toStrictEqual(withheld('frequency cap'));
    expect(after(DAY, 8 * DAY, 9 * DAY, 30 * DAY).kind).toBe('send');
    expect(after(DAY, 8 * DAY, 9 * DAY, 30 * DAY - 1)).toStrictEqual(withheld('frequency cap'));
  });

  it('count promotional mail only, and a step that left the playbook on the careful side', () => {
    const recent = [{ key: '1/recovery/apology/k', at: day(0) }];
    expect(verdictOn({ memory: { recent } }).kind).toBe('send');
    const [recovery, onboarding, ...others] = PLAYBOOK_FOR_RULES.programmes;
    if (!recovery || !onboarding) throw new Error('the playbook of the rules has changed');
    // One programme with steps of both classes: the guide is a service step, the check-in is not.
    const series = onboarding.series.map((each) =>
      each.trigger === 'stage'
        ? {
            ...each,
            steps: each.steps.map((step) => (step.id === 'guide' ? { ...step, class: 'service' as const } : step)),
          }
        : each,
    );
    const playbook = { ...PLAYBOOK_FOR_RULES, programmes: [recovery, { ...onboarding, series }, ...others] };
    const afterStep = (step: string) =>
      verdictOn({ memory: { recent: [{ key: `1/onboarding/${step}/0`, at: day(0) }] }, playbook });
    expect(afterStep('guide').kind).toBe('send');
    expect(afterStep('check-in')).toStrictEqual(withheld('frequency cap'));
    const status = [{ key: '1/recovery/status.2/k', at: day(0) }];
    expect(verdictOn({ memory: { recent: status } }).kind).toBe('send');
    expect(verdictOn({ memory: { recent: [{ key: '1/gone/step/1', at: day(0) }] } })).toStrictEqual(
      withheld('frequency cap'),
    );
  });
});

describe('rivals for the same slot', () => {
  const t = day(7);
  const deferred = { kind: 'defer', until: t + MINUTE, reason: 'another message first' };
  const guideWith = (memory: Memory) => verdictOn({ key: GUIDE, t, memory });

  it('one in the air is waited for', () => {
    const flight = { '1/retention/benefits/1': { ...waiting(t), token: 't', lease: t + HOUR } };
    expect(guideWith({ flight })).toStrictEqual(deferred);
    const service = { '1/recovery/apology/k': { ...waiting(t), token: 't', lease: t + HOUR } };
    expect(guideWith({ flight: service }).kind).toBe('send');
    expect(guideWith({ flight: { [GUIDE]: { ...waiting(t), token: 't', lease: t } } }).kind).toBe('send');
  });

  it('the one of higher priority goes first, with equal priority the smaller key', () => {
    expect(guideWith({ pending: { [WELCOME]: waiting(t) } })).toStrictEqual(deferred);
    expect(verdictOn({ t, memory: { pending: { [GUIDE]: waiting(t) } } }).kind).toBe('send');
    const level: Playbook = {
      ...PLAYBOOK_FOR_RULES,
      programmes: PLAYBOOK_FOR_RULES.programmes.map((each) => ({
        ...each,
        series: each.series.map((series) =>
          series.trigger === 'stage'
            ? { ...series, steps: series.steps.map((step) => ({ ...step, priority: 5 })) }
            : series,
        ),
      })),
    };
    expect(verdictOn({ t, playbook: level, memory: { pending: { [GUIDE]: waiting(t) } } })).toStrictEqual(deferred);
    expect(verdictOn({ t, playbook: level, key: GUIDE, memory: { pending: { [WELCOME]: waiting(t) } } }).kind).toBe(
      'send',
    );
  });

  it('one that waits, is not wanted, or is a service message is no rival', () => {
    expect(guideWith({ pending: { [WELCOME]: { ...waiting(t), notBefore: t + 1 } } }).kind).toBe('send');
    expect(guideWith({ pending: { [WELCOME]: { ...waiting(t), notBefore: t } } })).toStrictEqual(deferred);
    expect(guideWith({ pending: { [WELCOME]: waiting(day(0)) } }).kind).toBe('send');
    expect(guideWith({ pending: { '1/win-back/ask/1': waiting(t) } }).kind).toBe('send');
    const unhappyBefore = [bought(day(0)), complained(day(-10)), resolved(day(-9))];
    const pending = { '1/recovery/resolved/k-1': waiting(t) };
    expect(verdictOn({ events: unhappyBefore, key: GUIDE, t, memory: { pending } }).kind).toBe('send');
  });

  it('a rival counts on top of what was sent', () => {
    const wide: Playbook = { ...PLAYBOOK_FOR_RULES, caps: { perDay: 2, perWeek: 2, per30Days: 9 } };
    const recent = [{ key: '1/retention/benefits/1', at: t - 2 * DAY }];
    const pending = { [WELCOME]: waiting(t) };
    expect(verdictOn({ key: GUIDE, t, playbook: wide, memory: { pending } }).kind).toBe('send');
    expect(verdictOn({ key: GUIDE, t, playbook: wide, memory: { pending, recent } })).toStrictEqual(deferred);
  });
});

describe('the holdout', () => {
  const share = (part: number, salt: string) =>
    Array.from({ length: 4000 }, (_, index) => `c-${index}`).filter((id) => isHeldOut(id, { share: part, salt }));

  it('is a stable share of the customers, another one per salt', () => {
    expect(share(0, 'a')).toHaveLength(0);
    expect(share(1, 'a')).toHaveLength(4000);
    const tenth = share(0.1, 'a');
    expect(tenth.length).toBeGreaterThan(320);
    expect(tenth.length).toBeLessThan(480);
    expect(share(0.1, 'a')).toStrictEqual(tenth);
    expect(share(0.2, 'a').filter((id) => tenth.includes(id))).toStrictEqual(tenth);
    expect(share(0.1, 'b').filter((id) => tenth.includes(id)).length).toBeLessThan(100);
  });
});
