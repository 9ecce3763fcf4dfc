/** Looking into a queue whose messages come back while somebody looks, over the wire. */
import { createHash } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Queues } from '../../infra/repair/queues.ts';
import { lookInto, takeOut } from '../../infra/repair/redrive.ts';
import { openWire, replyJson, TEST_CREDENTIALS, TEST_REGION, type Wire } from '../contracts/wire.ts';

const request = z.object({ VisibilityTimeout: z.number().optional(), ReceiptHandle: z.string().optional() });

/** Hands out ten after ten round and round, and hides nothing: as if every look took longer than a message is hidden. */
class Forgetful {
  readonly left: string[];
  readonly letGo: string[] = [];
  hiddenSeconds = 0;
  receives = 0;
  #cursor = 0;
  readonly #waiting: number;

  constructor(count: number, waiting = count) {
    this.left = Array.from({ length: count }, (_, n) => `m-${n}`);
    this.#waiting = waiting;
  }

  open(): Promise<Wire> {
    return openWire(({ target, body }, response) =>
      replyJson(response, 200, this.#answer(target, request.parse(JSON.parse(body)))),
    );
  }

  #answer(target: string, { VisibilityTimeout = 0, ReceiptHandle = '' }: z.infer<typeof request>): object {
    switch (target.slice('AmazonSQS.'.length)) {
      case 'GetQueueUrl':
        return { QueueUrl: 'http://127.0.0.1/1/perennial-x-record-dead' };
      case 'GetQueueAttributes':
        return { Attributes: { ApproximateNumberOfMessages: String(this.#waiting) } };
      case 'ReceiveMessage':
        this.hiddenSeconds = VisibilityTimeout;
        return { Messages: this.#next() };
      case 'DeleteMessage':
        this.left.splice(this.left.indexOf(ReceiptHandle.split('/')[0] ?? ''), 1);
        return {};
      default:
        this.letGo.push(ReceiptHandle);
        return {};
    }
  }

  #next(): readonly object[] {
    this.receives += 1;
    const ids = this.left.slice(this.#cursor, this.#cursor + 10);
    this.#cursor = this.#cursor + 10 >= this.left.length ? 0 : this.#cursor + 10;
    const message = { Body: '{}', MD5OfBody: createHash('md5').update('{}').digest('hex') };
    return ids.map((MessageId) => ({ ...message, MessageId, ReceiptHandle: `${MessageId}/${this.receives}` }));
  }
}

let wire: Wire | undefined;
let client: SQSClient | undefined;
async function queuesOf(queue: Forgetful): Promise<Queues> {
  wire = await queue.open();
  client = new SQSClient({ endpoint: wire.endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS });
  return new Queues(client);
}
afterEach(async () => {
  client?.destroy();
  await wire?.close();
});

describe('a queue whose messages come back', () => {
  it('is looked into to the end, each message once, and let go as it was received last', async () => {
    const queue = new Forgetful(95);
    const ids: string[] = [];
    await lookInto(await queuesOf(queue), 'perennial-x-record-dead', (letters) => {
      ids.push(...letters.map(({ messageId }) => messageId));
    });
    expect(ids).toEqual(queue.left);
    // One round to see them all, and one that brings nothing new.
    expect(queue.receives).toBeLessThan(25);
    const last = queue.letGo.map((each) => Number(each.split('/')[1]));
    expect(queue.letGo).toHaveLength(95);
    expect(Math.min(...last)).toBeGreaterThan(10);
  });

  it('is emptied of what is meant, and of nothing else', async () => {
    const queue = new Forgetful(40);
    const messageIds = new Set(['m-3', 'm-39', 'm-gone']);
    const kept: string[] = [];
    const done = await takeOut(await queuesOf(queue), 'perennial-x-record-dead', {
      messageIds,
      keep: async (letters) => void kept.push(...letters.map(({ messageId }) => messageId)),
      handle: async () => undefined,
    });
    expect(done).toBe(2);
    expect(kept).toEqual(['m-3', 'm-39']);
    expect(queue.left).toHaveLength(38);
    expect(queue.letGo.map((each) => each.split('/')[0] ?? '').toSorted()).toEqual(queue.left.toSorted());
  });

  it.each([
    [3, 300],
    [40_000, 800],
    [10_000_000, 43_200],
  ])('with %s messages keeps them hidden for %s seconds', async (waiting, seconds) => {
    const queue = new Forgetful(1, waiting);
    await lookInto(await queuesOf(queue), 'perennial-x-record-dead', () => undefined);
    expect(queue.hiddenSeconds).toBe(seconds);
  });
});
