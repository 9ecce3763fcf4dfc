/** The customers in DynamoDB: single-item conditional writes only, no transactions and no streams. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { DUE_INDEX, DUE_SHARDS, TABLE } from '../contracts/table.ts';
import type { LedgerEntry } from '../lifecycle/customer/claim.ts';
import { type DeliveryMark, deliveryOf, rankOf } from '../lifecycle/customer/delivery.ts';
import type { Profile } from '../lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../lifecycle/events/definition.ts';
import { NOTHING_SEEN } from '../lifecycle/facts/looks.ts';
import type { Instant } from '../lifecycle/time.ts';
import { BROWSING_KEY, fromBrowsingItem, toBrowsingItem } from './browsing-item.ts';
import type { CustomerStore, DueIndex, Journalled, Marked, StoredLooks } from './customer-store.ts';
import { type Condition, DynamoDBTable, IF_ABSENT, ifVersion, keyOf, sharedClient } from './dynamodb-table.ts';
import { customerOf, fromItem, type Item, partitionOf, PROFILE_KEY, toItem } from './profile-item.ts';
import { contentOf, eventFrom } from './stored-event.ts';

const EVENT = 'EVENT#';
/** Before the key of a message, in the sort key of its ledger entry. */
export const MESSAGE = 'MESSAGE#';
const CONTENT = 'content';
const ENTRY = 'entry';
const OUTCOME = 'outcome';
const SENT: LedgerEntry['outcome'] = 'sent';
const DELIVERY = 'delivery';
const RANK = 'rank';
const SEEN = { opened: 'openedAt', clicked: 'clickedAt' } as const;

function textOf(item: Item | undefined, attribute: string): string {
  return item?.[attribute]?.S ?? '';
}

function numberOf(item: Item, attribute: string): number | undefined {
  const text = item[attribute]?.N;
  return text === undefined ? undefined : Number(text);
}

/** The entry as it was written, with what was reported of its delivery since. */
export function entryFrom(item: Item): LedgerEntry {
  const entry: LedgerEntry = JSON.parse(textOf(item, ENTRY));
  const furthest = item[DELIVERY]?.S;
  const openedAt = numberOf(item, SEEN.opened);
  const clickedAt = numberOf(item, SEEN.clicked);
  const delivery = deliveryOf({
    ...(furthest !== undefined && { furthest: JSON.parse(furthest) }),
    ...(openedAt !== undefined && { openedAt }),
    ...(clickedAt !== undefined && { clickedAt }),
  });
  return { ...entry, ...(delivery && { delivery }) };
}

/** Only what was sent has a delivery; and marks only move forward: a higher number, or an earlier one. */
function ifForward(attribute: string, comparison: '<' | '>', value: number): Condition {
  return {
    expression: `#outcome = :sent AND (attribute_not_exists(#mark) OR #mark ${comparison} :mark)`,
    names: { '#outcome': OUTCOME, '#mark': attribute },
    values: { ':sent': SENT, ':mark': value },
  };
}

