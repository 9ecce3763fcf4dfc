/** Somebody who had left buys again: the acquaintance starts from the beginning, in words of its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  // Lapsed after 202.5 days, at risk after 90.
  for (const [customerId, days] of [
    ['back', 202],
    ['stayed', 180],
    ['gone', 202],
  ] as const) {
    await shop.register(customerId);
    const order = { customerId, orderId: `${customerId}-1`, total: 40, currency: 'EUR' };
    await shop.emit('Purchase Completed', order, { at: OPENING - days * DAY });
  }
  await shop.register('first');
  await shop.pass(5);
  for (const id of ['back', 'stayed', 'first']) await shop.buy(id, `${id}-2`);
});
afterAll(() => shop.close());

const mailsSinceBuying = (customerId: string) =>
  shop.calendarOf(customerId).filter((each) => Number.parseFloat(each) >= 5);

describe('somebody who returns', () => {
  it('had lapsed, and is new again', async () => {
    expect(shop.mailsTo('back')[0]).toBe('win-back/ask');
    expect(await shop.stageOf('back')).toBe('new');
    // A second order of somebody who had only been silent is just that.
    expect(await shop.stageOf('stayed')).toBe('active');
    expect(mailsSinceBuying('stayed')).toEqual([]);
  });

  it('is welcomed back at once, with every way to reach a person', async () => {
    expect(mailsSinceBuying('back')).toEqual(['5 onboarding/welcome']);
    const { subject, text } = await letterOf(shop.lastMail('back'));
    expect(subject).toBe('Welcome back. Your order is with us');
    expect(text).toContain('Thank you for coming back to us');
    for (const way of ['hello@shop.example.com', '+44 20 7946 0018', '/chat', '/help']) expect(text).toContain(way);
    const first = await letterOf(shop.lastMail('first'));
    expect(first.subject).toBe('Thank you. Your order is with us');
    expect(first.text).not.toMatch(/back/u);
  });

  it('gets the guide and the question in words of their own, and no more win-back', async () => {
    await shop.twin.advanceTo(OPENING + 12 * DAY);
    expect((await letterOf(shop.lastMail('back'))).subject).toBe('Welcome back: four steps to a good start');
    expect((await letterOf(shop.lastMail('first'))).subject).toBe('Four small steps to a good start');
    await shop.twin.advanceTo(OPENING + 26 * DAY);
    expect(mailsSinceBuying('back')).toEqual(['5 onboarding/welcome', '12 onboarding/guide', '26 onboarding/check-in']);
    const { subject, text, answers } = await letterOf(shop.lastMail('back'));
    expect(subject).toBe('Is it better this time?');
    expect(text).toContain('You gave us another chance');
    expect(answers).toHaveLength(4);
    expect((await letterOf(shop.lastMail('first'))).subject).toBe('Is it working for you?');
    // Whoever stayed away has had the offer by now.
    expect(shop.mailsTo('gone').at(-1)).toBe('win-back/offer');
  });
});

describe('somebody who bought fast, left, and returns', () => {
  let again: Shop;
  beforeAll(async () => {
    again = await openShop();
  });
  afterAll(() => again.close());

  it('gets the whole onboarding once more, less than ninety days after the first', async () => {
    await again.register('quick');
    for (const day of [0, 22, 24, 26]) {
      await again.twin.advanceTo(OPENING + day * DAY);
      await again.buy('quick', `quick-${day}`);
    }
    await again.twin.advanceTo(OPENING + 87 * DAY);
    expect(await again.stageOf('quick')).toBe('lapsed');
    await again.buy('quick', 'quick-87');
    await again.twin.advanceTo(OPENING + 109 * DAY);
    const onboarding = again.calendarOf('quick').filter((each) => each.includes('onboarding/'));
    expect(onboarding).toEqual([
      '0 onboarding/welcome',
      '7 onboarding/guide',
      '21 onboarding/check-in',
      '87 onboarding/welcome',
      '94 onboarding/guide',
      '108 onboarding/check-in',
    ]);
    const subjects = await Promise.all(again.twin.mailbox.map(async (mail) => (await letterOf(mail)).subject));
    expect(subjects).toEqual(
      expect.arrayContaining([
        'Welcome back. Your order is with us',
        'Welcome back: four steps to a good start',
        'Is it better this time?',
      ]),
    );
  });
});

describe('somebody whose subscription ended, and who buys again weeks after the first order', () => {
  it('begins from the beginning, however lately that was', async () => {
    await shop.waitUntil(12);
    const begin = shop.twin.now();
    const at = (days: number) => shop.twin.advanceTo(begin + days * DAY);
    const [WELCOME, GUIDE] = ['onboarding/welcome', 'onboarding/guide'];
    const onboarding = () => shop.mailsTo('soon').filter((each) => each.startsWith('onboarding/'));
    await shop.register('soon');
    await shop.buy('soon', 'soon-1');
    await at(7.5);
    expect(onboarding()).toEqual([WELCOME, GUIDE]);
    const endsAt = new Date(begin + 30 * DAY).toISOString();
    await shop.emit('Subscription Renewal Stopped', { customerId: 'soon', subscriptionId: 's', endsAt });
    await at(45);
    expect(await shop.stageOf('soon')).toBe('lapsed');
    const before = onboarding();
    await shop.buy('soon', 'soon-2');
    expect(onboarding()).toEqual([...before, WELCOME]);
    expect((await letterOf(shop.lastMail('soon'))).text).toMatch(
      /welcome back|good to (?:have|see) you (?:back|again)/iu,
    );
    await at(45 + 7.5);
    expect(onboarding()).toEqual([...before, WELCOME, GUIDE]);
    await at(45 + 22);
    expect(onboarding()).toEqual([...before, WELCOME, GUIDE, 'onboarding/check-in']);
  });
});
