/**
 * Histories nobody thought of: a customer, three to ten events over some weeks, and a handful of faults, all drawn from
 * a seed. What becomes of a call hangs on its name and number alone, so a history fails the same way each time.
 */
import type { Fate, QueueMishap } from '../../infra/local/faults.ts';
import { type Chance, chanceOf } from '../../infra/local/random.ts';
import { DAY, type Duration, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { CALL_FATES, type FateName } from './fates.ts';
import { isReading } from './named-call.ts';
import type { Mishaps, Point } from './observer.ts';
import { type Act, FIRST_DAY, type History } from './proving-ground.ts';

/** Each history has a stretch of time of its own, longer than any of them takes. */
const STRETCH: Duration = 175 * DAY;
/** Histories that follow each other in one twin. */
export const CHUNK = 250;

const SES_FATES: readonly FateName[] = [
  'answer lost',
  'vanishes',
  'accepted late',
  'dies before',
  'dies after',
  'dies, arrives late',
  'rate',
  'quota',
  'rejected',
];
// An answer that is lost costs a tenth of a new thread, so there are more of them.
const WRITE_FATES: readonly FateName[] = [
  'dies before',
  'dies after',
  'dies, arrives late',
  'answer lost',
  'answer lost',
  'answer lost',
];
const READ_FATES: readonly FateName[] = ['dies before', 'answer lost', 'answer lost'];

/** Chances per call and message. They make about three faults in a history. */
const CALL_FAILS = 0.01;
const SES_FAILS = 0.12;
const MESSAGE_FAILS = 0.05;
const OUTAGE = 0.2;
const MOST_FAULTS = 6;
/** Histories in which the shop confirms the offers it is asked for. */
const CONFIRMS = 0.8;

const ADDRESS_SUPPRESSED = 'Address Suppressed';
const HARD_BOUNCE = 'hard bounce';

const GAPS: readonly Duration[] = [0, MINUTE, 10 * MINUTE, 3 * HOUR, DAY, 3 * DAY, 8 * DAY, 12 * DAY];
const LONGEST: Duration = 60 * DAY;

/** An act without its time. */
type Deed<A> = A extends Act ? Omit<A, 'after'> : never;
/** @param t when it happens */
type Happening = (chance: Chance, nth: number, t: Instant) => Deed<Act>;

const order = (nth: number) => ({ orderId: `o-${nth}`, total: 40 + nth, currency: 'EUR' });
/** The order of an earlier act, if that was one. */
const orderIdBefore = (chance: Chance, nth: number) => `o-${chance.between(Math.max(1, nth - 3), nth)}`;
const resumeUrl = 'https://shop.example.com/checkout';
const article = (nth: number) => ({ sku: `pot-${nth}`, name: 'Teapot', quantity: 1, price: 40, category: 'pots' });
const complaintId = (chance: Chance) => `k-${chance.between(1, 2)}`;
const changeId = (chance: Chance) => `h-${chance.between(1, 2)}`;
const subscriptionId = (chance: Chance) => `s-${chance.between(1, 2)}`;
/** A subscription that is stopped goes on for as long as one of these. */
const PAID_FOR: readonly Duration[] = [HOUR, 3 * DAY, 30 * DAY];
/** Some name what a person was really asked for, if it happened. */
const ATTENTION_CAUSES = ['severe-complaint/k-1', 'severe-complaint/k-2', 'change-without-cost/h-1', 'critic/1'];

const HAPPENINGS: readonly (readonly [weight: number, happening: Happening])[] = [
  [5, (_chance, nth) => ({ emits: 'Purchase Completed', data: order(nth) })],
  [1, (chance, nth) => ({ emits: 'Purchase Completed', data: order(nth), ago: chance.between(1, 200) * DAY })],
  [2, () => ({ emits: 'Login Succeeded' })],
  [1, (_chance, nth) => ({ emits: 'Order Delivered', data: { orderId: `o-${nth - 1}` } })],
  [1, (_chance, nth) => ({ emits: 'Order Cancelled', data: { orderId: `o-${nth - 1}` } })],
  [
    3,
    (chance) => ({
      emits: 'Complaint Opened',
      data: {
        complaintId: complaintId(chance),
        channel: 'email',
        severity: chance.pick(['normal', 'normal', 'high', 'low']),
      },
    }),
  ],
  [3, (chance) => ({ emits: 'Complaint Resolved', data: { complaintId: complaintId(chance) } })],
  [1, () => ({ emits: 'Customer Registered' })],
  [0.6, (_chance, nth) => ({ emits: 'Customer Erasure Requested', data: { requestId: `r-${nth}` } })],
  [1, (chance, nth) => ({ repeats: chance.between(0, nth - 1) })],
  [0.5, () => ({ reader: 'unsubscribes' })],
  [1, (_chance, nth) => ({ emits: 'Cart Updated', data: { items: [article(nth)], currency: 'EUR', resumeUrl } })],
  [0.5, () => ({ emits: 'Cart Updated', data: { items: [] } })],
  [2, () => ({ emits: 'Checkout Started', data: { resumeUrl } })],
  [1, (chance) => ({ emits: 'Product Viewed', data: { sku: `pot-${chance.between(1, 2)}`, kind: 'specification' } })],
  [0.5, () => ({ emits: 'Content Downloaded', data: { contentId: 'guide' } })],
  [
    1.5,
    (chance, nth) => ({
      emits: 'Review Posted',
      data: { reviewId: `v-${nth}`, rating: chance.pick([1, 2, 3, 5]), channel: 'shop' },
    }),
  ],
  [2, (chance) => ({ emits: 'Nps Answered', data: { score: chance.pick([2, 7, 10]) } })],
  [
    1,
    (chance) => ({
      emits: 'Question Answered',
      data: {
        programme: 'nurture',
        step: 'obstacle',
        question: 'obstacle',
        answer: chance.pick(['fit', 'returns', 'talk']),
      },
    }),
  ],
  [
    1,
    (chance) => ({
      emits: 'Question Answered',
      data: { programme: 'retention', step: 'follow-up', question: 'put-right', answer: chance.pick(['yes', 'no']) },
    }),
  ],
  [0.5, (chance) => ({ emits: 'Change Requested', data: { changeId: changeId(chance), what: 'another day' } })],
  [
    1.5,
    (chance) => ({
      emits: 'Change Requested',
      data: { changeId: changeId(chance), what: 'another day', cost: chance.pick([0, 12.5]), currency: 'EUR' },
    }),
  ],
  [1, (chance) => ({ emits: 'Change Confirmed', data: { changeId: changeId(chance) } })],
  [
    1.5,
    (chance, _nth, t) => ({
      emits: 'Subscription Renewal Stopped',
      data: { subscriptionId: subscriptionId(chance), endsAt: new Date(t + chance.pick(PAID_FOR)).toISOString() },
    }),
  ],
  [1, (chance) => ({ emits: 'Subscription Renewal Resumed', data: { subscriptionId: subscriptionId(chance) } })],
  [1, (chance) => ({ emits: 'Attention Handled', data: { attentionId: `1/${chance.pick(ATTENTION_CAUSES)}` } })],
  // What the shop was never asked for; what it was, its platform confirms.
  [0.5, (_chance, nth) => ({ emits: 'Offer Confirmed', data: { offerId: `o-${nth}`, code: `OWN-${nth}` } })],
  [
    2,
    (chance) => ({
      emits: 'Account Ranked',
      data: chance.pick([
        { share: 0.01, keyAccount: true },
        { share: 0.02, keyAccount: true },
        { share: 0.5, keyAccount: false },
      ]),
    }),
  ],
  [
    1,
    (chance, nth, t) => ({
      emits: 'Campaign Addressed',
      data: {
        campaign: `campaign-${nth}`,
        step: 'new-harvest',
        at: new Date(t + chance.pick(GAPS)).toISOString(),
        audience: chance.pick(['trait!=looker', 'stage=new,active', 'category=tea']),
      },
    }),
  ],
  [
    1,
    (chance, nth) => ({
      emits: 'Return Requested',
      data: { returnId: `b-${nth}`, orderId: orderIdBefore(chance, nth) },
    }),
  ],
  [
    0.5,
    (chance, nth) => ({
      emits: 'Purchase Refunded',
      data: { orderId: orderIdBefore(chance, nth), refundId: `m-${nth}`, amount: 20, currency: 'EUR' },
    }),
  ],
  [0.5, (chance) => ({ emits: 'Profile Updated', data: { locale: chance.pick(['sv', 'fa']) } })],
  [0.5, (chance) => ({ emits: 'Preferences Changed', data: { how: 'page', pace: chance.pick(['usual', 'less']) } })],
  [0.2, () => ({ emits: ADDRESS_SUPPRESSED, data: { reason: HARD_BOUNCE } })],
  [0.5, () => ({ emits: 'Mail Clicked', data: { key: '1/onboarding/welcome/1' } })],
  [0.5, (_chance, nth) => ({ emits: 'Coupon Applied', data: { coupon: `c-${nth}` } })],
  [
    0.5,
    (chance) => ({ emits: 'Preference Declared', data: { style: chance.pick(['efficient', 'traditional', 'both']) } }),
  ],
  [
    0.5,
    (chance) => ({
      emits: 'Preference Declared',
      data: chance.pick([{ previousSupplier: 'Nordic Tea House' }, { objection: 'price' }, { objection: 'colour' }]),
    }),
  ],
  [
    0.5,
    (_chance, nth) => ({
      emits: 'Customer Registered',
      data: { referral: { by: `r-${nth}`, recommended: 'loose-leaf sampler' } },
    }),
  ],
  [0.5, (_chance, nth) => ({ emits: 'Referral Made', data: { friendId: `f-${nth}`, kind: 'customer' } })],
];
const ALL_WEIGHT = HAPPENINGS.reduce((sum, [weight]) => sum + weight, 0);

function drawn(chance: Chance): Happening {
  let point = chance.next() * ALL_WEIGHT;
  const found = HAPPENINGS.find(([weight]) => (point -= weight) < 0) ?? HAPPENINGS[0];
  if (found === undefined) throw new RangeError('nothing can happen');
  return found[1];
}

/** History number `index` of a seed. */
export function randomHistory(seed: number, index: number): History {
  const chance = chanceOf(seed, index);
  const acts: Act[] = [{ after: 0, emits: 'Customer Registered' }];
  let after = 0;
  const count = chance.between(2, 9);
  const begins = chance.between(0, 23) * HOUR;
  for (let nth = 1; nth <= count; nth += 1) {
    after = Math.min(after + chance.pick(GAPS), LONGEST);
    acts.push({ after, ...drawn(chance)(chance, nth, stretchOf(index) + begins + after) });
  }
  return {
    name: `history ${index} of seed ${seed}`,
    customerId: `c-${index}`,
    acts,
    begins,
    ...(acts.some((act) => 'emits' in act && act.emits === ADDRESS_SUPPRESSED) && { gives: [HARD_BOUNCE] }),
    ...(chance.happens(CONFIRMS) && { platform: 'confirms' as const }),
    lasts: after + chance.pick([HOUR, DAY, 9 * DAY]),
  };
}

/** When history number `index` begins. */
export function stretchOf(index: number): Instant {
  return FIRST_DAY + (index % CHUNK) * STRETCH;
}

/** What goes wrong in history number `index` of a seed. */
export function randomMishaps(seed: number, index: number, { acts }: History): Mishaps {
  const chance = chanceOf(seed, index, 'outage');
  const outage = chance.happens(OUTAGE) ? outageIn(chance, acts) : undefined;
  let faults = 0;
  const messages = new Map<string, number>();
  let began: Instant | undefined;
  return {
    call: (point, t) => {
      began ??= t;
      if (outage !== undefined && point.call.service === outage.service && outage.covers(t - began)) return UNAVAILABLE;
      const fate = faults < MOST_FAULTS ? fateOf(point, chanceOf(seed, index, point.call.name, point.nth)) : undefined;
      if (fate !== undefined) faults += 1;
      return fate;
    },
    message: (queueName) => {
      const nth = (messages.get(queueName) ?? 0) + 1;
      messages.set(queueName, nth);
      return mishapOf(chanceOf(seed, index, queueName, nth));
    },
  };
}

const UNAVAILABLE: Fate = { kind: 'refused', status: 503, code: 'ServiceUnavailable', message: 'Try again later.' };

function outageIn(chance: Chance, acts: readonly Act[]) {
  const service = chance.pick(['dynamodb', 'events', 'ses']);
  const begins = chance.pick(acts).after - MINUTE;
  const ends = begins + chance.between(2, 10) * MINUTE;
  return { service, covers: (since: Duration) => since >= begins && since < ends };
}

function fateOf({ call }: Point, chance: Chance): Fate | undefined {
  if (call.mails !== undefined) return chance.happens(SES_FAILS) ? CALL_FATES[chance.pick(SES_FATES)] : undefined;
  if (!chance.happens(CALL_FAILS)) return undefined;
  return CALL_FATES[chance.pick(isReading(call.name) ? READ_FATES : WRITE_FATES)];
}

function mishapOf(chance: Chance): QueueMishap | undefined {
  if (!chance.happens(MESSAGE_FAILS)) return undefined;
  return chance.pick<QueueMishap>([
    { delaySeconds: chance.between(1, 900) },
    { copySeconds: chance.pick([0, 1, 60, 3600]) },
    { returns: true },
  ]);
}
