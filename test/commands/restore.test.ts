/** The drill: the table is put back to what it was eight hours ago, and brought up to the present without a mail twice. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AttributeValue, DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreCommand } from '../../infra/commands/restore.ts';
import type { Doubtful } from '../../infra/repair/doubtful.ts';
import { openRepair } from '../../infra/repair/open-repair.ts';
import { Queues } from '../../infra/repair/queues.ts';
import { repairAfterRestore } from '../../infra/repair/restore.ts';
import { openTarget } from '../../infra/target.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import { OPENING, openShop, type Shop } from '../support/shop.ts';

const CUSTOMERS = ['night', 'guide', 'buyer', 'upset', 'leaving', 'looker', 'still', 'forgotten'];

type Items = readonly Record<string, AttributeValue>[];

let shop: Shop;
let directory: string;
let table: DynamoDBClient;
beforeAll(async () => {
  [shop, directory] = await Promise.all([openShop(OPENING - 6 * HOUR), mkdtemp(path.join(tmpdir(), 'restore-'))]);
  const { endpoint, region } = shop.twin;
  table = new DynamoDBClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
  });
});
afterAll(async () => {
  table.destroy();
  await shop.close();
  await rm(directory, { recursive: true });
});

const TableName = () => shop.twin.tableName;
const out = () => path.join(directory, 'doubtful.jsonl');
/** In Los Angeles the gap is a night. */
const zoneOf = (id: string) => (id === 'night' ? 'America/Los_Angeles' : 'Europe/Stockholm');

/** As after a restore: what was there is there, and nothing else. */
async function putInPlace(items: Items): Promise<void> {
  for (const { pk = { S: '' }, sk = { S: '' } } of await shop.items()) {
    await table.send(new DeleteItemCommand({ TableName: TableName(), Key: { pk, sk } }));
  }
  for (const Item of items) await table.send(new PutItemCommand({ TableName: TableName(), Item }));
}

async function profiles(): Promise<Readonly<Record<string, Living | undefined>>> {
  const loaded = await Promise.all(CUSTOMERS.map((each) => shop.store.load(each)));
  return Object.fromEntries(CUSTOMERS.map((id, n) => [id, loaded[n]?.kind === 'living' ? loaded[n] : undefined]));
}

/** Runs the command, and lets the functions work meanwhile: in virtual time nothing happens by itself. */
async function restore(...args: string[]): Promise<string> {
  const running = restoreCommand([...args, '--endpoint', shop.twin.endpoint]);
  for (;;) {
    await shop.twin.advanceTo(shop.twin.now());
    const said = await Promise.race([running, sleep(50)]);
    if (said !== undefined) return typeof said === 'string' ? said : said.text;
  }
}

const keyOf = (tags: Readonly<Record<string, string>>, tag: 'c' | 'k') =>
  Buffer.from(tags[tag] ?? '', 'base64url').toString();
const sentBetween = (from: Instant, until: Instant) =>
  shop.twin.mailbox
    .filter(({ at }) => at > from && at <= until)
    .map(({ tags }) => `${keyOf(tags, 'c')} ${keyOf(tags, 'k')}`)
    .toSorted();

