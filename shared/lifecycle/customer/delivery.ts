/**
 * What became of a mail after SES accepted it. Reports arrive in any order and more than once; what is known only moves
 * forward, so that every order ends in the same place.
 */
import type { Instant } from '../time.ts';

type Status = 'delayed' | 'delivered' | 'bounced' | 'complained' | 'rejected';

export interface Delivery {
  readonly status: Status;
  readonly at: Instant;
  /** Kind of bounce, delay or complaint; never an address or the text of a mail server, which may quote one. */
  readonly detail?: string;
  /** When it was first opened and a link in it first clicked, as far as anybody tells us. */
  readonly openedAt?: Instant;
  readonly clickedAt?: Instant;
}

/** One report: how far the mail got, or that somebody looked at it. */
export type DeliveryMark =
  | { readonly status: 'sent' | Status; readonly at: Instant; readonly detail?: string }
  | { readonly seen: 'opened' | 'clicked'; readonly at: Instant };

type StatusMark = Extract<DeliveryMark, { status: unknown }>;

/** What is stored of the reports on one mail. */
export interface DeliveryMarks extends Pick<Delivery, 'openedAt' | 'clickedAt'> {
  readonly furthest?: StatusMark;
}

/** A bounce, a complaint and a rejection each end it. */
const STEPS: Readonly<Record<StatusMark['status'], number>> = {
  sent: 0,
  delayed: 1,
  delivered: 2,
  bounced: 3,
  complained: 3,
  rejected: 3,
};

/** More than the epoch milliseconds of any report until the year 2286, so that no time outweighs a step. */
const STEP = 1e13;

/** How far a report says the mail got: the step, then the time. A greater rank replaces a smaller one. */
export function rankOf({ status, at }: StatusMark): number {
  return STEPS[status] * STEP + at;
}

/** The marks with one more report; the same object when it says nothing new. */
export function withMark(marks: DeliveryMarks, mark: DeliveryMark): DeliveryMarks {
  if ('status' in mark) {
    const { furthest } = marks;
    return furthest === undefined || rankOf(mark) > rankOf(furthest) ? { ...marks, furthest: mark } : marks;
  }
  const field = `${mark.seen}At` as const;
  return (marks[field] ?? Infinity) > mark.at ? { ...marks, [field]: mark.at } : marks;
}

/** What the reports come to; undefined when they only say that SES took the mail. */
export function deliveryOf({ furthest, openedAt, clickedAt }: DeliveryMarks): Delivery | undefined {
  const seen = { ...(openedAt !== undefined && { openedAt }), ...(clickedAt !== undefined && { clickedAt }) };
  const first = Math.min(openedAt ?? Infinity, clickedAt ?? Infinity);
  const arrived = furthest !== undefined && STEPS[furthest.status] >= STEPS.delivered;
  // Reports are best effort: whoever opened a mail has got it, also when nobody said so.
  if (first < Infinity && !arrived) return { status: 'delivered', at: first, ...seen };
  if (furthest === undefined || furthest.status === 'sent') return undefined;
  const { status, at, detail } = furthest;
  return { status, at, ...(detail !== undefined && { detail }), ...seen };
}
