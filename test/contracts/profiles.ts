/** Profiles for tests of storage: one with everything set, and any number of generated ones. */
import * as fc from 'fast-check';
import type { Erased, Living, Profile } from '../../shared/lifecycle/customer/profile.ts';
import { addressSaidAt } from '../../shared/lifecycle/facts/person.ts';
import type { Facts } from '../../shared/lifecycle/facts/facts.ts';
import { STYLES } from '../../shared/lifecycle/facts/declared.ts';
import type { Orders } from '../../shared/lifecycle/facts/orders.ts';
import { REFERRER_KINDS } from '../../shared/lifecycle/facts/referrals.ts';
import { REVIEW_CHANNELS } from '../../shared/lifecycle/facts/reviews.ts';
import { STAGES } from '../../shared/lifecycle/stage.ts';
import { DAY } from '../../shared/lifecycle/time.ts';

const DAY_ONE = Date.parse('2026-01-01T10:00:00Z');

/** A fact that exists in one test only is none of them. */
type EveryFact = Required<Omit<Facts, 'mostWishesInTest'>>;

/** Every field of a profile and of its facts is set. */
export const FULL_PROFILE: Required<Living> & { readonly facts: EveryFact } = {
  kind: 'living',
  customerId: 'c-1042',
  life: 2,
  version: 1,
  facts: {
    person: [
      {
        at: DAY_ONE,
        id: 'p-1',
        name: 'Åsa "Tea" 😀',
        referral: { by: 'c-7', recommended: 'the sampler', kind: 'influencer' },
      },
      {
        at: DAY_ONE + 1,
        id: 'p-2',
        email: 'anna@example.com',
        locale: 'sv-SE',
        timeZone: 'Europe/Stockholm',
        accountManager: { name: 'Leila', email: 'leila@shop.example.com' },
      },
    ],
    addressedSince: DAY_ONE - 40,
    campaigns: [{ at: DAY_ONE + 7, id: 'ca-1', campaign: 'spring', step: 'new-harvest', audience: 'stage=active' }],
    consent: { marketing: 'soft_opt_in', source: 'checkout', wording: '2026-03', at: DAY_ONE, id: 'p-1' },
    orders: {
      ring: [
        { at: DAY_ONE, id: 'o-1', orderId: '1', minor: 0, currency: 'SEK' },
        { at: DAY_ONE + 1, id: 'o-2', orderId: '2', minor: 1, currency: 'JPY', cancelled: true, cancelledAt: 7 },
        { at: DAY_ONE + 2, id: 'o-3', orderId: '3', minor: 2, currency: 'KWD', deliveredAt: DAY_ONE + 9 },
        { at: DAY_ONE + 3, id: 'o-4', orderId: '4', minor: 3, currency: 'EUR', cancelled: true, deliveredAt: 0 },
        {
          at: DAY_ONE + 4,
          id: 'o-5',
          orderId: '5',
          minor: 4,
          currency: 'EUR',
          discounted: true,
          promisedBy: DAY_ONE + 8,
          category: 'tea',
        },
      ],
      refunds: [{ at: DAY_ONE + 4, id: 'r-1', refundId: '1', orderId: '4', minor: 3, currency: 'EUR' }],
      early: [{ orderId: '5', at: DAY_ONE + 5, cancelled: true, cancelledAt: DAY_ONE + 5, deliveredAt: DAY_ONE }],
      older: {
        history: { orders: 3, first: DAY_ONE - 9, last: DAY_ONE - 1, gaps: 2, lnGaps: 1.3862943611198906 },
        spend: { SEK: 12_345 },
        months: [[671, { SEK: 12_345 }]],
        discounted: 1,
        ids: 'AAAAAABBBBBB',
        cancelled: ['0'],
        newest: { at: DAY_ONE - 1, id: 'o-0' },
      },
      olderRefunds: {
        sums: { SEK: 1 },
        months: [[671, { SEK: 1 }]],
        ids: 'CCCCCC',
        last: { at: DAY_ONE - 1, id: 'r-0' },
      },
      earlyDropped: true,
    },
    logins: [20_454, 20_455],
    complaints: {
      known: [
        {
          complaintId: 'k-1',
          opened: { at: DAY_ONE, id: 'k-1o', severity: 'high' },
          resolved: { at: DAY_ONE + 1, id: 'k-1r' },
        },
      ],
      dropped: true,
    },
    choices: [
      { at: DAY_ONE, id: 'c-1', promotion: 'off', programmes: { 'win-back': 'off' }, language: '~sv' },
      { at: DAY_ONE + 1, id: 'c-2', pace: 'less', tailored: false },
    ],
    answers: [
      { at: DAY_ONE, id: 'a-1', question: 'reason', answer: 'price', programme: 'win-back', step: 'ask', about: '~2' },
      { at: DAY_ONE + 1, id: 'a-2', question: 'liked', answer: 'yes', programme: 'retention', step: 'your-view' },
      {
        at: DAY_ONE + 2,
        id: 'a-3',
        question: 'solved',
        answer: 'yes',
        programme: 'recovery',
        step: 'still-open',
        about: 'k-1',
        before: [{ at: DAY_ONE + 1, id: 'a-4', answer: 'no' }],
        again: { at: DAY_ONE + 3, id: 'a-5' },
        episode: 'k-1~mmbziio0',
      },
    ],
    answersLeft: { at: DAY_ONE - 1, id: 'a-0' },
    nps: { at: DAY_ONE, id: 'n-2', score: 0, before: [{ at: DAY_ONE, id: 'n-1', score: 9 }] },
    reviews: [{ at: DAY_ONE, id: 'v-1', reviewId: '1', rating: 2, channel: 'third_party' }],
    reviewsLeft: { at: DAY_ONE - 1, id: 'v-0' },
    basket: {
      cart: { at: DAY_ONE, id: 'b-1', items: 0 },
      checkout: { at: DAY_ONE, id: 'b-2' },
      before: [DAY_ONE - 2, DAY_ONE - 1],
      cleared: { at: DAY_ONE, id: 'b-3' },
    },
    coupons: [
      { at: DAY_ONE, id: 'u-1', code: '~TEN' },
      { at: DAY_ONE, id: 'u-2', code: 'TEN', orderId: '5' },
    ],
    subscriptions: {
      known: [{ id: '1', opened: { at: DAY_ONE, id: 's-1', endsAt: DAY_ONE + 9 }, closed: { at: DAY_ONE, id: 's-2' } }],
      dropped: true,
    },
    changes: { known: [{ id: '1', opened: { at: DAY_ONE, id: 'g-1', priced: false } }] },
    returns: [{ at: DAY_ONE, id: 't-1', returnId: '1', orderId: '4' }],
    declared: {
      style: { at: DAY_ONE, id: 'd-1', value: 'both' },
      previousSupplier: { at: DAY_ONE, id: 'd-1', value: 'Чайная лавка' },
    },
    objections: [
      { at: DAY_ONE, id: 'd-2', value: 'delivery', again: { at: DAY_ONE + 1, id: 'd-3' } },
      { at: DAY_ONE + 2, id: 'd-4', value: '~price' },
    ],
    objectionsLeft: true,
    agreed: [
      { at: DAY_ONE, id: 'g-2', newDate: DAY_ONE + 9, asked: DAY_ONE - 1, orderId: '4' },
      { at: DAY_ONE, id: 'g-3', newDate: DAY_ONE + 9, asked: DAY_ONE - 2 },
    ],
    referrals: [{ at: DAY_ONE, id: 'f-1', friendId: 'c-8', kind: 'partner' }],
    referralsLeft: { ids: 'abcdef', newest: { at: DAY_ONE, id: 'f-0' } },
    standing: { at: DAY_ONE, id: 'a-1', keyAccount: false, share: 0.5 },
    handled: [{ at: DAY_ONE, id: 'h-1', attentionId: '2/critic/1' }],
    confirmed: [
      { at: DAY_ONE, id: 'y-1', offerId: '1' },
      { at: DAY_ONE, id: 'y-2', offerId: '2', code: 'TEN' },
    ],
    clickedAt: DAY_ONE + 7,
    firstSeenAt: DAY_ONE - 10,
    interest: {
      latest: DAY_ONE,
      since: DAY_ONE - 9 * DAY,
      earlier: [{ from: DAY_ONE - 40 * DAY, to: DAY_ONE - 30.5 * DAY }],
      looked: { since: DAY_ONE, until: DAY_ONE + 1, views: 1, visits: 2 },
      studied: { since: DAY_ONE, until: DAY_ONE + 1, by: 'specification', count: 3, days: 2 },
      pondered: { since: DAY_ONE, sku: 'pot-1', days: 3 },
      first: { at: DAY_ONE, views: [DAY_ONE, DAY_ONE + 60_000] },
      sku: 'pot-1',
      category: 'pots',
    },
  },
  stage: 'at_risk',
  stageSince: DAY_ONE + 5,
  evaluatedAt: DAY_ONE + 6,
  lastChanges: {
    cause: 'o-4',
    changes: [{ from: 'active', to: 'at_risk', at: DAY_ONE + 5, reasons: ['silence', 'of 40 days'] }],
  },
  traits: ['researcher', 'tea-lover'],
  criticSince: DAY_ONE + 3,
  lapsedSince: DAY_ONE + 2,
  attention: [{ id: '2/critic/1', reason: 'critic', priority: 'high', at: DAY_ONE, cause: 'n-1' }],
  offers: [
    {
      key: '2/win-back/offer/1',
      offer: 'win-back',
      offerId: 'o-1',
      percent: 15,
      code: 'TEN',
      issuedAt: DAY_ONE,
      expiresAt: DAY_ONE + 9,
    },
    {
      key: '2/retention/bonus/1',
      offer: 'bonus',
      offerId: 'o-2',
      percent: 10,
      code: 'OURS123456',
      issuedAt: DAY_ONE,
      expiresAt: DAY_ONE + 9,
      confirmBy: DAY_ONE + 1,
      asked: { at: DAY_ONE, cause: 'due/1/0' },
    },
  ],
  episodes: { 'at-risk': { n: 2, beganAt: DAY_ONE + 5 } },
  pending: {
    '2/retention/check-in/2': { moment: 1, decidedAt: 2, attempt: 1, cause: 'o-4', notBefore: 3 },
  },
  flight: {
    '2/recovery/apology/k-1': {
      moment: 1,
      decidedAt: 2,
      attempt: 2,
      cause: 'k-1o',
      notBefore: 3,
      token: 't-1',
      lease: 4,
    },
  },
  closing: {
    '2/onboarding/guide/1': {
      moment: 1,
      decidedAt: 2,
      attempt: 1,
      cause: 'o-1',
      notBefore: 3,
      outcome: 'cancelled',
      reason: 'no longer wanted',
      closedAt: 5,
    },
  },
  recent: [
    { key: '2/onboarding/welcome/1', at: DAY_ONE },
    { key: '2/onboarding/guide/1', at: DAY_ONE, shadow: true },
    { key: '2/onboarding/check-in/0', at: DAY_ONE, answer: true },
  ],
  closed: [{ key: '2/onboarding/check-in/1', until: DAY_ONE + 7 }],
  dueAt: DAY_ONE + 8,
  previousLife: { erasedAt: DAY_ONE - 100, deleteAt: DAY_ONE - 50 },
  startsAt: DAY_ONE - 40,
  waveAt: DAY_ONE - 30,
};

