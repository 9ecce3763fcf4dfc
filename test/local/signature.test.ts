import { GetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSendQuotaCommand, SESClient } from '@aws-sdk/client-ses';
import { expect, onTestFinished, test } from 'vitest';
import { START, start } from './running.ts';

const KEY = { pk: { S: 'c1' }, sk: { S: 'PROFILE' } };

/** The access key of the first thread that is started. */
const FIRST_THREAD = 'ASIATWIN000000000001';

test('who uses the access key of a function without its secret is refused, in the words of the service', async () => {
  const { twin, put, item } = await start();
  await put('Note', { customerId: 'c1', id: 'n' });
  await twin.advanceTo(START);
  // The function itself signs with the secret it was given.
  expect(await item('c1', 'NOTE#n')).toBeDefined();
  const { endpoint, region } = twin;
  const forged = { accessKeyId: FIRST_THREAD, secretAccessKey: FIRST_THREAD };
  const table = new DynamoDBClient({ endpoint, region, maxAttempts: 1, credentials: forged });
  const ses = new SESClient({ endpoint, region, maxAttempts: 1, credentials: forged });
  onTestFinished(() => {
    table.destroy();
    ses.destroy();
  });
  const read = table.send(new GetItemCommand({ TableName: 'customers-test', Key: KEY }));
  await expect(read).rejects.toThrow(expect.objectContaining({ name: 'InvalidSignatureException' }));
  await expect(ses.send(new GetSendQuotaCommand({}))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
});

test('the credentials of a function end with its execution environment', async () => {
  const { twin, put } = await start();
  await put('Exit', { customerId: 'c1' });
  await twin.advanceTo(START);
  const { endpoint, region } = twin;
  const credentials = { accessKeyId: FIRST_THREAD, secretAccessKey: FIRST_THREAD };
  const table = new DynamoDBClient({ endpoint, region, maxAttempts: 1, credentials });
  onTestFinished(() => table.destroy());
  const read = table.send(new GetItemCommand({ TableName: 'customers-test', Key: KEY }));
  await expect(read).rejects.toMatchObject({ name: 'ExpiredTokenException' });
});
