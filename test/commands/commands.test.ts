import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportCommand } from '../../infra/commands/export.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { pauseCommand, resumeCommand } from '../../infra/commands/pause.ts';
import { confirmChange } from '../../infra/target.ts';
import { unsuppressCommand } from '../../infra/commands/unsuppress.ts';
import { whyCommand } from '../../infra/commands/why.ts';
import { BROWSING_KEY } from '../../shared/adapters/browsing-item.ts';
import { DynamoDBLaneStore } from '../../shared/adapters/dynamodb-lane-store.ts';
import { DynamoDBStore } from '../../shared/adapters/dynamodb-store.ts';
import { DICTIONARIES } from '../../shared/adapters/profile-dictionaries.ts';
import { DAY, MINUTE } from '../../shared/lifecycle/time.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { type Ran, run, runWith } from './run.ts';

let shop: Shop;
let client: DynamoDBClient;
let lanes: DynamoDBLaneStore;

beforeAll(async () => {
  shop = await openShop();
  const { endpoint, region, tableName } = shop.twin;
  client = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  lanes = new DynamoDBLaneStore(client, tableName);
});

afterAll(async () => {
  client.destroy();
  await shop.close();
});

const COMMANDS = {
  why: whyCommand,
  export: exportCommand,
  pause: pauseCommand,
  resume: resumeCommand,
  unsuppress: unsuppressCommand,
} as const;
type Command = keyof typeof COMMANDS;
const NAMES = Object.keys(COMMANDS).filter((name): name is Command => name in COMMANDS);

/** What a command says; an error of usage becomes what it prints. */
async function here(command: Command, ...args: readonly string[]): Promise<Ran> {
  try {
    return { code: 0, out: await COMMANDS[command]([...args, '--endpoint', shop.twin.endpoint]), err: '' };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { code: 2, out: '', err: error.message };
  }
}

describe.each(NAMES)('%s', (command) => {
  it('explains itself', async () => {
    const { code, out, err } = await run(command, '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`npm run ${command === 'export' ? '-s export' : command}`);
    expect(out).toContain('--stage S');
    expect(out).toContain('Exit codes');
  });

  it('names an option it does not know', async () => {
    const { code, err } = await here(command, '--bogus');
    expect(code).toBe(2);
    expect(err).toMatch(/^Unknown option '--bogus'[^\n]*--help explains the command$/u);
  });

  it('says what to do when no twin is running', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close();
    await once(server, 'close');
    const what = command === 'resume' ? ['--all'] : command === 'pause' ? [] : ['c-1'];
    await expect(COMMANDS[command]([...what, '--endpoint', `http://127.0.0.1:${port}`])).rejects.toThrow(
      /^no local twin answers at \S+: npm start first, [^\n]*$/u,
    );
  });
});

it('an option that npm kept for itself is not taken for none, also where npm knows one of that name', async () => {
  expect(await runWith({ npm_config_json: 'true' }, 'cost')).toMatchObject({
    code: 2,
    err: 'npm kept --json for itself: put -- before the options of the command\n',
  });
  expect(await runWith({ npm_config_all: 'true' }, 'pause')).toEqual({
    code: 2,
    out: '',
    err: 'npm kept --all for itself: put -- before the options of the command\n',
  });
});

it('a mistake in the command is one line and exit code 2', async () => {
  expect(await run('resume')).toEqual({
    code: 2,
    out: '',
    err: 'expected --all or --programme P: what to resume; --help explains the command\n',
  });
});

