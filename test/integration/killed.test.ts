/** A replay of orders that is killed again and again, without warning, ends as one that nobody disturbs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cachedAssembly } from '../../infra/app.ts';
import { stageConfig } from '../../infra/config.ts';
import { chanceOf } from '../../infra/local/random.ts';
import { createTwin } from '../../infra/local/twin.ts';
import type { KillPoint } from '../support/kill-point.ts';
import { IS_WHOLE } from '../support/whole.ts';

const CUSTOMERS = IS_WHOLE ? 30 : 6;
const MORE = ['forgotten 2', 'writing 40', 'asked 1', 'unanswered 5', 'writing 90', 'settling 1'] as const;
/** Where each start is killed, in turn. Between the take of a message and the call of SES nobody but the twin itself can tell. */
const KILLED_AT: readonly `${KillPoint} ${number}`[] = [
  'asked 2',
  'unanswered 2',
  'settling 3',
  ...(IS_WHOLE ? MORE : []),
];

let directory: string;
let orders: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'perennial-killed-'));
  orders = join(directory, 'orders.csv');
  const chance = chanceOf('orders');
  const rows = Array.from({ length: CUSTOMERS }, (_none, customer) => {
    const first = chance.between(0, 60);
    return Array.from({ length: chance.between(1, 5) }, (_no, order) => {
      const day = new Date(Date.UTC(2025, 0, 1 + first + order * chance.between(5, 60)));
      return `c${customer},${day.toISOString().slice(0, 10)},${chance.between(20, 90)}.50,o${customer}-${order}`;
    });
  });
  await writeFile(orders, ['customer_id,date,amount,order_id', ...rows.flat()].join('\n'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Starts the twin on a data directory, and has it killed at a point of `test/support/kill-point.ts`. */
async function start(
  name: string,
  data: string,
  killedAt?: (typeof KILLED_AT)[number],
): Promise<NodeJS.Signals | null> {
  const command = ['--import', 'tsx', '--import', './test/support/kill-point.ts', 'infra/local/start.ts'];
  const play = ['--orders', orders, '--exit', '--data', data, '--json', join(directory, `${name}.json`)];
  const child = spawn(process.execPath, [...command, ...play, '--port', '0', '--web-port', '0'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...(killedAt !== undefined && { KILLED_AT: killedAt }) },
  });
  await once(child, 'close');
  return child.signalCode;
}

/** What came of a replay: the counts the command writes, and the key of every mail that SES took. */
async function outcomeOf(name: string, data: string) {
  const { elapsedSeconds: _took, ...counts }: Record<string, unknown> = JSON.parse(
    await readFile(join(directory, `${name}.json`), 'utf8'),
  );
  const assembly = await cachedAssembly(stageConfig('local'));
  const twin = await createTwin({
    assembly,
    port: 0,
    clock: { mode: 'virtual', start: 0 },
    seed: 1,
    dataDirectory: data,
  });
  const mails = twin.mailbox.map(({ tags }) => `${tags['c']}/${tags['k']}`).toSorted();
  await twin.close();
  return { counts, mails };
}

it('loses nothing and sends nothing twice', { timeout: 300_000 }, async () => {
  const [calm, killed] = [join(directory, 'calm'), join(directory, 'killed')];
  expect(await start('calm', calm)).toBeNull();
  // Each start plays on where the one before was killed.
  for (const point of KILLED_AT) expect([point, await start('killed', killed, point)]).toEqual([point, 'SIGKILL']);
  expect(await start('killed', killed)).toBeNull();

  const [expected, found] = [await outcomeOf('calm', calm), await outcomeOf('killed', killed)];
  expect(expected.mails.length).toBeGreaterThan(CUSTOMERS);
  expect(found.mails.filter((mail, index) => mail === found.mails[index - 1])).toEqual([]);
  expect(found).toEqual(expected);
});
