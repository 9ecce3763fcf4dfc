/**
 * The profile as a table item. What people look up in the console is a plain attribute; facts and memory are JSON with
 * lists of alike things packed into tuples and UUIDs into 23 characters, so that a typical profile stays below 1 KB, one
 * write unit.
 */
import { type AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { DUE_INDEX, DUE_SHARDS, TABLE } from '../contracts/table.ts';
import type { Erased, Living, Profile, StageChange } from '../lifecycle/customer/profile.ts';
import type { Answer } from '../lifecycle/facts/answers.ts';
import type { Choice } from '../lifecycle/facts/choices.ts';
import type { Consent } from '../lifecycle/facts/consent.ts';
import { hash32 } from '../lifecycle/facts/digest.ts';
import { type Facts, NO_FACTS } from '../lifecycle/facts/facts.ts';
import { NO_ORDERS, type Order, type Orders } from '../lifecycle/facts/orders.ts';

export type Item = Record<string, AttributeValue>;

/** Raised when the meaning of a stored attribute changes, together with code that still reads the old one. */
const FORMAT = 1;

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

type PackedOrder = [at: number, id: string, orderId: string, minor: number, currency: string, ...rest: number[]];

const CANCELLED = 1;

function packOrder({ at, id, orderId, minor, currency, cancelled, deliveredAt }: Order): PackedOrder {
  const packed: PackedOrder = [at, id, orderId, minor, currency];
  if (cancelled || deliveredAt !== undefined) packed.push(cancelled ? CANCELLED : 0);
  if (deliveredAt !== undefined) packed.push(deliveredAt);
  return packed;
}

function unpackOrder([at, id, orderId, minor, currency, flags, deliveredAt]: PackedOrder): Order {
  return {
    at,
    id,
    orderId,
    minor,
    currency,
    ...(flags === CANCELLED && { cancelled: true }),
    ...(deliveredAt !== undefined && { deliveredAt }),
  };
}

type PackedConsent = [Consent['marketing'], source: string, at: number, id: string, ...wording: string[]];

function packConsent({ marketing, source, at, id, wording }: Consent): PackedConsent {
  return wording === undefined ? [marketing, source, at, id] : [marketing, source, at, id, wording];
}

function unpackConsent([marketing, source, at, id, wording]: PackedConsent): Consent {
  return { marketing, source, at, id, ...(wording !== undefined && { wording }) };
}

type PackedChoice = [at: number, id: string, said: Omit<Choice, 'at' | 'id'>];

function packChoice({ at, id, ...said }: Choice): PackedChoice {
  return [at, id, said];
}

function unpackChoice([at, id, said]: PackedChoice): Choice {
  return { at, id, ...said };
}

type PackedAnswer = [at: number, id: string, programme: string, step: string, question: string, answer: string];

function packAnswer({ at, id, programme, step, question, answer }: Answer): PackedAnswer {
  return [at, id, programme, step, question, answer];
}

function unpackAnswer([at, id, programme, step, question, answer]: PackedAnswer): Answer {
  return { at, id, programme, step, question, answer };
}

type StoredFacts = Omit<Partial<Facts>, 'orders' | 'consent' | 'choices' | 'answers'> & {
  readonly orders?: Omit<Partial<Orders>, 'ring'> & { readonly ring?: readonly PackedOrder[] };
  readonly consent?: PackedConsent;
  readonly choices?: readonly PackedChoice[];
  readonly answers?: readonly PackedAnswer[];
};

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
  const { ring, ...orders } = facts.orders;
  const { consent, choices, answers, ...others } = facts;
  return withoutEmpty({
    ...others,
    orders: withoutEmpty({ ...orders, ring: ring.map(packOrder) }),
    complaints: withoutEmpty(facts.complaints),
    ...(consent && { consent: packConsent(consent) }),
    ...(choices && { choices: choices.map(packChoice) }),
    ...(answers && { answers: answers.map(packAnswer) }),
  });
}

function unpackFacts(stored: StoredFacts): Facts {
  const { ring, ...orders } = stored.orders ?? {};
  const { consent, choices, answers, ...others } = stored;
  return {
    ...NO_FACTS,
    ...others,
    ...(consent && { consent: unpackConsent(consent) }),
    ...(choices && { choices: choices.map(unpackChoice) }),
    ...(answers && { answers: answers.map(unpackAnswer) }),
    orders: { ...NO_ORDERS, ...orders, ring: (ring ?? []).map(unpackOrder) },
    complaints: { ...NO_FACTS.complaints, ...stored.complaints },
  };
}

