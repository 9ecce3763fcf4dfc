/** The rules at the claim, one by one, and who goes first. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { type Address, countTransient, optOut, suppress, unknownAddress } from '../../shared/lifecycle/address.ts';
import { forget } from '../../shared/lifecycle/customer/decide.ts';
import { type Circumstances, isHeldOut, permit, type Verdict } from '../../shared/lifecycle/customer/permit.ts';
import type { Pending } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Series, Step } from '../../shared/lifecycle/playbook/series.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { OPEN } from '../support/circumstances.ts';
import { customerAfter, type Memory } from '../support/customers.ts';
import { bought, complained, day, event, resolved, scored } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES, playing } from '../support/playbooks.ts';

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
  readonly address?: Address;
}

/** Given a reachable new customer, unless stated otherwise, when the welcome is claimed, then this is the verdict. */
function verdictOn({
  events = [bought(day(0))],
  memory = {},
  t = day(0),
  key = WELCOME,
  // Later than the answer to an act: that one has rules of its own.
  moment = t - 20 * MINUTE,
  playbook = PLAYBOOK_FOR_RULES,
  circumstances = OPEN,
  address,
}: Given): Verdict {
  const message = waiting(moment);
  const customer = customerAfter(events, t, { ...memory, pending: { ...memory.pending, [key]: message } }, playbook);
  return permit(customer, key, message, playbook, t, circumstances, address);
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
    const verdict = permit(nowhere, WELCOME, waiting(day(0)), PLAYBOOK_FOR_RULES, day(0), OPEN, undefined);
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

  it('not twice the same step, whatever the key', () => {
    const at = (sent: Instant) => verdictOn({ memory: { recent: [{ key: '1/onboarding/welcome/0', at: sent }] } });
    expect(at(day(-60) + 1)).toStrictEqual(withheld('same step recently'));
    expect(at(day(-60)).kind).toBe('send');
  });

  const lapsed = [bought(day(0), 'a'), bought(day(10), 'b')];

  it('with an offer only if there is one', () => {
    const given: Given = { events: lapsed, t: day(214), key: '1/win-back/offer/1' };
    expect(verdictOn(given).kind).toBe('send');
    const none = { ...PLAYBOOK_FOR_RULES, offers: { ...PLAYBOOK_FOR_RULES.offers, byName: {} } };
    expect(verdictOn({ ...given, playbook: none })).toStrictEqual(withheld('no offer'));
  });

  const said = (answer: string, at = day(195)) =>
    told('Question Answered', { programme: 'win-back', step: 'ask', question: 'reason', answer }, at);
  const improved = (improvements: Circumstances['improvements'], ...events: readonly CustomerEvent[]) =>
    verdictOn({
      events: [...lapsed, ...events],
      t: day(200),
      key: '1/win-back/improved/1',
      circumstances: { ...OPEN, improvements },
    });
  const on = (date: Instant, reason = 'price') => ({ date, reason });

  it('with an improvement only if there is one since the last order, and no promise', () => {
    const at = (...dates: readonly Instant[]) =>
      improved(
        dates.map((date) => on(date)),
        said('price'),
      );
    expect(at()).toStrictEqual(withheld('nothing to report'));
    expect(at(day(10))).toStrictEqual(withheld('nothing to report'));
    expect(at(day(10) + 1).kind).toBe('send');
    expect(at(day(200)).kind).toBe('send');
    expect(at(day(201), day(5))).toStrictEqual(withheld('nothing to report'));
    expect(at(day(201), day(20)).kind).toBe('send');
  });

  it('with an improvement only for the reason this customer left for', () => {
    expect(improved([on(day(20), 'range')], said('price'))).toStrictEqual(withheld('nothing to report'));
    expect(improved([on(day(20), 'range'), on(day(20))], said('price')).kind).toBe('send');
    // Nobody has said anything, and nothing was wrong.
    expect(improved([on(day(20)), on(day(20), 'experience')])).toStrictEqual(withheld('nothing to report'));
    const trouble = [complained(day(40)), resolved(day(41))];
    expect(improved([on(day(50), 'experience')], ...trouble).kind).toBe('send');
    expect(improved([on(day(50), 'experience')], ...trouble, said('price'))).toStrictEqual(
      withheld('nothing to report'),
    );
    // What was mended before something went wrong is no answer to it.
    expect(improved([on(day(39), 'experience')], ...trouble)).toStrictEqual(withheld('nothing to report'));
    expect(improved([on(day(39), 'experience')], ...trouble, said('experience'))).toStrictEqual(
      withheld('nothing to report'),
    );
    const long = [complained(day(20)), resolved(day(21))];
    expect(improved([on(day(50), 'experience')], ...long)).toStrictEqual(withheld('nothing to report'));
  });
});

