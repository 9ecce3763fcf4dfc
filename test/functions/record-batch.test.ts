/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { inspect } from 'node:util';
import { Logger } from '@aws-lambda-powertools/logger';
import type { SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { recordBatch } from '../../functions/record/record-batch.ts';
import type { RecordServices } from '../../functions/record/record-customer.ts';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { MemoryAddressBook } from '../../shared/adapters/memory-address-book.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { delivery } from '../support/delivery.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { CountingMeter } from '../support/counting-meter.ts';

const NOW = Date.parse('2026-03-02T12:00:00Z');

class FailingFor extends MemoryStore {
  readonly #customerId: string;
  constructor(customerId: string) {
    super();
    this.#customerId = customerId;
  }
  override async load(customerId: string) {
    if (customerId === this.#customerId) throw new Error('the store is away');
    return super.load(customerId);
  }
}

function record(messageId: string, detailType: string, detail: unknown, source = 'shop'): SQSRecord {
  return delivery(messageId, JSON.stringify({ id: messageId, source, 'detail-type': detailType, detail }));
}

/** A line of the log with all that the logger writes of an error: message, stack and causes. */
const lineOf = (message: unknown, extra: unknown): string => inspect([message, extra], { depth: 10 });

const login = (id: string, customerId: string) =>
  record(`m-${id}`, 'Login Succeeded', {
    metadata: { id, version: 1, occurredAt: '2026-03-02T11:00:00Z' },
    data: { customerId },
  });

const purchase = (id: string, at: string) =>
  record(`m-${id}`, 'Purchase Completed', {
    metadata: { id, version: 1, occurredAt: at },
    data: { customerId: 'c-1', orderId: id, total: 1, currency: 'EUR' },
  });

describe('a batch of events', () => {
  let announced: Announcement[];
  let meter: CountingMeter;
  let store: MemoryStore;
  const logger = new Logger({ logLevel: 'SILENT' });

  const services = (): RecordServices => {
    const announcer = { announce: async (each: readonly Announcement[]) => void announced.push(...each) };
    const addresses = new MemoryAddressBook();
    const addressKey = async () => 'address key';
    return { store, addresses, addressKey, meter, announcer, playbook: SHIPPED, releaseId: 'r1', now: () => NOW };
  };

  beforeEach(() => {
    announced = [];
    meter = new CountingMeter();
    store = new MemoryStore();
  });

  it('delays no good event for a bad one', async () => {
    store = new FailingFor('c-2');
    const notJson: SQSRecord = { ...login('e-9', 'c-9'), messageId: 'm-json', body: 'not json' };
    const notAnEvent: SQSRecord = { ...login('e-8', 'c-8'), messageId: 'm-shape', body: '{"detail": {}}' };
    const batch = [login('e-1', 'c-1'), login('e-2', 'c-2'), notJson, notAnEvent, login('e-3', 'c-3')];
    const { batchItemFailures } = await recordBatch(services(), batch, logger);
    expect(batchItemFailures.map((each) => each.itemIdentifier).toSorted()).toEqual(['m-e-2', 'm-json', 'm-shape']);
    expect(await store.load('c-1')).toBeDefined();
    expect(await store.load('c-3')).toBeDefined();
  });

  it('logs of a body that it cannot read that it cannot, and nothing of the body', async () => {
    const lines: unknown[] = [];
    const listening = new Logger();
    vi.spyOn(listening, 'error').mockImplementation((message, ...extra) => void lines.push(lineOf(message, extra)));
    const body = '{"email": anna@example.com}';
    const refusal = record('m-cut', 'Event Refused', { data: { original: 'anna@example.com' } }, 'perennial');
    await recordBatch(services(), [{ ...login('e-9', 'c-9'), messageId: 'm-json', body }, refusal], listening);
    const told = JSON.stringify(lines);
    expect(told).toContain('m-json');
    expect(told).toContain('m-cut');
    expect(told).not.toContain('anna');
  });

  it('refuses what can never be taken in: announced with its reason, counted, acknowledged', async () => {
    const metadata = { id: 'e-1', version: 2, occurredAt: '2026-03-02T11:00:00Z' };
    const bad = record('m-1', 'Login Succeeded', { metadata, data: { customerId: 'c-1' } });
    const { batchItemFailures } = await recordBatch(services(), [bad], logger);
    expect(batchItemFailures).toEqual([]);
    expect(meter.counted(METRIC.eventsRefused)).toBe(1);
    expect(announced).toEqual([
      {
        detailType: 'Event Refused',
        id: 'refused/m-1',
        occurredAt: NOW,
        data: {
          reason: 'metadata.version: expected version 1, the only one there is',
          field: 'metadata.version',
          expected: 'expected version 1, the only one there is',
          eventId: 'e-1',
          type: 'Login Succeeded',
          customerId: 'c-1',
          original: expect.stringContaining('"version":2'),
        },
      },
    ]);
  });

  it('takes one of two events that arrive at once under one id, and refuses the other', async () => {
    const [one, other] = ['o-1', 'o-2'].map((orderId) => {
      const metadata = { id: 'e-1', version: 1, occurredAt: '2026-03-02T11:00:00Z' };
      const data = { customerId: 'c-1', orderId, total: 1, currency: 'EUR' };
      return record(`m-${orderId}`, 'Purchase Completed', { metadata, data });
    });
    if (one === undefined || other === undefined) throw new Error('two were made');
    const batch = [one, { ...one, messageId: 'm-again' }, other];
    expect(await recordBatch(services(), batch, logger)).toEqual({ batchItemFailures: [] });
    expect((await store.readJournal('c-1')).map(({ data }) => data)).toMatchObject([{ orderId: 'o-1' }]);
    expect(await store.load('c-1')).toMatchObject({ facts: { orders: { ring: [{ orderId: 'o-1' }] } } });
    const refusals = announced.filter(({ detailType }) => detailType === 'Event Refused');
    expect(refusals).toMatchObject([{ id: 'refused/m-o-2', data: { field: 'metadata.id', eventId: 'e-1' } }]);
  });

  it('cuts a huge original so that the refusal still fits on the bus, whatever its characters', async () => {
    const data = { customerId: 'c-1', filler: '"\u0001ö'.repeat(60_000) };
    const bad = record('m-1', 'Login Succeeded', { metadata: {}, data });
    await recordBatch(services(), [bad], logger);
    // Who and what it was about nobody could read in what is left.
    expect(announced[0]?.data).toMatchObject({ type: 'Login Succeeded', customerId: 'c-1' });
    const bytes = Buffer.byteLength(JSON.stringify(JSON.stringify(announced[0]?.data)));
    expect(announced).toHaveLength(1);
    expect(Buffer.byteLength(JSON.stringify(announced[0]?.data))).toBeLessThan(256_000);
    expect(bytes).toBeGreaterThan(100_000);
  });

  it('takes a refused event up again when it comes back from the dead-letter queue', async () => {
    const original = {
      source: 'shop',
      'detail-type': 'Login Succeeded',
      detail: JSON.parse(login('e-1', 'c-1').body).detail,
    };
    const comesBack = record(
      'm-1',
      'Event Refused',
      { metadata: {}, data: { original: JSON.stringify(original) } },
      'perennial',
    );
    expect(await recordBatch(services(), [comesBack], logger)).toEqual({ batchItemFailures: [] });
    expect(await store.load('c-1')).toBeDefined();
    const cut = record('m-2', 'Event Refused', { metadata: {}, data: { original: '{"source": "sho' } }, 'perennial');
    const { batchItemFailures } = await recordBatch(services(), [cut], logger);
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'm-2' }]);
  });

  it('names a refused event by its id only as far as that is an id', async () => {
    const metadata = { id: 'x'.repeat(135_000), version: 1, occurredAt: '2026-03-02T11:00:00Z' };
    await recordBatch(
      services(),
      [record('m-1', 'Login Succeeded', { metadata, data: { customerId: 'c-1' } })],
      logger,
    );
    expect(announced[0]?.data).toMatchObject({ field: 'metadata.id' });
    expect(announced[0]?.data['eventId']).toBeUndefined();
    announced.length = 0;
    const nameless = record('m-2', 'Login Succeeded', { metadata: {}, data: { customerId: 'anna@example.com' } });
    await recordBatch(services(), [nameless], logger);
    expect(announced[0]?.data['customerId']).toBeUndefined();
  });

  it('counts and ignores a type nobody knows, also one of ours from elsewhere', async () => {
    const customerIds = ['c-1'];
    const due = { metadata: { id: 'due/1/0' }, data: { customerIds } };
    const batch = [record('m-1', 'Shelf Dusted', {}), record('m-2', 'Customer Due', due, 'shop')];
    expect(await recordBatch(services(), batch, logger)).toEqual({ batchItemFailures: [] });
    expect(meter.names).toEqual(['EventsSetAside ignored', 'EventsSetAside ignored']);
  });

  it('counts and ignores browsing of somebody the shop does not know', async () => {
    const metadata = { id: 'e-1', version: 1, occurredAt: '2026-11-22T11:00:00Z' };
    const batch = [record('m-1', 'Product Viewed', { metadata, data: { customerId: '', sku: 'pot-1' } })];
    expect(await recordBatch(services(), batch, logger)).toEqual({ batchItemFailures: [] });
    expect(meter.names).toEqual(['EventsSetAside anonymous Product Viewed']);
    expect(announced).toEqual([]);
  });

  it('reads and writes a customer once for several events, and fails them together', async () => {
    let loads = 0;
    let saves = 0;
    const counting = new (class extends MemoryStore {
      override async load(customerId: string) {
        loads += 1;
        return super.load(customerId);
      }
      override async save(...args: Parameters<MemoryStore['save']>) {
        saves += 1;
        return super.save(...args);
      }
    })();
    store = counting;
    await recordBatch(
      services(),
      [purchase('a', '2026-03-02T10:00:00Z'), purchase('b', '2026-03-01T10:00:00Z'), login('c', 'c-1')],
      logger,
    );
    expect([loads, saves]).toEqual([1, 1]);
    expect(await store.load('c-1')).toMatchObject({ stage: 'active', version: 1 });
  });
});
