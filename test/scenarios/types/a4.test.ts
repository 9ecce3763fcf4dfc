/** A4, the promoter: first something for them that asks nothing, later a request; and no public review from anybody. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterOf, letterTo } from '../../support/letter.ts';
import { OPENING, openShop, send, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const BONUS = 'retention/promoter-bonus';
const RECOMMEND = 'retention/recommend';
const SPECIFICATION = { sku: 'tea-203', category: 'green tea', kind: 'specification' } as const;

const MINUTES_A_DAY = DAY / MINUTE;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
const score = (customerId: string, points: number, at = shop.twin.now()) =>
  shop.emit('Nps Answered', { customerId, score: points }, { at });
const refer = (customerId: string, friendId: string) =>
  shop.emit('Referral Made', { customerId, friendId, kind: 'customer' });

async function isPromoter(customerId: string): Promise<boolean> {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' && profile.traits.includes('promoter');
}

describe('a promoter', () => {
  it('answered 9 or 10', async () => {
    for (const id of ['ten', 'nine', 'eight', 'cools', 'unwell', 'studies', 'studies-only'])
      await shop.register(id, { name: 'Anna Berg' });
    for (const id of ['studies', 'studies-only']) await look(shop, id, SPECIFICATION, SPECIFICATION, SPECIFICATION);
    await score('studies', 10);
    await score('ten', 10);
    for (const id of ['nine', 'cools', 'unwell']) await score(id, 9);
    await score('eight', 8);
    for (const id of ['ten', 'nine', 'cools', 'unwell']) expect(await isPromoter(id)).toBe(true);
    expect(await isPromoter('eight')).toBe(false);
  });

  it('hears an hour later, and others do not', async () => {
    await shop.wait(HOUR - MINUTE);
    expect(shop.twin.mailbox).toHaveLength(0);
    await shop.wait(2 * MINUTE);
    for (const id of ['ten', 'nine']) expect(shop.mailsTo(id)).toEqual([BONUS]);
    expect(shop.mailsTo('eight')).toEqual([]);
  });

  it('gets a bonus of their own, with nothing asked and no condition', async () => {
    const [issued] = shop.announced('Offer Issued', 'ten');
    const letter = await letterTo(shop, 'ten', BONUS);
    expect(letter.subject).toBe('For you, Anna: 10% off, until 1 April 2026');
    expect(letter.text).toContain(String(issued?.['code']));
    expect(issued?.['code']).not.toBe(shop.announced('Offer Issued', 'nine')[0]?.['code']);
    expect(letter.text).toContain('whether or not you ever mention us again');
    expect(letter.text).toContain('nothing to share and nothing to answer');
    expect(letter.answers).toEqual([]);
    expect(new Set(letter.links)).toEqual(new Set(['https://shop.example.com/']));
    expect(letter.text).not.toMatch(/recommend|tell your friends|review/iu);
    expect(saidIn(letter, 'push')).toEqual([]);
  });

  it('is asked to recommend us a fortnight later, for nothing', async () => {
    await until(7);
    await score('cools', 7);
    await shop.complain('unwell', 'k');
    await shop.wait(HOUR);
    await shop.resolve('unwell', 'k');
    await until(14 - 1 / MINUTES_A_DAY);
    expect(shop.mailsTo('ten')).toEqual([BONUS]);
    // As long after the bonus as the playbook says, and that took a minute to go out.
    await until(14 + 5 / MINUTES_A_DAY);
    for (const id of ['ten', 'nine']) expect(shop.mailsTo(id)).toEqual([BONUS, RECOMMEND]);
    const letter = await letterTo(shop, 'ten', RECOMMEND);
    expect(letter.text).toContain('If not, that is quite all right');
    expect(letter.text).toContain('We never ask for the address of somebody else');
    expect(letter.answers).toEqual([]);
    // Nothing is given for it.
    expect(saidIn(letter, 'discount', 'push')).toEqual([]);
    expect(letter.text).not.toMatch(/reward|bonus|\bcode\b|\d\s?%/iu);
    expect(shop.announced('Offer Issued', 'ten')).toHaveLength(1);
  });

  it('is not asked any more who has changed their mind, or has just had trouble', async () => {
    for (const id of ['cools', 'unwell']) expect(shop.mailsTo(id)).not.toContain(RECOMMEND);
    expect(await isPromoter('cools')).toBe(false);
    await until(22);
    expect(await shop.ends('unwell')).toMatchObject({ [`1/${RECOMMEND}/1`]: 'withheld: not for recent-trouble' });
    expect(shop.mailsTo('cools')).toEqual([BONUS]);
  });

  it('is not asked when there was no bonus first; and whoever studies a problem gets what others like them get', async () => {
    expect(await shop.ends('studies')).toMatchObject({
      [`1/${BONUS}/1`]: 'withheld: not for researcher',
      [`1/${RECOMMEND}/1`]: 'withheld: nothing to follow',
    });
    expect(shop.announced('Offer Issued', 'studies')).toEqual([]);
    expect(shop.mailsTo('studies')).toContain('nurture/knowledge');
    expect(shop.mailsTo('studies')).toEqual(shop.mailsTo('studies-only'));
  });

  it('is one for half a year', async () => {
    await shop.register('half-a-year');
    await score('half-a-year', 10, shop.twin.now() - 180 * DAY + MINUTE);
    expect(await isPromoter('half-a-year')).toBe(true);
    await shop.wait(MINUTE);
    expect(await isPromoter('half-a-year')).toBe(false);
  });
});

describe('whoever brought two people', () => {
  it('is a promoter, too, once the second has come; the same one twice does not count', async () => {
    await until(23);
    for (const id of ['brings', 'brings-one']) {
      await shop.register(id);
      await refer(id, 'first');
      await refer(id, 'first');
      expect(await isPromoter(id)).toBe(false);
    }
    await until(25);
    for (const id of ['brings', 'brings-one']) expect(shop.mailsTo(id)).toEqual(['retention/thanks-referral']);
    await shop.register('second', { referral: { by: 'brings' } });
    expect(await isPromoter('brings')).toBe(true);
    await shop.wait(HOUR + 2 * MINUTE);
    expect(shop.mailsTo('brings')).toEqual(['retention/thanks-referral', BONUS]);
    expect(shop.mailsTo('brings-one')).toEqual(['retention/thanks-referral']);
  });

  it('is thanked for the second one all the same, as soon as the week has room for it', async () => {
    await until(30);
    expect(shop.mailsTo('brings')).toHaveLength(2);
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('brings')).toEqual(['retention/thanks-referral', BONUS, 'retention/thanks-referral']);
  });

  it('is none any more after a lower answer', async () => {
    await score('brings', 8);
    expect(await isPromoter('brings')).toBe(false);
  });
});

describe('whoever answers our own question within hours', () => {
  it('gets the bonus all the same when the day has room for it, and is asked a fortnight after that', async () => {
    await shop.waitUntil(12);
    const start = shop.twin.now();
    const on = (day: number) => shop.twin.advanceTo(start + day * DAY);
    await shop.register('prompt');
    await shop.buy('prompt', 'prompt-1');
    await on(30.1);
    expect(shop.mailsTo('prompt').at(-1)).toBe('retention/nps');
    await on(30.2);
    const { answers } = await letterOf(shop.lastMail('prompt'));
    await send(answers.at(-1) ?? '', ['answer', 's10']);
    await shop.wait(MINUTE);
    expect(await isPromoter('prompt')).toBe(true);
    await on(30.9);
    expect(shop.mailsTo('prompt')).not.toContain(BONUS);
    await on(31.1);
    expect(shop.mailsTo('prompt').at(-1)).toBe(BONUS);
    await on(44.9);
    expect(shop.mailsTo('prompt').at(-1)).toBe(BONUS);
    await on(45.1);
    expect(shop.mailsTo('prompt').at(-1)).toBe(RECOMMEND);
  });
});

describe('a public review', () => {
  it('is asked of nobody, promoter or not', async () => {
    expect(shop.twin.mailbox.length).toBeGreaterThan(8);
    for (const id of ['ten', 'nine', 'brings', 'unwell']) {
      for (const step of new Set(shop.mailsTo(id))) {
        const { text } = await letterTo(shop, id, step);
        expect(text).not.toMatch(/review|rate us|stars|testimonial/iu);
      }
    }
  });
});

describe('a promoter who says so again', () => {
  it('within half a year is one all the time, and gets a bonus again', async () => {
    await until(125);
    expect(await isPromoter('nine')).toBe(true);
    await score('nine', 9);
    await until(126);
    expect(shop.mailsTo('nine').filter((step) => step === BONUS)).toHaveLength(2);
    expect(shop.mailsTo('ten').filter((step) => step === BONUS)).toHaveLength(1);
    expect(shop.announced('Offer Issued', 'nine')).toHaveLength(2);
  });
});

describe('a promoter who has a code already', () => {
  it('gets the bonus when another may be made, and the request after it', async () => {
    await shop.waitUntil(12);
    const begin = shop.twin.now();
    const at = (days: number) => shop.twin.advanceTo(begin + days * DAY);
    await shop.register('loyal', { name: 'Anna Berg' });
    for (const ago of [300, 200, 100, 20]) {
      const order = { customerId: 'loyal', orderId: `loyal-${ago}`, total: 140, currency: 'EUR' };
      await shop.emit('Purchase Completed', order, { at: begin - ago * DAY });
    }
    await at(15.5);
    expect(shop.mailsTo('loyal')).toContain('retention/bonus');
    await at(16);
    await score('loyal', 10);
    await shop.wait(2 * HOUR);
    expect(await shop.pending('loyal', `1/${BONUS}/1`)).toMatchObject({ heldBy: 'another offer first' });
    // The bonus of the loyal is good for thirty days, and bars another for thirty more.
    await at(73);
    expect(shop.mailsTo('loyal')).not.toContain(BONUS);
    await at(76);
    expect(shop.mailsTo('loyal')).toContain(BONUS);
    expect(shop.mailsTo('loyal')).not.toContain(RECOMMEND);
    await at(92);
    expect(shop.mailsTo('loyal')).toContain(RECOMMEND);
  });
});
