/** The intake over HTTP: its own bundle with its own rights, and the examples of the documentation as they are. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isSigned, signaturesIn } from '../../functions/ingest/signature.ts';
import { PROJECT } from '../../infra/cache.ts';
import { RECENT_KEYS } from '../../shared/adapters/secrets.ts';
import { type Duration, MINUTE } from '../../shared/lifecycle/time.ts';
import { INTAKE_SECRET, signedHeaders } from '../support/intake.ts';
import { openShop, type Shop } from '../support/shop.ts';

const SECRET_ID = 'perennial-local-intake';
/** Requests at once that Lambda lets in. */
const CONCURRENCY = 500;
const OTHER_SECRET = 'bm9ib2R5IGhhcyBldmVyIHVzZWQgdGhpcyBrZXk=';

const runFile = promisify(execFile);
const exited = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

let shop: Shop;
let secrets: SecretsManagerClient;
let secret: string;
let directory: string;

beforeAll(async () => {
  // The examples read the clock of the machine; the twin's stands where it stood when it started.
  shop = await openShop(Date.now(), { config: { intakeConcurrency: CONCURRENCY }, threads: 2 });
  const { endpoint, region } = shop.twin;
  secrets = new SecretsManagerClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'shop', secretAccessKey: 'shop' },
  });
  secret = (await secrets.send(new GetSecretValueCommand({ SecretId: SECRET_ID }))).SecretString ?? '';
  directory = await mkdtemp(path.join(tmpdir(), 'intake-'));
});

afterAll(async () => {
  secrets.destroy();
  await rm(directory, { recursive: true });
  await shop.close();
});

const urlOf = (): string => shop.twin.functionUrls.get('perennial-local-ingest') ?? '';

/** A login, which is recorded and mails nobody. */
const login = (id: string, data: object = { customerId: `c-${id}` }) => ({
  'detail-type': 'Login Succeeded',
  detail: { metadata: { id, version: 1, occurredAt: new Date(shop.twin.now()).toISOString() }, data },
});

async function post(body: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const response = await fetch(urlOf(), { method: 'POST', headers, body });
  await response.text();
  return response.status;
}

const send = (content: unknown, signing: { secret?: string; id?: string } = {}): Promise<number> => {
  const body = JSON.stringify(content);
  return post(body, signedHeaders(body, { secret, at: shop.twin.now(), ...signing }));
};

/** Ids of all events in the journal, as often as they are there. */
async function journalled(after: Duration = 0): Promise<string[]> {
  await shop.wait(after);
  const keys = (await shop.items()).map(({ sk }) => sk?.S ?? '');
  return keys.filter((key) => key.startsWith('EVENT#')).map((key) => key.slice('EVENT#'.length));
}

const LANGUAGES = [
  { command: 'sh', example: 'send-events.sh' },
  { command: 'php', example: 'send-events.php' },
  { command: 'python3', example: 'send-events.py' },
  { command: process.execPath, example: 'send-events.mjs' },
] as const;

/** Runs an example over a file with this content. */
async function run({ command, example }: (typeof LANGUAGES)[number], content: unknown, url = urlOf(), key = secret) {
  const file = path.join(directory, `${example}.json`);
  await writeFile(file, JSON.stringify(content));
  const env = { ...process.env, INTAKE_URL: url, INTAKE_SECRET: key };
  try {
    const { stdout, stderr } = await runFile(command, [path.join(PROJECT, 'docs/intake', example), file], { env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return exited.parse(error);
  }
}

async function has(command: string): Promise<boolean> {
  try {
    await runFile('sh', ['-c', 'command -v "$0"', command]);
    return true;
  } catch {
    return false;
  }
}

const present = await Promise.all(
  LANGUAGES.map(async (language) => {
    const missing = [];
    const tools = language.command === 'sh' ? ['curl', 'openssl'] : [language.command];
    for (const tool of tools) if (!(await has(tool))) missing.push(tool);
    if (missing.length > 0) {
      process.stderr.write(
        `SKIPPED: docs/intake/${language.example}, because there is no ${missing.join(' and no ')}\n`,
      );
    }
    return { ...language, isThere: missing.length === 0 };
  }),
);

describe.each(present)('the example $example', (language) => {
  it.runIf(language.isThere)('gets events in', async () => {
    const id = `${language.example}-1`;
    const { code, stdout } = await run(language, [login(id), login(`${id}-é`)]);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { ids: [id, `${id}-é`], again: false }]);
    expect(await journalled()).toEqual(expect.arrayContaining([id, `${id}-é`]));
  });

  it.runIf(language.isThere)('tells what is wrong with an event, and gives up', async () => {
    const { code, stderr } = await run(language, login('e-1', {}));
    expect(code).not.toBe(0);
    expect(stderr).toContain('data.customerId');
  });

  it.runIf(language.isThere)('tries again with the same id and a signature of its own', async () => {
    const requests: { id: string; genuine: boolean }[] = [];
    const answers = [
      [503, '{"error":"unavailable"}'],
      [429, '{"Message":"Rate Exceeded."}'],
      [409, '{"error":"already-taken"}'],
    ] as const;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      const header = (name: string) => String(request.headers[`webhook-${name}`]);
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const content = { id: header('id'), timestamp: header('timestamp'), body: Buffer.concat(chunks) };
        const signatures = signaturesIn(header('signature'));
        requests.push({ id: content.id, genuine: isSigned(content, signatures, { current: INTAKE_SECRET }) });
        const [status, text] = answers[requests.length - 1] ?? [500, '{}'];
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(text);
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = z.object({ port: z.number() }).parse(server.address());
    const { code } = await run(language, login('e-1'), `http://127.0.0.1:${port}/`, `whsec_${INTAKE_SECRET}`);
    server.close();
    expect(code).toBe(0);
    expect(requests).toHaveLength(answers.length);
    expect(new Set(requests.map(({ id }) => id)).size).toBe(1);
    expect(requests.every(({ genuine }) => genuine)).toBe(true);
  });
});

