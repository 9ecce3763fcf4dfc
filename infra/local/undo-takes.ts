/**
 * Gives back, on a start with data of an earlier one, the messages that were taken when that one was killed and never got to SES.
 * In AWS nobody can ask SES, and such a message ends as one of unknown outcome. Here the whole world ended at once, SES with
 * it, and its mailbox tells: what it took is settled by its reports, and what it did not take waits as it did before the take.
 */
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { DynamoDBStore } from '../../shared/adapters/dynamodb-store.ts';
import { fromItem, type Item, PROFILE_KEY, UnreadableItem } from '../../shared/adapters/profile-item.ts';
import { TABLE } from '../../shared/contracts/table.ts';
import { LEASE_SECONDS } from '../../shared/contracts/timing.ts';
import { giveBack } from '../../shared/lifecycle/customer/claim.ts';
import type { Flight, Living, Profile } from '../../shared/lifecycle/customer/profile.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { Twin } from './contract.ts';

const SECOND = 1000;
/** What a message says it waited for: its function was held up after the take. */
const HELD_BY = 'late';

const tagOf = (text: string) => Buffer.from(text).toString('base64url');

/** One attempt to send one message, as the tags of its mail name it. */
function attemptOf(customer: string, key: string, attempt: string): string {
  return `${customer} ${key} ${attempt}`;
}

function takenAt({ lease }: Flight): Instant {
  return lease - LEASE_SECONDS * SECOND;
}

/**
 * Call it before anything runs; called again it changes nothing.
 *
 * @returns how many messages were given back
 */
export async function undoTakes(twin: Pick<Twin, 'endpoint' | 'region' | 'tableName' | 'mailbox'>): Promise<number> {
  const { endpoint, region, tableName, mailbox } = twin;
  const atSes = new Set(mailbox.map(({ tags: { c = '', k = '', n = '' } }) => attemptOf(c, k, n)));
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const client = new DynamoDBClient({ endpoint, region, credentials });
  const store = new DynamoDBStore(client, tableName);
  let undone = 0;
  try {
    const profiles = paginateScan(
      { client },
      {
        TableName: tableName,
        ConsistentRead: true,
        FilterExpression: '#sk = :profile',
        ExpressionAttributeNames: { '#sk': TABLE.sortKey },
        ExpressionAttributeValues: { ':profile': { S: PROFILE_KEY } },
      },
    );
    for await (const page of profiles) {
      for (const item of page.Items ?? []) {
        const profile = readable(item);
        if (profile?.kind !== 'living') continue;
        const { customerId, flight, version } = profile;
        const isAtSes = ([key, { attempt }]: readonly [string, Flight]) =>
          atSes.has(attemptOf(tagOf(customerId), tagOf(key), String(attempt)));
        const lost = Object.entries(flight).filter((each) => !isAtSes(each));
        if (lost.length === 0) continue;
        const changed = lost.reduce(untake, profile);
        await store.save({ ...changed, version: version + 1 }, version);
        undone += lost.length;
      }
    }
    return undone;
  } finally {
    client.destroy();
  }
}

/** Undefined for a profile that only a repair can read. */
function readable(item: Item): Profile | undefined {
  try {
    return fromItem(item);
  } catch (error) {
    if (error instanceof UnreadableItem) return undefined;
    throw error;
  }
}

/** As the sender gives a message back; its timer goes off at the moment of the take, so that it is sent as of then. */
function untake(customer: Living, [key, flight]: readonly [string, Flight]): Living {
  const at = takenAt(flight);
  return { ...giveBack(customer, key, flight, at, HELD_BY), dueAt: Math.min(customer.dueAt ?? at, at) };
}
