/** Nobody with an order is forgotten: at most 45 days without a mail, but for those who are to be left in peace. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterOf } from '../../support/letter.ts';
import { SHIPPED } from '../../support/playbooks.ts';
import { linksIn, OPENING, openShop, send, type Shop } from '../../support/shop.ts';

const LONGEST = 45;
const LAST = 112;
/** The days between which somebody's renewal was stopped, longer than the mail that was due then stays fresh. */
const [STOPPED, RESUMED] = [34, 74];
const REST = 7;
/** What the playbook makes of it. */
const EVERY =
  SHIPPED.programmes
    .flatMap(({ series }) => series)
    .flatMap((each) => (each.trigger === 'interval' && each.since === 'any mail' ? [each.every / DAY] : []))[0] ?? NaN;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const id of ['once', 'steady', 'wavers', 'unsubscribed', 'unhappy', 'gone', 'lead']) await shop.register(id);
  for (const id of ['once', 'steady', 'wavers', 'unsubscribed', 'unhappy']) await shop.buy(id, `${id}-1`);
  const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
  const wavers = { customerId: 'wavers', subscriptionId: 's' };
  const buysAgain = async (day: number) => {
    await until(day);
    await shop.buy('wavers', `wavers-${day}`);
  };
  const order = { customerId: 'gone', orderId: 'gone-1', total: 40, currency: 'EUR' };
  await shop.emit('Purchase Completed', order, { at: OPENING - 202 * DAY });
  await send((await linksIn(shop.lastMail('unsubscribed'))).oneClick, ['List-Unsubscribe', 'One-Click']);
  await buysAgain(20);
  await until(STOPPED);
  const endsAt = new Date(OPENING + 300 * DAY).toISOString();
  await shop.emit('Subscription Renewal Stopped', { ...wavers, endsAt });
  await buysAgain(40);
  await until(50);
  await shop.complain('unhappy', 'k');
  await shop.buy('steady', 'steady-50');
  await buysAgain(60);
  await until(RESUMED);
  await shop.emit('Subscription Renewal Resumed', wavers);
  await buysAgain(80);
  await buysAgain(100);
  await shop.buy('steady', 'steady-100');
  await shop.twin.advanceTo(OPENING + LAST * DAY);
});
afterAll(() => shop.close());

/** The longest time without a mail between the first one and the end, in days. */
function longestSilence(customerId: string, end = LAST): number {
  const days = [...shop.calendarOf(customerId).map((each) => Number.parseFloat(each)), end];
  return Math.max(...days.slice(1).map((day, index) => day - (days[index] ?? 0)));
}

describe('every customer with an order', () => {
  it.each(['once', 'steady'])('hears from us at least every 45 days: %s', (id) => {
    expect(shop.mailsTo(id)[0]).toBe('onboarding/welcome');
    expect(longestSilence(id)).toBeLessThanOrEqual(LONGEST);
  });

  it('is reminded that long after the last mail, whatever that was about, in turn', () => {
    expect(EVERY).toBeLessThan(LONGEST);
    const calendar = shop.calendarOf('steady');
    const turns = calendar.filter((each) => /make-the-most|benefits|your-view/u.test(each));
    expect(turns.map((each) => each.split('/')[1]).slice(0, 2)).toEqual(['make-the-most', 'benefits']);
    for (const turn of turns) {
      const before = calendar[calendar.indexOf(turn) - 1] ?? '';
      expect(Number.parseFloat(turn) - Number.parseFloat(before)).toBeCloseTo(EVERY, 0);
    }
  });

  it('is given something to use, and nothing to buy', async () => {
    const mail = shop.twin.mailbox.find(({ tags }) =>
      Buffer.from(tags['k'] ?? '', 'base64url').includes('make-the-most'),
    );
    if (mail === undefined) throw new Error('nobody was reminded');
    const { text } = await letterOf(mail);
    expect(text).toContain('there is nothing to buy here');
    expect(text).toContain('https://shop.example.com/guides/tea');
    expect(text).not.toMatch(/% off|\bcode\b/u);
  });

  it('hears from us when the rest after a dissatisfaction ends, however long it lasted', () => {
    const since = shop.calendarOf('wavers').filter((each) => Number.parseFloat(each) >= STOPPED);
    expect(since.map((each) => `${Math.floor(Number.parseFloat(each))} ${each.split(' ')[1]}`)).toEqual([
      `${STOPPED} recovery/renewal`,
      `${RESUMED + REST} retention/make-the-most`,
    ]);
  });

  it('is left in peace who has unsubscribed', async () => {
    expect(shop.mailsTo('unsubscribed')).toEqual(['onboarding/welcome']);
    expect(await shop.ends('unsubscribed')).toMatchObject({
      '1/retention/make-the-most/1': 'withheld: unsubscribed',
    });
  });

  it('is left in peace who is dissatisfied, but for the complaint', () => {
    const since = shop.calendarOf('unhappy').filter((each) => Number.parseFloat(each) >= 50);
    expect(since.length).toBeGreaterThan(9);
    const during = since.filter((each) => Number.parseFloat(each) < 95 + 7);
    expect(during.filter((each) => !each.includes('recovery/'))).toEqual([]);
  });

  it('is left in peace who lapsed, after the win-back', () => {
    expect(shop.mailsTo('gone')).toEqual(['win-back/ask', 'win-back/offer']);
    expect(longestSilence('gone')).toBeGreaterThan(LONGEST);
  });

  it('is not somebody who has never bought', () => {
    expect(shop.mailsTo('lead')).toEqual([]);
  });
});

