/** A twin that was left open after an export was played: its clock stands, and what somebody puts in is taken in. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, it } from 'vitest';
import { openTarget } from '../../infra/target.ts';
import { PROJECT } from '../../infra/cache.ts';

const OPEN = /AWS protocols on (http:\S+), Ctrl-C ends/u;
const BY = 120_000;

it('takes in an event that is put on its bus', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'perennial-standing-'));
  const orders = join(directory, 'orders.csv');
  await writeFile(orders, 'customer_id,date,amount\nc1,2025-01-05,20.50\n');
  const command = ['--import', 'tsx', 'infra/local/start.ts', '--orders', orders, '--port', '0', '--web-port', '0'];
  const twin = spawn(process.execPath, command, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let said = '';
    for await (const chunk of twin.stdout) {
      said += String(chunk);
      if (/INTAKE_URL/u.test(said)) break;
    }
    const endpoint = OPEN.exec(said)?.[1];
    expect(said).toContain('The clock stands at');
    const target = await openTarget({ endpoint });
    const bus = new EventBridgeClient({ ...target.access, region: 'us-east-1' });
    const occurredAt = new Date(target.now).toISOString();
    const Detail = JSON.stringify({ metadata: { id: 'e-1', version: 1, occurredAt }, data: { customerId: 'c2' } });
    const event = { EventBusName: 'customers', Source: 'my.shop', DetailType: 'Login Succeeded', Detail };
    await bus.send(new PutEventsCommand({ Entries: [event] }));
    const until = Date.now() + BY;
    while ((await target.records.store.load('c2')) === undefined && Date.now() < until) await sleep(100);
    expect(await target.records.store.load('c2')).toMatchObject({ kind: 'living', stage: 'lead' });
    const later = await openTarget({ endpoint });
    expect(later.now).toBe(target.now);
    bus.destroy();
    for (const each of [target, later]) each.records.close();
  } finally {
    const ended = once(twin, 'exit');
    twin.kill('SIGINT');
    await ended;
    await rm(directory, { recursive: true });
  }
});
