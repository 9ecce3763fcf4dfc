/** What the simulated shop sells: tea, and what one drinks it from. Prices in euro. */
import type { Chance } from '../random.ts';

export const CURRENCY = 'EUR';
export const SHOP_URL = 'https://shop.example.com';
const CENT = 100;

export interface Article {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  readonly price: number;
}

/** A line of an order as the event contract has it. */
export interface Line extends Article {
  readonly quantity: number;
  readonly url: string;
}

const EVERYDAY: readonly Article[] = [
  { sku: 'tea-101', name: 'Assam Breakfast, 125 g', category: 'black tea', price: 8.9 },
  { sku: 'tea-104', name: 'Darjeeling First Flush, 100 g', category: 'black tea', price: 14.5 },
  { sku: 'tea-112', name: 'Smoked Lapsang, 100 g', category: 'black tea', price: 9.8 },
  { sku: 'tea-203', name: 'Sencha Uji, 100 g', category: 'green tea', price: 12.4 },
  { sku: 'tea-207', name: 'Jasmine Pearls, 80 g', category: 'green tea', price: 13.9 },
  { sku: 'tea-301', name: 'Chamomile & Lemon Balm, 60 g', category: 'herbal tea', price: 6.5 },
  { sku: 'tea-305', name: 'Rooibos Orange, 100 g', category: 'herbal tea', price: 7.2 },
  { sku: 'acc-401', name: 'Paper filters, 100 pieces', category: 'accessories', price: 3.9 },
];

const SPECIAL: readonly Article[] = [
  { sku: 'cer-501', name: 'Stoneware teapot, 0.8 l', category: 'ceramics', price: 64 },
  { sku: 'cer-504', name: 'Pair of celadon cups', category: 'ceramics', price: 38 },
  { sku: 'cer-509', name: 'Matcha bowl, ash glaze', category: 'ceramics', price: 46 },
  { sku: 'cer-512', name: 'Gaiwan, white porcelain', category: 'ceramics', price: 29.5 },
  { sku: 'tea-250', name: 'Ceremonial matcha, 30 g', category: 'green tea', price: 31 },
  { sku: 'acc-420', name: 'Walnut tea tray', category: 'accessories', price: 58 },
];

export type Taste = 'everyday' | 'special' | 'lavish';

/** Something one would look at for days before buying it. */
export function finePiece(chance: Chance): Article {
  return chance.pick(SPECIAL);
}

export function line(article: Article, quantity: number): Line {
  return { ...article, quantity, url: `${SHOP_URL}/${article.sku}` };
}

/** One basket: an everyday one costs at most 29 euro, a special one at least 29.50, a lavish one at least 177. */
export function basket(taste: Taste, chance: Chance): readonly Line[] {
  switch (taste) {
    case 'everyday': {
      const article = chance.pick(EVERYDAY);
      return [line(article, chance.between(1, 2))];
    }
    case 'special':
      return [line(chance.pick(SPECIAL), 1), line(chance.pick(EVERYDAY), chance.between(1, 3))];
    case 'lavish':
      return [line(chance.pick(SPECIAL), 6), line(chance.pick(EVERYDAY), chance.between(4, 9))];
    default:
      return taste satisfies never;
  }
}

/** Sum in euro, exact to the cent. */
export function totalOf(lines: readonly Line[]): number {
  return lines.reduce((cents, each) => cents + Math.round(each.price * CENT) * each.quantity, 0) / CENT;
}
