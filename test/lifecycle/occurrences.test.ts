/** Which messages the playbook means, and for when. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { freshUntil, occurrencesOf } from '../../shared/lifecycle/customer/occurrences.ts';
import { stillWanted } from '../../shared/lifecycle/customer/wanted.ts';
import { openingId } from '../../shared/lifecycle/facts/matters.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Series } from '../../shared/lifecycle/playbook/series.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import { customerAfter, type Memory, reacted } from '../support/customers.ts';
import {
  bought,
  cancelledOrder,
  complained,
  day,
  delivered,
  refunded,
  registered,
  resolved,
  stoppedRenewal,
} from '../support/events.ts';
import { PLAYBOOK_FOR_RULES, playing, SHIPPED, step as stepOf } from '../support/playbooks.ts';

/** Given these events and memory, when looked at at `now`, then these messages are meant, in days after the start. */
function meant(events: readonly CustomerEvent[], now: Instant, memory: Memory = {}, at = now): Record<string, number> {
  const customer = customerAfter(events, now, memory);
  const all = occurrencesOf(customer, PLAYBOOK_FOR_RULES, at);
  return Object.fromEntries(all.map(({ key, moment }) => [key.slice(2), (moment - day(0)) / DAY]));
}

/** The check-in waits until the order has been there for two weeks. */
const PATIENT: Playbook = {
  ...PLAYBOOK_FOR_RULES,
  programmes: PLAYBOOK_FOR_RULES.programmes.map((each) => ({
    ...each,
    series: each.series.map((series) =>
      series.trigger === 'stage'
        ? {
            ...series,
            steps: series.steps.map((step) => (step.id === 'check-in' ? { ...step, hadFor: 14 * DAY } : step)),
          }
        : series,
    ),
  })),
};

const active = [bought(day(6), 'a'), bought(day(10), 'b')];

describe('series of a stage', () => {
  it('count from its beginning', () => {
    expect(meant([bought(day(0))], day(0))).toStrictEqual({
      'onboarding/welcome/1': 0,
      'onboarding/guide/1': 7,
      'onboarding/check-in/1': 21,
    });
  });

  it('name the order as their cause', () => {
    const order = bought(day(0));
    const [welcome] = occurrencesOf(customerAfter([order], day(0)), PLAYBOOK_FOR_RULES, day(0));
    expect(welcome?.cause).toBe(order.id);
  });

  it('count from the delivery where the step says so', () => {
    const order = bought(day(0), 'a');
    expect(meant([order, delivered(day(3), 'a')], day(3))).toMatchObject({
      'onboarding/welcome/1': 0,
      'onboarding/guide/1': 5,
      'onboarding/check-in/1': 21,
    });
    // Told of a delivery before the order: it counts from the order.
    expect(meant([delivered(day(-1), 'a'), order], day(0))).toMatchObject({ 'onboarding/guide/1': 2 });
    expect(meant([order, delivered(day(3), 'other')], day(3))).toMatchObject({ 'onboarding/guide/1': 7 });
  });

  it('wait for an order that was promised, and until its buyer has had it for a while', () => {
    const promised = bought(day(0), 'a', { promisedBy: new Date(day(30)).toISOString() });
    const momentsOf = (...events: readonly CustomerEvent[]) => {
      const customer = customerAfter(events, day(1), {}, PATIENT);
      const all = occurrencesOf(customer, PATIENT, day(1));
      return Object.fromEntries(all.map(({ step, moment }) => [step.id, (moment - day(0)) / DAY]));
    };
    expect(momentsOf(bought(day(0), 'a'))).toMatchObject({ guide: 7, 'check-in': 21 });
    // Fourteen days after the promise nobody waits any longer.
    expect(momentsOf(promised)).toMatchObject({ welcome: 0, guide: 46, 'check-in': 58 });
    expect(momentsOf(promised, delivered(day(1), 'a'))).toMatchObject({ guide: 3, 'check-in': 21 });
    const late = occurrencesOf(
      customerAfter([promised, delivered(day(33), 'a')], day(33), {}, PATIENT),
      PATIENT,
      day(33),
    );
    expect(late.map(({ step, moment }) => [step.id, (moment - day(0)) / DAY])).toContainEqual(['check-in', 47]);
  });

  it('go on after their stage for as long as they were paused in it, unless something else was bought', () => {
    const unhappy = [bought(day(0)), complained(day(2)), resolved(day(42))];
    expect(meant(unhappy, day(61))).toMatchObject({ 'onboarding/check-in/1': 21 + 47 });
    expect(meant(unhappy, day(60 + 47))).not.toHaveProperty('onboarding/check-in/1');
    expect(meant([bought(day(0))], day(60))).not.toHaveProperty('onboarding/check-in/1');
    expect(meant([...unhappy, bought(day(50), 'second')], day(61))).not.toHaveProperty('onboarding/check-in/1');
  });

  it('are meant in their stage only', () => {
    expect(Object.keys(meant(active, day(10)))).toStrictEqual(['retention/make-the-most/1']);
    expect(meant([], day(1))).toStrictEqual({});
  });

  it('of at risk and lapsed count from the crossing', () => {
    expect(meant(active, day(101))).toStrictEqual({ 'retention/check-in/1': 100, 'retention/reminder/1': 114 });
    expect(meant(active, day(195))).toStrictEqual({
      'win-back/ask/1': 190,
      'win-back/improved/1': 200,
      'win-back/offer/1': 214,
    });
  });

  it('stand still while the customer is dissatisfied, and for a week after', () => {
    const events = [bought(day(0)), complained(day(5)), resolved(day(8))];
    expect(meant(events, day(8))).toMatchObject({
      'onboarding/welcome/1': 0,
      'onboarding/guide/1': 7 + 10,
      'onboarding/check-in/1': 21 + 10,
    });
  });

  it('of somebody who lapsed dissatisfied begin a week after the resolution', () => {
    const events = [...active, complained(day(180)), resolved(day(192))];
    expect(meant(events, day(192))).toMatchObject({ 'win-back/ask/1': 199, 'win-back/improved/1': 209 });
  });

  it('have no occurrence without an episode', () => {
    expect(meant([bought(day(0))], day(0), { episodes: {} })).toStrictEqual({});
  });
});

