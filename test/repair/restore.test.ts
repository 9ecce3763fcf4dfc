/** Waiting until a replay has been taken in, while the shop goes on emitting. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, it } from 'vitest';
import type { Depth } from '../../infra/repair/queues.ts';
import { IntakeStuck, repairAfterRestore, type RestoreServices } from '../../infra/repair/restore.ts';
import { HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { openWire, type Received, replyJson, TEST_CREDENTIALS, TEST_REGION, type Wire } from '../contracts/wire.ts';
import { Bench } from '../functions/bench.ts';
import { START } from '../support/events.ts';
import { repairServices } from './services.ts';

/** More looks than a day has: by then nobody waits any more. */
const MOST_LOOKS = 50_000;

let wire: Wire | undefined;
let clients: readonly { destroy(): void }[] = [];
afterEach(async () => {
  for (const each of clients) each.destroy();
  await wire?.close();
});

/** AWS with an archive whose replay is over at once, and an empty table. */
function openAws(): Promise<Wire> {
  let isStarted = false;
  return openWire(({ target }: Received, response) => {
    switch (target.split('.').at(-1) ?? '') {
      case 'DescribeReplay':
        return isStarted
          ? replyJson(response, 200, { State: 'COMPLETED' })
          : replyJson(response, 400, { __type: 'ResourceNotFoundException', message: 'none' });
      case 'StartReplay':
        isStarted = true;
        return replyJson(response, 200, {});
      case 'Scan':
        return replyJson(response, 200, { Items: [], ScannedCount: 0 });
      default:
        return replyJson(response, 200, { ArchiveArn: 'arn:a', EventSourceArn: 'arn:b', Arn: 'arn:c' });
    }
  });
}

/** The minutes after which customers are repaired, with a queue that is as deep as it says. */
async function waits(depthOf: (elapsed: number) => Depth): Promise<number> {
  const bench = new Bench();
  wire = await openAws();
  const access = { endpoint: wire.endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS };
  const [client, bus] = [new DynamoDBClient(access), new EventBridgeClient(access)];
  clients = [client, bus];
  let looks = 0;
  const services: RestoreServices = {
    ...repairServices(bench, client),
    lanes: bench.lanes,
    bus,
    busName: 'customers',
    queues: { depthOf: async () => depthOf(bench.now - START) },
    sleep: async (duration) => {
      looks += 1;
      if (looks > MOST_LOOKS) throw new Error('it waits for ever');
      bench.now += Math.max(duration, MINUTE / 2);
    },
  };
  const gap = { from: START - 8 * HOUR, until: START - HOUR };
  const order = { stem: 'perennial-x', gap, by: 'anna', archiveDelay: 0, countsLag: 0, tell: async () => undefined };
  await repairAfterRestore(services, order);
  return (bench.now - START) / MINUTE;
}

describe('after a replay', () => {
  it('an empty queue is enough', async () => {
    expect(await waits(() => ({ waiting: 0, hidden: 0 }))).toBeLessThan(2);
  });

  it('a shop that never stops emitting holds up nobody for longer than a message is tried', async () => {
    const minutes = await waits(() => ({ waiting: 3, hidden: 12 }));
    expect(minutes).toBeGreaterThanOrEqual(15);
    expect(minutes).toBeLessThan(17);
  });

  it('a backlog is waited for, however long it takes while it shrinks', async () => {
    const minutes = await waits((elapsed) => ({ waiting: Math.max(3, 220 - elapsed / MINUTE), hidden: 12 }));
    expect(minutes).toBeGreaterThan(120);
  });

  it.each([
    ['that nobody takes in', { waiting: 40, hidden: 0 }],
    ['that does not get less', { waiting: 4000, hidden: 10 }],
  ])('a backlog %s is said after an hour', async (_what, depth) => {
    await expect(waits(() => depth)).rejects.toThrow(IntakeStuck);
  });
});
