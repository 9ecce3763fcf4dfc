/** Cases: what opens them, what closes them, when they are over by themselves, and what they are about. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { type Case, casesOf, isAlive, matterOf } from '../../shared/lifecycle/cases.ts';
import { CASE_KINDS, type CaseKind } from '../../shared/lifecycle/case-kinds.ts';
import type { Attention } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { firstOpeningId, matterIdOf, openingId } from '../../shared/lifecycle/facts/matters.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { findStep } from '../../shared/lifecycle/playbook.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import {
  answered,
  bought,
  cancelledOrder,
  checkedOut,
  complained,
  day,
  delivered,
  event,
  filledCart,
  refunded,
  registered,
  resolved,
  resumedRenewal,
  reviewed,
  stoppedRenewal,
} from '../support/events.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';

const { dissatisfied } = PLAYBOOK_FOR_RULES.stages;

function casesAfter(kind: CaseKind, events: readonly CustomerEvent[], attention: readonly Attention[] = []) {
  return casesOf({ facts: factsOf([registered(day(-1)), ...events]), attention }, PLAYBOOK_FOR_RULES, kind);
}

const stampOf = ({ id, occurredAt: at }: CustomerEvent) => ({ at, id });
const closings = (cases: readonly Case[]) => cases.map(({ closed }) => closed);

describe('a case', () => {
  it('of no kind is there for somebody nothing has happened to', () => {
    for (const kind of CASE_KINDS) expect(casesAfter(kind, [])).toStrictEqual([]);
  });

  it('is alive until somebody closes it, and until it is over by itself', () => {
    const own: Case = { kind: 'change', id: 'x', opened: { at: day(0), id: 'e' }, endsAt: day(3) };
    expect([isAlive(own, day(0)), isAlive(own, day(3) - 1), isAlive(own, day(3))]).toStrictEqual([true, true, false]);
    expect(isAlive({ ...own, closed: { at: day(1), id: 'f' } }, day(0))).toBe(false);
  });
});

describe('a complaint', () => {
  const opening = complained(day(0), 'k', 'high');

  it('is about its severity, and over at its maximum age', () => {
    const own = { kind: 'complaint', id: 'k', opened: stampOf(opening), about: 'high' };
    expect(casesAfter('complaint', [opening])).toStrictEqual([{ ...own, endsAt: day(0) + dissatisfied.maximumAge }]);
  });

  it('is closed by its resolution, and open again when it is opened later', () => {
    const end = resolved(day(2), 'k');
    expect(closings(casesAfter('complaint', [end, opening]))).toStrictEqual([stampOf(end)]);
    expect(closings(casesAfter('complaint', [opening, end, complained(day(3), 'k')]))).toStrictEqual([undefined]);
    expect(casesAfter('complaint', [end])).toStrictEqual([]);
  });

  it('that is opened again is another case, and the first keeps its name whatever comes after it', () => {
    const names = (...events: readonly CustomerEvent[]) =>
      casesAfter('complaint', events).map(({ id, matter }) => [id, matter]);
    const [end, again] = [resolved(day(2), 'k'), complained(day(3), 'k')];
    expect(names(opening, complained(day(1), 'k'))).toStrictEqual([['k', undefined]]);
    expect(names(opening, end, again)).toStrictEqual([[openingId('k', day(3)), 'k']]);
    expect(names(opening, end, again, complained(day(4), 'k'))).toStrictEqual([[openingId('k', day(3)), 'k']]);
    // Nobody closed it for so long that it was closed as unknown.
    const late = day(0) + dissatisfied.maximumAge;
    expect(names(opening, complained(late, 'k'))).toStrictEqual([[openingId('k', late), 'k']]);
    expect(names(opening, complained(late - 1, 'k'))).toStrictEqual([['k', undefined]]);
  });

  it('that was closed as unknown and is opened again is one new case, however often that is said', () => {
    const age = dissatisfied.maximumAge / DAY;
    const name = (...days: readonly number[]) =>
      casesAfter(
        'complaint',
        days.map((each) => complained(day(each), 'k')),
      ).map(({ id }) => id);
    const second = openingId('k', day(60));
    for (const days of [[60], [60, 61], [60, 61, 62.5, 70, 71], [60, 60 + age - 1], [60, 100, 140]]) {
      expect(name(0, ...days)).toStrictEqual([second]);
    }
    expect(name(0, 20, 60)).toStrictEqual(['k']);
    expect(name(0, 20, 40, 90, 91)).toStrictEqual([openingId('k', day(90))]);
    // And closed as unknown once more, after a longer time, and after a shorter one.
    expect(name(0, 60, 60 + age + 20, 60 + age + 21)).toStrictEqual([openingId('k', day(60 + age + 20))]);
    expect(name(0, 60, 60 + age + 1, 60 + age + 21)).toStrictEqual([openingId('k', day(60 + age + 1))]);
  });

  it('is known by the id of the shop, whatever that looks like', () => {
    const odd = [
      'k~',
      'k~~',
      'order~20260302',
      'order~20260302~',
      openingId('k', day(3)),
      `${'k'.repeat(110)}~20260302`,
    ];
    for (const id of ['k', 'order~1', ...odd]) {
      expect(matterIdOf(firstOpeningId(id))).toBe(id);
      expect(matterIdOf(openingId(id, day(3)))).toBe(id);
    }
    expect(firstOpeningId('order~1')).toBe('order~1');
    expect(firstOpeningId(openingId('k', day(3)))).not.toBe(openingId('k', day(3)));
    const [first] = casesAfter('complaint', [complained(day(0), 'order~20260302')]);
    expect(first).toMatchObject({ id: 'order~20260302~', matter: 'order~20260302' });
  });

  it('is found by what a mail about it is called, though too long to be named in full', () => {
    const placed = findStep(PLAYBOOK_FOR_RULES, 'recovery', 'apology');
    if (placed === undefined) throw new Error('the playbook of the rules apologises to nobody');
    for (const id of ['k', 'k~20260302', 'k'.repeat(128)]) {
      const events = [complained(day(0), id), resolved(day(1), id), complained(day(2), id)];
      const subject = { facts: factsOf([registered(day(-1)), ...events]), attention: [] };
      const [{ id: name } = { id: 'none' }] = casesOf(subject, PLAYBOOK_FOR_RULES, 'complaint');
      expect(matterOf(subject, placed, name, PLAYBOOK_FOR_RULES)).toBe(id);
    }
    const forgotten = { facts: factsOf([]), attention: [] };
    expect(matterOf(forgotten, placed, openingId('k', day(2)), PLAYBOOK_FOR_RULES)).toBe('k');
    const ask = findStep(PLAYBOOK_FOR_RULES, 'win-back', 'ask');
    expect(ask && matterOf(forgotten, ask, '2', PLAYBOOK_FOR_RULES)).toBe('2');
  });

  it('of a very long id is named after it in short', () => {
    const id = 'k'.repeat(128);
    expect(openingId(id, day(3)).length).toBeLessThan(60);
  });
});

describe('a bad rating', () => {
  it('is alive however many better ones follow, and ends with the first good one of many', () => {
    const worst = reviewed(day(0), 1, { reviewId: 'worst' });
    const followed = (stars: number) =>
      casesAfter('rating', [worst, ...Array.from({ length: 20 }, (_, index) => reviewed(day(1 + index), stars))]);
    expect(followed(3).map(({ id, closed }) => [id, closed])).toStrictEqual([['worst', undefined]]);
    expect(followed(5).map(({ id, closed }) => [id, closed?.at])).toStrictEqual([['worst', day(1)]]);
  });

  const bad = reviewed(day(0), 2, { reviewId: 'v', channel: 'third_party' });

  it('has at most so many stars, is about its channel, and fades', () => {
    expect(casesAfter('rating', [reviewed(day(0), 3), bad])).toStrictEqual([
      {
        kind: 'rating',
        id: 'v',
        opened: stampOf(bad),
        endsAt: day(0) + dissatisfied.rating.lasts,
        about: 'third-party',
      },
    ]);
  });

  it('is closed by a later rating that is good, not by one that is fair or came before', () => {
    const good = reviewed(day(4), 4);
    expect(closings(casesAfter('rating', [bad, reviewed(day(2), 3), good]))).toStrictEqual([stampOf(good)]);
    expect(closings(casesAfter('rating', [reviewed(day(-1), 5), bad]))).toStrictEqual([undefined]);
  });

  it('that is changed counts as it was said last', () => {
    const worse = reviewed(day(3), 1, { reviewId: 'v' });
    expect(casesAfter('rating', [bad, worse]).map(({ opened }) => opened.at)).toStrictEqual([day(3)]);
    const fair = reviewed(day(3), 3, { reviewId: 'v' });
    expect(closings(casesAfter('rating', [bad, fair]))).toStrictEqual([stampOf(fair)]);
  });

  it('that had faded before it was changed is another one, as bad', () => {
    const { lasts } = dissatisfied.rating;
    const names = (...events: readonly CustomerEvent[]) =>
      casesAfter('rating', events).map(({ id, opened }) => [id, opened.at]);
    const faded = day(0) + lasts;
    const again = reviewed(faded, 1, { reviewId: 'v' });
    const anew = openingId('v', faded);
    expect(names(bad, reviewed(faded - 1, 1, { reviewId: 'v' }))).toStrictEqual([['v', faded - 1]]);
    expect(names(bad, again)).toStrictEqual([
      ['v', day(0)],
      [anew, faded],
    ]);
    expect(names(bad, again, reviewed(faded + DAY, 2, { reviewId: 'v' }))).toStrictEqual([
      ['v', day(0)],
      [anew, faded + DAY],
    ]);
    // Said anew each time before it had faded it is one all along.
    const often = [bad, ...[20, 40, 60].map((each) => reviewed(day(each), 1, { reviewId: 'v' }))];
    expect(names(...often)).toStrictEqual([['v', day(60)]]);
  });

  it('that was taken back and is bad again is another one', () => {
    const [fair, again] = [reviewed(day(3), 3, { reviewId: 'v' }), reviewed(day(5), 1, { reviewId: 'v' })];
    const id = openingId('v', day(5));
    const names = (...events: readonly CustomerEvent[]) => casesAfter('rating', events).map((each) => each.id);
    expect(names(bad, fair, again)).toStrictEqual(['v', id]);
    expect(names(bad, fair, again, reviewed(day(6), 2, { reviewId: 'v' }))).toStrictEqual(['v', id]);
  });
});

describe('a stopped renewal', () => {
  it('ends with the period, or when it is resumed', () => {
    const stop = stoppedRenewal(day(0), day(40), 's');
    expect(casesAfter('renewal', [stop])).toStrictEqual([
      { kind: 'renewal', id: 's', opened: stampOf(stop), endsAt: day(40) },
    ]);
    const resumption = resumedRenewal(day(5), 's');
    expect(closings(casesAfter('renewal', [stop, resumption]))).toStrictEqual([stampOf(resumption)]);
    const names = (...events: readonly CustomerEvent[]) => casesAfter('renewal', events).map(({ id }) => id);
    expect(names(stop, resumption, stoppedRenewal(day(8), day(40), 's'))).toStrictEqual([openingId('s', day(8))]);
    // The period had ended: it must have been renewed.
    expect(names(stop, stoppedRenewal(day(39), day(80), 's'))).toStrictEqual(['s']);
    expect(names(stop, stoppedRenewal(day(41), day(80), 's'))).toStrictEqual([openingId('s', day(41))]);
  });
});

describe('a late order', () => {
  const order = bought(day(0), 'o', { promisedBy: new Date(day(4)).toISOString() });
  const late = { kind: 'late-order', id: 'o', opened: { at: day(4), id: order.id }, endsAt: day(18) };

  it('is late from the promised time on, for two weeks', () => {
    expect(casesAfter('late-order', [order])).toStrictEqual([late]);
  });

  it('is not one that was refunded, or is to come back', () => {
    expect(casesAfter('late-order', [order, refunded(day(1), 'o', 1)])).toStrictEqual([late]);
    expect(casesAfter('late-order', [order, refunded(day(1), 'o', 60)])).toStrictEqual([]);
    const back = event('Return Requested', day(1), { orderId: 'o', returnId: 'q' });
    expect(casesAfter('late-order', [order, back])).toStrictEqual([]);
  });

  it('is not one that was promised nothing, came in time or was cancelled', () => {
    expect(casesAfter('late-order', [bought(day(0), 'o')])).toStrictEqual([]);
    expect(casesAfter('late-order', [order, delivered(day(4), 'o')])).toStrictEqual([]);
    expect(casesAfter('late-order', [order, cancelledOrder(day(1), 'o')])).toStrictEqual([]);
  });

  it('is not one that the customer wanted later, once that is agreed on', () => {
    const ask = (data: object = {}) =>
      event('Change Requested', day(1), {
        changeId: 'c',
        what: 'later',
        cost: 0,
        currency: 'EUR',
        newDate: new Date(day(20)).toISOString(),
        ...data,
      });
    const agreed = event('Change Confirmed', day(2), { changeId: 'c' });
    // Another promise than that of the order: missed, it is another case.
    const moved = {
      ...late,
      id: openingId('o', day(20)),
      matter: 'o',
      opened: { ...late.opened, at: day(20) },
      endsAt: day(34),
    };
    expect(casesAfter('late-order', [order, ask()])).toStrictEqual([late]);
    expect(casesAfter('late-order', [order, ask(), agreed])).toStrictEqual([moved]);
    // The newest order that had yet to be delivered, unless it is named.
    const next = bought(day(0.5), 'p');
    const both = [order, next, agreed];
    const dates = (...events: readonly CustomerEvent[]) =>
      casesAfter('late-order', events).map(({ id, matter = id, opened }) => [matter, opened.at]);
    expect(dates(...both, ask({ orderId: 'o' }))).toStrictEqual([['o', day(20)]]);
    expect(dates(...both, ask())).toStrictEqual([
      ['o', day(4)],
      ['p', day(20)],
    ]);
    expect(dates(...both, ask(), delivered(day(0.75), 'p'))).toStrictEqual([['o', day(20)]]);
    expect(dates(...both, ask(), bought(day(1.5), 'q'))).toStrictEqual([
      ['o', day(4)],
      ['p', day(20)],
    ]);
  });

  it('is closed when it comes', () => {
    const closed = { at: day(4) + 1, id: order.id };
    expect(casesAfter('late-order', [order, delivered(day(4) + 1, 'o')])).toStrictEqual([{ ...late, closed }]);
  });
});

describe('a change', () => {
  const asked = (data: object = {}) => event('Change Requested', day(0), { changeId: 'c', what: 'a date', ...data });

  it('is about whether it has a price, and closed when it is confirmed', () => {
    const priced = asked({ cost: 5, currency: 'EUR' });
    expect(casesAfter('change', [priced])).toStrictEqual([
      { kind: 'change', id: 'c', opened: stampOf(priced), endsAt: day(30), about: 'priced' },
    ]);
    expect(casesAfter('change', [asked()]).map(({ about }) => about)).toStrictEqual(['unpriced']);
    // Other terms are another request; the same ones are not.
    const dearer = event('Change Requested', day(0.5), { changeId: 'c', what: 'a date', cost: 9, currency: 'EUR' });
    const same = event('Change Requested', day(0.7), { changeId: 'c', what: 'a date', cost: 9, currency: 'EUR' });
    const names = (...events: readonly CustomerEvent[]) => casesAfter('change', events).map(({ id }) => id);
    expect(names(priced, dearer, same)).toStrictEqual([openingId('c', day(0.5))]);
    // Given up, and asked for again.
    const later = (at: number) =>
      event('Change Requested', at, { changeId: 'c', what: 'a date', cost: 5, currency: 'EUR' });
    expect(names(priced, later(day(30) - 1))).toStrictEqual(['c']);
    expect(names(priced, later(day(30)), later(day(31)))).toStrictEqual([openingId('c', day(30))]);
    const confirmed = event('Change Confirmed', day(1), { changeId: 'c' });
    expect(closings(casesAfter('change', [priced, confirmed]))).toStrictEqual([stampOf(confirmed)]);
  });
});

describe('a checkout', () => {
  const started = checkedOut(day(0));

  it('is the latest one, named by its event, and alive for a day', () => {
    expect(casesAfter('checkout', [checkedOut(day(-1)), started])).toStrictEqual([
      { kind: 'checkout', id: started.id, opened: stampOf(started), endsAt: day(1) },
    ]);
  });

  it('ends with an order after it, or when the cart is emptied', () => {
    const order = bought(day(0.5), 'o');
    const emptied = filledCart(day(0.25), 0);
    expect(closings(casesAfter('checkout', [bought(day(-1), 'before'), started]))).toStrictEqual([undefined]);
    expect(closings(casesAfter('checkout', [started, order]))).toStrictEqual([stampOf(order)]);
    expect(closings(casesAfter('checkout', [started, emptied]))).toStrictEqual([stampOf(emptied)]);
    expect(closings(casesAfter('checkout', [started, emptied, order]))).toStrictEqual([stampOf(emptied)]);
    expect(closings(casesAfter('checkout', [started, filledCart(day(0.25))]))).toStrictEqual([undefined]);
    expect(closings(casesAfter('checkout', [filledCart(day(-0.25), 0), started]))).toStrictEqual([undefined]);
  });

  it('was finished with an order that was cancelled later, and is off though the cart was filled again', () => {
    const order = bought(day(0.5), 'o');
    const cancelled = [started, order, cancelledOrder(day(0.6), 'o')];
    expect(closings(casesAfter('checkout', cancelled))).toStrictEqual([stampOf(order)]);
    const emptied = filledCart(day(0.25), 0);
    const refilled = [started, emptied, filledCart(day(0.3))];
    expect(closings(casesAfter('checkout', refilled))).toStrictEqual([stampOf(emptied)]);
    const another = [...refilled, checkedOut(day(0.4))];
    expect(closings(casesAfter('checkout', another))).toStrictEqual([undefined]);
  });
});

describe('a cart', () => {
  const filled = filledCart(day(0));

  it('is alive until nobody hesitates over it any more', () => {
    expect(casesAfter('cart', [filled])).toStrictEqual([
      { kind: 'cart', id: filled.id, opened: stampOf(filled), endsAt: day(8) },
    ]);
    expect(casesAfter('cart', [filled, filledCart(day(1), 0)])).toStrictEqual([]);
  });

  it('ends with a checkout or an order', () => {
    const started = checkedOut(day(1));
    expect(closings(casesAfter('cart', [filled, started]))).toStrictEqual([stampOf(started)]);
    expect(closings(casesAfter('cart', [checkedOut(day(-1)), filled]))).toStrictEqual([undefined]);
    const order = bought(day(2), 'o');
    expect(closings(casesAfter('cart', [filled, order]))).toStrictEqual([stampOf(order)]);
    const cancelled = [filled, order, cancelledOrder(day(3), 'o')];
    expect(closings(casesAfter('cart', cancelled))).toStrictEqual([stampOf(order)]);
  });
});

describe('an answer, a referral, an order', () => {
  it('an answer is about question and answer, for three days', () => {
    const said = answered(day(0), 'fit', 'obstacle');
    expect(casesAfter('answer', [said])).toStrictEqual([
      {
        kind: 'answer',
        id: expect.stringMatching(/^obstacle\./u),
        opened: stampOf(said),
        endsAt: day(3),
        about: 'obstacle-fit',
      },
    ]);
  });

  it('an answer goes by the mail it was given to, and each is answered, however often the reader changes their mind', () => {
    const said = (at: Instant, answer: string, about: string) =>
      event('Question Answered', at, { programme: 'nurture', step: 'obstacle', question: 'obstacle', answer, about });
    const named = (...events: readonly CustomerEvent[]) =>
      casesAfter('answer', events).map(({ id, about }) => [id, about]);
    const [[id] = []] = named(said(day(0), 'fit', 'cart-1'));
    const twice = [said(day(0), 'fit', 'cart-1'), said(day(0) + 1, 'quality', 'cart-1')];
    const both = [
      [id, 'obstacle-fit'],
      [expect.any(String), 'obstacle-quality'],
    ];
    expect(named(...twice)).toStrictEqual(both);
    expect(named(...twice, said(day(0) + 2, 'fit', 'cart-1'))).toStrictEqual(both);
    expect(new Set(named(...twice, said(day(1), 'fit', 'cart-2')).map(([its]) => its)).size).toBe(3);
  });

  it('a referral is about the kind of referrer, one for each friend, whom it does not name', () => {
    const made = event('Referral Made', day(0), { friendId: 'friend', kind: 'partner' });
    const again = event('Referral Made', day(1), { friendId: 'friend', kind: 'customer' });
    const other = event('Referral Made', day(2), { friendId: 'fr-2', kind: 'customer' });
    const [{ id, ...about } = made] = casesAfter('referral', [made]);
    expect(about).toStrictEqual({ kind: 'referral', opened: stampOf(made), endsAt: day(30), about: 'partner' });
    expect(id).not.toMatch(/friend|fr-2/u);
    const [same, another, ...more] = casesAfter('referral', [made, again, other]);
    expect(more).toEqual([]);
    expect(same?.id).toBe(id);
    expect(another?.id).not.toBe(id);
  });

  it('an order is one that counts, and never over', () => {
    const order = bought(day(0), 'o');
    expect(casesAfter('order', [order, bought(day(1), 'p'), cancelledOrder(day(2), 'p')])).toStrictEqual([
      { kind: 'order', id: 'o', opened: stampOf(order), endsAt: Infinity },
    ]);
  });
});

describe('attention', () => {
  const raised: Attention = { id: '1/critic/e', reason: 'critic', priority: 'normal', at: day(0), cause: 'e' };

  it('is about its reason, and closed by whoever takes care of it', () => {
    const own = { kind: 'attention', id: raised.id, opened: { at: day(0), id: 'e' }, endsAt: day(30), about: 'critic' };
    expect(casesAfter('attention', [], [raised])).toStrictEqual([own]);
    const handled = event('Attention Handled', day(0) + HOUR, { attentionId: raised.id });
    expect(casesAfter('attention', [handled], [raised])).toStrictEqual([{ ...own, closed: stampOf(handled) }]);
  });

  it('has an id that fits into the key of a message', () => {
    const long = (end: string): Attention => ({ ...raised, id: `1/severe-complaint/${'é'.repeat(62)}${end}` });
    const ids = casesAfter('attention', [], [long('a'), long('b')]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(Buffer.byteLength(id)).toBeLessThanOrEqual(128);
  });
});
