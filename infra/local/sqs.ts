/** SQS's JSON protocol for standard queues. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ServiceError } from './errors.ts';
import type { AccessRequest } from './iam.ts';
import type { Origin } from './origin.ts';
import type { Message, Queue } from './queue.ts';

const MAX_BATCH = 10;
const MAX_MESSAGE_BYTES = 1024 * 1024;
const SECOND = 1000;

const attributesSchema = z
  .record(z.string(), z.object({ DataType: z.string(), StringValue: z.string().optional() }).loose())
  .optional();
const outgoing = {
  MessageBody: z.string().min(1),
  DelaySeconds: z.number().min(0).max(900).optional(),
  MessageAttributes: attributesSchema,
};
const onQueue = z.object({ QueueUrl: z.string() });
const schemas = {
  send: onQueue.extend(outgoing),
  sendBatch: onQueue.extend({ Entries: z.array(z.object({ Id: z.string(), ...outgoing })).min(1) }),
  receive: onQueue.extend({
    MaxNumberOfMessages: z.number().min(1).max(MAX_BATCH).default(1),
    VisibilityTimeout: z.number().min(0).optional(),
    WaitTimeSeconds: z.number().min(0).max(20).optional(),
    AttributeNames: z.array(z.string()).default([]),
    MessageSystemAttributeNames: z.array(z.string()).default([]),
    MessageAttributeNames: z.array(z.string()).default([]),
  }),
  delete: onQueue.extend({ ReceiptHandle: z.string() }),
  deleteBatch: onQueue.extend({ Entries: z.array(z.object({ Id: z.string(), ReceiptHandle: z.string() })).min(1) }),
  changeVisibility: onQueue.extend({ ReceiptHandle: z.string(), VisibilityTimeout: z.number().min(0).max(43_200) }),
  attributes: onQueue.extend({ AttributeNames: z.array(z.string()).default([]) }),
  url: z.object({ QueueName: z.string() }),
  list: z.object({ QueueNamePrefix: z.string().default('') }),
};
const named = z.object({ QueueUrl: z.string().optional(), QueueName: z.string().optional() });

type Outgoing = z.infer<typeof schemas.send>;

/** Batch operations need the permission of the single one. */
const ACTIONS: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
};

export class Sqs {
  readonly #byName: ReadonlyMap<string, Queue>;
  readonly #arnPrefix: string;

  constructor(queues: readonly Queue[], arnPrefix: string) {
    this.#byName = new Map(queues.map((queue) => [queue.definition.name, queue]));
    this.#arnPrefix = arnPrefix;
  }

  accessOf(operation: string, data: unknown): AccessRequest[] {
    const { QueueUrl, QueueName } = named.parse(data);
    const name = QueueName ?? QueueUrl?.split('/').at(-1);
    const resource = name === undefined ? '*' : this.#arnPrefix + name;
    return [{ action: `sqs:${ACTIONS[operation] ?? operation}`, resource }];
  }

  queueOf(data: unknown): Queue | undefined {
    return this.#byName.get(named.parse(data).QueueUrl?.split('/').at(-1) ?? '');
  }

