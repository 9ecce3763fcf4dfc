/** Deciding: what becomes pending, what is cancelled or withheld and why, and what is remembered. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { close, decide, forget, triedAgain } from '../../shared/lifecycle/customer/decide.ts';
import { nextDue } from '../../shared/lifecycle/customer/due.ts';
import type { Flight, Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
import { stillWanted } from '../../shared/lifecycle/customer/wanted.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Series } from '../../shared/lifecycle/playbook/series.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import { customerAfter, type Memory, reacted } from '../support/customers.ts';
import { bought, cancelledOrder, complained, day, delivered, resolved } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES, playing, SHIPPED, step } from '../support/playbooks.ts';

const WELCOME = '1/onboarding/welcome/1';
const GUIDE = '1/onboarding/guide/1';
const waiting = (moment: Instant, fields: Partial<Pending> = {}): Pending => ({
  moment,
  decidedAt: moment,
  attempt: 1,
  ...fields,
});
const flying = (moment: Instant): Flight => ({ ...waiting(moment), token: 't', lease: moment + HOUR });

/** Given these events and this memory, when decided at `t`, then these keys are pending. */
function pendingAfter(events: readonly CustomerEvent[], t: Instant, memory: Memory = {}, playbook?: Playbook) {
  const customer = customerAfter(events, t, { pending: {}, ...memory }, playbook);
  return Object.keys(decide(customer, playbook ?? PLAYBOOK_FOR_RULES, t).pending);
}

