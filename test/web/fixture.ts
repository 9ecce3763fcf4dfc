/** A twin in memory with a real DynamoDB endpoint, so that the pages read customers over the wire as they do in life. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { composeMessage } from '../../shared/email/message.ts';
import { DynamoDBStore } from '../../shared/adapters/dynamodb-store.ts';
import { DynamoDBLaneStore } from '../../shared/adapters/dynamodb-lane-store.ts';
import type { CensusStore } from '../../shared/adapters/census-store.ts';
import { DynamoDBCensus } from '../../shared/adapters/dynamodb-census.ts';
import type { LaneStore } from '../../shared/adapters/lane-store.ts';
import type { ActiveTrouble } from '../../infra/local/ses-trouble.ts';
import type { Troublesome } from '../../infra/local/web/trouble-panel.ts';
import { createTable } from '../support/table.ts';
import type { Profile } from '../../shared/lifecycle/customer/profile.ts';
import type { AcceptedMail, AlarmState, DeadLetter, QueueState, Twin } from '../../infra/local/contract.ts';

const load = createRequire(import.meta.url);

export const NOW = Date.parse('2026-11-22T12:00:00Z');
const TABLE_NAME = 'customers-table';

export interface ShopTwin extends Twin {
  readonly mailbox: AcceptedMail[];
  readonly letters: DeadLetter[];
  readonly alarms: AlarmState[];
  readonly store: DynamoDBStore;
  readonly lanes: LaneStore;
  readonly census: CensusStore;
  readonly ses: Troublesome & { troubles: readonly ActiveTrouble[] };
  /** Stores a profile over whatever is there. */
  put(profile: Profile): Promise<void>;
  /** Says that something happened. */
  change(): void;
}

/** An SES that remembers what it was told. */
function troublesome(): ShopTwin['ses'] {
  const ses: ShopTwin['ses'] = {
    troubles: [],
    fail: (trouble, { calls, to } = {}) => {
      ses.troubles = [...ses.troubles, { trouble, to, callsLeft: calls }];
    },
    recover: () => {
      ses.troubles = [];
    },
  };
  return ses;
}

function queue(name: string, deadLetter: boolean, visible: number): QueueState {
  return { name, deadLetter, visible, inFlight: 0, delayed: 0 };
}

export async function openTwin(): Promise<ShopTwin> {
  const dynalite: (options: object) => Server = load('dynalite');
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-north-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await createTable(client, TABLE_NAME);
  const store = new DynamoDBStore(client, TABLE_NAME);
  const listeners = new Set<() => void>();
  const letters: DeadLetter[] = [];
  const alarms: AlarmState[] = [];
  return {
    endpoint,
    region: 'eu-north-1',
    tableName: TABLE_NAME,
    busName: 'customers',
    now: () => NOW,
    advanceTo: async () => undefined,
    goLive: () => undefined,
    mailbox: [],
    letters,
    store,
    lanes: new DynamoDBLaneStore(client, TABLE_NAME),
    census: new DynamoDBCensus(client, TABLE_NAME),
    ses: troublesome(),
    queues: () => [queue('record', false, 4), queue('record-dead', true, letters.length), queue('send-dead', true, 0)],
    deadLetters: () => letters,
    logs: [],
    metrics: new Map(),
    monitoring: { alarms, dashboards: [], series: () => [], emitted: () => [] },
    alarms,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    put: async (profile) => {
      const { version = 0 } = (await store.load(profile.customerId)) ?? {};
      await store.save({ ...profile, version: version + 1 }, version);
    },
    change: () => {
      for (const listener of listeners) listener();
    },
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const encode = (text: string) => Buffer.from(text).toString('base64url');

export interface Sent {
  readonly id: string;
  readonly at?: number;
  readonly to?: string;
  readonly subject?: string;
  readonly html?: string;
  readonly text?: string;
  readonly customer?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function mail({
  id,
  at = NOW,
  to = 'anna@example.com',
  customer,
  key,
  headers = {},
  ...letter
}: Sent): Promise<AcceptedMail> {
  const { subject = 'Thank you', html = '<p>Thank you.</p>', text = 'Thank you.' } = letter;
  const raw = await composeMessage({
    from: { name: 'Kettle & Fern', address: 'hello@shop.example.com' },
    replyTo: 'hello@shop.example.com',
    to: { name: undefined, address: to },
    subject,
    html,
    text,
    headers,
    locale: 'en',
  });
  const tags = { ...(customer !== undefined && { c: encode(customer) }), ...(key !== undefined && { k: encode(key) }) };
  return { id, at, from: 'hello@shop.example.com', to: [to], tags, configurationSet: 'mails', raw };
}

/** A refused event as the intake's dead-letter queue holds it. */
export function refusedLetter(
  messageId: string,
  field: string,
  expected: string,
  original: string,
  at = NOW,
): DeadLetter {
  const data = { reason: `${field}: ${expected}`, field, expected, original };
  const detail = { metadata: { id: `refused/${messageId}`, version: 1, occurredAt: new Date(at).toISOString() }, data };
  const body = JSON.stringify({ id: messageId, source: 'perennial', 'detail-type': 'Event Refused', detail });
  return { queue: 'record-dead', messageId, at, receives: 0, body };
}
