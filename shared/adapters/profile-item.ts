/**
 * The profile as a table item. What people look up in the console is a plain attribute; facts and memory are JSON with
 * lists of alike things packed into tuples and UUIDs into 23 characters, so that a typical profile stays below 1 KB, one
 * write unit. What would not is compressed.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { type AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { DUE_INDEX, DUE_SHARDS, TABLE } from '../contracts/table.ts';
import {
  type Erased,
  type Living,
  NO_MEMORY,
  type Profile,
  type Recent,
  type StageChange,
} from '../lifecycle/customer/profile.ts';
import type { Answer } from '../lifecycle/facts/answers.ts';
import type { Basket } from '../lifecycle/facts/basket.ts';
import type { Addressed } from '../lifecycle/facts/campaigns.ts';
import type { Choice } from '../lifecycle/facts/choices.ts';
import type { Consent } from '../lifecycle/facts/consent.ts';
import { hash32 } from '../lifecycle/facts/digest.ts';
import type { CouponUse } from '../lifecycle/facts/coupons.ts';
import { type ConfirmedOffer, type Facts, type Handled, NO_FACTS } from '../lifecycle/facts/facts.ts';
import type { Interest } from '../lifecycle/facts/interest.ts';
import type { Nps } from '../lifecycle/facts/nps.ts';
import type { Objection } from '../lifecycle/facts/objections.ts';
import { NO_ORDERS, type Order, type Orders } from '../lifecycle/facts/orders.ts';
import type { Stamp } from '../lifecycle/facts/order-by-time.ts';
import { addressSaidAt, type PersonUpdate } from '../lifecycle/facts/person.ts';
import type { Agreed } from '../lifecycle/facts/promises.ts';
import type { Referral } from '../lifecycle/facts/referrals.ts';
import type { ReturnRequest } from '../lifecycle/facts/returns.ts';
import type { Review } from '../lifecycle/facts/reviews.ts';
import type { Standing } from '../lifecycle/facts/standing.ts';
import { DAY } from '../lifecycle/time.ts';
import type { Span } from '../lifecycle/traits/spans.ts';
import { sizeOf, WRITE_UNIT } from './item-size.ts';
import { DICTIONARIES, NEWEST_DICTIONARY } from './profile-dictionaries.ts';

export type Item = Record<string, AttributeValue>;

/** A new one whenever the meaning of a stored attribute changes, together with code that still reads the others. */
const FORMAT = {
  /** Facts and memory are texts. */
  readable: 1,
  /** Facts and memory are one text, compressed. */
  packed: 2,
} as const;
const FORMATS: readonly number[] = Object.values(FORMAT);

export const PROFILE_KEY = 'PROFILE';

export function partitionOf(customerId: string): string {
  return `CUSTOMER#${customerId}`;
}

/** The inverse of {@link partitionOf}. */
export function customerOf(partition: string): string {
  return partition.slice('CUSTOMER#'.length);
}

export function shardOf(customerId: string): number {
  return hash32(customerId) % DUE_SHARDS;
}

/** JSON of a tuple: what is missing in between is null. */
type Tuple = readonly unknown[];

/** Things of one kind as tuples of their fields, in this order for ever; new fields come last. */
function tuples<T extends object>(...fields: readonly (keyof T & string)[]) {
  return {
    pack: (value: T): Tuple => {
      const last = fields.findLastIndex((field) => value[field] !== undefined);
      return fields.slice(0, last + 1).map((field) => value[field]);
    },
    unpack: (tuple: Tuple): T => {
      const named = fields.map((field, index) => [field, tuple[index]] as const);
      // Only `pack` makes these tuples.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return Object.fromEntries(named.filter(([, value]) => value !== undefined && value !== null)) as T;
    },
  };
}

interface PackedOrder extends Omit<Order, 'cancelled' | 'discounted'> {
  readonly flags?: number;
}

