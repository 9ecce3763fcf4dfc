import * as z from 'zod/mini';
import { defineBrowsing } from './definition.ts';
import { amount, category, currency, customerId, identifier, oneOf, shortText, withCurrency } from './fields.ts';

const PAGES = ['product', 'comparison', 'specification'] as const;

export const productViewed = defineBrowsing({
  type: 'Product Viewed',
  summary:
    'A customer looked at a product. Only what identified customers look at is of use: without a customerId the event is counted and ignored. The newest looks are kept for some weeks.',
  data: z
    .object({
      customerId,
      sku: identifier('the article number'),
      category: z.optional(category),
      kind: z.optional(oneOf(PAGES, 'What kind of page it was; left out means product.')),
      name: z.optional(shortText('the name of the article')),
      price: z.optional(amount.check(z.describe('The price shown, in major units.'))),
      currency: z.optional(currency),
    })
    .check(withCurrency('price')),
  example: {
    customerId: 'c-1042',
    sku: 'pot-03',
    category: 'teapots',
    kind: 'specification',
    name: 'Cast-iron teapot, 0.8 l',
    price: 649,
    currency: 'SEK',
  },
  look: ({ sku, category: ofArticle, kind = 'product' }) => ({
    kind,
    sku,
    ...(ofArticle !== undefined && { category: ofArticle }),
  }),
});
