/** Generated histories of one customer: small alphabets of ids and times, so that collisions and ties are frequent. */
import * as fc from 'fast-check';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY, HOUR } from '../../shared/lifecycle/time.ts';
import { event, START } from './events.ts';

interface Draft {
  readonly type: string;
  /** Milliseconds after START. */
  readonly offset: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly consented?: { readonly earlier: number } | undefined;
}

/** How much of everything a history has. */
export interface Breadth {
  readonly days: number;
  readonly orderIds: number;
  readonly refundIds: number;
  readonly complaintIds: number;
  readonly questions: number;
  /** Reviews, friends, offers and whatever else is kept one by one. */
  readonly others: number;
  readonly skus: number;
  /** Weight of what is looked at among everything else, 5 unless said otherwise. */
  readonly looks?: number;
  readonly most: number;
}

/** Few ids over a year: everything meets everything. */
export const ORDINARY: Breadth = {
  days: 400,
  orderIds: 10,
  refundIds: 9,
  complaintIds: 4,
  questions: 3,
  others: 4,
  skus: 3,
  most: 44,
};
/** More of everything than what is kept one by one. */
export const CROWDED: Breadth = {
  days: 300,
  orderIds: 24,
  refundIds: 16,
  complaintIds: 14,
  questions: 13,
  others: 14,
  skus: 8,
  most: 120,
};

/** Much is looked at, within few weeks. */
export const LOOKING: Breadth = { ...ORDINARY, days: 60, skus: 5, looks: 200, most: 100 };

/** Whole hours are frequent, so that events tie; the rest has milliseconds. */
const offsetIn = (days: number) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.integer({ min: 0, max: days }).map((each) => each * DAY) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: days * 24 }).map((each) => each * HOUR) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: days * DAY }) },
  );

const currency = fc.constantFrom('USD', 'USD', 'EUR', 'JPY');
const amount = fc.integer({ min: 0, max: 20_000 }).map((cents) => cents / 100);
const idOf = (kind: string, count: number) => fc.integer({ min: 1, max: count }).map((each) => `${kind}${each}`);

/** A consent some time before the event that tells of it; `at` is filled in when that time is known. */
const consent = fc.record(
  {
    marketing: fc.constantFrom('opt_in', 'soft_opt_in', 'none'),
    source: fc.constantFrom('form', 'checkout'),
    earlier: fc.integer({ min: 0, max: 40 }).map((each) => each * DAY),
    wording: fc.constantFrom('v1', 'v2'),
  },
  { requiredKeys: ['marketing', 'source', 'earlier'] },
);

/** Only an explicit opt-in turns promotion on again. */
const optIn = consent.map((each) => ({ ...each, marketing: 'opt_in' }));

function dated({ offset, data, consented }: Draft): Readonly<Record<string, unknown>> {
  if (consented === undefined) return data;
  const { earlier, ...rest } = consented;
  return { ...data, consent: { ...rest, at: new Date(START + offset - earlier).toISOString() } };
}

const somedayIn = (days: number) =>
  fc.integer({ min: 0, max: days }).map((each) => new Date(START + each * DAY).toISOString());

const category = fc.constantFrom('tea', 'pots', 'cups');
const url = fc.constantFrom('https://shop.example.com/cart/1', 'https://shop.example.com/cart/2');

const article = ({ skus }: Breadth) =>
  fc.record(
    {
      sku: idOf('sku', skus),
      name: fc.constant('Tea'),
      quantity: fc.integer({ min: 1, max: 3 }),
      price: amount,
      category,
    },
    { requiredKeys: ['sku', 'name', 'quantity', 'price'] },
  );

/**
 * Ids under which a person is asked for in somebody's first life, where a complaint or a change names its cause; and some
 * that nobody was asked for.
 */
const attentionIn = ({ complaintIds, others }: Breadth) =>
  fc.oneof(
    { weight: 2, arbitrary: idOf('1/severe-complaint/k', complaintIds) },
    { weight: 2, arbitrary: idOf('1/change-without-cost/c', complaintIds) },
    { weight: 1, arbitrary: idOf('1/critic/', others) },
  );