describe('somebody who gave back what they bought', () => {
  it('is not told how to make the most of it, and hears something else in time', async () => {
    await shop.waitUntil(12);
    const order = { customerId: 'gave-back', orderId: 'gave-back-1', currency: 'EUR' };
    await shop.register('gave-back');
    await shop.emit('Purchase Completed', { ...order, total: 40 });
    await shop.pass(2);
    await shop.emit('Purchase Refunded', { ...order, refundId: 'r', amount: 40 });
    await shop.pass(LONGEST - 2);
    expect(shop.mailsTo('gave-back')).not.toContain('retention/make-the-most');
    expect(shop.mailsTo('gave-back')).toContain('retention/benefits');
  });
});

const today = (): number => (shop.twin.now() - OPENING) / DAY;
const order = (id: string, nth: string, daysAgo = 0): Promise<void> =>
  shop.emit(
    'Purchase Completed',
    { customerId: id, orderId: `${id}-${nth}`, total: 15, currency: 'EUR' },
    { at: shop.twin.now() - daysAgo * DAY },
  );

describe('whatever stands in the way of a mail, there is one in 45 days', () => {
  it('a bonus that waits for another offer to end; a refund that takes a step out of the turns', async () => {
    await shop.waitUntil(12);
    for (const each of ['praises', 'returns']) await shop.register(each);
    for (const daysAgo of [400, 310, 220, 130, 40]) await order('praises', `o${daysAgo}`, daysAgo);
    for (const daysAgo of [305, 255, 205, 155, 105, 55, 5]) await order('returns', `o${daysAgo}`, daysAgo);
    await shop.complain('praises', 'k');
    await shop.wait(HOUR);
    await shop.resolve('praises', 'k');
    await shop.pass(20);
    await shop.emit('Nps Answered', { customerId: 'praises', score: 10 });
    await shop.pass(30);
    await order('returns', 'a');
    await shop.pass(50);
    await order('returns', 'b');
    await shop.pass(10);
    await order('returns', 'c');
    await shop.pass(1);
    const refund = { customerId: 'returns', orderId: 'returns-c', refundId: 'r', amount: 15, currency: 'EUR' };
    await shop.emit('Purchase Refunded', refund);
    await shop.pass(85);
    expect(await shop.ends('praises')).toMatchObject({ '1/retention/promoter-bonus/1': 'sent' });
    const reminders = shop.mailsTo('returns').filter((each) => /make-the-most|benefits|your-view/u.test(each));
    expect(reminders.map((each) => each.split('/')[1]).slice(0, 3)).toEqual(['make-the-most', 'benefits', 'your-view']);
    for (const each of ['praises', 'returns']) expect.soft(longestSilence(each, today())).toBeLessThanOrEqual(LONGEST);
  });

  it('fresh interest that never ends when the win-back would begin', async () => {
    await shop.waitUntil(12);
    await shop.register('looks');
    await order('looks', 'o', 130);
    await shop.pass(66);
    for (let week = 0; week < 5; week += 1) {
      await look(shop, 'looks', { sku: 'tea-101', category: 'black tea' });
      await shop.pass(6);
    }
    expect(shop.mailsTo('looks')).toEqual(['retention/make-the-most', 'win-back/ask']);
    expect(longestSilence('looks', today())).toBeLessThanOrEqual(LONGEST);
  });
});
