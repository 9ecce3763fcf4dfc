/** A running twin over the fixture's deployment, with the clients that tests need; closed and removed after the test. */
import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand, type PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import { SESClient } from '@aws-sdk/client-ses';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { onTestFinished, vi } from 'vitest';
import { createTwin, type RunningTwin, type TwinOptions } from '../../infra/local/twin.ts';
import { type AssemblyChange, removeDirectory, writeAssembly } from './fixture.ts';

export const START = Date.parse('2026-03-01T12:00:00Z');
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

// Threads start and bundles load in these tests; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60 * SECOND });

export interface Running {
  readonly twin: RunningTwin;
  readonly table: DynamoDBClient;
  readonly bus: EventBridgeClient;
  readonly ses: SESClient;
  readonly put: (detailType: string, detail: object, source?: string) => Promise<PutEventsCommandOutput>;
  /** Items of one customer by sort key. */
  readonly items: (customerId: string) => Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>>;
  readonly item: (customerId: string, sortKey: string) => Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Messages of a queue: visible, in flight and delayed. */
  readonly depth: (queue: string) => readonly [number, number, number];
  readonly sqs: (operation: string, body: object) => Promise<Response>;
}

export async function start(options: Partial<TwinOptions> = {}, change?: AssemblyChange): Promise<Running> {
  const assembly = await writeAssembly(change);
  onTestFinished(() => removeDirectory(assembly));
  const twin = await createTwin({ assembly, port: 0, clock: { mode: 'virtual', start: START }, seed: 1, ...options });
  const { endpoint, region } = twin;
  const settings = {
    endpoint,
    region,
    credentials: { accessKeyId: 'shop', secretAccessKey: 'secret' },
    maxAttempts: 1,
  };
  const table = new DynamoDBClient(settings);
  const bus = new EventBridgeClient(settings);
  const ses = new SESClient(settings);
  onTestFinished(async () => {
    for (const client of [table, bus, ses]) client.destroy();
    await twin.close();
  });
  const TableName = 'customers-test';
  return {
    twin,
    table,
    bus,
    ses,
    put: (detailType, detail, source = 'shop') =>
      bus.send(
        new PutEventsCommand({
          Entries: [
            { EventBusName: 'customers', Source: source, DetailType: detailType, Detail: JSON.stringify(detail) },
          ],
        }),
      ),
    items: async (customerId) => {
      const query = {
        TableName,
        KeyConditionExpression: 'pk = :p',
        ExpressionAttributeValues: { ':p': { S: customerId } },
      };
      const { Items = [] } = await table.send(new QueryCommand(query));
      return Object.fromEntries(Items.map((item) => [item['sk']?.S ?? '', unmarshall(item)]));
    },
    item: async (customerId, sortKey) => {
      const { Item } = await table.send(
        new GetItemCommand({ TableName, Key: { pk: { S: customerId }, sk: { S: sortKey } } }),
      );
      return Item && unmarshall(Item);
    },
    depth: (name) => {
      const queue = twin.queues().find((one) => one.name === name);
      if (queue === undefined) throw new Error(`no queue ${name}`);
      return [queue.visible, queue.inFlight, queue.delayed];
    },
    sqs: (operation, body) => rawCall(endpoint, 'AmazonSQS', operation, body),
  };
}

/** One request as a client without an SDK would sign it; the twin reads the access key, not the signature. */
export function rawCall(
  endpoint: string,
  service: string,
  operation: string,
  body: object,
  accessKeyId = 'shop',
): Promise<Response> {
  const scope = `${accessKeyId}/20260301/us-east-1/sqs/aws4_request`;
  return fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `${service}.${operation}`,
    },
    body: JSON.stringify(body),
  });
}
