/** The census in DynamoDB: one item for what it found; customers by the index of profiles, and each by its key. */
import { BatchGetItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { CENSUS_PARTITION, PROFILES_INDEX, TABLE } from '../contracts/table.ts';
import type { Living } from '../lifecycle/customer/profile.ts';
import { type Census, type CensusStore, PAGE_CUSTOMERS } from './census-store.ts';
import { documentFrom, documentItem, DynamoDBTable, ifVersion, keyOf, sharedClient } from './dynamodb-table.ts';
import { fromItem, type Item, PROFILE_KEY } from './profile-item.ts';

const CENSUS = 'CENSUS';
const LIVING: Living['kind'] = 'living';
/** The most that one request may name. */
const BATCH_GET_LIMIT = 100;

export class DynamoDBCensus implements CensusStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #table: DynamoDBTable;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
    this.#table = new DynamoDBTable(client, tableName);
  }

  async read(): Promise<Census | undefined> {
    const item = await this.#table.get(CENSUS_PARTITION, CENSUS);
    if (item === undefined) return undefined;
    const { version, json } = documentFrom(item);
    const document: Omit<Census, 'version'> = JSON.parse(json);
    return { ...document, version };
  }

  async save({ version, ...document }: Census, expected: number): Promise<boolean> {
    const item = documentItem(CENSUS_PARTITION, CENSUS, version, document);
    return (await this.#table.put(item, ifVersion(expected))) === undefined;
  }

  async page(after: string | undefined) {
    // Always as of a moment ago, which costs half: what a customer did a second ago counts tomorrow night.
    const page = await this.#client.send(
      new QueryCommand({
        TableName: this.#tableName,
        IndexName: PROFILES_INDEX.name,
        KeyConditionExpression: '#kind = :living',
        ExpressionAttributeNames: { '#kind': PROFILES_INDEX.partitionKey },
        ExpressionAttributeValues: { ':living': { S: LIVING } },
        Limit: PAGE_CUSTOMERS,
        ...(after !== undefined && {
          ExclusiveStartKey: { ...keyOf(after, PROFILE_KEY), [PROFILES_INDEX.partitionKey]: { S: LIVING } },
        }),
      }),
    );
    const keys = (page.Items ?? []).map((item) => keyOf(item[TABLE.partitionKey]?.S ?? '', PROFILE_KEY));
    const batches = Array.from({ length: Math.ceil(keys.length / BATCH_GET_LIMIT) }, (_, n) =>
      this.#profiles(keys.slice(n * BATCH_GET_LIMIT, (n + 1) * BATCH_GET_LIMIT)),
    );
    const items = (await Promise.all(batches)).flat();
    // Whoever was erased since is still in the index for a moment.
    const customers = items.map(fromItem).filter((each) => each.kind === LIVING);
    const next = page.LastEvaluatedKey?.[TABLE.partitionKey]?.S;
    return next === undefined ? { customers } : { customers, next };
  }

  /** What is there of these; DynamoDB may leave some out and says which, for asking again. */
  async #profiles(keys: readonly Item[]): Promise<readonly Item[]> {
    const items: Item[] = [];
    for (let left: Item[] = [...keys]; left.length > 0;) {
      const answer = await this.#client.send(
        new BatchGetItemCommand({ RequestItems: { [this.#tableName]: { Keys: left } } }),
      );
      items.push(...(answer.Responses?.[this.#tableName] ?? []));
      left = answer.UnprocessedKeys?.[this.#tableName]?.Keys ?? [];
    }
    return items;
  }
}

/** The census of the deployment in this account and region. */
export function openCensus(tableName: string): CensusStore {
  return new DynamoDBCensus(sharedClient(), tableName);
}
