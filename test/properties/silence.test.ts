/** P3: nobody who can be reached and has an order goes over 45 days without a mail, whatever happens to them. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pausesOf } from '../../shared/lifecycle/customer/pauses.ts';
import { isPromotional } from '../../shared/lifecycle/customer/message-key.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Facts } from '../../shared/lifecycle/facts/facts.ts';
import { historyOf as ordersOf } from '../../shared/lifecycle/facts/orders.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { stageNameOf } from '../../shared/lifecycle/stage.ts';
import { DAY, type Duration, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import type { Span } from '../../shared/lifecycle/traits/spans.ts';
import {
  bought,
  cancelledOrder,
  CUSTOMER,
  day,
  event,
  refunded,
  registered,
  resumedRenewal,
  scored,
  stoppedRenewal,
} from '../support/events.ts';
import { historyOf, ORDINARY } from '../support/histories.ts';
import { Pipeline } from '../support/pipeline.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { assert } from '../support/property.ts';

const LONGEST = 45 * DAY;
const LOOK_EVERY = 6 * HOUR;
const LAST = day(460);
const DISTANCES = fc.double({ min: 0.2, max: 2, noNaN: true });

/** What may end with somebody who cannot be written to. */
const AGAINST_MAIL = /"consent"|"(?:email|programmes|promotion|reason)":/u;

/** Orders in a rhythm of the customer's own, from some day on, now and then interrupted for months. */
const orders = fc
  .record({
    from: fc.integer({ min: 0, max: 200 }),
    usual: fc.constantFrom(2, 7, 15, 30, 45, 70),
    distances: fc.array(fc.oneof({ weight: 8, arbitrary: DISTANCES }, { weight: 1, arbitrary: fc.constant(6) }), {
      minLength: 1,
      maxLength: 25,
    }),
  })
  .map(({ from, usual, distances }) => {
    let at = from;
    return distances.map((each, index) => {
      at += index === 0 ? 0 : each * usual;
      const order = { orderId: `r${index}`, total: 20, currency: 'EUR', email: 'anna@example.com' };
      return event('Purchase Completed', Math.round(day(at)), order, `regular-${index}`);
    });
  });

const others = historyOf({ ...ORDINARY, most: 20 }, 0).map((events) =>
  events.filter(({ data }) => !AGAINST_MAIL.test(JSON.stringify(data))),
);

const lives = fc
  .record({ orders, others, registeredOn: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })) })
  .map(({ orders: regular, others: more, registeredOn }) =>
    [registered(day(registeredOn) - HOUR, { timeZone: 'Europe/Stockholm' }), ...regular, ...more]
      .filter(({ occurredAt }) => occurredAt < LAST)
      .toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1)),
  );

async function played(
  history: readonly CustomerEvent[],
  importedAt: Instant | undefined,
  playbook = SHIPPED,
): Promise<Pipeline> {
  const pipeline = new Pipeline(playbook, importedAt ?? history[0]?.occurredAt ?? day(0));
  if (importedAt !== undefined) {
    const imported = { ...unknownCustomer(CUSTOMER, history[0]?.occurredAt ?? importedAt), startsAt: importedAt };
    await pipeline.store.save({ ...imported, version: 1 }, 0);
    const past = history.filter(({ occurredAt }) => occurredAt <= importedAt);
    if (past.length > 0) await pipeline.deliver(...past);
  }
  await pipeline.play(history.filter(({ occurredAt }) => occurredAt > (importedAt ?? -Infinity)));
  await pipeline.waitUntil(LAST);
  return pipeline;
}

/** When somebody lapsed was first seen to be so after their last order: one that was taken back makes no other lapse. */
function lapseSeen({ entered }: Pipeline, facts: Facts, t: Instant): Instant {
  const ordered = ordersOf(facts.orders)?.last ?? -Infinity;
  return entered.find(({ at, to }) => to === 'lapsed' && at >= ordered && at <= t)?.at ?? t;
}

function heardSince({ mailer: { accepted } }: Pipeline, since: Instant, t: Instant): boolean {
  return accepted.some(({ at, key }) => at >= since && at <= t && isPromotional(key, SHIPPED));
}