describe('deciding', () => {
  it('makes pending what has come and is fresh, with moment, cause and attempt 1', () => {
    const order = bought(day(0));
    expect(customerAfter([order], day(0)).pending).toStrictEqual({
      [WELCOME]: { moment: day(0), decidedAt: day(0), attempt: 1, cause: order.id },
    });
    expect(pendingAfter([order], day(0))).toStrictEqual([WELCOME]);
  });

  it('to the last instant of freshness and from the first of the moment', () => {
    const order = [bought(day(0))];
    expect(pendingAfter(order, day(3))).toStrictEqual([WELCOME]);
    expect(pendingAfter(order, day(3) + 1)).toStrictEqual([]);
    expect(pendingAfter(order, day(7) - 1)).toStrictEqual([]);
    expect(pendingAfter(order, day(7))).toStrictEqual([GUIDE]);
  });

  const memories: readonly (readonly [string, Memory])[] = [
    ['pending', { pending: { [WELCOME]: waiting(day(0)) } }],
    ['in the air', { flight: { [WELCOME]: flying(day(0)) } }],
    ['closing', { closing: { [WELCOME]: { ...waiting(day(0)), outcome: 'withheld', reason: 'x', closedAt: day(0) } } }],
    ['sent', { recent: [{ key: WELCOME, at: day(0) }] }],
    ['ended unsent', { closed: [{ key: WELCOME, until: day(3) }] }],
  ];

  it.each(memories)('decides nothing anew that is %s', (_what, memory) => {
    const customer = customerAfter([bought(day(0))], day(1), { pending: {}, ...memory });
    const decided = decide(customer, PLAYBOOK_FOR_RULES, day(1));
    expect(decided).toStrictEqual(customer);
  });

  it('is idempotent', () => {
    const decided = customerAfter([bought(day(0))], day(0));
    expect(decide(decided, PLAYBOOK_FOR_RULES, day(0))).toStrictEqual(decided);
  });

  it('decides a step that reached the person lately as well: the rule at the claim withholds it with its reason', () => {
    const recent = [{ key: '1/onboarding/welcome/0', at: day(0) }];
    expect(pendingAfter([bought(day(0))], day(1), { recent })).toStrictEqual([WELCOME]);
  });

  it('apologises for a second complaint as for the first', () => {
    const recent = [{ key: '1/recovery/apology/k-1', at: day(0) }];
    expect(pendingAfter([complained(day(2), 'k-2')], day(2), { recent })).toStrictEqual(['1/recovery/apology/k-2']);
  });

  it('makes pending no moment before the start of the programme', () => {
    const from = (startsAt: Instant): Playbook => ({
      ...PLAYBOOK_FOR_RULES,
      programmes: PLAYBOOK_FOR_RULES.programmes.map((each) => ({ ...each, startsAt })),
    });
    expect(pendingAfter([bought(day(0))], day(1), {}, from(day(0)))).toStrictEqual([WELCOME]);
    expect(pendingAfter([bought(day(0))], day(1), {}, from(day(0) + 1))).toStrictEqual([]);
  });

  it('uses up an episode of an interval series by its moment', () => {
    const active = [bought(day(6), 'a'), bought(day(10), 'b')];
    const customer = customerAfter(active, day(52));
    expect(customer.episodes['in-touch']).toStrictEqual({ n: 1, beganAt: day(50) });
    expect(Object.keys(customer.pending)).toStrictEqual(['1/retention/make-the-most/1']);
  });

  describe('a reminder that we exist', () => {
    const active = [bought(day(6), 'a'), bought(day(10), 'b')];
    const REMINDER = '1/retention/make-the-most/1';
    const OTHER = '1/retention/appreciation/1';
    const decidedWith = (memory: Memory, t = day(51)) => pendingAfter(active, t, { episodes: {}, ...memory });

    it('is not decided while another mail is under way, and keeps its turn', () => {
      expect(decidedWith({})).toStrictEqual([REMINDER]);
      expect(decidedWith({ flight: { [OTHER]: flying(day(50)) } })).toStrictEqual([]);
      expect(decidedWith({ flight: { '1/recovery/apology/k-1': flying(day(50)) } })).toStrictEqual([]);
      const closing = (attempt: number): Memory => ({
        closing: { [OTHER]: { ...waiting(day(50), { attempt }), outcome: 'failed', reason: 'x', closedAt: day(51) } },
      });
      expect(decidedWith(closing(2))).toStrictEqual([]);
      expect(decidedWith(closing(1))).toStrictEqual([REMINDER]);
      // Nothing came of the other one.
      expect(decidedWith({ closed: [{ key: OTHER, until: day(57) }] }, day(52))).toStrictEqual([REMINDER]);
      // It went out.
      expect(decidedWith({ recent: [{ key: OTHER, at: day(51) }] }, day(52))).toStrictEqual([]);
      expect(decidedWith({ recent: [{ key: OTHER, at: day(51) }] }, day(91))).toStrictEqual([REMINDER]);
    });

    const series = (id: string, since: 'own' | 'any mail'): Series => ({
      id,
      trigger: 'interval',
      stages: ['active'],
      every: 40 * DAY,
      since,
      steps: [step(id, 5)],
    });
    const reminding = playing(series('reminder', 'any mail'), series('other', 'own'));

    it('does not give way for longer than a day, nor to what cannot be made', () => {
      const beside = (fields: Partial<Pending>, t = day(50)) => {
        const pending = { '1/tests/other/1': waiting(day(50), fields) };
        const episodes = { other: { n: 1, beganAt: day(50) } };
        return pendingAfter(active, t, { pending, episodes }, reminding).includes('1/tests/reminder/1');
      };
      const heldBy = 'interest comes first';
      expect(beside({ notBefore: day(51), heldBy })).toBe(false);
      expect(beside({ notBefore: day(51) + 1, heldBy })).toBe(true);
      // Put off again and again, it does not silence the reminder either.
      expect(beside({ notBefore: day(50.5), heldBy }, day(50.5))).toBe(false);
      expect(beside({ notBefore: day(51.5), heldBy }, day(50.5))).toBe(true);
      // It may have arrived.
      expect(beside({ notBefore: day(53), attempt: 2 })).toBe(false);
      expect(beside({ notBefore: day(50.5), heldBy: 'cannot be made' })).toBe(true);
      expect(beside({ notBefore: day(50.5), heldBy: 'rate' })).toBe(false);
    });

    it('is dropped when another mail went out while it waited', () => {
      const pending = { [REMINDER]: waiting(day(50)) };
      const endOf = (at: Instant) => {
        const given = {
          pending,
          recent: [{ key: '1/recovery/apology/k-1', at }],
          episodes: { 'in-touch': { n: 1, beganAt: day(50) } },
        };
        return decide(customerAfter(active, day(51), given), PLAYBOOK_FOR_RULES, day(51)).closing[REMINDER];
      };
      expect(endOf(day(50))).toMatchObject({ outcome: 'cancelled', reason: 'no longer fits' });
      expect(endOf(day(50) - 1)).toBeUndefined();
    });

    it('that was kept back gives its turn to another step at once, and to none for days when all were', () => {
      const every = 39;
      const nextOn = (reason: string, others: number) => {
        const { n, beganAt } = triedAgain({ n: 1, beganAt: day(50) }, REMINDER, reason, SHIPPED, others);
        expect(n).toBe(1);
        return (beganAt - day(0)) / DAY + every;
      };
      for (const reason of ['sent back', 'no content', 'no benefit', 'same step recently']) {
        expect([0, 1, 2].map((others) => nextOn(reason, others))).toEqual([50, 50, 55]);
      }
      for (const reason of ['open complaint', 'stale']) expect(nextOn(reason, 0)).toBe(55);
      for (const reason of ['unsubscribed', 'holdout']) expect(nextOn(reason, 0)).toBe(50 + every);
    });

    it('is decided last: what comes at the same moment goes first, wherever the playbook has it', () => {
      const given = { pending: {}, episodes: {} };
      const decided = decide(customerAfter(active, day(51), given, reminding), reminding, day(51));
      expect(Object.keys(decided.pending)).toStrictEqual(['1/tests/other/1']);
      expect(decided.episodes).not.toHaveProperty('reminder');
      expect(decide(decided, reminding, day(52))).toStrictEqual(decided);
      // Once the other has ended unsent, somebody looks again at once.
      const ended = { ...decided, pending: {}, closed: [{ key: '1/tests/other/1', until: day(57) }] };
      expect(nextDue(decided, reminding, day(51))).toBe(day(51));
      expect(nextDue(ended, reminding, day(51))).toBe(day(51));
      expect(Object.keys(decide(ended, reminding, day(51)).pending)).toStrictEqual(['1/tests/reminder/1']);
    });
  });

  it('keeps what waits for the night', () => {
    const quietHours = { ...PLAYBOOK_FOR_RULES.quietHours, withoutZone: { from: 600, to: 900, timeZone: 'UTC' } };
    const playbook = { ...PLAYBOOK_FOR_RULES, quietHours };
    // The guide's moment is at noon, in the middle of this window, which ends at three.
    const { pending } = customerAfter([bought(day(0))], day(7), {}, playbook);
    expect(pending[GUIDE]?.notBefore).toBe(day(7) + 3 * HOUR);
    expect(customerAfter([bought(day(0))], day(0), {}, playbook).pending[WELCOME]).not.toHaveProperty('notBefore');
  });
});

