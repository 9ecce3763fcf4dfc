import { describe, expect, it } from 'vitest';
import { offersRemembered } from '../../shared/lifecycle/customer/offers.ts';
import { type IssuedOffer, type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { keepsUntil, putOffUntil, waitsOf } from '../../shared/lifecycle/customer/waits.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { type Basket, withBasket } from '../../shared/lifecycle/facts/basket.ts';
import { findStep } from '../../shared/lifecycle/playbook.ts';
import type { Series } from '../../shared/lifecycle/playbook/series.ts';
import { DAY, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { customerAfter } from '../support/customers.ts';
import { bought, CUSTOMER } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';

const BEGIN = Date.UTC(2026, 2, 2, 10);
const allSeries: readonly Series[] = SHIPPED.programmes.flatMap(({ series }) => series);
const waiting = allSeries.find(({ waitsFor }) => waitsFor?.includes('interested'));

const startedAt = (times: readonly Instant[]) =>
  times.reduce<Basket | undefined>((basket, at) => withBasket(basket, { checkout: { at, id: `c-${at}` } }), undefined);

function waitsAfter(
  basket: Basket | undefined,
  known: Partial<Pick<Living, 'recent' | 'startsAt'> & Living['facts']> = {},
  playbook = SHIPPED,
) {
  if (waiting === undefined || basket === undefined) throw new Error('nothing waits for interest');
  const { recent = [], startsAt, ...facts } = known;
  const customer = { facts: { ...NO_FACTS, ...facts, basket }, recent, ...(startsAt !== undefined && { startsAt }) };
  return waitsOf(customer, waiting, playbook);
}

describe('checkouts', () => {
  const bursts = [0, 6, 12].flatMap((day) => [0, 5, 10, 15, 20].map((minute) => BEGIN + day * DAY + minute * MINUTE));

  it('count once a day, so that a card that is refused does not push out what came before', () => {
    expect(waitsAfter(startedAt(bursts))).toEqual([{ from: BEGIN, to: BEGIN + 12 * DAY + 20 * MINUTE + 7 * DAY }]);
  });

  it('are the same in whatever order they are heard of', () => {
    const forwards = startedAt(bursts);
    expect(startedAt(bursts.toReversed())).toEqual(forwards);
    expect(startedAt([...bursts.slice(7), ...bursts.slice(0, 9)])).toEqual(forwards);
  });
});

const mailed = (...daysAgo: readonly number[]) =>
  daysAgo.map((ago) => ({ key: '1/retention/benefits/1', at: BEGIN - ago * DAY }));

describe('a series that waits', () => {
  it('waits for three weeks at most, however long somebody looks around', () => {
    const often = Array.from({ length: 8 }, (_none, nth) => BEGIN + nth * 6 * DAY);
    expect(waitsAfter(startedAt(often))).toEqual([{ from: BEGIN, to: BEGIN + 21 * DAY }]);
  });

  const often = startedAt(Array.from({ length: 8 }, (_none, nth) => BEGIN + nth * 6 * DAY));
  it('waits for less when the last mail is so long ago that 45 days would pass without one', () => {
    const end = (known: Parameters<typeof waitsAfter>[1]) =>
      waitsAfter(often, known).map(({ to }) => (to - BEGIN) / DAY);
    expect(end({ recent: mailed(70, 30) })).toEqual([14]);
    expect(end({ recent: mailed(10) })).toEqual([21]);
    // Whoever has heard nothing for longer was to hear nothing.
    expect(end({ recent: mailed(50) })).toEqual([21]);
    // Nobody who was not to be reached has waited for a mail.
    const { orders } = customerAfter([bought(BEGIN - 40 * DAY)], BEGIN).facts;
    const saidAgain = { at: BEGIN - DAY, id: 'r', email: 'anna@example.com' };
    expect(end({ orders, person: [saidAgain] })).toEqual([4]);
    expect(end({ orders, person: [saidAgain], startsAt: BEGIN - 30 * DAY })).toEqual([14]);
    expect(end({ orders, person: [{ at: BEGIN - 40 * DAY, id: 'r', name: 'Anna' }] })).toEqual([21]);
  });

  it('waits as long as the playbook says', () => {
    const playbook = { ...SHIPPED, longestSilence: 20 * DAY, longestWait: 8 * DAY };
    const end = (known: Parameters<typeof waitsAfter>[1]) =>
      waitsAfter(often, known, playbook).map(({ to }) => (to - BEGIN) / DAY);
    expect(end({ recent: mailed(2) })).toEqual([8]);
    expect(end({ recent: mailed(15) })).toEqual([5]);
  });

  it('puts a mail off by all its waiting no further than that', () => {
    const customer = { facts: NO_FACTS, recent: mailed(30) };
    const putOff = (planned: number, waited: number) =>
      (putOffUntil(customer, SHIPPED, BEGIN + planned * DAY, BEGIN + waited * DAY) - BEGIN) / DAY;
    expect(putOff(5, 12)).toBe(12);
    expect(putOff(5, 15)).toBe(14);
    expect(putOff(15, 22)).toBe(22);
  });
});

describe('reminders', () => {
  it('have a cooldown that lets the others go round while one has nothing to be about', () => {
    for (const series of allSeries) {
      if (series.trigger !== 'interval' || series.since !== 'any mail') continue;
      for (const { id, cooldown } of series.steps) {
        expect
          .soft([id, (cooldown ?? SHIPPED.cooldown) < (series.steps.length - 1) * series.every])
          .toEqual([id, true]);
      }
    }
  });
});

describe('a bonus that another offer stands in the way of', () => {
  const KEY = '1/retention/promoter-bonus/1';
  const bonus = findStep(SHIPPED, 'retention', 'promoter-bonus');
  const on = (day: number) => BEGIN + day * DAY;
  const other: IssuedOffer = {
    key: '1/win-back/offer/1',
    offer: 'win-back',
    offerId: 'o-1',
    percent: 10,
    code: 'CODE',
    issuedAt: on(-1),
    expiresAt: on(20),
  };
  const pending = { [KEY]: { moment: BEGIN, decidedAt: BEGIN, attempt: 1 } };
  const customerWith = (offers: readonly IssuedOffer[], facts: Partial<Living['facts']> = {}): Living => ({
    ...unknownCustomer(CUSTOMER, BEGIN),
    facts: { ...NO_FACTS, ...facts },
    offers,
    pending,
  });
  /** In days. */
  const keeps = (customer: Living, t: Instant) => {
    if (bonus === undefined) throw new Error('promoters get no bonus');
    return (keepsUntil(customer, KEY, bonus, BEGIN, SHIPPED, t) - BEGIN) / DAY;
  };

  it('does not age while it waits for that, and is fresh for a week from then on, three months at most', () => {
    // Alive to the twentieth day, barring one as good for thirty more.
    for (const t of [on(0), on(19), on(30), on(56)]) expect(keeps(customerWith([other]), t)).toBe(57);
    expect(keeps(customerWith([{ ...other, expiresAt: on(70) }]), on(0))).toBe(90);
    // Worth more, it bars nothing.
    expect(keeps(customerWith([{ ...other, percent: 20, expiresAt: on(3) }]), on(0))).toBe(10);
  });

  it('ages from the day on which that was used', () => {
    const used = customerWith([other], { coupons: [{ at: on(3), id: 'u', code: 'CODE', orderId: 'o' }] });
    expect(keeps(used, on(4))).toBe(10);
  });

  it('is as fresh as any other mail where none does, whatever else delays it', () => {
    expect(keeps(customerWith([]), on(3))).toBe(7);
    expect(keeps(customerWith([{ ...other, key: KEY }]), on(3))).toBe(7);
  });

  it('has that remembered for as long as it may wait, and no longer', () => {
    expect(offersRemembered(customerWith([other]), SHIPPED, on(57) - 1)).toHaveLength(1);
    expect(offersRemembered(customerWith([other]), SHIPPED, on(57))).toEqual([]);
    expect(offersRemembered({ ...customerWith([other]), pending: {} }, SHIPPED, on(50))).toEqual([]);
  });
});
