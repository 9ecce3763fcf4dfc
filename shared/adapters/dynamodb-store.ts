/** The customers in DynamoDB: single-item conditional writes only, no transactions and no streams. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { DUE_INDEX, DUE_SHARDS, TABLE } from '../contracts/table.ts';
import type { LedgerEntry } from '../lifecycle/customer/claim.ts';
import type { Profile } from '../lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../lifecycle/events/definition.ts';
import type { Instant } from '../lifecycle/time.ts';
import type { CustomerStore, DueIndex, Journalled } from './customer-store.ts';
import { customerOf, fromItem, type Item, partitionOf, PROFILE_KEY, toItem } from './profile-item.ts';
import { contentOf, eventFrom } from './stored-event.ts';

const EVENT = 'EVENT#';
const MESSAGE = 'MESSAGE#';
const CONTENT = 'content';
const ENTRY = 'entry';

/** Names are always aliased: the list of reserved words is long and grows. */
const NAMES = { '#pk': TABLE.partitionKey, '#sk': TABLE.sortKey };

function keyOf(customerId: string, sortKey: string): Item {
  return { [TABLE.partitionKey]: { S: partitionOf(customerId) }, [TABLE.sortKey]: { S: sortKey } };
}

function textOf(item: Item | undefined, attribute: string): string {
  return item?.[attribute]?.S ?? '';
}

function entryFrom(item: Item): LedgerEntry {
  const entry: LedgerEntry = JSON.parse(textOf(item, ENTRY));
  return entry;
}

export class DynamoDBStore implements CustomerStore, DueIndex {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#table = tableName;
  }

  async load(customerId: string): Promise<Profile | undefined> {
    const item = await this.#get(customerId, PROFILE_KEY);
    return item && fromItem(item);
  }

  async save(profile: Profile, expected: number): Promise<boolean> {
    const failed = await this.#putIf(
      toItem(profile),
      expected === 0 ? 'attribute_not_exists(#pk)' : '#version = :expected',
      expected === 0 ? { '#pk': TABLE.partitionKey } : { '#version': 'version' },
      expected === 0 ? undefined : marshall({ ':expected': expected }),
    );
    return failed === undefined;
  }

  async journal(event: CustomerEvent): Promise<Journalled> {
    const content = contentOf(event);
    const key = keyOf(event.customerId, EVENT + event.id);
    const item = { ...key, ...marshall({ [CONTENT]: content }) };
    // Put only if absent: a redelivered event finds itself, an id used twice is found out.
    const failed = await this.#putIf(item, 'attribute_not_exists(#pk)', { '#pk': TABLE.partitionKey });
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

  async readEntry(customerId: string, key: string): Promise<LedgerEntry | undefined> {
    const item = await this.#get(customerId, MESSAGE + key);
    return item && entryFrom(item);
  }

  async writeEntry(entry: LedgerEntry): Promise<boolean> {
    const item = {
      ...keyOf(entry.customerId, MESSAGE + entry.key),
      ...marshall({ outcome: entry.outcome, [ENTRY]: JSON.stringify(entry) }),
    };
    // Write-once, but for `sent`: evidence that SES accepted overrides every other end.
    const failed =
      entry.outcome === 'sent'
        ? await this.#putIf(
            item,
            'attribute_not_exists(#pk) OR #outcome <> :sent',
            { '#pk': TABLE.partitionKey, '#outcome': 'outcome' },
            marshall({ ':sent': 'sent' }),
          )
        : await this.#putIf(item, 'attribute_not_exists(#pk)', { '#pk': TABLE.partitionKey });
    return failed === undefined;
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
    const items = await this.#query({
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
    return this.#query({
      ConsistentRead: true,
      KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :prefix)',
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: marshall({ ':pk': partitionOf(customerId), ':prefix': prefix }),
    });
  }

  async #query(query: Omit<ConstructorParameters<typeof QueryCommand>[0], 'TableName'>): Promise<Item[]> {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await this.#client.send(
        new QueryCommand({ ...query, TableName: this.#table, ...(start && { ExclusiveStartKey: start }) }),
      );
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return items;
  }

  async #get(customerId: string, sortKey: string): Promise<Item | undefined> {
    const request = { TableName: this.#table, Key: keyOf(customerId, sortKey), ConsistentRead: true };
    return (await this.#client.send(new GetItemCommand(request))).Item;
  }

  async #delete(customerId: string, sortKey: string): Promise<void> {
    await this.#client.send(new DeleteItemCommand({ TableName: this.#table, Key: keyOf(customerId, sortKey) }));
  }

  /** Puts an item under a condition; when that fails, says so with the item found, where the store returns it. */
  async #putIf(
    item: Item,
    condition: string,
    names: Record<string, string>,
    values?: Record<string, AttributeValue>,
  ): Promise<{ readonly item: Item | undefined } | undefined> {
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: item,
          ConditionExpression: condition,
          ExpressionAttributeNames: names,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...(values && { ExpressionAttributeValues: values }),
        }),
      );
      return undefined;
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) return { item: cause.Item };
      throw cause;
    }
  }
}

/** The table of this account and region. */
export function openStore(tableName: string): DynamoDBStore {
  return new DynamoDBStore(new DynamoDBClient({}), tableName);
}
