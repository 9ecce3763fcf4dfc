/** Announcements on a real bus: what a subscriber's queue receives, from the twin and, where present, from moto. */
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { type Announcement, EventBridgeAnnouncer } from '../../shared/adapters/announcer.ts';
import { ANNOUNCED, OWN_SOURCE } from '../../shared/contracts/bus.ts';
import { openTwin, oracleEndpoint } from './stores.ts';
import { TEST_CREDENTIALS, TEST_REGION } from './wire.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
/** The twin's assembly may have to be made first, and moto takes seconds for a request to its bus. */
const SLOW_TEST_TIMEOUT_MS = 60_000;

/** `Event Refused` is the one a rule of our own takes to a queue without a consumer. More than one chunk of them. */
const ANNOUNCEMENTS = Array.from({ length: 12 }, (_, number): Announcement => {
  const data = { reason: 'data.total: expected an amount — 0 😀', original: `{"n":${number}}` };
  return { detailType: ANNOUNCED.eventRefused, id: `refused/${number}`, occurredAt: NOON + number, data };
});

const envelope = z.object({
  source: z.string(),
  'detail-type': z.string(),
  time: z.iso.datetime(),
  detail: z.unknown(),
});

function clientOf(endpoint: string): EventBridgeClient {
  return new EventBridgeClient({ endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS });
}

/** A bus with a queue behind it. */
interface Subscribed {
  readonly name: string;
  /** Puts the announcements on the bus and returns the bodies that arrived in the queue. */
  readonly receive: (announcements: readonly Announcement[]) => Promise<readonly string[]>;
}

const twin: Subscribed = {
  name: 'the rule deployed in the twin',
  receive: async (announcements) => {
    const running = await openTwin(NOON);
    try {
      await new EventBridgeAnnouncer(clientOf(running.endpoint), running.busName).announce(announcements);
      await running.advanceTo(NOON);
      return running.deadLetters().map(({ body }) => body);
    } finally {
      await running.close();
    }
  },
};

function moto(endpoint: string): Subscribed {
  return {
    name: 'a rule in moto',
    receive: async (announcements) => {
      const client = clientOf(endpoint);
      const bus = `customers-${randomUUID()}`;
      const Rule = `ours-${bus}`;
      const queue = await openQueue(endpoint, `subscriber-${randomUUID()}`);
      await client.send(new CreateEventBusCommand({ Name: bus }));
      const EventPattern = JSON.stringify({ source: [OWN_SOURCE], 'detail-type': [ANNOUNCED.eventRefused] });
      await client.send(new PutRuleCommand({ Name: Rule, EventBusName: bus, EventPattern }));
      await client.send(new PutTargetsCommand({ Rule, EventBusName: bus, Targets: [{ Id: 'queue', Arn: queue.arn }] }));
      await new EventBridgeAnnouncer(client, bus).announce(announcements);
      return queue.drain();
    },
  };
}

function subscribed(): readonly Subscribed[] {
  const endpoint = oracleEndpoint('EventBridge in moto', 'MOTO_ENDPOINT');
  return [twin, ...(endpoint === undefined ? [] : [moto(endpoint)])];
}

it.each(subscribed())(
  'announcements arrive through $name, each once, in the envelope patterns are written against',
  async ({ receive }) => {
    const unsubscribed = { detailType: 'Nobody Listens', id: 'other', occurredAt: NOON, data: {} };

    const bodies = await receive([...ANNOUNCEMENTS, unsubscribed]);

    const events = bodies.map((body) => envelope.parse(JSON.parse(body)));
    const expected = ANNOUNCEMENTS.map(({ id, occurredAt, data }) => ({
      source: OWN_SOURCE,
      'detail-type': 'Event Refused',
      detail: { metadata: { id, version: 1, occurredAt: new Date(occurredAt).toISOString() }, data },
    }));
    expect(events).toHaveLength(expected.length);
    for (const event of expected) expect(events).toContainEqual(expect.objectContaining(event));
  },
  SLOW_TEST_TIMEOUT_MS,
);

/** A queue of moto's, spoken to by hand: the project has no SQS client. */
async function openQueue(endpoint: string, name: string) {
  const call = async (operation: string, body: object): Promise<unknown> => {
    const credential = `${TEST_CREDENTIALS.accessKeyId}/20261122/${TEST_REGION}/sqs/aws4_request`;
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=00`,
      },
      body: JSON.stringify(body),
    });
    return answer.json();
  };
  const { QueueUrl } = z.object({ QueueUrl: z.string() }).parse(await call('CreateQueue', { QueueName: name }));
  const attributes = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
  const received = z.object({ Messages: z.array(z.object({ Body: z.string() })).optional() });
  return {
    arn: z.object({ Attributes: z.object({ QueueArn: z.string() }) }).parse(attributes).Attributes.QueueArn,
    drain: async (): Promise<readonly string[]> => {
      const bodies: string[] = [];
      for (;;) {
        const page = received.parse(await call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 })).Messages ?? [];
        if (page.length === 0) return bodies;
        bodies.push(...page.map(({ Body }) => Body));
      }
    },
  };
}
