import {
  BatchGetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { ListEventBusesCommand, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetAccountSendingEnabledCommand, GetSendQuotaCommand, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { simpleParser } from 'mailparser';
import { z } from 'zod';
import { describe, expect, test } from 'vitest';
import { PortInUse } from '../../infra/local/errors.ts';
import { rawCall, type Running, start, START } from './running.ts';

describe('DynamoDB', () => {
  const TableName = 'customers-test';

  test('items, conditions, the sparse index and paging work through the SDK', async () => {
    const { table } = await start();
    expect((await table.send(new ListTablesCommand({}))).TableNames).toEqual([TableName]);
    for (let n = 0; n < 5; n += 1) {
      const Item = {
        pk: { S: `c${n}` },
        sk: { S: 'PROFILE' },
        ...(n > 0 && { dueShard: { N: '1' }, dueAt: { N: String(n) } }),
      };
      await table.send(new PutItemCommand({ TableName, Item }));
    }
    const again = {
      TableName,
      Item: { pk: { S: 'c1' }, sk: { S: 'PROFILE' } },
      ConditionExpression: 'attribute_not_exists(pk)',
    };
    await expect(table.send(new PutItemCommand(again))).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
    const due = {
      TableName,
      IndexName: 'due',
      KeyConditionExpression: '#s = :s AND #d <= :d',
      ExpressionAttributeNames: { '#s': 'dueShard', '#d': 'dueAt' },
      ExpressionAttributeValues: { ':s': { N: '1' }, ':d': { N: '3' } },
      Limit: 2,
    };
    const first = await table.send(new QueryCommand(due));
    expect(first.Items?.map((item) => item['pk']?.S)).toEqual(['c1', 'c2']);
    const second = await table.send(new QueryCommand({ ...due, ExclusiveStartKey: first.LastEvaluatedKey }));
    expect(second.Items?.map((item) => item['pk']?.S)).toEqual(['c3']);
    expect((await table.send(new ScanCommand({ TableName }))).Count).toBe(5);
    const Keys = [{ pk: { S: 'c2' }, sk: { S: 'PROFILE' } }];
    const batch = await table.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
    expect(batch.Responses?.[TableName]).toHaveLength(1);
  });

  test('an unknown table and an operation that is not emulated are refused', async () => {
    const { table, twin } = await start();
    await expect(table.send(new ScanCommand({ TableName: 'nope' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const answer = await rawCall(twin.endpoint, 'DynamoDB_20120810', 'TransactWriteItems', {});
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('dynamodb:TransactWriteItems');
  });
});

describe('EventBridge', () => {
  test('keeps others away while one has the buses to themselves', async () => {
    const { twin, put } = await start();
    const letEverybodyIn = twin.reserveBuses('player');
    await expect(put('Purchase Completed', {})).rejects.toMatchObject({
      name: 'ServiceUnavailable',
      message: expect.stringContaining('still being played'),
    });
    const reserved = await rawCall(twin.endpoint, 'AWSEvents', 'PutEvents', { Entries: [] }, 'player');
    expect(reserved.status).not.toBe(503);

    letEverybodyIn();
    expect(await put('Purchase Completed', {})).toMatchObject({ FailedEntryCount: 0 });
  });

  const entry = { EventBusName: 'customers', Source: 'shop', DetailType: 'Nobody Cares', Detail: '{}' };

  test('each entry is taken or refused by itself', async () => {
    const { bus } = await start();
    const Entries = [
      entry,
      { ...entry, Detail: 'no json' },
      { ...entry, Detail: '[1]' },
      { ...entry, Source: undefined },
      { ...entry, DetailType: '' },
      { ...entry, Source: 'aws.s3' },
      { ...entry, EventBusName: 'elsewhere' },
    ];
    const answer = await bus.send(new PutEventsCommand({ Entries }));
    expect(answer.FailedEntryCount).toBe(6);
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
      'InvalidArgument',
      'NotAuthorizedForSourceException',
      'ResourceNotFoundException',
    ]);
    expect(answer.Entries?.[0]?.EventId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('eleven entries, and more than 256 KB, are refused whole', async () => {
    const { bus, depth } = await start();
    const eleven = Array.from({ length: 11 }, () => entry);
    await expect(bus.send(new PutEventsCommand({ Entries: eleven }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    const half = { ...entry, Detail: JSON.stringify({ text: 'x'.repeat(130 * 1024) }) };
    await expect(bus.send(new PutEventsCommand({ Entries: [half, half] }))).rejects.toThrow('Total size');
    expect((await bus.send(new PutEventsCommand({ Entries: [half] }))).FailedEntryCount).toBe(0);
    expect(depth('intake')).toEqual([1, 0, 0]);
  });

  test('buses and rules are listed', async () => {
    const { bus } = await start();
    const { EventBuses } = await bus.send(new ListEventBusesCommand({}));
    expect(EventBuses?.map(({ Name }) => Name)).toEqual(['default', 'customers']);
    const { Rules } = await bus.send(new ListRulesCommand({ EventBusName: 'customers' }));
    expect(Rules?.map(({ Name }) => Name)).toEqual(['Pipeline-intakeRule', 'Pipeline-mailRule']);
  });
});

const QueueUrl = (running: Running) => `${running.twin.endpoint}/000000000000/intake-dead`;

describe('SQS', () => {
  test('messages are sent, received with their attributes, and deleted', async () => {
    const running = await start();
    const { sqs, depth } = running;
    const url = QueueUrl(running);
    const MessageAttributes = { RULE_ARN: { DataType: 'String', StringValue: 'arn' } };
    const sent = await sqs('SendMessage', { QueueUrl: url, MessageBody: 'hello', MessageAttributes });
    expect(await sent.json()).toMatchObject({ MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592' });
    expect(sent.headers.get('content-type')).toBe('application/x-amz-json-1.0');
    expect(sent.headers.get('date')).toBe(new Date(START).toUTCString());
    expect(sent.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    const received = await sqs('ReceiveMessage', {
      QueueUrl: url,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const { Messages } = z
      .object({ Messages: z.array(z.object({ ReceiptHandle: z.string() }).loose()) })
      .parse(await received.json());
    expect(Messages).toMatchObject([
      { Body: 'hello', Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(START) }, MessageAttributes },
    ]);
    expect(depth('intake-dead')).toEqual([0, 1, 0]);
    const [{ ReceiptHandle } = { ReceiptHandle: '' }] = Messages;
    await sqs('DeleteMessage', { QueueUrl: url, ReceiptHandle });
    expect(depth('intake-dead')).toEqual([0, 0, 0]);
  });

  test('batches, visibility, attributes, purge', async () => {
    const running = await start();
    const { sqs, depth } = running;
    const url = QueueUrl(running);
    const Entries = [
      { Id: 'a', MessageBody: '1' },
      { Id: 'b', MessageBody: '2', DelaySeconds: 60 },
    ];
    expect(await (await sqs('SendMessageBatch', { QueueUrl: url, Entries })).json()).toMatchObject({
      Successful: [{ Id: 'a' }, { Id: 'b' }],
    });
    const attributes = await sqs('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] });
    expect(await attributes.json()).toMatchObject({
      Attributes: {
        ApproximateNumberOfMessages: '1',
        ApproximateNumberOfMessagesDelayed: '1',
        MessageRetentionPeriod: '1209600',
      },
    });
    const received = z
      .object({ Messages: z.array(z.object({ ReceiptHandle: z.string() })) })
      .parse(await (await sqs('ReceiveMessage', { QueueUrl: url, MaxNumberOfMessages: 10 })).json());
    const [{ ReceiptHandle } = { ReceiptHandle: '' }] = received.Messages;
    expect(depth('intake-dead')).toEqual([0, 1, 1]);
    await sqs('ChangeMessageVisibility', { QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 });
    expect(depth('intake-dead')).toEqual([1, 0, 1]);
    await sqs('PurgeQueue', { QueueUrl: url });
    expect(depth('intake-dead')).toEqual([0, 0, 0]);
  });

  test('queues are found by name; a queue that does not exist says so in both dialects', async () => {
    const running = await start();
    const url = QueueUrl(running);
    expect(await (await running.sqs('GetQueueUrl', { QueueName: 'intake-dead' })).json()).toEqual({ QueueUrl: url });
    expect(await (await running.sqs('ListQueues', { QueueNamePrefix: 'intake-d' })).json()).toEqual({
      QueueUrls: [url],
    });
    const missing = await running.sqs('GetQueueUrl', { QueueName: 'nope' });
    expect(missing.status).toBe(400);
    expect(missing.headers.get('x-amzn-query-error')).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
    expect(await missing.json()).toMatchObject({ __type: 'com.amazonaws.sqs#QueueDoesNotExist' });
  });
});

const raw = (from = 'Shop <hello@shop.example.com>', more = '') =>
  Buffer.from(`From: ${from}\r\nTo: =?utf-8?q?J=C3=B6rg?= <jorg@example.com>\r\n${more}Subject: Hi\r\n\r\nBody\r\n`);

describe('SES', () => {
  test('an accepted mail lies in the mailbox as SES puts it on the wire', async () => {
    const { ses, twin } = await start();
    const sent = await ses.send(
      new SendRawEmailCommand({
        RawMessage: {
          Data: raw(undefined, 'Message-ID: <mine@x>\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\nX-Folded: a\r\n b\r\n'),
        },
        Tags: [{ Name: 'c', Value: 'customer-1' }],
        ConfigurationSetName: 'mail',
      }),
    );
    const [mail] = twin.mailbox;
    expect(mail).toMatchObject({
      id: sent.MessageId,
      at: START,
      from: 'hello@shop.example.com',
      to: ['jorg@example.com'],
      tags: { c: 'customer-1' },
      configurationSet: 'mail',
    });
    const text = Buffer.from(mail?.raw ?? []).toString();
    const parsed = await simpleParser(text);
    expect(parsed.messageId).toBe(`<${sent.MessageId}@email.amazonses.com>`);
    expect(parsed.date?.getTime()).toBe(START);
    expect(text.match(/^(?:message-id|date):/gim)).toHaveLength(2);
    expect(text).toContain('X-Folded: a\r\n b\r\n');
    expect(text.endsWith('\r\n\r\nBody\r\n')).toBe(true);
  });

  test.each([
    ['an identity nobody verified', { RawMessage: { Data: raw('evil@other.example') } }, 'MessageRejected'],
    [
      'a verified envelope around another From',
      { Source: 'a@shop.example.com', RawMessage: { Data: raw('evil@other.example') } },
      'MessageRejected',
    ],
    [
      'a configuration set that does not exist',
      { RawMessage: { Data: raw() }, ConfigurationSetName: 'nope' },
      'ConfigurationSetDoesNotExistException',
    ],
    [
      'a tag value with a slash',
      { RawMessage: { Data: raw() }, Tags: [{ Name: 'k', Value: 'a/b' }] },
      'InvalidParameterValue',
    ],
    [
      'a tag that is too long',
      { RawMessage: { Data: raw() }, Tags: [{ Name: 'k', Value: 'x'.repeat(257) }] },
      'InvalidParameterValue',
    ],
    [
      'two recipients',
      { RawMessage: { Data: raw() }, Destinations: ['a@x.example', 'b@x.example'] },
      'InvalidParameterValue',
    ],
    [
      'more than 10 MB',
      { RawMessage: { Data: Buffer.concat([raw(), Buffer.alloc(10 * 1024 * 1024)]) } },
      'MessageRejected',
    ],
  ])('%s is refused', async (_name, input, code) => {
    const { ses, twin } = await start();
    await expect(ses.send(new SendRawEmailCommand(input))).rejects.toMatchObject({ name: code });
    expect(twin.mailbox).toEqual([]);
  });

  test('feedback tags may hold what others may not; quota and switch are answered', async () => {
    const { ses } = await start();
    const Tags = [{ Name: 'ses:feedback-id-a', Value: 'a.b' }];
    await ses.send(new SendRawEmailCommand({ RawMessage: { Data: raw() }, Tags }));
    expect((await ses.send(new GetSendQuotaCommand({}))).MaxSendRate).toBe(2_000);
    expect((await ses.send(new GetAccountSendingEnabledCommand({}))).Enabled).toBe(true);
  });
});

describe('the port', () => {
  test('requests without an AWS signature are refused clearly', async () => {
    const { twin } = await start();
    const answer = await fetch(twin.endpoint);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('Authorization');
  });

  test('a port in use is a typed error in one line', async () => {
    const { twin } = await start();
    const port = Number(new URL(twin.endpoint).port);
    const second = start({ port });
    await expect(second).rejects.toBeInstanceOf(PortInUse);
    await expect(second).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`);
  });
});
