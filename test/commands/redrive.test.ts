/** A poisoned batch through the twin, redriven after somebody mended it; and facts that went wrong, rebuilt. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { rebuildCommand } from '../../infra/commands/rebuild.ts';
import { redriveCommand } from '../../infra/commands/redrive.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { replayState, startReplay } from '../../infra/repair/archive-replay.ts';
import { openRepair } from '../../infra/repair/open-repair.ts';
import { repairAll } from '../../infra/repair/repair-all.ts';
import { openTarget } from '../../infra/target.ts';
import { toItem } from '../../shared/adapters/profile-item.ts';
import { openShop, type Shop } from '../support/shop.ts';

/** Beyond what a refusal keeps of the original, and within what the bus takes. */
const TOO_LARGE = 'x'.repeat(220_000);

const copy = z.looseObject({
  messageId: z.string(),
  type: z.string(),
  reason: z.string(),
  event: z
    .object({
      source: z.string(),
      'detail-type': z.string(),
      detail: z.looseObject({ metadata: z.looseObject({}), data: z.looseObject({}) }),
    })
    .optional(),
});

let shop: Shop;
let directory: string;
let sqs: SQSClient;
beforeAll(async () => {
  [shop, directory] = await Promise.all([openShop(), mkdtemp(path.join(tmpdir(), 'redrive-'))]);
  const { endpoint, region } = shop.twin;
  sqs = new SQSClient({ endpoint, region, credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' } });
});
afterAll(async () => {
  sqs.destroy();
  await shop.close();
  await rm(directory, { recursive: true });
});

const redrive = (...args: string[]) => redriveCommand([...args, '--endpoint', shop.twin.endpoint]);
const rebuild = (...args: string[]) => rebuildCommand([...args, '--endpoint', shop.twin.endpoint]);
const fileNamed = (name: string) => path.join(directory, name);
const copiesIn = async (file: string) =>
  (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => copy.parse(JSON.parse(line)));
const dead = (queue: string) => shop.twin.deadLetters().filter((each) => each.queue.endsWith(queue));
const settled = () => shop.twin.advanceTo(shop.twin.now());

const placed = (customerId: string, orderId: string, more = {}) => ({
  type: 'Purchase Completed',
  id: `of-${orderId}`,
  data: { customerId, orderId, total: 40, currency: 'EUR', ...more },
});

const put = (queue: string, body: unknown, attributes: Record<string, string> = {}) =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: `${shop.twin.endpoint}/000000000000/perennial-local-${queue}`,
      MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, text]) => [name, { DataType: 'String', StringValue: text }]),
      ),
    }),
  );

const idsOf = (copies: readonly { readonly messageId: string }[]) =>
  copies.map(({ messageId }) => messageId).toSorted();

const killed = () => {
  throw new Error('killed');
};

