/** One core, two drivers: a backtest comes to what the whole stack comes to, customer by customer, mail by mail. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { drive } from '../../infra/backtest/drive.ts';
import { eventsOf } from '../../infra/backtest/happenings.ts';
import { simulate } from '../../infra/backtest/simulation.ts';
import { PROJECT } from '../../infra/cache.ts';
import { circumstancesIn } from '../../infra/content-circumstances.ts';
import { chanceOf } from '../../infra/local/random.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { besidesOf, deliveriesOf, type Exported, logOf, type Outcome, outcomeOf } from '../support/exported.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { IS_WHOLE } from '../support/whole.ts';

const HOLDOUT = { share: 0.1, salt: 'one core' };
const SAMPLE = path.join(PROJECT, '../shared/data/cdnow_sample.csv');
const OF_SAMPLE = IS_WHOLE ? 40 : 480;

type Outcomes = Readonly<Record<string, Outcome>>;

const run = promisify(execFile);

async function byTwin(exported: Exported): Promise<Outcomes> {
  const directory = await mkdtemp(path.join(tmpdir(), 'perennial-one-core-'));
  try {
    const [from, to] = [path.join(directory, 'exported.json'), path.join(directory, 'outcomes.json')];
    await writeFile(from, JSON.stringify({ exported, holdout: HOLDOUT }));
    await run(process.execPath, ['--import', 'tsx', path.join(PROJECT, 'test/support/play-exported.ts'), from, to]);
    return JSON.parse(await readFile(to, 'utf8'));
  } finally {
    await rm(directory, { recursive: true });
  }
}

const circumstances = circumstancesIn(path.join(PROJECT, 'shared/content'), HOLDOUT);

async function byDriver(exported: Exported): Promise<Outcomes> {
  const { end } = deliveriesOf(exported);
  const log = logOf(exported);
  const outcomes: Record<string, Outcome> = {};
  for (const [index, customerId] of log.customers.entries()) {
    const ledger: LedgerEntry[] = [];
    const events = eventsOf(log, index, besidesOf(exported, customerId));
    const living = drive(events, SHIPPED, await circumstances, -Infinity, end, {
      stage: () => undefined,
      ended: (entry) => ledger.push(entry),
      offer: () => true,
    });
    if (living !== undefined) outcomes[customerId] = outcomeOf(living, ledger);
  }
  return outcomes;
}

function stagesIn(outcomes: Outcomes): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { stage } of Object.values(outcomes)) counts[stage] = (counts[stage] ?? 0) + 1;
  return counts;
}

async function expectOneCore(exported: Exported): Promise<Outcomes> {
  const [played, driven] = [await byTwin(exported), await byDriver(exported)];
  expect(driven).toEqual(played);
  const log = logOf(exported);
  const { stagesAtEnd } = simulate({
    log,
    besides: (index) => besidesOf(exported, log.customers[index] ?? ''),
    playbook: SHIPPED,
    circumstances: await circumstances,
    to: deliveriesOf(exported).end,
  });
  const counted = Object.entries(stagesAtEnd).filter(([, count]) => count > 0);
  expect(Object.fromEntries(counted)).toEqual(stagesIn(played));
  return played;
}

/** A year of one or two dozen people who buy, log in and complain at their own hours. */
function madeUp(): Exported {
  const opening = Date.parse('2024-01-01T00:00:00Z');
  const people = Array.from({ length: IS_WHOLE ? 24 : 12 }, (_none, index) => `p${String(index).padStart(2, '0')}`);
  const orders = people.flatMap((customer_id, index) => {
    const chance = chanceOf(11, customer_id);
    const gap = (8 + 9 * (index % 9)) * DAY;
    return Array.from({ length: 1 + (index % 7) * 2 }, (_none, order) => ({
      customer_id,
      order_id: `${customer_id}-${order}`,
      date: opening + (index % 5) * 20 * DAY + Math.floor((order * gap + chance.next() * gap) / MINUTE) * MINUTE,
      amount: Math.round(chance.next() * 20_000) / 100,
      currency: index % 4 === 0 ? 'SEK' : 'EUR',
      ...(chance.happens(0.3) && { discount: 5 }),
    }));
  });
  const firstOf = (customer_id: string) =>
    Math.min(...orders.filter((row) => row.customer_id === customer_id).map(({ date }) => date));
  return {
    orders,
    logins: people
      .filter((_customer, index) => index % 3 === 0)
      .flatMap((customer_id) => {
        const chance = chanceOf(12, customer_id);
        return Array.from({ length: 12 }, (_none, day) => ({
          customer_id,
          date: firstOf(customer_id) + day * 4 * DAY + Math.floor(chance.next() * 20) * HOUR,
        }));
      }),
    complaints: people
      .filter((_customer, index) => index % 4 === 1)
      .map((customer_id, index) => ({
        customer_id,
        complaint_id: `k-${customer_id}`,
        date: firstOf(customer_id) + (5 + 11 * index) * DAY,
        severity: index % 2 === 0 ? ('high' as const) : ('low' as const),
        channel: 'phone',
        ...(index % 3 !== 0 && { resolved: firstOf(customer_id) + (17 + 11 * index) * DAY }),
      })),
  };
}

const isMissing = !existsSync(SAMPLE);
if (isMissing) console.warn(`skipped: ${SAMPLE} is not there`);

const sampleRow = z.object({ customer_id: z.string(), date: z.string(), amount: z.coerce.number() });

async function readSample(): Promise<Exported['orders']> {
  const rows = z.array(sampleRow).parse(parse(await readFile(SAMPLE), { columns: true }));
  // A day without a time stands at noon.
  return rows.map(({ date, ...row }, index) => ({
    ...row,
    date: Date.parse(date) + DAY / 2,
    order_id: `order-${index}`,
  }));
}

/** Half a minute on an idle machine; a busy one needs minutes. */
const TIMEOUT_MS = 600_000;

describe('the backtest and the whole stack', () => {
  it(
    'come to the same with logins, complaints, discounts and two currencies',
    async () => {
      const outcomes = await expectOneCore(madeUp());
      const ends = Object.values(outcomes).flatMap((each) => each.ends);
      // The log is worth something only while what it plays is rich.
      for (const what of [
        /recovery\/apology.* sent/,
        /win-back\/offer.* sent/,
        / withheld holdout/,
        /recovery\/resolved.* sent/,
      ]) {
        expect(ends.some((end) => what.test(end))).toBe(true);
      }
      expect(new Set(Object.values(outcomes).map(({ stage }) => stage)).size).toBeGreaterThan(IS_WHOLE ? 3 : 2);
    },
    TIMEOUT_MS,
  );

  it.skipIf(isMissing)(
    'come to the same on a part of a public order log',
    async () => {
      const orders = await readSample();
      const people = [...new Set(orders.map((row) => row.customer_id))];
      const some = new Set(people.filter((_customer, index) => index % OF_SAMPLE === 0));
      const outcomes = await expectOneCore({ orders: orders.filter((row) => some.has(row.customer_id)) });
      expect(Object.keys(outcomes)).toHaveLength(some.size);
    },
    TIMEOUT_MS,
  );
});