/** What mails ask, where, and some of what is answered. */
const ASKED = [
  ['nurture', 'obstacle', 'obstacle', ['fit', 'quality', 'returns', 'company', 'colleague', 'talk']],
  ['onboarding', 'check-in', 'start', ['good', 'questions', 'not-yet', 'problem']],
  ['win-back', 'ask', 'reason', ['price', 'experience', 'other']],
  ['retention', 'follow-up', 'put-right', ['yes', 'partly', 'no']],
  ['retention', 'your-view', 'range', ['something-new', 'other']],
] as const;

const answerOfMail = fc.constantFrom(...ASKED).chain(([programme, step, question, answers]) =>
  fc.record({
    programme: fc.constant(programme),
    step: fc.constant(step),
    question: fc.constant(question),
    answer: fc.constantFrom(...answers),
  }),
);

interface Weighed {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Draft>;
}

/** Everything but orders, logins, complaints and what readers say: what reveals who somebody is. */
function draftsOfSignals(
  breadth: Breadth,
  draft: (type: string, data: fc.Arbitrary<object>) => fc.Arbitrary<Draft>,
): readonly Weighed[] {
  const { days, others, complaintIds } = breadth;
  const sku = idOf('sku', breadth.skus);
  const items = fc.array(article(breadth), { maxLength: 2 });
  const drafted = (weight: number, type: string, data: fc.Arbitrary<object>): Weighed => ({
    weight,
    arbitrary: draft(type, data),
  });
  const subscriptionId = idOf('s', complaintIds);
  const changeId = idOf('c', complaintIds);
  return [
    drafted(
      breadth.looks ?? 5,
      'Product Viewed',
      fc.record(
        { sku, category, kind: fc.constantFrom('product', 'comparison', 'specification') },
        { requiredKeys: ['sku'] },
      ),
    ),
    drafted(
      1,
      'Content Downloaded',
      fc.record({ contentId: idOf('d', others), sku, category }, { requiredKeys: ['contentId'] }),
    ),
    drafted(2, 'Cart Updated', fc.record({ items, currency, resumeUrl: url }, { requiredKeys: ['items', 'currency'] })),
    drafted(
      2,
      'Checkout Started',
      fc.record({ items, total: amount, currency, resumeUrl: url }, { requiredKeys: ['currency', 'resumeUrl'] }),
    ),
    drafted(
      1,
      'Coupon Applied',
      fc.record({ coupon: idOf('TEN', others), orderId: idOf('o', breadth.orderIds) }, { requiredKeys: ['coupon'] }),
    ),
    drafted(
      2,
      'Review Posted',
      fc.record({
        reviewId: idOf('v', others),
        rating: fc.integer({ min: 1, max: 5 }),
        channel: fc.constantFrom('shop', 'social', 'third_party'),
      }),
    ),
    drafted(1, 'Nps Answered', fc.record({ score: fc.integer({ min: 0, max: 10 }) })),
    drafted(2, 'Subscription Renewal Stopped', fc.record({ subscriptionId, endsAt: somedayIn(days) })),
    drafted(1, 'Subscription Renewal Resumed', fc.record({ subscriptionId })),
    drafted(
      2,
      'Change Requested',
      fc.record(
        {
          changeId,
          what: fc.constant('another glaze'),
          cost: amount,
          currency,
          newDate: somedayIn(days),
          orderId: idOf('o', breadth.orderIds),
        },
        { requiredKeys: ['changeId', 'what', 'currency'] },
      ),
    ),
    drafted(1, 'Change Confirmed', fc.record({ changeId })),
    drafted(
      1,
      'Preference Declared',
      fc.record(
        {
          style: fc.constantFrom('efficient', 'traditional', 'both', 'none'),
          previousSupplier: fc.constantFrom('Nordic Tea House', 'Чайная лавка'),
          objection: fc.constantFrom('delivery', 'quality'),
        },
        { requiredKeys: [] },
      ),
    ),
    drafted(
      1,
      'Referral Made',
      fc.record({ friendId: idOf('f', others), kind: fc.constantFrom('customer', 'influencer', 'partner') }),
    ),
    drafted(2, 'Return Requested', fc.record({ returnId: idOf('b', others), orderId: idOf('o', breadth.orderIds) })),
    drafted(2, 'Attention Handled', fc.record({ attentionId: attentionIn(breadth) })),
    drafted(
      1,
      'Offer Confirmed',
      fc.record({ offerId: idOf('of', others), code: fc.constantFrom('A', 'B') }, { requiredKeys: ['offerId'] }),
    ),
    drafted(1, 'Account Ranked', fc.record({ share: fc.constantFrom(0.01, 0.03, 0.5), keyAccount: fc.boolean() })),
    drafted(1, 'Mail Clicked', fc.record({ key: idOf('1/onboarding/guide/', others) })),
  ];
}