const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });
/** Any text that is well-formed Unicode, with the names objects have by birth more often than by chance. */
const id = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 32 }).filter((text) => text.isWellFormed()),
  fc.constantFrom('__proto__', 'constructor', 'toString', '0', '#', '/'),
);
const minor = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const currency = fc.constantFrom('EUR', 'SEK', 'JPY');
const money = fc.dictionary(currency, minor, { noNullPrototype: true });
const stage = fc.constantFrom(...STAGES);
const yes = fc.constant(true as const);
const stamp = { at: instant, id };
const onOrOff = fc.constantFrom('on' as const, 'off' as const);

/** Fields that may be missing are left out rather than set to undefined. */
function record<T, K extends keyof T>(fields: { [Name in keyof T]: fc.Arbitrary<T[Name]> }, requiredKeys: K[]) {
  return fc.record(fields, { requiredKeys, noNullPrototype: true });
}

function whole<T>(fields: { [Name in keyof T]: fc.Arbitrary<T[Name]> }) {
  return fc.record(fields, { noNullPrototype: true });
}

const order = record(
  {
    ...stamp,
    orderId: id,
    minor,
    currency,
    cancelled: yes,
    cancelledAt: instant,
    deliveredAt: instant,
    promisedBy: instant,
    discounted: yes,
    category: id,
  },
  ['at', 'id', 'orderId', 'minor', 'currency'],
);
const refund = whole({ ...stamp, refundId: id, orderId: id, minor, currency });
const history = whole({
  orders: fc.nat(),
  first: instant,
  last: instant,
  gaps: fc.nat(),
  lnGaps: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
});

