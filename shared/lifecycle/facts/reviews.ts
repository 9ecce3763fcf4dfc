/**
 * Ratings of the shop and its products, in the shop or elsewhere, by (time, id): the newest of each height and whatever
 * ended one of them, so that no number of better ratings makes a worse one forgotten. What is older is in the journal.
 */
import type { Duration } from '../time.ts';
import { compareStamps, insertByTime, type Stamp } from './order-by-time.ts';

export const REVIEW_CHANNELS = ['shop', 'social', 'third_party'] as const;

export interface Review extends Stamp {
  readonly reviewId: string;
  /** 1 to 5 stars. */
  readonly rating: number;
  readonly channel: (typeof REVIEW_CHANNELS)[number];
}

/** Ascending by (at, id). A review that was written anew is there as often as it was written. */
export type Reviews = readonly Review[];

/** Reviews of at most so many stars, for each number of stars; however often one was written anew it counts once. */
export const REVIEWS_KEPT = 6;
/** Of one review, how often it was written: enough to tell whether it was taken back and is bad again. */
export const VERSIONS_KEPT = 4;
const MOST_STARS = 5;

export interface KnownReviews {
  readonly reviews?: Reviews;
  /** The newest that is no longer kept. */
  readonly reviewsLeft?: Stamp;
}

/** Takes a rating in; the same list when it is known, undefined when only the journal can tell. */
export function addReview({ reviews = [], reviewsLeft }: KnownReviews, posted: Review): Reviews | undefined {
  if (reviews.some(({ id }) => id === posted.id)) return reviews;
  if (reviewsLeft !== undefined && compareStamps(posted, reviewsLeft) <= 0) return undefined;
  return insertByTime(reviews, posted);
}

/** The newest of at most so many stars. */
function newestAtMost(reviews: Reviews, stars: number): Reviews {
  const heard = new Map<string, number>();
  return reviews.toReversed().filter(({ rating, reviewId }) => {
    if (rating > stars) return false;
    const versions = heard.get(reviewId) ?? 0;
    const others = heard.size - Math.min(versions, 1);
    heard.set(reviewId, versions + 1);
    return others < REVIEWS_KEPT && versions < VERSIONS_KEPT;
  });
}

/**
 * What ended a rating, whatever the shop calls bad and good: how it was written next, and what was better first, of the
 * same review and of all.
 */
function endsOf(reviews: Reviews, review: Review): Reviews {
  const later = reviews.slice(reviews.indexOf(review) + 1);
  const own = later.filter(({ reviewId }) => reviewId === review.reviewId);
  const ends = [own[0]];
  for (let stars = review.rating + 1; stars <= MOST_STARS; stars += 1) {
    for (const each of [own, later]) ends.push(each.find(({ rating }) => rating >= stars));
  }
  return ends.filter((each) => each !== undefined);
}

/** What of them changes where no rule needs them all; nothing where none is dropped. */
export function trimReviews({ reviews = [], reviewsLeft }: KnownReviews): KnownReviews {
  // So few are kept whatever they say.
  if (reviews.length <= Math.min(REVIEWS_KEPT, VERSIONS_KEPT)) return {};
  const newest = new Set<Review>();
  for (let stars = 1; stars <= MOST_STARS; stars += 1) {
    for (const each of newestAtMost(reviews, stars)) newest.add(each);
  }
  const kept = new Set([...newest].flatMap((each) => [each, ...endsOf(reviews, each)]));
  const dropped = reviews.findLast((each) => !kept.has(each));
  if (dropped === undefined) return {};
  const { at, id } = dropped;
  const isNewer = reviewsLeft === undefined || compareStamps(dropped, reviewsLeft) > 0;
  return { reviews: reviews.filter((each) => kept.has(each)), ...(isNewer && { reviewsLeft: { at, id } }) };
}

/** What the same review says since it was written anew; undefined for one that still says it. */
function rewritten(reviews: Reviews, review: Review): Review | undefined {
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
