/** L2, the researcher: knowledge in every form, at most once a week and three times in all; no push and no discount. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const SENCHA = { sku: 'tea-203', category: 'green tea' };
const SPECIFICATION = { ...SENCHA, kind: 'specification' } as const;
const COMPARISON = { ...SENCHA, kind: 'comparison' } as const;
const greenTeas = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ sku: `green-${index}`, category: 'green tea' }));

/** Each became one in another way, at the same moment. */
const RESEARCHERS = ['specifier', 'downloader', 'browser'] as const;
const SERIES = ['nurture/knowledge', 'nurture/comparison', 'nurture/proof'];
const CART = {
  items: [{ ...SENCHA, name: 'Sencha Uji, 100 g', quantity: 1, price: 12.4 }],
  currency: 'EUR',
  resumeUrl: 'https://shop.example.com/cart/1',
};
const link = (path: string) => `https://shop.example.com/${path}`;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of [...RESEARCHERS, 'almost', 'seven', 'slow']) await shop.register(each);
  await look(shop, 'specifier', SPECIFICATION, COMPARISON, SPECIFICATION);
  await shop.emit('Content Downloaded', { customerId: 'downloader', contentId: 'water', category: 'green tea' });
  await look(shop, 'browser', ...greenTeas(8));
  await look(shop, 'almost', SPECIFICATION, SPECIFICATION);
  await look(shop, 'seven', ...greenTeas(7), { sku: 'pot-1', category: 'ceramics' });
  await look(shop, 'slow', SPECIFICATION, SPECIFICATION);
});
afterAll(() => shop.close());

describe('a researcher', () => {
  it('gets knowledge after an hour: a guide, a white paper, a webinar', async () => {
    await shop.wait(HOUR - MINUTE);
    expect(shop.twin.mailbox).toHaveLength(0);
    await shop.wait(2 * MINUTE);
    for (const each of RESEARCHERS) {
      expect(shop.mailsTo(each)).toEqual(SERIES.slice(0, 1));
      const { links, text } = await letterOf(shop.lastMail(each));
      expect(links).toEqual(
        expect.arrayContaining([link('guides/green-tea'), link('papers/water'), link('webinars/green-tea')]),
      );
      expect(text).toContain('green tea');
    }
  });

  it('a week later the figures: specification and comparison', async () => {
    await shop.wait(7 * DAY - 2 * MINUTE);
    for (const each of RESEARCHERS) expect(shop.mailsTo(each)).toHaveLength(1);
    await shop.wait(DAY);
    for (const each of RESEARCHERS) {
      expect(shop.mailsTo(each)).toEqual(SERIES.slice(0, 2));
      const { links } = await letterOf(shop.lastMail(each));
      expect(links).toEqual(
        expect.arrayContaining([
          link('specifications/green-tea'),
          link('compare/green-tea'),
          // To print: for this category there is none of its own.
          link('compare.pdf'),
        ]),
      );
    }
  });

  it('another week later what others found: reviews and a case study', async () => {
    await shop.pass(6);
    for (const each of RESEARCHERS) expect(shop.mailsTo(each)).toHaveLength(2);
    await shop.pass(1);
    for (const each of RESEARCHERS) {
      expect(shop.mailsTo(each)).toEqual(SERIES);
      const { links } = await letterOf(shop.lastMail(each));
      expect(links).toEqual(expect.arrayContaining([link('reviews/green-tea'), link('stories/office')]));
    }
  });

  it('one specification, one product or one day short of it, nobody is one', async () => {
    // The third look comes on the fifteenth day.
    await look(shop, 'slow', SPECIFICATION);
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('almost')).toEqual(['nurture/invitation']);
    expect(shop.mailsTo('seven')).toEqual([]);
    expect(shop.mailsTo('slow')).toEqual(['nurture/invitation']);
    // With a third within the fortnight they would be.
    await look(shop, 'slow', SPECIFICATION, SPECIFICATION);
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('slow')).toEqual(['nurture/invitation', 'nurture/knowledge']);
  });

  it('is never pushed, offered nothing, and written to at most once in seven days', async () => {
    for (const each of RESEARCHERS) {
      const mails = shop.twin.mailbox.filter(({ to }) => to.includes(`${each}@example.com`));
      for (const mail of mails) {
        const letter = await letterOf(mail);
        expect(saidIn(letter, 'push', 'discount', 'promotion')).toEqual([]);
        expect(letter.answers).toEqual([]);
      }
      const gaps = mails.slice(1).map(({ at }, index) => at - (mails[index]?.at ?? NaN));
      // Seconds go by between the moment of a mail and its going out.
      expect(gaps.map((gap) => gap >= 7 * DAY - MINUTE)).toEqual([true, true]);
      expect(shop.announced('Offer Issued', each)).toEqual([]);
    }
  });

  it('is one until thirty quiet days have passed: what suits the hesitant is withheld until then', async () => {
    const since = OPENING;
    await shop.wait(since + 20 * DAY - shop.twin.now());
    // One of them goes on studying.
    await look(shop, 'specifier', COMPARISON);
    const leaveCart = (customerId: string) => shop.emit('Cart Updated', { customerId, ...CART });
    // A cart counts as left a day later: on the last day but one for the one, on the first day after for the others.
    await shop.wait(since + 28 * DAY + 20 * HOUR - shop.twin.now());
    await leaveCart('browser');
    await shop.wait(since + 30 * DAY - shop.twin.now());
    for (const each of ['specifier', 'downloader']) await leaveCart(each);
    await shop.wait(DAY + MINUTE);
    expect(await shop.ends('browser')).toMatchObject({ '1/nurture/obstacle/1': 'withheld: not for researcher' });
    // Three mails are all a researcher gets: there is none about the cart either.
    expect(shop.mailsTo('browser')).toEqual(SERIES);
    expect(Object.values(await shop.ends('browser'))).toContain('withheld: enough for now');
    expect(await shop.ends('specifier')).toMatchObject({ '1/nurture/obstacle/1': 'withheld: not for researcher' });
    expect(shop.mailsTo('downloader')).toEqual([...SERIES, 'nurture/obstacle']);
    expect(shop.twin.deadLetters()).toEqual([]);
  });

  it('gets three mails in all, however long they go on: the last one said that it was the last', async () => {
    const mailed = shop.mailsTo('specifier');
    for (const day of [40, 55]) {
      await shop.twin.advanceTo(OPENING + day * DAY);
      await look(shop, 'specifier', COMPARISON);
    }
    // More than sixty days after the first.
    await shop.twin.advanceTo(OPENING + 62 * DAY);
    await shop.emit('Cart Updated', { customerId: 'specifier', ...CART });
    await shop.pass(3);
    expect(mailed).toEqual(SERIES);
    expect(shop.mailsTo('specifier')).toEqual(SERIES);
    const enough = Object.values(await shop.ends('specifier')).filter((each) => each === 'withheld: enough for now');
    expect(enough).toHaveLength(2);
  });

  it('hears no more of it either who stops for a month and begins again: the count goes on for ninety days', async () => {
    const mailed = shop.mailsTo('browser');
    await look(shop, 'browser', SPECIFICATION, SPECIFICATION, SPECIFICATION);
    await shop.emit('Cart Updated', { customerId: 'browser', ...CART });
    await shop.pass(3);
    expect(mailed.slice(0, SERIES.length)).toEqual(SERIES);
    expect(shop.mailsTo('browser')).toEqual(mailed);
    const enough = Object.values(await shop.ends('browser')).filter((each) => each === 'withheld: enough for now');
    expect(enough.length).toBeGreaterThan(1);
  });
});
