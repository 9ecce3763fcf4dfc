/** Bargain hunter and loyal or key account: whoever came back is never sent away for having looked at the price. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const BEST_PRICE = 'nurture/best-price';
const FAREWELL = 'nurture/farewell';
const KEPT = ['twice', 'loyal', 'key'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of ['lead', 'faithful', ...KEPT]) await shop.register(each);
  await shop.emit('Coupon Applied', { customerId: 'lead', coupon: 'SPRING' });
  await bought('twice', [20, 0], DISCOUNTED);
  await bought('loyal', HALF_A_YEAR, DISCOUNTED);
  await bought('faithful', HALF_A_YEAR);
  await shop.emit('Account Ranked', { customerId: 'key', share: 0.01, keyAccount: true });
  await bought('key', [20, 0], DISCOUNTED);
});
afterAll(() => shop.close());

const DISCOUNTED = { discount: 12 };
const HALF_A_YEAR = [180, 120, 60, 0];

/** Orders so many days ago, told at once. */
async function bought(customerId: string, daysAgo: readonly number[], more: object = {}): Promise<void> {
  const orders = daysAgo.map((days) => ({
    type: 'Purchase Completed',
    data: { customerId, orderId: `${customerId}-${days}`, total: 60, currency: 'EUR', ...more },
    at: OPENING - days * DAY,
  }));
  await shop.put(...orders);
  await shop.twin.advanceTo(shop.twin.now());
}

async function traitsOf(customerId: string): Promise<readonly string[]> {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' ? profile.traits : [];
}

describe('a bargain hunter', () => {
  it('may be a lead, a customer, a loyal one or a key account', async () => {
    for (const each of ['lead', ...KEPT]) expect(await traitsOf(each)).toContain('bargain');
    expect(await traitsOf('faithful')).not.toContain('bargain');
    expect(await traitsOf('key')).toContain('key-account');
    expect(await shop.stageOf('twice')).toBe('active');
    for (const each of ['loyal', 'faithful']) expect(await shop.stageOf(each)).toBe('loyal');
  });

  it('is told the best price unless loyal or a key account, who have their own', async () => {
    await shop.wait(HOUR + MINUTE);
    for (const each of ['lead', 'twice']) expect(shop.mailsTo(each)).toEqual([BEST_PRICE]);
    expect(shop.mailsTo('loyal')).toEqual(['retention/appreciation']);
    expect(await shop.ends('key')).toMatchObject({ '1/nurture/best-price/1': 'withheld: not for key-account' });
    expect(shop.mailsTo('key')).toEqual([]);
  });

  it('is sent away politely as a lead, and otherwise not', async () => {
    await shop.pass(6);
    expect(shop.mailsTo('lead')).toEqual([BEST_PRICE, FAREWELL]);
    for (const each of KEPT) {
      expect(shop.mailsTo(each)).not.toContain(FAREWELL);
      expect(Object.keys(await shop.ends(each))).not.toContain('1/nurture/farewell/1');
    }
  });

  it('who is loyal gets what every loyal customer gets, on the same days', async () => {
    await shop.twin.advanceTo(OPENING + 15 * DAY);
    expect(shop.calendarOf('loyal')).toEqual(['0 retention/appreciation', '14 retention/bonus']);
    expect(shop.calendarOf('loyal')).toEqual(shop.calendarOf('faithful'));
    const [own, usual] = await Promise.all(['loyal', 'faithful'].map((each) => letterOf(shop.lastMail(each))));
    expect(own?.subject).toBe(usual?.subject);
    expect(own?.subject).toMatch(/10% off/u);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