/** The silences of a customer: from when to when, and for how much of that nothing spoke against a mail. */
function silencesOf(pipeline: Pipeline, history: readonly CustomerEvent[], importedAt: Instant | undefined) {
  const { entered, mailer } = pipeline;
  const known = new Map<number, readonly Span[]>();
  /** When promotion rests, as one knew at the time: a pause may turn out to have been over long before. */
  const pausesAt = (t: Instant) => {
    const past = history.filter(({ occurredAt }) => occurredAt <= t);
    const pauses = known.get(past.length) ?? pausesOf(factsOf(past), SHIPPED.stages);
    known.set(past.length, pauses);
    return pauses;
  };
  const isLeftInPeace = (t: Instant) => {
    const stage = entered.findLast(({ at }) => at <= t);
    if (stage === undefined || stage.to === 'lead' || pausesAt(t).some(({ from, to }) => from <= t && t < to))
      return true;
    if (stage.to !== 'lapsed') return false;
    // After the win-back, or what came instead of it; and who was lapsed long before the import.
    const past = factsOf(history.filter(({ occurredAt }) => occurredAt <= t));
    const seen = lapseSeen(pipeline, past, t);
    return heardSince(pipeline, seen, t) || seen <= (importedAt ?? -Infinity);
  };
  const reachable = history.find(({ type }) => type === 'Customer Registered')?.occurredAt ?? LAST;
  const begin = Math.max(reachable, importedAt ?? -Infinity);
  const mails = [begin, ...mailer.accepted.map(({ at }) => at).filter((at) => at > begin), LAST];
  return mails.slice(1).map((to, index) => {
    const from = mails[index] ?? to;
    let unexplained: Duration = 0;
    if (to - from > LONGEST) {
      for (let t = from; t < to; t += LOOK_EVERY) if (!isLeftInPeace(t)) unexplained += LOOK_EVERY;
    }
    return { from, to, unexplained };
  });
}

const inDays = (t: Instant) => ((t - day(0)) / DAY).toFixed(1);

/** Reminders to somebody lapsed who had heard of us since, and such as come within a day of another mail, as `day key`. */
function needless(pipeline: Pipeline): string[] {
  const { accepted } = pipeline.mailer;
  return accepted.flatMap(({ key, at, customer }) => {
    if (customer?.kind !== 'living' || !/make-the-most|benefits|your-view/u.test(key)) return [];
    const isTooSoon = accepted.some((each) => each.at < at && each.at > at - DAY);
    if (isTooSoon) return [`${inDays(at)} ${key}`];
    if (stageNameOf(customer.facts, SHIPPED.stages, at) !== 'lapsed') return [];
    const seen = lapseSeen(pipeline, customer.facts, at);
    const isLeftInPeace = seen <= (customer.startsAt ?? -Infinity);
    return isLeftInPeace || heardSince(pipeline, seen, at - 1) ? [`${inDays(at)} ${key}`] : [];
  });
}

it('whatever happens to a customer, and whenever they were taken over', async () => {
  const imported = fc.option(fc.integer({ min: 0, max: 250 }), { nil: undefined });
  await assert(
    fc.asyncProperty(lives, imported, async (history, importedOn) => {
      const importedAt = importedOn === undefined ? undefined : day(importedOn);
      const pipeline = await played(history, importedAt);
      const tooLong = silencesOf(pipeline, history, importedAt).filter(
        ({ unexplained }) => unexplained > LONGEST + LOOK_EVERY,
      );
      const tooMuch = needless(pipeline);
      if (tooLong.length + tooMuch.length === 0) return;
      const lines = [
        ...tooLong.map(
          ({ from, to }) => `silent from ${inDays(from)} to ${inDays(to)}, imported ${importedOn ?? 'never'}`,
        ),
        ...tooMuch.map((each) => `not to be sent ${each}`),
        ...history.map(({ type, occurredAt, data }) => `${inDays(occurredAt)} ${type} ${JSON.stringify(data)}`),
        ...pipeline.mailer.accepted.map(({ at, key }) => `mail ${inDays(at)} ${key}`),
        ...pipeline.entered.map(({ at, to }) => `stage ${inDays(at)} ${String(to)}`),
        ...(await pipeline.ledger()),
      ];
      throw new Error(lines.join('\n'));
    }),
    400,
  );
});

