/** One cause, one call, one mail: however often it is said, in whatever portions it arrives, and whatever else happens. */
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import {
  bought,
  cancelledOrder,
  complained,
  day,
  downloaded,
  event,
  filledCart,
  registered,
  resolved,
  reviewed,
  scored,
  START,
} from '../support/events.ts';
import { Pipeline } from '../support/pipeline.ts';
import { SHIPPED } from '../support/playbooks.ts';

interface Outcome {
  /** Names of the mails that went out, with their episode. */
  readonly mails: readonly string[];
  /** Reasons for which a person was called. */
  readonly calls: readonly string[];
}

/** Plays events, each list of them in one batch, and waits. */
async function played(
  until: Instant,
  ...batches: readonly (CustomerEvent | readonly CustomerEvent[])[]
): Promise<Outcome> {
  const pipeline = new Pipeline(SHIPPED, START);
  await pipeline.deliver(registered(START));
  for (const batch of batches) {
    const events = 'id' in batch ? [batch] : batch;
    await pipeline.waitUntil(Math.max(...events.map(({ occurredAt }) => occurredAt)));
    await pipeline.deliver(...events);
  }
  await pipeline.waitUntil(until);
  const called = pipeline.announced.filter(({ detailType }) => detailType === 'Attention Needed');
  return {
    mails: pipeline.mailer.accepted.map(({ key }) => key.slice(2)),
    calls: [...new Map(called.map(({ id, data }) => [id, String(Object(data).reason)])).values()],
  };
}

const count = ({ mails }: Outcome, name: string) => mails.filter((each) => each.startsWith(`${name}/`)).length;

const said = (at: Instant, programme: string, step: string, question: string, answer: string, about: string) =>
  event('Question Answered', at, { programme, step, question, answer, about }, `said-${at}-${answer}-${about}`);
const solved = (at: Instant, answer: 'yes' | 'no', about = 'k') =>
  said(at, 'recovery', 'still-open', 'solved', answer, about);
const named = (at: Instant, answer: string) => said(at, 'nurture', 'obstacle', 'obstacle', answer, '1');
const liked = (at: Instant, answer: string) => said(at, 'retention', 'nps', 'nps', answer, 'o');
const declared = (at: Instant, data: object) => event('Preference Declared', at, { ...data });
const iso = (t: Instant) => new Date(t).toISOString();
const review = (at: Instant, reviewId: string) => reviewed(at, 1, { reviewId });
const trouble = (from: number, to: number) => [complained(day(from), 'k'), resolved(day(to), 'k')];
const confirmed = (at: Instant, changeId: string) => event('Change Confirmed', at, { changeId });
const asked = (at: Instant, changeId: string, newDate: Instant, orderId?: string) =>
  event('Change Requested', at, {
    changeId,
    what: 'another day',
    newDate: iso(newDate),
    cost: 0,
    currency: 'USD',
    ...(orderId !== undefined && { orderId }),
  });

describe('whether a complaint is solved', () => {
  it('is taken back by whoever says "no" after "yes", on the same page', async () => {
    const outcome = await played(
      day(4),
      complained(day(0.1), 'k'),
      solved(day(1), 'no'),
      solved(day(2), 'yes'),
      solved(day(2) + 5 * MINUTE, 'no'),
    );
    expect(outcome.calls).toEqual(['answer', 'answer']);
    expect(count(outcome, 'recovery/resolved')).toBe(1);
    expect(count(outcome, 'recovery/apology')).toBe(2);
  });

  it('is answered for each complaint, also in one batch', async () => {
    const both = [solved(day(1) - 2, 'no', 'k'), solved(day(1) - 1, 'no', 'l')];
    const complaints = [complained(day(0.1), 'k'), complained(day(0.1) + 1, 'l')];
    expect((await played(day(1) + HOUR, ...complaints, both)).calls).toEqual(['answer', 'answer']);
  });
});

describe('answers that arrive in one batch', () => {
  it('call and are answered like those that arrive one by one', async () => {
    const answers = [named(day(1.1), 'talk'), named(day(1.1) + 1, 'fit'), named(day(1.1) + 2, 'talk')];
    const objections = ['price', 'effort', 'delivery'].map((objection, index) =>
      declared(day(1.2) + index, { objection }),
    );
    const single = await played(day(1.3), filledCart(day(0.01)), ...answers, ...objections);
    const batched = await played(day(1.3), filledCart(day(0.01)), answers, objections);
    expect(single.calls.toSorted()).toEqual(['answer', 'answer', 'named-obstacle', 'unanswered-objection']);
    expect(batched.calls.toSorted()).toEqual(single.calls.toSorted());
    expect(batched.mails.toSorted()).toEqual(single.mails.toSorted());
  });
});

describe('a critic', () => {
  it.each<[string, readonly CustomerEvent[]]>([
    [
      'words a review anew',
      [review(day(0.01), 'a'), ...[1, 2, 3, 4, 5].map((at) => review(day(at), at === 1 ? 'b' : 'a'))],
    ],
    [
      'opens a complaint again',
      [
        complained(day(0.1), 'k', 'low'),
        complained(day(1), 'l', 'low'),
        ...[2, 3, 4, 5].flatMap((at) => [resolved(day(at - 0.5), 'k'), complained(day(at), 'k', 'low')]),
      ],
    ],
    ['presses the same button again', [liked(day(1), 's3'), liked(day(1) + 26 * HOUR, 's3')]],
    ['presses another button', [liked(day(1), 's2'), liked(day(1) + HOUR, 's3')]],
    [
      'finds faults of every kind',
      [
        scored(day(1), 3),
        complained(day(2), 'k', 'low'),
        complained(day(3), 'l', 'low'),
        review(day(4), 'a'),
        review(day(5), 'b'),
      ],
    ],
  ])('who %s is called for once, and written to once', async (_what, events) => {
    const outcome = await played(day(6), ...events);
    expect(outcome.calls).toEqual(['critic']);
    expect(count(outcome, 'recovery/critic')).toBe(1);
  });
});