describe('what is no longer wanted closes with its reason', () => {
  const welcome = [bought(day(0), 'a')];

  /** Given a customer with a pending message, when these events come, then the message closes like this. */
  function closing(given: Living, events: readonly CustomerEvent[], t: Instant, key = WELCOME, playbook?: Playbook) {
    const { customer } = reacted(given, events, t, playbook);
    expect(customer.pending).not.toHaveProperty([key]);
    return customer.closing[key];
  }

  it('the stage has changed', () => {
    const order = [bought(day(0), 'a')];
    const ended = closing(customerAfter(order, day(0)), [bought(day(1), 'b')], day(1));
    expect(ended).toStrictEqual({
      moment: day(0),
      decidedAt: day(0),
      attempt: 1,
      cause: order[0]?.id,
      outcome: 'cancelled',
      reason: 'stage is active',
      closedAt: day(1),
    });
  });

  it('an interval series left its stages', () => {
    const active = customerAfter([bought(day(6), 'a'), bought(day(10), 'b')], day(52));
    const key = '1/retention/make-the-most/1';
    const cancellations = [cancelledOrder(day(53), 'a'), cancelledOrder(day(53), 'b')];
    expect(closing(active, cancellations, day(53), key)?.reason).toBe('stage is lead');
  });

  it('another episode has begun', () => {
    const customer = { ...customerAfter(welcome, day(0)), episodes: { 'first-steps': { n: 2, beganAt: day(0) } } };
    expect(closing(customer, [], day(1))?.reason).toBe('episode over');
  });

  it('the complaint was resolved, or opened again', () => {
    const unhappy = customerAfter([complained(day(0))], day(0));
    const told = closing(unhappy, [resolved(day(1))], day(1), '1/recovery/apology/k-1');
    expect(told).toMatchObject({ outcome: 'cancelled', reason: 'complaint resolved' });
    const content = customerAfter([complained(day(0)), resolved(day(1))], day(1));
    const again = closing(content, [complained(day(2))], day(2), '1/recovery/resolved/k-1');
    expect(again).toMatchObject({ outcome: 'cancelled', reason: 'complaint open again' });
  });

  it('its time has gone by', () => {
    const customer = customerAfter(welcome, day(0));
    expect(reacted(customer, [], day(3)).customer.pending).toHaveProperty([WELCOME]);
    expect(closing(customer, [], day(3) + 1)).toMatchObject({ outcome: 'withheld', reason: 'stale' });
  });

  it('the step left the playbook', () => {
    const [recovery, ...others] = PLAYBOOK_FOR_RULES.programmes;
    if (!recovery) throw new Error('the playbook of the rules has changed');
    const without = { ...PLAYBOOK_FOR_RULES, programmes: [recovery, ...others.slice(1)] };
    expect(closing(customerAfter(welcome, day(0)), [], day(0), WELCOME, without)?.reason).toBe('step removed');
    const nonsense = { ...customerAfter(welcome, day(0)), pending: { nonsense: waiting(day(0)) } };
    expect(closing(nonsense, [], day(0), 'nonsense')?.reason).toBe('step removed');
  });

  it('delivery moves a message that was not decided, and leaves alone one that was', () => {
    const { customer } = reacted(customerAfter(welcome, day(7)), [delivered(day(7.5), 'a')], day(7.5));
    expect(customer.pending[GUIDE]?.moment).toBe(day(7));
    expect(customer.closing).toStrictEqual({});
  });

  it('after a second attempt nobody claims it was not sent', () => {
    const customer = customerAfter(welcome, day(0), { pending: { [WELCOME]: waiting(day(0), { attempt: 2 }) } });
    expect(closing(customer, [bought(day(1), 'b')], day(1))).toMatchObject({
      outcome: 'failed',
      reason: 'outcome unknown',
      attempt: 2,
    });
  });

  it('closing forgets until when the message was to wait', () => {
    const message = waiting(day(0), { notBefore: day(1), cause: 'e' });
    const customer = customerAfter(welcome, day(0), { pending: { [WELCOME]: message } });
    const closed = close(
      customer,
      WELCOME,
      message,
      { outcome: 'withheld', reason: 'why' },
      PLAYBOOK_FOR_RULES,
      day(0),
    );
    expect(closed.pending).toStrictEqual({});
    expect(closed.closing).toStrictEqual({
      [WELCOME]: {
        moment: day(0),
        decidedAt: day(0),
        attempt: 1,
        cause: 'e',
        outcome: 'withheld',
        reason: 'why',
        closedAt: day(0),
      },
    });
  });

  it('a message of a complaint knows its step by its own name, whatever the round', () => {
    const customer = customerAfter([complained(day(0))], day(4));
    const wanted = stillWanted(customer, '1/recovery/status.1/k-1', waiting(day(3)), PLAYBOOK_FOR_RULES, day(4));
    expect(wanted).toMatchObject({ placed: { programme: { id: 'recovery' }, step: { id: 'status' } } });
    const unheard = stillWanted(customer, '1/recovery/apology/other', waiting(day(3)), PLAYBOOK_FOR_RULES, day(4));
    expect(unheard).toMatchObject({ refused: { reason: 'complaint resolved' } });
  });
});

describe('forget', () => {
  it('drops mails beyond every window and ended messages that cannot be wanted again', () => {
    const customer = customerAfter([bought(day(0))], day(0), {
      recent: [
        { key: 'old', at: day(40) },
        { key: 'young', at: day(40) + 1 },
      ],
      closed: [
        { key: 'over', until: day(100) - 1 },
        { key: 'still', until: day(100) },
      ],
    });
    const forgot = forget(customer, PLAYBOOK_FOR_RULES, day(100));
    expect(forgot.recent.map((each) => each.key)).toStrictEqual(['young']);
    expect(forgot.closed.map((each) => each.key)).toStrictEqual(['still']);
    const short = forget(customer, { ...PLAYBOOK_FOR_RULES, repeatAfter: DAY, cooldown: DAY }, day(70));
    expect(short.recent.map((each) => each.key)).toStrictEqual(['young']);
  });
});
