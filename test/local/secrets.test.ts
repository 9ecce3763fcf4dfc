import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { removeDirectory } from './fixture.ts';
import { type Running, start, START } from './running.ts';

const LINKS = 'shop-links';

function clientOf({ twin: { endpoint, region } }: Running): SecretsManagerClient {
  const credentials = { accessKeyId: 'shop', secretAccessKey: 'secret' };
  const client = new SecretsManagerClient({ endpoint, region, credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

async function valueOf(client: SecretsManagerClient, SecretId = LINKS, VersionStage?: string): Promise<unknown> {
  const command = new GetSecretValueCommand({ SecretId, ...(VersionStage !== undefined && { VersionStage }) });
  return (await client.send(command)).SecretString;
}

test('a generated secret obeys its rules and goes by name, ARN, and ARN without its suffix', async () => {
  const client = clientOf(await start());
  const answer = await client.send(new GetSecretValueCommand({ SecretId: LINKS }));
  expect(answer).toMatchObject({ Name: LINKS, VersionStages: ['AWSCURRENT'], CreatedDate: new Date(START) });
  expect(answer.SecretString).toMatch(/^[A-Za-z0-9]{43}$/);
  expect(answer.ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:shop-links-[A-Za-z0-9]{6}$/);
  const arn = answer.ARN ?? '';
  expect(await valueOf(client, arn)).toBe(answer.SecretString);
  expect(await valueOf(client, arn.slice(0, -'-XXXXXX'.length))).toBe(answer.SecretString);
  const { SecretList } = await client.send(new ListSecretsCommand({}));
  expect(SecretList?.map(({ Name }) => Name)).toEqual([LINKS, 'shop-addresses']);
  // By default a secret has 32 characters, some of each kind.
  expect(await valueOf(client, 'shop-addresses')).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^A-Za-z0-9]).{32}$/);
});

test('a new value becomes current, the one before stays to be asked for, and the one before that is gone', async () => {
  const client = clientOf(await start());
  const first = await valueOf(client);
  await expect(valueOf(client, LINKS, 'AWSPREVIOUS')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS",
  });
  const second = await client.send(new PutSecretValueCommand({ SecretId: LINKS, SecretString: 'second' }));
  expect(second.VersionStages).toEqual(['AWSCURRENT']);
  expect([await valueOf(client), await valueOf(client, LINKS, 'AWSPREVIOUS')]).toEqual(['second', first]);
  const token = 'a'.repeat(32);
  const third = { SecretId: LINKS, SecretString: 'third', ClientRequestToken: token };
  // The same call twice is one change, or the previous value would be lost to a retry.
  for (let n = 0; n < 2; n += 1) await client.send(new PutSecretValueCommand(third));
  expect([await valueOf(client), await valueOf(client, LINKS, 'AWSPREVIOUS')]).toEqual(['third', 'second']);
  await expect(client.send(new PutSecretValueCommand({ ...third, SecretString: 'other' }))).rejects.toMatchObject({
    name: 'ResourceExistsException',
  });
  const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: LINKS }));
  expect(VersionIdsToStages).toEqual({ [token]: ['AWSCURRENT'], [second.VersionId ?? '']: ['AWSPREVIOUS'] });
  await expect(valueOf(client, 'nobody-knows')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('values depend on the seed, and with a data directory they stay as they are', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'twin-secrets-'));
  onTestFinished(() => removeDirectory(directory));
  const [one, same, other] = [await start({ seed: 7 }), await start({ seed: 7 }), await start({ seed: 8 })];
  const first = await valueOf(clientOf(one));
  expect(await valueOf(clientOf(same))).toBe(first);
  expect(await valueOf(clientOf(other))).not.toBe(first);

  const kept = await start({ seed: 7, dataDirectory: directory });
  await clientOf(kept).send(new PutSecretValueCommand({ SecretId: LINKS, SecretString: 'rotated' }));
  await kept.twin.close();
  const again = clientOf(await start({ seed: 8, dataDirectory: directory }));
  expect([await valueOf(again), await valueOf(again, LINKS, 'AWSPREVIOUS')]).toEqual(['rotated', first]);
});

test('a function reads the secrets its role allows and no other', async () => {
  const running = await start();
  const url = running.twin.functionUrls.get('page') ?? '';
  const allowed = await fetch(`${url}secret`);
  expect(await allowed.json()).toEqual({ SecretString: await valueOf(clientOf(running)) });
  expect((await fetch(`${url}secret?other`)).status).toBe(502);
  expect(running.twin.logs.map(({ text }) => text).join('\n')).toMatch(
    /AccessDenied: .*secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:[^ ]*shop-addresses/,
  );
});

test('the value of a secret is nowhere but in its answer: not in the log, not in an environment', async () => {
  const running = await start();
  const value = String(await valueOf(clientOf(running)));
  await fetch(`${running.twin.functionUrls.get('page')}secret`);
  expect(JSON.stringify(running.twin.logs)).not.toContain(value);
});