const FLAG = { cancelled: 1, discounted: 2 } as const;
const orderTuples = tuples<PackedOrder>(
  'at',
  'id',
  'orderId',
  'minor',
  'currency',
  'flags',
  'deliveredAt',
  'promisedBy',
  'category',
  'cancelledAt',
);

function packOrder({ cancelled, discounted, ...order }: Order): Tuple {
  const { deliveredAt, promisedBy, category, cancelledAt } = order;
  const flags = (cancelled ? FLAG.cancelled : 0) + (discounted ? FLAG.discounted : 0);
  const isMore = flags > 0 || [deliveredAt, promisedBy, category, cancelledAt].some((each) => each !== undefined);
  // A zero is shorter than the null of a missing field.
  return orderTuples.pack(isMore ? { ...order, flags } : order);
}

function unpackOrder(tuple: Tuple): Order {
  const { flags = 0, ...order } = orderTuples.unpack(tuple);
  return {
    ...order,
    ...((flags & FLAG.cancelled) !== 0 && { cancelled: true }),
    ...((flags & FLAG.discounted) !== 0 && { discounted: true }),
  };
}

const consentTuples = tuples<Consent>('marketing', 'source', 'at', 'id', 'wording');
const objectionTuples = tuples<Objection>('at', 'id', 'value', 'again');
const answerTuples = tuples<Answer>(
  'at',
  'id',
  'programme',
  'step',
  'question',
  'answer',
  'about',
  'before',
  'again',
  'episode',
);
const agreedTuples = tuples<Agreed>('at', 'id', 'newDate', 'asked', 'orderId');
const npsTuples = tuples<Nps>('at', 'id', 'score', 'before');
const standingTuples = tuples<Standing>('at', 'id', 'keyAccount', 'share');
const reviewTuples = tuples<Review>('at', 'id', 'reviewId', 'rating', 'channel');
const couponTuples = tuples<CouponUse>('at', 'id', 'code', 'orderId');
const referralTuples = tuples<Referral>('at', 'id', 'friendId', 'kind');
const returnTuples = tuples<ReturnRequest>('at', 'id', 'returnId', 'orderId');
const handledTuples = tuples<Handled>('at', 'id', 'attentionId');
const confirmedTuples = tuples<ConfirmedOffer>('at', 'id', 'offerId', 'code');
const addressedTuples = tuples<Addressed>('at', 'id', 'campaign', 'step', 'audience');
const cartTuples = tuples<NonNullable<Basket['cart']>>('at', 'id', 'items');
const checkoutTuples = tuples<Stamp>('at', 'id');
const lookedTuples = tuples<NonNullable<Interest['looked']>>('since', 'until', 'views', 'visits');
const studiedTuples = tuples<NonNullable<Interest['studied']>>('since', 'until', 'by', 'count', 'days');
const ponderedTuples = tuples<NonNullable<Interest['pondered']>>('since', 'sku', 'days');

/** What was said at a time, with whatever was said. */
type PackedSaying<Said extends Stamp> = [at: number, id: string, said: Omit<Said, keyof Stamp>];

function packPersonUpdate({ at, id, ...said }: PersonUpdate): PackedSaying<PersonUpdate> {
  return [at, id, said];
}

/** Written until a person became a tuple, and still read. */
function isPlain(stored: PackedSaying<PersonUpdate> | PersonUpdate): stored is PersonUpdate {
  return !Array.isArray(stored);
}

function unpackPersonUpdate(stored: PackedSaying<PersonUpdate> | PersonUpdate): PersonUpdate {
  if (isPlain(stored)) return stored;
  const [at, id, said] = stored;
  return { at, id, ...said };
}

function packChoice({ at, id, ...said }: Choice): PackedSaying<Choice> {
  return [at, id, said];
}

function unpackChoice([at, id, said]: PackedSaying<Choice>): Choice {
  return { at, id, ...said };
}

/** When the first look was, and how long after it the first views were. */
type PackedFirst = readonly [at: number, ...views: number[]];

function packFirst({ at, views }: Interest['first']): PackedFirst {
  return [at, ...views.map((view) => view - at)];
}