const months = fc.array(fc.tuple(fc.nat(), money), { maxLength: 3 });

const orders: fc.Arbitrary<Orders> = record(
  {
    ring: fc.array(order, { maxLength: 6 }),
    refunds: fc.array(refund, { maxLength: 3 }),
    early: fc.array(record({ orderId: id, at: instant, cancelled: yes, deliveredAt: instant }, ['orderId', 'at']), {
      maxLength: 3,
    }),
    older: record(
      {
        history,
        spend: money,
        months,
        discounted: fc.nat(),
        ids: fc.string(),
        cancelled: fc.array(id),
        newest: whole(stamp),
      },
      ['spend', 'months', 'discounted', 'ids', 'cancelled', 'newest'],
    ),
    olderRefunds: whole({ sums: money, months, ids: fc.string(), last: whole(stamp) }),
    earlyDropped: yes,
  },
  ['ring', 'refunds', 'early'],
);

const some = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: 1, maxLength: 3 });
const matters = <T>(opened: fc.Arbitrary<T>) =>
  record({ known: some(record({ id, opened, closed: whole(stamp) }, ['id'])), dropped: yes }, ['known']);

/** Whoever has an address has said it at some time. */
function addressed({ addressedSince, ...others }: Facts): Facts {
  const saidAt = addressSaidAt(others.person);
  return saidAt === undefined ? others : { ...others, addressedSince: addressedSince ?? saidAt };
}

