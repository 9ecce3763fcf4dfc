/** Bargain hunter and researcher: the facts first; the price is one of them, with its terms, no offer and no countdown. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { type Letter, letterOf } from '../../support/letter.ts';
import { openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const SERIES = ['nurture/knowledge', 'nurture/comparison', 'nurture/proof'];
const GREEN_TEA = { sku: 'tea-203', category: 'green tea', kind: 'specification' } as const;
const MATCHA = { sku: 'tea-250', category: 'green tea', kind: 'specification' } as const;
const HERBS = { sku: 'tea-301', category: 'herbal tea', kind: 'comparison' } as const;
/** What each of them has studied, and what it costs. */
const PRICES = {
  both: ['from €0.21 a cup', 'Worked out at 2 g for two infusions. Tax included. Delivery is €3.90'],
  article: ['€31.00', 'About 15 bowls. Tax included. Delivery is €3.90'],
  general: ['from €6.50', 'Prices include tax. Delivery is €3.90'],
} as const;
const BOTH = ['both', 'article', 'general'] as const;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of [...BOTH, 'researcher', 'hunter']) await shop.register(each);
  await look(shop, 'both', GREEN_TEA, GREEN_TEA, GREEN_TEA);
  await look(shop, 'researcher', GREEN_TEA, GREEN_TEA, GREEN_TEA);
  await look(shop, 'article', MATCHA, MATCHA, MATCHA);
  await look(shop, 'general', HERBS, HERBS, HERBS);
  for (const customerId of [...BOTH, 'hunter']) await shop.emit('Coupon Applied', { customerId, coupon: 'SPRING' });
});
afterAll(() => shop.close());

function expectFactsFirst({ text, links }: Letter, parts: readonly string[]): void {
  const costs = text.toLowerCase().indexOf('what it costs');
  const facts = links.filter((each) => each.startsWith('https://shop.example.com/'));
  expect(facts).not.toEqual([]);
  for (const each of facts) expect(text.indexOf(each)).toBeLessThan(costs);
  for (const each of parts) expect(text.replaceAll(/\s+/gu, ' ').indexOf(each)).toBeGreaterThan(0);
  expect(text).toContain('Nothing is added at the end');
}

describe('a researcher who came by coupon', () => {
  it('gets the knowledge at the hour the bargain hunter gets the price', async () => {
    await shop.wait(HOUR - MINUTE);
    expect(shop.twin.mailbox).toHaveLength(0);
    await shop.wait(2 * MINUTE);
    for (const each of [...BOTH, 'researcher']) expect(shop.mailsTo(each)).toEqual(SERIES.slice(0, 1));
    expect(shop.mailsTo('hunter')).toEqual(['nurture/best-price']);
    for (const each of BOTH) {
      expect(await shop.ends(each)).toMatchObject({ '1/nurture/best-price/1': 'withheld: not for researcher' });
    }
  });

  it.each(SERIES.map((name, index) => [name, index] as const))(
    'finds the price in %s after the facts, with its terms',
    async (name, index) => {
      if (index > 0) await shop.pass(7 + (index === 1 ? 1 : 0));
      for (const each of BOTH) {
        expect(shop.mailsTo(each).at(-1)).toBe(name);
        expectFactsFirst(await letterOf(shop.lastMail(each)), PRICES[each]);
      }
      expect(shop.mailsTo('researcher').at(-1)).toBe(name);
      const { text } = await letterOf(shop.lastMail('researcher'));
      expect(text).not.toMatch(/what it costs/iu);
      expect(text).not.toMatch(/€\d/u);
    },
  );

  it('is offered nothing, pushed by nothing, and no clock runs', async () => {
    for (const each of BOTH) {
      expect(shop.mailsTo(each)).toEqual(SERIES);
      expect(shop.announced('Offer Issued', each)).toEqual([]);
      for (const mail of shop.twin.mailbox.filter(({ to }) => to.includes(`${each}@example.com`))) {
        const letter = await letterOf(mail);
        expect(saidIn(letter, 'push', 'discount', 'promotion')).toEqual([]);
        const said = letter.text.split('\nYou get this email')[0] ?? '';
        expect(said).not.toMatch(/\bcodes?\b|\buntil\b|\bexpires?\b|\bhours? left\b|\blast day\b/iu);
        expect(letter.answers).toEqual([]);
      }
    }
    expect(shop.announced('Offer Issued', 'hunter')).toHaveLength(1);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
