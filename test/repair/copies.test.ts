/** The files that `npm run redrive` writes and reads. */
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redriveCommand } from '../../infra/commands/redrive.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { Copies, readMended } from '../../infra/repair/copies.ts';
import { readDeadLetter } from '../../infra/repair/dead-letter.ts';
import { DoubtfulList } from '../../infra/repair/doubtful-list.ts';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const EVENT = {
  source: 'shop',
  'detail-type': 'Purchase Completed',
  detail: {
    metadata: { id: 'e-1', version: 1, occurredAt: '2026-03-02T11:00:00Z' },
    data: { customerId: 'c-1', orderId: 'o-1', total: 40, currency: 'EUR' },
  },
};

let directory: string;
beforeAll(async () => void (directory = await mkdtemp(path.join(tmpdir(), 'copies-'))));
afterAll(() => rm(directory, { recursive: true }));

const fileNamed = (name: string) => path.join(directory, name);
const linesOf = async (file: string) => (await readFile(file, 'utf8')).trim().split('\n');
const letter = (messageId: string) =>
  readDeadLetter('perennial-x-record-dead', { messageId, body: JSON.stringify(EVENT), attributes: {}, sentAt: NOW });

describe('a file of copies', () => {
  it('holds each message once, and is its owner’s alone even where it was there before', async () => {
    const file = fileNamed('twice.jsonl');
    await writeFile(file, '');
    await chmod(file, 0o644);
    const copies = await Copies.open(file);
    await copies.add([letter('m-1')]);
    await copies.add([letter('m-1'), letter('m-2')]);
    await (await Copies.open(file)).add([letter('m-2'), letter('m-3')]);
    expect((await linesOf(file)).map((line) => JSON.parse(line))).toMatchObject([
      { messageId: 'm-1', event: EVENT },
      { messageId: 'm-2' },
      { messageId: 'm-3' },
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('that somebody shortened to what is to be sent is no copy yet', async () => {
    const file = fileNamed('short.jsonl');
    await writeFile(file, `${JSON.stringify({ messageId: 'm-1', event: EVENT })}\n`);
    await (await Copies.open(file)).add([letter('m-1')]);
    expect(await linesOf(file)).toHaveLength(2);
  });

  it.each([['dear diary\n'], ['dear diary'], ['{"name":"a shop"}'], ['{"name":"a shop"}\n{"messageId":"m-']])(
    'is not made of a file that holds something else, which stays as it is: %j',
    async (text) => {
      const file = fileNamed('other.txt');
      await writeFile(file, text);
      await expect(Copies.open(file)).rejects.toThrow('something else than copies');
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );

  it('that ends in half a line of its own is gone on with, wherever it was cut', async () => {
    const file = fileNamed('cut.jsonl');
    await rm(file, { force: true });
    await (await Copies.open(file)).add([letter('m-1'), letter('m-2')]);
    const whole = await readFile(file, 'utf8');
    const second = whole.indexOf('\n') + 1;
    for (const length of [second + 1, second + 40, whole.length - 2, whole.length - 1]) {
      await writeFile(file, whole.slice(0, length));
      await (await Copies.open(file)).add([letter('m-1'), letter('m-2')]);
      expect(await readFile(file, 'utf8')).toBe(whole);
    }
  });
});

describe('the list of doubtful messages', () => {
  const doubtful = { customerId: 'c-1', key: '1/onboarding/welcome/1', moment: NOW, fate: 'given up' } as const;

  it('that ends in half a line is gone on with', async () => {
    const file = fileNamed('doubtful.jsonl');
    await (await DoubtfulList.open(file)).add([doubtful, { ...doubtful, customerId: 'c-2' }]);
    const whole = await readFile(file, 'utf8');
    await writeFile(file, whole.slice(0, -20));
    const list = await DoubtfulList.open(file);
    expect(list.all).toEqual([doubtful]);
    await list.add([{ ...doubtful, customerId: 'c-2' }]);
    expect(await readFile(file, 'utf8')).toBe(whole);
  });

  it.each([['{"orders":7}\n'], ['dear diary']])('is not made of another file: %j', async (text) => {
    const file = fileNamed('other.jsonl');
    await writeFile(file, text);
    const opened = DoubtfulList.open(file);
    await expect(opened).rejects.toThrow(UsageError);
    await expect(opened).rejects.toThrow('something else than a list of doubtful messages: name another file');
    expect(await readFile(file, 'utf8')).toBe(text);
  });
});

async function read(event: object) {
  const file = fileNamed('mended.jsonl');
  await writeFile(file, JSON.stringify({ messageId: 'm-1', event }));
  return readMended(file, NOW);
}

describe('a mended event', () => {
  it('is read with the message it was copied from', async () => {
    expect(await read(EVENT)).toEqual([{ messageId: 'm-1', event: EVENT }]);
  });

  const { detail } = EVENT;
  it.each([
    ['of a type nobody knows', { ...EVENT, 'detail-type': 'Purchase Complete' }, 'one of the types in docs/events'],
    ['without a source, which the bus does not take', { ...EVENT, source: '' }, 'source: expected the name'],
    ['whose source is too long for the bus', { ...EVENT, source: 's'.repeat(257) }, 'source: expected at most 256'],
    [
      'larger than the bus takes',
      { ...EVENT, detail: { ...detail, data: { ...detail.data, note: 'x'.repeat(262_144) } } },
      'detail: expected at most 262144 bytes',
    ],
    ['of our own source, which the intake leaves out', { ...EVENT, source: 'perennial' }, 'found source perennial'],
    ['of AWS', { ...EVENT, source: 'aws.ses' }, 'found source aws.ses'],
    [
      'of nobody',
      { ...EVENT, 'detail-type': 'Product Viewed', detail: { ...detail, data: { customerId: '', sku: 'pot-1' } } },
      'expected a customer',
    ],
    [
      'that breaks its contract',
      { ...EVENT, detail: { ...detail, data: { ...detail.data, total: -1 } } },
      'data.total',
    ],
  ])('%s is not sent', async (_what, event, words) => {
    await expect(read(event)).rejects.toThrow(words);
  });

  it('is not sent beside another one of the same id, of which one would be refused', async () => {
    const file = fileNamed('same.jsonl');
    const other = { ...EVENT, detail: { ...detail, data: { ...detail.data, orderId: 'o-2' } } };
    await writeFile(file, [EVENT, other].map((event) => JSON.stringify({ event })).join('\n'));
    await expect(readMended(file, NOW)).rejects.toThrow(/line 2: metadata\.id: /u);
  });

  it.each([
    ['chosen among', ['--customer', 'nobody', '--reason', 'zzz'], 'expected --from without --reason, --customer'],
    ['copied into itself', ['--out', 'mended.jsonl'], 'expected --out to be another file'],
  ])('is not %s', async (_what, args, words) => {
    await expect(redriveCommand(['record-dead', '--from', 'mended.jsonl', ...args])).rejects.toThrow(words);
  });
});
