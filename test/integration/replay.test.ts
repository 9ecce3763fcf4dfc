import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);

interface Row {
  readonly customer: string;
  readonly date: string;
  readonly amount: string;
  readonly order: string;
}

/** A small export: customers who buy once to four times in a year, each at a rhythm of their own. */
function exportRows(): Row[] {
  const rows: Row[] = [];
  for (let customer = 1; customer <= CUSTOMERS; customer += 1) {
    const orders = 1 + (customer % 4);
    for (let order = 0; order < orders; order += 1) {
      const day = customer * 3 + order * (20 + ((customer * 7) % 50));
      const date = new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10);
      rows.push({ customer: `c${customer}`, date, amount: `${20 + customer}.50`, order: `o${customer}-${order}` });
    }
  }
  return rows;
}

const CUSTOMERS = 4;
const HEAD = 'customer_id,date,amount';
const line = ({ customer, date, amount }: Row) => `${customer},${date},${amount}`;
const lineWithId = (row: Row) => `${line(row)},${row.order}`;
const csv = (head: string, lines: readonly string[]) => [head, ...lines].join('\n');

describe('playing an export through the whole stack', () => {
  const rows = exportRows();
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'perennial-replay-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  /** The result of `npm start -- --orders ... --exit`, without how long it took. */
  async function played(name: string, content: string, ...options: string[]): Promise<Record<string, unknown>> {
    const orders = join(directory, `${name}.csv`);
    const result = join(directory, `${name}.json`);
    await writeFile(orders, content);
    const command = ['--import', 'tsx', 'infra/local/start.ts', '--orders', orders, '--exit', '--json', result];
    await run(process.execPath, [...command, '--port', '0', '--web-port', '0', ...options]);
    const { elapsedSeconds, ...rest }: Record<string, unknown> = JSON.parse(await readFile(result, 'utf8'));
    expect(elapsedSeconds).toBeGreaterThan(0);
    return rest;
  }

  it('does not depend on the order of the lines, nor on rows that come twice', async () => {
    const first = await played('first', csv(HEAD, rows.map(line)));
    expect(first).toMatchObject({ events: rows.length, customers: CUSTOMERS, deadLetters: {} });
    const doubled = rows.flatMap((row, index) => Array<string>(index % 3 === 2 ? 2 : 1).fill(lineWithId(row)));
    expect(await played('doubled', csv(`${HEAD},order_id`, doubled.toReversed()))).toEqual(first);
    const disordered = await played('disordered', csv(HEAD, rows.map(line)), '--disorder', '5', '--seed', '7');
    expect(disordered).toMatchObject({ events: rows.length, stages: first['stages'], deadLetters: {} });
  });
});
