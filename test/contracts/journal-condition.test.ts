/**
 * A write that fails its condition, from a DynamoDB that returns the item found (as AWS does) and one that does not (as
 * some emulators): both lead to the same answer, and only the second costs a read.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { DynamoDBStore } from '../../shared/adapters/dynamodb-store.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { openWire, replyJson, TEST_CREDENTIALS, TEST_REGION, type Wire } from './wire.ts';

const EVENT: CustomerEvent = {
  id: 'e-1',
  type: 'Login Succeeded',
  customerId: 'c-1',
  occurredAt: 1,
  data: { customerId: 'c-1' },
};

const put = z.object({ Item: z.record(z.string(), z.unknown()) });
const onFailure = z.object({ ReturnValuesOnConditionCheckFailure: z.string() });

let wire: Wire | undefined;

afterEach(async () => wire?.close());

/** A store whose table holds the first item put into it, and refuses every write after that. */
async function openTable(returnsItem: boolean) {
  let item: Record<string, unknown> | undefined;
  const opened = await openWire(({ target, body }, response) => {
    if (target.endsWith('.GetItem')) return replyJson(response, 200, { Item: item });
    const request: unknown = JSON.parse(body);
    if (item === undefined && target.endsWith('.PutItem')) {
      item = put.parse(request).Item;
      return replyJson(response, 200, {});
    }
    const wanted = onFailure.parse(request).ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    const found = returnsItem && wanted && item !== undefined ? { Item: item } : {};
    return replyJson(response, 400, {
      ['__type']: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
      message: 'The conditional request failed',
      ...found,
    });
  });
  wire = opened;
  const client = new DynamoDBClient({ endpoint: opened.endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS });
  return {
    store: new DynamoDBStore(client, 'customers'),
    requests: () => opened.received.map(({ target }) => target.replace('DynamoDB_20120810.', '')),
  };
}

it.each([
  { returnsItem: true, requests: ['PutItem', 'PutItem', 'PutItem'] },
  { returnsItem: false, requests: ['PutItem', 'PutItem', 'GetItem', 'PutItem', 'GetItem'] },
])('an item found that is returned ($returnsItem) saves the read', async ({ returnsItem, requests }) => {
  const table = await openTable(returnsItem);

  expect(await table.store.journal(EVENT)).toBe('new');
  expect(await table.store.journal(EVENT)).toBe('known');
  expect(await table.store.journal({ ...EVENT, occurredAt: 2 })).toBe('different');
  expect(table.requests()).toEqual(requests);
});

it.each([
  { returnsItem: true, requests: ['UpdateItem', 'GetItem', 'PutItem', 'UpdateItem'] },
  { returnsItem: false, requests: ['UpdateItem', 'GetItem', 'PutItem', 'UpdateItem', 'GetItem'] },
])('a mark that is refused tells why, with the item returned ($returnsItem)', async ({ returnsItem, requests }) => {
  const table = await openTable(returnsItem);
  const entry = { customerId: 'c-1', key: '1/onboarding/welcome/1', outcome: 'sent' } as const;
  const mark = () => table.store.markDelivery(entry.customerId, entry.key, { status: 'delivered', at: 1 });

  expect(await mark()).toBe('no entry');
  await table.store.writeEntry({ ...entry, moment: 1, decidedAt: 1, endedAt: 1, attempt: 1 });
  expect(await mark()).toBe('not further');
  expect(table.requests()).toEqual(requests);
});
