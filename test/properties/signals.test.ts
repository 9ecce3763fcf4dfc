/** I1 for what is said so often that not all of it is kept: any order of arrival gives the same facts. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { type Facts, NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { absorb, factsOf } from '../../shared/lifecycle/fold.ts';
import {
  bought,
  cancelledOrder,
  checkedOut,
  complained,
  day,
  event,
  filledCart,
  resolved,
  reviewed,
} from '../support/events.ts';

/** More than is kept of anything, on few days, so that many happen at once. */
const DAYS = 40;
const MOST = 30;

const at = fc.integer({ min: 0, max: DAYS }).map((each) => day(each));
const oneOf = (prefix: string, most: number) => fc.integer({ min: 0, max: most }).map((each) => `${prefix}${each}`);

const SAID = {
  reviews: fc
    .tuple(at, fc.integer({ min: 1, max: 5 }), oneOf('v', 12))
    .map(([when, stars, reviewId]) => reviewed(when, stars, { reviewId })),
  referrals: fc
    .tuple(at, oneOf('f', MOST))
    .map(([when, friendId]) => event('Referral Made', when, { friendId, kind: 'customer' })),
  coupons: fc
    .tuple(
      fc.integer({ min: 0, max: DAYS }).map((each) => day(each * 20)),
      oneOf('C', 12),
      fc.option(oneOf('o', 3)),
    )
    .map(([when, coupon, orderId]) => event('Coupon Applied', when, { coupon, ...(orderId !== null && { orderId }) })),
  verdicts: fc
    .tuple(at, oneOf('k', 2), fc.constantFrom('opened', 'resolved', 'yes', 'no'))
    .map(([when, complaintId, what]) => {
      if (what === 'opened') return complained(when, complaintId);
      if (what === 'resolved') return resolved(when, complaintId);
      const mail = { programme: 'recovery', step: 'still-open', question: 'solved', about: complaintId };
      return event('Question Answered', when, { ...mail, answer: what });
    }),
  scores: fc.tuple(at, oneOf('o', 14), fc.integer({ min: 0, max: 10 })).map(([when, about, score]) =>
    event('Question Answered', when, {
      programme: 'retention',
      step: 'nps',
      question: 'nps',
      answer: `s${score}`,
      about,
    }),
  ),
  objections: fc
    .tuple(
      fc.integer({ min: 0, max: DAYS }).map((each) => day(each * 10)),
      oneOf('o', 12),
    )
    .map(([when, objection]) => event('Preference Declared', when, { objection })),
  promises: fc
    .tuple(at, oneOf('c', 3), fc.constantFrom('asked', 'confirmed', 'bought', 'cancelled'), fc.option(oneOf('o', 2)))
    .map(([when, id, what, orderId]) => {
      if (what === 'bought') return bought(when, orderId ?? 'o0');
      if (what === 'cancelled') return cancelledOrder(when, orderId ?? 'o0');
      if (what === 'confirmed') return event('Change Confirmed', when, { changeId: id });
      const newDate = new Date(when + day(20) - day(0)).toISOString();
      const named = orderId === null ? {} : { orderId };
      return event('Change Requested', when, { changeId: id, what: 'another day', newDate, ...named });
    }),
  basket: fc
    .tuple(at, fc.constantFrom('cart', 'emptied', 'checkout'))
    .map(([when, what]) => (what === 'checkout' ? checkedOut(when) : filledCart(when, what === 'cart' ? 2 : 0))),
};

function arriving(events: readonly CustomerEvent[]): Facts {
  return events.reduce<Facts>(
    (facts, heard, index) => absorb(facts, heard) ?? factsOf(events.slice(0, index + 1)),
    NO_FACTS,
  );
}

it.each(Object.entries(SAID))('%s are the same in whatever order they arrive, and however often', (_what, said) => {
  const arrivals = fc
    .array(said, { minLength: 1, maxLength: MOST })
    .map((events) => events.map((each, index) => ({ ...each, id: `e${index}` })))
    .chain((events) => fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }));
  fc.assert(
    fc.property(arrivals, (events) => {
      const once = [...new Map(events.map((each) => [each.id, each])).values()];
      expect(arriving(events)).toStrictEqual(factsOf(once));
    }),
    { numRuns: 300 },
  );
});