export class DynamoDBStore implements CustomerStore, DueIndex {
  readonly #table: DynamoDBTable;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new DynamoDBTable(client, tableName);
  }

  async load(customerId: string): Promise<Profile | undefined> {
    const item = await this.#get(customerId, PROFILE_KEY);
    return item && fromItem(item);
  }

  async save(profile: Profile, expected: number): Promise<boolean> {
    return (await this.#table.put(toItem(profile), ifVersion(expected))) === undefined;
  }

  async journal(event: CustomerEvent): Promise<Journalled> {
    const content = contentOf(event);
    const key = keyOf(partitionOf(event.customerId), EVENT + event.id);
    const item = { ...key, ...marshall({ [CONTENT]: content }) };
    // Put only if absent: a redelivered event finds itself, an id used twice is found out.
    const failed = await this.#table.put(item, IF_ABSENT);
    if (failed === undefined) return 'new';
    // Not every store returns the item with the failed condition; then one consistent read tells.
    const known = failed.item ?? (await this.#get(event.customerId, EVENT + event.id));
    return textOf(known, CONTENT) === content ? 'known' : 'different';
  }

  async readEvent(customerId: string, eventId: string): Promise<CustomerEvent | undefined> {
    const item = await this.#get(customerId, EVENT + eventId);
    return item && eventFrom(customerId, eventId, textOf(item, CONTENT));
  }

  async readJournal(customerId: string): Promise<readonly CustomerEvent[]> {
    const items = await this.#itemsOf(customerId, EVENT);
    return items.map((item) =>
      eventFrom(customerId, textOf(item, TABLE.sortKey).slice(EVENT.length), textOf(item, CONTENT)),
    );
  }

  async unjournal(customerId: string, eventId: string): Promise<void> {
    await this.#delete(customerId, EVENT + eventId);
  }

  async readLooks(customerId: string): Promise<StoredLooks> {
    const item = await this.#get(customerId, BROWSING_KEY);
    return item === undefined ? { browsing: NOTHING_SEEN, version: 0 } : fromBrowsingItem(item);
  }

  async saveLooks(customerId: string, looks: StoredLooks, expected: number): Promise<boolean> {
    return (await this.#table.put(toBrowsingItem(customerId, looks), ifVersion(expected))) === undefined;
  }

  async removeLooks(customerId: string, expected: number): Promise<boolean> {
    const refused = await this.#table.delete(partitionOf(customerId), BROWSING_KEY, ifVersion(expected));
    return refused === undefined;
  }

  async readEntry(customerId: string, key: string): Promise<LedgerEntry | undefined> {
    const item = await this.#get(customerId, MESSAGE + key);
    return item && entryFrom(item);
  }

  async writeEntry({ delivery: _reported, ...entry }: LedgerEntry): Promise<boolean> {
    const item = {
      ...keyOf(partitionOf(entry.customerId), MESSAGE + entry.key),
      ...marshall({ [OUTCOME]: entry.outcome, [ENTRY]: JSON.stringify(entry) }),
    };
    // Write-once, but for `sent`: evidence that SES accepted overrides every other end. What is sent already stays, and
    // the marks of its delivery with it.
    const condition: Condition =
      entry.outcome === SENT
        ? {
            expression: `${IF_ABSENT.expression} OR #outcome <> :sent`,
            names: { ...IF_ABSENT.names, '#outcome': OUTCOME },
            values: { ':sent': SENT },
          }
        : IF_ABSENT;
    return (await this.#table.put(item, condition)) === undefined;
  }

  async markDelivery(customerId: string, key: string, mark: DeliveryMark): Promise<Marked> {
    const partition = partitionOf(customerId);
    const refused = await ('status' in mark
      ? this.#table.update(
          partition,
          MESSAGE + key,
          { [RANK]: rankOf(mark), [DELIVERY]: JSON.stringify(mark) },
          ifForward(RANK, '<', rankOf(mark)),
        )
      : this.#table.update(
          partition,
          MESSAGE + key,
          { [SEEN[mark.seen]]: mark.at },
          ifForward(SEEN[mark.seen], '>', mark.at),
        ));
    if (refused === undefined) return 'marked';
    // Not every store returns the item with the failed condition; then one consistent read tells.
    const known = refused.item ?? (await this.#get(customerId, MESSAGE + key));
    if (known === undefined) return 'no entry';
    return textOf(known, OUTCOME) === SENT ? 'not further' : 'not sent';
  }

  async readLedger(customerId: string): Promise<readonly LedgerEntry[]> {
    return (await this.#itemsOf(customerId, MESSAGE)).map(entryFrom);
  }

  async removeEntry(customerId: string, key: string): Promise<void> {
    await this.#delete(customerId, MESSAGE + key);
  }

  async dueBetween(after: Instant, until: Instant) {
    const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => this.#dueOfShard(shard, after, until));
    return (await Promise.all(shards)).flat();
  }

  async #dueOfShard(shard: number, after: Instant, until: Instant) {
    const items = await this.#table.query({
      IndexName: DUE_INDEX.name,
      KeyConditionExpression: '#shard = :shard AND #due BETWEEN :from AND :until',
      ExpressionAttributeNames: { '#shard': DUE_INDEX.partitionKey, '#due': DUE_INDEX.sortKey },
      ExpressionAttributeValues: marshall({ ':shard': shard, ':from': after + 1, ':until': until }),
    });
    return items.map((item) => ({
      customerId: customerOf(textOf(item, TABLE.partitionKey)),
      dueAt: Number(item[DUE_INDEX.sortKey]?.N),
    }));
  }

  async #itemsOf(customerId: string, prefix: string): Promise<Item[]> {
    return this.#table.query({
      ConsistentRead: true,
      KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :prefix)',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey, '#sk': TABLE.sortKey },
      ExpressionAttributeValues: marshall({ ':pk': partitionOf(customerId), ':prefix': prefix }),
    });
  }

  #get(customerId: string, sortKey: string): Promise<Item | undefined> {
    return this.#table.get(partitionOf(customerId), sortKey);
  }

  async #delete(customerId: string, sortKey: string): Promise<void> {
    await this.#table.delete(partitionOf(customerId), sortKey);
  }
}

/** The table of this account and region. */
export function openStore(tableName: string): DynamoDBStore {
  return new DynamoDBStore(sharedClient(), tableName);
}
