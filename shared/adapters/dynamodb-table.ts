/** Reading and writing single items of the table. Every write that may race says on which condition it counts. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { TABLE } from '../contracts/table.ts';
import { type Item, UnreadableItem } from './profile-item.ts';

/** Names are always aliased: the list of reserved words is long and grows. */
export interface Condition {
  readonly expression: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** The condition did not hold; with the item that was found, where the store returns it. */
export interface Refused {
  readonly item: Item | undefined;
}

const VERSION = 'version';

export const IF_ABSENT: Condition = { expression: 'attribute_not_exists(#pk)', names: { '#pk': TABLE.partitionKey } };

/** Nobody has written since version `expected` was read; 0: since there was none. */
export function ifVersion(expected: number): Condition {
  if (expected === 0) return IF_ABSENT;
  return { expression: '#version = :expected', names: { '#version': VERSION }, values: { ':expected': expected } };
}

type Query = Omit<ConstructorParameters<typeof QueryCommand>[0], 'TableName'>;

export class DynamoDBTable {
  readonly #client: DynamoDBClient;
  readonly #name: string;

  constructor(client: DynamoDBClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /** As of now (a consistent read), or for half the price as of a moment ago. */
  async get(partition: string, sortKey: string, asOf: 'now' | 'a moment ago' = 'now'): Promise<Item | undefined> {
    const request = { TableName: this.#name, Key: keyOf(partition, sortKey), ConsistentRead: asOf === 'now' };
    return (await this.#client.send(new GetItemCommand(request))).Item;
  }

  /** All items a query finds. */
  async query(query: Query): Promise<Item[]> {
    const items: Item[] = [];
    for await (const page of this.pages(query)) items.push(...page);
    return items;
  }

  /** What a query finds, page after page, read as far as somebody asks for more. */
  async *pages(query: Query): AsyncGenerator<readonly Item[], void> {
    let start: Item | undefined;
    do {
      const page = await this.#client.send(
        new QueryCommand({ ...query, TableName: this.#name, ...(start && { ExclusiveStartKey: start }) }),
      );
      yield page.Items ?? [];
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  /** Puts an item if the condition holds; undefined when it did. */
  put(item: Item, condition: Condition): Promise<Refused | undefined> {
    return refusal(() =>
      this.#client.send(new PutItemCommand({ TableName: this.#name, Item: item, ...conditional(condition) })),
    );
  }

  /**
   * Sets attributes of an item, and adds to a number of it, if the condition holds; undefined when it did.
   *
   * @param adds an attribute that is missing counts as 0
   */
  update(
    partition: string,
    sortKey: string,
    attributes: Readonly<Record<string, string | number>>,
    condition: Condition,
    adds?: { readonly attribute: string; readonly by: number },
  ): Promise<Refused | undefined> {
    const named = Object.entries(attributes);
    const names = {
      ...condition.names,
      ...Object.fromEntries(named.map(([name], n) => [`#set${n}`, name])),
      ...(adds && { '#add': adds.attribute }),
    };
    const values = {
      ...condition.values,
      ...Object.fromEntries(named.map(([, value], n) => [`:set${n}`, value])),
      ...(adds && { ':add': adds.by }),
    };
    const set = `SET ${named.map((_, n) => `#set${n} = :set${n}`).join(', ')}`;
    const request = {
      TableName: this.#name,
      Key: keyOf(partition, sortKey),
      UpdateExpression: adds ? `${set} ADD #add :add` : set,
      ...conditional({ ...condition, names, values }),
    };
    return refusal(() => this.#client.send(new UpdateItemCommand(request)));
  }

  /** Deletes an item if the condition holds; undefined when it did. */
  delete(partition: string, sortKey: string, condition?: Condition): Promise<Refused | undefined> {
    const request = { TableName: this.#name, Key: keyOf(partition, sortKey), ...(condition && conditional(condition)) };
    return refusal(() => this.#client.send(new DeleteItemCommand(request)));
  }
}

export function keyOf(partition: string, sortKey: string): Item {
  return { [TABLE.partitionKey]: { S: partition }, [TABLE.sortKey]: { S: sortKey } };
}

function conditional({ expression, names, values }: Condition) {
  return {
    ConditionExpression: expression,
    ExpressionAttributeNames: names,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    ...(values && { ExpressionAttributeValues: marshall(values) }),
  } as const;
}

async function refusal(send: () => Promise<unknown>): Promise<Refused | undefined> {
  try {
    await send();
    return undefined;
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return { item: cause.Item };
    throw cause;
  }
}

/** Raised when the meaning of a stored document changes, together with code that still reads the old one. */
const FORMAT = 1;
const DOCUMENT = 'document';

/** An item that is one JSON document with a version. */
export function documentItem(
  partition: string,
  sortKey: string,
  version: number,
  document: object,
): Record<string, AttributeValue> {
  const attributes = { format: FORMAT, [VERSION]: version, [DOCUMENT]: JSON.stringify(document) };
  return { ...keyOf(partition, sortKey), ...marshall(attributes) };
}

/**
 * The inverse of {@link documentItem}.
 *
 * @returns the document as the JSON that was stored
 * @throws UnreadableItem for a format this code does not know
 */
export function documentFrom(item: Item): { readonly version: number; readonly json: string } {
  // Only `documentItem` writes these items, and the format says which version of it: they are ours, not foreign data.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const stored = unmarshall(item) as { readonly format: number; readonly version: number; readonly document: string };
  if (stored.format !== FORMAT) throw new UnreadableItem(`document of format ${stored.format}, expected ${FORMAT}`);
  return { version: stored.version, json: stored.document };
}

let client: DynamoDBClient | undefined;

/** DynamoDB of this account and region: one client, and with it one connection, for all that a function keeps there. */
export function sharedClient(): DynamoDBClient {
  client ??= new DynamoDBClient({});
  return client;
}