describe('series at intervals', () => {
  it('count from the last mail of any programme, or from the beginning of the stage', () => {
    expect(meant(active, day(10))).toStrictEqual({ 'retention/make-the-most/1': 50 });
    const recent = [
      { key: '1/onboarding/check-in/1', at: day(21) },
      { key: '1/onboarding/guide/1', at: day(7) },
    ];
    expect(meant(active, day(25), { recent })).toStrictEqual({ 'retention/make-the-most/1': 61 });
  });

  it('come in time to those who never had a mail, however their stages change meanwhile', () => {
    const MOST = 44;
    const reminder = (first: number, second: number, memory: Memory = {}) =>
      meant([bought(day(first), 'a'), bought(day(second), 'b')], day(second), memory)['retention/make-the-most/1'];
    // So long after the order, or after they were taken over, or after they first said an address.
    expect(reminder(0, 30)).toBe(MOST);
    expect(reminder(0, 30, { startsAt: day(20) })).toBe(20 + MOST);
    expect(reminder(0, 2)).toBe(2 + 40);
    expect(reminder(0, 22, { startsAt: day(20) })).toBe(22 + 40);
    const saidAgain = registered(day(25), { timeZone: 'Europe/Stockholm' });
    const saidEarly = meant([bought(day(0), 'a'), saidAgain, bought(day(30), 'b')], day(30));
    expect(saidEarly).toMatchObject({ 'retention/make-the-most/1': MOST });
    const customer = customerAfter([bought(day(0), 'a'), bought(day(30), 'b')], day(30));
    const saidLate = { ...customer, facts: { ...customer.facts, addressedSince: day(25) } };
    const [mail] = occurrencesOf(saidLate, PLAYBOOK_FOR_RULES, day(30));
    expect(mail?.moment).toBe(day(25 + MOST));
    // Whoever was known long before keeps the rhythm of the stage they were in when they were taken over.
    expect(reminder(0, 10, { startsAt: day(300) })).toBe(50);
  });

  it('are said to somebody who has lapsed only until they have heard of us', () => {
    const series: Series = {
      id: 'turns',
      trigger: 'interval',
      stages: ['active', 'at_risk', 'lapsed'],
      every: 40 * DAY,
      since: 'any mail',
      untilHeardOnceLapsed: true,
      steps: [stepOf('first', 3)],
    };
    const rotation = { ...SHIPPED, programmes: [...SHIPPED.programmes, ...playing(series).programmes] };
    const events = [bought(day(0), 'a'), bought(day(10), 'b')];
    const lapsedAt = customerAfter(events, day(200), {}, rotation).lapsedSince ?? NaN;
    const ASK = '1/win-back/ask/1';
    const next = (at: Instant, memory: Memory = {}, key = ASK, more: readonly CustomerEvent[] = []) => {
      const customer = customerAfter([...events, ...more], day(200), { recent: [{ key, at }], ...memory }, rotation);
      expect(customer.stage).toBe('lapsed');
      const all = occurrencesOf(customer, rotation, day(200));
      return all.flatMap(({ key: its, moment }) => (its === '1/tests/first/1' ? [(moment - at) / DAY] : []));
    };
    // Not before the win-back, which may wait for as long as silence may last.
    expect(next(lapsedAt - 1).map((each) => each % 40)).toEqual([SHIPPED.longestSilence / DAY - 40]);
    expect(next(lapsedAt)).toEqual([]);
    // Service mail is no attempt to win anybody back.
    expect(next(lapsedAt, {}, '1/recovery/apology/k')).toHaveLength(1);
    // Who had lapsed when they were taken over has a day of their own for the win-back.
    expect(next(lapsedAt - 1, { startsAt: lapsedAt - 1 })).toHaveLength(1);
    expect(next(lapsedAt - 1, { startsAt: lapsedAt })).toEqual([]);
    // What was decided before the win-back went out is no longer wanted.
    const message = { moment: lapsedAt - DAY, decidedAt: lapsedAt - DAY, attempt: 1 };
    const decided = customerAfter(events, day(200), { recent: [{ key: ASK, at: lapsedAt }] }, rotation);
    expect(stillWanted(decided, '1/tests/first/1', message, rotation, lapsedAt + 1)).toEqual({
      refused: { outcome: 'cancelled', reason: 'no longer fits' },
    });
  });

  it('know since when somebody has lapsed, whatever was taken back, and whatever turned out late', () => {
    const events = [bought(day(0), 'a'), bought(day(10), 'b')];
    const lapsedAt = customerAfter(events, day(200)).lapsedSince;
    const walked = (...more: readonly CustomerEvent[]) => {
      let customer = customerAfter(events, day(200));
      for (const each of more) ({ customer } = reacted(customer, [each], each.occurredAt, PLAYBOOK_FOR_RULES));
      expect(customer.stage).toBe('lapsed');
      return customer.lapsedSince;
    };
    // An order that was taken back in between is no beginning of another lapse; one that stands is.
    const takenBack = walked(bought(day(210), 'c'), cancelledOrder(day(211), 'c'));
    expect(takenBack).toBe(lapsedAt);
    const since = walked(bought(day(210), 'c'), stoppedRenewal(day(300), day(299))) ?? NaN;
    expect(since).toBe(day(300));
    // What ended long ago and is heard of today begins today.
    let customer = customerAfter(events, day(30));
    ({ customer } = reacted(customer, [stoppedRenewal(day(30), day(12))], day(30), PLAYBOOK_FOR_RULES));
    expect([customer.stage, customer.lapsedSince]).toEqual(['lapsed', day(30)]);
  });

  it('name the last order as their cause', () => {
    const [mail] = occurrencesOf(customerAfter(active, day(10)), PLAYBOOK_FOR_RULES, day(10));
    expect(mail).toMatchObject({ cause: active[1]?.id, takes: { series: 'in-touch', n: 1 } });
  });

  it('take their steps in turn', () => {
    const after = (n: number) => meant(active, day(11), { episodes: { 'in-touch': { n, beganAt: day(10) } } });
    expect([0, 1, 2, 3, 5].map((n) => Object.keys(after(n))[0])).toStrictEqual([
      'retention/make-the-most/1',
      'retention/benefits/2',
      'retention/your-view/3',
      'retention/make-the-most/4',
      'retention/your-view/6',
    ]);
  });

  describe('pass over a step', () => {
    const rotation = playing({
      id: 'turns',
      trigger: 'interval',
      stages: ['active', 'at_risk', 'lapsed'],
      every: 40 * DAY,
      since: 'any mail',
      steps: [stepOf('first', 3, { needs: ['goods'] }), stepOf('second', 2), stepOf('third', 1)],
    });
    /** The turn after the second, when the steps were sent on these days; a buyer of the tenth day, all refunded or not. */
    const next = (sent: Readonly<Record<string, number>>, isRefunded = false, n = 2) => {
      const recent = Object.entries(sent).map(([id, on], index) => ({
        key: `1/tests/${id}/${index + 1}`,
        at: day(on),
      }));
      const last = Math.max(...Object.values(sent));
      const episodes = { turns: { n, beganAt: day(last) } };
      const events = isRefunded ? [...active, refunded(day(11), 'b', 60)] : active;
      const customer = customerAfter(events, day(12), { recent, episodes }, rotation);
      const [turn] = occurrencesOf(customer, rotation, day(last));
      return turn && `${turn.key} on ${(turn.moment - day(0)) / DAY}`;
    };

    it('that is about what was sent back, and keep the turns of the others', () => {
      expect(next({ first: 20, second: 60 })).toBe('1/tests/third/3 on 100');
      expect(next({ first: 20, second: 60 }, true)).toBe('1/tests/third/3 on 100');
      expect(next({ second: 60, third: 100 }, false, 3)).toBe('1/tests/first/4 on 140');
      expect(next({ second: 60, third: 100 }, true, 3)).toBe('1/tests/second/4 on 140');
    });

    it('that went out so recently that it would be withheld', () => {
      expect(next({ second: 30, third: 60 }, true)).toBe('1/tests/second/3 on 100');
      expect(next({ second: 30, third: 41 })).toBe('1/tests/first/3 on 81');
    });

    it('but when all are too recent: the first that is not any more comes then, with its turn', () => {
      expect(next({ second: 50, third: 45 }, true)).toBe('1/tests/third/3 on 105');
    });
  });

  it('count from their own last one', () => {
    const episodes = { 'in-touch': { n: 1, beganAt: day(30) } };
    expect(meant(active, day(31), { episodes })).toStrictEqual({ 'retention/benefits/2': 70 });
  });

  const loyal = [0, 60, 120, 185].map((each) => bought(day(each), `o${each}`));

  it('count from any mail in days as they are, and only leave the pause their moment falls into', () => {
    const events = [...active, complained(day(20)), resolved(day(22))];
    expect(meant(events, day(22))).toMatchObject({ 'retention/make-the-most/1': 50 });
    // Until a week after the resolution nothing promotional goes out.
    const later = [...active, complained(day(45)), resolved(day(47))];
    expect(meant(later, day(47))).toMatchObject({ 'retention/make-the-most/1': 54 });
    // However long the pause is: the mail comes at its end, and not a whole interval later.
    const long = [...active, complained(day(45)), resolved(day(75))];
    expect(meant(long, day(75))).toMatchObject({ 'retention/make-the-most/1': 82 });
    expect(meant(long, day(75), {}, day(89))).toMatchObject({ 'retention/make-the-most/1': 82 });
    expect(meant(long, day(75), {}, day(89) + 1)).toMatchObject({ 'retention/make-the-most/1': 122 });
    const own: Memory = { episodes: { appreciation: { n: 1, beganAt: day(185) } } };
    const unhappy = [...loyal, complained(day(190)), resolved(day(192))];
    expect(meant(unhappy, day(200), own)).toMatchObject({ 'retention/appreciation/2': 275 + 9 });
  });

  it('of their own begin at once', () => {
    const none: Memory = { episodes: {}, pending: {} };
    expect(meant(loyal, day(185), none)).toMatchObject({ 'retention/appreciation/1': 185 });
    const once: Memory = { episodes: { appreciation: { n: 1, beganAt: day(185) } } };
    expect(meant(loyal, day(190), once)).toMatchObject({ 'retention/appreciation/2': 275 });
    // A mail of another series does not put it off.
    const mailed: Memory = { ...once, recent: [{ key: '1/retention/benefits/2', at: day(189) }] };
    expect(meant(loyal, day(190), mailed)).toMatchObject({ 'retention/appreciation/2': 275 });
  });

  it('of their own begin later where the series says so', () => {
    const later: Playbook = {
      ...PLAYBOOK_FOR_RULES,
      programmes: PLAYBOOK_FOR_RULES.programmes.map((each) => ({
        ...each,
        series: each.series.map((series) => (series.id === 'appreciation' ? { ...series, first: 14 * DAY } : series)),
      })),
    };
    const momentAfter = (memory: Memory) =>
      occurrencesOf(customerAfter(loyal, day(185), memory, later), later, day(185)).find(
        ({ step }) => step.id === 'appreciation',
      )?.moment;
    expect(momentAfter({ episodes: {}, pending: {} })).toBe(day(199));
    expect(momentAfter({ episodes: { appreciation: { n: 1, beganAt: day(185) } } })).toBe(day(275));
  });

  it('that went by while nobody looked are skipped: the next in the same rhythm counts', () => {
    const episodes = { appreciation: { n: 1, beganAt: day(0) } };
    const at = (t: number) => meant(loyal, day(185), { episodes }, day(t))['retention/appreciation/2'];
    // Fresh for seven days: 90 is fresh until 97, 180 until 187, 270 until 277.
    expect(at(187)).toBe(180);
    expect(meant(loyal, day(185), { episodes }, day(187) + 1)['retention/appreciation/2']).toBe(270);
    expect(at(200)).toBe(270);
    expect(at(270)).toBe(270);
  });

  it('are not meant for somebody without an order', () => {
    expect(meant([bought(day(0), 'a'), cancelledOrder(day(1), 'a')], day(1))).toStrictEqual({});
  });
});

