import { expect, onTestFinished, test } from 'vitest';
import { Tables } from '../../infra/local/dynamodb.ts';
import type { AssemblyChange } from './fixture.ts';
import { DAY, SECOND, START, start } from './running.ts';

/** `record` may write items whose partition begins with `open-`, and no others. */
const onlyOpenOnes: AssemblyChange = (resources) => {
  const limited = JSON.stringify(resources['recordPolicy']).replace(
    /"Action":\["dynamodb:PutItem"/,
    '"Condition":{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["open-*"]}},$&',
  );
  expect(limited).toContain('LeadingKeys');
  resources['recordPolicy'] = JSON.parse(limited);
};

test('a right that ends at some partitions of a table lets a function write those and no others', async () => {
  const { twin, put, item } = await start({}, onlyOpenOnes);

  for (const customerId of ['open-1', 'closed-1']) await put('Note', { customerId, id: 'n' });
  await twin.advanceTo(START);

  expect(await item('open-1', 'NOTE#n')).toBeDefined();
  expect(await item('closed-1', 'NOTE#n')).toBeUndefined();
  expect(twin.logs.find(({ text }) => text.startsWith('AccessDenied'))?.text).toContain('dynamodb:PutItem');
});

test('the partition is read from the key of an update, too', async () => {
  const { twin, put, item } = await start({}, onlyOpenOnes);
  await put('Arm', { customerId: 'open-1', dueAt: START + SECOND });

  await twin.advanceTo(START + DAY);

  // Fired once and disarmed by an update.
  expect(await item('open-1', 'PROFILE')).not.toHaveProperty('dueAt');
  expect(twin.logs.filter(({ text }) => text.startsWith('AccessDenied'))).toEqual([]);
});

test('the partition is read from the condition of a query, whatever it is called there', async () => {
  const tables = new Tables(undefined, 'us-east-1', '000000000000');
  onTestFinished(() => tables.close());
  await tables.create({
    name: 'customers-test',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const keysOf = (query: object) =>
    tables.accessOf('Query', { TableName: 'customers-test', ...query }).map(({ context }) => context);
  const values = { ':p': { S: 'open-1' }, ':s': { S: 'a' } };

  expect(keysOf({ KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: values })).toEqual([
    { 'dynamodb:LeadingKeys': ['open-1'] },
  ]);
  const aliased = { ExpressionAttributeNames: { '#k': 'pk', '#s': 'sk' }, ExpressionAttributeValues: values };
  expect(keysOf({ KeyConditionExpression: '#s >= :s AND #k = :p', ...aliased })).toEqual([
    { 'dynamodb:LeadingKeys': ['open-1'] },
  ]);
});