describe('a mail that would have nothing to say', () => {
  const needing = (fields: Partial<Step>): Playbook => ({
    ...PLAYBOOK_FOR_RULES,
    programmes: PLAYBOOK_FOR_RULES.programmes.map((programme) => ({
      ...programme,
      series: programme.series.map((series) =>
        series.trigger === 'stage'
          ? { ...series, steps: series.steps.map((step) => (step.id === 'welcome' ? { ...step, ...fields } : step)) }
          : series,
      ),
    })),
  });

  it('is withheld where it needs a link and there is none of its kinds for what the customer has or looks at', () => {
    const tea = { items: [{ sku: 'T-1', name: 'Tea', quantity: 1, price: 60, category: 'tea' }] };
    const playbook = needing({ needs: ['content'], content: ['guide', 'reviews'] });
    const knows = (kind: string, category: string): Circumstances => ({
      ...OPEN,
      hasContent: (kinds, topic) => kinds.some((each) => each === kind) && topic.category === category,
    });
    const at = (circumstances: Circumstances) =>
      verdictOn({ events: [bought(day(0), 'a', tea)], playbook, circumstances });
    expect(at(knows('guide', 'tea')).kind).toBe('send');
    expect(at(knows('webinar', 'tea'))).toStrictEqual(withheld('no content'));
    expect(at(knows('guide', 'cups'))).toStrictEqual(withheld('no content'));
  });

  it('is withheld where it needs something to choose from, and there is none of what is looked at, nor in the cart', () => {
    const playbook = needing({ needs: ['options'] });
    const tea = { items: [{ sku: 'T-1', name: 'Tea', quantity: 1, price: 60, category: 'tea' }] };
    const cart = (items: readonly object[]) => event('Cart Updated', day(0), { items, currency: 'EUR' });
    const at = (category: string, ...more: Parameters<typeof cart>[0]) =>
      verdictOn({
        events: [bought(day(0), 'a', tea), cart(more)],
        playbook,
        circumstances: { ...OPEN, hasOptions: (topic) => topic.category === category },
      });
    expect(at('tea').kind).toBe('send');
    expect(at('cups')).toStrictEqual(withheld('no content'));
    expect(at('cups', ...tea.items).kind).toBe('send');
  });

  it('is withheld where it needs a benefit and the last one is reached', () => {
    const playbook = needing({ needs: ['benefit'] });
    const at = (...benefits: readonly number[]) => verdictOn({ playbook, circumstances: { ...OPEN, benefits } });
    expect(at(1, 2).kind).toBe('send');
    expect(at(1)).toStrictEqual(withheld('no benefit'));
  });

  it('is service mail, too', () => {
    const playbook = needing({ class: 'service', needs: ['content'], content: ['guide'] });
    expect(verdictOn({ playbook, circumstances: { ...OPEN, hasContent: () => false } })).toStrictEqual(
      withheld('no content'),
    );
  });
});

const HERE = unknownAddress('hash');
const BOUNCES = { transient: 3, within: 14 * DAY, rest: 30 * DAY };
/** Three bounces that may pass, the last at `at`: the address rests for thirty days from then. */
const bouncing = (at: Instant) =>
  [1, 2, 3].reduce((address, each) => countTransient(address, `b-${each}`, at, BOUNCES), HERE);
const optIn = (at: Instant, marketing = 'opt_in') =>
  told('Profile Updated', { consent: { marketing, source: 'centre', at: new Date(at).toISOString() } }, at);
const chose = (choice: Readonly<Record<string, unknown>>, at = day(0)) =>
  told('Preferences Changed', { ...choice, how: 'page' }, at);