describe('in time comes', () => {
  const hello = registered(day(0), { timeZone: 'Europe/Stockholm' });
  /** `day programme/step` of the mails that went out from some day on. */
  const mailsFrom = async (from: number, ...history: readonly CustomerEvent[]) => {
    const { mailer } = await played([hello, ...history], undefined);
    return mailer.accepted.flatMap(({ key, at }) =>
      at < day(from) ? [] : [`${Math.floor((at - day(0)) / DAY)} ${key.split('/').slice(1, 3).join('/')}`],
    );
  };

  it('another reminder than the one that something stood in the way of overnight', async () => {
    const change = { changeId: 'c', what: 'another glaze', cost: 5, currency: 'USD', orderId: 'b' };
    const mails = await mailsFrom(
      62,
      bought(day(0), 'a'),
      bought(day(45), 'b'),
      event('Change Requested', day(60) + 8.5 * HOUR, change),
      // The reminder waits for the morning, and would be about what is to be sent back.
      event('Return Requested', day(101) + 10 * HOUR, { returnId: 'r', orderId: 'b' }),
    );
    expect(mails.slice(0, 2)).toEqual(['62 service/change-nudge', '101 retention/benefits']);
  });

  it('the question of the win-back also to somebody who lapses a second time', async () => {
    const daily = Array.from({ length: 15 }, (_none, on) => bought(day(on), `o${on}`, { total: 5 }));
    const mails = await mailsFrom(70, ...daily, bought(day(77), 'back', { total: 5 }));
    expect(mails.filter((each) => each.includes('win-back'))).toEqual([
      '74 win-back/ask',
      '137 win-back/ask',
      '161 win-back/offer',
    ]);
    const critic = await mailsFrom(70, ...daily, bought(day(77), 'back', { total: 5 }), scored(day(79), 3));
    expect(critic).toContain('137 win-back/ask');
  });

  it('nothing after the win-back, whatever else is to be said', async () => {
    const daily = Array.from({ length: 15 }, (_none, on) => bought(day(on), `o${on}`, { total: 5 }));
    const changes = [230, 330].map((on) =>
      event('Change Requested', day(on), { changeId: `c${on}`, what: 'another glaze', cost: 5, currency: 'USD' }),
    );
    const calledOff = [bought(day(400), 'late'), cancelledOrder(day(400.5), 'late')];
    const mails = await mailsFrom(90, ...daily, ...changes, ...calledOff);
    expect(mails.filter((each) => !each.includes('service/'))).toEqual(['98 win-back/offer', '400 onboarding/welcome']);
  });

  it('a reminder within days to somebody lapsed whom no win-back could be sent, and who sent something back', async () => {
    const change = { changeId: 'c', what: 'another glaze', cost: 5, currency: 'USD' };
    const daily = Array.from({ length: 15 }, (_none, on) => bought(day(on), `o${on}`, { total: 5 }));
    const history = [hello, ...daily, event('Change Requested', day(90.4), change)];
    const silent = {
      ...SHIPPED,
      programmes: SHIPPED.programmes.filter(({ id }) => id !== 'win-back'),
    };
    const sentFrom = async (...more: readonly CustomerEvent[]) => {
      const { mailer } = await played([...history, ...more], undefined, silent);
      return mailer.accepted.flatMap(({ at }) => (at > day(92) ? [Math.floor((at - day(0)) / DAY)] : []));
    };
    const [nudge = NaN, reminder = NaN] = await sentFrom();
    expect(reminder - nudge).toBe(44);
    const [, later = NaN] = await sentFrom(event('Return Requested', day(136.5), { returnId: 'r', orderId: 'o14' }));
    expect(later - nudge).toBeLessThanOrEqual(45);
  });

  it('a reminder at the end of a rest, also of one so long that every mail before it is past counting', async () => {
    const often = Array.from({ length: 30 }, (_none, nth) => bought(day(nth * 12), `o${nth}`, { total: 1 }));
    const rest = [stoppedRenewal(day(60), day(500)), resumedRenewal(day(205))];
    const history = [...often, ...rest].toSorted((a, b) => a.occurredAt - b.occurredAt);
    expect((await mailsFrom(61, ...history))[0]).toBe('212 retention/make-the-most');
    // Service mail is a mail, too, and the last one before the rest: it is remembered as well.
    const change = event('Change Requested', day(59), { changeId: 'c', what: 'x', cost: 5, currency: 'USD' });
    const longer = [...often, change, stoppedRenewal(day(90), day(900)), resumedRenewal(day(285))];
    const inOrder = longer.toSorted((one, other) => one.occurredAt - other.occurredAt);
    expect((await mailsFrom(91, ...inOrder))[0]).toBe('292 retention/make-the-most');
  });

  it('the first mail also when what was bought is sent back overnight', async () => {
    const known = day(5) + 10 * HOUR;
    const pipeline = await played(
      [
        bought(day(0), 'a'),
        refunded(day(2), 'a', 60),
        registered(known, { timeZone: 'Europe/Stockholm' }),
        event('Purchase Completed', day(35), { orderId: 'b', total: 20, currency: 'USD', email: 'anna@example.com' }),
        event('Return Requested', day(49) + 14 * HOUR, { returnId: 'r', orderId: 'b' }),
      ],
      undefined,
    );
    expect(await pipeline.ledger()).toContain('retention/make-the-most/1 withheld: sent back');
    expect(pipeline.mailer.accepted[0]?.at).toBeLessThanOrEqual(known + LONGEST);
  });

  it('a win-back to everybody who lapses again after buying', async () => {
    const mails = await mailsFrom(
      1,
      bought(day(0), 'a'),
      stoppedRenewal(day(1), day(2)),
      bought(day(36), 'b'),
      stoppedRenewal(day(50), day(55), 's-2'),
    );
    const asked = mails.filter((each) => each.endsWith('win-back/ask'));
    expect(asked).toHaveLength(2);
    expect(mails.filter((each) => each.endsWith('onboarding/welcome'))).toHaveLength(1);
  });

  it('the first mail to somebody whose address is said with every order', async () => {
    const order = { orderId: 'b', total: 20, currency: 'USD', email: 'anna@example.com' };
    const history = [
      bought(day(0), 'a'),
      refunded(day(2), 'a', 60),
      registered(day(5), { timeZone: 'Europe/Stockholm' }),
      event('Purchase Completed', day(35), order),
    ];
    const pipeline = await played(history, undefined);
    expect(pipeline.mailer.accepted[0]?.at).toBeLessThanOrEqual(day(5) + LONGEST);
  });
});
