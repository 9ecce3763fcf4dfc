/** Gone: asked why, told what is mended and only that, made one offer, and then left alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { openShop, send, type Shop } from '../../support/shop.ts';

/** A Monday after the latest improvement of the shop. */
const START = Date.parse('2026-11-02T12:00:00Z');
/** Somebody with one order returns after 45 days if at all: four and a half times that are 202.5 days. */
const LAPSED = START + DAY / 2;
const LEFT = ['silent', 'price', 'experience', 'no-need', 'other'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop(START);
  for (const id of LEFT) await boughtOnce(id, START - 202 * DAY);
  await boughtOnce('later', START - 201 * DAY);
  for (const id of ['subscriber', 'resumed']) {
    await boughtOnce(id, START - 20 * DAY);
    const endsAt = new Date(START + 3 * DAY).toISOString();
    await shop.emit('Subscription Renewal Stopped', { customerId: id, subscriptionId: 's', endsAt });
  }
  await shop.emit('Subscription Renewal Resumed', { customerId: 'resumed', subscriptionId: 's' });
});
afterAll(() => shop.close());

async function boughtOnce(customerId: string, at: number): Promise<void> {
  await shop.register(customerId);
  const order = { customerId, orderId: `${customerId}-1`, total: 40, currency: 'EUR' };
  await shop.emit('Purchase Completed', order, { at });
}

const ANSWERS = ['price', 'experience', 'other-shop', 'no-need', 'other'];

async function answer(customerId: string): Promise<void> {
  const { answers } = await letterOf(shop.lastMail(customerId));
  await send(answers[ANSWERS.indexOf(customerId)] ?? '');
  await shop.twin.advanceTo(shop.twin.now());
}

const winBack = (customerId: string) => shop.mailsTo(customerId).filter((each) => each.startsWith('win-back/'));

describe('a lapsed customer', () => {
  it('has been silent so long that a return is unlikely', async () => {
    await shop.twin.advanceTo(LAPSED - HOUR);
    expect(await shop.stageOf('silent')).toBe('at_risk');
    await shop.twin.advanceTo(LAPSED + HOUR);
    expect(await shop.stageOf('silent')).toBe('lapsed');
    expect(await shop.stageOf('later')).toBe('at_risk');
  });

  it('is asked for the reason first, and offered nothing', async () => {
    await shop.twin.advanceTo(START + DAY);
    for (const id of LEFT) expect(shop.mailsTo(id)).toEqual(['win-back/ask']);
    expect(new Date(shop.lastMail('silent').at).toISOString()).toMatch(/^2026-11-03T07:/u);
    const { subject, text, answers } = await letterOf(shop.lastMail('silent'));
    expect(subject).toBe('What made you stop?');
    expect(answers).toHaveLength(ANSWERS.length);
    expect(text).toContain('There is nothing to buy in this email');
    expect(text).not.toMatch(/% off|\bcode\b/u);
    for (const id of LEFT.slice(1)) await answer(id);
    expect(shop.announced('Attention Needed', 'experience')).toMatchObject([{ reason: 'answer', priority: 'high' }]);
    expect(shop.announced('Attention Needed', 'price')).toEqual([]);
  });

  it('is one, too, when the subscription has ended, a week after that', async () => {
    await shop.twin.advanceTo(START + 3 * DAY - HOUR);
    expect(await shop.stageOf('subscriber')).toBe('new');
    await shop.twin.advanceTo(START + 3 * DAY);
    expect(await shop.stageOf('subscriber')).toBe('lapsed');
    expect(await shop.stageOf('resumed')).toBe('new');
    await shop.twin.advanceTo(START + 10 * DAY - HOUR);
    expect(winBack('subscriber')).toEqual([]);
    await shop.twin.advanceTo(START + 10 * DAY);
    expect(winBack('subscriber')).toEqual(['win-back/ask']);
    expect(winBack('resumed')).toEqual([]);
  });

  it('hears after ten days, with an apology, what is mended: of the reason given, and nothing else', async () => {
    await shop.twin.advanceTo(START + 11 * DAY);
    expect(winBack('price')).toEqual(['win-back/ask', 'win-back/improved']);
    expect(Math.floor((shop.lastMail('price').at - LAPSED) / DAY)).toBe(10);
    const { text } = await letterOf(shop.lastMail('price'));
    expect(text).toContain('we apologise');
    expect(text).toContain('Delivery costs are shown on the product page');
    expect(text).toContain('12 October 2026');
    expect(text).not.toContain('Orders leave within one working day');
    expect(text).not.toMatch(/% off|\bcode\b/u);
    const { text: experienced } = await letterOf(shop.lastMail('experience'));
    expect(experienced).toContain('Orders leave within one working day');
    expect(experienced).not.toContain('Delivery costs');
  });

  it('hears nothing when there is nothing to report, or nothing was asked', async () => {
    for (const id of ['silent', 'other']) {
      expect(winBack(id)).toEqual(['win-back/ask']);
      expect(await shop.ends(id)).toMatchObject({ '1/win-back/improved/1': 'withheld: nothing to report' });
    }
    expect(winBack('no-need')).toEqual(['win-back/ask']);
  });

  it('gets one offer after 24 days, and then no more', async () => {
    await shop.twin.advanceTo(LAPSED + 24 * DAY);
    for (const id of LEFT) expect(winBack(id)).not.toContain('win-back/offer');
    await shop.twin.advanceTo(START + 45 * DAY);
    for (const id of ['silent', 'price', 'experience', 'other']) {
      expect(shop.mailsTo(id).slice(-1)).toEqual(['win-back/offer']);
      expect(Math.floor((shop.lastMail(id).at - LAPSED) / DAY)).toBe(24);
    }
    const { subject, text } = await letterOf(shop.lastMail('price'));
    expect(subject).toContain('10% off');
    expect(text).toMatch(/Your code: \S+/u);
    expect(text).toContain('This is our last email about coming back');
  });

  it('who needs nothing is left alone from then on', () => {
    expect(shop.mailsTo('no-need')).toEqual(['win-back/ask']);
  });
});
