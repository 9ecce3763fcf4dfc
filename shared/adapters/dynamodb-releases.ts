/** How releases and the pointer are laid out as items, and reading what functions read of them. */
import { gunzipSync } from 'node:zlib';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { POINTER_PARTITION, RELEASE_PARTITION } from '../contracts/content-table.ts';
import { documentFrom, DynamoDBTable, sharedClient } from './dynamodb-table.ts';
import type { Item } from './profile-item.ts';
import type { LiveReleases, Move } from './release-store.ts';

export const POINTER = 'POINTER';
/** How many pieces a part is in; on the first of them. */
export const PIECES = 'pieces';
export const DATA = 'data';
/** Between the name of a part and the number of a piece of it. */
export const BETWEEN = '\n';

export function pieceKey(
  releaseId: string,
  name: string,
  piece: number,
): readonly [partition: string, sortKey: string] {
  return [RELEASE_PARTITION + releaseId, `${name}${BETWEEN}${piece}`];
}

export function piecesOf(first: Item): number {
  return Number(first[PIECES]?.N ?? 0);
}

export function moveFrom(item: Item): Move {
  const { version, json } = documentFrom(item);
  const move: Omit<Move, 'number'> = JSON.parse(json);
  return { ...move, number: version };
}

/** A part from its pieces, each packed for itself; undefined when one is missing. */
export function textFrom(pieces: readonly (Item | undefined)[]): string | undefined {
  const whole = pieces.map((item) => item?.[DATA]?.B).filter((data) => data !== undefined);
  if (whole.length < pieces.length) return undefined;
  return Buffer.concat(whole.map((data) => gunzipSync(data))).toString('utf8');
}

export class DynamoDBReleases implements LiveReleases {
  protected readonly table: DynamoDBTable;

  constructor(client: DynamoDBClient, tableName: string) {
    this.table = new DynamoDBTable(client, tableName);
  }

  async live(): Promise<Move | undefined> {
    const item = await this.table.get(POINTER_PARTITION, POINTER, 'a moment ago');
    return item && moveFrom(item);
  }

  async latest(): Promise<Move | undefined> {
    const item = await this.table.get(POINTER_PARTITION, POINTER);
    return item && moveFrom(item);
  }

  async readPart(releaseId: string, name: string): Promise<string | undefined> {
    const first = await this.table.get(...pieceKey(releaseId, name, 0));
    if (first === undefined) return undefined;
    const further = Array.from({ length: piecesOf(first) - 1 }, (_, index) =>
      this.table.get(...pieceKey(releaseId, name, index + 1)),
    );
    return textFrom([first, ...(await Promise.all(further))]);
  }
}

/** The releases of the deployment in this account and region. */
export function openReleases(tableName: string): LiveReleases {
  return new DynamoDBReleases(sharedClient(), tableName);
}
