/** The first order: welcome at once, a guide after delivery, one question after three weeks; over with the second order. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterOf, letterTo } from '../../support/letter.ts';
import { OPENING, openShop, send, type Shop } from '../../support/shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const id of ['plain', 'quick', 'slow', 'keen', 'told', 'told-late', 'owl', 'old']) {
    await shop.register(id, { name: 'Anna Berg' });
  }
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);

const buyAt = (customerId: string, at: number) =>
  shop.emit('Purchase Completed', { customerId, orderId: `${customerId}-1`, total: 40, currency: 'EUR' }, { at });

const order = (customerId: string, promisedIn?: number) =>
  shop.emit('Purchase Completed', {
    customerId,
    orderId: `${customerId}-1`,
    total: 40,
    currency: 'EUR',
    ...(promisedIn !== undefined && { promisedBy: new Date(shop.twin.now() + promisedIn * DAY).toISOString() }),
  });

const deliver = (customerId: string) => shop.emit('Order Delivered', { customerId, orderId: `${customerId}-1` });

describe('a new customer', () => {
  it('is thanked at once and told every way to reach a person', async () => {
    for (const id of ['plain', 'slow', 'keen']) await shop.buy(id, `${id}-1`);
    await shop.emit('Purchase Completed', {
      customerId: 'quick',
      orderId: 'quick-1',
      total: 48,
      currency: 'EUR',
      items: [{ sku: 'pot-03', name: 'Stoneware teapot', quantity: 1, price: 48 }],
      promisedBy: '2026-03-06T16:00:00Z',
    });
    expect(await shop.stageOf('quick')).toBe('new');
    expect(shop.calendarOf('quick')).toEqual(['0 onboarding/welcome']);
    const { subject, text } = await letterOf(shop.lastMail('quick'));
    expect(subject).toBe('Thank you, Anna. Your order is with us');
    for (const way of ['hello@shop.example.com', '+44 20 7946 0018', '/chat', '/help', 'Monday to Friday 9 to 17']) {
      expect(text).toContain(way);
    }
    expect(text).toContain('Stoneware teapot');
    // What was promised stands in the confirmation, and in no mail to somebody who was promised nothing.
    expect(text).toContain('6 March 2026');
    expect((await letterOf(shop.lastMail('plain'))).text).not.toContain('promise');
    expect(text).not.toMatch(/% off|\bcode\b/u);
  });

  it('is not welcomed for an order that we hear of more than three days late', async () => {
    await buyAt('told', OPENING - 3 * DAY);
    expect(shop.mailsTo('told')).toEqual(['onboarding/welcome']);
    await buyAt('told-late', OPENING - 3 * DAY - MINUTE);
    expect(await shop.stageOf('told-late')).toBe('new');
    expect(shop.mailsTo('told-late')).toEqual([]);
  });

  it('is welcomed at once at night, too', async () => {
    await shop.waitUntil(22);
    await shop.buy('owl', 'owl-1');
    expect(shop.calendarOf('owl')).toEqual(['0.42 onboarding/welcome']);
  });

  it('is one for sixty days at most', async () => {
    await until(1);
    await buyAt('old', shop.twin.now() - 60 * DAY + MINUTE);
    expect(await shop.stageOf('old')).toBe('new');
    await shop.wait(MINUTE);
    expect(await shop.stageOf('old')).toBe('active');
  });

  it('gets the guide two days after delivery', async () => {
    await deliver('quick');
    await until(3);
    expect(shop.mailsTo('quick')).toEqual(['onboarding/welcome']);
    await shop.wait(MINUTE);
    expect(shop.calendarOf('quick')).toEqual(['0 onboarding/welcome', '3 onboarding/guide']);
    const { subject, text } = await letterOf(shop.lastMail('quick'));
    expect(subject).toBe('Four small steps to a good start');
    for (const step of ['Unpack it', 'Read the label', 'Use it this week', 'Ask before you guess']) {
      expect(text).toContain(step);
    }
    expect(text).toContain('https://shop.example.com/guides/tea');
  });

  it('gets it seven days after the order while nobody says that it was delivered', async () => {
    await until(6);
    await deliver('slow');
    await shop.wait(DAY - MINUTE);
    expect(shop.mailsTo('plain')).toEqual(['onboarding/welcome']);
    await shop.wait(MINUTE);
    expect(shop.calendarOf('plain')).toEqual(['0 onboarding/welcome', '7 onboarding/guide']);
    // Delivered the day before: two days from then.
    expect(shop.mailsTo('slow')).toEqual(['onboarding/welcome']);
    await until(8);
    expect(shop.calendarOf('slow')).toEqual(['0 onboarding/welcome', '8 onboarding/guide']);
  });

  it('is new no longer with the second order, and is not asked how it started', async () => {
    await until(20);
    await shop.buy('keen', 'keen-2');
    expect(await shop.stageOf('keen')).toBe('active');
    await shop.wait(DAY - MINUTE);
    expect(shop.mailsTo('plain')).not.toContain('onboarding/check-in');
    await shop.wait(MINUTE);
    expect(shop.calendarOf('plain').slice(2)).toEqual(['21 onboarding/check-in']);
    expect(shop.mailsTo('keen')).toEqual(['onboarding/welcome', 'onboarding/guide']);
  });

  it('answers one question, and whoever has a problem hears from a person', async () => {
    const { subject, answers, text } = await letterOf(shop.lastMail('plain'));
    expect(subject).toBe('Is it working for you?');
    expect(answers).toHaveLength(4);
    expect(text).toContain('Something is not right');
    const [well = ''] = (await letterOf(shop.lastMail('quick'))).answers;
    await send(well);
    await send(answers.at(-1) ?? '');
    await shop.wait(MINUTE);
    expect(shop.announced('Attention Needed', 'plain')).toMatchObject([{ reason: 'answer', priority: 'high' }]);
    expect(shop.announced('Attention Needed', 'quick')).toEqual([]);
  });
});

describe('whoever was written to before the order', () => {
  const CART = {
    items: [{ sku: 'tea-207', category: 'green tea', name: 'Jasmine Pearls, 80 g', quantity: 1, price: 13.9 }],
    currency: 'EUR',
    resumeUrl: 'https://shop.example.com/cart/1',
  };
  let start: number;
  const on = (day: number) => shop.twin.advanceTo(start + day * DAY);
  const since = (customerId: string) => {
    const opened = (start - OPENING) / DAY;
    return shop.calendarOf(customerId).map((each) => {
      const [day = '', name = ''] = each.split(' ');
      return `${Math.floor(Number(day) - opened + 0.01)} ${name}`;
    });
  };
  const HESITATED = ['1 nurture/obstacle', '3 nurture/recommendation'];

  beforeAll(async () => {
    await shop.waitUntil(12);
    start = shop.twin.now();
    for (const id of ['hesitant', 'resuming']) {
      await shop.register(id);
      await shop.emit('Cart Updated', { customerId: id, ...CART });
    }
    await shop.register('impulsive');
    await look(shop, 'impulsive', { sku: 'tea-207' });
    await shop.wait(20 * MINUTE);
    await order('impulsive');
    await on(2);
    await deliver('impulsive');
    await on(3.1);
    await shop.emit('Checkout Started', { customerId: 'resuming', resumeUrl: 'https://shop.example.com/checkout/1' });
    await order('hesitant');
    await deliver('hesitant');
    await on(11);
  });

  it('is welcomed at once, and gets the guide as soon as the week has room', () => {
    expect(since('hesitant')).toEqual([...HESITATED, '3 onboarding/welcome', '8 onboarding/guide']);
    expect(since('impulsive')).toEqual(['0 onboarding/welcome', '3 nurture/little-extra', '4 onboarding/guide']);
  });

  it('is not led back to a checkout by a third mail of the week', async () => {
    expect(since('resuming')).toEqual(HESITATED);
    expect(Object.values(await shop.ends('resuming'))).toContain('withheld: frequency cap');
  });

  it('is asked how it went when there is room for that, not never', async () => {
    for (const day of [18, 19]) {
      await on(day);
      await shop.emit('Referral Made', { customerId: 'impulsive', friendId: `friend-${day}`, kind: 'customer' });
    }
    const thanked = [18, 19].map((day) => `${day} retention/thanks-referral`);
    await on(24);
    expect(since('impulsive').slice(-2)).toEqual(thanked);
    expect(await shop.pending('impulsive', '1/onboarding/check-in/1')).toMatchObject({ heldBy: 'frequency cap' });
    await on(26);
    expect(since('impulsive').slice(-3)).toEqual([...thanked, '25 onboarding/check-in']);
  });
});

describe('what was bought and', () => {
  const ids = ['sent-back', 'late', 'never', 'unhappy'];
  let start: number;
  const on = (day: number) => shop.twin.advanceTo(start + day * DAY);
  /** Mails by the day they came, counted from the order. */
  const calendar = (customerId: string) => {
    const opened = Math.round((start - OPENING) / DAY);
    return shop.calendarOf(customerId).map((each) => {
      const [day = '', name = ''] = each.split(' ');
      return `${Math.floor(Number(day)) - opened} ${name}`;
    });
  };
  const of = (customerId: string, ...steps: readonly string[]) =>
    calendar(customerId).filter((each) => steps.some((step) => each.endsWith(`/${step}`)));

  beforeAll(async () => {
    await shop.waitUntil(12);
    start = shop.twin.now();
    for (const id of ids) await shop.register(id);
    for (const id of ['sent-back', 'unhappy']) await order(id);
    for (const id of ['late', 'never']) await order(id, 10);
    await on(2);
    await shop.complain('unhappy', 'k');
    await on(4);
    await shop.emit('Purchase Refunded', {
      customerId: 'sent-back',
      orderId: 'sent-back-1',
      refundId: 'r',
      amount: 40,
      currency: 'EUR',
    });
    await on(18);
    await deliver('late');
    await on(42);
    await shop.resolve('unhappy', 'k');
    await on(79);
  });

  it('was sent back is asked about by nobody', async () => {
    expect(of('sent-back', 'welcome', 'guide', 'check-in', 'nps')).toEqual(['0 onboarding/welcome']);
    expect(await shop.ends('sent-back')).toMatchObject({
      '1/onboarding/guide/1': 'withheld: sent back',
      '1/onboarding/check-in/1': 'withheld: sent back',
      '1/retention/nps/sent-back-1': 'withheld: sent back',
    });
  });

  it('came late is asked about when they have had it for a while', () => {
    expect(of('late', 'late-delivery', 'guide', 'check-in', 'nps')).toEqual([
      '10 recovery/late-delivery',
      '20 onboarding/guide',
      '32 onboarding/check-in',
      '39 retention/nps',
    ]);
  });

  it('never came is apologised for, and not asked about', async () => {
    expect(of('never', 'late-delivery', 'guide', 'check-in', 'nps')).toEqual(['10 recovery/late-delivery']);
    expect(await shop.ends('never')).toMatchObject({
      '1/onboarding/guide/1': 'withheld: not delivered',
      '1/onboarding/check-in/1': 'withheld: not delivered',
      '1/retention/nps/never-1': 'withheld: not delivered',
    });
  });

  it('was complained about for weeks is asked about all the same, after the sixty days of the calendar', async () => {
    // Forty days of trouble and seven of rest.
    expect(of('unhappy', 'guide', 'check-in')).toEqual(['54 onboarding/guide', '68 onboarding/check-in']);
    expect(await shop.stageOf('unhappy')).toBe('active');
  });

  it('is spoken of without counting days', async () => {
    const letter = await letterTo(shop, 'late', 'retention/nps');
    expect(letter.text).toContain('By now you know what your order of');
    expect(letter.text).not.toMatch(/month|weeks? ago/u);
  });
});

describe('an order that came weeks after the promised day', () => {
  it('is followed by the guide when it has come after all', async () => {
    await shop.waitUntil(12);
    const begin = shop.twin.now();
    const at = (days: number) => shop.twin.advanceTo(begin + days * DAY);
    await shop.register('patient', { name: 'Anna Berg' });
    await order('patient', 3);
    await at(20);
    expect(await shop.ends('patient')).toMatchObject({ '1/onboarding/guide/1': 'withheld: not delivered' });
    expect(shop.mailsTo('patient')).not.toContain('onboarding/guide');
    await deliver('patient');
    await at(22.5);
    const guides = shop.mailsTo('patient').filter((each) => each.startsWith('onboarding/guide'));
    expect(guides).toHaveLength(1);
    await at(30);
    expect(shop.mailsTo('patient').filter((each) => each.startsWith('onboarding/guide'))).toHaveLength(1);
  });
});
