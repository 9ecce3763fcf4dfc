/** What every lane store does, run against each of them. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningTwin } from '../../infra/local/twin.ts';
import { DynamoDBLaneStore } from '../../shared/adapters/dynamodb-lane-store.ts';
import type { LaneStore } from '../../shared/adapters/lane-store.ts';
import { reviseLane } from '../../shared/adapters/revise.ts';
import { OPEN_LANE, pause, release, reserve, stop, usedWithinADay } from '../../shared/lifecycle/lane.ts';
import { HOUR } from '../../shared/lifecycle/time.ts';
import { implementations, openTwin } from './stores.ts';
import { TEST_CREDENTIALS, TEST_REGION } from './wire.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const OPEN_TIMEOUT_MS = 60_000;
const LIMITS = { perDay: 1000 };

// There is one lane, so these tests follow each other.
describe.each(implementations())('the lane in $name', ({ name, open }) => {
  let store: LaneStore;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const opened = await open();
    store = opened.lane;
    close = () => opened.close();
  }, OPEN_TIMEOUT_MS);

  afterAll(() => close());

  it('is open while nothing is stored, and is not created by who believes it is', async () => {
    expect(await store.save({ ...OPEN_LANE, version: 2 }, 1)).toBe(false);
    expect(await reviseLane(store, (lane) => lane)).toEqual(OPEN_LANE);
    expect(await store.read()).toEqual(OPEN_LANE);
  });

  it('comes back unchanged with everything in it', async () => {
    const busy = reserve(pause(pause(OPEN_LANE, undefined, NOON), 'retention', NOON), 5, LIMITS, 'service', NOON).lane;
    const full = { ...stop(busy, 'quota', NOON + HOUR), version: 1 };

    expect(await store.save(full, 0)).toBe(true);
    expect(await store.read()).toEqual(full);
  });

  it('is replaced by who saw the latest version, and by nobody else', async () => {
    expect(await store.save({ ...OPEN_LANE, version: 1 }, 0)).toBe(false);
    expect(await store.save({ ...OPEN_LANE, version: 3 }, 2)).toBe(false);
    expect(await store.save({ ...OPEN_LANE, version: 2 }, 1)).toBe(true);
    expect(await store.read()).toEqual({ ...OPEN_LANE, version: 2 });
  });

  // moto's threads look at a condition and write afterwards, so that one may write over another.
  it.skipIf(name.includes('moto'))('counts what several senders reserve at once', async () => {
    const reserved = (mails: number) => reviseLane(store, (lane) => reserve(lane, mails, LIMITS, 'service', NOON).lane);

    await Promise.all([reserved(10), reserved(20), reserved(30)]);

    expect(usedWithinADay(await store.read(), NOON)).toBe(60);
  });
});

describe('a write of the lane whose answer is lost, which the client makes again', () => {
  let twin: RunningTwin;
  let client: DynamoDBClient;
  let lost = 0;

  beforeAll(async () => {
    twin = await openTwin(0);
    client = new DynamoDBClient({ endpoint: twin.endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS });
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          if (commandName !== 'PutItemCommand' || lost > 0) return answer;
          lost += 1;
          throw Object.assign(new Error('on purpose'), { name: 'TimeoutError' });
        },
      { step: 'finalizeRequest', priority: 'low' },
    );
  }, OPEN_TIMEOUT_MS);

  afterAll(async () => {
    client.destroy();
    await twin.close();
  });

  it('knows itself again: what is reserved counts once, and what is given back is given back once', async () => {
    const store = new DynamoDBLaneStore(client, twin.tableName);
    await reviseLane(store, (lane) => reserve(lane, 10, LIMITS, 'service', NOON).lane);
    expect([lost, usedWithinADay(await store.read(), NOON)]).toEqual([1, 10]);

    lost = 0;
    await reviseLane(store, (lane) => release(lane, 3, NOON / HOUR));
    expect([lost, usedWithinADay(await store.read(), NOON)]).toEqual([1, 7]);
  });

  it('is not taken for one of somebody else who stored the same', async () => {
    const store = new DynamoDBLaneStore(client, twin.tableName);
    const lane = await store.read();
    const next = { ...lane, version: lane.version + 1 };
    expect(await store.save(next, lane.version)).toBe(true);
    expect(await store.save(next, lane.version)).toBe(false);
  });
});