/** A service step that is about no case of the customer's own: here the guide is made one. */
const SERVICE_GUIDE: Playbook = {
  ...PLAYBOOK_FOR_RULES,
  programmes: PLAYBOOK_FOR_RULES.programmes.map((programme) => ({
    ...programme,
    series: programme.series.map((series) =>
      series.trigger === 'stage'
        ? {
            ...series,
            steps: series.steps.map((step) => (step.id === 'guide' ? { ...step, class: 'service' as const } : step)),
          }
        : series,
    ),
  })),
};
/** A word some days after a complaint was resolved: about the case, but no answer to it. */
const LATE_WORD: Playbook = {
  ...PLAYBOOK_FOR_RULES,
  programmes: PLAYBOOK_FOR_RULES.programmes.map((programme) => ({
    ...programme,
    series: programme.series.map((series) =>
      series.trigger === 'case'
        ? {
            ...series,
            steps: series.steps.map((step) => (step.id === 'resolved' ? { ...step, after: 3 * DAY } : step)),
          }
        : series,
    ),
  })),
};

/** Each kind of message, in a situation in which it goes out. */
const PROMOTION: Given = {};
const OPEN_CASE: Given = { events: [complained(day(0))], key: '1/recovery/apology/k-1' };
const RESOLUTION: Given = {
  events: [complained(day(0)), resolved(day(0) + HOUR)],
  key: '1/recovery/resolved/k-1',
  t: day(0) + HOUR,
};
const AFTER_RESOLUTION: Given = { ...RESOLUTION, t: day(4), playbook: LATE_WORD };
const OTHER_SERVICE: Given = { key: GUIDE, t: day(7), playbook: SERVICE_GUIDE, events: [bought(day(0))] };

/** The given situation, and what happened besides. */
const besides = (given: Given, more: readonly CustomerEvent[]): Given => ({
  ...given,
  events: [...(given.events ?? [bought(day(0))]), ...more],
});

describe('the table of classes', () => {
  const classes: readonly [string, Given][] = [
    ['promotion', PROMOTION],
    ['an open case', OPEN_CASE],
    ['the word of a resolution', RESOLUTION],
    ['a later word about a case', AFTER_RESOLUTION],
    ['other service', OTHER_SERVICE],
  ];
  const kindOf = (given: Given) => {
    const verdict = verdictOn(given);
    return verdict.kind === 'send' ? 'goes' : verdict.reason;
  };
  const row = (change: (given: Given) => Given) => classes.map(([, given]) => kindOf(change(given)));

  it('without anything against it, everything goes', () => {
    expect(row((given) => given)).toStrictEqual(Array(5).fill('goes'));
  });

  it('consent: promotion obeys', () => {
    const none = optIn(day(0), 'none');
    expect(row((given) => besides(given, [none]))).toStrictEqual(['no consent', 'goes', 'goes', 'goes', 'goes']);
  });

  it('unsubscribe, on our pages: everything obeys but the open case and its resolution', () => {
    const off = chose({ promotion: 'off' });
    const expected = ['unsubscribed', 'goes', 'goes', 'unsubscribed', 'unsubscribed'];
    expect(row((given) => besides(given, [off]))).toStrictEqual(expected);
  });

  it('unsubscribe, at the address, under whatever customer id: the same', () => {
    const address = optOut(HERE, undefined, day(0));
    const expected = ['unsubscribed', 'goes', 'goes', 'unsubscribed', 'unsubscribed'];
    expect(row((given) => ({ ...given, address }))).toStrictEqual(expected);
  });

  it.each(['hard bounce', 'spam complaint'] as const)('%s: everything obeys', (reason) => {
    const address = suppress(HERE, reason, day(-1));
    expect(row((given) => ({ ...given, address }))).toStrictEqual(Array(5).fill(reason));
  });

  it('an address that keeps bouncing: promotion obeys, until it has rested', () => {
    const rests = row((given) => ({ ...given, address: bouncing(day(-1)) }));
    expect(rests).toStrictEqual(['bouncing', 'goes', 'goes', 'goes', 'goes']);
    expect(row((given) => ({ ...given, address: bouncing(day(-30)) }))[0]).toBe('goes');
  });

  it('caps: promotion obeys', () => {
    const capped = (given: Given): Given => ({
      ...given,
      memory: { recent: [{ key: '1/retention/benefits/1', at: (given.t ?? day(0)) - 1 }] },
    });
    expect(row(capped)).toStrictEqual(['frequency cap', 'goes', 'goes', 'goes', 'goes']);
  });

  it('quiet hours: promotion obeys', () => {
    const night = { from: 0, to: 1439, spread: 0, withoutZone: { from: 0, to: 1439, timeZone: 'UTC' } };
    const atNight = (given: Given): Given => {
      const { t = day(0), playbook = PLAYBOOK_FOR_RULES } = given;
      // The welcome answers an act; an hour later it no longer does.
      return { ...given, t: t + HOUR, moment: t, playbook: { ...playbook, quietHours: night } };
    };
    expect(row(atNight)).toStrictEqual(['quiet hours', 'goes', 'goes', 'goes', 'goes']);
  });

  it('an open complaint: promotion is withheld', () => {
    const another = complained(day(0), 'another');
    expect(row((given) => besides(given, [another]))).toStrictEqual(['open complaint', 'goes', 'goes', 'goes', 'goes']);
  });

  it('freshness: everything obeys', () => {
    const late = (given: Given): Given => ({ ...given, moment: (given.t ?? day(0)) - 15 * DAY });
    expect(row(late)).toStrictEqual(Array(5).fill('stale'));
  });

  it('the start of the programme: everything obeys, also what was decided before the start was moved', () => {
    const begins = (given: Given): Given => {
      const { playbook = PLAYBOOK_FOR_RULES, t = day(0) } = given;
      return {
        ...given,
        playbook: { ...playbook, programmes: playbook.programmes.map((each) => ({ ...each, startsAt: t + 1 })) },
      };
    };
    expect(row(begins)).toStrictEqual(Array(5).fill('not before start'));
  });
});

