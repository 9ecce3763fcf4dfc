/** A shop's export as large as asked for: orders of many people in no order at all, the same for the same seed. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { chanceOf } from '../../infra/local/random.ts';
import { DAY } from '../../shared/lifecycle/time.ts';

const FIRST_DAY = Date.UTC(2023, 0, 1);
const DAYS = 1000;
const ROWS_AT_ONCE = 10_000;

/** Columns: order_id, customer_id, date (with time), amount, discount. */
export async function writeOrders(file: string, orders: number, customers: number, seed: number): Promise<void> {
  const chance = chanceOf(seed, 'orders');
  const random = () => chance.next();
  const out = createWriteStream(file);
  out.write('order_id,customer_id,date,amount,discount\n');
  for (let written = 0; written < orders; written += ROWS_AT_ONCE) {
    let rows = '';
    for (let i = written; i < Math.min(orders, written + ROWS_AT_ONCE); i += 1) {
      const customer = Math.floor(random() * customers);
      const at = new Date(FIRST_DAY + Math.floor((random() * DAYS * DAY) / 1000) * 1000).toISOString();
      const cents = Math.floor(random() * 20_000);
      const amount = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
      rows += `${1_000_000 + i},c${customer},${at.slice(0, 19)}Z,${amount},${random() < 0.1 ? '5.00' : ''}\n`;
    }
    if (!out.write(rows)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}
