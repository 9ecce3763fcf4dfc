/** The forwarder against a bus that takes entries, refuses some, or is out of order. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EventBridgeForwarder, type ForwardedEvent } from '../../shared/adapters/forwarder.ts';
import { openWire, replyJson, TEST_CREDENTIALS, TEST_REGION, type Wire } from './wire.ts';

const putEvents = z.object({
  Entries: z.array(
    z.object({ EventBusName: z.string(), Source: z.string(), DetailType: z.string(), Detail: z.string() }),
  ),
});
type Entry = z.infer<typeof putEvents>['Entries'][number];

let wire: Wire | undefined;

afterEach(async () => wire?.close());

/** A bus that takes what it may; `undefined` as a verdict on a request is one that fails as a whole. */
async function openBus(takes: (entry: Entry, request: number) => boolean | undefined) {
  const opened = await openWire(({ body }, response, number) => {
    const verdicts = putEvents.parse(JSON.parse(body)).Entries.map((entry) => takes(entry, number));
    if (verdicts.includes(undefined))
      return replyJson(response, 400, { ['__type']: 'ValidationException', message: 'no' });
    const Entries = verdicts.map((taken) => (taken ? { EventId: 'id' } : { ErrorCode: 'InternalFailure' }));
    replyJson(response, 200, { FailedEntryCount: verdicts.filter((taken) => !taken).length, Entries });
  });
  wire = opened;
  const client = new EventBridgeClient({
    endpoint: opened.endpoint,
    region: TEST_REGION,
    credentials: TEST_CREDENTIALS,
  });
  return {
    forwarder: new EventBridgeForwarder(client, 'customers'),
    requests: () => opened.received.map(({ body }) => putEvents.parse(JSON.parse(body)).Entries),
  };
}

const eventsOf = (count: number, padding = ''): ForwardedEvent[] =>
  Array.from({ length: count }, (_, number) => ({
    source: 'my.shop',
    detailType: 'Login Succeeded',
    detail: JSON.stringify({ number, padding }),
  }));

describe('forwarding', () => {
  it('puts every event on the bus as it is, ten at a time and in order', async () => {
    const bus = await openBus(() => true);
    const events = eventsOf(23);
    expect([...(await bus.forwarder.forward(events)).left]).toEqual([]);
    expect(bus.requests().map((entries) => entries.length)).toEqual([10, 10, 3]);
    expect(bus.requests().flat()).toEqual(
      events.map(({ source, detailType, detail }) => ({
        EventBusName: 'customers',
        Source: source,
        DetailType: detailType,
        Detail: detail,
      })),
    );
  });

  it('never puts more into a request than the bus takes', async () => {
    const bus = await openBus(() => true);
    await bus.forwarder.forward(eventsOf(5, 'x'.repeat(100_000)));
    expect(bus.requests().map((entries) => entries.length)).toEqual([2, 2, 1]);
  });

  it('tells which events the bus kept refusing, and leaves it alone after that', async () => {
    const bus = await openBus(({ Detail }) => !Detail.includes('"number":3,'));
    const { left, cause } = await bus.forwarder.forward(eventsOf(25));
    // What has not been put counts as left, as it should.
    expect([...left]).toEqual([3, ...Array.from({ length: 15 }, (_, index) => 10 + index)]);
    expect(cause).toMatchObject({ name: 'NotTaken', message: 'the bus refused 1 events: InternalFailure' });
    expect(bus.requests().map((entries) => entries.length)).toEqual([10, 1, 1]);
  });

  it('tells what is left when the bus is out of order, and why', async () => {
    const bus = await openBus((_entry, request) => (request === 0 ? true : undefined));
    const { left, cause } = await bus.forwarder.forward(eventsOf(12));
    expect([...left]).toEqual([10, 11]);
    expect(cause).toMatchObject({ name: 'ValidationException' });
  });
});
