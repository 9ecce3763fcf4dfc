/** Everybody put right, page after page: who is looked at when a run was cut off, or could not read somebody. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { REBUILD, rebuildWalk } from '../../infra/repair/rebuild-walk.ts';
import { repairAll, type Told } from '../../infra/repair/repair-all.ts';
import { partitionOf, UnreadableItem } from '../../shared/adapters/profile-item.ts';
import { TABLE } from '../../shared/contracts/table.ts';
import type { Profile } from '../../shared/lifecycle/customer/profile.ts';
import { HOUR } from '../../shared/lifecycle/time.ts';
import { openWire, replyJson, TEST_CREDENTIALS, TEST_REGION, type Wire } from '../contracts/wire.ts';
import { Bench, FaultyStore } from '../functions/bench.ts';
import { registered } from '../support/events.ts';
import { repairServices } from './services.ts';

const PAGES = [
  ['p-1', 'p-2'],
  ['p-3', 'p-4'],
  ['p-5', 'p-6'],
];
const EVERYBODY = PAGES.flat();

/** A store whose profiles can be taken away, or made such that nobody can read them. */
class Shelf extends FaultyStore {
  readonly unreadable = new Set<string>();
  readonly gone = new Set<string>();

  override async load(customerId: string): Promise<Profile | undefined> {
    if (this.unreadable.has(customerId)) throw new UnreadableItem('profile of format 99', {});
    return this.gone.has(customerId) ? undefined : super.load(customerId);
  }

  override async save(profile: Profile, expected: number): Promise<boolean> {
    if (!this.gone.delete(profile.customerId)) return super.save(profile, expected);
    return super.save(profile, (await super.load(profile.customerId))?.version ?? 0);
  }
}

const scan = z.object({
  ExclusiveStartKey: z.looseObject({ [TABLE.sortKey]: z.object({ S: z.string() }) }).optional(),
});
/** The sort key of the last item of a page is the number of the next one. */
const openTable = () =>
  openWire(({ body }, response) => {
    const page = Number(scan.parse(JSON.parse(body)).ExclusiveStartKey?.[TABLE.sortKey]?.S ?? 0);
    const items = (PAGES[page] ?? []).map((id) => ({ [TABLE.partitionKey]: { S: partitionOf(id) } }));
    const last = { ...items.at(-1), [TABLE.sortKey]: { S: String(page + 1) } };
    replyJson(response, 200, {
      Items: items,
      ScannedCount: items.length,
      ...(page + 1 < PAGES.length && { LastEvaluatedKey: last }),
    });
  });

let wire: Wire | undefined;
let client: DynamoDBClient | undefined;
afterEach(async () => {
  client?.destroy();
  await wire?.close();
});

/** A shop in which everybody has registered, and the command as somebody types it. */
async function openShelf() {
  const shelf = new Shelf();
  const bench = new Bench(shelf);
  for (const customerId of EVERYBODY) {
    await bench.record({ ...registered(bench.now), customerId, id: `registered-${customerId}` });
  }
  wire = await openTable();
  client = new DynamoDBClient({ endpoint: wire.endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS });
  const services = repairServices(bench, client, shelf);
  const { walks } = services;
  const run = async (each: (told: Told) => void = () => undefined, isAnew = false) => {
    const looked: string[] = [];
    const walk = rebuildWalk(await walks.read(REBUILD), { by: 'anna', now: bench.now, isAnew });
    const tally = await repairAll(services, { apply: true, cause: REBUILD }, walk, (told) => {
      looked.push(told.customerId);
      each(told);
    });
    return { tally, looked: looked.toSorted() };
  };
  return { bench, shelf, walks, run };
}

describe('rebuilding everybody', () => {
  it('looks at everybody again after a run that could not read somebody', async () => {
    const { shelf, walks, run } = await openShelf();
    shelf.unreadable.add('p-6');
    expect((await run()).tally).toMatchObject({ alike: 5, unreadable: 1 });
    expect(await walks.read(REBUILD)).toMatchObject({ status: 'running', done: 0 });

    shelf.gone.add('p-1');
    expect(await run()).toMatchObject({ tally: { lost: 1, unreadable: 1 }, looked: EVERYBODY });
    shelf.gone.add('p-2');
    shelf.unreadable.clear();
    expect(await run()).toMatchObject({ tally: { lost: 1, unreadable: 0 }, looked: EVERYBODY });
    expect(shelf.gone.size).toBe(0);
    expect(await walks.read(REBUILD)).toMatchObject({ status: 'done', done: EVERYBODY.length });
  });

  it('goes on where it was cut off, for some hours, unless somebody wants it anew', async () => {
    const { bench, walks, run } = await openShelf();
    const killed = () =>
      run(({ customerId }) => {
        if (customerId === 'p-5') throw new Error('killed');
      });
    await expect(killed()).rejects.toThrow('killed');
    expect(await walks.read(REBUILD)).toMatchObject({ status: 'running', done: 4 });
    bench.now += HOUR;
    expect((await run()).looked).toEqual(['p-5', 'p-6']);

    await expect(killed()).rejects.toThrow('killed');
    expect((await run(undefined, true)).looked).toEqual(EVERYBODY);

    await expect(killed()).rejects.toThrow('killed');
    bench.now += 7 * HOUR;
    expect((await run()).looked).toEqual(EVERYBODY);
  });

  it('cut off behind somebody who cannot be read, looks at that page once more', async () => {
    const { shelf, run } = await openShelf();
    shelf.unreadable.add('p-3');
    const killed = run(({ customerId }) => {
      if (customerId === 'p-5') throw new Error('killed');
    });
    await expect(killed).rejects.toThrow('killed');
    expect((await run()).looked).toEqual(['p-3', 'p-4', 'p-5', 'p-6']);
    expect((await run()).looked).toEqual(EVERYBODY);
  });
});
