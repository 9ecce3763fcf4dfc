/** Reads all files of a shop's export, each with its progress, and joins them by customer. */
import path from 'node:path';
import type { Duration } from '../../shared/lifecycle/time.ts';
import { readCancellations } from '../history/cancellations.ts';
import { readComplaintLog } from '../history/complaints.ts';
import { readLoginLog } from '../history/moments.ts';
import { type OrderLog, readOrderLog } from '../history/order-log.ts';
import type { Reading, ReadingOptions } from '../history/reading.ts';
import { joinFiles, type JoinedFiles } from './besides.ts';
import { isolationNote } from './last-order.ts';
import { showPhase } from './phase.ts';

/** By the option that names it. */
export interface ExportFiles {
  readonly orders: string;
  readonly logins?: string | undefined;
  readonly complaints?: string | undefined;
  readonly cancellations?: string | undefined;
}

export interface FileReading {
  /** Without its folder. */
  readonly file: string;
  readonly reading: Reading;
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
  const files: FileReading[] = [];
  async function read<R extends Reading>(
    name: string,
    reader: (file: string, options: ReadingOptions) => Promise<R>,
  ): Promise<R> {
    const file = path.basename(name);
    const phase = showPhase(process.stderr, `reading ${file}`);
    try {
      const reading = await reader(name, { ...options, onProgress: (done, total) => phase.update(done / total) });
      files.push({ file, reading });
      return reading;
    } finally {
      phase.stop();
    }
  }
  const { orders, logins, complaints, cancellations } = names;
  // Only a cancellation names an order again.
  const keepOrderIds = cancellations !== undefined;
  const { log } = await read(orders, (file, how) => readOrderLog(file, { ...how, keepOrderIds }));
  const joined = joinFiles(log, {
    ...(logins !== undefined && { logins: (await read(logins, readLoginLog)).log }),
    ...(complaints !== undefined && { complaints: (await read(complaints, readComplaintLog)).complaints }),
    ...(cancellations !== undefined && {
      cancellations: (await read(cancellations, readCancellations)).cancellations,
    }),
  });
  const note = isolationNote(log, horizon);
  // The orders were read first.
  return { ...joined, log, files: files.map((each, place) => (place === 0 ? noted(each, note) : each)) };
}

function noted({ file, reading }: FileReading, note: string | undefined): FileReading {
  const { format } = reading;
  const notes = note === undefined ? format.notes : [...format.notes, note];
  return { file, reading: { ...reading, format: { ...format, notes } } };
}