function unpackFirst([at, ...views]: PackedFirst): Interest['first'] {
  return { at, views: views.map((view) => at + view) };
}

/** All of it in one tuple: whoever looks around has it, and most of it is times. */
type PackedInterest = readonly [
  latest: number,
  first: PackedFirst,
  looked: Tuple | null,
  studied: Tuple | null,
  pondered: Tuple | null,
  sku?: string | null,
  category?: string | null,
  /** Days since the epoch: from and to, the latest stretch without its end last. */
  stretches?: readonly number[],
];

function packStretches({ since, earlier = [] }: Interest): readonly number[] {
  const times = [...earlier.flatMap(({ from, to }) => [from, to]), ...(since === undefined ? [] : [since])];
  return times.map((time) => time / DAY);
}

function unpackStretches(days: readonly number[]): Pick<Interest, 'since' | 'earlier'> {
  const times = days.map((day) => Math.round(day * DAY));
  const since = times.length % 2 === 1 ? times.at(-1) : undefined;
  const earlier: Span[] = [];
  for (let index = 0; index + 1 < times.length; index += 2) {
    const [from, to] = [times[index], times[index + 1]];
    if (from !== undefined && to !== undefined) earlier.push({ from, to });
  }
  return { ...(since !== undefined && { since }), ...(earlier.length > 0 && { earlier }) };
}

function packInterest(interest: Interest): PackedInterest {
  const { latest, first, looked, studied, pondered, sku, category } = interest;
  const core = [
    latest,
    packFirst(first),
    looked ? lookedTuples.pack(looked) : null,
    studied ? studiedTuples.pack(studied) : null,
    pondered ? ponderedTuples.pack(pondered) : null,
  ] as const;
  const stretches = packStretches(interest);
  if (stretches.length > 0) return [...core, sku ?? null, category ?? null, stretches];
  return sku === undefined && category === undefined ? core : [...core, sku ?? null, category ?? null];
}

function unpackInterest(packed: PackedInterest): Interest {
  const [latest, first, looked, studied, pondered, sku, category, stretches = []] = packed;
  return {
    latest,
    ...unpackStretches(stretches),
    first: unpackFirst(first),
    ...(looked && { looked: lookedTuples.unpack(looked) }),
    ...(studied && { studied: studiedTuples.unpack(studied) }),
    ...(pondered && { pondered: ponderedTuples.unpack(pondered) }),
    ...(typeof sku === 'string' && { sku }),
    ...(typeof category === 'string' && { category }),
  };
}

type PackedBasket = readonly [cart: Tuple | null, checkout?: Tuple | null, before?: readonly number[], cleared?: Tuple];

function packBasket({ cart, checkout, before, cleared }: Basket): PackedBasket {
  const packed = cart ? cartTuples.pack(cart) : null;
  if (cleared) {
    return [packed, checkout ? checkoutTuples.pack(checkout) : null, before ?? [], checkoutTuples.pack(cleared)];
  }
  if (checkout === undefined) return [packed];
  const packedToo = checkoutTuples.pack(checkout);
  return before ? [packed, packedToo, before] : [packed, packedToo];
}

function unpackBasket([cart, checkout, before = [], cleared]: PackedBasket): Basket {
  return {
    ...(cart && { cart: cartTuples.unpack(cart) }),
    ...(checkout && { checkout: checkoutTuples.unpack(checkout) }),
    ...(before.length > 0 && { before }),
    ...(cleared && { cleared: checkoutTuples.unpack(cleared) }),
  };
}

