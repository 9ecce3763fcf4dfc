/** The deployment's keys, from a Secrets Manager that answers from a script. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { EmptySecret, openSecrets, RECENT_KEYS } from '../../shared/adapters/secrets.ts';
import { MINUTE } from '../../shared/lifecycle/time.ts';
import { openWire, replyJson, TEST_CREDENTIALS, TEST_REGION, type Wire } from './wire.ts';

const request = z.object({ SecretId: z.string(), VersionStage: z.string() });
const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:links';
const START = Date.parse('2026-11-22T12:00:00Z');

let wire: Wire;
/** Values by stage; a stage that is not there is answered as Secrets Manager does. */
let values: Record<string, string>;
let broken = false;
let client: SecretsManagerClient;

beforeEach(async () => {
  values = { AWSCURRENT: 'new' };
  broken = false;
  wire = await openWire(({ body }, response) => {
    const { VersionStage } = request.parse(JSON.parse(body));
    if (broken) return replyJson(response, 400, { ['__type']: 'AccessDeniedException', message: 'no' });
    const value = values[VersionStage];
    if (value !== undefined) return replyJson(response, 200, { ARN, SecretString: value });
    return replyJson(response, 400, { ['__type']: 'ResourceNotFoundException', message: 'no such version' });
  });
  client = new SecretsManagerClient({ endpoint: wire.endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS });
  // Only the time that is read moves: requests still need their timers.
  vi.useFakeTimers({ toFake: ['Date'], now: START });
});

afterEach(async () => {
  vi.useRealTimers();
  client.destroy();
  await wire.close();
});

const asked = () => wire.received.map(({ body }) => request.parse(JSON.parse(body)).VersionStage);

it('are not asked for before they are needed', () => {
  openSecrets(client);

  expect(asked()).toEqual([]);
});

it('are the current value, fetched once for all who ask', async () => {
  const secrets = openSecrets(client);

  expect(await Promise.all([secrets.addressKey(ARN), secrets.addressKey(ARN)])).toEqual(['new', 'new']);
  expect(await secrets.addressKey(ARN)).toBe('new');
  expect(asked()).toEqual(['AWSCURRENT']);
});

it('are one key for links before the first rotation, and two after it', async () => {
  expect(await openSecrets(client).signingKeys(ARN)).toEqual({ current: 'new' });

  values = { AWSCURRENT: 'newer', AWSPREVIOUS: 'new' };

  expect(await openSecrets(client).signingKeys(ARN)).toEqual({ current: 'newer', previous: 'new' });
});

it('are fetched again after a quarter of an hour, so that a rotation is picked up', async () => {
  const secrets = openSecrets(client);
  await secrets.signingKeys(ARN);
  values = { AWSCURRENT: 'newer', AWSPREVIOUS: 'new' };

  vi.setSystemTime(START + 15 * MINUTE - 1);
  expect(await secrets.signingKeys(ARN)).toEqual({ current: 'new' });

  vi.setSystemTime(START + 15 * MINUTE);
  expect(await secrets.signingKeys(ARN)).toEqual({ current: 'newer', previous: 'new' });
});

it('are fetched again at once by somebody whom the kept ones do not serve', async () => {
  const secrets = openSecrets(client);
  await secrets.signingKeys(ARN);
  values = { AWSCURRENT: 'newer', AWSPREVIOUS: 'new' };

  vi.setSystemTime(START + RECENT_KEYS - 1);
  expect(await secrets.signingKeys(ARN, RECENT_KEYS)).toEqual({ current: 'new' });

  vi.setSystemTime(START + RECENT_KEYS);
  expect(await secrets.signingKeys(ARN, RECENT_KEYS)).toEqual({ current: 'newer', previous: 'new' });
});

it('that could not be fetched are asked for again', async () => {
  const secrets = openSecrets(client);
  broken = true;
  await expect(secrets.signingKeys(ARN)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  broken = false;

  expect(await secrets.signingKeys(ARN)).toEqual({ current: 'new' });
});

it('that are missing altogether are a fault', async () => {
  values = {};
  await expect(openSecrets(client).addressKey(ARN)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });

  values = { AWSCURRENT: '' };
  await expect(openSecrets(client).addressKey(ARN)).rejects.toBeInstanceOf(EmptySecret);
});
