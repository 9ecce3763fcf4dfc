/** Reads all files of a shop's export, each with its progress, and joins them by customer. */
import type { Duration } from '../../shared/lifecycle/time.ts';
import { readCancellations } from '../history/cancellations.ts';
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
  const reader = fileReader();
  // Only a cancellation names an order again.
  const keepOrderIds = cancellations !== undefined;
  const bought = await reader.read(orders, readOrderLog, { ...options, keepOrderIds });
  const visits = await reader.readNamed(logins, readLoginLog, options);
  const complained = await reader.readNamed(complaints, readComplaintLog, options);
  const cancelled = await reader.readNamed(cancellations, readCancellations, options);
  const { log } = bought;
  const joined = joinFiles(log, {
    ...(visits && { logins: visits.log }),
    ...(complained && { complaints: complained.complaints }),
    ...(cancelled && { cancellations: cancelled.cancellations }),
  });
  const note = isolationNote(log, horizon);
  // The orders were read first.
  return { ...joined, log, files: reader.readings.map((each, place) => (place === 0 ? noted(each, note) : each)) };
}

function noted({ file, reading }: FileReading, note: string | undefined): FileReading {
  const { format } = reading;
  const notes = note === undefined ? format.notes : [...format.notes, note];
  return { file, reading: { ...reading, format: { ...format, notes } } };
}
