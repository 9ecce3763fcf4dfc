/** What the reading of an export says of dates that are probably mistyped. */
import { expect, test } from 'vitest';
import { readExport } from '../../infra/backtest/read-export.ts';
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

test('an import refuses what is yet to come: later than a day from now, for a day alone stands for its noon', async () => {
  const now = Date.parse('2026-11-22T00:30:00Z');
  const orders = await file([header, 'a,2026-11-22', 'b,2026-11-23', 'c,2099-01-01'].join('\n'));
  const { readings } = await readFiles({ orders, logins: orders }, {}, now);
  expect(readings.map(({ reading }) => reading.bad.kept.map(({ line }) => line))).toEqual([
    [3, 4],
    [3, 4],
  ]);
});
