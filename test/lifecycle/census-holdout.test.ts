/** Held out against mailed: who is compared, what became of them, and what may be said of it. */
import { describe, expect, it } from 'vitest';
import { chanceOf } from '../../infra/local/random.ts';
import {
  addToGroup,
  compare,
  COMPARED,
  type Groups,
  inForce,
  NO_GROUPS,
  separationOf,
} from '../../shared/lifecycle/census/holdout.ts';
import { isHeldOut } from '../../shared/lifecycle/customer/permit.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import type { Consent } from '../../shared/lifecycle/facts/consent.ts';
import { type Facts, NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { addOrder, addRefund, type Order, type Orders, trimOrders } from '../../shared/lifecycle/facts/orders.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { day, START } from '../support/events.ts';

const NOW = day(400);
const FROM = NOW - COMPARED;
const HOLDOUT = { share: 0.5, salt: 'salt' };
/** Since when some have been held out. */
const SINCE = day(100);
const idOf = (held: boolean) => {
  for (let n = 0; ; n += 1) if (isHeldOut(`c-${n}`, HOLDOUT) === held) return `c-${n}`;
};
const [HELD, TREATED] = [idOf(true), idOf(false)];

const order = (at: number, fields: Partial<Order> = {}): Order => ({
  at,
  id: `e-${at}`,
  orderId: `o-${at}`,
  minor: 1000,
  currency: 'EUR',
  ...fields,
});

const ordersOf = (...all: readonly Order[]): Orders =>
  all.reduce((orders, each) => trimOrders(addOrder(orders, each) ?? orders), NO_FACTS.orders);

const consent = (at: number, marketing: Consent['marketing'] = 'opt_in') => ({
  consent: { at, id: `k-${at}`, source: 'checkout', marketing },
});

/** Somebody who has ordered before the window, and could be mailed when it began. */
function customer(orders: Orders, facts: Partial<Facts> = {}, customerId = TREATED): Living {
  const known = {
    ...NO_FACTS,
    ...consent(START),
    person: [{ at: START, id: 'p', email: 'anna@example.com' }],
    ...facts,
  };
  return { ...unknownCustomer(customerId, START), facts: { ...known, orders } };
}

const counted = (...customers: readonly Living[]): Groups =>
  customers.reduce((groups, each) => addToGroup(groups, each, { holdout: HOLDOUT, since: SINCE }, NOW), NO_GROUPS);
const treated = (...customers: readonly Living[]) => counted(...customers).treated;

const BEFORE = order(FROM - DAY);

describe('compared is', () => {
  it('who ordered before the window, each in the group of the holdout', () => {
    expect(counted(customer(ordersOf(BEFORE)), customer(ordersOf(BEFORE), {}, HELD))).toEqual({
      held: { people: 1, buyers: 0, more: 0, spent: {} },
      treated: { people: 1, buyers: 0, more: 0, spent: {} },
    });
    expect(treated(customer(ordersOf(order(FROM + DAY)))).people).toBe(0);
  });

  it.each<[string, Partial<Facts>, number]>([
    ['without an address', { person: [] }, 0],
    ['whose consent came before and still holds', consent(SINCE - DAY), 1],
    ['who refused before', consent(SINCE - DAY, 'none'), 0],
    ['whose soft opt-in had expired by then', consent(SINCE - 731 * DAY, 'soft_opt_in'), 0],
    [
      'whose soft opt-in expired later, for an order would have renewed it',
      consent(SINCE - 700 * DAY, 'soft_opt_in'),
      1,
    ],
    ['who refused later, for that may follow from the mail', consent(SINCE + DAY, 'none'), 1],
    ['who refused within the window', consent(FROM + DAY, 'none'), 1],
    ['who said so again at an order of the window', consent(FROM + DAY), 1],
    ['who turned mail off before', { choices: [{ at: SINCE - 1, id: 'x', promotion: 'off' }] }, 0],
    ['who turned it off later', { choices: [{ at: SINCE, id: 'x', promotion: 'off' }] }, 1],
    ['who turned it off within the window', { choices: [{ at: FROM + 1, id: 'x', promotion: 'off' }] }, 1],
    [
      'who turned it off and opted in again',
      { choices: [{ at: SINCE - 9 * DAY, id: 'x', promotion: 'off' }], ...consent(SINCE - DAY) },
      1,
    ],
  ])('somebody %s, counted from when some were held out', (_who, facts, people) => {
    expect(treated(customer(ordersOf(order(SINCE - 60 * DAY)), facts)).people).toBe(people);
  });

  it.each<[string, Partial<Facts>, number]>([
    ['refused at the first order', consent(BEFORE.at, 'none'), 0],
    ['refused after it', consent(BEFORE.at + 1, 'none'), 1],
    ['turned mail off before it', { choices: [{ at: BEFORE.at - DAY, id: 'x', promotion: 'off' }] }, 1],
  ])('of those who came later, somebody who %s', (_who, facts, people) => {
    expect(treated(customer(ordersOf(BEFORE), facts)).people).toBe(people);
  });

  it('nobody without any consent, and nobody at all where none is held out', () => {
    const nobodyHeldOut = { holdout: { share: 0, salt: 'salt' }, since: SINCE };
    const { consent: _none, ...facts } = customer(ordersOf(BEFORE)).facts;
    expect(treated({ ...customer(ordersOf(BEFORE)), facts }).people).toBe(0);
    expect(addToGroup(NO_GROUPS, customer(ordersOf(BEFORE)), nobodyHeldOut, NOW)).toBe(NO_GROUPS);
  });
});

describe('the outcome', () => {
  it('is what was ordered within the window, not cancelled, less what was refunded of it', () => {
    const orders = ordersOf(
      BEFORE,
      order(FROM),
      order(FROM + DAY, { minor: 500 }),
      order(FROM + 2 * DAY, { minor: 9000, cancelled: true }),
      order(NOW, { minor: 70_000 }),
    );
    const refunds = [
      { at: NOW - DAY, id: 'r-1', refundId: 'r-1', orderId: `o-${FROM}`, minor: 300, currency: 'EUR' },
      { at: NOW - DAY, id: 'r-2', refundId: 'r-2', orderId: BEFORE.orderId, minor: 900, currency: 'EUR' },
    ];
    const all = refunds.reduce((known, each) => addRefund(known, each) ?? known, orders);
    expect(treated(customer(all))).toEqual({
      people: 1,
      buyers: 1,
      more: 0,
      spent: { EUR: { sum: 1200, squares: 1200 ** 2 } },
    });
  });

  it('of somebody with more orders than the ring holds is that of the newest six, and says so', () => {
    const many = [BEFORE, ...Array.from({ length: 8 }, (_, index) => order(FROM + index * DAY))];
    expect(treated(customer(ordersOf(...many)))).toMatchObject({ buyers: 1, more: 1, spent: { EUR: { sum: 6000 } } });
    const six = [BEFORE, ...Array.from({ length: 6 }, (_, index) => order(FROM + index * DAY))];
    expect(treated(customer(ordersOf(...six)))).toMatchObject({ buyers: 1, more: 0, spent: { EUR: { sum: 6000 } } });
  });

  it('is that somebody bought, also where the ring has lost the order', () => {
    const lost = ordersOf(
      BEFORE,
      order(FROM + DAY),
      ...Array.from({ length: 6 }, (_, index) => order(FROM + (2 + index) * DAY, { cancelled: true })),
    );
    expect(treated(customer(lost))).toEqual({ people: 1, buyers: 1, more: 1, spent: {} });
  });
});

const group = (people: number, buyers: number, each = 1000) => ({
  people,
  buyers,
  more: 0,
  spent: { EUR: { sum: buyers * each, squares: buyers * each ** 2 } },
});
const LIVE = { holdout: HOLDOUT, isLive: true };
const LONG = { digest: 1, since: START };
const found = (held: Groups['held'], mailed: Groups['treated'], regime = LIVE, since = START) =>
  compare({ held, treated: mailed }, 'EUR', regime, { ...LONG, since }, NOW);

describe('the comparison', () => {
  it('says more or less only where the interval leaves zero out', () => {
    const [few, many] = [group(1000, 200), group(1000, 260)];
    expect(found(few, many)).toMatchObject({ kind: 'compared', rate: { shows: 'more' }, revenue: { shows: 'more' } });
    expect(found(many, few)).toMatchObject({ kind: 'compared', rate: { shows: 'less' }, revenue: { shows: 'less' } });
    const about = found(group(1000, 200), group(1000, 230));
    expect(about).toMatchObject({ kind: 'compared', rate: { held: 0.2, treated: 0.23, shows: 'nothing' } });
    const { rate } = about.kind === 'compared' ? about : { rate: undefined };
    expect(rate?.difference.low).toBeLessThan(0);
  });

  it('compares what is spent per head of all, buyers or not', () => {
    const all = found(group(1000, 200), group(500, 100, 1500));
    expect(all).toMatchObject({ revenue: { currency: 'EUR', held: 200, treated: 300 } });
  });

  it.each([
    ['99 people in a group', group(99, 50), group(9000, 4500), { kind: 'too few', least: 100 }],
    ['100 people', group(100, 30), group(9000, 4500), { kind: 'compared', leastBuyers: 30 }],
  ])('with %s is %o', (_what, held, mailed, expected) => {
    expect(found(held, mailed)).toMatchObject(expected);
  });

  it('says nothing of revenue before 30 have bought in each group', () => {
    expect(found(group(500, 29), group(9000, 4500))).not.toHaveProperty('revenue');
    expect(found(group(500, 30), group(9000, 4500))).toHaveProperty('revenue');
  });

  it('waits until people have been treated differently for the whole window', () => {
    const groups = [group(1000, 200), group(1000, 260)] as const;
    expect(found(...groups, LIVE, FROM)).toMatchObject({ kind: 'compared' });
    expect(found(...groups, LIVE, FROM + 1)).toEqual({ kind: 'too early', since: FROM + 1, full: NOW + 1 });
    expect(found(...groups, { ...LIVE, isLive: false }).kind).toBe('nothing is sent');
    expect(found(...groups, { ...LIVE, holdout: { share: 0, salt: 'salt' } }).kind).toBe('nobody held out');
  });

  it('begins anew when others are held out, or mail is switched on', () => {
    const known = inForce(LIVE, undefined, START);
    expect(known.since).toBe(START);
    expect(inForce(LIVE, known, NOW)).toBe(known);
    expect(inForce({ ...LIVE, isLive: false }, known, NOW).since).toBe(NOW);
    expect(inForce({ ...LIVE, holdout: { ...HOLDOUT, salt: 'another' } }, known, NOW).since).toBe(NOW);
    expect(inForce({ ...LIVE, holdout: { ...HOLDOUT, share: 0.4 } }, known, NOW).since).toBe(NOW);
  });
});

describe('those apart', () => {
  const apart = (known: ReturnType<typeof inForce>, regime = LIVE) => separationOf(regime, known, NOW);
  const known = inForce(LIVE, undefined, START);

  it('have been so since they were first drawn, whatever share was held out later and whether mail paused', () => {
    const more = { ...LIVE, holdout: { ...HOLDOUT, share: 0.6 } };
    expect(apart(known)).toEqual({ holdout: HOLDOUT, since: START });
    expect(apart(inForce(more, known, SINCE), more)).toEqual({ holdout: more.holdout, since: START });
    const paused = inForce({ ...LIVE, isLive: false }, known, SINCE);
    expect(apart(inForce(LIVE, paused, FROM)).since).toBe(START);
  });

  it('are drawn anew by another salt, and are apart only once mail goes out', () => {
    const other = { ...LIVE, holdout: { ...HOLDOUT, salt: 'another' } };
    expect(apart(inForce(other, known, SINCE), other).since).toBe(SINCE);
    const shadow = inForce({ ...LIVE, isLive: false }, undefined, START);
    expect(apart(inForce(LIVE, shadow, SINCE)).since).toBe(SINCE);
  });
});

it('mail that does nothing but make people unsubscribe, long before the window, is no uplift', () => {
  const holdout = { share: 0.3, salt: 's' };
  const chance = chanceOf('a shop where mail does nothing');
  let groups = NO_GROUPS;
  for (let n = 0; n < 5000; n += 1) {
    const isHeld = isHeldOut(`p-${n}`, holdout);
    // A third hardly buys any more, and they are the ones who are tired of mail.
    const isCold = chance.happens(1 / 3);
    const isOff = chance.happens(isCold && !isHeld ? 0.8 : 0.05);
    const orders = [order(day(50)), ...(chance.happens(isCold ? 0.05 : 0.3) ? [order(FROM + DAY)] : [])];
    const off = { choices: [{ at: FROM - 60 * DAY, id: 'x', promotion: 'off' as const }] };
    const somebody = customer(ordersOf(...orders), isOff ? off : {}, `p-${n}`);
    groups = addToGroup(groups, somebody, { holdout, since: SINCE }, NOW);
  }
  expect(groups.held.people + groups.treated.people).toBe(5000);
  const shown = compare(groups, 'EUR', { holdout, isLive: true }, { ...LONG, since: SINCE }, NOW);
  expect(shown).toMatchObject({ kind: 'compared', rate: { shows: 'nothing' }, revenue: { shows: 'nothing' } });
});

it('buying within the window, with or without consent said anew, never decides who is compared', () => {
  // As many bought as did not, and all of them say their consent again at every order: half of them have bought.
  const people = Array.from({ length: 200 }, (_, n) =>
    n % 2 === 0
      ? customer(ordersOf(BEFORE), consent(BEFORE.at), `p-${n}`)
      : customer(ordersOf(BEFORE, order(NOW - DAY)), consent(NOW - DAY), `p-${n}`),
  );
  const { held, treated: mailed } = counted(...people);
  expect(held.people + mailed.people).toBe(200);
  expect(held.buyers + mailed.buyers).toBe(100);
});
