import { describe, expect, it } from 'vitest';
import {
  offerFor,
  offersOf,
  offersRemembered,
  offerVerdict,
  percentOf,
  releaseConfirmed,
  WAITING_FOR_OFFER,
  withOffer,
} from '../../shared/lifecycle/customer/offers.ts';
import { type IssuedOffer, type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { NO_FACTS, type Facts } from '../../shared/lifecycle/facts/facts.ts';
import { NO_ORDERS } from '../../shared/lifecycle/facts/orders.ts';
import { findStep, type Placed, type Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Offer } from '../../shared/lifecycle/playbook/offers.ts';
import { DAY, HOUR } from '../../shared/lifecycle/time.ts';
import { CUSTOMER, day, START } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';

const OFFER: Offer = {
  codes: 'announce',
  worth: [{ percent: 10 }],
  lasts: 14 * DAY,
  terms: { en: 'once' },
  budget: { offers: 10, per: 30 * DAY },
};

const playbookOf = (byName: Readonly<Record<string, Partial<Offer>>>): Playbook => ({
  ...SHIPPED,
  offers: {
    barred: 30 * DAY,
    confirmWithin: 24 * HOUR,
    byName: Object.fromEntries(Object.entries(byName).map(([name, offer]) => [name, { ...OFFER, ...offer }])),
  },
});

const PLAYBOOK = playbookOf({
  'win-back': {},
  'best-price': { lasts: 3 * DAY, restAfter: 90 * DAY },
  small: { worth: [{ percent: 5 }] },
});

/** The step of the shipped playbook that makes the offer, making another one. */
function stepOffering(offer: string | undefined): Placed {
  const placed = findStep(SHIPPED, 'win-back', 'offer');
  if (placed === undefined) throw new Error('the shipped playbook wins nobody back');
  const { offer: _shipped, ...step } = placed.step;
  return { ...placed, step: { ...step, ...(offer !== undefined && { offer }) } };
}

const KEY = '1/win-back/offer/1';

const issued = (fields: Partial<IssuedOffer> = {}): IssuedOffer => ({
  key: KEY,
  offer: 'win-back',
  offerId: 'o-1',
  percent: 10,
  code: 'OURS123456',
  issuedAt: START,
  expiresAt: day(14),
  confirmBy: day(1),
  ...fields,
});

const orders = (count: number, minor: number): Facts['orders'] => ({
  ...NO_ORDERS,
  ring: Array.from({ length: count }, (_, number) => ({
    orderId: `o${number}`,
    id: `e${number}`,
    at: START - (count - number) * DAY,
    minor,
    currency: 'EUR',
  })),
});

const customerWith = (offers: readonly IssuedOffer[], facts: Partial<Facts> = {}): Living => ({
  ...unknownCustomer(CUSTOMER, START),
  facts: { ...NO_FACTS, ...facts },
  offers,
});

const verdict = (customer: Living, t: number, offer = 'win-back', key = KEY) =>
  offerVerdict(customer, key, stepOffering(offer), PLAYBOOK, t);

const confirmed = (offerId: string, code?: string): Partial<Facts> => ({
  confirmed: [{ at: START + HOUR, id: 'c', offerId, ...(code !== undefined && { code }) }],
});
const boughtAt = (at: number): Partial<Facts> => ({
  orders: { ...NO_ORDERS, ring: [{ orderId: 'o', id: 'e', at, minor: 4000, currency: 'EUR' }] },
});
const used = (at: number, code = 'OURS123456', orderId?: string): Partial<Facts> => ({
  coupons: [{ at, id: 'u', code, ...(orderId !== undefined && { orderId }) }],
});

describe('what an offer is worth', () => {
  const graded = playbookOf({
    graded: {
      worth: [
        { if: { fact: 'averageOrder', operator: 'at least', value: 80 }, percent: 15 },
        { if: { fact: 'orders', operator: 'at least', value: 2 }, percent: 12 },
      ],
    },
  });

  it.each([
    { of: 'two orders of 80', facts: { orders: orders(2, 8000) }, percent: 15 },
    { of: 'two orders just below', facts: { orders: orders(2, 7999) }, percent: 12 },
    { of: 'one order', facts: { orders: orders(1, 7999) }, percent: 0 },
    { of: 'nothing', facts: {}, percent: 0 },
  ])('is decided by the first worth that applies to $of', ({ facts, percent }) => {
    expect(percentOf(customerWith([], facts), 'graded', graded, START)).toBe(percent);
  });

  it('is nothing when no worth applies, and when the playbook has no such offer', () => {
    const step = stepOffering('graded');
    expect(offerVerdict(customerWith([]), KEY, step, graded, START)).toEqual({ kind: 'refused', reason: 'no offer' });
    expect(verdict(customerWith([]), START, 'unknown')).toEqual({ kind: 'refused', reason: 'no offer' });
  });

  it('is never below the offer it must not fall behind, for the same spend', () => {
    const winBack: Partial<Offer> = {
      worth: [{ if: { fact: 'averageOrder', operator: 'at least', value: 80 }, percent: 20 }, { percent: 15 }],
    };
    const bonus: Partial<Offer> = { worth: [{ percent: 10 }], notBelow: 'win-back' };
    const playbook = playbookOf({ 'win-back': winBack, bonus });
    expect(percentOf(customerWith([], { orders: orders(4, 9000) }), 'bonus', playbook, START)).toBe(20);
    expect(percentOf(customerWith([], { orders: orders(4, 7000) }), 'bonus', playbook, START)).toBe(15);
  });

  it('stays what it is where the other would be worth less', () => {
    const playbook = playbookOf({ 'win-back': {}, bonus: { worth: [{ percent: 12 }], notBelow: 'win-back' } });
    expect(percentOf(customerWith([]), 'bonus', playbook, START)).toBe(12);
  });

  it('does not fall behind because only lapsed customers meet the condition of the other', () => {
    const playbook = playbookOf({
      'win-back': {
        worth: [
          { if: { fact: 'stage', operator: 'is', value: 'lapsed' }, percent: 25 },
          { if: { fact: 'daysSinceOrder', operator: 'at least', value: 200 }, percent: 18 },
          { if: { fact: 'orders', operator: 'at least', value: 9 }, percent: 40 },
          { percent: 10 },
        ],
      },
      bonus: { worth: [{ percent: 10 }], notBelow: 'win-back' },
    });
    // Nine orders are a matter of spending, and this customer has four.
    expect(percentOf(customerWith([], { orders: orders(4, 9000) }), 'bonus', playbook, START)).toBe(25);
  });

  it('is the same for everybody who asked for mail like everybody’s', () => {
    const playbook = playbookOf({
      graded: { worth: [{ if: { fact: 'orders', operator: 'at least', value: 1 }, percent: 15 }, { percent: 5 }] },
    });
    const facts = { orders: orders(2, 9000) };
    const choices = [{ at: START, id: 'x', tailored: false }];
    expect(percentOf(customerWith([], facts), 'graded', playbook, START)).toBe(15);
    expect(percentOf(customerWith([], { ...facts, choices }), 'graded', playbook, START)).toBe(5);
  });

  it('is found though two offers name each other', () => {
    const playbook = playbookOf({ one: { notBelow: 'two' }, two: { worth: [{ percent: 7 }], notBelow: 'one' } });
    expect(percentOf(customerWith([]), 'two', playbook, START)).toBe(10);
  });
});

describe('an offer for this message', () => {
  it('is to be issued while there is none', () => {
    expect(verdict(customerWith([]), START)).toEqual({ kind: 'issue', percent: 10 });
    expect(offerVerdict(customerWith([]), KEY, stepOffering(undefined), PLAYBOOK, START)).toBeUndefined();
  });

  it('waits for the shop, and for no longer than it may', () => {
    const customer = customerWith([issued()]);
    expect(verdict(customer, day(1) - 1)).toEqual({ kind: 'waiting', until: day(1) });
    expect(verdict(customer, day(1))).toEqual({ kind: 'refused', reason: 'offer not confirmed' });
  });

  it('is ready once the shop has confirmed this very offer', () => {
    expect(verdict(customerWith([issued()], confirmed('o-1')), day(2))).toEqual({ kind: 'ready', issued: issued() });
    expect(verdict(customerWith([issued()], confirmed('o-2')), START)).toMatchObject({ kind: 'waiting' });
  });

  it('has the code the shop put in the place of ours', () => {
    const customer = customerWith([issued()], confirmed('o-1', 'THEIRS'));
    expect(offerFor(customer, KEY)?.code).toBe('THEIRS');
    expect(verdict(customer, START)).toMatchObject({ issued: { code: 'THEIRS' } });
  });

  it('of the pool of the shop is ready at once, and no more once it has expired', () => {
    const { confirmBy: _announced, ...pooled } = issued();
    expect(verdict(customerWith([pooled]), day(14) - 1)).toMatchObject({ kind: 'ready' });
    expect(verdict(customerWith([pooled]), day(14))).toEqual({ kind: 'refused', reason: 'offer expired' });
  });

  it('replaces one for the same message, and no other', () => {
    const customer = customerWith([issued({ code: 'OLD' }), issued({ key: 'other' })]);
    expect(withOffer(customer, issued()).offers).toEqual([issued({ key: 'other' }), issued()]);
  });
});

describe('another offer', () => {
  const NEXT = '1/retention/bonus/1';
  const next = (customer: Living, t: number, offer = 'win-back') => verdict(customer, t, offer, NEXT);

  it('is not made while a code is alive, however small it is, and though the shop never confirmed it', () => {
    for (const offer of ['win-back', 'small']) {
      expect(next(customerWith([issued()]), day(14) - 1, offer)).toMatchObject({
        kind: 'refused',
        reason: 'offer alive',
      });
    }
  });

  it('as good as one that expired unused is barred for 30 days', () => {
    expect(next(customerWith([issued()]), day(14))).toEqual({
      kind: 'refused',
      reason: 'offer barred',
      until: day(44),
    });
    expect(next(customerWith([issued()]), day(44) - 1)).toMatchObject({ kind: 'refused', reason: 'offer barred' });
    expect(next(customerWith([issued()]), day(44))).toEqual({ kind: 'issue', percent: 10 });
  });

  it('smaller than one that expired unused is not', () => {
    expect(next(customerWith([issued()]), day(14), 'small')).toEqual({ kind: 'issue', percent: 5 });
  });

  it('of whatever size is barred while one rests that expired unused', () => {
    const customer = customerWith([issued({ offer: 'best-price', expiresAt: day(3) })]);
    expect(next(customer, day(93) - 1, 'small')).toMatchObject({ kind: 'refused', reason: 'offer barred' });
    expect(next(customer, day(93), 'small')).toEqual({ kind: 'issue', percent: 5 });
  });

  const HUNTED = '1/nurture/best-price/1';
  const hunted = (facts: Partial<Facts> = {}, farewell?: number): Living => ({
    ...customerWith([issued({ key: HUNTED, offer: 'best-price', expiresAt: day(3) })], facts),
    ...(farewell !== undefined && { recent: [{ key: '1/nurture/farewell/1', at: farewell }] }),
  });
  it('rests from the mail on that says so', () => {
    const customer = hunted({}, day(7));
    expect(next(customer, day(97) - 1, 'small')).toMatchObject({ kind: 'refused', reason: 'offer barred' });
    expect(next(customer, day(97), 'small')).toEqual({ kind: 'issue', percent: 5 });
    expect(offersRemembered(customer, PLAYBOOK, day(97) - 1)).toHaveLength(1);
    expect(offersRemembered(customer, PLAYBOOK, day(97))).toEqual([]);
    const another: Living = { ...hunted(), recent: [{ key: '1/nurture/farewell/2', at: day(7) }] };
    expect(next(another, day(93), 'small')).toEqual({ kind: 'issue', percent: 5 });
  });

  it('does not rest when they bought all the same, and is barred like any other', () => {
    expect(next(hunted(boughtAt(day(2))), day(33) - 1)).toMatchObject({ kind: 'refused', reason: 'offer barred' });
    expect(next(hunted(boughtAt(day(2))), day(33))).toEqual({ kind: 'issue', percent: 10 });
    expect(next(hunted(boughtAt(day(6)), day(7)), day(33))).toEqual({ kind: 'issue', percent: 10 });
    // Before the offer, and after we said so.
    for (const at of [START - 1, day(8)]) {
      expect(next(hunted(boughtAt(at), day(7)), day(33))).toMatchObject({ kind: 'refused', reason: 'offer barred' });
    }
  });

  it('to somebody who buys on impulse waits for 30 days from the last, though that was used', () => {
    const impulsive: Partial<Facts> = {
      ...used(day(1), 'OURS123456', 'order-9'),
      firstSeenAt: START - HOUR / 2,
      orders: { ...NO_ORDERS, ring: [{ orderId: 'o', id: 'e', at: START, minor: 4000, currency: 'EUR' }] },
    };
    const customer = customerWith([issued({ issuedAt: day(0) })], impulsive);
    expect(next(customer, day(29), 'small')).toMatchObject({ kind: 'refused', reason: 'offer barred' });
    expect(next(customer, day(30), 'small')).toEqual({ kind: 'issue', percent: 5 });
  });

  it('may follow one that was used, at once', () => {
    const customer = customerWith([issued()], used(day(2), 'OURS123456', 'order-9'));
    expect(next(customer, day(3))).toEqual({ kind: 'issue', percent: 10 });
  });
});

describe('what became of an offer', () => {
  it.each([
    { state: 'waiting', t: START, facts: {} },
    { state: 'unconfirmed', t: day(1), facts: {} },
    { state: 'issued', t: day(2), facts: confirmed('o-1') },
    { state: 'expired', t: day(14), facts: confirmed('o-1') },
    { state: 'redeemed', t: day(20), facts: used(day(13), ' ours123456', 'order-9') },
    { state: 'expired', t: day(20), facts: used(day(13), 'OURS123456') },
    { state: 'expired', t: day(20), facts: used(START - 1, 'OURS123456', 'order-1') },
    { state: 'expired', t: day(20), facts: used(day(13), 'ANOTHER', 'order-9') },
  ])('is $state', ({ state, t, facts }) => {
    expect(offersOf(customerWith([issued()], facts), t)).toMatchObject([{ state }]);
  });

  it('names the order it was used with, under the code of the shop', () => {
    const facts = { ...confirmed('o-1', 'THEIRS'), ...used(day(2), 'THEIRS', 'order-9') };
    expect(offersOf(customerWith([issued()], facts), day(3))).toMatchObject([
      { state: 'redeemed', redeemed: { orderId: 'order-9' }, issued: { code: 'THEIRS' } },
    ]);
  });
});

const remembered = (offer: string, t: number) =>
  offersRemembered(customerWith([issued({ offer })]), PLAYBOOK, t).length;

describe('what is remembered of offers', () => {
  it('lasts as long as it can bar another', () => {
    expect(remembered('win-back', day(44) - 1)).toBe(1);
    expect(remembered('win-back', day(44))).toBe(0);
    expect(remembered('best-price', day(104) - 1)).toBe(1);
    expect(remembered('best-price', day(104))).toBe(0);
  });

  it('is the same list while nothing is forgotten', () => {
    const customer = customerWith([issued()]);
    expect(offersRemembered(customer, PLAYBOOK, START)).toBe(customer.offers);
  });
});

describe('a message that waits for the shop', () => {
  const waiting = { moment: START, decidedAt: START, attempt: 1, notBefore: day(1), heldBy: WAITING_FOR_OFFER };
  const pending = { [KEY]: waiting };

  it('is due as soon as the shop confirms its offer', () => {
    const customer = { ...customerWith([issued()], confirmed('o-1')), pending };
    const { pending: released } = releaseConfirmed(customer, START + HOUR);
    expect(released).toEqual({ [KEY]: { moment: START, decidedAt: START, attempt: 1, notBefore: START + HOUR } });
  });

  it.each([
    { why: 'another offer was confirmed', facts: confirmed('o-2'), held: waiting },
    { why: 'it waits for something else', facts: confirmed('o-1'), held: { ...waiting, heldBy: 'quiet hours' } },
  ])('stays where it is when $why', ({ facts, held }) => {
    const customer = { ...customerWith([issued()], facts), pending: { [KEY]: held } };
    expect(releaseConfirmed(customer, START + HOUR)).toBe(customer);
  });
});
