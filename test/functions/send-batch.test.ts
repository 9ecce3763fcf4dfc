import type { SQSRecord } from 'aws-lambda';
import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import { sendBatch } from '../../functions/send/send-batch.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { complained, CUSTOMER, registered, resolved, START } from '../support/events.ts';
import { Bench, Died, FaultyStore } from './bench.ts';
import { delivery } from '../support/delivery.ts';
import { laneInMemory } from '../support/sending-lane.ts';

const RESOLVED = '1/recovery/resolved/k-0';
const APOLOGY = '1/recovery/apology/k-1';
const SECOND_APOLOGY = '1/recovery/apology/k-2';

/** The profiles of some customers cannot be read. */
class PartlyAway extends FaultyStore {
  away: string | undefined;
  override async load(customerId: string) {
    if (customerId === this.away) throw new Died('load');
    return super.load(customerId);
  }
}

const due = (messageId: string, key: string, customerId = CUSTOMER) =>
  delivery(
    messageId,
    JSON.stringify({
      id: messageId,
      source: 'perennial',
      'detail-type': 'Message Due',
      detail: { data: { customerId, key } },
    }),
  );

const logger = new Logger({ logLevel: 'SILENT' });

/** Of each customer three messages are pending: one about a resolved complaint, two apologies of higher priority. */
async function complainants(...customerIds: readonly string[]): Promise<Bench & { readonly store: PartlyAway }> {
  const store = new PartlyAway();
  const bench = Object.assign(new Bench(store), { store });
  for (const customerId of customerIds) {
    const own = [
      registered(START),
      complained(START, 'k-0'),
      resolved(START, 'k-0'),
      complained(START, 'k-1'),
      complained(START, 'k-2'),
    ];
    await bench.record(...own.map((each) => ({ ...each, customerId })));
  }
  return bench;
}

const send = async (bench: Bench, ...records: readonly SQSRecord[]) =>
  (await sendBatch(bench.senders, records, logger)).batchItemFailures.map((each) => each.itemIdentifier).toSorted();

describe('a batch of messages', () => {
  it('of one customer goes by priority, then by key, however it is delivered', async () => {
    const bench = await complainants(CUSTOMER);
    const delivered = [due('m-1', RESOLVED), due('m-2', SECOND_APOLOGY), due('m-3', APOLOGY)];
    expect(await send(bench, ...delivered)).toEqual([]);
    expect(bench.mailer.keys).toEqual([APOLOGY, SECOND_APOLOGY, RESOLVED]);
  });

  it('of one customer goes one after the other, so that no message races another for the profile', async () => {
    const bench = await complainants(CUSTOMER);
    let handedOver = 0;
    let most = 0;
    bench.mailer.meanwhile = async () => {
      handedOver += 1;
      most = Math.max(most, handedOver);
      await new Promise((resolve) => setImmediate(resolve));
      handedOver -= 1;
    };
    await send(bench, due('m-1', RESOLVED), due('m-2', APOLOGY), due('m-3', SECOND_APOLOGY));
    expect(bench.mailer.keys).toHaveLength(3);
    expect(most).toBe(1);
    expect(bench.meter.counted(METRIC.versionConflicts)).toBe(0);
  });

  it('a customer who cannot be served delays nobody else', async () => {
    const bench = await complainants('c-1', 'c-2', 'c-3');
    bench.store.away = 'c-2';
    const failed = await send(
      bench,
      due('m-1', APOLOGY, 'c-1'),
      due('m-2', APOLOGY, 'c-2'),
      due('m-3', RESOLVED, 'c-2'),
      due('m-4', APOLOGY, 'c-3'),
    );
    expect(failed).toEqual(['m-2', 'm-3']);
    expect(bench.mailer.mails.map(({ tags }) => tags['c'])).toEqual(['c-1', 'c-3']);
  });

  it('what is no announcement of a message fails alone', async () => {
    const bench = await complainants(CUSTOMER);
    const shapeless = delivery('m-2', JSON.stringify({ id: 'e', source: 's', 'detail-type': 't', detail: {} }));
    expect(await send(bench, delivery('m-1', 'not json'), shapeless, due('m-3', APOLOGY))).toEqual(['m-1', 'm-2']);
    expect(bench.mailer.keys).toEqual([APOLOGY]);
  });

  it('a message of a step that left the playbook waits for all others, and ends', async () => {
    const bench = await complainants(CUSTOMER);
    const removed = '1/gone/gone/1';
    await bench.change(({ pending }) => ({
      pending: { ...pending, [removed]: { moment: START, decidedAt: START, attempt: 1 } },
    }));
    expect(await send(bench, due('m-1', removed), due('m-2', RESOLVED))).toEqual([]);
    expect(bench.mailer.keys).toEqual([RESOLVED]);
    expect(await bench.ledger()).toEqual([`${RESOLVED} sent`, `${removed} cancelled: step removed`]);
  });

  it('waits for its slots afresh, however long the batches before have waited', async () => {
    const bench = await complainants('c-1', 'c-2', 'c-3');
    const { stopwatch } = bench;
    bench.lane = laneInMemory(() => bench.now, { stopwatch, quota: async () => ({ perDay: 1000, perSecond: 0.25 }) });
    await send(bench, due('m-1', APOLOGY, 'c-1'), due('m-2', APOLOGY, 'c-2'));
    await send(bench, due('m-3', APOLOGY, 'c-3'));
    expect(bench.mailer.mails).toHaveLength(3);
    expect(stopwatch.waits).toEqual([4000, 4000]);
  });
});
