/** Every stage with its edges: what begins and ends it, to the millisecond, and what outranks it. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { dissatisfiedUntil, nextChange, outlookOf, type StagePolicy, stageOf } from '../../shared/lifecycle/stage.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import {
  bought,
  cancelledOrder,
  complained,
  day,
  event,
  loggedIn,
  refunded,
  registered,
  resolved,
} from '../support/events.ts';
import { MBG, POLICY } from '../support/playbooks.ts';

function stageAfter(events: readonly CustomerEvent[], t: Instant, policy: StagePolicy = POLICY) {
  return stageOf(factsOf(events), policy, t);
}

/** The stage one millisecond before an instant and at it; the change has to be foretold for that very instant. */
function around(events: readonly CustomerEvent[], at: Instant, policy = POLICY): string {
  const foretold = nextChange(factsOf(events), policy, at - 1);
  const stages = `${stageAfter(events, at - 1, policy).stage} → ${stageAfter(events, at, policy).stage}`;
  return foretold?.at === at && stages.endsWith(foretold.to.stage) ? stages : `${stages}, which was not foretold`;
}

const twoOrders = [bought(day(0), 'a'), bought(day(10), 'b')];
const loyalOrders = [0, 30, 60, 90].map((each) => bought(day(each), `o${each}`));

describe('lead', () => {
  it('known, no purchase yet', () => {
    expect(stageAfter([registered(day(0))], day(400))).toStrictEqual({
      stage: 'lead',
      since: 0,
      returning: false,
      reasons: ['no order yet'],
    });
    expect(nextChange(factsOf([registered(day(0))]), POLICY, day(0))).toBeUndefined();
  });

  it('again when the only order was cancelled', () => {
    expect(stageAfter([bought(day(0), 'a'), cancelledOrder(day(1), 'a')], day(2)).stage).toBe('lead');
  });
});

describe('new', () => {
  it('from the first purchase, for the onboarding window', () => {
    const staged = stageAfter([bought(day(0))], day(0));
    expect(staged).toMatchObject({ stage: 'new', since: day(0), returning: false });
    expect(staged.reasons).toStrictEqual(['first order', 'no further order within 60 days so far']);
    expect(around([bought(day(0))], day(60))).toBe('new → active');
  });

  it('ends with the second order', () => {
    expect(stageAfter(twoOrders, day(10))).toMatchObject({ stage: 'active', since: day(10), returning: false });
  });

  it('whatever silence says: inside the window a first-time buyer is neither at risk nor lapsed', () => {
    const impatient: StagePolicy = {
      ...POLICY,
      cadence: { rule: 'fixed', atRiskAfter: 5 * DAY, lapsedAfter: 6 * DAY },
      minimumAtRisk: DAY,
    };
    expect(around([bought(day(0))], day(60), impatient)).toBe('new → lapsed');
    expect(stageAfter([bought(day(0))], day(61), impatient).since).toBe(day(60));
    const atRisk: StagePolicy = {
      ...impatient,
      cadence: { rule: 'fixed', atRiskAfter: 5 * DAY, lapsedAfter: 99 * DAY },
    };
    expect(stageAfter([bought(day(0))], day(61), atRisk)).toMatchObject({ stage: 'at_risk', since: day(60) });
  });

  it('even while a complaint is open', () => {
    expect(stageAfter([bought(day(0)), complained(day(1))], day(2)).stage).toBe('new');
  });
});

