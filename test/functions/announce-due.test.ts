/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { beforeEach, describe, expect, it } from 'vitest';
import { announceDue } from '../../functions/sweep/announce-due.ts';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { START } from '../support/events.ts';
import { CountingMeter } from '../support/counting-meter.ts';

/** Full hours are minutes of the catch-up, this is none. */
const SWEEP: Instant = START + 7 * MINUTE;
const CATCH_UP: Instant = START + 15 * MINUTE;

let store: MemoryStore;
let announced: Announcement[];
let meter: CountingMeter;

beforeEach(() => {
  store = new MemoryStore();
  announced = [];
  meter = new CountingMeter();
});

const due = (customerId: string, dueAt: Instant) =>
  store.save({ ...unknownCustomer(customerId, START), version: 1, dueAt }, 0);

async function sweep(at: Instant): Promise<readonly (readonly string[])[]> {
  const announcer = { announce: async (each: readonly Announcement[]) => void announced.push(...each) };
  await announceDue({ index: store, announcer, meter }, at);
  return announced.map(({ data }) => (Array.isArray(data['customerIds']) ? data['customerIds'].map(String) : []));
}

describe('a sweep', () => {
  it.each([
    ['a minute ahead', MINUTE, false],
    ['just ahead', 1, false],
    ['exactly at the minute', 0, true],
    ['a minute back', -MINUTE, true],
    ['just within two minutes', -2 * MINUTE + 1, true],
    ['just within five minutes: a claim of then may have ended unsettled', -5 * MINUTE + 1, true],
    ['five minutes back: it waits for the quarter', -5 * MINUTE, false],
    ['long ago', -HOUR, false],
  ])('a timer %s', async (_when, offset, found) => {
    await due('c-1', SWEEP + offset);
    expect(await sweep(SWEEP)).toEqual(found ? [['c-1']] : []);
  });

  it('means its minute, at whatever second the schedule says', async () => {
    await due('early', SWEEP - 2 * MINUTE + 1);
    await due('late', SWEEP + 1);
    expect(await sweep(SWEEP + MINUTE - 1)).toEqual([['early']]);
    expect(announced[0]?.occurredAt).toBe(SWEEP);
  });

  it('looks again at the 250 that have stood longest and no more: a backlog is not what it is after', async () => {
    const id = (index: number) => `standing-${String(index).padStart(3, '0')}`;
    for (let index = 0; index < 260; index += 1) await due(id(index), SWEEP - 4 * MINUTE + index);
    for (const customerId of ['new-1', 'new-2']) await due(customerId, SWEEP);
    const announcedIds = (await sweep(SWEEP)).flat();
    expect(announcedIds).toHaveLength(252);
    expect(announcedIds.slice(0, 250)).toEqual(Array.from({ length: 250 }, (_each, index) => id(index)));
    expect(announcedIds.slice(250)).toEqual(['new-1', 'new-2']);
  });

  it('catching up leaves nobody out', async () => {
    for (let index = 0; index < 300; index += 1) await due(`c-${index}`, CATCH_UP - 3 * MINUTE);
    expect((await sweep(CATCH_UP)).flat()).toHaveLength(300);
  });

  it.each([0, 15, 30, 45])('at minute %d of the hour announces all that are still due', async (minute) => {
    const at = START + minute * MINUTE;
    await due('long ago', START - 90 * HOUR);
    await due('two minutes ago', at - 2 * MINUTE);
    await due('now', at);
    await due('soon', at + 1);
    expect(await sweep(at)).toEqual([['long ago', 'two minutes ago', 'now']]);
  });

  it('announces what is due the longest first, customers of one instant by id', async () => {
    await due('b', SWEEP);
    await due('z', SWEEP - MINUTE);
    await due('c', SWEEP);
    await due('a', SWEEP);
    expect(await sweep(SWEEP)).toEqual([['z', 'a', 'b', 'c']]);
  });

  it('puts 25 customers into one announcement, each under an id that tells it from the others', async () => {
    const customers = Array.from({ length: 51 }, (_each, index) => `c-${String(index).padStart(2, '0')}`);
    for (const customerId of customers) await due(customerId, SWEEP);
    const batches = await sweep(SWEEP);
    expect(batches.map((each) => each.length)).toEqual([25, 25, 1]);
    expect(batches.flat()).toEqual(customers);
    const minute = SWEEP / MINUTE;
    expect(announced.map(({ id, detailType }) => [detailType, id])).toEqual([
      ['Customer Due', `due/${minute}/0`],
      ['Customer Due', `due/${minute}/1`],
      ['Customer Due', `due/${minute}/2`],
    ]);
  });

  it('run twice announces the same under the same ids', async () => {
    for (const customerId of ['b', 'a']) await due(customerId, SWEEP);
    await sweep(SWEEP);
    await sweep(SWEEP);
    expect(announced[1]).toEqual(announced[0]);
  });

  it('counts whom it announced, and how late the oldest is', async () => {
    await due('a', CATCH_UP - HOUR);
    await due('b', CATCH_UP);
    await sweep(CATCH_UP);
    expect(meter.told).toEqual([{ what: METRIC.sweepLag, fields: { due: '2', oldest: 'a' }, value: HOUR }]);
  });

  it('shows that it lives when nobody is due', async () => {
    expect(await sweep(SWEEP)).toEqual([]);
    expect(meter.told).toEqual([{ what: METRIC.sweepLag, fields: {}, value: 0 }]);
  });

  it('that could not announce fails, and shows no sign of life', async () => {
    await due('a', SWEEP);
    const announcer = { announce: () => Promise.reject(new Error('the bus refuses')) };
    await expect(announceDue({ index: store, announcer, meter }, SWEEP)).rejects.toThrow('the bus refuses');
    expect(meter.told).toEqual([]);
  });
});
