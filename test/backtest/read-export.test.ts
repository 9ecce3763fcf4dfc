/** What the reading of an export makes of orders that were called off, and says of dates that are probably mistyped. */
import { describe, expect, test } from 'vitest';
import { readExport } from '../../infra/backtest/read-export.ts';
import { hashedId } from '../../infra/history/customer-index.ts';
import { readFiles } from '../../infra/import/files.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { filesOfTest } from '../history/write-file.ts';

const file = filesOfTest();
const header = 'customer_id,date';

test('the last order is doubted where it lies further from the others than the horizon', async () => {
  const orders = await file([header, 'a,2024-01-01', 'b,2024-01-31', 'b,2025-01-31'].join('\n'));
  const notesAt = async (days: number) => {
    const { files } = await readExport({ orders }, {}, days * DAY);
    return files[0]?.reading.format.notes;
  };
  expect(await notesAt(365)).toEqual([expect.stringContaining('on 31 Jan 2025, comes 366 days after')]);
  expect(await notesAt(366)).toEqual([]);
});

const notesOf = (read: Awaited<ReturnType<typeof readExport>>) =>
  read.files.map(({ file: name, reading }) => [name, reading.format.notes]);

describe('an order that was called off', () => {
  const columns = `${header},amount,order_id`;
  const rows = [
    // All that the first of them ever ordered was called off, and the items of an order go with it.
    ['z,2024-01-01,10,1', 'cancelled'],
    ['a,2024-01-02,20,2', 'cancelled'],
    ['a,2024-01-02,5,2', 'cancelled'],
    ['a,2024-01-09,30,3', 'paid'],
    ['b,2024-03-01,40,4', 'paid'],
    ['b,2024-02-01,50,5', 'cancelled'],
    ['b,2024-01-20,60,2', 'paid'],
  ] as const;
  const told = () => file([columns, ...rows.map(([row]) => row)].join('\n'), 'orders.csv');
  const calledOff = 'customer_id,order_id,date\nz,1,2024-01-02\na,2,2024-01-03\nb,5,2024-09-09\nb,5,2024-09-09\n';
  test('is none, whether a column says so or another file', async () => {
    const status = await file([`${columns},status`, ...rows.map((row) => row.join(','))].join('\n'), 'status.csv');
    const logins = await file(`${header}\nz,2024-01-05\nb,2024-01-05\n`, 'logins.csv');
    const cancellations = await file(calledOff, 'cancelled.csv');
    const byStatus = await readExport({ orders: status, logins }, {}, 365 * DAY);
    const byFile = await readExport({ orders: await told(), logins, cancellations }, {}, 365 * DAY);
    expect(byFile.log).toEqual(byStatus.log);
    expect([...byFile.log.minor]).toEqual([3000, 6000, 4000]);
    expect([byFile.withoutOrder, byStatus.withoutOrder]).toEqual([1, 1]);
    expect(byFile.besides(1)).toEqual(byStatus.besides(1));
    expect(notesOf(byFile)).toEqual([
      [
        'orders.csv',
        ['4 lines left out: by status, time of cancellation or the file of cancellations there was no order.'],
      ],
      ['logins.csv', []],
      ['cancelled.csv', []],
    ]);
  });

  test('is found under the hash of an address, too', async () => {
    const orders = await file(
      'email,date,order_id\nA@example.com,2024-01-01,1\nb@example.com,2024-01-01,1',
      'orders.csv',
    );
    const cancellations = await file('email,order_id,date\na@example.com,1,2024-01-02', 'cancelled.csv');
    const { log } = await readExport({ orders, cancellations }, { hashIds: true }, 365 * DAY);
    expect(log.customers).toEqual([hashedId('b@example.com')]);
  });

  test('and is in no line is told, and that no line has an id', async () => {
    const cancellations = await file(`${calledOff}a,9,2024-01-02\nc,3,2024-01-02\n`, 'cancelled.csv');
    const unfound = notesOf(await readExport({ orders: await told(), cancellations }, {}, 365 * DAY));
    expect(unfound.at(-1)).toEqual([
      'cancelled.csv',
      ['2 of 5 cancellations are of no order in orders.csv: no line there has that customer and order id.'],
    ]);
    const orders = await file([header, 'a,2024-01-01'].join('\n'), 'orders.csv');
    const without = notesOf(await readExport({ orders, cancellations }, {}, 365 * DAY));
    expect(without).toEqual([
      ['orders.csv', []],
      [
        'cancelled.csv',
        [
          'No order was called off by these 5 cancellations: orders.csv has no column with the ids of orders. --column order_id=NAME names it, and that column must have this name in both files.',
        ],
      ],
    ]);
  });
});

test('an import refuses what is yet to come: later than a day from now, for a day alone stands for its noon', async () => {
  const now = Date.parse('2026-11-22T00:30:00Z');
  const orders = await file([header, 'a,2026-11-22', 'b,2026-11-23', 'c,2099-01-01'].join('\n'));
  const { readings } = await readFiles({ orders, logins: orders }, {}, now);
  expect(readings.map(({ reading }) => reading.bad.kept.map(({ line }) => line))).toEqual([
    [3, 4],
    [3, 4],
  ]);
});
