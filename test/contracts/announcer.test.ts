/** The announcer against a bus that takes entries, refuses some, or refuses all. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Announcement, AnnouncementFailed, EventBridgeAnnouncer } from '../../shared/adapters/announcer.ts';
import { FEEDBACK_SOURCE, PUT_EVENTS_LIMIT, RECORD_SOURCE } from '../../shared/contracts/bus.ts';
import { openWire, replyJson, TEST_CREDENTIALS, TEST_REGION, type Wire } from './wire.ts';

const putEvents = z.object({
  Entries: z.array(
    z.object({ EventBusName: z.string(), Source: z.string(), DetailType: z.string(), Detail: z.string() }),
  ),
});
type Entry = z.infer<typeof putEvents>['Entries'][number];

let wire: Wire | undefined;

afterEach(async () => wire?.close());

/** A bus that answers each entry with an error code, or takes it when there is none. */
async function openBus(codeFor: (entry: Entry, request: number) => string | undefined, source?: string) {
  const opened = await openWire(({ body }, response: ServerResponse, number) => {
    const results = putEvents.parse(JSON.parse(body)).Entries.map((entry, index) => {
      const ErrorCode = codeFor(entry, number);
      return ErrorCode === undefined ? { EventId: `${number}-${index}` } : { ErrorCode, ErrorMessage: 'refused' };
    });
    const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
    replyJson(response, 200, { FailedEntryCount, Entries: results });
  });
  wire = opened;
  const client = new EventBridgeClient({
    endpoint: opened.endpoint,
    region: TEST_REGION,
    credentials: TEST_CREDENTIALS,
  });
  return {
    announcer: new EventBridgeAnnouncer(client, 'customers', source),
    /** The entries of each request, in order. */
    requests: () => opened.received.map(({ body }) => putEvents.parse(JSON.parse(body)).Entries),
  };
}

function announcement(number: number): Announcement {
  const occurredAt = Date.parse('2026-11-22T09:30:00.250Z');
  return { detailType: 'Message Due', id: `a-${number}`, occurredAt, data: { customerId: `c-${number}` } };
}

const announcements = (count: number) => Array.from({ length: count }, (_, number) => announcement(number));
const idOf = ({ Detail }: Entry): string =>
  z.object({ metadata: z.object({ id: z.string() }) }).parse(JSON.parse(Detail)).metadata.id;

describe('what is said', () => {
  it('comes from whom the announcement names, beside others of the announcer', async () => {
    const bus = await openBus(() => undefined);
    await bus.announcer.announce([{ ...announcement(1), source: RECORD_SOURCE }, announcement(2)]);
    expect(bus.requests().flatMap((entries) => entries.map(({ Source }) => Source))).toEqual([
      RECORD_SOURCE,
      'perennial',
    ]);
  });

  it('carries bus, own source, detail-type, and a detail of metadata and data', async () => {
    const bus = await openBus(() => undefined);

    await bus.announcer.announce([announcement(7)]);

    expect(bus.requests()).toHaveLength(1);
    const [entry] = bus.requests()[0] ?? [];
    expect(entry).toMatchObject({ EventBusName: 'customers', Source: 'perennial', DetailType: 'Message Due' });
    expect(JSON.parse(entry?.Detail ?? '')).toEqual({
      metadata: { id: 'a-7', version: 1, occurredAt: '2026-11-22T09:30:00.250Z' },
      data: { customerId: 'c-7' },
    });
  });

  it('comes from the source it was opened for', async () => {
    const bus = await openBus(() => undefined, FEEDBACK_SOURCE);

    await bus.announcer.announce([announcement(1)]);

    expect(bus.requests()[0]).toMatchObject([{ Source: 'perennial.feedback' }]);
  });

  it('goes out in chunks the service takes, each entry once and in order', async () => {
    const bus = await openBus(() => undefined);

    await bus.announcer.announce(announcements(23));

    expect(bus.requests().map((entries) => entries.length)).toEqual([PUT_EVENTS_LIMIT, PUT_EVENTS_LIMIT, 3]);
    expect(bus.requests().flat().map(idOf)).toEqual(announcements(23).map(({ id }) => id));
  });

  it('costs no request when there is nothing to say', async () => {
    const bus = await openBus(() => undefined);

    await bus.announcer.announce([]);

    expect(bus.requests()).toEqual([]);
  });
});

describe('entries the bus does not take', () => {
  it('are tried again without those it took', async () => {
    const refusedOnce = new Set(['a-1', 'a-4']);
    const bus = await openBus((entry, request) =>
      request === 0 && refusedOnce.has(idOf(entry)) ? 'ThrottlingException' : undefined,
    );

    await bus.announcer.announce(announcements(6));

    expect(bus.requests().map((entries) => entries.map(idOf))).toEqual([
      ['a-0', 'a-1', 'a-2', 'a-3', 'a-4', 'a-5'],
      ['a-1', 'a-4'],
    ]);
  });

  it('shrink from try to try', async () => {
    const bus = await openBus((entry, request) =>
      Number(idOf(entry).slice(2)) > request ? 'InternalFailure' : undefined,
    );

    await bus.announcer.announce(announcements(3));

    expect(bus.requests().map((entries) => entries.map(idOf))).toEqual([
      ['a-0', 'a-1', 'a-2'],
      ['a-1', 'a-2'],
      ['a-2'],
    ]);
  });

  it('are a fault with the code when they are refused three times', async () => {
    const bus = await openBus((entry) => (idOf(entry) === 'a-2' ? 'InternalFailure' : undefined));

    await expect(bus.announcer.announce(announcements(4))).rejects.toThrow(
      new AnnouncementFailed('the bus refused 1 announcements: InternalFailure'),
    );
    expect(bus.requests().map((entries) => entries.length)).toEqual([4, 1, 1]);
  });

  it('keep later chunks from going out', async () => {
    const bus = await openBus(() => 'InternalFailure');

    await expect(bus.announcer.announce(announcements(11))).rejects.toBeInstanceOf(AnnouncementFailed);
    expect(bus.requests().flat().map(idOf)).not.toContain('a-10');
  });
});