describe('the table as of eight hours ago', () => {
  let restoredTo: Instant;
  let lostAt: Instant;
  let before: Awaited<ReturnType<typeof profiles>>;
  let sentInGap: readonly string[];
  let said: string;

  beforeAll(async () => {
    for (const id of CUSTOMERS) if (id !== 'buyer') await shop.register(id, { timeZone: zoneOf(id) });
    for (const id of ['guide', 'night', 'upset', 'leaving', 'still', 'forgotten']) await shop.buy(id, `first of ${id}`);
    // Delivered at ten, so that the guide is meant for ten two days later, in the midst of the gap.
    await shop.waitUntil(10);
    for (const customerId of ['guide', 'night']) {
      await shop.emit('Order Delivered', { customerId, orderId: `first of ${customerId}` });
    }
    await shop.pass(1);
    await shop.waitUntil(8);

    restoredTo = shop.twin.now();
    const items = await shop.items();
    await shop.wait(HOUR);
    await shop.register('buyer');
    await shop.buy('buyer', 'first of buyer');
    await shop.complain('upset', 'K-1');
    await shop.emit('Preferences Changed', { customerId: 'leaving', how: 'one-click', promotion: 'off' });
    await shop.emit('Product Viewed', { customerId: 'looker', sku: 'pot-1' });
    await shop.emit('Customer Erasure Requested', { customerId: 'forgotten', requestId: 'forget me' });
    await shop.wait(7 * HOUR);
    lostAt = shop.twin.now();
    before = await profiles();
    sentInGap = sentBetween(restoredTo, lostAt);

    // Twice, to the same second: what the first one did is not in the table any more, and its replay is no use to the second.
    for (const snapshot of [items, items]) {
      await putInPlace(snapshot);
      said = await restore(...since(), '--out', out());
    }
  });

  const since = () => ['--since', new Date(restoredTo).toISOString(), '--until', new Date(lostAt).toISOString()];

  it('knows again what happened since', async () => {
    expect(shop.twin.deadLetters()).toEqual([]);
    const after = await profiles();
    for (const id of CUSTOMERS) {
      expect({ id, facts: after[id]?.facts }).toEqual({ id, facts: before[id]?.facts });
      expect({ id, stage: after[id]?.stage }).toEqual({ id, stage: before[id]?.stage });
    }
    expect((await shop.store.load('forgotten'))?.kind).toBe('erased');
  });

  it('lists exactly what the lost one sent meanwhile, in a file for the owner alone', async () => {
    const lines: Doubtful[] = (await readFile(out(), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(sentInGap.length).toBeGreaterThan(2);
    expect(lines.map(({ customerId, key }) => `${customerId} ${key}`).toSorted()).toEqual(sentInGap);
    const fates = Object.fromEntries(lines.map(({ key, fate }) => [key, fate]));
    expect(fates).toMatchObject({ '1/onboarding/welcome/1': 'given up', '1/recovery/apology/K-1': 'goes out' });
    expect((await stat(out())).mode & 0o777).toBe(0o600);
    expect(said).toContain(`${lines.length} messages may have gone out in the gap`);
  });

  it('sends nothing before somebody lets it, and then the apology, and nothing promotional twice', async () => {
    await shop.wait(HOUR);
    expect(sentBetween(lostAt, shop.twin.now())).toEqual([]);
    expect((await shop.lane()).paused.all).toBeDefined();

    await shop.resume();
    await shop.wait(3 * HOUR);
    // What waited for the morning was in no doubt.
    const expected = ['night 1/onboarding/guide/1', 'upset 1/recovery/apology/K-1'];
    expect(sentBetween(lostAt, shop.twin.now())).toEqual(expected);
    expect(await shop.ends('buyer')).toMatchObject({ '1/onboarding/welcome/1': 'failed: outcome unknown' });
    expect(await shop.ends('guide')).toMatchObject({ '1/onboarding/guide/1': 'failed: outcome unknown' });

    await shop.pass(30);
    const all = shop.twin.mailbox.map(({ tags }) => `${keyOf(tags, 'c')} ${keyOf(tags, 'k')}`);
    const twice = all.filter((each, index) => all.indexOf(each) !== index);
    expect(twice).toEqual(['upset 1/recovery/apology/K-1']);
    // Life goes on for whoever was not in doubt.
    expect(sentBetween(lostAt, shop.twin.now()).some((each) => each.startsWith('still '))).toBe(true);
    expect(shop.mailsTo('leaving').filter((each) => each.startsWith('retention'))).toEqual([]);
  });

  it('done once is done', async () => {
    const items = await shop.items();
    const again = await restore(...since(), '--out', out());
    expect(again).toContain('This has been done before');
    expect(await shop.items()).toEqual(items);
  });

  it('goes on after a replay that failed, with another one', async () => {
    const target = await openTarget({ endpoint: shop.twin.endpoint });
    const repair = openRepair(target, 200);
    const { services, bus, busName } = repair;
    const sqs = new SQSClient(target.access);
    const names: string[] = [];
    bus.middlewareStack.add(
      (next) => async (call) => {
        const { input } = call;
        const answer = await next(call);
        const name = 'ReplayName' in input ? String(input.ReplayName) : '';
        if ('EventStartTime' in input) names.push(name);
        else if (name.endsWith('-1')) Object.assign(answer.output, { State: 'FAILED', StateReason: 'no luck' });
        return answer;
      },
      { step: 'initialize' },
    );
    const working = {
      ...services,
      lanes: target.records.lanes,
      bus,
      busName,
      queues: new Queues(sqs),
      sleep: () => shop.twin.advanceTo(shop.twin.now()),
    };
    const gap = { from: lostAt, until: lostAt + 1 };
    const order = {
      stem: 'perennial-local',
      gap,
      by: 'anna',
      archiveDelay: 0,
      countsLag: 0,
      tell: async () => undefined,
    };
    await expect(repairAfterRestore(working, order)).rejects.toThrow(
      /failed or was cancelled \(no luck\): begin again/,
    );
    expect(await repairAfterRestore(working, order)).toMatchObject({ unreadable: 0 });
    expect(names.map((each) => each.slice(-2))).toEqual(['-1', '-2']);
    repair.close();
    sqs.destroy();
    target.records.close();
  });

  it.each([
    ['no time', [], 'expected --since TIME'],
    ['no end, for which the present would be too late', ['--since', '2026-03-01T12:00:00Z'], 'expected --until TIME'],
    ['a time without zone', ['--since', '2026-03-01T12:00:00'], 'a time with zone'],
    [
      'an end before the beginning',
      ['--since', '2026-03-02T12:00:00Z', '--until', '2026-03-01T12:00:00Z'],
      'before --until',
    ],
  ])('says what it expects instead of %s', async (_what, args, words) => {
    await expect(restoreCommand([...args, '--endpoint', shop.twin.endpoint])).rejects.toThrow(words);
  });
});