/** The facts that are stored as tuples, each as a list of them but for those there is one of. */
interface StoredFacts extends Omit<Partial<Facts>, PackedFact> {
  readonly orders?: Omit<Partial<Orders>, 'ring'> & { readonly ring?: readonly Tuple[] };
  readonly consent?: Tuple;
  readonly person?: readonly (PackedSaying<PersonUpdate> | PersonUpdate)[];
  readonly choices?: readonly PackedSaying<Choice>[];
  readonly answers?: readonly Tuple[];
  readonly agreed?: readonly Tuple[];
  readonly objections?: readonly Tuple[];
  readonly nps?: Tuple;
  readonly standing?: Tuple;
  readonly reviews?: readonly Tuple[];
  readonly coupons?: readonly Tuple[];
  readonly referrals?: readonly Tuple[];
  readonly returns?: readonly Tuple[];
  readonly handled?: readonly Tuple[];
  readonly confirmed?: readonly Tuple[];
  readonly campaigns?: readonly Tuple[];
  readonly interest?: PackedInterest;
  readonly basket?: PackedBasket;
  /** When an address was said first, counted like `seen`; left out where the present one was never said before. */
  readonly addressed?: number;
  /** When the customer was first seen, counted from the oldest thing known of the person: for most people nothing. */
  readonly seen?: number;
}

type PackedFact =
  | 'person'
  | 'addressedSince'
  | 'firstSeenAt'
  | 'orders'
  | 'consent'
  | 'choices'
  | 'answers'
  | 'agreed'
  | 'objections'
  | 'nps'
  | 'standing'
  | 'reviews'
  | 'coupons'
  | 'referrals'
  | 'returns'
  | 'handled'
  | 'confirmed'
  | 'campaigns'
  | 'interest'
  | 'basket';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;
/** Where the hyphens stand. */
const UUID_PARTS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/u;
const SHORT = '~';

/** Replacer: a UUID as its 16 bytes in base64url behind a tilde; a text that begins with a tilde gets another one. */
function shortened(_key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (UUID.test(value)) return SHORT + Buffer.from(value.replaceAll('-', ''), 'hex').toString('base64url');
  return value.startsWith(SHORT) ? SHORT + value : value;
}

/** Reviver, the inverse of {@link shortened}. */
function restored(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(SHORT)) return value;
  const text = value.slice(SHORT.length);
  if (text.startsWith(SHORT)) return text;
  return Buffer.from(text, 'base64url').toString('hex').replace(UUID_PARTS, '$1-$2-$3-$4-$5');
}