describe('a poisoned batch', () => {
  it('delays no good event around it', async () => {
    await shop.register('ada');
    await shop.register('ben');
    await shop.put(
      placed('ada', 'good-1'),
      placed('ada', 'malformed', { total: -1 }),
      { ...placed('ada', 'version'), version: 2 },
      placed('ben', 'good-2'),
    );
    await shop.put(
      placed('ada', 'large', { total: -1, items: [{ sku: TOO_LARGE, name: 'x', quantity: 1, price: 1 }] }),
    );
    const before = shop.twin.now();
    await settled();

    expect(shop.twin.now()).toBe(before);
    expect(shop.mailsTo('ada')).toEqual(['onboarding/welcome']);
    expect(shop.mailsTo('ben')).toEqual(['onboarding/welcome']);
    expect(dead('record-dead')).toHaveLength(3);
  });

  it('is listed with its reasons, and nothing is changed by looking', async () => {
    expect(await redrive()).toMatch(/3 {2}perennial-local-record-dead/);
    const said = await redrive('record-dead');
    expect(said).toContain('perennial-local-record-dead: 3 messages');
    expect(said).toContain('data.total');
    expect(said).toContain('metadata.version: expected version 1');
    expect(said).toContain('cannot go back: it was too long to be kept whole');
    expect(await redrive('record-dead', '--customer', 'ada')).toContain('record-dead: 3 messages');
    expect(await redrive('record-dead', '--reason', 'version')).toContain('1 message of 3');
    expect(await redrive('record-dead', '--customer', 'ben')).toContain('none of 3 is meant');
    expect(await redrive('record-dead', '--older', '1h')).toContain('none of 3 is meant');
    expect(dead('record-dead')).toHaveLength(3);
  });

  it('sent back as it is, is refused again and kept again', async () => {
    const said = await redrive('record-dead', '--reason', 'version', '--send', '--out', fileNamed('sent.jsonl'));
    expect(said).toContain('1 message was sent back');
    expect(dead('record-dead')).toHaveLength(2);
    await settled();
    expect(dead('record-dead')).toHaveLength(3);
  });

  it('is mended in a file, applied once, however often it is put on the bus, and taken out of the queue', async () => {
    const [file, mended] = [fileNamed('copies.jsonl'), fileNamed('mended.jsonl')];
    await redrive('record-dead', '--out', file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const copies = await copiesIn(file);
    expect(copies).toHaveLength(3);
    await expect(redrive('record-dead', '--from', file)).rejects.toThrow(UsageError);

    const whole = { source: 'shop', 'detail-type': 'Purchase Completed' };
    const lines = copies.map(({ messageId, event }) => {
      const { metadata, data } = event?.detail ?? {
        metadata: { id: 'of-large', occurredAt: new Date(shop.twin.now()).toISOString() },
        data: { customerId: 'ada', orderId: 'large', currency: 'EUR' },
      };
      const detail = { metadata: { ...metadata, version: 1 }, data: { ...data, total: 40 } };
      return JSON.stringify({ messageId, event: { ...whole, detail } });
    });
    await writeFile(mended, lines.join('\n'));
    const before = fileNamed('before.jsonl');
    const said = await redrive('record-dead', '--from', mended, '--out', before);
    expect(said).toContain('3 events put on the bus, 3 messages taken out');
    expect(idsOf(await copiesIn(before))).toEqual(idsOf(copies));
    await settled();
    expect(dead('record-dead')).toEqual([]);
    const orders = async () => {
      const customer = await shop.store.load('ada');
      if (customer?.kind !== 'living') throw new Error('ada is a customer');
      return customer.facts.orders.ring.map(({ orderId }) => orderId).toSorted();
    };
    expect(await orders()).toEqual(['good-1', 'large', 'malformed', 'version']);

    const [profile, items] = [await shop.store.load('ada'), (await shop.items()).length];
    await redrive('record-dead', '--from', mended);
    await settled();
    expect(await shop.store.load('ada')).toEqual(profile);
    expect(await shop.items()).toHaveLength(items);
    expect(shop.mailsTo('ada')).toEqual(['onboarding/welcome']);
  });
});

describe('other dead letters', () => {
  it('that EventBridge could not deliver go to the queue they were meant for', async () => {
    const detail = {
      metadata: { id: 'undelivered-1', version: 1, occurredAt: new Date(shop.twin.now()).toISOString() },
      data: { customerId: 'ben', orderId: 'undelivered', total: 10, currency: 'EUR' },
    };
    const event = { version: '0', id: 'e', 'detail-type': 'Purchase Completed', source: 'shop', detail };
    const target = 'arn:aws:sqs:us-east-1:000000000000:perennial-local-record';
    const rule = 'arn:aws:events:us-east-1:000000000000:rule/customers/perennial-local-record-events';
    await put('undelivered', event, { ERROR_CODE: 'NO_PERMISSIONS', RULE_ARN: rule, TARGET_ARN: target });

    expect(await redrive('undelivered')).toContain('goes back to perennial-local-record');
    await redrive('undelivered', '--send', '--out', fileNamed('undelivered.jsonl'));
    await settled();
    expect(dead('undelivered')).toEqual([]);
    expect((await shop.store.readJournal('ben')).map(({ id }) => id)).toContain('undelivered-1');
  });

  it('that are about an invocation cannot go back, and are discarded with a copy', async () => {
    await put('sweep-dead', {
      version: '1.0',
      requestContext: {
        functionArn: 'arn:aws:lambda:x:1:function:perennial-local-sweep:$LATEST',
        condition: 'RetriesExhausted',
      },
      responsePayload: { errorType: 'Error', errorMessage: 'no table' },
    });
    const file = fileNamed('sweep.jsonl');
    expect(await redrive('sweep-dead', '--send', '--out', file)).toContain('Nothing was changed');
    expect(await redrive('sweep-dead', '--discard', '--out', file)).toContain('1 message was discarded');
    expect(dead('sweep-dead')).toEqual([]);
    expect(await copiesIn(file)).toMatchObject([{ reason: 'RetriesExhausted: Error: no table' }]);
  });
});

describe('a replay of the archive', () => {
  const order = { archive: 'perennial-local-events', busName: 'customers', rule: 'perennial-local-record-events' };
  let bus: EventBridgeClient;
  beforeAll(() => {
    const { endpoint, region } = shop.twin;
    bus = new EventBridgeClient({ endpoint, region, credentials: { accessKeyId: 'o', secretAccessKey: 'o' } });
  });
  afterAll(() => bus.destroy());
  const replayed = async (name: string, from: number, until: number) => {
    await startReplay(bus, { ...order, name, from, until });
    await settled();
    return replayState(bus, name);
  };

  it('changes nothing where everything was recorded', async () => {
    const [items, mails] = [await shop.items(), shop.twin.mailbox.length];
    expect(await replayed('all', 0, shop.twin.now() + 1000)).toMatchObject({ state: 'completed' });
    expect(await shop.items()).toEqual(items);
    expect(shop.twin.mailbox).toHaveLength(mails);
    // What cannot be taken in is refused once more.
    expect(dead('record-dead')).toHaveLength(3);
  });

  it('records what never was, within the times it is asked for, and says nothing stale of it', async () => {
    await shop.register('cleo');
    await shop.pass(1);
    await shop.buy('cleo', 'kept-1');
    const at = shop.twin.now();
    await shop.pass(20);
    for (const { id } of await shop.store.readJournal('cleo')) await shop.store.unjournal('cleo', id);
    const mails = shop.mailsTo('cleo');

    await replayed('before', 0, at);
    const types = async () => (await shop.store.readJournal('cleo')).map(({ type }) => type);
    expect(await types()).toEqual(['Customer Registered']);
    await replayed('after', at, at + 1000);
    expect((await types()).toSorted()).toEqual(['Customer Registered', 'Purchase Completed']);
    expect(shop.mailsTo('cleo')).toEqual(mails);
  });

  it('has a name that is used once, and an archive that forgets after thirty days', async () => {
    await expect(replayed('all', 0, shop.twin.now())).rejects.toThrow('already exists');
    await shop.pass(31);
    expect(await replayed('forgotten', 0, shop.twin.now())).toEqual({ state: 'completed', reached: undefined });
  });
});

describe('facts that went wrong', () => {
  it('are found by the journal, and put right only when asked', async () => {
    const profile = await shop.store.load('ada');
    if (profile?.kind !== 'living') throw new Error('ada is a customer');
    const { orders, ...facts } = profile.facts;
    const wrong = { ...profile, version: profile.version + 1, facts: { ...facts, orders: { ...orders, ring: [] } } };
    expect(await shop.store.save(wrong, profile.version)).toBe(true);

    const looked = await rebuild('ada');
    expect(looked).toMatchObject({ exitCode: 1, text: expect.stringContaining('orders: ring lacks 4 of the 4') });
    expect(await shop.store.load('ada')).toEqual(wrong);
    expect(await rebuild('--all', '--apply')).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining('1 differing'),
    });
    await shop.pass(0.01);
    expect(await shop.store.load('ada')).toMatchObject({ facts: profile.facts, stage: profile.stage });
    expect(await rebuild('--all')).toMatchObject({ exitCode: 0, text: expect.stringContaining('0 differing') });
  });

  it('are gone over where an interrupted run stood', async () => {
    const target = await openTarget({ endpoint: shop.twin.endpoint });
    const repair = openRepair(target, 200);
    const { walks, now } = repair.services;
    const version = (await walks.read('rebuild'))?.version ?? 0;
    const times = { startsAt: now(), begunAt: now() };
    const walk = { version, name: 'rebuild', ...times, by: 'anna', status: 'running', done: 0 } as const;
    await expect(repairAll(repair.services, { apply: true, cause: 'rebuild' }, walk, killed)).rejects.toThrow('killed');
    expect(await walks.read('rebuild')).toMatchObject({ status: 'running' });

    expect(await rebuild('--all', '--apply')).toMatchObject({ exitCode: 0 });
    expect(await walks.read('rebuild')).toMatchObject({ status: 'done' });
    repair.close();
    target.records.close();
  });

  it('in a profile that cannot be read hold up nobody else, and are made anew', async () => {
    const { endpoint, region } = shop.twin;
    const table = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId: 'o', secretAccessKey: 'o' } });
    const [before, ada] = [await shop.store.load('ben'), await shop.store.load('ada')];
    if (before?.kind !== 'living' || ada?.kind !== 'living') throw new Error('ada and ben are customers');
    const [item, later] = [toItem(before), toItem(ada)];
    const store = (Item: typeof item) => table.send(new PutItemCommand({ TableName: shop.twin.tableName, Item }));
    await store({ ...item, format: { N: '1' }, facts: { S: 'garbage' }, memory: { S: '{}' } });
    await store({ ...later, format: { N: '9' } });

    expect(await rebuild('ben')).toMatchObject({ exitCode: 1, text: expect.stringContaining('or cannot be read') });
    const all = await rebuild('--all', '--apply');
    expect(all).toMatchObject({ exitCode: 1, text: expect.stringContaining('1 that cannot be read') });
    expect(all).toMatchObject({ text: expect.stringContaining('ada: cannot be read (profile of format 9') });
    expect(await shop.store.load('ben')).toMatchObject({ facts: before.facts, version: before.version + 1 });
    await store(later);
    table.destroy();
    expect(await rebuild('--all', '--apply')).toMatchObject({ exitCode: 0 });
  });

  it('of a profile that is gone come from journal and ledger, and nothing is sent twice', async () => {
    const before = await shop.store.load('ben');
    const mails = shop.mailsTo('ben');
    if (before?.kind !== 'living') throw new Error('ben is a customer');
    const { endpoint, region } = shop.twin;
    const table = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId: 'o', secretAccessKey: 'o' } });
    const { pk = { S: '' }, sk = { S: '' } } = toItem(before);
    await table.send(new DeleteItemCommand({ TableName: shop.twin.tableName, Key: { pk, sk } }));

    expect(await rebuild('--all')).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('ben: the profile is gone'),
    });
    expect(await rebuild('ben', '--apply')).toMatchObject({ exitCode: 0 });
    await shop.pass(30);
    const after = await shop.store.load('ben');
    expect(after).toMatchObject({ facts: before.facts, stage: 'active' });
    expect(new Set(shop.mailsTo('ben')).size).toBe(shop.mailsTo('ben').length);
    expect(shop.mailsTo('ben').length).toBeGreaterThan(mails.length);

    await table.send(new PutItemCommand({ TableName: shop.twin.tableName, Item: toItem(before) }));
    table.destroy();
    expect(await rebuild('ben', '--apply')).toMatchObject({
      text: expect.stringContaining('forgotten, and in the ledger'),
    });
    await shop.pass(4);
    expect(new Set(shop.mailsTo('ben')).size).toBe(shop.mailsTo('ben').length);
  });
});

it.each([
  ['a stray queue', ['nothing-dead'], 'expected one of the dead-letter queues'],
  ['two deeds', ['record-dead', '--send', '--discard'], 'found both'],
  ['a length of time', ['record-dead', '--older', 'soon'], '30m, 8h or 3d'],
  ['a deed without a queue', ['--send'], 'expected a QUEUE'],
])('says what it expects of %s', async (_what, args, words) => {
  await expect(redrive(...args)).rejects.toThrow(words);
});

it.each([
  ['nobody', [], 'expected one CUSTOMER or --all'],
  ['somebody and everybody', ['ada', '--all'], 'expected one CUSTOMER or --all'],
  ['write units', ['--all', '--write-units', 'many'], 'a whole number above 0'],
])('rebuild says what it expects instead of %s', async (_what, args, words) => {
  await expect(rebuild(...args)).rejects.toThrow(words);
});