describe('an unsubscribe', () => {
  const at = (...events: readonly CustomerEvent[]) => ({
    events: [bought(day(0)), ...events],
    t: day(3),
    moment: day(3),
  });

  it('of one programme leaves the others alone, on our pages and at the address', () => {
    const own = chose({ programmes: { onboarding: 'off' } });
    const other = chose({ programmes: { 'win-back': 'off' } });
    expect(verdictOn({ ...PROMOTION, events: [bought(day(0)), own] })).toStrictEqual(withheld('unsubscribed'));
    expect(verdictOn({ ...PROMOTION, events: [bought(day(0)), other] }).kind).toBe('send');
    expect(verdictOn({ address: optOut(HERE, 'onboarding', day(0)) })).toStrictEqual(withheld('unsubscribed'));
    expect(verdictOn({ address: optOut(HERE, 'win-back', day(0)) }).kind).toBe('send');
  });

  it('at the address yields to a later explicit opt-in of this customer, and to nothing else', () => {
    const address = optOut(HERE, undefined, day(1));
    expect(verdictOn({ ...at(optIn(day(2))), address }).kind).toBe('send');
    expect(verdictOn({ ...at(optIn(day(1))), address })).toStrictEqual(withheld('unsubscribed'));
    expect(verdictOn({ ...at(optIn(day(2), 'soft_opt_in')), address })).toStrictEqual(withheld('unsubscribed'));
    expect(verdictOn({ ...at(), address })).toStrictEqual(withheld('unsubscribed'));
  });
});

