/**
 * A2, the referred customer: a fuller introduction that speaks of what was recommended and never of what anybody bought;
 * the referrer is thanked without hearing who came.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterTo } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const WELCOME = 'onboarding/welcome';
const GUIDE = 'onboarding/guide';
const CHECK_IN = 'onboarding/check-in';
const THANKS = 'retention/thanks-referral';
const RECOMMENDED = 'the sencha sampler';
const BOUGHT_BY_THE_REFERRER = 'Copper kettle';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  await shop.register('pointer');
  await shop.register('referrer', { name: 'Alma Referrer' });
  const items = [{ sku: 'kettle-1', name: BOUGHT_BY_THE_REFERRER, quantity: 1, price: 90 }];
  // So long ago that no mail of the introduction is due any more.
  await shop.emit(
    'Purchase Completed',
    { customerId: 'referrer', orderId: 'kettle', total: 90, currency: 'EUR', items },
    { at: OPENING - 40 * DAY },
  );
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
const deliver = (customerId: string) => shop.emit('Order Delivered', { customerId, orderId: customerId });

async function traitsOf(customerId: string): Promise<readonly string[]> {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' ? profile.traits : [];
}

describe('a friend who is not registered', () => {
  it('is written to under no circumstances, whatever we know of them', async () => {
    await shop.emit('Referral Made', { customerId: 'pointer', friendId: 'stranger', kind: 'customer' });
    await shop.emit('Product Viewed', { customerId: 'stranger', sku: 'pot-1' });
    await shop.emit('Checkout Started', { customerId: 'stranger', resumeUrl: 'https://shop.example.com/checkout/1' });
    await shop.wait(3 * HOUR);
    expect(shop.mailsTo('stranger')).toEqual([]);
    expect(await shop.ends('stranger')).toEqual({});
    // Nor is the address of anybody else used for it.
    expect(shop.mailsTo('pointer')).toEqual([THANKS]);
    expect(shop.twin.mailbox).toHaveLength(1);
  });
});

describe('whoever registers with a referrer', () => {
  it('is no one to write to before there is an order, and comes as a referred customer', async () => {
    await until(1);
    for (const id of ['referred', 'unsaid', 'plain']) {
      const referral = id === 'referred' ? { by: 'referrer', recommended: RECOMMENDED } : { by: 'nobody-we-know' };
      await shop.register(id, { name: 'Vera Friend', ...(id !== 'plain' && { referral }) });
    }
    expect(await traitsOf('referred')).toContain('referred');
    expect(await traitsOf('plain')).not.toContain('referred');
    for (const id of ['referred', 'unsaid', 'plain']) expect(await shop.ends(id)).toEqual({});
  });

  it('is welcomed at once, speaking of what was recommended, in more words than usual', async () => {
    for (const id of ['referred', 'unsaid', 'plain']) await shop.buy(id, id);
    for (const id of ['referred', 'unsaid', 'plain']) expect(shop.calendarOf(id)).toEqual([`1 ${WELCOME}`]);
    const [letter, unsaid, plain] = await Promise.all([
      letterTo(shop, 'referred', WELCOME),
      letterTo(shop, 'unsaid', WELCOME),
      letterTo(shop, 'plain', WELCOME),
    ]);
    expect(letter.subject).toBe('Welcome, Vera. Your order is with us');
    expect(letter.text).toContain('You come recommended');
    expect(letter.text).toContain(RECOMMENDED);
    expect(letter.text).toContain('You need not confirm anything');
    expect(letter.words).toBeGreaterThan(1.3 * plain.words);
    // What nobody said is not made up.
    expect(unsaid.text).toContain('You come recommended');
    expect(unsaid.text).not.toContain(RECOMMENDED);
    expect(unsaid.text).toMatch(/thought we would suit you\./u);
    expect(plain.text).not.toMatch(/recommend/iu);
    expect((await shop.entry('referred', '1/onboarding/welcome/1'))?.template).toBe(`${WELCOME}@referred`);
  });

  it('is led through the guide step by step, and asked what they had hoped for', async () => {
    for (const id of ['referred', 'plain']) await deliver(id);
    await until(3 + 5 * (MINUTE / DAY));
    const [guide, plain] = await Promise.all([letterTo(shop, 'referred', GUIDE), letterTo(shop, 'plain', GUIDE)]);
    expect(guide.text).toContain(RECOMMENDED);
    expect(guide.text).toContain('no experience needed');
    expect(guide.words).toBeGreaterThan(1.3 * plain.words);
    await until(22 + 5 * (MINUTE / DAY));
    const asked = await letterTo(shop, 'referred', CHECK_IN);
    expect(asked.subject).toBe('Is it what you were hoping for?');
    expect(asked.text).toContain(RECOMMENDED);
    expect(asked.answers).toHaveLength(4);
    expect((await letterTo(shop, 'plain', CHECK_IN)).subject).toBe('Is it working for you?');
  });

  it('never reads of the referrer, nor of what the referrer bought', async () => {
    for (const step of [WELCOME, GUIDE, CHECK_IN]) {
      const letter = await letterTo(shop, 'referred', step);
      for (const each of [letter.subject, letter.text, letter.html]) {
        expect(each).not.toContain(BOUGHT_BY_THE_REFERRER);
        expect(each).not.toMatch(/Alma|referrer/u);
      }
      expect(saidIn(letter, 'discount', 'push')).toEqual([]);
    }
  });

  it('is one until sixty days after the first order', async () => {
    const register = (customerId: string, daysAgo: number) =>
      shop
        .register(customerId, { referral: { by: 'nobody-we-know', recommended: RECOMMENDED } })
        .then(() =>
          shop.emit(
            'Purchase Completed',
            { customerId, orderId: customerId, total: 40, currency: 'EUR' },
            { at: shop.twin.now() - daysAgo * DAY + MINUTE },
          ),
        );
    await register('acquainted', 60);
    expect(await traitsOf('acquainted')).toContain('referred');
    await shop.wait(MINUTE);
    expect(await traitsOf('acquainted')).not.toContain('referred');
  });

  it('may say so later, as long as the acquaintance is young', async () => {
    await shop.register('late');
    await shop.emit('Profile Updated', {
      customerId: 'late',
      referral: { by: 'nobody-we-know', recommended: RECOMMENDED },
    });
    await shop.buy('late', 'late');
    expect((await letterTo(shop, 'late', WELCOME)).text).toContain(RECOMMENDED);
  });
});

describe('the referrer', () => {
  it('is thanked an hour after the friend came, and hears neither who it is nor what they do', async () => {
    expect(shop.calendarOf('referrer')).toEqual([`1.04 ${THANKS}`]);
    const letter = await letterTo(shop, 'referrer', THANKS);
    expect(letter.subject).toBe('Thank you for recommending us');
    expect(letter.text).toContain('Who it is, we keep to ourselves');
    for (const each of [letter.subject, letter.text, letter.html]) {
      expect(each).not.toMatch(/Vera|Friend|referred/u);
      expect(each).not.toContain(RECOMMENDED);
    }
    expect(letter.answers).toEqual([]);
    expect(saidIn(letter, 'discount', 'push', 'promotion')).toEqual([]);
  });

  it('does not find the friend in any link either', () => {
    const mails = shop.twin.mailbox.filter(({ to }) => to.includes('referrer@example.com'));
    expect(mails).toHaveLength(1);
    for (const { raw } of mails) {
      const source = Buffer.from(raw)
        .toString()
        .replaceAll(/=\r?\n/gu, '');
      const decoded = (source.match(/[\w-]{8,}/gu) ?? []).map((each) =>
        Buffer.from(each, 'base64url').toString('latin1'),
      );
      // The test is not blind: whose mail it is can be read.
      expect(decoded.some((each) => each.includes('referrer'))).toBe(true);
      expect(decoded.filter((each) => each.includes('referred'))).toEqual([]);
    }
  });
});
