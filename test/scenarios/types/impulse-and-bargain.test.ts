/** Impulse buyer and bargain hunter: one budget of offers for both, and never two codes alive. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const BEST_PRICE = 'nurture/best-price';
const LITTLE_EXTRA = 'nurture/little-extra';
/** They buy at once, and then for the price. */
const BOTH = ['both', 'both-used'];
/** They come by coupon, get the best price, and buy at once. */
const HUNTERS = ['hunter', 'hunter-used'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of [...BOTH, ...HUNTERS, 'impulsive', 'thrifty']) await shop.register(each);
  for (const customerId of HUNTERS) await shop.emit('Coupon Applied', { customerId, coupon: 'SPRING' });
  await shop.wait(30 * MINUTE);
  for (const each of [...BOTH, 'impulsive']) await order(each, { discount: 4 });
  await shop.twin.advanceTo(OPENING + HOUR + MINUTE);
  // A minute too late to be on impulse.
  await order('thrifty', { discount: 4 });
});
afterAll(() => shop.close());

let orders = 0;
const order = (customerId: string, more: object = {}, at = shop.twin.now()) => {
  orders += 1;
  const data = { customerId, orderId: `order-${orders}`, total: 40, currency: 'EUR', ...more };
  return shop.emit('Purchase Completed', data, { at });
};
const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
const issuedTo = (customerId: string) => shop.announced('Offer Issued', customerId);
const offersTo = (customerId: string) => issuedTo(customerId).map(({ offer }) => offer);
const orderWithCode = (customerId: string, at?: number) =>
  order(customerId, { coupon: issuedTo(customerId).at(-1)?.['code'], discount: 4 }, at);

async function traitsOf(customerId: string): Promise<readonly string[]> {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' ? profile.traits : [];
}

describe('who comes for the price and buys at once', () => {
  it('has had the best price, and gets no little extra beside it, used or not', async () => {
    for (const each of HUNTERS) expect(shop.mailsTo(each)).toEqual([BEST_PRICE]);
    // An hour after they were first seen, to the minute.
    await order('hunter', {}, OPENING + HOUR);
    await orderWithCode('hunter-used', OPENING + HOUR);
    for (const each of [...HUNTERS, ...BOTH, 'impulsive']) expect(await traitsOf(each)).toContain('impulse');
    // So early that a week has passed by the second order.
    await until(1.1);
    await shop.emit('Nps Answered', { customerId: 'thrifty', score: 10 });
    await until(5);
    for (const each of [...BOTH, 'impulsive']) {
      expect(shop.mailsTo(each)).toEqual(['onboarding/welcome', LITTLE_EXTRA]);
      expect(offersTo(each)).toEqual(['little-extra']);
    }
    for (const each of HUNTERS) {
      expect(shop.mailsTo(each)).not.toContain(LITTLE_EXTRA);
      expect(offersTo(each)).toEqual(['best-price']);
    }
    expect(await shop.ends('hunter')).toMatchObject({ '1/nurture/little-extra/1': 'withheld: offer alive' });
    expect(await shop.ends('hunter-used')).toMatchObject({ '1/nurture/little-extra/1': 'withheld: offer barred' });
  });
});

describe('who bought at once and then for the price', () => {
  it('gets no best price beside the little extra, whether that is alive or used', async () => {
    await until(9);
    await order('both', { discount: 4 });
    await orderWithCode('both-used');
    await order('impulsive');
    await orderWithCode('thrifty');
    for (const each of BOTH) expect(await traitsOf(each)).toEqual(expect.arrayContaining(['impulse', 'bargain']));
    expect(await traitsOf('impulsive')).not.toContain('bargain');
    expect(await traitsOf('thrifty')).toContain('bargain');
    expect(await traitsOf('thrifty')).not.toContain('impulse');
    await shop.wait(HOUR + MINUTE);
    expect(await shop.ends('both')).toMatchObject({ '1/nurture/best-price/1': 'withheld: offer alive' });
    expect(await shop.ends('both-used')).toMatchObject({ '1/nurture/best-price/1': 'withheld: offer barred' });
    expect(shop.mailsTo('thrifty')).toContain(BEST_PRICE);
    for (const each of BOTH) expect(offersTo(each)).toEqual(['little-extra']);
    // Whoever is not led by the moment may have another when one was used.
    expect(offersTo('thrifty')).toEqual(['promoter-bonus', 'best-price']);
  });

  it('never has two codes alive', () => {
    for (const each of [...BOTH, ...HUNTERS, 'impulsive']) expect(issuedTo(each)).toHaveLength(1);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
