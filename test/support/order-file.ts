/** Order logs as the files that shops export. */
import { writeFile } from 'node:fs/promises';
import type { OrderLog } from '../../infra/history/order-log.ts';

/** Minor units of the currencies that made-up shops use. */
const CENTS = 100;

/** @returns the file */
export async function writeOrders(file: string, { customers, starts, at, minor }: OrderLog): Promise<string> {
  const lines = customers.flatMap((customer, index) =>
    Array.from(at.subarray(starts[index], starts[index + 1]), (instant, order) => {
      const amount = (minor[(starts[index] ?? 0) + order] ?? Number.NaN) / CENTS;
      return `${customer},${new Date(instant).toISOString()},${Number.isNaN(amount) ? '' : amount}`;
    }),
  );
  await writeFile(file, ['customer_id,date,amount', ...lines, ''].join('\n'));
  return file;
}
