/** L6, the impulse buyer: one short mail with one offer that ends, at most once in thirty days, and none while goods go back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterOf } from '../../support/letter.ts';
import { openShop, type Shop } from '../../support/shop.ts';

const LITTLE_EXTRA = 'nurture/little-extra';
const pages = (count: number) => Array.from({ length: count }, (_, index) => ({ sku: `tea-${index}` }));
/** A short mail, with its offer, terms and all. */
const SHORT_WORDS = 160;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

/** Registers, looks at so many pages, and buys so long after. */
async function buyers(views: number, after: number, ...ids: readonly string[]): Promise<void> {
  for (const each of ids) {
    await shop.register(each);
    if (views > 0) await look(shop, each, ...pages(views));
  }
  await shop.wait(after);
  for (const each of ids) await shop.buy(each, `${each}-first`);
}

const refund = (customerId: string, refundId: string) =>
  shop.emit('Purchase Refunded', {
    customerId,
    refundId,
    orderId: `${customerId}-first`,
    amount: 10,
    currency: 'EUR',
  });
const sendBack = (customerId: string) =>
  shop.emit('Return Requested', { customerId, returnId: 'back', orderId: `${customerId}-first` });

describe('who buys within an hour of coming, hardly looking', () => {
  it('gets a little extra three days later', async () => {
    await buyers(3, 50 * MINUTE, 'quick', 'refunded', 'refunded-once', 'returning');
    await buyers(4, 50 * MINUTE, 'curious');
    await buyers(0, 70 * MINUTE, 'slow');
    // Nobody knows how long they had been looking.
    await shop.buy('unknown', 'unknown-first');
    await shop.register('unknown');
    await shop.pass(1);
    await refund('refunded', 'r-1');
    await refund('refunded', 'r-2');
    await refund('refunded-once', 'r-1');
    await sendBack('returning');
    await shop.wait(2 * DAY - 3 * HOUR - MINUTE);
    for (const each of ['quick', 'refunded-once']) expect(shop.mailsTo(each)).toEqual(['onboarding/welcome']);
    await shop.wait(5 * HOUR);
    for (const each of ['quick', 'refunded-once']) {
      expect(shop.mailsTo(each)).toEqual(['onboarding/welcome', LITTLE_EXTRA]);
    }
  });

  it('nobody does who looked at more, took longer, or was never seen before', () => {
    for (const each of ['curious', 'slow', 'unknown']) expect(shop.mailsTo(each)).not.toContain(LITTLE_EXTRA);
  });

  it('nobody does after two refunds, nor while something is on its way back', async () => {
    for (const each of ['refunded', 'returning']) {
      expect(shop.mailsTo(each)).toEqual(['onboarding/welcome']);
      expect(shop.announced('Offer Issued', each)).toEqual([]);
    }
    // The return is settled: this was its only refund.
    await refund('returning', 'r-1');
    await shop.wait(MINUTE);
    expect(shop.mailsTo('returning')).toEqual(['onboarding/welcome', LITTLE_EXTRA]);
  });

  it('finds it short, with one way on and an offer that ends', async () => {
    const [issued, ...more] = shop.announced('Offer Issued', 'quick');
    expect(more).toEqual([]);
    const { code, issuedAt, expiresAt } = issued ?? {};
    const lasts = Date.parse(String(expiresAt)) - Date.parse(String(issuedAt));
    // To the end of the day.
    expect(Math.floor(lasts / DAY)).toBe(7);
    const { text, links, answers, words } = await letterOf(shop.lastMail('quick'));
    expect(text).toContain(String(code));
    expect(text).toMatch(/Valid until .*March/u);
    expect(links).toEqual(['https://shop.example.com/']);
    expect(answers).toEqual([]);
    expect(words).toBeLessThan(SHORT_WORDS);
  });
});

describe('one time-limited offer in thirty days', () => {
  const BONUS = '1/retention/promoter-bonus/1';

  it('is the most, used or not', async () => {
    const { code } = shop.announced('Offer Issued', 'quick')[0] ?? {};
    const order = { customerId: 'quick', orderId: 'second', total: 30, currency: 'EUR', coupon: code, discount: 3 };
    await shop.emit('Purchase Completed', order);
    await shop.wait(DAY);
    // Whoever would recommend us gets a bonus at once.
    for (const customerId of ['quick', 'refunded-once', 'slow']) {
      await shop.emit('Nps Answered', { customerId, score: 10 });
    }
    await shop.wait(2 * HOUR);
    // It waits for the thirty days to be over.
    for (const customerId of ['quick', 'refunded-once']) {
      expect(await shop.pending(customerId, BONUS)).toMatchObject({ heldBy: 'another offer first' });
    }
    expect(await shop.ends('slow')).toMatchObject({ [BONUS]: 'sent' });
    expect(shop.announced('Offer Issued', 'quick')).toHaveLength(1);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
