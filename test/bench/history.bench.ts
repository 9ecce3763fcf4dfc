/**
 * Reading an export of orders, unsorted, and nothing else: no playing, no scoring, no report. ORDERS=10000000
 * CUSTOMERS=1000000 makes it as large as a large shop; the peak of the memory is printed beside the speed. How to take the
 * peak of the whole command is in docs/backtest.md.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, bench, describe } from 'vitest';
import { readOrderLog } from '../../infra/history/order-log.ts';
import { writeOrders } from './many-orders.ts';

const ORDERS = Number(process.env['ORDERS'] ?? 200_000);
const CUSTOMERS = Number(process.env['CUSTOMERS'] ?? ORDERS / 10);
const SEED = 1;
const directory = mkdtempSync(path.join(tmpdir(), 'history-'));
const file = path.join(directory, 'orders.csv');

beforeAll(() => writeOrders(file, ORDERS, CUSTOMERS, SEED), 600_000);
afterAll(() => {
  const { maxRSS } = process.resourceUsage();
  console.log(
    `${ORDERS} orders of ${CUSTOMERS} people: at most ${Math.round(maxRSS / 1024)} MB in the process, for reading alone`,
  );
  rmSync(directory, { recursive: true });
});

describe('reading alone', () => {
  bench(
    `${ORDERS} orders of ${CUSTOMERS} people`,
    async () => {
      await readOrderLog(file);
    },
    { iterations: 1, warmupIterations: 0, time: 0, warmupTime: 0 },
  );
});
