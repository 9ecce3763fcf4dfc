/** Orders that were called off, from a file of its own or from the column of an export of orders. */
import { identifier } from '../../shared/lifecycle/events/fields.ts';
import { checked } from './cell.ts';
import { idOf } from './customer-index.ts';
import type { Reading, ReadingOptions } from './reading.ts';
import { readTable, type TableShape } from './table.ts';

export interface Cancellation {
  readonly customerId: string;
  readonly orderId: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface CancellationsReading extends Reading {
  /** In the order of the lines. */
  readonly cancellations: readonly Cancellation[];
}

const CANCELLATIONS: TableShape = {
  fields: ['customer_id', 'email', 'date', 'cancelled_at', 'order_id'],
  required: ['customer_id', 'order_id'],
  dates: ['date', 'cancelled_at'],
  amounts: [],
};

const orderField = identifier('the order id');

/**
 * The time is that of the column of cancellations; in an export without one, the date of the row. A row whose cell is
 * empty in such a column was not called off.
 *
 * @throws UsageError when the file cannot be read or its header lacks a column
 */
export async function readCancellations(file: string, options: ReadingOptions = {}): Promise<CancellationsReading> {
  let cancellations: Cancellation[] = [];
  const reading = await readTable(
    file,
    CANCELLATIONS,
    options,
    (row) => {
      if (row.has('cancelled_at') && row.text('cancelled_at') === '') return;
      const customerId = idOf(row, options.hashIds === true);
      const at = row.needed(row.has('cancelled_at') ? 'cancelled_at' : 'date');
      const orderId = checked(row, 'order_id', orderField);
      if (row.text('order_id') === '') row.refuse({ expected: 'order_id: missing' });
      if (row.isRefused || customerId === undefined || orderId === undefined) return;
      cancellations.push({ customerId, orderId, at });
    },
    () => {
      cancellations = [];
    },
  );
  return { ...reading, cancellations };
}
