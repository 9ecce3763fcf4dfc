/**
 * The queues of a deployment, from SQS. A look hides messages from other receivers for a while; whoever has looked lets go of them,
 * and after a death they come back by themselves.
 */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadMessage } from './dead-letter.ts';

/** What SQS hands out at once. */
const BATCH = 10;
/** Long enough for a request to ask all the servers a queue is spread over. */
const WAIT_SECONDS = 1;
/** An answer without messages may be an accident while SQS counts more than came; so many in a row are the end. */
const EMPTY_ANSWERS = 3;
/** Hidden for so long at least while they are looked at; afterwards a message turns up once more, which is noticed. */
const HIDDEN_SECONDS = 300;
/** A slow connection brings five answers a second: whoever looks at so many waiting messages is done before the first come back. */
const LOOKED_AT_PER_SECOND = 50;
/** As long as SQS hides anything: 12 hours. */
const HIDDEN_LONGEST_SECONDS = 43_200;
/** As many as the client of SQS has connections. */
const LET_GO_AT_ONCE = 50;

/** How long a look hides so many messages at most, where nobody lets go of them. */
export function hiddenSecondsOf(messages: number): number {
  const needed = Math.ceil(messages / LOOKED_AT_PER_SECOND);
  return Math.min(Math.max(needed, HIDDEN_SECONDS), HIDDEN_LONGEST_SECONDS);
}

/** A message that was received, with what it takes to delete it or let it go. */
export interface Received {
  readonly message: DeadMessage;
  /** Of this time it was received: it makes earlier ones of the message useless. */
  readonly receipt: string;
  /** Otherwise it was received before, and has come back meanwhile. */
  readonly isNew: boolean;
}

export interface Depth {
  readonly waiting: number;
  /** Being handled, or hidden by somebody who looks. */
  readonly hidden: number;
}

export class Queues {
  readonly #client: SQSClient;
  readonly #urls = new Map<string, string>();

  constructor(client: SQSClient) {
    this.#client = client;
  }

  /** Names of the queues whose name begins so, in order. */
  async named(prefix: string): Promise<readonly string[]> {
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListQueuesCommand({ QueueNamePrefix: prefix, MaxResults: 1000, ...(NextToken && { NextToken }) }),
      );
      for (const url of page.QueueUrls ?? []) names.push(url.split('/').at(-1) ?? url);
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    return names.toSorted();
  }

  /** Roughly: SQS itself counts no better. */
  async depthOf(queue: string): Promise<Depth> {
    const { Attributes = {} } = await this.#client.send(
      new GetQueueAttributesCommand({ QueueUrl: await this.#urlOf(queue), AttributeNames: ['All'] }),
    );
    const {
      ApproximateNumberOfMessages: visible = '0',
      ApproximateNumberOfMessagesDelayed: delayed = '0',
      ApproximateNumberOfMessagesNotVisible: hidden = '0',
    } = Attributes;
    return { waiting: Number(visible) + Number(delayed), hidden: Number(hidden) };
  }

  /**
   * What lies in a queue, ten at a time; hidden until somebody lets it go. It ends when SQS hands out nothing more, which it
   * does at 120,000 messages that are hidden, or when everything came back once and nothing new with it.
   */
  async *received(queue: string): AsyncGenerator<readonly Received[], void> {
    const QueueUrl = await this.#urlOf(queue);
    const { waiting } = await this.depthOf(queue);
    const VisibilityTimeout = hiddenSecondsOf(waiting);
    const seen = new Set<string>();
    let again = 0;
    for (let empty = 0; empty < (seen.size < waiting ? EMPTY_ANSWERS : 1) && again <= seen.size;) {
      const { Messages = [] } = await this.#client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: BATCH,
          WaitTimeSeconds: WAIT_SECONDS,
          VisibilityTimeout,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      empty = Messages.length === 0 ? empty + 1 : 0;
      const batch = Messages.map((each) => receivedOf(each, seen));
      again = batch.some(({ isNew }) => isNew) ? 0 : again + batch.length;
      if (batch.length > 0) yield batch;
    }
  }

  async letGo(queue: string, receipts: readonly string[]): Promise<void> {
    const QueueUrl = await this.#urlOf(queue);
    for (let from = 0; from < receipts.length; from += LET_GO_AT_ONCE) {
      const some = receipts.slice(from, from + LET_GO_AT_ONCE);
      await Promise.all(
        some.map(async (ReceiptHandle) => {
          try {
            await this.#client.send(
              new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
            );
          } catch (cause) {
            // It has come back by itself.
            if (!(cause instanceof Error) || !/NotInflight/u.test(cause.name)) throw cause;
          }
        }),
      );
    }
  }

  async send(queue: string, body: string): Promise<void> {
    await this.#client.send(new SendMessageCommand({ QueueUrl: await this.#urlOf(queue), MessageBody: body }));
  }

  async delete(queue: string, receipt: string): Promise<void> {
    await this.#client.send(new DeleteMessageCommand({ QueueUrl: await this.#urlOf(queue), ReceiptHandle: receipt }));
  }

  async #urlOf(queue: string): Promise<string> {
    const known = this.#urls.get(queue);
    if (known !== undefined) return known;
    const { QueueUrl = '' } = await this.#client.send(new GetQueueUrlCommand({ QueueName: queue }));
    this.#urls.set(queue, QueueUrl);
    return QueueUrl;
  }
}

/** @param seen ids of those received before, which this one is added to */
function receivedOf(
  { MessageId = '', Body = '', ReceiptHandle = '', Attributes = {}, MessageAttributes = {} }: Message,
  seen: Set<string>,
): Received {
  const isNew = !seen.has(MessageId);
  seen.add(MessageId);
  return {
    isNew,
    receipt: ReceiptHandle,
    message: {
      messageId: MessageId,
      body: Body,
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
      ),
      sentAt: Number(Attributes.SentTimestamp ?? 0),
    },
  };
}
