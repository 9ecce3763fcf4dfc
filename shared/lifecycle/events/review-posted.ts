import * as z from 'zod/mini';
import { addReview, REVIEW_CHANNELS } from '../facts/reviews.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier, oneOf, rating } from './fields.ts';

export const reviewPosted = defineEvent({
  type: 'Review Posted',
  summary:
    'The customer rated the shop or a product, in the shop or elsewhere. A review that is changed keeps its id; its text is never sent to us.',
  data: z.object({
    customerId,
    reviewId: identifier('the review id'),
    rating,
    channel: oneOf(REVIEW_CHANNELS, 'Where: shop, our own pages; social, a social network; third_party, elsewhere.'),
    sku: z.optional(identifier('the article number')),
  }),
  example: { customerId: 'c-1042', reviewId: 'rv-88', rating: 2, channel: 'third_party', sku: 'pot-03' },
  fold: (facts, event) => {
    const { reviewId, rating: stars, channel } = event.data;
    const reviews = addReview(facts, {
      at: event.occurredAt,
      id: event.id,
      reviewId,
      rating: stars,
      channel,
    });
    if (reviews === undefined) return undefined;
    return reviews === facts.reviews ? facts : { ...facts, reviews };
  },
});
