/** The lane in DynamoDB: one item. */
import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LANE_PARTITION } from '../contracts/table.ts';
import { type Lane, OPEN_LANE } from '../lifecycle/lane.ts';
import { documentFrom, documentItem, DynamoDBTable, ifVersion, sharedClient } from './dynamodb-table.ts';
import type { LaneStore } from './lane-store.ts';

const LANE = 'LANE';
/** Tells one write from another that stores the same. */
const WRITE = 'write';

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
    const write = { S: randomUUID() };
    const item = { ...documentItem(LANE_PARTITION, LANE, version, document), [WRITE]: write };
    const refused = await this.#table.put(item, ifVersion(expected));
    if (refused === undefined) return true;
    // One that the client repeated, because its answer was lost, is refused for its own success.
    const known = refused.item ?? (await this.#table.get(LANE_PARTITION, LANE));
    return known?.[WRITE]?.S === write.S;
  }
}

/** The lane of the deployment in this account and region. */
export function openLane(tableName: string): LaneStore {
  return new DynamoDBLaneStore(sharedClient(), tableName);
}