function draftOf(breadth: Breadth): fc.Arbitrary<Draft> {
  const offset = offsetIn(breadth.days);
  const orderId = idOf('o', breadth.orderIds);
  const complaintId = idOf('k', breadth.complaintIds);
  const email = fc.constantFrom('a@example.com', 'b@example.com', 'c@example.com');
  const person = {
    email,
    name: fc.constantFrom('Anna', 'Анна', 'آنا'),
    locale: fc.constantFrom('en', 'sv-SE'),
    timeZone: fc.constantFrom('Europe/Stockholm', 'Asia/Tehran'),
    referral: fc.record(
      {
        by: idOf('friend', 2),
        recommended: fc.constant('the sampler'),
        kind: fc.constantFrom('customer', 'influencer', 'partner'),
      },
      { requiredKeys: ['by'] },
    ),
  };
  const onOrOff = fc.constantFrom('on', 'off');
  const choices = {
    programmes: fc.dictionary(fc.constantFrom('retention', 'win-back', 'constructor'), onOrOff, { maxKeys: 3 }),
    language: fc.constantFrom('de', 'fa', 'sv'),
    pace: fc.constantFrom('usual', 'less'),
    tailored: fc.boolean(),
  };
  const draft = (type: string, data: fc.Arbitrary<object>, consented?: typeof consent): fc.Arbitrary<Draft> =>
    fc.record({
      type: fc.constant(type),
      offset,
      data: data.map((each) => ({ ...each })),
      consented: consented === undefined ? fc.constant(undefined) : fc.option(consented, { nil: undefined }),
    });
  return fc.oneof(
    ...draftsOfSignals(breadth, (type, data) => draft(type, data)),
    { weight: 6, arbitrary: draft('Purchase Completed', fc.record({ orderId, total: amount, currency })) },
    {
      weight: 3,
      arbitrary: draft(
        'Purchase Completed',
        fc.record(
          {
            orderId,
            total: amount,
            currency,
            items: fc.array(article(breadth), { maxLength: 3 }),
            discount: amount,
            coupon: fc.constantFrom('TEN', 'TWENTY', 'tea'),
            promisedBy: somedayIn(breadth.days),
          },
          { requiredKeys: ['orderId', 'total', 'currency'] },
        ),
      ),
    },
    {
      weight: 1,
      arbitrary: draft(
        'Purchase Completed',
        fc.record({ orderId, total: amount, currency, email }, { requiredKeys: ['orderId', 'total', 'currency'] }),
        consent,
      ),
    },
    { weight: 2, arbitrary: draft('Order Cancelled', fc.record({ orderId })) },
    { weight: 2, arbitrary: draft('Order Delivered', fc.record({ orderId })) },
    {
      weight: 3,
      arbitrary: draft(
        'Purchase Refunded',
        fc.record({ orderId, refundId: idOf('r', breadth.refundIds), amount, currency }),
      ),
    },
    { weight: 3, arbitrary: draft('Login Succeeded', fc.constant({})) },
    {
      weight: 2,
      arbitrary: draft(
        'Complaint Opened',
        fc.record({ complaintId, channel: fc.constant('email'), severity: fc.constantFrom('low', 'high') }),
      ),
    },
    { weight: 2, arbitrary: draft('Complaint Resolved', fc.record({ complaintId })) },
    {
      weight: 1,
      arbitrary: draft('Customer Registered', fc.record(person, { requiredKeys: ['email'] }), consent),
    },
    { weight: 1, arbitrary: draft('Profile Updated', fc.record(person, { requiredKeys: [] }), consent) },
    {
      weight: 2,
      arbitrary: draft(
        'Preferences Changed',
        fc.record(
          { how: fc.constantFrom('one-click', 'page'), promotion: fc.constant('off'), ...choices },
          { requiredKeys: ['how'] },
        ),
        consent,
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          draft(
            'Preferences Changed',
            fc.record(
              { how: fc.constant('page'), promotion: fc.constant('on'), ...choices },
              { requiredKeys: ['how', 'promotion'] },
            ),
          ),
          optIn,
        )
        .map(([each, consented]) => ({ ...each, consented })),
    },
    {
      weight: 1,
      arbitrary: draft(
        'Question Answered',
        fc.record({
          programme: fc.constantFrom('win-back', 'retention'),
          step: fc.constantFrom('ask', 'your-view'),
          question: idOf('q', breadth.questions),
          answer: fc.constantFrom('yes', 'no'),
        }),
      ),
    },
    { weight: 2, arbitrary: draft('Question Answered', answerOfMail) },
    {
      weight: 1,
      arbitrary: draft(
        'Question Answered',
        fc.record(
          {
            programme: fc.constant('recovery'),
            step: fc.constant('still-open'),
            question: fc.constantFrom('solved', 'solved', 'nps'),
            answer: fc.constantFrom('yes', 'yes', 'no', 's0', 's6', 's10'),
            about: complaintId,
          },
          { requiredKeys: ['programme', 'step', 'question', 'answer'] },
        ),
      ),
    },
    {
      weight: 1,
      arbitrary: draft(
        'Campaign Addressed',
        fc.record({
          campaign: idOf('campaign-', breadth.others),
          step: fc.constantFrom('new-harvest', 'gone'),
          at: somedayIn(breadth.days),
          audience: fc.constantFrom('stage=active', 'trait!=critic', 'category=tea orders>=2'),
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: draft('Address Suppressed', fc.record({ reason: fc.constantFrom('hard bounce', 'spam complaint') })),
    },
  );
}

/** Distinct events, ascending by time. Ids are drawn too: at one instant the smaller id comes first. */
export function historyOf(breadth: Breadth, least = 1): fc.Arbitrary<readonly CustomerEvent[]> {
  return fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 9999 }), draftOf(breadth)), {
      minLength: least,
      maxLength: breadth.most,
      selector: ([id]) => id,
      size: 'max',
    })
    .map((drafts) =>
      drafts
        .map(([id, draft]) => event(draft.type, START + draft.offset, dated(draft), `e${id}`))
        .toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1)),
    );
}

/** A history and the order in which it arrives: any permutation, some of it several times. */
export function arrivalsOf(
  history: fc.Arbitrary<readonly CustomerEvent[]>,
): fc.Arbitrary<{ readonly history: readonly CustomerEvent[]; readonly arrivals: readonly CustomerEvent[] }> {
  return history.chain((events) =>
    fc
      .tuple(
        fc.shuffledSubarray([...events], { minLength: events.length }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 }),
      )
      .map(([arrivals, repeats]) => {
        const all = [...arrivals];
        for (const [which, where] of repeats) {
          const again = events[which % events.length];
          if (again !== undefined) all.splice(where % (all.length + 1), 0, again);
        }
        return { history: events, arrivals: all };
      }),
  );
}
