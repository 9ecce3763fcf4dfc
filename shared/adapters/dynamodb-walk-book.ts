/** Walks in DynamoDB: one small partition. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { WALKS_PARTITION } from '../contracts/table.ts';
import { documentFrom, documentItem, DynamoDBTable, ifVersion } from './dynamodb-table.ts';
import type { Walk, WalkBook } from './walk-book.ts';

export class DynamoDBWalkBook implements WalkBook {
  readonly #table: DynamoDBTable;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new DynamoDBTable(client, tableName);
  }

  async read(name: string): Promise<Walk | undefined> {
    const item = await this.#table.get(WALKS_PARTITION, name);
    if (item === undefined) return undefined;
    const { version, json } = documentFrom(item);
    const document: Omit<Walk, 'version'> = JSON.parse(json);
    return { ...document, version };
  }

  async save({ version, ...document }: Walk, expected: number): Promise<boolean> {
    const item = documentItem(WALKS_PARTITION, document.name, version, document);
    return (await this.#table.put(item, ifVersion(expected))) === undefined;
  }
}
