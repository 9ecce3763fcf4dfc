/** The files of one command, read one after the other, each with its progress; and what is told of how they were read. */
import path from 'node:path';
import { plural } from '../../shared/lifecycle/explain/when.ts';
import { showPhase } from '../local/phase.ts';
import type { BadRows } from './bad-rows.ts';
import type { Reading, ReadingOptions } from './reading.ts';

export interface FileReading {
  /** Without its folder. */
  readonly file: string;
  readonly reading: Reading;
}

export interface FileReader {
  /** In the order in which they were read. */
  readonly readings: readonly FileReading[];
  read<R extends Reading, O extends ReadingOptions>(name: string, reader: Read<R, O>, options: O): Promise<R>;
  /** Undefined where no file was named. */
  readNamed<R extends Reading, O extends ReadingOptions>(
    name: string | undefined,
    reader: Read<R, O>,
    options: O,
  ): Promise<R | undefined>;
}

type Read<R extends Reading, O extends ReadingOptions> = (file: string, options: O) => Promise<R>;

export function fileReader(): FileReader {
  const readings: FileReading[] = [];
  const read: FileReader['read'] = async (name, reader, options) => {
    const file = path.basename(name);
    const phase = showPhase(process.stderr, `reading ${file}`);
    try {
      const onProgress = (done: number, total: number): void => phase.update(done / total);
      const reading = await reader(name, { ...options, onProgress });
      readings.push({ file, reading });
      return reading;
    } finally {
      phase.stop();
    }
  };
  return {
    readings,
    read,
    readNamed: async (name, reader, options) => (name === undefined ? undefined : read(name, reader, options)),
  };
}

/** Bad rows told with their line; the rest is counted by reason. */
export const ROWS_TOLD = 20;

/** How many rows each file has, which of them cannot be read, and what was found out about it. */
export function readingsInWords(readings: readonly FileReading[]): readonly string[] {
  return readings.flatMap(({ file, reading: { rows, bad, incomplete, format } }) => [
    `${file}: ${plural(rows, 'row')}${refusedInWords(bad)}`,
    ...badRowsInWords(bad),
    ...incompleteInWords(incomplete),
    ...format.notes.map((note) => `  ${note}`),
  ]);
}

function refusedInWords({ total }: BadRows): string {
  if (total === 0) return '';
  return `, of which ${plural(total, 'row')} cannot be read and ${total === 1 ? 'is' : 'are'} left out:`;
}

/** What was left out of rows that are read all the same. */
export function incompleteInWords(incomplete: BadRows): readonly string[] {
  const { total } = incomplete;
  if (total === 0) return [];
  const counts = Array.from(incomplete.byReason, ([reason, rows]) => `  ${plural(rows, 'row')}: ${reason}`);
  const read = total === 1 ? 'is read without a cell that cannot be' : 'are read without a cell that cannot be';
  return [`${plural(total, 'row')} ${read}:`, ...counts, ...badRowsInWords(incomplete)];
}

function badRowsInWords({ total, kept }: BadRows): readonly string[] {
  const told = kept.slice(0, ROWS_TOLD).map(({ file, line, reason }) => `  ${file}, line ${line}: ${reason}`);
  return total > told.length ? [...told, `  ... and ${(total - told.length).toLocaleString('en')} more`] : told;
}