/** Leaves out empty lists and records: they are what a reader assumes anyway. */
function withoutEmpty(group: object): object {
  const filled = Object.entries(group).filter(
    ([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0,
  );
  return Object.fromEntries(filled);
}

function packFacts(facts: Facts): object {
  const { person, addressedSince, firstSeenAt, orders, consent, choices, answers, nps, standing, reviews, ...others } =
    facts;
  const { basket, campaigns, coupons, referrals, returns, handled, confirmed, interest, ...more } = others;
  const { agreed, objections, ...plain } = more;
  const { ring, ...older } = orders;
  return withoutEmpty({
    ...plain,
    person: person.map(packPersonUpdate),
    ...(addressedSince !== undefined &&
      addressedSince !== addressSaidAt(person) && { addressed: addressedSince - (person[0]?.at ?? 0) }),
    ...(firstSeenAt !== undefined && { seen: firstSeenAt - (person[0]?.at ?? 0) }),
    orders: withoutEmpty({ ...older, ring: ring.map(packOrder) }),
    complaints: withoutEmpty(facts.complaints),
    ...(consent && { consent: consentTuples.pack(consent) }),
    ...(choices && { choices: choices.map(packChoice) }),
    ...(answers && { answers: answers.map(answerTuples.pack) }),
    ...(agreed && { agreed: agreed.map(agreedTuples.pack) }),
    ...(objections && { objections: objections.map(objectionTuples.pack) }),
    ...(nps && { nps: npsTuples.pack(nps) }),
    ...(standing && { standing: standingTuples.pack(standing) }),
    ...(reviews && { reviews: reviews.map(reviewTuples.pack) }),
    ...(coupons && { coupons: coupons.map(couponTuples.pack) }),
    ...(referrals && { referrals: referrals.map(referralTuples.pack) }),
    ...(returns && { returns: returns.map(returnTuples.pack) }),
    ...(handled && { handled: handled.map(handledTuples.pack) }),
    ...(confirmed && { confirmed: confirmed.map(confirmedTuples.pack) }),
    ...(campaigns && { campaigns: campaigns.map(addressedTuples.pack) }),
    ...(interest && { interest: packInterest(interest) }),
    ...(basket && { basket: packBasket(basket) }),
  });
}

const NO_MONTHS = { months: [] };
const UNCOUNTED = { ...NO_MONTHS, discounted: 0 };

/** Sums from before they were also kept by month, and discounted orders counted: what is not known is left out. */
function withMonths({ older, olderRefunds, ...orders }: Partial<Orders>): Partial<Orders> {
  return {
    ...orders,
    ...(older && { older: { ...UNCOUNTED, ...older } }),
    ...(olderRefunds && { olderRefunds: { ...NO_MONTHS, ...olderRefunds } }),
  };
}

function unpackFacts(stored: StoredFacts): Facts {
  const {
    person = [],
    addressed,
    seen,
    orders = {},
    consent,
    choices,
    answers,
    nps,
    standing,
    reviews,
    ...others
  } = stored;
  const { basket, campaigns, coupons, referrals, returns, handled, confirmed, interest, ...more } = others;
  const { agreed, objections, ...plain } = more;
  const { ring = [], ...older } = orders;
  const updates = person.map(unpackPersonUpdate);
  const addressedSince = addressed === undefined ? addressSaidAt(updates) : (updates[0]?.at ?? 0) + addressed;
  return {
    ...NO_FACTS,
    ...plain,
    person: updates,
    ...(addressedSince !== undefined && { addressedSince }),
    ...(seen !== undefined && { firstSeenAt: (updates[0]?.at ?? 0) + seen }),
    orders: { ...NO_ORDERS, ...withMonths(older), ring: ring.map(unpackOrder) },
    complaints: { ...NO_FACTS.complaints, ...stored.complaints },
    ...(consent && { consent: consentTuples.unpack(consent) }),
    ...(choices && { choices: choices.map(unpackChoice) }),
    ...(answers && { answers: answers.map(answerTuples.unpack) }),
    ...(agreed && { agreed: agreed.map(agreedTuples.unpack) }),
    ...(objections && { objections: objections.map(objectionTuples.unpack) }),
    ...(nps && { nps: npsTuples.unpack(nps) }),
    ...(standing && { standing: standingTuples.unpack(standing) }),
    ...(reviews && { reviews: reviews.map(reviewTuples.unpack) }),
    ...(coupons && { coupons: coupons.map(couponTuples.unpack) }),
    ...(referrals && { referrals: referrals.map(referralTuples.unpack) }),
    ...(returns && { returns: returns.map(returnTuples.unpack) }),
    ...(handled && { handled: handled.map(handledTuples.unpack) }),
    ...(confirmed && { confirmed: confirmed.map(confirmedTuples.unpack) }),
    ...(campaigns && { campaigns: campaigns.map(addressedTuples.unpack) }),
    ...(interest && { interest: unpackInterest(interest) }),
    ...(basket && { basket: unpackBasket(basket) }),
  };
}

type Memory = Pick<
  Living,
  keyof typeof NO_MEMORY | 'criticSince' | 'lapsedSince' | 'lastChanges' | 'previousLife' | 'startsAt' | 'waveAt'
>;

type PackedRecent = [key: string, at: number, flags?: number];
const SHADOW = 1;
const ANSWER = 2;

function packRecent({ key, at, shadow, answer }: Recent): PackedRecent {
  const flags = (shadow ? SHADOW : 0) + (answer ? ANSWER : 0);
  return flags > 0 ? [key, at, flags] : [key, at];
}

function unpackRecent([key, at, flags = 0]: PackedRecent): Recent {
  return {
    key,
    at,
    ...((flags & SHADOW) !== 0 && { shadow: true }),
    ...((flags & ANSWER) !== 0 && { answer: true }),
  };
}

type PackedEpisode = [n: number, beganAt: number];
type PackedChange = [StageChange['from'], StageChange['to'], at: number, StageChange['reasons']];

interface StoredMemory extends Partial<
  Pick<
    Memory,
    | 'traits'
    | 'criticSince'
    | 'lapsedSince'
    | 'attention'
    | 'offers'
    | 'pending'
    | 'flight'
    | 'closing'
    | 'previousLife'
  >
> {
  readonly episodes?: Readonly<Record<string, PackedEpisode>>;
  readonly recent?: readonly PackedRecent[];
  readonly closed?: readonly [key: string, until: number][];
  readonly changes?: readonly [cause: string, readonly PackedChange[]];
  readonly starts?: readonly [startsAt: number, waveAfter?: number];
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function packMemory(customer: Living): object {
  const { traits, attention, offers, episodes, pending, flight, closing, recent, closed, lastChanges, previousLife } =
    customer;
  const { criticSince, lapsedSince, startsAt, waveAt } = customer;
  const stored: StoredMemory = {
    traits,
    ...(criticSince !== undefined && { criticSince }),
    ...(lapsedSince !== undefined && { lapsedSince }),
    attention,
    offers,
    episodes: mapValues(episodes, ({ n, beganAt }): PackedEpisode => [n, beganAt]),
    pending,
    flight,
    closing,
    recent: recent.map(packRecent),
    closed: closed.map(({ key, until }) => [key, until]),
    ...(lastChanges && {
      changes: [
        lastChanges.cause,
        lastChanges.changes.map(({ from, to, at, reasons }): PackedChange => [from, to, at, reasons]),
      ],
    }),
    ...(previousLife && { previousLife }),
    ...(startsAt !== undefined && { starts: waveAt === undefined ? [startsAt] : [startsAt, waveAt - startsAt] }),
  };
  return withoutEmpty(stored);
}

function unpackMemory({ episodes, recent, closed, changes, starts, ...others }: StoredMemory): Memory {
  const [startsAt, waveAfter] = starts ?? [];
  return {
    ...NO_MEMORY,
    ...others,
    episodes: mapValues(episodes ?? {}, ([n, beganAt]) => ({ n, beganAt })),
    recent: (recent ?? []).map(unpackRecent),
    closed: (closed ?? []).map(([key, until]) => ({ key, until })),
    ...(changes && {
      lastChanges: {
        cause: changes[0],
        changes: changes[1].map(([from, to, at, reasons]) => ({ from, to, at, reasons })),
      },
    }),
    ...(startsAt !== undefined && { startsAt, ...(waveAfter !== undefined && { waveAt: startsAt + waveAfter }) }),
  };
}

/**
 * Facts and memory as attributes: readable as long as the item stays within one write unit; else as one text, compressed,
 * with the number of the dictionary it takes to read it.
 */
function attributesOf(customer: Living, others: Item): Item {
  const facts = JSON.stringify(packFacts(customer.facts), shortened);
  const memory = JSON.stringify(packMemory(customer), shortened);
  const readable = { ...others, ...marshall({ format: FORMAT.readable, facts, memory }) };
  if (sizeOf(readable) <= WRITE_UNIT) return readable;
  const packed = deflateRawSync(`{"facts":${facts},"memory":${memory}}`, {
    dictionary: dictionaryOf(NEWEST_DICTIONARY),
    level: constants.Z_BEST_COMPRESSION,
  });
  return { ...others, ...marshall({ format: FORMAT.packed, dictionary: NEWEST_DICTIONARY, packed }) };
}

export function toItem(profile: Profile): Item {
  const { customerId, kind, life, version, dueAt } = profile;
  const head = {
    [TABLE.partitionKey]: partitionOf(customerId),
    [TABLE.sortKey]: PROFILE_KEY,
    kind,
    life,
    version,
    ...(dueAt !== undefined && { [DUE_INDEX.sortKey]: dueAt, [DUE_INDEX.partitionKey]: shardOf(customerId) }),
  };
  if (profile.kind === 'erased') {
    const { erasedAt, forgottenUntil, addresses, recent } = profile;
    return marshall({
      ...head,
      format: FORMAT.readable,
      erasedAt,
      ...(forgottenUntil !== undefined && { forgottenUntil }),
      ...(addresses && { addresses: JSON.stringify(addresses) }),
      ...(recent && { recent: JSON.stringify(recent) }),
    });
  }
  const { stage, stageSince, evaluatedAt } = profile;
  return attributesOf(profile, marshall({ ...head, stage, stageSince, evaluatedAt }));
}

/** What of a profile whose content is spoilt it takes to replace it. */
export type Spoilt = Pick<Living, 'life' | 'version'>;

/** An item of the table was not written by this code, or by a later format of it. */
export class UnreadableItem extends Error {
  override readonly name = 'UnreadableItem';
  /** Undefined when it must not be replaced: a later format is well, and a tombstone keeps a person forgotten. */
  readonly spoilt: Spoilt | undefined;

  constructor(message: string, options?: ErrorOptions, spoilt?: Spoilt) {
    super(message, options);
    this.spoilt = spoilt;
  }
}

interface StoredHead {
  readonly format: number;
  readonly kind: Profile['kind'];
  readonly life: number;
  readonly version: number;
  readonly dueAt?: number;
  readonly erasedAt: number;
  readonly forgottenUntil?: number;
  readonly addresses?: string;
  readonly recent?: string;
  readonly stage: Living['stage'];
  readonly stageSince: number;
  readonly evaluatedAt: number;
  readonly facts: string;
  readonly memory: string;
}

interface StoredPacked {
  readonly dictionary: number;
  readonly packed: Uint8Array;
}

interface Contents {
  readonly facts: StoredFacts;
  readonly memory: StoredMemory;
}

function dictionaryOf(number: number): Uint8Array {
  const dictionary = DICTIONARIES.get(number);
  if (dictionary === undefined)
    throw new UnreadableItem(`profile packed with dictionary ${number}, which is not known`);
  return dictionary;
}

function contentsOf({ format, facts, memory, dictionary, packed }: StoredHead & StoredPacked): Contents {
  if (format === FORMAT.readable) return { facts: JSON.parse(facts, restored), memory: JSON.parse(memory, restored) };
  return JSON.parse(inflateRawSync(packed, { dictionary: dictionaryOf(dictionary) }).toString(), restored);
}

/**
 * Reads a profile back.
 *
 * @throws UnreadableItem for a format or a dictionary this code does not know, and for content that is spoilt
 */
export function fromItem(item: Item): Profile {
  // Only `toItem` writes these items, and the format says which version of it: they are ours, not foreign data.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const stored = unmarshall(item) as StoredHead & StoredPacked & Record<string, string>;
  if (!FORMATS.includes(stored.format)) {
    throw new UnreadableItem(`profile of format ${stored.format}, expected ${FORMATS.join(' or ')}`);
  }
  const { kind, life, version, dueAt, erasedAt, forgottenUntil, addresses, recent, stage, stageSince, evaluatedAt } =
    stored;
  const customerId = customerOf(stored[TABLE.partitionKey] ?? '');
  const head = { customerId, life, version, ...(dueAt !== undefined && { dueAt }) };
  if (kind === 'erased') {
    const hashes: readonly string[] | undefined = addresses === undefined ? undefined : JSON.parse(addresses);
    const sent: Erased['recent'] = recent === undefined ? undefined : JSON.parse(recent);
    return {
      ...head,
      kind,
      erasedAt,
      ...(forgottenUntil !== undefined && { forgottenUntil }),
      ...(hashes && { addresses: hashes }),
      ...(sent && { recent: sent }),
    };
  }
  try {
    const { facts, memory } = contentsOf(stored);
    return { ...head, kind, stage, stageSince, evaluatedAt, facts: unpackFacts(facts), ...unpackMemory(memory) };
  } catch (cause) {
    if (cause instanceof UnreadableItem) throw cause;
    throw new UnreadableItem('profile that cannot be read', { cause }, { life, version });
  }
}
