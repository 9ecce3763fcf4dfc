/** What people did at some time and nothing more, such as logins: instants by customer, ascending. */
import { customerIndex } from './customer-index.ts';
import { growingNumbers, growingPositions } from './growing.ts';
import { sortLines } from './order-lines.ts';
import type { Reading, ReadingOptions } from './reading.ts';
import { readTable, type TableShape } from './table.ts';

export interface MomentLog {
  readonly customers: readonly string[];
  /** customers + 1 positions: the moments of customer i are those from starts[i] up to starts[i + 1]. */
  readonly starts: Uint32Array;
  /** Epoch milliseconds, ascending within a customer. */
  readonly at: Float64Array;
}

export interface MomentLogReading extends Reading {
  readonly log: MomentLog;
}

const LOGINS: TableShape = {
  fields: ['customer_id', 'email', 'date'],
  required: ['customer_id', 'date'],
  dates: ['date'],
  amounts: [],
};

/** @throws UsageError when the file cannot be read or its header lacks a column */
export async function readLoginLog(file: string, options: ReadingOptions = {}): Promise<MomentLogReading> {
  const index = customerIndex(options.hashIds === true);
  let [customer, at] = [growingPositions(), growingNumbers()];
  const reading = await readTable(
    file,
    LOGINS,
    options,
    (row) => {
      const number = index.numberOf(row);
      const instant = row.needed('date');
      if (row.isRefused || number === undefined) return;
      customer.push(number);
      at.push(instant);
    },
    () => {
      [customer, at] = [growingPositions(), growingNumbers()];
    },
  );
  const { order, starts } = sortLines({ customers: index.ids.length, customer, at });
  return { ...reading, log: { customers: index.ids, starts, at: at.gather(order, new Float64Array(order.length)) } };
}
