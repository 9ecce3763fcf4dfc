/** When the end of a file is doubted. */
import { expect, test } from 'vitest';
import { isolationNote } from '../../infra/backtest/last-order.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { logOf } from './order-logs.ts';

const HORIZON = 90 * DAY;
const usual = [0, 30, 60].map((day) => ({ customer: 'a', day: 20_000 + day, minor: 100 }));

test('a last order that lies further from the others than the horizon is named, with its day', () => {
  const far = { customer: 'b', day: 20_151.5 };
  const note = isolationNote(logOf([far, ...usual]), HORIZON);
  expect(note).toContain('4 Mar 2025, comes 91 days after the one before');
  expect(isolationNote(logOf([...usual, far, far]), HORIZON)).toBe(note);
});

test.each([
  ['the last one is no further away', [...usual, { customer: 'b', day: 20_150.5 }]],
  ['there is one day only', usual.slice(0, 1)],
  ['there is none', []],
])('nothing is said where %s', (_, rows) => {
  expect(isolationNote(logOf(rows), HORIZON)).toBeUndefined();
});