describe('return', () => {
  const lapsedThen = (back: number) => [...twoOrders, bought(day(back), 'c')];

  it('a lapsed customer buys: the acquaintance starts from the beginning', () => {
    const staged = stageAfter(lapsedThen(190), day(190));
    expect(staged).toMatchObject({ stage: 'new', since: day(190), returning: true });
    expect(staged.reasons[0]).toBe('bought again after having lapsed');
    expect(around(lapsedThen(190), day(250))).toBe('new → active');
  });

  it('only who had lapsed: one millisecond earlier is an ordinary order', () => {
    expect(stageAfter([...twoOrders, bought(day(190) - 1, 'c')], day(190))).toMatchObject({
      stage: 'active',
      returning: false,
    });
  });

  it('the order after the return is an ordinary one', () => {
    expect(stageAfter([...lapsedThen(190), bought(day(200), 'd', { total: 1 })], day(200))).toMatchObject({
      stage: 'active',
      returning: false,
    });
  });

  it('a return that was cancelled never happened', () => {
    const staged = stageAfter([...lapsedThen(190), cancelledOrder(day(191), 'c')], day(191));
    expect(staged).toMatchObject({ stage: 'lapsed', since: day(190) });
  });

  it('an order that was cancelled in between does not hide the return', () => {
    const between = [bought(day(100), 'x'), cancelledOrder(day(101), 'x')];
    expect(stageAfter([...lapsedThen(195), ...between], day(195)).returning).toBe(true);
  });

  it('two orders of one instant are no return', () => {
    const impatient = { ...POLICY, onboardingWindow: 0, minimumAtRisk: 0 };
    const atOnce: StagePolicy = { ...impatient, cadence: { rule: 'fixed', atRiskAfter: 0, lapsedAfter: 0 } };
    expect(stageAfter([bought(day(0), 'a'), bought(day(0), 'b')], day(0), atOnce).returning).toBe(false);
  });

  it('a login on the day of the order does not hide the return', () => {
    const habit = [100, 105, 110, 115].map((each) => loggedIn(day(each)));
    const policy: StagePolicy = { ...POLICY, minimumAtRisk: 120 * DAY };
    // Lapsed 120 days after the habit stopped (day 137 at midnight), that is, after day 190 and before day 260.
    const events = [...twoOrders, ...habit, bought(day(260), 'c')];
    expect(stageAfter(events, day(260), policy).returning).toBe(true);
    expect(stageAfter([...events, loggedIn(day(260) - HOUR)], day(260), policy).returning).toBe(true);
  });

  it('whoever was still new when buying again had not lapsed, however short the patience', () => {
    const impatient: StagePolicy = {
      ...POLICY,
      cadence: { rule: 'fixed', atRiskAfter: 5 * DAY, lapsedAfter: 6 * DAY },
      minimumAtRisk: DAY,
    };
    const second = [bought(day(0), 'a'), bought(day(59), 'b')];
    expect(stageAfter(second, day(59), impatient)).toMatchObject({ stage: 'active', returning: false });
    const back = [bought(day(0), 'a'), bought(day(60), 'b')];
    expect(stageAfter(back, day(60), impatient)).toMatchObject({ stage: 'new', returning: true });
    const soonAgain = [...back, bought(day(100), 'c')];
    expect(stageAfter(soonAgain, day(100), impatient)).toMatchObject({ stage: 'active', returning: false });
    const later = [...soonAgain, bought(day(130), 'd')];
    expect(stageAfter(later, day(130), impatient)).toMatchObject({ stage: 'new', returning: true });
  });
});

describe('active', () => {
  it('says why', () => {
    expect(stageAfter(twoOrders, day(20)).reasons).toStrictEqual(['2 orders', 'this shop waits 90 days for everybody']);
    expect(stageAfter([bought(day(0))], day(61)).reasons[0]).toBe('the onboarding window is over');
    expect(stageAfter(twoOrders, day(20)).since).toBe(day(10));
  });
});

describe('at risk and lapsed by silence', () => {
  it('at risk from the crossing on', () => {
    expect(around(twoOrders, day(100))).toBe('active → at_risk');
    expect(stageAfter(twoOrders, day(101))).toMatchObject({
      since: day(100),
      reasons: ['this shop waits 90 days for everybody', '91 days of silence'],
    });
  });

  it('lapsed from the crossing on', () => {
    expect(around(twoOrders, day(190))).toBe('at_risk → lapsed');
    expect(stageAfter(twoOrders, day(200))).toMatchObject({
      since: day(190),
      reasons: ['this shop waits 90 days for everybody', '190 days of silence'],
    });
    expect(nextChange(factsOf(twoOrders), POLICY, day(190))).toBeUndefined();
  });

  it('with the probability of no order, where the shop goes by it', () => {
    const { lapsed = 0 } = outlookOf(factsOf(twoOrders), MBG) ?? {};
    const { stage, reasons } = stageOf(factsOf(twoOrders), MBG, lapsed);
    const days = Math.round((lapsed - day(10)) / DAY);
    expect({ stage, reasons }).toStrictEqual({
      stage: 'lapsed',
      reasons: [
        'usually buys every 27 days',
        `${days} days of silence`,
        '85 % likely not to order in the next 90 days',
      ],
    });
    expect(stageOf(factsOf(twoOrders), MBG, lapsed - 1).stage).toBe('at_risk');
  });

  it('lapsed no earlier than the minimum after at risk', () => {
    const hasty: StagePolicy = { ...POLICY, cadence: { rule: 'fixed', atRiskAfter: 90 * DAY, lapsedAfter: 91 * DAY } };
    expect(around(twoOrders, day(114), hasty)).toBe('at_risk → lapsed');
  });

  it('an order within the silence ends it', () => {
    expect(stageAfter([...twoOrders, bought(day(150), 'c')], day(150)).stage).toBe('active');
  });
});