  async call(operation: string, data: unknown, origin: Origin): Promise<unknown> {
    switch (operation) {
      case 'SendMessage': {
        const read = parse(schemas.send, data);
        return send(this.#queue(read.QueueUrl), read, origin);
      }
      case 'SendMessageBatch': {
        const { QueueUrl, Entries } = parse(schemas.sendBatch, data);
        const queue = this.#queue(QueueUrl);
        checkBatch(Entries);
        const Successful = Entries.map((entry) => ({ Id: entry.Id, ...send(queue, { QueueUrl, ...entry }, origin) }));
        return { Successful, Failed: [] };
      }
      case 'ReceiveMessage':
        return await this.#receive(parse(schemas.receive, data));
      case 'DeleteMessage': {
        const { QueueUrl, ReceiptHandle } = parse(schemas.delete, data);
        this.#queue(QueueUrl).delete(ReceiptHandle);
        return {};
      }
      case 'DeleteMessageBatch': {
        const { QueueUrl, Entries } = parse(schemas.deleteBatch, data);
        const queue = this.#queue(QueueUrl);
        checkBatch(Entries);
        for (const { ReceiptHandle } of Entries) queue.delete(ReceiptHandle);
        return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
      }
      case 'ChangeMessageVisibility': {
        const { QueueUrl, ReceiptHandle, VisibilityTimeout } = parse(schemas.changeVisibility, data);
        if (!this.#queue(QueueUrl).changeVisibility(ReceiptHandle, VisibilityTimeout))
          throw new ServiceError(400, 'MessageNotInflight', 'The message referred to is not in flight.');
        return {};
      }
      case 'GetQueueUrl':
        return { QueueUrl: this.#queue(parse(schemas.url, data).QueueName).definition.url };
      case 'GetQueueAttributes': {
        const { QueueUrl, AttributeNames } = parse(schemas.attributes, data);
        const known = attributesOf(this.#queue(QueueUrl));
        const wanted = Object.entries(known).filter(
          ([name]) => AttributeNames.includes('All') || AttributeNames.includes(name),
        );
        return { Attributes: Object.fromEntries(wanted) };
      }
      case 'ListQueues': {
        const { QueueNamePrefix } = parse(schemas.list, data);
        const queues = [...this.#byName.values()].filter(({ definition }) =>
          definition.name.startsWith(QueueNamePrefix),
        );
        return { QueueUrls: queues.map(({ definition }) => definition.url) };
      }
      case 'PurgeQueue':
        this.#queue(parse(onQueue, data).QueueUrl).purge();
        return {};
      default:
        throw new ServiceError(400, 'InvalidAction', `the local twin does not emulate sqs:${operation}`);
    }
  }

  async #receive(read: z.infer<typeof schemas.receive>): Promise<unknown> {
    const queue = this.#queue(read.QueueUrl);
    await queue.poll((read.WaitTimeSeconds ?? queue.definition.receiveWaitSeconds) * SECOND);
    const wanted = new Set([...read.AttributeNames, ...read.MessageSystemAttributeNames]);
    const messages = queue.receive(read.MaxNumberOfMessages, read.VisibilityTimeout).map((message) => ({
      MessageId: message.id,
      ReceiptHandle: message.receipt,
      MD5OfBody: message.md5,
      Body: message.body,
      ...(wanted.size > 0 && { Attributes: systemAttributes(message, wanted) }),
      ...(read.MessageAttributeNames.length > 0 && textAttributes(message)),
    }));
    return messages.length > 0 ? { Messages: messages } : {};
  }

  #queue(urlOrName: string): Queue {
    const queue = this.#byName.get(urlOrName.split('/').at(-1) ?? '');
    if (queue !== undefined) return queue;
    throw new ServiceError(400, 'QueueDoesNotExist', 'The specified queue does not exist.');
  }
}

function send(queue: Queue, { MessageBody, DelaySeconds, MessageAttributes = {} }: Outgoing, origin: Origin) {
  if (Buffer.byteLength(MessageBody) > MAX_MESSAGE_BYTES)
    throw new ServiceError(
      400,
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_MESSAGE_BYTES} bytes.`,
    );
  const attributes: Record<string, string> = {};
  for (const [name, { DataType, StringValue }] of Object.entries(MessageAttributes)) {
    if (DataType !== 'String' || StringValue === undefined)
      throw new ServiceError(
        400,
        'InvalidParameterValue',
        `the local twin keeps String attributes only, not ${name} (${DataType})`,
      );
    attributes[name] = StringValue;
  }
  const message = queue.send(MessageBody, origin, {
    attributes,
    ...(DelaySeconds !== undefined && { delaySeconds: DelaySeconds }),
  });
  const withAttributes = Object.keys(attributes).length > 0 && { MD5OfMessageAttributes: md5OfAttributes(attributes) };
  return { MessageId: message.id, MD5OfMessageBody: message.md5, ...withAttributes };
}

function textAttributes({ attributes }: Message) {
  if (Object.keys(attributes).length === 0) return {};
  const entries = Object.entries(attributes).map(([name, text]) => [name, { DataType: 'String', StringValue: text }]);
  return { MessageAttributes: Object.fromEntries(entries), MD5OfMessageAttributes: md5OfAttributes(attributes) };
}

/** Name, type and value of each attribute in the order of names, each with its length; 1 marks a string. */
function md5OfAttributes(attributes: Readonly<Record<string, string>>): string {
  const hash = createHash('md5');
  const add = (text: string): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(text));
    hash.update(length).update(text);
  };
  for (const [name, text] of Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    add(name);
    add('String');
    hash.update(Buffer.from([1]));
    add(text);
  }
  return hash.digest('hex');
}

function systemAttributes(message: Message, wanted: ReadonlySet<string>): Record<string, string> {
  const known: Record<string, string> = {
    SenderId: 'AIDAIENQZJOLO23YVJ4VO',
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  };
  return Object.fromEntries(Object.entries(known).filter(([name]) => wanted.has('All') || wanted.has(name)));
}

function attributesOf(queue: Queue): Record<string, string> {
  const { definition } = queue;
  const { redrive } = definition;
  return {
    QueueArn: definition.arn,
    ApproximateNumberOfMessages: String(queue.messages().filter(({ state }) => state === 'visible').length),
    ApproximateNumberOfMessagesNotVisible: String(queue.inFlight),
    ApproximateNumberOfMessagesDelayed: String(queue.delayed),
    VisibilityTimeout: String(definition.visibilitySeconds),
    DelaySeconds: String(definition.delaySeconds),
    MessageRetentionPeriod: String(definition.retentionSeconds),
    ReceiveMessageWaitTimeSeconds: String(definition.receiveWaitSeconds),
    ...(redrive !== undefined && {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: redrive.targetArn, maxReceiveCount: redrive.maxReceives }),
    }),
  };
}

function checkBatch(entries: readonly { readonly Id: string }[]): void {
  if (entries.length > MAX_BATCH)
    throw new ServiceError(
      400,
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_BATCH}.`,
    );
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
    throw new ServiceError(
      400,
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
    );
}

function parse<T extends z.ZodType>(schema: T, data: unknown): z.infer<T> {
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  throw new ServiceError(400, 'InvalidParameterValue', z.prettifyError(read.error), read.error);
}
