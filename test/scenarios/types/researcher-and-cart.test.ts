/** Researcher and cart left: a comparison of what is in it, in the tone of the researcher; only a checkout is more. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const KNOWLEDGE = 'nurture/knowledge';
const COMPARISON = 'nurture/cart-comparison';
const SPECIFICATION = { sku: 'tea-203', category: 'green tea', kind: 'specification' } as const;
const CART = {
  items: [
    { sku: 'tea-203', name: 'Sencha Uji, 100 g', quantity: 1, price: 12.4, category: 'green tea' },
    { sku: 'tea-207', name: 'Jasmine Pearls, 80 g', quantity: 1, price: 13.9, category: 'green tea' },
  ],
  currency: 'EUR',
  resumeUrl: 'https://shop.example.com/cart/1',
};
const CHECKOUT_URL = 'https://shop.example.com/checkout/1';
const RESEARCHERS = ['comparer', 'adding', 'emptied', 'ordered', 'checked-out'];
/** When most of them left their cart. */
const LEFT = OPENING + 2 * HOUR;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of [...RESEARCHERS, 'leaver']) await shop.register(each);
  for (const each of RESEARCHERS) await look(shop, each, SPECIFICATION, SPECIFICATION, SPECIFICATION);
  await shop.twin.advanceTo(LEFT);
  for (const each of [...RESEARCHERS, 'leaver']) await fill(each);
});
afterAll(() => shop.close());

const fill = (customerId: string) => shop.emit('Cart Updated', { customerId, ...CART });
const checkOut = (customerId: string) => shop.emit('Checkout Started', { customerId, resumeUrl: CHECKOUT_URL });

async function isReady(customerId: string): Promise<boolean> {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' && profile.traits.includes('ready');
}

/** Cases of a left cart for which a mail waits. */
async function waitingFor(customerId: string): Promise<readonly (string | undefined)[]> {
  const profile = await shop.store.load(customerId);
  if (profile?.kind !== 'living') throw new Error('no such customer');
  return Object.entries(profile.pending).flatMap(([key, { heldBy }]) => (key.includes(COMPARISON) ? [heldBy] : []));
}

describe('a researcher who leaves a cart', () => {
  it('is not asked what the hesitant are asked a day later', async () => {
    for (const each of RESEARCHERS) expect(shop.mailsTo(each)).toEqual([KNOWLEDGE]);
    await shop.wait(10 * HOUR);
    await fill('adding');
    await shop.emit('Cart Updated', { customerId: 'emptied', items: [] });
    await shop.buy('ordered', 'first');
    await shop.twin.advanceTo(LEFT + DAY - HOUR);
    await checkOut('checked-out');
    await shop.wait(HOUR - MINUTE);
    for (const each of ['comparer', 'adding']) expect(await waitingFor(each)).toEqual([]);
    expect(shop.mailsTo('leaver')).toEqual([]);
    await shop.wait(2 * MINUTE);
    expect(shop.mailsTo('leaver')).toEqual(['nurture/obstacle']);
    expect(await shop.ends('comparer')).toMatchObject({ '1/nurture/obstacle/1': 'withheld: not for researcher' });
    // A day of rest, and a week after the mail before.
    expect(await waitingFor('comparer')).toEqual(['too soon']);
    expect(await waitingFor('adding')).toEqual([]);
  });
});

describe('a researcher is ready to buy', () => {
  it('with a started checkout, never with a cart', async () => {
    for (const each of ['comparer', 'adding']) {
      expect(await isReady(each)).toBe(false);
      expect(shop.mailsTo(each)).not.toContain('nurture/resume');
    }
    // An hour after the checkout.
    expect(shop.mailsTo('checked-out')).toEqual([KNOWLEDGE, 'nurture/resume']);
    const letter = await letterOf(shop.lastMail('checked-out'));
    expect(letter.links).toEqual([CHECKOUT_URL]);
  });

  it('for 24 hours', async () => {
    const checkedOut = LEFT + DAY - HOUR;
    await shop.twin.advanceTo(checkedOut + DAY - HOUR);
    expect(await isReady('checked-out')).toBe(true);
    // Filled again ten hours later: that cart has rested for a day, too.
    expect(await waitingFor('adding')).toHaveLength(1);
    await shop.twin.advanceTo(checkedOut + DAY + MINUTE);
    expect(await isReady('checked-out')).toBe(false);
    expect(shop.mailsTo('checked-out')).toEqual([KNOWLEDGE, 'nurture/resume']);
  });
});

describe('the comparison of what is in the cart', () => {
  it('comes a week after the mail before, while there is a cart', async () => {
    const week = OPENING + HOUR + 7 * DAY;
    await shop.twin.advanceTo(week - MINUTE);
    for (const each of ['comparer', 'adding']) expect(shop.mailsTo(each)).toEqual([KNOWLEDGE]);
    await shop.twin.advanceTo(week + 5 * MINUTE);
    for (const each of ['comparer', 'adding']) expect(shop.mailsTo(each)).toEqual([KNOWLEDGE, COMPARISON]);
    for (const each of ['emptied', 'ordered', 'checked-out']) {
      expect(shop.mailsTo(each)).not.toContain(COMPARISON);
    }
    expect(shop.mailsTo('emptied')).toEqual([KNOWLEDGE]);
  });

  it('shows it with its prices, and the figures to compare it by', async () => {
    const letter = await letterOf(shop.lastMail('comparer'));
    for (const part of ['Sencha Uji, 100 g', '€12.40', 'Jasmine Pearls, 80 g', '€13.90']) {
      expect(letter.text).toContain(part);
    }
    expect(letter.links).toEqual(
      expect.arrayContaining([
        'https://shop.example.com/compare/green-tea',
        'https://shop.example.com/specifications/green-tea',
      ]),
    );
  });

  it('does not push, asks nothing, and offers nothing', async () => {
    const letter = await letterOf(shop.lastMail('comparer'));
    expect(saidIn(letter, 'push', 'discount', 'promotion')).toEqual([]);
    expect(letter.answers).toEqual([]);
    expect(letter.links).not.toContain(CART.resumeUrl);
    expect(shop.announced('Offer Issued', 'comparer')).toEqual([]);
  });

  it('is one of the three mails a researcher gets in all, a week apart', async () => {
    await shop.twin.advanceTo(OPENING + 16 * DAY);
    expect(shop.mailsTo('comparer')).toEqual([KNOWLEDGE, COMPARISON, 'nurture/comparison']);
    expect(await shop.ends('comparer')).toMatchObject({ '1/nurture/proof/1': 'withheld: enough for now' });
    const days = shop.calendarOf('comparer').map((each) => Math.floor(Number.parseFloat(each)));
    expect(days).toEqual([0, 7, 14]);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
