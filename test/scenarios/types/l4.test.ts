/** L4, ready to buy: the way back to the order and nothing else; and the promise that the order is given is kept. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const RESUME = 'nurture/resume';
const RESUME_URL = 'https://shop.example.com/checkout/7f3a';
const CHECKOUT = {
  items: [{ sku: 'pot-03', name: 'Cast-iron teapot, 0.8 l', quantity: 1, price: 64, category: 'ceramics' }],
  total: 64,
  currency: 'EUR',
  resumeUrl: RESUME_URL,
};
/** Nothing else is told: as much as a screen of a telephone holds. */
const FEW_WORDS = 70;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const checkOut = (customerId: string) => shop.emit('Checkout Started', { customerId, ...CHECKOUT });

const order = (customerId: string, promisedBy: number) =>
  shop.emit('Purchase Completed', {
    customerId,
    orderId: `order-of-${customerId}`,
    total: 64,
    currency: 'EUR',
    items: CHECKOUT.items,
    promisedBy: new Date(promisedBy).toISOString(),
  });

describe('a checkout that was not finished', () => {
  it('is asked for after 60 minutes; not what was ordered or given up by then', async () => {
    for (const each of ['unfinished', 'buyer', 'clearer']) {
      await shop.register(each);
      await checkOut(each);
    }
    await shop.wait(30 * MINUTE);
    await shop.buy('buyer', 'first');
    await shop.emit('Cart Updated', { customerId: 'clearer', items: [] });
    await shop.wait(29 * MINUTE);
    expect(shop.mailsTo('unfinished')).toEqual([]);
    await shop.wait(2 * MINUTE);
    expect(shop.mailsTo('unfinished')).toEqual([RESUME]);
    expect(shop.mailsTo('buyer')).toEqual(['onboarding/welcome']);
    expect(await shop.ends('clearer')).toEqual({});
  });

  it('is one link away: nothing new is told, nothing asked, nothing taken off', async () => {
    const letter = await letterOf(shop.lastMail('unfinished'));
    expect(letter.links).toEqual([RESUME_URL]);
    const hrefs = [...letter.html.matchAll(/href="([^"]+)"/gu)].map(([, href]) => href);
    // Beside it the two every mail has: unsubscribe and preferences.
    expect(hrefs.filter((each) => !each?.startsWith('http://127.0.0.1'))).toEqual([RESUME_URL]);
    expect(hrefs).toHaveLength(3);
    expect(letter.text).toContain('Cast-iron teapot');
    expect(letter.words).toBeLessThan(FEW_WORDS);
    expect(letter.answers).toEqual([]);
    expect(saidIn(letter, 'discount', 'push', 'promotion')).toEqual([]);
    expect(shop.announced('Offer Issued', 'unfinished')).toEqual([]);
  });

  it('is asked for in the morning when the night came in between, within the day', async () => {
    await shop.register('night-owl');
    // Half past eight in the evening in Stockholm: an hour later it is night.
    await shop.waitUntil(19);
    await shop.wait(30 * MINUTE);
    const began = shop.twin.now();
    await checkOut('night-owl');
    await shop.wait(11 * HOUR);
    expect(shop.mailsTo('night-owl')).toEqual([]);
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('night-owl')).toEqual([RESUME]);
    expect(shop.lastMail('night-owl').at - began).toBeLessThan(DAY);
  });

  it('is asked for at most once a week', async () => {
    const [first] = shop.twin.mailbox;
    // The seventh day is not over when the second mail would go.
    await shop.wait((first?.at ?? NaN) + 7 * DAY - HOUR - 2 * MINUTE - shop.twin.now());
    await checkOut('unfinished');
    await shop.wait(HOUR + MINUTE);
    expect(shop.mailsTo('unfinished')).toEqual([RESUME]);
    expect(Object.values(await shop.ends('unfinished')).toSorted()).toEqual(['sent', 'withheld: same step recently']);
    await checkOut('unfinished');
    await shop.wait(HOUR + MINUTE);
    expect(shop.mailsTo('unfinished')).toEqual([RESUME, RESUME]);
  });

  it('is not asked for any more after 24 hours', async () => {
    await shop.register('late');
    await shop.pause('nurture');
    await shop.wait(MINUTE);
    await checkOut('late');
    await shop.wait(DAY + MINUTE);
    await shop.resume('nurture');
    await shop.wait(3 * HOUR);
    expect(shop.mailsTo('late')).toEqual([]);
    expect(Object.values(await shop.ends('late'))).toEqual(['cancelled: case is over']);
  });
});

