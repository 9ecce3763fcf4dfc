/** A table that was restored takes its place in a stage that mails nobody. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { restoreCommand } from '../../infra/commands/restore.ts';
import { openWire, replyJson, TEST_CREDENTIALS, TEST_REGION, type Wire } from '../contracts/wire.ts';

let wire: Wire | undefined;
let directory: string | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await wire?.close();
  if (directory !== undefined) await rm(directory, { recursive: true });
});

const STAGE = {
  sender: { name: 'Kettle & Fern', address: 'hello@shop.example.com' },
  replyTo: 'hello@shop.example.com',
};
const SPAN = ['--since', '2026-11-30T04:00:00Z', '--until', '2026-11-30T12:00:00Z'];

/** What the command says of a stage of which there is a table, and asks of AWS. */
async function saidOf(settings: object): Promise<{ readonly said: string; readonly asked: readonly string[] }> {
  const opened = await openWire(({ target }, response) => {
    const isTable = target === 'DynamoDB_20120810.DescribeTable';
    replyJson(response, 200, isTable ? { Table: { TableStatus: 'ACTIVE' } } : {});
  });
  wire = opened;
  directory = await mkdtemp(path.join(tmpdir(), 'restore-silence-'));
  const file = path.join(directory, 'perennial.config.json');
  await writeFile(file, JSON.stringify({ prod: { ...STAGE, ...settings } }));
  vi.stubEnv('PERENNIAL_CONFIG', file);
  vi.stubEnv('AWS_ENDPOINT_URL', opened.endpoint);
  vi.stubEnv('AWS_REGION', TEST_REGION);
  vi.stubEnv('AWS_ACCESS_KEY_ID', TEST_CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', TEST_CREDENTIALS.secretAccessKey);
  const said = await restoreCommand(['--stage', 'prod', ...SPAN]).then(
    (told) => (typeof told === 'string' ? told : told.text),
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );
  return { said, asked: opened.received.map(({ target }) => target) };
}

it.each(['live', 'allow-list'])('one that is %s is refused, and nothing is changed', async (sending) => {
  const { said, asked } = await saidOf({ sending, ...(sending === 'allow-list' && { allowList: ['a@example.com'] }) });
  expect(said).toContain("expected sending: 'shadow' for stage prod in perennial.config.json");
  expect(said).toContain(`found '${sending}'`);
  expect(asked.filter((each) => !/Describe|Get|Query/u.test(each))).toEqual([]);
});

it.each(['shadow', 'off'])('one in %s is asked about', async (sending) => {
  expect((await saidOf({ sending })).said).not.toContain('expected sending');
});