const anyFacts: fc.Arbitrary<Facts> = record(
  {
    addressedSince: instant,
    person: fc.array(
      record(
        {
          ...stamp,
          email: fc.emailAddress(),
          name: fc.string(),
          locale: fc.constant('de'),
          timeZone: fc.constant('UTC'),
          accountManager: whole({ name: fc.string(), email: fc.emailAddress() }),
          referral: record({ by: id, recommended: fc.string(), kind: fc.constantFrom(...REFERRER_KINDS) }, ['by']),
        },
        ['at', 'id'],
      ),
      { maxLength: 3 },
    ),
    consent: record(
      {
        ...stamp,
        marketing: fc.constantFrom('opt_in' as const, 'soft_opt_in' as const, 'none' as const),
        source: fc.string(),
        wording: fc.string(),
      },
      ['at', 'id', 'marketing', 'source'],
    ),
    orders,
    logins: fc.array(fc.nat(), { maxLength: 16 }),
    complaints: record(
      {
        known: fc.array(
          record(
            {
              complaintId: id,
              opened: whole({ ...stamp, severity: fc.constantFrom('low' as const, 'high' as const) }),
              resolved: whole(stamp),
            },
            ['complaintId'],
          ),
          { maxLength: 3 },
        ),
        dropped: yes,
      },
      ['known'],
    ),
    choices: fc.array(
      record(
        {
          ...stamp,
          promotion: onOrOff,
          programmes: fc.dictionary(fc.constantFrom('retention', 'constructor'), onOrOff, {
            minKeys: 1,
            noNullPrototype: true,
          }),
          language: fc.constantFrom('de', 'fa'),
          pace: fc.constantFrom('usual' as const, 'less' as const),
          tailored: fc.boolean(),
        },
        ['at', 'id'],
      ),
      { minLength: 1, maxLength: 3 },
    ),
    answers: some(
      record(
        {
          ...stamp,
          programme: id,
          step: id,
          question: id,
          answer: id,
          about: id,
          before: some(whole({ ...stamp, answer: id })),
          again: whole(stamp),
          episode: id,
        },
        ['at', 'id', 'programme', 'step', 'question', 'answer'],
      ),
    ),
    objections: some(record({ ...stamp, value: id, again: whole(stamp) }, ['at', 'id', 'value'])),
    agreed: some(record({ ...stamp, newDate: instant, asked: instant, orderId: id }, ['at', 'id', 'newDate', 'asked'])),
    nps: whole({ ...stamp, score: fc.nat({ max: 10 }), before: some(whole({ ...stamp, score: fc.nat({ max: 10 }) })) }),
    reviews: some(
      whole({
        ...stamp,
        reviewId: id,
        rating: fc.integer({ min: 1, max: 5 }),
        channel: fc.constantFrom(...REVIEW_CHANNELS),
      }),
    ),
    basket: fc.oneof(
      whole({ cart: whole({ ...stamp, items: fc.nat() }) }),
      whole({ cart: whole({ ...stamp, items: fc.nat() }), checkout: whole(stamp) }),
      whole({ cart: whole({ ...stamp, items: fc.nat() }), cleared: whole(stamp) }),
    ),
    coupons: some(record({ ...stamp, code: id, orderId: id }, ['at', 'id', 'code'])),
    subscriptions: matters(whole({ ...stamp, endsAt: instant })),
    changes: matters(whole({ ...stamp, priced: fc.boolean() })),
    returns: some(whole({ ...stamp, returnId: id, orderId: id })),
    declared: fc.oneof(
      whole({ style: whole({ ...stamp, value: fc.constantFrom(...STYLES) }) }),
      whole({ previousSupplier: whole({ ...stamp, value: id }) }),
    ),
    referrals: some(whole({ ...stamp, friendId: id, kind: fc.constantFrom(...REFERRER_KINDS) })),
    standing: whole({ ...stamp, keyAccount: fc.boolean(), share: fc.constantFrom(0, 0.01, 1) }),
    handled: some(whole({ ...stamp, attentionId: id })),
    confirmed: some(record({ ...stamp, offerId: id, code: id }, ['at', 'id', 'offerId'])),
    clickedAt: instant,
    firstSeenAt: instant,
    interest: record(
      {
        latest: instant,
        since: instant,
        earlier: some(whole({ from: instant, to: instant })),
        looked: whole({ since: instant, until: instant, views: fc.nat(), visits: fc.nat() }),
        studied: whole({
          since: instant,
          until: instant,
          by: fc.constantFrom('specification' as const, 'download' as const),
          count: fc.nat(),
          days: fc.nat(),
        }),
        pondered: whole({ since: instant, sku: id, days: fc.nat() }),
        first: whole({ at: instant, views: fc.array(instant, { maxLength: 4 }) }),
        sku: id,
        category: id,
      },
      ['latest', 'first'],
    ),
  },
  ['person', 'orders', 'logins', 'complaints'],
);
const facts = anyFacts.map(addressed);

