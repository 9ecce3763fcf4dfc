/** A replay of orders that is killed again and again, without warning, ends as one that nobody disturbs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cachedAssembly } from '../../infra/app.ts';
import { stageConfig } from '../../infra/config.ts';
import { chanceOf } from '../../infra/local/random.ts';
import { createTwin } from '../../infra/local/twin.ts';
import { IS_WHOLE } from '../support/whole.ts';

const CUSTOMERS = IS_WHOLE ? 30 : 12;
/** After so many tenths of the orders, and a moment longer: in the middle of whatever is under way then. */
const KILLED_AFTER = IS_WHOLE ? [2, 5, 8] : [3, 7];
const MOMENT_MS = { least: 0, most: 250 };

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

/** Starts the twin on a data directory, and kills it some moment after so many tenths of the orders were told. */
async function start(name: string, data: string, killAfter?: number): Promise<NodeJS.Signals | null> {
  const command = ['--import', 'tsx', 'infra/local/start.ts', '--orders', orders, '--exit', '--data', data];
  const child = spawn(
    process.execPath,
    [...command, '--json', join(directory, `${name}.json`), '--port', '0', '--web-port', '0'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  let killing: Promise<unknown> | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    const [told = 0, all = 1] = / (\d+) of (\d+) events\n$/u.exec(said)?.slice(1).map(Number) ?? [];
    if (killAfter === undefined || 10 * told < killAfter * all || killing !== undefined) return;
    killing = sleep(chanceOf('killed', killAfter).between(MOMENT_MS.least, MOMENT_MS.most)).then(() =>
      child.kill('SIGKILL'),
    );
  });
  await once(child, 'close');
  await killing;
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
  for (const tenths of KILLED_AFTER) expect(await start('killed', killed, tenths)).toBe('SIGKILL');
  expect(await start('killed', killed)).toBeNull();

  const [expected, found] = [await outcomeOf('calm', calm), await outcomeOf('killed', killed)];
  expect(expected.mails.length).toBeGreaterThan(CUSTOMERS);
  expect(found.mails.filter((mail, index) => mail === found.mails[index - 1])).toEqual([]);
  expect(found).toEqual(expected);
});