describe('a login habit that stops', () => {
  const habit = [20, 25, 30, 35].map((each) => loggedIn(day(each)));
  const midnightAfter = Math.floor(day(35) / DAY + 1) * DAY;

  it('makes at risk after the least silence, counted from the end of the last login day', () => {
    expect(around([...twoOrders, ...habit], midnightAfter + 21 * DAY)).toBe('active → at_risk');
    expect(stageAfter([...twoOrders, ...habit], day(70)).reasons[0]).toBe('a habit of logging in has stopped');
  });

  it('or after three of the own gaps, whichever is later', () => {
    const wide = [20, 30, 40, 50].map((each) => loggedIn(day(each)));
    const midnight = Math.floor(day(50) / DAY + 1) * DAY;
    expect(around([...twoOrders, ...wide], midnight + 30 * DAY)).toBe('active → at_risk');
  });

  it('three login days are no habit, nor are four too far apart', () => {
    expect(around([...twoOrders, ...habit.slice(1)], day(100))).toBe('active → at_risk');
    const apart = [20, 40, 60, 80].map((each) => loggedIn(day(each)));
    expect(around([...twoOrders, ...apart], day(100))).toBe('active → at_risk');
    const just = [21, 40, 60, 80].map((each) => loggedIn(day(each)));
    expect(stageAfter([...twoOrders, ...just], day(99)).stage).toBe('active');
    expect(nextChange(factsOf([...twoOrders, ...just]), POLICY, day(90))?.at).toBe(day(100));
  });

  it('does not delay what silence says', () => {
    const late = [80, 85, 90, 95].map((each) => loggedIn(day(each)));
    expect(around([...twoOrders, ...late], day(100))).toBe('active → at_risk');
    expect(stageAfter([...twoOrders, ...late], day(100)).reasons[0]).toBe('this shop waits 90 days for everybody');
  });

  it('an order is use, too: the least silence counts from it', () => {
    const order = bought(day(50), 'c');
    expect(around([...twoOrders, ...habit, order], day(71))).toBe('active → at_risk');
  });

  it('puts off lapsing no further than the minimum', () => {
    expect(around([...twoOrders, ...habit], day(190))).toBe('at_risk → lapsed');
  });
});

describe('loyal', () => {
  it('with four orders, 180 days and spend in the top quarter', () => {
    expect(stageAfter(loyalOrders, day(179)).stage).toBe('active');
    const patient: StagePolicy = {
      ...POLICY,
      cadence: { rule: 'fixed', atRiskAfter: 150 * DAY, lapsedAfter: 300 * DAY },
    };
    expect(around(loyalOrders, day(180), patient)).toBe('active → loyal');
    const staged = stageAfter(loyalOrders, day(200), patient);
    expect(staged).toMatchObject({ since: day(90), reasons: ['4 orders since 200 days', 'spend in the top quarter'] });
  });

  const long = [...loyalOrders, bought(day(180), 'last')];

  it('not with three orders', () => {
    expect(stageAfter(long.slice(2), day(181)).stage).toBe('active');
    expect(stageAfter(long.slice(1), day(181)).stage).toBe('active');
    expect(stageAfter([...long.slice(0, 3), bought(day(181), 'l')], day(181)).stage).toBe('loyal');
    expect(stageAfter([...long.slice(0, 2), bought(day(181), 'l', { total: 500 })], day(181)).stage).toBe('active');
  });

  it('not below the spend, counted after refunds, in one currency that reaches it', () => {
    const cheap = [0, 30, 60, 180].map((each) => bought(day(each), `o${each}`, { total: 50 }));
    expect(stageAfter(cheap, day(180)).stage).toBe('loyal');
    expect(stageAfter([...cheap, refunded(day(180), 'o0', 0.01)], day(181)).stage).toBe('active');
    const split = cheap.map((each, index) =>
      bought(each.occurredAt, `s${index}`, { total: 99, currency: index < 2 ? 'USD' : 'EUR' }),
    );
    expect(stageAfter(split, day(180)).stage).toBe('active');
    const euros = cheap.map((each, index) => bought(each.occurredAt, `s${index}`, { total: 50, currency: 'EUR' }));
    expect(stageAfter(euros, day(180)).stage).toBe('loyal');
    const francs = cheap.map((each, index) => bought(each.occurredAt, `s${index}`, { total: 999, currency: 'CHF' }));
    expect(stageAfter(francs, day(180)).stage).toBe('active');
  });

  it('not while dissatisfied, and again when that ends', () => {
    expect(around([...long, complained(day(181)), resolved(day(183))], day(183))).toBe('active → loyal');
    expect(stageAfter([...long, complained(day(181))], day(181)).stage).toBe('active');
  });

  it('until silence says otherwise', () => {
    expect(around(long, day(270))).toBe('loyal → at_risk');
  });
});