const NO_MEMORY = { episodes: {}, pending: {}, flight: {}, closing: {}, recent: [], closed: [] };

type Memory = Pick<Living, keyof typeof NO_MEMORY | 'lastChanges' | 'previousLife'>;

type PackedRecent = [key: string, at: number, shadow?: typeof SHADOW];
const SHADOW = 1;

type PackedEpisode = [n: number, beganAt: number];
type PackedChange = [StageChange['from'], StageChange['to'], at: number, StageChange['reasons']];

interface StoredMemory extends Partial<Pick<Memory, 'pending' | 'flight' | 'closing' | 'previousLife'>> {
  readonly episodes?: Readonly<Record<string, PackedEpisode>>;
  readonly recent?: readonly PackedRecent[];
  readonly closed?: readonly [key: string, until: number][];
  readonly changes?: readonly [cause: string, readonly PackedChange[]];
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function packMemory(customer: Living): object {
  const { episodes, pending, flight, closing, recent, closed, lastChanges, previousLife } = customer;
  const stored: StoredMemory = {
    episodes: mapValues(episodes, ({ n, beganAt }): PackedEpisode => [n, beganAt]),
    pending,
    flight,
    closing,
    recent: recent.map(({ key, at, shadow }): PackedRecent => (shadow ? [key, at, SHADOW] : [key, at])),
    closed: closed.map(({ key, until }) => [key, until]),
    ...(lastChanges && {
      changes: [
        lastChanges.cause,
        lastChanges.changes.map(({ from, to, at, reasons }): PackedChange => [from, to, at, reasons]),
      ],
    }),
    ...(previousLife && { previousLife }),
  };
  return withoutEmpty(stored);
}

function unpackMemory({ episodes, recent, closed, changes, ...others }: StoredMemory): Memory {
  return {
    ...NO_MEMORY,
    ...others,
    episodes: mapValues(episodes ?? {}, ([n, beganAt]) => ({ n, beganAt })),
    recent: (recent ?? []).map(([key, at, shadow]) => ({ key, at, ...(shadow === SHADOW && { shadow: true }) })),
    closed: (closed ?? []).map(([key, until]) => ({ key, until })),
    ...(changes && {
      lastChanges: {
        cause: changes[0],
        changes: changes[1].map(([from, to, at, reasons]) => ({ from, to, at, reasons })),
      },
    }),
  };
}

export function toItem(profile: Profile): Item {
  const { customerId, kind, life, version, dueAt } = profile;
  const head = {
    [TABLE.partitionKey]: partitionOf(customerId),
    [TABLE.sortKey]: PROFILE_KEY,
    format: FORMAT,
    kind,
    life,
    version,
    ...(dueAt !== undefined && { [DUE_INDEX.sortKey]: dueAt, [DUE_INDEX.partitionKey]: shardOf(customerId) }),
  };
  if (profile.kind === 'erased') {
    const { erasedAt, forgottenUntil, addresses, recent } = profile;
    return marshall({
      ...head,
      erasedAt,
      ...(forgottenUntil !== undefined && { forgottenUntil }),
      ...(addresses && { addresses: JSON.stringify(addresses) }),
      ...(recent && { recent: JSON.stringify(recent) }),
    });
  }
  return marshall({
    ...head,
    stage: profile.stage,
    stageSince: profile.stageSince,
    evaluatedAt: profile.evaluatedAt,
    facts: JSON.stringify(packFacts(profile.facts), shortened),
    memory: JSON.stringify(packMemory(profile), shortened),
  });
}

/** An item of the table was not written by this code, or by a later format of it. */
export class UnreadableItem extends Error {
  override readonly name = 'UnreadableItem';
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

/**
 * Reads a profile back.
 *
 * @throws UnreadableItem for a format this code does not know
 */
export function fromItem(item: Item): Profile {
  // Only `toItem` writes these items, and the format says which version of it: they are ours, not foreign data.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const stored = unmarshall(item) as StoredHead & Record<string, string>;
  if (stored.format !== FORMAT) throw new UnreadableItem(`profile of format ${stored.format}, expected ${FORMAT}`);
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
  const facts: StoredFacts = JSON.parse(stored.facts, restored);
  const memory: StoredMemory = JSON.parse(stored.memory, restored);
  return { ...head, kind, stage, stageSince, evaluatedAt, facts: unpackFacts(facts), ...unpackMemory(memory) };
}