describe('the target', () => {
  it('is a stage or a twin', async () => {
    const { code, err } = await here('pause', '--stage', 'dev');
    expect(code).toBe(2);
    expect(err).toBe('expected --stage for a deployment or --endpoint for a local twin, found both');
  });

  it('is a deployed stage with the credentials and region of the shell', async () => {
    const shell = {
      AWS_ENDPOINT_URL: shop.twin.endpoint,
      AWS_REGION: shop.twin.region,
      AWS_ACCESS_KEY_ID: 'shell',
      AWS_SECRET_ACCESS_KEY: 'shell',
    };
    const there = await runWith(shell, 'pause', '--stage', 'local');
    expect(there).toMatchObject({ code: 0, err: '' });
    expect(there.out).toContain('Nothing is paused in stage local.');
    const missing = await runWith(shell, 'pause', '--stage', 'nowhere');
    expect(missing).toEqual({
      code: 2,
      out: '',
      err: 'there is no table perennial-nowhere-customers in this account and region; check --stage\n',
    });
  });

  it('has to be an address', async () => {
    await expect(pauseCommand(['--endpoint', 'twin'])).rejects.toThrow(
      '--endpoint expects an address such as http://127.0.0.1:4580, found "twin"',
    );
  });

  it('has a valid playbook', async () => {
    const { code, err } = await here('why', 'c-1', '--playbook', 'package.json');
    expect(code).toBe(2);
    expect(err).toMatch(/^--playbook: package\.json is no valid playbook: [^\n]+$/u);
  });

  it('is changed without a question outside production, and for who has said --yes', async () => {
    expect(await confirmChange({ stage: undefined }, 'Pause all mail', false)).toBe(true);
    expect(await confirmChange({ stage: 'dev' }, 'Pause all mail', false)).toBe(true);
    expect(await confirmChange({ stage: 'prod' }, 'Pause all mail', true)).toBe(true);
  });
});