describe('"less often"', () => {
  const less = chose({ pace: 'less' });
  const playbook: Playbook = {
    ...PLAYBOOK_FOR_RULES,
    caps: { perDay: 2, perWeek: 3, per30Days: 4, lessOften: { perDay: 1, perWeek: 1, per30Days: 2 } },
  };
  const after = (events: readonly CustomerEvent[], ...ago: readonly number[]) =>
    verdictOn({
      events: [bought(day(0)), ...events],
      playbook,
      memory: { recent: ago.map((each, index) => ({ key: `1/retention/step-${index}/1`, at: day(0) - each })) },
    }).kind;

  it('has caps of its own', () => {
    expect(after([], 2 * DAY)).toBe('send');
    expect(after([less], 2 * DAY)).toBe('close');
    expect(after([less], 8 * DAY)).toBe('send');
    expect(after([], 8 * DAY, 9 * DAY)).toBe('send');
    expect(after([less], 8 * DAY, 9 * DAY)).toBe('close');
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

  it('hold back a step that waits for them while it is fresh, until every window has room', () => {
    const programmes = PLAYBOOK_FOR_RULES.programmes.map((programme) => ({
      ...programme,
      series: programme.series.map((series) =>
        series.trigger === 'stage'
          ? { ...series, steps: series.steps.map((step) => ({ ...step, waitsForCaps: true })) }
          : series,
      ),
    }));
    const patient = (...ago: readonly number[]) =>
      verdictOn({
        memory: { recent: ago.map((each, index) => mail(day(0) - each, index)) },
        moment: day(0),
        t: day(0) + 20 * MINUTE,
        playbook: { ...PLAYBOOK_FOR_RULES, programmes },
      });
    const until = (instant: Instant) => ({ kind: 'defer', until: instant, reason: 'frequency cap' });
    expect(patient(HOUR)).toStrictEqual(until(day(1) - HOUR));
    // The day has room tomorrow, the week the day after.
    expect(patient(HOUR, 5 * DAY)).toStrictEqual(until(day(2)));
    // The welcome is fresh for three days.
    expect(patient(HOUR, 4 * DAY)).toStrictEqual(until(day(3)));
    expect(patient(HOUR, 4 * DAY - 1)).toStrictEqual(withheld('frequency cap'));
  });

  it('neither bind nor count what answers an act of the customer within a quarter of an hour', () => {
    const programmes = PLAYBOOK_FOR_RULES.programmes.map((programme) => ({
      ...programme,
      series: programme.series.map((series) =>
        series.trigger === 'stage'
          ? { ...series, steps: series.steps.map((step) => ({ ...step, waitsForCaps: true, answersAct: true })) }
          : series,
      ),
    }));
    const playbook = { ...PLAYBOOK_FOR_RULES, programmes };
    const answering = (late: number, answer: boolean, ...events: readonly CustomerEvent[]) =>
      verdictOn({
        events: [bought(day(0)), ...events],
        memory: {
          recent: [HOUR, DAY, 2 * DAY, 3 * DAY].map((each, index) => ({
            ...mail(day(0) - each, index),
            ...(answer && { answer: true as const }),
          })),
        },
        moment: day(0),
        t: day(0) + late,
        playbook,
      });
    expect(answering(15 * MINUTE, false).kind).toBe('send');
    expect(answering(15 * MINUTE, false, chose({ pace: 'less' })).kind).toBe('send');
    expect(answering(15 * MINUTE + 1, false)).toMatchObject({ reason: 'frequency cap' });
    expect(answering(15 * MINUTE + 1, true).kind).toBe('send');
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

describe('series that keep apart', () => {
  const apart = { every: 7 * DAY, most: 3, while: 'neutral' };
  /** The trait has been held for so long. */
  const held = 60 * DAY;
  const one = (id: string): Step => ({ id, class: 'promotional', priority: 1, fresh: 3 * DAY });
  const stage = (id: string, more: Pick<Series, 'apart'>): Series => ({
    id,
    trigger: 'stage',
    stage: 'new',
    steps: [{ ...one(`of-${id}`), after: 0 }],
    ...more,
  });
  const playbook = playing(stage('first', { apart }), stage('second', { apart }), stage('third', {}));
  const after = (step: string, ...ago: readonly number[]) =>
    verdictOn({
      key: '1/tests/of-first/1',
      playbook,
      events: [scored(day(0) - held, 8), bought(day(0))],
      memory: { recent: ago.map((each, index) => ({ key: `1/tests/${step}/${index + 9}`, at: day(0) - each })) },
    });

  it('wait for a mail of each other, and for no other', () => {
    expect(after('of-second', 2 * DAY)).toStrictEqual({ kind: 'defer', until: day(5), reason: 'too soon' });
    expect(after('of-second', 7 * DAY).kind).toBe('send');
    expect(after('of-third', 2 * DAY).kind).toBe('send');
  });

  it('send no more than so many together', () => {
    expect(after('of-second', 20 * DAY, 30 * DAY, 60 * DAY).kind).toBe('send');
    expect(after('of-second', 20 * DAY, 30 * DAY, 60 * DAY - 1)).toStrictEqual(withheld('enough for now'));
    expect(after('of-third', 20 * DAY, 30 * DAY, 60 * DAY - 1).kind).toBe('send');
  });

  it('are counted for as long as the trait lasts, and not without it', () => {
    const recent = [150, 120, 100].map((ago, index) => ({ key: `1/tests/of-second/${index}`, at: day(-ago) }));
    const soFar = (...events: readonly CustomerEvent[]) =>
      verdictOn({ key: '1/tests/of-first/1', playbook, events: [...events, bought(day(0))], memory: { recent } });
    expect(soFar(scored(day(-170), 8))).toStrictEqual(withheld('enough for now'));
    expect(soFar().kind).toBe('send');
    const customer = customerAfter([scored(day(-170), 8), bought(day(0))], day(0), { recent }, playbook);
    expect(forget(customer, playbook, day(0)).recent).toHaveLength(3);
    // But for the last one.
    const others = customerAfter([bought(day(0))], day(0), { recent }, playbook);
    expect(forget(others, playbook, day(0)).recent).toEqual(recent.slice(-1));
  });
});

describe('a trait that ended and began again', () => {
  const apart = { every: 7 * DAY, most: 3, while: 'neutral', atLeast: 90 * DAY };
  const first: Series = {
    id: 'first',
    trigger: 'stage',
    stage: 'new',
    apart,
    steps: [{ id: 'of-first', class: 'promotional', priority: 1, fresh: 3 * DAY, after: 0 }],
  };
  const playbook = playing(first);
  // Neutral for ten days.
  const events = [scored(day(-10), 8), bought(day(0))];
  const recent = (...ago: readonly number[]) =>
    ago.map((each, index) => ({ key: `1/tests/of-first/${index + 9}`, at: day(-each) }));
  const cooldown: Playbook = { ...playbook, cooldown: DAY };
  const after = (...ago: readonly number[]) =>
    verdictOn({ key: '1/tests/of-first/1', playbook: cooldown, events, memory: { recent: recent(...ago) } });

  it('does not begin the count anew before as long as the series says', () => {
    expect(after(70, 80, 89)).toStrictEqual(withheld('enough for now'));
    expect(after(70, 80, 90).kind).toBe('send');
  });

  it('finds the mails of that time remembered, though it was not there for a while', () => {
    const remembered = (t: Instant) =>
      forget(customerAfter([bought(day(-30))], t, { recent: recent(40, 70, 89) }, cooldown), cooldown, t).recent;
    expect(remembered(day(0))).toHaveLength(3);
    expect(remembered(day(2))).toHaveLength(2);
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
    expect(guideWith({ pending: { [WELCOME]: waiting(t - HOUR) } })).toStrictEqual(deferred);
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
    expect(
      verdictOn({ t, playbook: level, key: GUIDE, memory: { pending: { [WELCOME]: waiting(t - HOUR) } } }).kind,
    ).toBe('send');
  });

  it('one that waits, is not wanted, or is a service message is no rival', () => {
    expect(guideWith({ pending: { [WELCOME]: { ...waiting(t - HOUR), notBefore: t + 1 } } }).kind).toBe('send');
    expect(guideWith({ pending: { [WELCOME]: { ...waiting(t - HOUR), notBefore: t } } })).toStrictEqual(deferred);
    expect(guideWith({ pending: { [WELCOME]: waiting(day(0)) } }).kind).toBe('send');
    // It answers an act, and goes out beside all others.
    expect(guideWith({ pending: { [WELCOME]: waiting(t) } }).kind).toBe('send');
    expect(guideWith({ flight: { [WELCOME]: { ...waiting(t), token: 't', lease: t, answer: true } } }).kind).toBe(
      'send',
    );
    expect(guideWith({ pending: { '1/win-back/ask/1': waiting(t) } }).kind).toBe('send');
    const unhappyBefore = [bought(day(0)), complained(day(-10)), resolved(day(-9))];
    const pending = { '1/recovery/resolved/k-1': waiting(t) };
    expect(verdictOn({ events: unhappyBefore, key: GUIDE, t, memory: { pending } }).kind).toBe('send');
  });

  it('one that waits for the word of the shop keeps its place, for its code is made', () => {
    const held = { ...waiting(t - HOUR), notBefore: t + DAY, heldBy: 'waiting for the offer' };
    expect(guideWith({ pending: { [WELCOME]: held } })).toStrictEqual({ ...deferred, until: t + HOUR });
    expect(guideWith({ pending: { [WELCOME]: { ...held, heldBy: 'quiet hours' } } }).kind).toBe('send');
  });

  it('a rival counts on top of what was sent', () => {
    const wide: Playbook = {
      ...PLAYBOOK_FOR_RULES,
      caps: { ...PLAYBOOK_FOR_RULES.caps, perDay: 2, perWeek: 2, per30Days: 9 },
    };
    const recent = [{ key: '1/retention/benefits/1', at: t - 2 * DAY }];
    const pending = { [WELCOME]: waiting(t - HOUR) };
    expect(verdictOn({ key: GUIDE, t, playbook: wide, memory: { pending } }).kind).toBe('send');
    expect(verdictOn({ key: GUIDE, t, playbook: wide, memory: { pending, recent } })).toStrictEqual(deferred);
  });
});

describe('the holdout group', () => {
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
