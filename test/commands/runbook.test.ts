/**
 * The commands of the runbook, typed as they stand there, with the twin as the stage. Those of the project are run. Those of
 * AWS are run as well where `aws` is installed: the twin answers those it speaks, and of the others the command line has
 * checked operation, options and query by the time the twin says that it does not. What differs in nothing but a name is tried
 * once.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../../infra/cache.ts';
import { HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { type Command, commandsOfRunbook } from '../docs/runbook.ts';
import { openShop, type Shop } from '../support/shop.ts';

/** Commands that cannot be tried here. */
const NOT_RUN: Readonly<Record<string, string>> = {
  deploy: 'it needs an AWS account; test/infra synthesizes what it deploys',
  'lint:content': 'test/email/lint-content.test.ts runs it, and it takes its time',
};

/** Operations of AWS that the twin answers; all others of the runbook are only understood by the command line. */
const SPOKEN = new Set([
  'events describe-rule',
  'sqs get-queue-attributes',
  'ses get-send-quota',
  'ses get-account-sending-enabled',
  'ses update-account-sending-enabled',
  'secretsmanager describe-secret',
  'dynamodb describe-table',
  'dynamodb query',
]);

const commands = await commandsOfRunbook();
const ofProject = commands.filter(({ text }) => text.startsWith('npm run '));
const nameOf = ({ text }: Command): string => text.split(' ')[2] ?? '';
/** A loop holds several commands; its body is what is tried. */
const ofAws = commands
  .flatMap(({ under, text }) => ({ under, text: /do .*?(aws .*); done$/u.exec(text)?.[1] ?? text }))
  .filter(({ text }) => text.startsWith('aws '));
/** One of each shape: the same command stands in many articles, for another queue or function or since another hour. */
function distinct(all: readonly Command[]): readonly string[] {
  const shapes = new Map<string, string>();
  for (const { text } of all) {
    const shape = text
      .replaceAll(/\$STAGE-[a-z-]+|redrive -- [a-z-]+/gu, '')
      .replaceAll(
        /--(?:filter-pattern|query) '[^']*'|--(?:metric-name|namespace|period|statistics|dimensions) [^-]+/gu,
        '',
      )
      .replaceAll(/[\d.]+ \* 3600e3|[\d.]+e3/gu, '');
    if (!shapes.has(shape)) shapes.set(shape, text);
  }
  return [...shapes.values()];
}

const operationOf = ({ text }: Command): string => text.split(' ').slice(1, 3).join(' ');

const optionsIn = ({ text }: Command): readonly string[] => (text.match(/--[a-z-]+/gu) ?? []).toSorted();
const kindOf = (each: Command): string => [operationOf(each), ...optionsIn(each)].join(' ');

/** One of each operation with the same options: the command line looks at nothing else. */
function ofEachKind(all: readonly Command[]): readonly string[] {
  return [...new Map(all.map((each) => [kindOf(each), each.text])).values()];
}

const hasAws = spawnSync('aws', ['--version']).status === 0;
if (!hasAws) process.stderr.write('SKIPPED: the commands of AWS, because aws is not installed\n');

let shop: Shop;
let directory: string;

beforeAll(async () => {
  shop = await openShop();
  directory = await mkdtemp(path.join(tmpdir(), 'runbook-'));
  await shop.register('c-1');
  await shop.buy('c-1', '1');
  // Something lies in a dead-letter queue: an event that breaks its contract.
  await shop.emit('Purchase Completed', { customerId: 'c-1', orderId: '2', total: -1, currency: 'EUR' });
  await shop.wait(HOUR);
});
afterAll(async () => {
  await shop.close();
  await rm(directory, { recursive: true });
});

interface Ran {
  readonly code: unknown;
  readonly out: string;
}

/** What npm does with these commands, which takes itself as long as most of them. */
const AS_NPM = `npm() { [ "$1 $3" = 'run --' ] && node --import tsx infra/command.ts "$2" "\${@:4}"; }`;

/** Types a command where the variables say what the runbook has set first. */
async function type(command: string, ...laptop: readonly string[]): Promise<Ran> {
  const aws = `aws() { command aws --endpoint-url ${shop.twin.endpoint} "$@"; }`;
  // What a command says last may be cut by another one, which never fails.
  const child = spawn('bash', ['-o', 'pipefail', '-c', [aws, ...laptop, command].join('\n')], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      STAGE: 'local',
      WHERE: `--endpoint=${shop.twin.endpoint}`,
      BUS: shop.twin.busName,
      CUSTOMER: 'c-1',
      name: 'record',
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_PAGER: '',
      npm_config_loglevel: 'error',
    },
  });
  let out = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (out += String(chunk)));
  const [code]: unknown[] = await once(child, 'close');
  return { code, out };
}

describe('the commands of the project', () => {
  // The same command stands in many articles.
  it.each(distinct(ofProject.filter((each) => !(nameOf(each) in NOT_RUN))))('%s', async (text) => {
    // Copies of what is taken out of a queue go to a file, of which the runbook leaves the name to the command.
    const taking = /--(?:send|discard)/u.test(text);
    const file = path.join(directory, `${ofProject.findIndex((each) => each.text === text)}.jsonl`);
    const laptop = text === ofProject[0]?.text ? [] : [AS_NPM];
    const { code, out } = await type(taking ? `${text} --out '${file}'` : text, ...laptop);
    expect({ code, out }).toMatchObject({ code: 0 });
  });

  it('are all of them, but for those that cannot be run', () => {
    const names = new Set(ofProject.map(nameOf));
    for (const [name, why] of Object.entries(NOT_RUN)) {
      expect(names).toContain(name);
      expect(why.length).toBeGreaterThan(20);
    }
    expect(names.size).toBeGreaterThan(7);
  });

  it('are what npm runs by these names', async () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await readFile(path.join(PROJECT, 'package.json'), 'utf8')));
    for (const name of new Set(ofProject.map(nameOf)))
      expect(scripts[name]).toBe(`tsx infra/command.ts ${name.replaceAll(':', '-')}`);
  });

  it('have done what the runbook says: what was sent back has been looked at again', async () => {
    await shop.wait(10 * MINUTE);
    expect(shop.twin.deadLetters().map(({ queue }) => queue)).toEqual(['perennial-local-record-dead']);
  });
});

describe.skipIf(!hasAws)('the commands of AWS (skipped where aws is not installed)', () => {
  it.each(distinct(ofAws.filter((each) => SPOKEN.has(operationOf(each)))))('runs %s', async (text) => {
    const { code, out } = await type(text);
    expect({ code, out }).toMatchObject({ code: 0 });
  });

  it.each(ofEachKind(ofAws.filter((each) => !SPOKEN.has(operationOf(each)))))('understands %s', async (text) => {
    const [, service = '', operation = ''] = text.split(' ');
    // What the command line itself refuses never gets to the twin.
    const { code, out } = await type(text);
    expect(code).not.toBe(0);
    // In some protocols the command line cannot read the refusal, and shows it.
    const called = `calling the ${operation.replaceAll('-', '')} operation.*does not emulate`;
    expect(out).toMatch(new RegExp(`${called}|the local twin does not emulate ${service}\\b`, 'isu'));
  });
});