describe('a promise', () => {
  const order = bought(day(0.1), 'o1', { promisedBy: iso(day(5)) });
  const LATE = 'recovery/late-delivery';

  it('that was agreed on stands while another one is only asked for', async () => {
    const agreed = [order, asked(day(1), 'c', day(20), 'o1'), confirmed(day(2), 'c')];
    expect(count(await played(day(6), ...agreed, asked(day(3), 'c', day(25), 'o1')), LATE)).toBe(0);
    const others = Array.from({ length: 9 }, (_, index) => [
      asked(day(3) + index * 2, `d${index}`, day(30), `p${index}`),
      confirmed(day(3) + index * 2 + 1, `d${index}`),
    ]).flat();
    expect(count(await played(day(6), ...agreed, others), LATE)).toBe(0);
  });

  it('is that of the order that was meant when it was asked for, whatever became of that', async () => {
    const other = bought(day(0.2), 'o2', { promisedBy: iso(day(7)) });
    const agreed = [asked(day(1), 'c', day(30)), confirmed(day(2), 'c')];
    const later = await played(day(6), order, other, ...agreed, cancelledOrder(day(3), 'o2'));
    expect(later.mails).toContain(`${LATE}/o1`);
    const before = await played(day(6), order, other, cancelledOrder(day(0.5), 'o2'), ...agreed);
    expect(count(before, LATE)).toBe(0);
  });

  it('is apologised for each time it is missed', async () => {
    const outcome = await played(day(21), order, asked(day(4), 'c', day(20), 'o1'), confirmed(day(6), 'c'));
    expect(count(outcome, LATE)).toBe(2);
  });
});

describe('an objection', () => {
  const ANSWER = 'service/answer-objection';
  const price = { previousSupplier: 'X', objection: 'price' };

  it('is answered by the mail that sets us apart, or else by its own', async () => {
    const together = await played(day(3), declared(day(0.4), price));
    expect(together.mails).toEqual(['nurture/sets-apart/1']);
    const whole = await played(day(4), declared(day(0.4), { previousSupplier: 'X' }), declared(day(3), price));
    expect(count(whole, ANSWER)).toBe(1);
    const researcher = await played(day(0.4) + 15 * MINUTE, downloaded(day(0.1)), declared(day(0.4), price));
    expect(count(researcher, ANSWER)).toBe(1);
    const buyer = await played(day(0.4) + 15 * MINUTE, bought(day(0.1)), declared(day(0.4), price));
    expect(count(buyer, ANSWER)).toBe(1);
    const two = await played(day(1), declared(day(0.4), price), declared(day(0.4) + 1, { objection: 'effort' }));
    expect(two.mails.map((each) => each.split('.').slice(0, 2).join('.')).toSorted()).toEqual([
      'nurture/sets-apart/1',
      `${ANSWER}/objection.price`,
    ]);
  });

  it('is answered once, and anew after 90 days', async () => {
    const doubts = [0.4, 0.41, 2].map((at) => declared(day(at), { objection: 'price' }));
    expect(count(await played(day(3), ...doubts), ANSWER)).toBe(1);
    expect(count(await played(day(93), ...doubts, declared(day(91), { objection: 'price' })), ANSWER)).toBe(2);
  });

  it('without an answer calls a person', async () => {
    const outcome = await played(day(1), declared(day(0.4), { objection: 'delivery' }));
    expect(outcome).toEqual({ mails: [], calls: ['unanswered-objection'] });
  });
});

describe('a promoter', () => {
  it('has one bonus for one cause', async () => {
    const referred = ['a', 'b'].map((friendId, index) =>
      event('Referral Made', day(0.1 + index / 10), { friendId, kind: 'customer' }),
    );
    for (const lower of [7, 2]) {
      expect(count(await played(day(225), ...referred, scored(day(20), lower)), 'retention/promoter-bonus')).toBe(1);
    }
    expect(count(await played(day(97), liked(day(1), 's9'), liked(day(95), 's9')), 'retention/promoter-bonus')).toBe(1);
  });
});

describe('a complaint that lapses', () => {
  it('is another one each time it is opened again, however often', async () => {
    const opened = [0.1, 60, 119, 177, 234, 290].map((at) => complained(day(at), 'k'));
    const outcome = await played(day(290) + HOUR, ...opened);
    expect(count(outcome, 'recovery/apology')).toBe(opened.length);
    expect(outcome.mails.at(-1)).toMatch(/^recovery\/apology/u);
  });
});

describe('what went wrong', () => {
  const old = [bought(day(0.1), 'a'), bought(day(20), 'b'), bought(day(40), 'c')];

  it.each<[string, string, readonly CustomerEvent[], number]>([
    ['at risk', 'retention/check-in', [...old, ...trouble(95, 96)], 106],
    ['a promoter', 'retention/promoter-bonus', [bought(day(0.1)), scored(day(1), 9), ...trouble(1.01, 3)], 12],
  ])('is asked about before anything else of whoever is %s', async (_who, then, events, until) => {
    const { mails } = await played(day(until), ...events);
    expect(mails.slice(-2)).toEqual(['retention/follow-up/1', `${then}/1`]);
  });

  it('is asked about before the question about a cart', async () => {
    const { mails } = await played(day(10), ...trouble(0.1, 2), filledCart(day(3)));
    expect(mails.at(-1)).toBe('retention/follow-up/1');
  });
});
