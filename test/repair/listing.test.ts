/** What somebody is told who looks into a queue that somebody else keeps hidden, over the wire. */
import { createHash } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, it } from 'vitest';
import { listingOf, lookAt } from '../../infra/repair/listing.ts';
import { Queues } from '../../infra/repair/queues.ts';
import { openWire, replyJson, TEST_CREDENTIALS, TEST_REGION, type Wire } from '../contracts/wire.ts';

const QUEUE = 'perennial-x-record-dead';
const LISTED = 20;
const NOW = Date.parse('2026-03-02T12:00:00Z');

let wire: Wire | undefined;
let client: SQSClient | undefined;
afterEach(async () => {
  client?.destroy();
  await wire?.close();
});

/** What a queue is said to hold that hands out the first `waiting` of its messages, and keeps the others hidden. */
async function said(waiting: number, hidden: number): Promise<string> {
  let left = waiting;
  wire = await openWire(({ target }, response) => {
    switch (target.slice('AmazonSQS.'.length)) {
      case 'GetQueueUrl':
        return replyJson(response, 200, { QueueUrl: `http://127.0.0.1/1/${QUEUE}` });
      case 'GetQueueAttributes':
        return replyJson(response, 200, {
          Attributes: {
            ApproximateNumberOfMessages: String(waiting),
            ApproximateNumberOfMessagesNotVisible: String(hidden),
          },
        });
      case 'ReceiveMessage': {
        const MD5OfBody = createHash('md5').update('{}').digest('hex');
        const Messages = Array.from({ length: Math.min(left, 10) }, (_, n) => ({
          Body: '{}',
          MD5OfBody,
          MessageId: `m-${left - n}`,
          ReceiptHandle: `r-${left - n}`,
        }));
        left -= Messages.length;
        return replyJson(response, 200, { Messages });
      }
      default:
        return replyJson(response, 200, {});
    }
  });
  client = new SQSClient({ endpoint: wire.endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS });
  const look = await lookAt(new Queues(client), { queue: QUEUE, filter: {}, now: NOW });
  return listingOf('prod', QUEUE, look, LISTED).join('\n');
}

it('a queue in which nothing lies is empty', async () => {
  expect(await said(0, 0)).toBe(`${QUEUE} is empty.`);
});

it.each([
  [3, 5],
  [40_000, 14],
])('one of which a run that died hides all %s messages is not, for %s minutes', async (hidden, minutes) => {
  const text = await said(0, hidden);
  expect(text).not.toContain('is empty');
  expect(text).toContain(
    `About ${hidden.toLocaleString('en')} messages hidden by somebody who looks, or by a run that died`,
  );
  expect(text).toContain(`back within ${minutes} minutes`);
});

it('and what is hidden beside what is to be seen is told as well', async () => {
  const text = await said(2, 1);
  expect(text).toContain(`${QUEUE}: 2 messages`);
  expect(text).toContain('About 1 message hidden');
});
