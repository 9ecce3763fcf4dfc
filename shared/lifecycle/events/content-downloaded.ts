import * as z from 'zod/mini';
import { defineBrowsing } from './definition.ts';
import { category, customerId, identifier } from './fields.ts';

export const contentDownloaded = defineBrowsing({
  type: 'Content Downloaded',
  summary:
    'A customer downloaded something to read: a guide, a data sheet, a white paper. Without a customerId it is counted and ignored.',
  data: z.object({
    customerId,
    contentId: identifier('the id of what was downloaded'),
    sku: z.optional(identifier('the article number it is about')),
    category: z.optional(category),
  }),
  example: { customerId: 'c-1042', contentId: 'guide-iron', sku: 'pot-03', category: 'teapots' },
  look: ({ sku, category: ofArticle }) => ({
    kind: 'download',
    ...(sku !== undefined && { sku }),
    ...(ofArticle !== undefined && { category: ofArticle }),
  }),
});