describe('a critic', () => {
  const loyal = [...loyalOrders, bought(day(180), 'last')];
  const nps = (at: Instant, score: number) => event('Nps Answered', at, { score });
  const rated = (at: Instant, rating: number) =>
    event('Review Posted', at, { reviewId: `rv${at}`, rating, channel: 'shop' });

  it('is never loyal: the stage falls back to active while it lasts', () => {
    expect(around([...loyal, nps(day(181), 6)], day(181))).toBe('loyal → active');
    expect(stageAfter([...loyal, nps(day(181), 6)], day(182))).toMatchObject({
      stage: 'active',
      reasons: [
        '5 orders',
        'not counted as loyal while this holds: answered 6 to “would you recommend us”',
        'this shop waits 90 days for everybody',
      ],
    });
    expect(stageAfter([...loyal, nps(day(181), 7)], day(182)).stage).toBe('loyal');
    expect(stageAfter([...loyal, nps(day(181), 3), nps(day(182), 9)], day(182)).stage).toBe('loyal');
  });

  it('is loyal again when the answer is too old', () => {
    const short = { ...POLICY, critic: { ...POLICY.critic, within: 30 * DAY } };
    expect(around([...loyal, nps(day(185), 3)], day(215), short)).toBe('active → loyal');
  });

  it('by two small complaints, also when both are settled', () => {
    const low = ['x', 'y'].flatMap((id, index) => [
      complained(day(181 + index), id, 'low'),
      resolved(day(181.5 + index), id),
    ]);
    expect(stageAfter([...loyal, ...low], day(184)).stage).toBe('active');
    expect(stageAfter([...loyal, ...low.slice(2)], day(184)).stage).toBe('loyal');
  });

  it('by two bad ratings, when neither makes dissatisfied any more', () => {
    const bad = [rated(day(185), 1), rated(day(186), 2), rated(day(187), 4)];
    expect(stageAfter([...loyal, ...bad], day(188)).stage).toBe('active');
    expect(stageAfter([...loyal, ...bad.slice(1)], day(188)).stage).toBe('loyal');
  });

  it('is at risk and lapsed like others', () => {
    const silent = [...twoOrders, nps(day(50), 2)];
    expect(around(silent, day(100))).toBe('active → at_risk');
    expect(around(silent, day(190))).toBe('at_risk → lapsed');
  });
});

describe('a subscription', () => {
  const stopped = (at: Instant, endsAt: Instant) =>
    event('Subscription Renewal Stopped', at, { subscriptionId: 's-1', endsAt: new Date(endsAt).toISOString() });
  const resumed = (at: Instant) => event('Subscription Renewal Resumed', at, { subscriptionId: 's-1' });
  const ended = [...twoOrders, stopped(day(20), day(50))];

  it('that ended: lapsed, however short the silence', () => {
    expect(around(ended, day(50))).toBe('active → lapsed');
    expect(stageAfter(ended, day(60))).toMatchObject({
      since: day(50),
      reasons: ['the subscription ended', '50 days of silence'],
    });
  });

  it('that ended beats being new', () => {
    expect(around([bought(day(0)), stopped(day(5), day(30))], day(30))).toBe('new → lapsed');
  });

  it('that was resumed did not end, before or after the day', () => {
    expect(stageAfter([...ended, resumed(day(40))], day(60)).stage).toBe('active');
    expect(stageAfter([...ended, resumed(day(55))], day(60)).stage).toBe('active');
    expect(stageAfter([...ended, resumed(day(40)), stopped(day(45), day(50))], day(50)).stage).toBe('lapsed');
  });

  it('an order after its end is a return, one at its very end, too; one before is not', () => {
    expect(stageAfter([...ended, bought(day(55), 'c')], day(55))).toMatchObject({ stage: 'new', returning: true });
    expect(stageAfter([...ended, bought(day(50), 'c')], day(50))).toMatchObject({ stage: 'new', returning: true });
    const before = [...ended, bought(day(49), 'c')];
    expect(stageAfter(before, day(49))).toMatchObject({ stage: 'active', returning: false });
    expect(around(before, day(50))).toBe('active → lapsed');
    const resumedFirst = [...ended, resumed(day(45)), bought(day(55), 'c')];
    expect(stageAfter(resumedFirst, day(55))).toMatchObject({ stage: 'active', returning: false });
    // Resumed once they were back: the return stays one.
    expect(stageAfter([...ended, bought(day(55), 'c'), resumed(day(56))], day(56)).returning).toBe(true);
  });

  it('of somebody who never bought says nothing', () => {
    expect(stageAfter([registered(day(0)), stopped(day(1), day(2))], day(3)).stage).toBe('lead');
  });

  it('the stopped renewal makes dissatisfied: not at risk, until the end', () => {
    const silent = [...twoOrders, stopped(day(95), day(120))];
    expect(stageAfter(silent, day(101))).toMatchObject({
      stage: 'active',
      reasons: ['silent, but stopped the renewal of a subscription: that comes first'],
    });
    expect(around(silent, day(120))).toBe('active → lapsed');
  });
});

