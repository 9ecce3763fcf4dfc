import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../infra/local/usage-error.ts';
import { removeDirectory } from './fixture.ts';
import { DAY, SECOND, start, START } from './running.ts';

function dataDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'twin-data-'));
  onTestFinished(() => removeDirectory(directory));
  return directory;
}

test('tables, queues, dead letters, mails, the clock and cursors are there again', async () => {
  const options = { dataDirectory: dataDirectory() };
  const first = await start(options);
  await first.put('Note', { customerId: 'c1', id: 'kept' });
  await first.put('Mail', { customerId: 'c1', to: 'a@x.example' });
  await first.twin.advanceTo(START + 5 * SECOND);
  await first.sqs('SendMessage', { QueueUrl: 'intake-dead', MessageBody: 'dead' });
  await first.sqs('SendMessage', { QueueUrl: 'sweep-dead', MessageBody: 'delayed', DelaySeconds: 600 });
  first.twin.cursor('orders').set('row 17');
  await first.put('Note', { customerId: 'c1', id: 'waiting' });
  const [mail] = first.twin.mailbox;
  const raw = mail?.raw;
  await first.twin.close();

  const second = await start(options);
  expect(second.twin.now()).toBe(START + 5 * SECOND);
  expect(second.twin.cursor('orders').get()).toBe('row 17');
  expect(await second.item('c1', 'NOTE#kept')).toBeDefined();
  expect(second.depth('intake')).toEqual([1, 0, 0]);
  expect(second.depth('sweep-dead')).toEqual([0, 0, 1]);
  expect(second.twin.deadLetters()).toMatchObject([{ queue: 'intake-dead', body: 'dead' }]);
  expect(second.twin.mailbox).toMatchObject([{ id: mail?.id, to: ['a@x.example'], tags: { c: 'c1' } }]);
  expect(second.twin.mailbox[0]?.raw).toEqual(raw);
  await second.twin.advanceTo(START + 6 * SECOND);
  expect(await second.item('c1', 'NOTE#waiting')).toBeDefined();
  await second.put('Mail', { customerId: 'c1', to: 'b@x.example' });
  await second.twin.advanceTo(START + 7 * SECOND);
  expect(new Set(second.twin.mailbox.map(({ id }) => id)).size).toBe(2);
});

test('closing lets the invocations under way end their work', async () => {
  const options = { dataDirectory: dataDirectory() };
  const first = await start(options);
  await first.put('Note', { customerId: 'c1', id: 'under way' });
  const advance = first.twin.advanceTo(START + SECOND);
  await setImmediate();
  expect(first.depth('intake')).toEqual([0, 1, 0]);
  await first.twin.close();
  await advance;

  const second = await start(options);
  expect(second.depth('intake')).toEqual([0, 0, 0]);
  expect(await second.item('c1', 'NOTE#under way')).toBeDefined();
});

test('virtual time goes on where it stood, even when a later start is asked for', async () => {
  const options = { dataDirectory: dataDirectory() };
  const first = await start(options);
  await first.twin.advanceTo(START + SECOND);
  await first.twin.close();

  const second = await start({ ...options, clock: { mode: 'virtual', start: START + DAY } });
  expect(second.twin.now()).toBe(START + SECOND);
});

test('a directory in use by another start is refused in one line', async () => {
  const options = { dataDirectory: dataDirectory() };
  await start(options);
  const refused = start(options);
  await expect(refused).rejects.toBeInstanceOf(UsageError);
  await expect(refused).rejects.toThrow(
    new UsageError(`cannot keep data in ${options.dataDirectory}: another start is using it`),
  );
});

test('what PutEvents answered is on disk, with the cursor set before, when the process dies', async () => {
  const [directory, image] = [dataDirectory(), dataDirectory()];
  const { twin, put } = await start({ dataDirectory: directory });
  twin.cursor('orders').set('row 1');
  await put('Note', { customerId: 'c1' });
  // What lies on disk at this moment is what a killed process would leave.
  cpSync(directory, image, { recursive: true });

  const next = await start({ dataDirectory: image });
  expect(next.twin.cursor('orders').get()).toBe('row 1');
  expect(next.depth('intake')).toEqual([1, 0, 0]);
});
