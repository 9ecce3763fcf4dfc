/** Speed where something is wrong: recovery goes before everything, at any hour, and past the caps of promotion. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const QUARTER = 15 * MINUTE;
/** In Stockholm it is night from here on. */
const NIGHT = OPENING + 9.5 * HOUR;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const id of ['complains', 'severe', 'social', 'rates', 'critic', 'waits', 'has-it', 'calm', 'busy', 'old']) {
    await shop.register(id);
  }
});
afterAll(() => shop.close());

const recovery = (customerId: string) => shop.mailsTo(customerId).filter((each) => each.startsWith('recovery/'));

describe('something that is wrong', () => {
  it('is answered within a quarter of an hour, at night, too', async () => {
    const promisedBy = new Date(NIGHT).toISOString();
    for (const customerId of ['waits', 'has-it']) {
      const order = { customerId, orderId: customerId, total: 40, currency: 'EUR', promisedBy };
      await shop.emit('Purchase Completed', order);
    }
    await shop.emit('Order Delivered', { customerId: 'has-it', orderId: 'has-it' });
    await shop.twin.advanceTo(NIGHT - MINUTE);
    expect(recovery('waits')).toEqual([]);
    await shop.complain('complains', 'k');
    await shop.emit('Complaint Opened', { customerId: 'severe', complaintId: 'k', channel: 'phone', severity: 'high' });
    await shop.emit('Review Posted', { customerId: 'social', reviewId: 'v', rating: 1, channel: 'social' });
    await shop.emit('Review Posted', { customerId: 'rates', reviewId: 'v', rating: 2, channel: 'shop' });
    await shop.emit('Nps Answered', { customerId: 'critic', score: 3 });
    await shop.twin.advanceTo(NIGHT + QUARTER);
    const answers = { complains: 'apology', severe: 'apology', social: 'bad-rating', rates: 'bad-rating' };
    for (const [id, step] of Object.entries({ ...answers, critic: 'critic', waits: 'late-delivery' })) {
      expect(recovery(id)).toEqual([`recovery/${step}`]);
      expect(shop.lastMail(id).at).toBeGreaterThanOrEqual(NIGHT - MINUTE);
      const { text } = await letterOf(shop.lastMail(id));
      expect(text).toMatch(/sorry/iu);
      expect(text).not.toMatch(/% off|\bcode\b/u);
    }
    // An order that came in time needs no apology, and nobody else is written to at night.
    for (const id of ['has-it', 'calm']) expect(recovery(id)).toEqual([]);
  });

  it('calls a person where it is severe', () => {
    expect(shop.announced('Attention Needed', 'severe')).toMatchObject([
      { reason: 'severe-complaint', priority: 'high' },
    ]);
    expect(shop.announced('Attention Needed', 'complains')).toEqual([]);
  });

  it('is answered whatever else was sent that day and week', async () => {
    await shop.waitUntil(12);
    // One promotional mail a day, two a week: both are used.
    await shop.emit('Preference Declared', { customerId: 'busy', previousSupplier: 'Leaf' });
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('busy')).toEqual(['nurture/sets-apart']);
    await shop.pass(1);
    await shop.buy('busy', 'busy-1');
    expect(shop.mailsTo('busy')).toEqual(['nurture/sets-apart', 'onboarding/welcome']);
    await shop.wait(MINUTE);
    await shop.emit('Checkout Started', { customerId: 'busy', resumeUrl: 'https://shop.example.com/checkout/1' });
    await shop.wait(HOUR + MINUTE);
    // The thanks for the order count for no cap; the way back to the next one does.
    expect(shop.mailsTo('busy')).toEqual(['nurture/sets-apart', 'onboarding/welcome', 'nurture/resume']);
    await shop.complain('busy', 'k');
    expect(shop.mailsTo('busy').slice(3)).toEqual(['recovery/apology']);
    await shop.resolve('busy', 'k');
    expect(shop.mailsTo('busy').slice(3)).toEqual(['recovery/apology', 'recovery/resolved']);
  });

  it('goes before everything else that is due', async () => {
    const night = Math.floor(shop.twin.now() / DAY) * DAY + DAY - HOUR;
    await shop.twin.advanceTo(night);
    await shop.emit('Preference Declared', { customerId: 'calm', previousSupplier: 'Leaf' });
    await shop.wait(2 * HOUR);
    // It waits for the morning, when it would go out; and then something goes wrong.
    expect(await shop.pending('calm', '1/nurture/sets-apart/1')).toMatchObject({ heldBy: 'quiet hours' });
    await shop.complain('calm', 'k');
    expect(shop.mailsTo('calm')).toEqual(['recovery/apology']);
    await shop.waitUntil(12);
    expect(shop.mailsTo('calm')).toEqual(['recovery/apology']);
    expect(await shop.ends('calm')).toMatchObject({ '1/nurture/sets-apart/1': 'withheld: open complaint' });
  });

  it('counts for a customer of years as for anybody: loyalty pauses with the first complaint', async () => {
    const orders = [900, 500, 200, 100, 20].map((days) => ({
      type: 'Purchase Completed',
      data: { customerId: 'old', orderId: `old-${days}`, total: 90, currency: 'EUR' },
      at: shop.twin.now() - days * DAY,
    }));
    await shop.put(...orders);
    await shop.twin.advanceTo(shop.twin.now());
    expect(await shop.stageOf('old')).toBe('loyal');
    await shop.complain('old', 'k');
    expect(await shop.stageOf('old')).toBe('active');
    expect(shop.mailsTo('old').at(-1)).toBe('recovery/apology');
  });
});
