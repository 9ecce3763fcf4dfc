/** Dissatisfied and ready to buy: the order is not asked for while something is wrong, and once after it is put right. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const RESUME = 'nurture/resume';
const RESUME_URL = 'https://shop.example.com/checkout/7f3a';
const ITEMS = [{ sku: 'pot-03', name: 'Cast-iron teapot, 0.8 l', quantity: 1, price: 64 }];
/** They complain, and check out all the same. */
const UNHAPPY = ['soon', 'in-time', 'too-late', 'ordered', 'emptied', 'twice', 'never'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of [...UNHAPPY, 'calm', 'afterwards', 'rated', 'promoter']) await shop.register(each);
  for (const each of UNHAPPY) await shop.complain(each, `k-${each}`);
  await shop.complain('twice', 'k-2');
  await rate('rated', 1);
  for (const each of [...UNHAPPY, 'calm', 'afterwards', 'rated']) await checkOut(each);
});
afterAll(() => shop.close());

const checkOut = (customerId: string) =>
  shop.emit('Checkout Started', { customerId, items: ITEMS, total: 64, currency: 'EUR', resumeUrl: RESUME_URL });
const resolve = (customerId: string) => shop.resolve(customerId, `k-${customerId}`);
const rate = (customerId: string, rating: number) =>
  shop.emit('Review Posted', { customerId, reviewId: `r-${rating}`, rating, channel: 'shop' });
const until = (hours: number) => shop.twin.advanceTo(OPENING + hours * HOUR);

/** How the requests for the order ended. */
async function requestsTo(customerId: string): Promise<readonly string[]> {
  const ends = Object.entries(await shop.ends(customerId));
  return ends.filter(([key]) => key.includes(RESUME)).map(([, end]) => end);
}
/** Whether at its time or, in a round of its own, after the trouble. */
const resumed = (customerId: string) =>
  shop.mailsTo(customerId).flatMap((each) => (each.startsWith(RESUME) ? RESUME : []));

describe('the order of somebody dissatisfied', () => {
  it('is not asked for while that lasts', async () => {
    await until(0.5);
    await resolve('soon');
    await until(1 - 1 / 60);
    for (const each of ['calm', 'soon']) expect(resumed(each)).toEqual([]);
    await shop.wait(2 * MINUTE);
    expect(resumed('calm')).toEqual([RESUME]);
    for (const each of UNHAPPY.filter((unhappy) => unhappy !== 'soon')) {
      expect(resumed(each)).toEqual([]);
      expect(await requestsTo(each)).toEqual(['withheld: open complaint']);
    }
    expect(resumed('rated')).toEqual([]);
  });

  it('is asked for at its time when all is well by then', () => {
    expect(resumed('soon')).toEqual([RESUME]);
  });

  it('is asked for as soon as it is put right, however many things were wrong', async () => {
    await until(20);
    await shop.buy('ordered', 'first');
    await shop.emit('Cart Updated', { customerId: 'emptied', items: [] });
    await shop.complain('afterwards', 'k-afterwards');
    await until(22);
    for (const each of ['ordered', 'emptied', 'twice', 'afterwards']) await resolve(each);
    await rate('rated', 5);
    await shop.wait(5 * MINUTE);
    expect(resumed('rated')).toEqual([RESUME]);
    // One of two is still open.
    expect(resumed('twice')).toEqual([]);
    await until(72);
    await shop.resolve('twice', 'k-2');
    await resolve('in-time');
    await shop.wait(MINUTE);
    await resolve('too-late');
    await shop.wait(5 * MINUTE);
    for (const each of ['twice', 'in-time']) expect(resumed(each)).toEqual([RESUME]);
  });

  it('is not asked for when it took longer than 72 hours, or nothing is left to ask for', async () => {
    await shop.pass(3);
    for (const each of ['too-late', 'ordered', 'emptied', 'never']) {
      expect(resumed(each)).toEqual([]);
      expect(await requestsTo(each)).toEqual(['withheld: open complaint']);
    }
  });

  it('is asked for once, and with nothing but the way back to it', async () => {
    for (const each of ['soon', 'in-time', 'twice', 'rated', 'afterwards', 'calm']) {
      expect(resumed(each)).toEqual([RESUME]);
    }
    const { links, text, answers, ...letter } = await letterOf(shop.lastMail('in-time'));
    expect(shop.mailsTo('in-time').at(-1)).toMatch(RESUME);
    expect(links).toEqual([RESUME_URL]);
    expect(text).toContain('Cast-iron teapot');
    expect(answers).toEqual([]);
    expect(saidIn({ ...letter, links, text, answers }, 'discount', 'push', 'promotion')).toEqual([]);
  });

  it('is asked for in the morning, too, when night had held it back before the trouble began', async () => {
    // In the evening; then a complaint in the night, put right before anybody is awake.
    await shop.waitUntil(20);
    for (const each of ['owl', 'asleep']) {
      await shop.register(each);
      await checkOut(each);
    }
    await shop.wait(3 * HOUR);
    await shop.complain('owl', 'k-owl');
    await shop.wait(2 * HOUR);
    await resolve('owl');
    await shop.waitUntil(10);
    for (const each of ['owl', 'asleep']) expect(resumed(each)).toEqual([RESUME]);
    expect((await requestsTo('owl')).toSorted()).toEqual(['sent', 'withheld: open complaint']);
    // Trouble that comes after it holds nothing back.
    await shop.complain('asleep', 'k-asleep');
    await shop.wait(HOUR);
    await resolve('asleep');
    await shop.wait(HOUR);
    expect(await requestsTo('asleep')).toEqual(['sent']);
  });

  it('is all that is written: for everything else the week after belongs to them', async () => {
    for (const customerId of ['in-time', 'promoter']) await shop.emit('Nps Answered', { customerId, score: 10 });
    // Still within the week after it was put right.
    await until(72 + 7 * 24 - 1);
    expect(shop.mailsTo('promoter')).toEqual(['retention/promoter-bonus']);
    expect(shop.mailsTo('in-time').filter((each) => !each.startsWith('recovery/'))).toHaveLength(1);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
