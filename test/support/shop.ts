/** A running twin with a shop beside it: real bundles, real wire, virtual time. For scenarios. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { cachedAssembly } from '../../infra/app.ts';
import { stageConfig } from '../../infra/config.ts';
import type { AcceptedMail } from '../../infra/local/contract.ts';
import { createTwin, type RunningTwin } from '../../infra/local/twin.ts';
import { DynamoDBStore } from '../../shared/adapters/dynamodb-store.ts';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';

/** A Monday at noon, UTC. */
export const OPENING: Instant = Date.parse('2026-03-02T12:00:00Z');

export interface Shop {
  readonly twin: RunningTwin;
  readonly store: DynamoDBStore;
  /** Puts an event on the bus, as of `at` (now if left out), and lets everything it leads to happen. */
  emit(
    type: string,
    data: Readonly<Record<string, unknown>>,
    about?: { id?: string; at?: Instant; version?: number },
  ): Promise<void>;
  /** Registers a person who wants mail. */
  register(customerId: string, more?: Readonly<Record<string, unknown>>): Promise<void>;
  buy(customerId: string, orderId: string, total?: number): Promise<void>;
  /** Lets so many days pass. */
  pass(days: number): Promise<void>;
  /** `programme/step` of every mail to a customer, oldest first. */
  mailsTo(customerId: string): string[];
  close(): Promise<void>;
}

const decodeTag = (mail: AcceptedMail, tag: 'c' | 'k'): string =>
  Buffer.from(mail.tags[tag] ?? '', 'base64url').toString();

/** Opens a shop at `start`; close it when done. */
export async function openShop(start: Instant = OPENING, assembly?: string): Promise<Shop> {
  const directory = assembly ?? (await cachedAssembly(stageConfig('local')));
  const twin = await createTwin({ assembly: directory, port: 0, clock: { mode: 'virtual', start }, seed: 'shop' });
  const access = {
    endpoint: twin.endpoint,
    region: twin.region,
    credentials: { accessKeyId: 'shop', secretAccessKey: 'shop' },
  };
  const bus = new EventBridgeClient(access);
  const table = new DynamoDBClient(access);
  let count = 0;
  const emit: Shop['emit'] = async (type, data, { id, at, version } = {}) => {
    count += 1;
    const metadata = {
      id: id ?? `event-${count}`,
      version: version ?? 1,
      occurredAt: new Date(at ?? twin.now()).toISOString(),
    };
    const entry = {
      EventBusName: twin.busName,
      Source: 'shop',
      DetailType: type,
      Detail: JSON.stringify({ metadata, data }),
    };
    const answer = await bus.send(new PutEventsCommand({ Entries: [entry] }));
    if (answer.FailedEntryCount !== 0) throw new Error(`the bus refused ${type}`);
    await twin.advanceTo(twin.now());
  };
  return {
    twin,
    store: new DynamoDBStore(table, twin.tableName),
    emit,
    register: (customerId, more = {}) => {
      const at = new Date(twin.now()).toISOString();
      const consent = { marketing: 'opt_in', source: 'test', at };
      const email = `${customerId}@example.com`;
      return emit('Customer Registered', { customerId, email, timeZone: 'Europe/Stockholm', consent, ...more });
    },
    buy: (customerId, orderId, total = 40) =>
      emit('Purchase Completed', { customerId, orderId, total, currency: 'EUR' }),
    pass: (days) => twin.advanceTo(twin.now() + days * DAY),
    mailsTo: (customerId) =>
      twin.mailbox
        .filter((mail) => decodeTag(mail, 'c') === customerId)
        .map((mail) => decodeTag(mail, 'k').split('/').slice(1, 3).join('/')),
    close: async () => {
      bus.destroy();
      table.destroy();
      await twin.close();
    },
  };
}