describe('pausing', () => {
  it('holds the mail of one programme until it is resumed, and says so', async () => {
    const paused = await here('pause', '--programme', 'onboarding');
    expect(paused).toMatchObject({ code: 0, err: '' });
    expect(paused.out).toContain('Paused in the local twin: onboarding since 2 Mar 2026, 12:00 UTC.');
    expect(paused.out).toContain('Senders look every 20 seconds');
    expect(Object.keys((await lanes.read()).paused.programmes)).toEqual(['onboarding']);

    await shop.twin.advanceTo(shop.twin.now() + MINUTE);
    await shop.register('c-paused');
    await shop.buy('c-paused', 'o-1');
    expect(shop.mailsTo('c-paused')).toEqual([]);
    const why = await here('why', 'c-paused', 'onboarding/welcome');
    expect(why.out).toContain('somebody has paused this mail');
    expect(why.out).toContain('Onboarding has been paused since 2 Mar 2026, 12:00 UTC.');

    const shown = await here('pause');
    expect(shown.out).toContain('Paused in the local twin: onboarding since 2 Mar 2026, 12:00 UTC.');
    const resumed = await here('resume', '--programme', 'onboarding');
    expect(resumed.out).toContain('Nothing is paused in the local twin.');
    await shop.twin.advanceTo(shop.twin.now() + DAY);
    expect(shop.mailsTo('c-paused')).toEqual(['onboarding/welcome']);
  });

  it('keeps the time of the first pause, and resuming all resumes programmes, too', async () => {
    await here('pause', '--all');
    const before = await lanes.read();
    await shop.twin.advanceTo(shop.twin.now() + MINUTE);
    await here('pause', '--all');
    expect(await lanes.read()).toEqual(before);
    await here('pause', '--programme', 'retention');
    const still = await here('resume', '--programme', 'retention');
    expect(still.out).toContain('Everything is still paused');
    await here('pause', '--programme', 'retention');
    await here('resume', '--all');
    expect((await lanes.read()).paused).toEqual({ programmes: {} });
  });

  it.each([
    [
      'pause',
      ['--programme', 'newsletter'],
      /^--programme expects one of [a-z, -]*win-back[a-z, -]*, found "newsletter"$/u,
    ],
    ['resume', ['--programme', 'newsletter'], /^--programme expects one of .*, found "newsletter"$/u],
    ['resume', [], /^expected --all or --programme P/u],
    ['pause', ['--all', '--programme', 'win-back'], /^expected --all or --programme, found both$/u],
    ['pause', ['win-back'], /^expected --all or --programme win-back, found "win-back"/u],
  ] as const)('%s %j is an error that says what was expected', async (command, args, message) => {
    const { code, err } = await here(command, ...args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect((await lanes.read()).paused).toEqual({ programmes: {} });
  });
});

/** Items of addresses that bounced. */
async function suppressed() {
  const items = (await stored()).filter(({ pk }) => String(pk).startsWith('ADDRESS#'));
  return items.filter((item) => JSON.stringify(item).includes('hard bounce'));
}

describe('unsuppress', () => {
  it('lifts what bounces did, once, and leaves what readers said', async () => {
    await shop.register('c-wrong');
    await shop.buy('c-wrong', 'o-wrong');
    const mail = shop.twin.mailbox.at(-1);
    expect(mail?.to.join(',')).toContain('c-wrong');
    shop.twin.ses.report(mail?.id ?? '', { kind: 'bounce', bounceType: 'Permanent', bounceSubType: 'General' });
    await shop.emit('Preferences Changed', { customerId: 'c-wrong', how: 'shop', promotion: 'off' });
    const before = await suppressed();
    expect(before.length).toBeGreaterThan(0);
    const first = await here('unsuppress', 'c-wrong');
    expect(first.out).toMatch(/^Was: The address [\w-]{16} is suppressed since [^\n]+ \(hard bounce\)\./u);
    expect(first.out).toMatch(/^Now: The address [\w-]{16} is not suppressed\./mu);
    expect(await suppressed()).toHaveLength(before.length - 1);
    expect((await here('unsuppress', 'c-wrong')).out).toMatch(/^The address [\w-]{16} is not suppressed\./u);
    expect((await here('why', 'c-wrong')).out).toContain('promotional mail off');
  });

  it.each([
    [[], /^expected CUSTOMER/u],
    [['c-nobody'], /knows no customer "c-nobody"$/u],
  ])('%j is an error that says what was expected', async (args, message) => {
    const { code, err } = await here('unsuppress', ...args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

describe('why', () => {
  it('tells stage, messages and what comes next, in the sentences of the page', async () => {
    await shop.register('c-why');
    await shop.buy('c-why', 'o-2');
    await shop.emit('Complaint Opened', {
      customerId: 'c-why',
      complaintId: 'k-1',
      channel: 'email',
      severity: 'high',
    });
    const { code, out } = await here('why', 'c-why');
    expect(code).toBe(0);
    const words = out.replaceAll(/\s+/gu, ' ');
    expect(words).toMatch(/^c-why: New since \d+ Mar 2026/u);
    expect(words).toContain('with Purchase Completed (order o-2, 40 EUR).');
    expect(words).toContain('Dissatisfied: a complaint is open');
    expect(words).toContain('Complaint k-1 was opened on ');
    expect(words).toMatch(/Sent Recovery, apology \(1\/recovery\/apology\/k-1\)/u);
    expect(words).toContain('Next, if nothing else happens');
    expect(words).toContain('Recovery, status, round 1. Service mail: it goes out at any hour.');
    expect(words).toContain('Looked at again ');
  });

  it('tells of one message by its step or its key', async () => {
    const byStep = await here('why', 'c-why', 'recovery/apology');
    const byKey = await here('why', 'c-why', '1/recovery/apology/k-1');
    expect(byStep.out).toBe(byKey.out);
    expect(byKey.out).toMatch(/^Sent {2}Recovery, apology/u);
    expect(byKey.out).not.toContain('Onboarding');
  });

  it('names what there is when there is no such message, and a customer nobody knows', async () => {
    const message = await here('why', 'c-why', 'win-back/offer');
    expect(message.code).toBe(2);
    expect(message.err).toContain('no message "win-back/offer": this customer has ');
    expect(message.err).toContain('1/recovery/apology/k-1');
    const nobody = await here('why', 'c-nobody');
    expect(nobody).toMatchObject({ code: 2, err: 'the local twin knows no customer "c-nobody"' });
    expect(await here('why')).toMatchObject({ code: 2 });
  });

  it('says that somebody was erased, and nothing else', async () => {
    await shop.register('c-gone');
    await shop.emit('Customer Erasure Requested', { customerId: 'c-gone', requestId: 'r-1' });
    const { code, out } = await here('why', 'c-gone');
    expect(code).toBe(0);
    expect(out).toContain('c-gone was erased on ');
  });
});

/** Every number, text and truth value within, as text. Text that is JSON is opened. */
function leavesOf(value: unknown): readonly string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (typeof value === 'object') return Object.values(value).flatMap(leavesOf);
  if (typeof value === 'string' && /^[[{]/u.test(value)) return leavesOf(JSON.parse(value));
  return [typeof value === 'string' ? value : JSON.stringify(value)];
}

/**
 * Texts with a leading tilde are ids in a shorter spelling, which the export spells out. In a packed order 0 is a flag:
 * not cancelled.
 */
function isPacked(value: string): boolean {
  return value.startsWith('~') || value === '0';
}

function keysOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

/** A profile of more than a write unit is compressed. */
function unpacked({ packed, dictionary, ...others }: Record<string, unknown>): Record<string, unknown> {
  if (!(packed instanceof Uint8Array)) return others;
  const text = inflateRawSync(packed, { dictionary: DICTIONARIES.get(Number(dictionary)) }).toString();
  return { ...others, text };
}

/** Every item of the table. */
async function stored(): Promise<readonly Record<string, unknown>[]> {
  const scanned = await client.send(new ScanCommand({ TableName: shop.twin.tableName, ConsistentRead: true }));
  return (scanned.Items ?? []).map((item: Record<string, AttributeValue>) => unmarshall(item));
}

describe('export', () => {
  const customerId = 'c-rich';
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'perennial-export-'));
    const { twin } = shop;
    await shop.register(customerId, {
      name: 'Rika Richter',
      locale: 'de-DE',
      email: 'Shared@example.com',
      referral: { by: 'c-why' },
    });
    await shop.register('c-flatmate', { email: 'shared@example.com', name: 'Other Person' });
    await shop.emit('Product Viewed', { customerId, sku: 'rich-pot', category: 'rich-pots' });
    await shop.buy(customerId, 'rich-1', 99.5);
    await shop.buy('c-flatmate', 'flat-1', 12);
    await shop.emit('Login Succeeded', { customerId });
    await shop.emit('Order Delivered', { customerId, orderId: 'rich-1' });
    await shop.pass(1);
    await shop.emit('Purchase Refunded', {
      customerId,
      orderId: 'rich-1',
      refundId: 'refund-1',
      amount: 9.5,
      currency: 'EUR',
    });
    await shop.emit('Preferences Changed', {
      customerId,
      how: 'shop',
      pace: 'less',
      programmes: { 'win-back': 'off' },
    });
    await shop.emit('Question Answered', {
      customerId,
      programme: 'win-back',
      step: 'ask',
      question: 'reason',
      answer: 'price',
    });
    await shop.emit('Complaint Opened', { customerId, complaintId: 'rich-k', channel: 'phone', severity: 'low' });
    await shop.emit('Profile Updated', { customerId, email: 'second@example.com' });
    const mail = twin.mailbox.find((each) => each.to.includes('Shared@example.com'));
    if (mail !== undefined) {
      twin.ses.report(mail.id, { kind: 'bounce', bounceType: 'Permanent', bounceSubType: 'General' });
    }
    await shop.pass(2);
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  async function exported() {
    const file = path.join(directory, 'person.json');
    const ran = await here('export', customerId, '--out', file);
    expect(ran).toMatchObject({ code: 0, err: '' });
    // Personal data is for the person who asked for it.
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const data: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
    return data;
  }

  it('holds every value the table holds about the person', async () => {
    const leaves = new Set(leavesOf(await exported()));
    const keys = new Set(keysOf(await exported()));
    const items = await stored();
    const own = items.filter(({ pk }) => pk === `CUSTOMER#${customerId}`);
    const kinds = new Set(own.map(({ sk }) => String(sk).split('#')[0]));
    expect(kinds).toEqual(new Set(['BROWSING', 'EVENT', 'MESSAGE', 'PROFILE']));
    for (const { pk: _pk, sk, ...attributes } of own) {
      // Bytes, which the next test knows to read.
      if (sk === BROWSING_KEY) continue;
      const id = String(sk).split('#').slice(1).join('#');
      // A rank is made of a status and a time, which are told.
      const { rank: _rank, ...rest } = attributes;
      const told = unpacked(rest);
      const values = [...(id === '' ? [] : [id]), ...leavesOf(told)];
      const missing = values.filter((value) => !isPacked(value) && !leaves.has(value) && !keys.has(value));
      expect({ sk, missing }).toEqual({ sk, missing: [] });
    }
  });

  it('holds what the person looked at, and until when that is kept', async () => {
    const { looks } = await exported();
    const { browsing } = await new DynamoDBStore(client, shop.twin.tableName).readLooks(customerId);
    const at = browsing.looks[0]?.at ?? 0;
    expect(looks).toEqual({
      newest: [{ at, kind: 'product', sku: 'rich-pot', category: 'rich-pots' }],
      first: { at, views: [at] },
      keptUntil: at + 90 * DAY,
    });
  });

  it('holds what is known of every address the person ever gave', async () => {
    const items = await stored();
    const theirs = items.filter(
      ({ pk, document }) => String(pk).startsWith('ADDRESS#') && String(document).includes(customerId),
    );
    expect(theirs.length).toBeGreaterThan(0);
    const { addresses } = await exported();
    const leaves = new Set(leavesOf(addresses));
    for (const { pk, document } of theirs) {
      expect(leaves).toContain(String(pk).slice('ADDRESS#'.length));
      const { holders, ...rest }: Record<string, Record<string, unknown>> = JSON.parse(String(document));
      expect(leaves).toContain(String(holders?.[customerId]));
      expect(leavesOf(rest).filter((value) => !leaves.has(value) && value !== 'c-flatmate')).toEqual([]);
    }
    expect(leaves).toContain('hard bounce');
    expect(leaves).toContain('second@example.com');
  });

  it('says when, of which schema, and why the stage and the messages are as they are', async () => {
    const data = await exported();
    expect(data['header']).toMatchObject({
      customerId,
      schemaVersion: 1,
      exportedAt: new Date(shop.twin.now()).toISOString(),
    });
    const words = JSON.stringify(data['inWords']);
    expect(words).toContain('first order');
    expect(words).toContain('Dissatisfied: a complaint is open');
    expect(words).toContain('Chosen by the reader: win-back off');
    expect(words).toContain('Bounced: it came back');
  });

  it('holds nothing of anybody else', async () => {
    const text = JSON.stringify(await exported());
    expect(text).not.toContain('c-flatmate');
    expect(text).not.toContain('Other Person');
    expect(text).not.toContain('flat-1');
  });

  it('says of a mailbox that is shared how many share it, and not who', async () => {
    await shop.register('c-first', { email: 'house@example.com' });
    await shop.register('c-second', { email: 'house@example.com' });
    await shop.buy('c-first', 'house-1');
    await shop.buy('c-second', 'house-2');
    await shop.pass(1);
    const { out } = await here('export', 'c-second');
    expect(out).toContain('The address is shared with 1 other customer.');
    expect(out).not.toContain('c-first');
    expect((await here('why', 'c-second')).out).toContain('The address is shared with c-first.');
  });

  it('goes to the terminal as JSON alone, and names what is wrong', async () => {
    const { out } = await here('export', customerId);
    expect(JSON.parse(out)).toHaveProperty('profile');
    expect(await here('export', 'c-nobody')).toMatchObject({
      code: 2,
      err: 'the local twin knows no customer "c-nobody"',
    });
    const unwritable = await here('export', customerId, '--out', directory);
    expect(unwritable.code).toBe(2);
    expect(unwritable.err).toContain(`--out: cannot write ${directory}`);
  });
});
