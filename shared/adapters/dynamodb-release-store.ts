/**
 * Releases in DynamoDB, for who publishes. A part is one item of gzip, or several where it is longer than an item may be;
 * the first of them is written last and says how many there are, so that a part is there as a whole or not at all.
 */
import { gzipSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  DEPLOYED_PARTITION,
  HISTORY_PARTITION,
  POINTER_PARTITION,
  RELEASE_PARTITION,
} from '../contracts/content-table.ts';
import { TABLE } from '../contracts/table.ts';
import { type Condition, documentFrom, documentItem, IF_ABSENT, ifVersion, keyOf } from './dynamodb-table.ts';
import {
  BETWEEN,
  DATA,
  DynamoDBReleases,
  moveFrom,
  pieceKey,
  PIECES,
  piecesOf,
  POINTER,
  textFrom,
} from './dynamodb-releases.ts';
import type { Item } from './profile-item.ts';
import type { Deployed, Move, ReleaseStore } from './release-store.ts';

/**
 * Bytes of one item's share of a part before it is packed: an item holds 400 KB, keys and names of attributes included,
 * and what cannot be packed grows by some hundred bytes. Cut before packing, pieces fit each other whoever packed them.
 */
const LONGEST_PIECE = 390_000;

/** So that the moves of a history sort as they were made, for as long as anybody will publish. */
const NUMBER_DIGITS = 10;

const DEPLOYED = 'DEPLOYED';

const ALWAYS: Condition = {
  expression: 'attribute_not_exists(#pk) OR attribute_exists(#pk)',
  names: { '#pk': TABLE.partitionKey },
};

function moveItem(partition: string, sortKey: string, { number, ...move }: Move): Record<string, AttributeValue> {
  return documentItem(partition, sortKey, number, move);
}

export class DynamoDBReleaseStore extends DynamoDBReleases implements ReleaseStore {
  async move(move: Move, seen: Move | undefined): Promise<boolean> {
    // What the pointer said until now goes into the history before it is written over, so no move is ever lost.
    if (seen !== undefined) await this.table.put(historyItem(seen), IF_ABSENT);
    const refused = await this.table.put(moveItem(POINTER_PARTITION, POINTER, move), ifVersion(seen?.number ?? 0));
    return refused === undefined;
  }

  async history(): Promise<readonly Move[]> {
    const latest = await this.latest();
    const items = await this.table.query({
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey },
      ExpressionAttributeValues: { ':pk': { S: HISTORY_PARTITION } },
      ScanIndexForward: false,
      ConsistentRead: true,
    });
    const before = items.map(moveFrom).filter(({ number }) => number !== latest?.number);
    return latest === undefined ? before : [latest, ...before];
  }

  async writePart(releaseId: string, name: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const pieces = Math.max(1, Math.ceil(bytes.length / LONGEST_PIECE));
    // The first piece comes last. If absent: what is there is the same, and a second writer finds its own work done.
    for (let piece = pieces - 1; piece >= 0; piece -= 1) {
      const share = bytes.subarray(piece * LONGEST_PIECE, (piece + 1) * LONGEST_PIECE);
      const item: Item = {
        ...keyOf(...pieceKey(releaseId, name, piece)),
        [DATA]: { B: gzipSync(share) },
        ...(piece === 0 && { [PIECES]: { N: String(pieces) } }),
      };
      await this.table.put(item, IF_ABSENT);
    }
  }

  async readParts(releaseId: string): Promise<ReadonlyMap<string, string>> {
    const items = await this.table.query({
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey },
      ExpressionAttributeValues: { ':pk': { S: RELEASE_PARTITION + releaseId } },
      ConsistentRead: true,
    });
    const byKey = new Map(items.map((item) => [item[TABLE.sortKey]?.S ?? '', item]));
    const parts = new Map<string, string>();
    for (const [key, item] of byKey) {
      const [name = '', piece] = key.split(BETWEEN);
      if (piece !== '0') continue;
      const pieces = Array.from({ length: piecesOf(item) }, (_, index) => byKey.get(`${name}${BETWEEN}${index}`));
      const text = textFrom(pieces);
      if (text !== undefined) parts.set(name, text);
    }
    return parts;
  }

  async deployed(): Promise<Deployed | undefined> {
    const item = await this.table.get(DEPLOYED_PARTITION, DEPLOYED);
    if (item === undefined) return undefined;
    const deployed: Deployed = JSON.parse(documentFrom(item).json);
    return deployed;
  }

  async setDeployed(deployed: Deployed): Promise<void> {
    // The last deployment counts, whatever was there.
    await this.table.put(documentItem(DEPLOYED_PARTITION, DEPLOYED, 1, deployed), ALWAYS);
  }
}

function historyItem(move: Move): Record<string, AttributeValue> {
  return moveItem(HISTORY_PARTITION, String(move.number).padStart(NUMBER_DIGITS, '0'), move);
}