describe('the cap of the day', () => {
  it('does not cost the welcome of whoever buys after the mail: it comes at once', async () => {
    await shop.waitUntil(10);
    await shop.register('prompt');
    await checkOut('prompt');
    await shop.wait(2 * HOUR + MINUTE);
    await shop.buy('prompt', 'first');
    expect(shop.mailsTo('prompt')).toEqual([RESUME, 'onboarding/welcome']);
  });

  it('does not cost the mail of whoever was asked what keeps them an hour before the checkout', async () => {
    await shop.waitUntil(10);
    await shop.register('asked');
    await shop.emit('Cart Updated', { customerId: 'asked', items: CHECKOUT.items, currency: 'EUR' });
    await shop.wait(DAY + MINUTE);
    expect(shop.mailsTo('asked')).toEqual(['nurture/obstacle']);
    await shop.wait(HOUR);
    const began = shop.twin.now();
    await checkOut('asked');
    await shop.wait(22 * HOUR);
    expect(shop.mailsTo('asked')).toEqual(['nurture/obstacle']);
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('asked')).toEqual(['nurture/obstacle', RESUME]);
    expect(shop.lastMail('asked').at - began).toBeLessThan(DAY);
  });
});

describe('the order', () => {
  it('is confirmed with the promise of its day', async () => {
    await shop.waitUntil(12);
    for (const each of ['waiting', 'punctual']) {
      await shop.register(each);
      await order(each, shop.twin.now() + 2 * DAY);
    }
    expect(shop.mailsTo('waiting')).toEqual(['onboarding/welcome']);
    const day = new Date(shop.twin.now() + 2 * DAY).toLocaleDateString('en', { day: 'numeric', month: 'long' });
    const { text } = await letterOf(shop.lastMail('waiting'));
    expect(text).toMatch(/You will have it by/u);
    const [number = '', month = ''] = day.split(' ').toReversed();
    expect(text).toMatch(new RegExp(String.raw`by .*(?:${number} ${month}|${month} ${number})`, 'u'));
  });

  it('that is late is apologised for unasked; one that came in time is not', async () => {
    await shop.pass(1);
    await shop.emit('Order Delivered', { customerId: 'punctual', orderId: 'order-of-punctual' });
    await shop.wait(DAY - MINUTE);
    expect(shop.mailsTo('waiting')).toEqual(['onboarding/welcome']);
    await shop.wait(2 * MINUTE);
    expect(shop.mailsTo('waiting')).toEqual(['onboarding/welcome', 'recovery/late-delivery']);
    expect(shop.mailsTo('punctual')).toEqual(['onboarding/welcome']);
    const letter = await letterOf(shop.lastMail('waiting'));
    expect(saidIn(letter, 'apology')).not.toEqual([]);
    expect(saidIn(letter, 'promotion', 'discount', 'push')).toEqual([]);
    expect(letter.text).toContain('Cast-iron teapot');
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});

describe('an order that was asked for', () => {
  it('is thanked for at once, with its promise, though the mail that asked went out today', async () => {
    await shop.waitUntil(12);
    await shop.register('asked-for');
    await checkOut('asked-for');
    await shop.wait(HOUR + 5 * MINUTE);
    await order('asked-for', shop.twin.now() + DAY);
    expect(shop.mailsTo('asked-for')).toEqual([RESUME, 'onboarding/welcome']);
    expect((await letterOf(shop.lastMail('asked-for'))).text).toMatch(/You will have it by/u);
  });

  it('was not asked for by a third mail of the week, and is thanked for beside the caps', async () => {
    await shop.waitUntil(12);
    await shop.register('full');
    await shop.emit('Cart Updated', { customerId: 'full', items: CHECKOUT.items, currency: 'EUR' });
    await shop.pass(4);
    const mails = ['nurture/obstacle', 'nurture/recommendation'];
    expect(shop.mailsTo('full')).toEqual(mails);
    await checkOut('full');
    await shop.wait(DAY);
    expect(shop.mailsTo('full')).toEqual(mails);
    expect(Object.values(await shop.ends('full'))).toContain('withheld: frequency cap');
    await order('full', shop.twin.now() + 3 * DAY);
    expect(shop.mailsTo('full')).toEqual([...mails, 'onboarding/welcome']);
  });

  it('is not apologised for when it was given back before it could be late', async () => {
    await shop.waitUntil(12);
    for (const each of ['refunded', 'returns']) {
      await shop.register(each);
      await order(each, shop.twin.now() + 2 * DAY);
    }
    const refund = { orderId: 'order-of-refunded', refundId: 'r', amount: 64, currency: 'EUR' };
    await shop.emit('Purchase Refunded', { customerId: 'refunded', ...refund });
    await shop.emit('Return Requested', { customerId: 'returns', orderId: 'order-of-returns', returnId: 'q' });
    await shop.pass(3);
    for (const each of ['refunded', 'returns']) expect(shop.mailsTo(each)).toEqual(['onboarding/welcome']);
  });
});
