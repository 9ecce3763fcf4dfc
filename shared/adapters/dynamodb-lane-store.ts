/** The lane in DynamoDB: one item. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LANE_PARTITION } from '../contracts/table.ts';
import { type Lane, OPEN_LANE } from '../lifecycle/lane.ts';
import { documentFrom, documentItem, DynamoDBTable, ifVersion, sharedClient } from './dynamodb-table.ts';
import type { LaneStore } from './lane-store.ts';

const LANE = 'LANE';

export class DynamoDBLaneStore implements LaneStore {
  readonly #table: DynamoDBTable;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new DynamoDBTable(client, tableName);
  }

  async read(): Promise<Lane> {
    const item = await this.#table.get(LANE_PARTITION, LANE);
    if (item === undefined) return OPEN_LANE;
    const { version, json } = documentFrom(item);
    const document: Omit<Lane, 'version'> = JSON.parse(json);
    return { ...document, version };
  }

  async save({ version, ...document }: Lane, expected: number): Promise<boolean> {
    const item = documentItem(LANE_PARTITION, LANE, version, document);
    return (await this.#table.put(item, ifVersion(expected))) === undefined;
  }
}

/** The lane of the deployment in this account and region. */
export function openLane(tableName: string): LaneStore {
  return new DynamoDBLaneStore(sharedClient(), tableName);
}