/** A thousand requests are a minute's work for a machine that is busy with other things, too. */
const MANY_TIMEOUT_MS = 300_000;
/** Ten orders per customer, so that taking them in is not what the test is about. */
const order = (id: string) => ({
  ...login(id, { customerId: `c-${id.slice(0, -1)}`, orderId: id, total: 10, currency: 'EUR' }),
  'detail-type': 'Purchase Completed',
});
const sendAll = (ids: readonly string[]) => Promise.all(ids.map((id) => send(order(id), { id })));
/** Batches that compete for a customer fail, and are delivered again after three minutes. */
const ofMany = async () => (await journalled(10 * MINUTE)).filter((id) => id.startsWith('many-')).toSorted();
const rotate = (SecretString: string) => secrets.send(new PutSecretValueCommand({ SecretId: SECRET_ID, SecretString }));

describe('the intake', () => {
  it('refuses what is unsigned, forged, expired, too large or replayed', async () => {
    const body = JSON.stringify(login('refused'));
    const now = shop.twin.now();
    const genuine = signedHeaders(body, { secret, at: now });
    const large = body.padEnd(300_000, ' ');
    expect(await post(body, { 'content-type': 'application/json' })).toBe(401);
    expect(await post(body, signedHeaders(body, { secret: OTHER_SECRET, at: now }))).toBe(401);
    expect(await post(body, signedHeaders(body, { secret, at: now - 6 * MINUTE }))).toBe(401);
    expect(await post(large, signedHeaders(large, { secret, at: now }))).toBe(413);
    expect(await journalled()).not.toContain('refused');
    expect([await post(body, genuine), await post(body, genuine)]).toEqual([202, 409]);
    expect((await journalled()).filter((id) => id === 'refused')).toHaveLength(1);
  });

  it('counts a request once that is replayed while it is being taken', async () => {
    const body = JSON.stringify(login('raced'));
    const headers = signedHeaders(body, { secret, at: shop.twin.now() });
    const statuses = await Promise.all(Array.from({ length: 20 }, () => post(body, headers)));
    expect(statuses).toContain(202);
    expect(statuses.filter((status) => status !== 202 && status !== 409)).toEqual([]);
    expect((await journalled()).filter((id) => id === 'raced')).toHaveLength(1);
  });

  it(
    'loses nothing of a thousand requests at once: what is not taken is told to come again',
    async () => {
      const all = Array.from({ length: 1000 }, (_, index) => `many-${1000 + index}`);
      let statuses = await sendAll(all);
      expect(new Set(statuses)).toEqual(new Set([202, 429]));
      let left = all.filter((_, index) => statuses[index] === 429);
      expect(await ofMany()).toEqual(all.filter((id) => !left.includes(id)).toSorted());
      while (left.length > 0) {
        statuses = await sendAll(left);
        left = left.filter((_, index) => statuses[index] !== 202);
      }
      expect(await ofMany()).toEqual(all.toSorted());
    },
    MANY_TIMEOUT_MS,
  );

  it('takes both keys from the moment of a rotation, and the old one no longer after the next', async () => {
    await rotate(INTAKE_SECRET);
    // A signature that does not fit makes a function ask again, but not for keys it has just got.
    await shop.wait(RECENT_KEYS);
    expect(await send(login('r-1'), { secret: INTAKE_SECRET })).toBe(202);
    expect(await send(login('r-2'))).toBe(202);
    await rotate(OTHER_SECRET);
    // As long as a function keeps the keys it has.
    await shop.wait(6 * MINUTE);
    expect(await send(login('r-3'))).toBe(401);
    expect(await send(login('r-4'), { secret: INTAKE_SECRET })).toBe(202);
    expect(await send(login('r-5'), { secret: OTHER_SECRET })).toBe(202);
  });
});