const pendingFields = { moment: instant, decidedAt: instant, attempt: fc.integer({ min: 1, max: 2 }) };
const optionalFields = { cause: id, notBefore: instant };
const PENDING = ['moment', 'decidedAt', 'attempt'] as const;

function byKey<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Readonly<Record<string, T>>> {
  const key = fc.tuple(fc.integer({ min: 1, max: 3 }), id).map(([life, end]) => `${life}/win-back/ask/${end}`);
  return fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true });
}

export const living: fc.Arbitrary<Living> = record(
  {
    kind: fc.constant('living' as const),
    customerId: id,
    life: fc.integer({ min: 1, max: 9 }),
    version: fc.integer({ min: 1 }),
    facts,
    stage,
    stageSince: instant,
    evaluatedAt: instant,
    lastChanges: whole({
      cause: id,
      changes: fc.array(whole({ from: stage, to: stage, at: instant, reasons: fc.array(fc.string()) }), {
        maxLength: 2,
      }),
    }),
    traits: fc.array(id, { maxLength: 2 }),
    attention: fc.array(
      whole({
        id,
        reason: id,
        priority: fc.constantFrom('low' as const, 'normal' as const, 'high' as const),
        at: instant,
        cause: id,
      }),
      { maxLength: 2 },
    ),
    offers: fc.array(
      record(
        {
          key: id,
          offer: id,
          offerId: id,
          percent: fc.nat({ max: 100 }),
          code: id,
          issuedAt: instant,
          expiresAt: instant,
          confirmBy: instant,
          asked: whole({ at: instant, cause: id }),
        },
        ['key', 'offer', 'offerId', 'percent', 'code', 'issuedAt', 'expiresAt'],
      ),
      { maxLength: 2 },
    ),
    episodes: byKey(whole({ n: fc.nat(), beganAt: instant })),
    pending: byKey(record({ ...pendingFields, ...optionalFields }, [...PENDING])),
    flight: byKey(
      record({ ...pendingFields, ...optionalFields, token: id, lease: instant }, [...PENDING, 'token', 'lease']),
    ),
    closing: byKey(
      record(
        {
          ...pendingFields,
          ...optionalFields,
          outcome: fc.constantFrom('withheld' as const, 'cancelled' as const, 'failed' as const),
          reason: fc.string(),
          closedAt: instant,
        },
        [...PENDING, 'outcome', 'reason', 'closedAt'],
      ),
    ),
    recent: fc.array(
      record({ key: id, at: instant, shadow: fc.constant(true as const), answer: fc.constant(true as const) }, [
        'key',
        'at',
      ]),
      { maxLength: 3 },
    ),
    closed: fc.array(whole({ key: id, until: instant }), { maxLength: 3 }),
    dueAt: instant,
    startsAt: instant,
    previousLife: record(
      { erasedAt: instant, forgottenUntil: instant, deleteAt: instant, addresses: fc.array(id, { maxLength: 2 }) },
      ['erasedAt'],
    ),
  },
  [
    'kind',
    'customerId',
    'life',
    'version',
    'facts',
    'stage',
    'stageSince',
    'evaluatedAt',
    'traits',
    'attention',
    'offers',
    'episodes',
    'pending',
    'flight',
    'closing',
    'recent',
    'closed',
  ],
);

const erased: fc.Arbitrary<Erased> = record(
  {
    kind: fc.constant('erased' as const),
    customerId: id,
    life: fc.integer({ min: 1, max: 9 }),
    version: fc.integer({ min: 1 }),
    erasedAt: instant,
    forgottenUntil: instant,
    dueAt: instant,
    addresses: fc.array(id, { maxLength: 2 }),
    recent: fc.array(record({ key: id, at: instant }, ['key', 'at']), { maxLength: 2 }),
  },
  ['kind', 'customerId', 'life', 'version', 'erasedAt'],
);

export const anyProfile: fc.Arbitrary<Profile> = fc.oneof({ weight: 9, arbitrary: living }, erased);
