/** From events and time to stages and episodes: outages, late events, a new policy, and who comes again. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { advance, nextCrossing } from '../../shared/lifecycle/customer/advance.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { JOURNAL_NEEDED, react } from '../../shared/lifecycle/customer/react.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, MINUTE, NEVER } from '../../shared/lifecycle/time.ts';
import { situationOf } from '../../shared/lifecycle/traits/situation.ts';
import { newestCause } from '../../shared/lifecycle/traits/traits.ts';
import { customerAfter, reacted } from '../support/customers.ts';
import { bought, complained, CUSTOMER, day, event, registered, resolved, stoppedRenewal } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES, POLICY } from '../support/playbooks.ts';

const twoOrders = [bought(day(0), 'a'), bought(day(10), 'b')];
const active = customerAfter(twoOrders, day(11));
const walk = (changes: readonly { readonly from: string; readonly to: string; readonly at: number }[]) =>
  changes.map(({ from, to, at }) => [from, to, (at - day(0)) / DAY]);

describe('time passes', () => {
  it('every change on the way is seen, at its own instant', () => {
    const { changes, customer } = reacted(active, [], day(300));
    expect(walk(changes)).toStrictEqual([
      ['active', 'at_risk', 100],
      ['at_risk', 'lapsed', 190],
    ]);
    expect(customer).toMatchObject({ stage: 'lapsed', stageSince: day(190), evaluatedAt: day(300) });
    expect(customer.lastChanges).toStrictEqual({ cause: 'wake', changes });
  });

  it('after an outage only what is fresh is decided', () => {
    const { customer } = reacted(active, [], day(195));
    expect(Object.keys(customer.pending)).toStrictEqual(['1/win-back/ask/1']);
    expect(customer.episodes).toMatchObject({
      'at-risk': { n: 1, beganAt: day(100) },
      return: { n: 1, beganAt: day(190) },
    });
    expect(Object.keys(reacted(active, [], day(198)).customer.pending)).toStrictEqual([]);
  });

  it('a crossing moments before a purchase is seen', () => {
    const { changes, customer } = reacted(active, [bought(day(190) + 1, 'c')], day(191));
    expect(walk(changes).map(([, to]) => to)).toStrictEqual(['at_risk', 'lapsed', 'new']);
    expect(customer.episodes['first-steps']).toStrictEqual({ n: 2, beganAt: day(190) + 1 });
  });

  it('without a change the last ones are kept, so that a redelivery announces them again', () => {
    const { customer, changes } = reacted(active, [], day(12));
    expect(changes).toStrictEqual([]);
    expect(customer.lastChanges).toStrictEqual(active.lastChanges);
  });

  it('a crossing into the stage the customer is in already is no change', () => {
    const ahead: Living = { ...active, stage: 'at_risk', stageSince: day(99) };
    const { customer, changes } = advance({ customer: ahead, changes: [] }, day(101), PLAYBOOK_FOR_RULES);
    expect(changes).toStrictEqual([]);
    expect(customer).toStrictEqual({ ...ahead, evaluatedAt: day(101) });
  });

  it('does not go back', () => {
    const observed = advance({ customer: active, changes: [] }, day(5), PLAYBOOK_FOR_RULES);
    expect(observed).toStrictEqual({ customer: active, changes: [] });
  });
});

describe('events that come late', () => {
  it('change the stage as of the last look, not of their own time', () => {
    const { changes, customer } = reacted(
      customerAfter([], day(20)),
      [bought(day(1), 'a'), bought(day(2), 'b')],
      day(21),
    );
    expect(walk(changes)).toStrictEqual([
      ['lead', 'new', 20],
      ['new', 'active', 20],
    ]);
    expect(customer.evaluatedAt).toBe(day(21));
  });

  it('are taken in by their own time, not in the order they are given', () => {
    const given = [bought(day(10), 'b'), bought(day(0), 'a')];
    const { changes } = reacted(unknownCustomer(CUSTOMER, day(0)), given, day(11));
    expect(walk(changes)).toStrictEqual([
      ['lead', 'new', 0],
      ['new', 'active', 10],
    ]);
  });

  it('a clock that runs ahead does not move ours', () => {
    const { customer } = reacted(customerAfter([], day(0)), [bought(day(0) + 60_000)], day(0));
    expect(customer).toMatchObject({ evaluatedAt: day(0), stage: 'new', stageSince: day(0) });
  });

  it('older than the ring ask for the journal, and are right with it', () => {
    const many = Array.from({ length: 9 }, (_, index) => bought(day(index), `o${index}`));
    const customer = customerAfter(many, day(9));
    const late = bought(day(0.5), 'late');
    expect(react(customer, [late], 'late', PLAYBOOK_FOR_RULES, day(9))).toBe(JOURNAL_NEEDED);
    const reaction = react(customer, [late], 'late', PLAYBOOK_FOR_RULES, day(9), [...many, late]);
    if (reaction === JOURNAL_NEEDED) throw new Error('it was given the journal');
    expect(reaction.customer.facts.orders.older?.history?.orders).toBe(4);
  });
});

describe('episodes', () => {
  const lapsed = reacted(active, [], day(190)).customer;
  const again = (order: number, playbook?: Playbook) =>
    reacted(reacted(lapsed, [bought(day(order), 'c')], day(order)).customer, [], day(order + 180), playbook).customer;

  it('a late order and a second lapse within repeatAfter go on with the episode', () => {
    // An order of day 40 arrives on day 191: the silence counts from there, and ends on day 220.
    const late = reacted(lapsed, [bought(day(40), 'late')], day(191)).customer;
    expect(late.stage).toBe('at_risk');
    const later = reacted(late, [], day(225)).customer;
    expect(later).toMatchObject({ stage: 'lapsed', stageSince: day(220) });
    expect(later.episodes['return']).toStrictEqual({ n: 1, beganAt: day(190) });
    expect(later.pending).not.toHaveProperty(['1/win-back/ask/2']);
  });

  it('a second lapse after repeatAfter begins another', () => {
    expect(again(200).episodes['return']).toStrictEqual({ n: 2, beganAt: day(380) });
  });

  it('exactly repeatAfter later begins another, a millisecond earlier goes on', () => {
    const since = (beganAt: number): Living => ({ ...active, episodes: { 'at-risk': { n: 4, beganAt } } });
    const episode = (customer: Living) => reacted(customer, [], day(100)).customer.episodes['at-risk'];
    expect(episode(since(day(40)))).toStrictEqual({ n: 5, beganAt: day(100) });
    expect(episode(since(day(40) + 1))).toStrictEqual({ n: 4, beganAt: day(40) + 1 });
  });

  it('an interruption by a complaint goes on with the episode', () => {
    const atRisk = reacted(active, [], day(101)).customer;
    const unhappy = reacted(atRisk, [complained(day(102))], day(102)).customer;
    expect(unhappy.stage).toBe('active');
    const back = reacted(unhappy, [resolved(day(104))], day(104)).customer;
    expect(back.stage).toBe('at_risk');
    expect(back.episodes['at-risk']).toStrictEqual({ n: 1, beganAt: day(100) });
  });

  it('belong to the series of the stage that was entered, and to no other', () => {
    expect(Object.keys(active.episodes)).toStrictEqual(['first-steps']);
  });
});

describe('somebody who comes back', () => {
  it('within repeatAfter is made the acquaintance of anew, once', () => {
    const bought1 = reacted(
      unknownCustomer(CUSTOMER, day(0)),
      [registered(day(0)), bought(day(0), 'a')],
      day(0),
    ).customer;
    const stop = event('Subscription Renewal Stopped', day(10), {
      subscriptionId: 's',
      endsAt: new Date(day(30)).toISOString(),
    });
    const lapsed = reacted(bought1, [stop], day(31)).customer;
    expect(lapsed.stage).toBe('lapsed');
    const back = reacted(lapsed, [bought(day(45), 'b')], day(45)).customer;
    expect(back).toMatchObject({ stage: 'new', episodes: { 'first-steps': { n: 2, beganAt: day(45) } } });
    expect(reacted(back, [bought(day(0.5), 'late')], day(46)).customer.episodes['first-steps']?.n).toBe(2);

    const cancelled = reacted(back, [event('Order Cancelled', day(45.1), { orderId: 'b' })], day(45.1)).customer;
    const again = reacted(cancelled, [bought(day(46), 'c')], day(46)).customer;
    expect(again).toMatchObject({ stage: 'new', episodes: { 'first-steps': { n: 2 } } });
  });

  it('greets nobody twice who takes an order back and orders anew, whatever else is heard of late', () => {
    const daily = Array.from({ length: 15 }, (_none, on) => bought(day(on), `o${on}`));
    let customer = reacted(unknownCustomer(CUSTOMER, day(0)), [registered(day(0)), ...daily], day(70)).customer;
    const later: readonly (readonly [number, CustomerEvent])[] = [
      [200, bought(day(200), 'x')],
      [200.5, bought(day(16), 'late')],
      [201, event('Order Cancelled', day(201), { orderId: 'x' })],
      [202, bought(day(202), 'y')],
    ];
    const stages = later.map(([on, each]) => {
      ({ customer } = reacted(customer, [each], day(on)));
      return `${customer.stage} ${customer.episodes['first-steps']?.n}`;
    });
    expect(stages).toEqual(['new 2', 'new 2', 'lapsed 2', 'new 2']);
  });

  it('greets whoever lapsed and came back, however soon after the last greeting', () => {
    const unknown = unknownCustomer(CUSTOMER, day(0));
    const first = reacted(unknown, [registered(day(0)), bought(day(0))], day(0)).customer;
    const lapsed = reacted(first, [stoppedRenewal(day(2), day(5))], day(6)).customer;
    expect(lapsed).toMatchObject({ stage: 'lapsed', lapsedSince: day(5) });
    const back = reacted(lapsed, [bought(day(8), 'b')], day(8)).customer;
    expect(back).toMatchObject({ stage: 'new', episodes: { 'first-steps': { n: 2, beganAt: day(8) } } });
  });
});

describe('traits', () => {
  const nps = (at: number, score: number) => event('Nps Answered', at, { score });
  const answering: Playbook = {
    ...PLAYBOOK_FOR_RULES,
    programmes: [
      {
        id: 'recovery',
        afterUnknown: 'repeat once',
        series: [
          {
            id: 'critic',
            trigger: 'trait',
            trait: 'critic',
            steps: [{ id: 'critic', class: 'service', priority: 95, fresh: 3 * DAY, after: 15 * MINUTE }],
          },
        ],
      },
    ],
  };
  const seen = (customer: Living, events: Parameters<typeof reacted>[1], t: number) =>
    reacted(customer, events, t, answering);
  const content = seen(unknownCustomer(CUSTOMER, day(0)), [registered(day(0))], day(0)).customer;
  const critic = seen(content, [nps(day(1), 3)], day(1)).customer;

  it('are remembered as observed, and are no change of stage', () => {
    expect(content.traits).toStrictEqual([]);
    expect(critic.traits).toStrictEqual(['critic', 'was-critic']);
    const { customer, changes } = seen(critic, [], day(200));
    expect(customer.traits).toStrictEqual(['was-critic']);
    expect(seen(critic, [], day(300)).customer.traits).toStrictEqual([]);
    expect(changes).toStrictEqual([]);
  });

  it('begin their series when they are got, and not while they go on', () => {
    expect(critic.episodes['critic']).toStrictEqual({ n: 1, beganAt: day(1) });
    expect(Object.keys(seen(critic, [], day(1) + 15 * MINUTE).customer.pending)).toStrictEqual(['1/recovery/critic/1']);
    expect(seen(critic, [], day(100)).customer.episodes['critic']).toStrictEqual({ n: 1, beganAt: day(1) });
  });

  it('held begin no service anew, for it was begun with the trait', () => {
    const worse = (at: number) => seen(critic, [nps(at, 0)], day(100)).customer;
    expect(worse(day(61)).traits).toStrictEqual(critic.traits);
    for (const at of [day(3), day(61)]) {
      expect(worse(at).episodes['critic']).toStrictEqual({ n: 1, beganAt: day(1) });
      expect(worse(at).criticSince).toBe(day(1));
    }
    const better = seen(critic, [nps(day(3), 9)], day(100)).customer;
    expect(better.criticSince).toBeUndefined();
    expect(seen(better, [nps(day(4), 0)], day(100)).customer).toMatchObject({
      episodes: { critic: { n: 2, beganAt: day(4) } },
      criticSince: day(4),
    });
    const unsaid = seen(critic, [nps(day(0.5), 0)], day(100)).customer;
    expect(unsaid.episodes['critic']).toStrictEqual({ n: 1, beganAt: day(1) });
  });

  it('held look at a new cause at its own instant', () => {
    const later = { facts: critic.facts, playbook: answering, mails: [] };
    const review = (at: number) => event('Review Posted', at, { reviewId: `r${at}`, rating: 1, channel: 'shop' });
    const rated = [3, 4, 5].map((each) => review(day(each)));
    const customer = seen(critic, rated, day(5)).customer;
    expect(newestCause(later, 'critic', day(5))?.from).toBe(day(1));
    expect(newestCause(situationOf(customer, answering), 'critic', day(5))?.from).toBeGreaterThan(day(1));
    expect(newestCause(later, 'critic', day(181))?.from).toBeUndefined();
  });

  it('got again begin another episode: of service at once, of promotion after repeatAfter', () => {
    const promoting: Playbook = {
      ...answering,
      programmes: answering.programmes.map((programme) => ({
        ...programme,
        series: programme.series.map((series) =>
          series.trigger === 'trait'
            ? { ...series, steps: series.steps.map((step) => ({ ...step, class: 'promotional' as const })) }
            : series,
        ),
      })),
    };
    const again = (first: number, then: number, playbook: Playbook) => {
      const better = reacted(critic, [nps(day(first), 9)], day(first), playbook).customer;
      return reacted(better, [nps(day(then), 3)], day(then), playbook).customer.episodes['critic'];
    };
    expect(again(10, 12, answering)).toStrictEqual({ n: 2, beganAt: day(12) });
    expect(again(10, 61, promoting)).toStrictEqual({ n: 2, beganAt: day(61) });
    expect(again(10, 60.9, promoting)).toStrictEqual({ n: 1, beganAt: day(1) });
  });

  it('that came and went during an outage began their series', () => {
    const { customer } = seen(content, [nps(day(1), 3), nps(day(2), 9)], day(3));
    expect(customer.traits).toStrictEqual(['promoter', 'was-critic']);
    expect(customer.episodes['critic']).toStrictEqual({ n: 1, beganAt: day(1) });
  });

  it('heard of late are had since their own time', () => {
    const late = seen(seen(content, [], day(2)).customer, [nps(day(1), 3)], day(2)).customer;
    expect(late.episodes['critic']).toStrictEqual({ n: 1, beganAt: day(1) });
  });

  it('come next when the stage does not', () => {
    expect(nextCrossing(critic, answering)).toBe(day(181));
    expect(nextCrossing(content, answering)).toBe(NEVER);
    const risky = reacted(active, [nps(day(11), 9)], day(11), answering).customer;
    expect(nextCrossing(risky, answering)).toBe(day(100));
    expect(nextCrossing(reacted(risky, [], day(100), answering).customer, answering)).toBe(day(190));
    expect(nextCrossing(reacted(risky, [], day(190), answering).customer, answering)).toBe(day(191));
  });

  it('of the playbook of today are seen at once', () => {
    const milder = { ...answering, stages: { ...POLICY, critic: { ...POLICY.critic, score: 2 } } };
    expect(reacted(critic, [], day(1), milder).customer.traits).toStrictEqual([]);
  });
});

describe('a new policy', () => {
  it('is applied to what was known before the events are', () => {
    const patient: Playbook = {
      ...PLAYBOOK_FOR_RULES,
      stages: { ...POLICY, cadence: { rule: 'fixed', atRiskAfter: 120 * DAY, lapsedAfter: 240 * DAY } },
    };
    const atRisk = reacted(active, [], day(105)).customer;
    expect(atRisk.stage).toBe('at_risk');
    const { changes, customer } = reacted(atRisk, [], day(106), patient);
    expect(walk(changes)).toStrictEqual([['at_risk', 'active', 105]]);
    expect(Object.values(customer.closing).map((each) => each.reason)).toStrictEqual(['stage is active']);
    const { customer: later } = reacted(customer, [], day(131), patient);
    expect(later).toMatchObject({ stage: 'at_risk', stageSince: day(130) });
    // The first episode began 30 days before: the check-in is not sent twice.
    expect(later.episodes['at-risk']).toStrictEqual({ n: 1, beganAt: day(100) });
  });
});
