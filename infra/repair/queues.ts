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
/** Hidden for so long while they are looked at; afterwards a message may turn up a second time, which is noticed. */
const HIDDEN_SECONDS = 300;

/** A message that was received, with what it takes to delete it or let it go. */
export interface Received {
  readonly message: DeadMessage;
  readonly receipt: string;
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

  /** What lies in a queue, ten at a time, each once; hidden until somebody lets it go. */
  async *received(queue: string): AsyncGenerator<readonly Received[], void> {
    const QueueUrl = await this.#urlOf(queue);
    const { waiting } = await this.depthOf(queue);
    const seen = new Set<string>();
    for (let empty = 0; empty < (seen.size < waiting ? EMPTY_ANSWERS : 1);) {
      const { Messages = [] } = await this.#client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: BATCH,
          WaitTimeSeconds: WAIT_SECONDS,
          VisibilityTimeout: HIDDEN_SECONDS,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      empty = Messages.length === 0 ? empty + 1 : 0;
      const fresh = Messages.filter(({ MessageId = '' }) => !seen.has(MessageId));
      for (const { MessageId = '' } of fresh) seen.add(MessageId);
      if (fresh.length > 0) {
        yield fresh.map(
          ({ MessageId = '', Body = '', ReceiptHandle = '', Attributes = {}, MessageAttributes = {} }) => ({
            receipt: ReceiptHandle,
            message: {
              messageId: MessageId,
              body: Body,
              attributes: Object.fromEntries(
                Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
              ),
              sentAt: Number(Attributes.SentTimestamp ?? 0),
              receives: Number(Attributes.ApproximateReceiveCount ?? 0),
            },
          }),
        );
      }
    }
  }

  async letGo(queue: string, receipts: readonly string[]): Promise<void> {
    const QueueUrl = await this.#urlOf(queue);
    for (let from = 0; from < receipts.length; from += BATCH) {
      const some = receipts.slice(from, from + BATCH);
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
