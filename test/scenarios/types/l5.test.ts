/** L5, the bargain hunter: the best price at once with its exact terms and a real end; then a polite end, and no offer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { METRIC } from '../../../shared/contracts/metrics.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { playbookJson } from '../../support/playbooks.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const BEST_PRICE = 'nurture/best-price';
const FAREWELL = 'nurture/farewell';
const TERMS =
  'Once per person, on one order of any size, not combined with other codes. Value, delivery and returns stay the same.';

const BONUS = 'retention/promoter-bonus';
const HUNTERS = ['hunter', 'next-hunter', 'last-hunter', 'taker', 'buys-anyway'];

let shop: Shop;
let orders = 0;
beforeAll(async () => {
  shop = await openShop(undefined, { nightly: true });
});
afterAll(() => shop.close());

/** The traits of the shipped playbook, but for this one. */
function ignoring({ traits }: Record<string, unknown>): unknown {
  const shipped = z.looseObject({ bargain: z.looseObject({}) }).parse(traits);
  return { ...shipped, bargain: { ...shipped.bargain, policy: 'ignore' } };
}

const enterCoupon = (customerId: string) => shop.emit('Coupon Applied', { customerId, coupon: 'SPRING' });
const recommends = (customerId: string) => shop.emit('Nps Answered', { customerId, score: 10 });
const order = (customerId: string, { total = 40, discount = 0, coupon = '', daysAgo = 0 }) => {
  orders += 1;
  return shop.emit(
    'Purchase Completed',
    {
      customerId,
      orderId: `order-${orders}`,
      total,
      currency: 'EUR',
      ...(discount > 0 && { discount }),
      ...(coupon !== '' && { coupon }),
    },
    { at: shop.twin.now() - daysAgo * DAY },
  );
};
const DISCOUNTED = { discount: 8 };

describe('a lead who comes by coupon', () => {
  it('is told the best price an hour later; who comes without one is told nothing', async () => {
    for (const each of [...HUNTERS, 'plain']) await shop.register(each);
    for (const each of HUNTERS) await enterCoupon(each);
    await shop.wait(HOUR - MINUTE);
    expect(shop.twin.mailbox).toHaveLength(0);
    await shop.wait(2 * MINUTE);
    expect(shop.mailsTo('hunter')).toEqual([BEST_PRICE]);
    expect(await shop.ends('plain')).toEqual({});
  });

  it('with a real code, its exact terms, the value unreduced, and an end: 72 hours later, and with the day it names', async () => {
    const [issued, ...more] = shop.announced('Offer Issued', 'hunter');
    expect(more).toEqual([]);
    expect(issued).toMatchObject({ offer: 'best-price', percent: 10 });
    const { code, issuedAt, expiresAt } = issued ?? {};
    // Made at one in the afternoon; midnight in Stockholm, where the reader lives.
    expect(expiresAt).toBe('2026-03-05T22:59:59.999Z');
    expect(Date.parse(String(expiresAt)) - Date.parse(String(issuedAt))).toBeGreaterThanOrEqual(72 * HOUR);
    const { subject, text } = await letterOf(shop.lastMail('hunter'));
    expect(subject).toMatch(/10\s?%/u);
    expect(text).toContain(String(code));
    expect(text).toContain(TERMS);
    expect(text).toContain('the same goods, the same delivery');
    expect(text).toMatch(/Valid until .*5 March|Valid until .*March 5/u);
    expect(text).toMatch(/after it, the code no longer works/u);
  });

  it('who buys nothing is let go politely after five days; who used the code is not', async () => {
    const { code } = shop.announced('Offer Issued', 'taker')[0] ?? {};
    await order('taker', { discount: 4, coupon: String(code) });
    // Without the code.
    await order('buys-anyway', {});
    await shop.wait(5 * DAY - HOUR - 2 * MINUTE);
    expect(shop.mailsTo('hunter')).toEqual([BEST_PRICE]);
    await shop.wait(2 * MINUTE);
    expect(shop.mailsTo('hunter')).toEqual([BEST_PRICE, FAREWELL]);
    for (const each of ['taker', 'buys-anyway']) expect(shop.mailsTo(each)).not.toContain(FAREWELL);
    const letter = await letterOf(shop.lastMail('hunter'));
    expect(letter.text).toContain('For the next 90 days we will not send you offers');
    expect(letter.links).toEqual([]);
    expect(letter.answers).toEqual([]);
  });
});