describe('a bad rating', () => {
  const rated = (at: Instant, rating: number) =>
    event('Review Posted', at, { reviewId: `rv${at}`, rating, channel: 'third_party' });

  it('makes dissatisfied for a month, or until a good one', () => {
    const silent = [...twoOrders, rated(day(95), 2)];
    expect(stageAfter(silent, day(101)).stage).toBe('active');
    expect(around(silent, day(125))).toBe('active → at_risk');
    expect(around([...silent, rated(day(110), 5)], day(110))).toBe('active → at_risk');
  });
});

describe('dissatisfied', () => {
  it('keeps a silent customer active: the complaint comes first', () => {
    const events = [...twoOrders, complained(day(95))];
    const staged = stageAfter(events, day(101));
    expect(staged).toMatchObject({ stage: 'active', since: day(10) });
    expect(staged.reasons).toStrictEqual(['silent, but a complaint is open: that comes first']);
  });

  it('ends with the resolution; then at risk begins', () => {
    const events = [...twoOrders, complained(day(95)), resolved(day(105))];
    expect(around(events, day(105))).toBe('active → at_risk');
    expect(stageAfter(events, day(106)).since).toBe(day(105));
  });

  it('ends by itself at its maximum age', () => {
    const events = [...twoOrders, complained(day(95))];
    expect(around(events, day(140))).toBe('active → at_risk');
    expect(around([...events, resolved(day(150))], day(140))).toBe('active → at_risk');
  });

  it('interrupts at risk, which goes on where it began', () => {
    const events = [...twoOrders, complained(day(110)), resolved(day(112))];
    expect(around(events, day(110))).toBe('at_risk → active');
    expect(around(events, day(112))).toBe('active → at_risk');
    expect(stageAfter(events, day(113)).since).toBe(day(100));
  });

  it('does not hide that a customer has lapsed', () => {
    expect(stageAfter([...twoOrders, complained(day(189))], day(190)).stage).toBe('lapsed');
  });

  it('a complaint opened again counts from then; one resolved at its very opening never was', () => {
    const again = [...twoOrders, complained(day(95)), resolved(day(96)), complained(day(99))];
    expect(stageAfter(again, day(100)).stage).toBe('active');
    const never = [...twoOrders, complained(day(99)), resolved(day(99))];
    expect(stageAfter(never, day(100)).stage).toBe('at_risk');
  });

  it('follows complaints that touch or overlap to their common end', () => {
    const spans = [
      { from: 0, to: 10 },
      { from: 5, to: 8 },
      { from: 10, to: 20 },
      { from: 21, to: 30 },
    ];
    expect(dissatisfiedUntil(spans, 3)).toBe(20);
    expect(dissatisfiedUntil(spans, 19)).toBe(20);
    expect(dissatisfiedUntil(spans, 20)).toBeUndefined();
    expect(dissatisfiedUntil(spans, 21)).toBe(30);
    expect(dissatisfiedUntil(spans, -1)).toBeUndefined();
  });

  it('two complaints, one resolved: still dissatisfied', () => {
    const events = [...twoOrders, complained(day(95), 'a'), complained(day(96), 'b'), resolved(day(97), 'a')];
    expect(around(events, day(141))).toBe('active → at_risk');
  });
});

describe('nextChange', () => {
  it('is strictly later than the instant it is asked at, and to a stage that differs', () => {
    const facts = factsOf(twoOrders);
    expect(nextChange(facts, POLICY, day(100) - 1)?.at).toBe(day(100));
    expect(nextChange(facts, POLICY, day(100))?.at).toBe(day(190));
    // The window's end and the loyal date pass by without a change.
    expect(nextChange(facts, POLICY, day(10))?.at).toBe(day(100));
  });
});
