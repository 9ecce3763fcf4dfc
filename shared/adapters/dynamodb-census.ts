/** The census in DynamoDB: one item for what it found, and a Scan for the customers. */
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CENSUS_PARTITION, TABLE } from '../contracts/table.ts';
import type { Census, CensusStore } from './census-store.ts';
import { documentFrom, documentItem, DynamoDBTable, ifVersion, keyOf, sharedClient } from './dynamodb-table.ts';
import { fromItem, PROFILE_KEY } from './profile-item.ts';

const CENSUS = 'CENSUS';
const BETWEEN = '\n';

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
    // Eventually consistent, which costs half: what a customer did a second ago counts tomorrow night.
    const page = await this.#client.send(
      new ScanCommand({
        TableName: this.#tableName,
        FilterExpression: '#sk = :profile',
        ExpressionAttributeNames: { '#sk': TABLE.sortKey },
        ExpressionAttributeValues: { ':profile': { S: PROFILE_KEY } },
        ...(after !== undefined && { ExclusiveStartKey: keyFrom(after) }),
      }),
    );
    const customers = (page.Items ?? []).map(fromItem).filter((each) => each.kind === 'living');
    const last = page.LastEvaluatedKey;
    if (last === undefined) return { customers };
    // Sort keys come first, for they hold no line break: event ids are free of control characters.
    const next = `${last[TABLE.sortKey]?.S ?? ''}${BETWEEN}${last[TABLE.partitionKey]?.S ?? ''}`;
    return { customers, next };
  }
}

function keyFrom(after: string) {
  const end = after.indexOf(BETWEEN);
  return keyOf(after.slice(end + 1), after.slice(0, end));
}

/** The census of the deployment in this account and region. */
export function openCensus(tableName: string): CensusStore {
  return new DynamoDBCensus(sharedClient(), tableName);
}
