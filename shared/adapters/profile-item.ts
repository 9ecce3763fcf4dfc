/**
 * The profile as a table item. What people look up in the console is a plain attribute; facts and memory are JSON with
 * the orders packed into tuples, so that a typical profile stays below 1 KB, one write unit.
 */
import { type AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { DUE_INDEX, DUE_SHARDS, TABLE } from '../contracts/table.ts';
import type { Living, Profile } from '../lifecycle/customer/profile.ts';
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

type StoredFacts = Omit<Partial<Facts>, 'orders'> & {
  readonly orders?: Omit<Partial<Orders>, 'ring'> & { readonly ring?: readonly PackedOrder[] };
};

/** Leaves out empty lists and records: they are what a reader assumes anyway. */
function withoutEmpty(group: object): object {
  const filled = Object.entries(group).filter(
    ([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0,
  );
  return Object.fromEntries(filled);
}

function packFacts(facts: Facts): object {
  const { ring, ...orders } = facts.orders;
  return withoutEmpty({ ...facts, orders: withoutEmpty({ ...orders, ring: ring.map(packOrder) }) });
}

function unpackFacts(stored: StoredFacts): Facts {
  const { ring, ...orders } = stored.orders ?? {};
  return {
    ...NO_FACTS,
    ...stored,
    orders: { ...NO_ORDERS, ...orders, ring: (ring ?? []).map(unpackOrder) },
    complaints: { ...NO_FACTS.complaints, ...stored.complaints },
  };
}

const NO_MEMORY = { episodes: {}, pending: {}, flight: {}, closing: {}, recent: [], closed: [] };

type Memory = Pick<Living, keyof typeof NO_MEMORY | 'lastChanges' | 'previousLife'>;

function memoryOf(customer: Living): Memory {
  const { episodes, pending, flight, closing, recent, closed, lastChanges, previousLife } = customer;
  return {
    episodes,
    pending,
    flight,
    closing,
    recent,
    closed,
    ...(lastChanges && { lastChanges }),
    ...(previousLife && { previousLife }),
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
  if (profile.kind === 'erased') return marshall({ ...head, erasedAt: profile.erasedAt });
  return marshall({
    ...head,
    stage: profile.stage,
    stageSince: profile.stageSince,
    evaluatedAt: profile.evaluatedAt,
    facts: JSON.stringify(packFacts(profile.facts)),
    memory: JSON.stringify(withoutEmpty(memoryOf(profile))),
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
  const { kind, life, version, dueAt, erasedAt, stage, stageSince, evaluatedAt } = stored;
  const customerId = customerOf(stored[TABLE.partitionKey] ?? '');
  const head = { customerId, life, version, ...(dueAt !== undefined && { dueAt }) };
  if (kind === 'erased') return { ...head, kind, erasedAt };
  const facts: StoredFacts = JSON.parse(stored.facts);
  const memory: Partial<Memory> = JSON.parse(stored.memory);
  return { ...head, kind, stage, stageSince, evaluatedAt, facts: unpackFacts(facts), ...NO_MEMORY, ...memory };
}
