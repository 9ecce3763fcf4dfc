/** Ratings of the shop and its products, in the shop or elsewhere: the newest, by (time, id). */
import { keepLatest, type Stamp } from './order-by-time.ts';

export const REVIEW_CHANNELS = ['shop', 'social', 'third_party'] as const;

export interface Review extends Stamp {
  readonly reviewId: string;
  /** 1 to 5 stars. */
  readonly rating: number;
  readonly channel: (typeof REVIEW_CHANNELS)[number];
}

/** Ascending by (at, id), each review as it was written last. */
export type Reviews = readonly Review[];

/** More than any rule looks at. */
export const REVIEWS_KEPT = 6;

export function addReview(reviews: Reviews | undefined, posted: Review): Reviews {
  return keepLatest(reviews, posted, (each) => each.reviewId === posted.reviewId, REVIEWS_KEPT);
}
