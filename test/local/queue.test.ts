import { beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../../infra/local/clock.ts';
import { FORGETFUL } from '../../infra/local/journal.ts';
import { Origin } from '../../infra/local/origin.ts';
import { Queue, type QueueDefinition } from '../../infra/local/queue.ts';

const START = Date.parse('2026-03-01T12:00:00Z');
const definition: QueueDefinition = {
  name: 'intake',
  arn: 'arn:aws:sqs:us-east-1:000000000000:intake',
  url: 'http://127.0.0.1/000000000000/intake',
  visibilitySeconds: 30,
  delaySeconds: 0,
  retentionSeconds: 3600,
  receiveWaitSeconds: 0,
  redrive: { targetArn: 'dead', maxReceives: 2 },
  policy: [],
};

let clock: Clock;
let origin: Origin;
let queue: Queue;
let dead: Queue;

const nobody = () => undefined;

beforeEach(() => {
  clock = new Clock(START);
  origin = new Origin('test', false);
  dead = new Queue({ ...definition, name: 'dead', redrive: undefined }, clock, FORGETFUL, nobody);
  queue = new Queue(definition, clock, FORGETFUL, nobody);
  queue.redriveTo(dead);
});

/** Moves the clock as the pace does. */
function pass(seconds: number): void {
  clock.moveTo(clock.now() + seconds * 1000);
  queue.settle();
  dead.settle();
}
const bodies = (limit = 10) => queue.receive(limit).map(({ body }) => body);

describe('order and limits', () => {
  test('messages come in the order of arrival, at most as many as asked for', () => {
    for (const body of ['1', '2', '3']) queue.send(body, origin);
    expect(bodies(2)).toEqual(['1', '2']);
    expect(bodies(2)).toEqual(['3']);
    expect(bodies(2)).toEqual([]);
  });

  test('what an invocation sends is not visible before its origin lets it go', () => {
    const held = new Origin('held', true);
    queue.send('held', held);
    queue.send('free', origin);
    expect(queue.visible).toBe(1);
    held.release();
    expect(bodies()).toEqual(['free', 'held']);
  });
});

describe('visibility', () => {
  test('a received message comes back when its timeout ends, not before', () => {
    queue.send('a', origin);
    expect(bodies()).toEqual(['a']);
    expect(queue.next()).toBe(START + 30_000);
    pass(29);
    expect(queue.inFlight).toBe(1);
    pass(1);
    expect(queue.receive(1)[0]).toMatchObject({ body: 'a', receives: 2 });
  });

  test('a deleted message never comes back', () => {
    queue.send('a', origin);
    const [message] = queue.receive(1);
    queue.delete(message?.receipt ?? '');
    expect(queue.next()).toBeUndefined();
    pass(60);
    expect(bodies()).toEqual([]);
  });

  test('the handle of an earlier receive deletes nothing', () => {
    queue.send('a', origin);
    const stale = queue.receive(1)[0]?.receipt ?? '';
    pass(30);
    queue.receive(1);
    queue.delete(stale);
    expect(queue.inFlight).toBe(1);
  });

  test('changing the visibility moves the moment of return', () => {
    queue.send('a', origin);
    const receipt = queue.receive(1)[0]?.receipt ?? '';
    expect(queue.changeVisibility(receipt, 100)).toBe(true);
    pass(99);
    expect(queue.visible).toBe(0);
    pass(1);
    expect(queue.visible).toBe(1);
    expect(queue.changeVisibility(receipt, 0)).toBe(false);
  });

  test('a visibility of zero gives the message back at once', () => {
    queue.send('a', origin);
    queue.changeVisibility(queue.receive(1)[0]?.receipt ?? '', 0);
    expect(queue.visible).toBe(1);
  });
});

test('a delayed message is visible when its delay is over', () => {
  queue.send('a', origin, { delaySeconds: 10 });
  expect([queue.visible, queue.delayed]).toEqual([0, 1]);
  pass(9);
  expect(queue.visible).toBe(0);
  pass(1);
  expect([queue.visible, queue.delayed]).toEqual([1, 0]);
});

test('after the last allowed receive the message goes to the dead-letter queue with its identity and age', () => {
  const { id } = queue.send('a', origin);
  for (const receives of [1, 2]) {
    expect(queue.receive(1)[0]?.receives).toBe(receives);
    pass(30);
  }
  expect(queue.receive(1)).toEqual([]);
  expect(dead.messages()).toMatchObject([{ id, body: 'a', receives: 2, sentAt: START }]);
  expect([queue.visible, queue.inFlight]).toEqual([0, 0]);
});

test('a message older than the retention period is gone', () => {
  queue.send('old', origin);
  pass(3000);
  queue.send('young', origin);
  pass(600);
  expect(bodies()).toEqual(['young']);
});

test('a long poll ends when a message arrives', async () => {
  const polled = queue.poll(60_000).then(() => bodies());
  queue.send('a', origin);
  await expect(polled).resolves.toEqual(['a']);
});

test('purging leaves nothing, neither visible, delayed nor in flight', () => {
  queue.send('in flight', origin);
  queue.receive(1);
  queue.send('visible', origin);
  queue.send('delayed', origin, { delaySeconds: 10 });
  queue.purge();
  pass(60);
  expect([queue.visible, queue.delayed, queue.inFlight]).toEqual([0, 0, 0]);
});
