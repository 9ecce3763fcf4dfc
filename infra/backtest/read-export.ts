/**
 * Reads all files of a shop's export, each with its progress, and joins them by customer. An order that was called off is
 * no order, whichever file says so: it is left out before anything is played, learned or counted.
 */
import path from 'node:path';
import type { Duration } from '../../shared/lifecycle/time.ts';
import { readCancellations } from '../history/cancellations.ts';
import { CancelledOrders } from '../history/cancelled-orders.ts';
import { readComplaintLog } from '../history/complaints.ts';
import { fileReader, type FileReading } from '../history/file-readings.ts';
import { readLoginLog } from '../history/moments.ts';
import { type OrderLog, readOrderLog } from '../history/order-log.ts';
import type { ReadingOptions } from '../history/reading.ts';
import { joinFiles, type JoinedFiles } from './besides.ts';
import { isolationNote } from './last-order.ts';

/** By the option that names it. */
export interface ExportFiles {
  readonly orders: string;
  readonly logins?: string | undefined;
  readonly complaints?: string | undefined;
  readonly cancellations?: string | undefined;
}

export interface ExportRead extends JoinedFiles {
  readonly log: OrderLog;
  readonly files: readonly FileReading[];
}

/**
 * @param horizon after a longer pause the last order is doubted in a note
 * @throws UsageError when a file cannot be read or its header lacks a column
 */
export async function readExport(names: ExportFiles, options: ReadingOptions, horizon: Duration): Promise<ExportRead> {
  const { orders, logins, complaints, cancellations } = names;
  // First, so that a line of an order that was called off is never kept.
  const calledOff = cancellations === undefined ? undefined : await readCalledOff(cancellations, options);
  const reader = fileReader();
  const bought = await reader.read(orders, readOrderLog, {
    ...options,
    ...(calledOff && { cancelled: calledOff.orders }),
  });
  const visits = await reader.readNamed(logins, readLoginLog, options);
  const complained = await reader.readNamed(complaints, readComplaintLog, options);
  const { log } = bought;
  const joined = joinFiles(log, {
    ...(visits && { logins: visits.log }),
    ...(complained && { complaints: complained.complaints }),
  });
  const lastOrder = isolationNote(log, horizon);
  const readings = reader.readings.map((each, place) =>
    // The orders were read first.
    place === 0 && lastOrder !== undefined ? noted(each, [lastOrder]) : each,
  );
  if (calledOff === undefined) return { ...joined, log, files: readings };
  const unfound = calledOff.orders.notes(path.basename(orders), bought.format.columns['order_id'] !== undefined);
  return { ...joined, log, files: [...readings, noted(calledOff.read, unfound)] };
}

/** Keeps of each cancellation no more than it takes to know its order again. */
async function readCalledOff(
  name: string,
  options: ReadingOptions,
): Promise<{ readonly orders: CancelledOrders; readonly read: FileReading }> {
  const { cancellations, ...reading } = await fileReader().read(name, readCancellations, options);
  const orders = new CancelledOrders(cancellations, options.hashIds === true);
  return { orders, read: { file: path.basename(name), reading } };
}

function noted({ file, reading }: FileReading, notes: readonly string[]): FileReading {
  const { format } = reading;
  return { file, reading: { ...reading, format: { ...format, notes: [...format.notes, ...notes] } } };
}