describe('after the end of the price', () => {
  it('whoever bought all the same is barred from one as good for thirty days, and no longer', async () => {
    await shop.twin.advanceTo(OPENING + 60 * DAY);
    await recommends('buys-anyway');
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('buys-anyway')).toContain(BONUS);
  });

  it('nothing is offered for 90 days, even where others get a bonus', async () => {
    const [{ expiresAt } = {}] = shop.announced('Offer Issued', 'hunter');
    await shop.wait(Date.parse(String(expiresAt)) + 89 * DAY - shop.twin.now());
    for (const each of ['hunter', 'plain']) await recommends(each);
    // More than 90 days after the code ended, and less after the farewell that named them.
    const farewell = shop.twin.mailbox.find(
      ({ to, at }) => to.includes('next-hunter@example.com') && at > OPENING + 4 * DAY,
    );
    const rested = (farewell?.at ?? NaN) + 90 * DAY;
    await shop.twin.advanceTo(rested - 2 * HOUR);
    await recommends('next-hunter');
    await shop.twin.advanceTo(rested - HOUR / 2);
    for (const each of ['hunter', 'next-hunter']) {
      expect(await shop.pending(each, `1/${BONUS}/1`)).toMatchObject({ heldBy: 'another offer first' });
      expect(shop.announced('Offer Issued', each)).toHaveLength(1);
    }
    await shop.twin.advanceTo(rested);
    await recommends('last-hunter');
    await shop.pass(1);
    // What they were thanked with waited for the ninety days to be over.
    for (const each of ['hunter', 'next-hunter', 'plain', 'last-hunter']) expect(shop.mailsTo(each)).toContain(BONUS);
  });
});

describe('a buyer', () => {
  it('is one with two orders of which at least 60 % were discounted, and with no less', async () => {
    await shop.waitUntil(12);
    for (const each of ['all', 'three-of-five', 'half', 'once']) await shop.register(each);
    await order('all', { ...DISCOUNTED, daysAgo: 20 });
    await order('half', { daysAgo: 20 });
    for (const daysAgo of [40, 20]) {
      await order('three-of-five', { daysAgo: daysAgo + 5 });
      await order('three-of-five', { ...DISCOUNTED, daysAgo });
    }
    for (const each of ['all', 'three-of-five', 'half', 'once']) await order(each, DISCOUNTED);
    await shop.wait(HOUR + MINUTE);
    expect(shop.mailsTo('all')).toEqual([BEST_PRICE]);
    expect(shop.mailsTo('three-of-five')).toEqual([BEST_PRICE]);
    expect(shop.mailsTo('half')).not.toContain(BEST_PRICE);
    expect(shop.mailsTo('once')).toEqual(['onboarding/welcome']);
  });

  it('is not sent away', async () => {
    await shop.pass(8);
    for (const each of ['all', 'three-of-five']) expect(shop.mailsTo(each)).not.toContain(FAREWELL);
  });
});

const taken = z.object({ revenue: z.array(z.object({ discounted: z.number() })) });

describe('the census', () => {
  it('tells how much of the revenue was discounted, and warns from 40 % on', async () => {
    const night = async () => {
      const warned = shop.counted(METRIC.tooManyDiscounts);
      await shop.pass(1);
      const census = shop.logs.lines.findLast(({ fields }) => fields['message'] === 'the census is taken');
      const { revenue } = taken.parse(census?.fields);
      return [Math.round(100 * (revenue[0]?.discounted ?? 0)), shop.counted(METRIC.tooManyDiscounts) - warned];
    };
    // Twelve orders of 40 so far, eight of them discounted: with this one it is 320 of 821.
    await shop.register('whale');
    await order('whale', { total: 341 });
    expect(await night()).toEqual([39, 0]);
    // And with this one 334 of 835.
    await order('whale', { total: 14, ...DISCOUNTED });
    expect(await night()).toEqual([40, 1]);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});

it('a shop that does not want them ignores them', async () => {
  const playbook = playbookJson();
  const strict = await openShop(OPENING, { playbook: { ...playbook, traits: ignoring(playbook) } });
  try {
    await strict.register('hunter');
    await strict.emit('Coupon Applied', { customerId: 'hunter', coupon: 'SPRING' });
    await strict.wait(2 * HOUR);
    expect(await strict.ends('hunter')).toEqual({});
  } finally {
    await strict.close();
  }
});
