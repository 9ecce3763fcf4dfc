/** The intake over HTTP: its own bundle with its own rights, and the examples of the documentation as they are. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { WINDOW } from '../../functions/ingest/rate.ts';
import { isSigned, signaturesIn } from '../../functions/ingest/signature.ts';
import { PROJECT } from '../../infra/cache.ts';
import { RECENT_KEYS } from '../../shared/adapters/secrets.ts';
import { type Duration, MINUTE } from '../../shared/lifecycle/time.ts';
import { INTAKE_SECRET, signedHeaders } from '../support/intake.ts';
import { openShop, type Shop } from '../support/shop.ts';

const SECRET_ID = 'perennial-local-intake';
const OTHER_SECRET = 'bm9ib2R5IGhhcyBldmVyIHVzZWQgdGhpcyBrZXk=';

const runFile = promisify(execFile);
const exited = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

let shop: Shop;
let secrets: SecretsManagerClient;
let secret: string;
let directory: string;

beforeAll(async () => {
  // The examples read the clock of the machine; the twin's stands where it stood when it started.
  shop = await openShop(Date.now(), { threads: 2 });
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

/** Without reading the logs: a thousand refusals are more than the twin keeps. */
const wait = (duration: Duration) => shop.twin.advanceTo(shop.twin.now() + duration);

/** Ids of all events in the journal, as often as they are there. */
async function journalled(after: Duration = 0): Promise<string[]> {
  await wait(after);
  const keys = (await shop.items()).map(({ sk }) => sk?.S ?? '');
  return keys.filter((key) => key.startsWith('EVENT#')).map((key) => key.slice('EVENT#'.length));
}

const LANGUAGES = [
  { command: 'sh', example: 'send-events.sh' },
  { command: 'php', example: 'send-events.php' },
  { command: 'python3', example: 'send-events.py' },
  { command: process.execPath, example: 'send-events.mjs' },
] as const;

type Language = (typeof LANGUAGES)[number];
type Environment = Readonly<Record<string, string>>;

/** Runs an example over a file with this content. */
async function run(language: Language, content: unknown, environment: Environment = {}) {
  const file = path.join(directory, `${language.example}.json`);
  await writeFile(file, JSON.stringify(content));
  return runOver(language, file, environment);
}

async function runOver({ command, example }: Language, file: string, environment: Environment) {
  const env = { ...process.env, INTAKE_URL: urlOf(), INTAKE_SECRET: secret, ...environment };
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

  it.runIf(language.isThere)('says in a line that a variable or the file is missing', async () => {
    const unset = await run(language, login('e-1'), { INTAKE_SECRET: '' });
    const file = path.join(directory, 'missing.json');
    const missing = await runOver(language, file, {});
    expect([unset.code, missing.code]).toEqual([2, 1]);
    expect(unset.stderr).toMatch(/^usage: INTAKE_URL=\S+ INTAKE_SECRET=\S+ .*\n$/u);
    expect(missing.stderr).toMatch(/^\S+missing\.json cannot be read.*\n$/u);
  });

  it.runIf(language.isThere)(
    'tries again with the same id and a signature of its own, not before it is told',
    async () => {
      const requests: { id: string; genuine: boolean; at: number }[] = [];
      const answers = [
        [429, '{"error":"too-many"}', { 'retry-after': '3' }],
        // What AWS says when the function has crashed.
        [502, 'Internal Server Error', {}],
        [409, '{"error":"already-taken"}', {}],
      ] as const;
      const server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        const header = (name: string) => String(request.headers[`webhook-${name}`]);
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const content = { id: header('id'), timestamp: header('timestamp'), body: Buffer.concat(chunks) };
          const signatures = signaturesIn(header('signature'));
          requests.push({
            id: content.id,
            genuine: isSigned(content, signatures, { current: INTAKE_SECRET }),
            at: performance.now(),
          });
          const [status, text, headers] = answers[requests.length - 1] ?? [500, '{}', {}];
          response.writeHead(status, headers);
          response.end(text);
        });
      });
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
      const { port } = z.object({ port: z.number() }).parse(server.address());
      const { code } = await run(language, login('e-1'), {
        INTAKE_URL: `http://127.0.0.1:${port}/`,
        INTAKE_SECRET: `whsec_${INTAKE_SECRET}`,
      });
      server.close();
      expect(code).toBe(0);
      expect(requests).toHaveLength(answers.length);
      expect(new Set(requests.map(({ id }) => id)).size).toBe(1);
      expect(requests.every(({ genuine }) => genuine)).toBe(true);
      const [first = { at: 0 }, second = { at: 0 }] = requests;
      // Later it may come, on a busy machine, but not earlier; clocks of two processes round.
      expect(second.at - first.at).toBeGreaterThan(2900);
    },
  );
});

it.runIf(present[0]?.isThere)('the example in shell shows the key to no other process', async () => {
  const seen = path.join(directory, 'seen');
  for (const tool of ['openssl', 'curl', 'od']) {
    const { stdout } = await runFile('sh', ['-c', 'command -v "$0"', tool]);
    const spy = path.join(directory, tool);
    await writeFile(spy, `#!/bin/sh\necho "$0 $*" >> '${seen}'\nexec ${stdout.trim()} "$@"\n`);
    await chmod(spy, 0o700);
  }
  const id = 'secretive';
  const { code } = await run(LANGUAGES[0], login(id), { PATH: `${directory}:${process.env['PATH']}` });
  const lines = await readFile(seen, 'utf8');
  expect([code, lines]).toEqual([0, expect.stringContaining('openssl dgst')]);
  expect(lines).not.toContain(secret);
  expect(lines.toLowerCase()).not.toContain(Buffer.from(secret, 'base64').toString('hex').slice(0, 16));
});

/** Requests that get in within ten seconds where the settings say nothing. */
const ROOM = 250;
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
      // Nobody has asked for a limit: there is one.
      expect(left.length).toBeGreaterThanOrEqual(all.length - ROOM);
      expect(await ofMany()).toEqual(all.filter((id) => !left.includes(id)).toSorted());
      while (left.length > 0) {
        await wait(WINDOW);
        statuses = await sendAll(left.slice(0, ROOM));
        expect(statuses).toContain(202);
        left = left.filter((_, index) => statuses[index] !== 202);
      }
      expect(await ofMany()).toEqual(all.toSorted());
    },
    MANY_TIMEOUT_MS,
  );

  it('takes both keys from the moment of a rotation, and the old one no longer after the next', async () => {
    await rotate(INTAKE_SECRET);
    // A signature that does not fit makes a function ask again, but not for keys it has just got.
    await wait(RECENT_KEYS);
    expect(await send(login('r-1'), { secret: INTAKE_SECRET })).toBe(202);
    expect(await send(login('r-2'))).toBe(202);
    await rotate(OTHER_SECRET);
    // As long as a function keeps the keys it has.
    await wait(16 * MINUTE);
    expect(await send(login('r-3'))).toBe(401);
    expect(await send(login('r-4'), { secret: INTAKE_SECRET })).toBe(202);
    expect(await send(login('r-5'), { secret: OTHER_SECRET })).toBe(202);
  });
});
