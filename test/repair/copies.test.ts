/** The files that `npm run redrive` writes and reads. */
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redriveCommand } from '../../infra/commands/redrive.ts';
import { Copies, readMended } from '../../infra/repair/copies.ts';
import { readDeadLetter } from '../../infra/repair/dead-letter.ts';

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

  it('is not made of a file that holds something else', async () => {
    const file = fileNamed('other.txt');
    await writeFile(file, 'dear diary\n');
    await expect(Copies.open(file)).rejects.toThrow('something else than copies');
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
    ['of a type nobody knows', { ...EVENT, 'detail-type': 'Purchase Complete' }, 'found "Purchase Complete"'],
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

  it.each([
    ['chosen among', ['--customer', 'nobody', '--reason', 'zzz'], 'expected --from without --reason, --customer'],
    ['copied into itself', ['--out', 'mended.jsonl'], 'expected --out to be another file'],
  ])('is not %s', async (_what, args, words) => {
    await expect(redriveCommand(['record-dead', '--from', 'mended.jsonl', ...args])).rejects.toThrow(words);
  });
});
