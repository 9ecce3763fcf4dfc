/** Ratings of the shop and its products, in the shop or elsewhere: the newest, by (time, id). */
import type { Duration } from '../time.ts';
import { compareStamps, keepLatest, type Stamp } from './order-by-time.ts';

export const REVIEW_CHANNELS = ['shop', 'social', 'third_party'] as const;

export interface Review extends Stamp {
  readonly reviewId: string;
  /** 1 to 5 stars. */
  readonly rating: number;
  readonly channel: (typeof REVIEW_CHANNELS)[number];
}

/** Ascending by (at, id). A review that was written anew is there as often as it was written. */
export type Reviews = readonly Review[];

/** More than any rule looks at. */
export const REVIEWS_KEPT = 6;

export function addReview(reviews: Reviews | undefined, posted: Review): Reviews {
  return keepLatest(reviews, posted, ({ id }) => id === posted.id, REVIEWS_KEPT);
}

/** What the same review says since it was written anew; undefined for one that still says it. */
export function rewritten(reviews: Reviews, review: Review): Review | undefined {
  return reviews.slice(reviews.indexOf(review) + 1).find(({ reviewId }) => reviewId === review.reviewId);
}

/** From when to when a review counted as bad. */
export interface BadReview {
  readonly review: Review;
  /** The rating that put it right: a good one of any review, or its own, written anew. */
  readonly ended?: Review;
  /** Before anything ended it, or it had faded, it was written anew and is bad still. */
  readonly restated: boolean;
}

/** Which ratings are bad, and for how long one counts at most. */
interface BadRating {
  readonly atMost: number;
  readonly endedBy: number;
  readonly lasts: Duration;
}

/** The ratings that are or were bad, ascending, whether they have faded or not. */
export function badReviews(reviews: Reviews, { atMost, endedBy, lasts }: BadRating): readonly BadReview[] {
  return reviews.flatMap((review, index): BadReview[] => {
    if (review.rating > atMost) return [];
    const anew = rewritten(reviews, review);
    const ended = reviews
      .slice(index + 1)
      .find((later) => later.rating >= endedBy || (later === anew && later.rating > atMost));
    const isBadStill = anew !== undefined && anew.rating <= atMost && anew.at < review.at + lasts;
    const restated = isBadStill && (ended === undefined || compareStamps(anew, ended) < 0);
    return [{ review, restated, ...(ended && { ended }) }];
  });
}
