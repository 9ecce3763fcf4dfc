/** What every lane store does, run against each of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LaneStore } from '../../shared/adapters/lane-store.ts';
import { reviseLane } from '../../shared/adapters/revise.ts';
import { OPEN_LANE, pause, reserve, stop, usedWithinADay } from '../../shared/lifecycle/lane.ts';
import { HOUR } from '../../shared/lifecycle/time.ts';
import { implementations } from './stores.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const OPEN_TIMEOUT_MS = 60_000;
const LIMITS = { perDay: 1000 };

// There is one lane, so these tests follow each other.
describe.each(implementations())('the lane in $name', ({ open }) => {
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

  it('counts what several senders reserve at once', async () => {
    const reserved = (mails: number) => reviseLane(store, (lane) => reserve(lane, mails, LIMITS, 'service', NOON).lane);

    await Promise.all([reserved(10), reserved(20), reserved(30)]);

    expect(usedWithinADay(await store.read(), NOON)).toBe(60);
  });
});
