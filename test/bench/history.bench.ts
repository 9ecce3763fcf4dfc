/**
 * Reading an export of orders, unsorted. ORDERS=10000000 CUSTOMERS=1000000 makes it as large as a large shop; the peak of
 * the memory is printed beside the speed.
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
  console.log(`${ORDERS} orders of ${CUSTOMERS} people: at most ${Math.round(maxRSS / 1024)} MB in the process`);
  rmSync(directory, { recursive: true });
});

describe('history', () => {
  bench(
    `${ORDERS} orders of ${CUSTOMERS} people`,
    async () => {
      await readOrderLog(file);
    },
    { iterations: 1, warmupIterations: 0, time: 0, warmupTime: 0 },
  );
});