describe('series of a complaint', () => {
  const opening = complained(day(0), 'k/9');

  it('apologise at once and report every three days', () => {
    expect(meant([opening], day(0))).toStrictEqual({ 'recovery/apology/k/9': 0, 'recovery/status.1/k/9': 3 });
  });

  it('mean the round that has come and the next, never the missed ones', () => {
    const at = (t: number) =>
      Object.entries(meant([opening], day(0), {}, day(t))).filter(([key]) => key.includes('status'));
    expect(at(3 - 1 / 24)).toStrictEqual([['recovery/status.1/k/9', 3]]);
    expect(at(3)).toStrictEqual([
      ['recovery/status.1/k/9', 3],
      ['recovery/status.2/k/9', 6],
    ]);
    expect(at(14)).toStrictEqual([
      ['recovery/status.4/k/9', 12],
      ['recovery/status.5/k/9', 15],
    ]);
    expect(at(26)).toStrictEqual([
      ['recovery/status.8/k/9', 24],
      ['recovery/status.9/k/9', 27],
    ]);
    expect(at(29)).toStrictEqual([['recovery/status.9/k/9', 27]]);
    expect(at(30)).toStrictEqual([]);
  });

  it('leave out the round that would come together with the step it gives way to', () => {
    const programmes = PLAYBOOK_FOR_RULES.programmes.map((programme) => ({
      ...programme,
      series: programme.series.map((series): Series => {
        if (series.trigger !== 'case') return series;
        const [apology, status, resolution] = series.steps;
        if (!apology || !status || !resolution) throw new Error('the playbook of the rules has changed');
        const asked = { ...apology, id: 'still-open', after: 9 * DAY };
        return { ...series, steps: [apology, { ...status, notWith: 'still-open' }, asked, resolution] };
      }),
    }));
    const playbook = { ...PLAYBOOK_FOR_RULES, programmes };
    const at = (t: Instant) =>
      occurrencesOf(customerAfter([opening], t), playbook, t).flatMap(({ key, moment }) =>
        key.includes('status') ? [(moment - day(0)) / DAY] : [],
      );
    expect(at(day(6))).toStrictEqual([6]);
    expect(at(day(9))).toStrictEqual([12]);
    expect(at(day(12))).toStrictEqual([12, 15]);
  });

  it('end with the resolution, and tell of it', () => {
    const end = resolved(day(4), 'k/9');
    expect(meant([opening, end], day(4))).toStrictEqual({ 'recovery/resolved/k/9': 4 });
    const [told] = occurrencesOf(customerAfter([opening, end], day(4)), PLAYBOOK_FOR_RULES, day(4));
    expect(told?.cause).toBe(end.id);
    const [apology] = occurrencesOf(customerAfter([opening], day(0)), PLAYBOOK_FOR_RULES, day(0));
    expect(apology?.cause).toBe(opening.id);
  });

  it('begin again when it is opened again, and are silent about one nobody opened', () => {
    const again = [opening, resolved(day(4), 'k/9'), complained(day(6), 'k/9')];
    const second = openingId('k/9', day(6));
    expect(meant(again, day(6))).toStrictEqual({
      [`recovery/apology/${second}`]: 6,
      [`recovery/status.1/${second}`]: 9,
    });
    expect(meant([...again, resolved(day(8), 'k/9')], day(8))).toMatchObject({ [`recovery/resolved/${second}`]: 8 });
    // Said again while it is open it is the same complaint.
    expect(meant([...again, complained(day(7), 'k/9')], day(7))).toHaveProperty([`recovery/apology/${second}`]);
    expect(meant([resolved(day(4), 'k/9')], day(4))).toStrictEqual({});
  });

  it('go on in their rhythm when it is opened again while it is open, and for longer', () => {
    const again = complained(day(7.5), 'k/9');
    const keysAt = (t: Instant, ...events: readonly CustomerEvent[]) =>
      occurrencesOf(customerAfter([opening, ...events], t), PLAYBOOK_FOR_RULES, t).flatMap(({ key, moment }) =>
        key.includes('status') ? [[key.split('/')[2], (moment - day(0)) / DAY]] : [],
      );
    for (const events of [[], [again], [again, complained(day(8), 'k/9')]]) {
      expect(keysAt(day(9), ...events)).toStrictEqual([
        ['status.3', 9],
        ['status.4', 12],
      ]);
    }
    // Nine in all, and two more for the week by which it lasts longer.
    expect(keysAt(day(28))).toStrictEqual([['status.9', 27]]);
    expect(keysAt(day(33), again)).toStrictEqual([['status.11', 33]]);
  });

  it('mean nothing beyond the age at which a complaint counts as closed', () => {
    const slow = {
      ...PLAYBOOK_FOR_RULES,
      stages: {
        ...PLAYBOOK_FOR_RULES.stages,
        dissatisfied: { ...PLAYBOOK_FOR_RULES.stages.dissatisfied, maximumAge: 12 * DAY, quietAfter: DAY },
      },
    };
    const keys = (t: Instant) =>
      occurrencesOf(customerAfter([opening], day(0), {}, slow), slow, t).map((each) => each.key.split('/')[2]);
    expect(keys(day(9))).toStrictEqual(['apology', 'status.3']);
    expect(keys(day(8.9))).toStrictEqual(['apology', 'status.2', 'status.3']);
  });

  it('do not wait for pauses: they are why promotion pauses', () => {
    const second = complained(day(1), 'other');
    expect(meant([opening, second], day(1))).toMatchObject({
      'recovery/status.1/other': 4,
      'recovery/apology/other': 1,
    });
  });
});

describe('service steps of a stage', () => {
  it('do not wait for pauses either', () => {
    const [recovery, onboarding, ...rest] = PLAYBOOK_FOR_RULES.programmes;
    if (!recovery || !onboarding) throw new Error('the playbook of the rules has changed');
    const series = onboarding.series.map((each) =>
      each.trigger === 'stage'
        ? { ...each, steps: each.steps.map((step) => ({ ...step, class: 'service' as const })) }
        : each,
    );
    const playbook = { ...PLAYBOOK_FOR_RULES, programmes: [recovery, { ...onboarding, series }, ...rest] };
    const customer = customerAfter([bought(day(0)), complained(day(5)), resolved(day(8))], day(8), {}, playbook);
    const guide = occurrencesOf(customer, playbook, day(8)).find((each) => each.step.id === 'guide');
    expect(guide?.moment).toBe(day(7));
  });
});

describe('freshness', () => {
  it('counts from the moment', () => {
    const [occurrence] = occurrencesOf(customerAfter([bought(day(0))], day(0)), PLAYBOOK_FOR_RULES, day(0));
    expect(occurrence && freshUntil(occurrence.step, day(1) + HOUR)).toBe(day(4) + HOUR);
  });
});
