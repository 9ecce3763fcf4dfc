/** The mailer and the secrets against whole services: those of the twin and, where its endpoint is given, moto's. */
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetSendQuotaCommand, SESClient, VerifyDomainIdentityCommand } from '@aws-sdk/client-ses';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type OutgoingMail, SesMailer } from '../../shared/adapters/mailer.ts';
import { openSecrets } from '../../shared/adapters/secrets.ts';
import { openTwin, oracleEndpoint } from './stores.ts';
import { TEST_CREDENTIALS, TEST_REGION } from './wire.ts';

/** The twin's assembly may have to be made first, and moto takes its time. */
const SLOW_TIMEOUT_MS = 120_000;
const DOMAIN = 'shop.example.com';
const NOON = Date.parse('2026-11-22T12:00:00Z');

const mailFrom = (domain: string): OutgoingMail => ({
  from: `hello@${domain}`,
  to: 'anna@example.com',
  raw: Buffer.from(
    `From: Kettle & Fern <hello@${domain}>\r\nTo: anna@example.com\r\nSubject: =?utf-8?Q?T=C3=A9?=\r\n\r\nHello\r\n`,
  ),
  tags: { c: 'Yy0x', k: 'MS9vbmJvYXJkaW5n', n: '1' },
});

interface Services {
  readonly endpoint: string;
  readonly configurationSet: string;
  /** What one mail adds to the quota used: moto counts who the call names and who the header names. */
  readonly countsFor: number;
  /** A secret with one version, its value, and how it gets another. */
  readonly secret: { readonly id: string; readonly value: string };
  readonly close: () => Promise<void>;
}

const access = (endpoint: string) => ({ endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS });

async function openTwinServices(): Promise<Services> {
  const running = await openTwin(NOON);
  const manager = new SecretsManagerClient(access(running.endpoint));
  const id = 'perennial-local-links';
  const { SecretString: value = '' } = await manager.send(new GetSecretValueCommand({ SecretId: id }));
  manager.destroy();
  return {
    endpoint: running.endpoint,
    configurationSet: 'perennial-local',
    countsFor: 1,
    secret: { id, value },
    close: () => running.close(),
  };
}

async function openMotoServices(endpoint: string): Promise<Services> {
  const ses = new SESClient(access(endpoint));
  await ses.send(new VerifyDomainIdentityCommand({ Domain: DOMAIN }));
  ses.destroy();
  const manager = new SecretsManagerClient(access(endpoint));
  const value = randomUUID();
  const { ARN: id = '' } = await manager.send(new CreateSecretCommand({ Name: `links-${value}`, SecretString: value }));
  manager.destroy();
  return { endpoint, configurationSet: 'any', countsFor: 2, secret: { id, value }, close: async () => undefined };
}

const moto = oracleEndpoint('SES and Secrets Manager in moto', 'MOTO_ENDPOINT');
const implementations = [
  { name: 'the twin', open: openTwinServices },
  ...(moto === undefined ? [] : [{ name: 'moto', open: () => openMotoServices(moto) }]),
];

describe.each(implementations)('$name', ({ open }) => {
  let services: Services;
  let mailer: SesMailer;

  beforeAll(async () => {
    services = await open();
    vi.stubEnv('AWS_ENDPOINT_URL', services.endpoint);
    vi.stubEnv('AWS_REGION', TEST_REGION);
    vi.stubEnv('AWS_ACCESS_KEY_ID', TEST_CREDENTIALS.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', TEST_CREDENTIALS.secretAccessKey);
    mailer = new SesMailer(services.configurationSet);
  }, SLOW_TIMEOUT_MS);

  afterAll(async () => {
    vi.unstubAllEnvs();
    await services.close();
  });

  /** As the service counts them. */
  async function sentToday(): Promise<number> {
    const ses = new SESClient(access(services.endpoint));
    const { SentLast24Hours = 0 } = await ses.send(new GetSendQuotaCommand({}));
    ses.destroy();
    return SentLast24Hours;
  }

  it('takes a mail once, and names it', async () => {
    const before = await sentToday();

    const outcome = await mailer.send(mailFrom(DOMAIN));

    expect(outcome).toEqual({ kind: 'accepted', messageId: expect.stringMatching(/./u) });
    expect(await sentToday()).toBe(before + services.countsFor);
  });

  it('is known not to have taken a mail from a domain nobody has verified', async () => {
    const before = await sentToday();

    // Both reject the message, but only SES's own text says that the identity is at fault and not the message.
    expect(['rejected', 'not now']).toContain((await mailer.send(mailFrom('elsewhere.example.org'))).kind);
    expect(await sentToday()).toBe(before);
  });

  it('says how much the account may send', async () => {
    const { perDay, perSecond } = await mailer.quota();

    expect(perDay).toBeGreaterThan(0);
    expect(perSecond).toBeGreaterThan(0);
  });

  it('has one key before the first rotation, then two, and forgets the one before', async () => {
    const manager = new SecretsManagerClient(access(services.endpoint));
    const { id, value: first } = services.secret;
    const rotate = (SecretString: string) => manager.send(new PutSecretValueCommand({ SecretId: id, SecretString }));
    // Another reader each time: one alone keeps what it has read for minutes.
    const keys = () => openSecrets(manager).signingKeys(id);

    expect(await keys()).toEqual({ current: first });
    await rotate('second');
    expect(await keys()).toEqual({ current: 'second', previous: first });
    await rotate('third');
    expect(await keys()).toEqual({ current: 'third', previous: 'second' });
    manager.destroy();
  });

  it('knows no secret that nobody made', async () => {
    const manager = new SecretsManagerClient(access(services.endpoint));
    await expect(openSecrets(manager).addressKey('no-such-secret')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    manager.destroy();
  });
});
