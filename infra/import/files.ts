/** Reading the files of an import: all of them, with what could not be read, and a name that is theirs alone. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { readCancellations } from '../history/cancellations.ts';
import { readComplaintLog } from '../history/complaints.ts';
import { readCustomers } from '../history/customers.ts';
import { fileReader, type FileReading } from '../history/file-readings.ts';
import { readLoginLog } from '../history/moments.ts';
import { readOrderLog } from '../history/order-log.ts';
import { latestBelieved, type ReadingOptions } from '../history/reading.ts';
import { UsageError } from '../local/usage-error.ts';
import type { Files } from './past.ts';

/** By the option that names it. */
export interface FileNames {
  readonly orders?: string | undefined;
  readonly customers?: string | undefined;
  readonly pinpoint?: string | undefined;
  readonly logins?: string | undefined;
  readonly complaints?: string | undefined;
  readonly cancellations?: string | undefined;
}

export interface FilesRead {
  readonly files: Files;
  readonly readings: readonly FileReading[];
}

/** @param now what is said to have happened later is refused */
export async function readFiles(names: FileNames, options: ReadingOptions, now: Instant): Promise<FilesRead> {
  // Not part of `options`, by which an import is named: the same files stay the same import on another day.
  const past = { ...options, notAfter: latestBelieved(now) };
  const reader = fileReader();
  const { orders, customers, pinpoint, logins, complaints, cancellations } = names;
  const bought = await reader.readNamed(orders, readOrderLog, { ...past, keepOrderIds: true });
  const people = await reader.readNamed(customers, readCustomers, past);
  const endpoints = await reader.readNamed(pinpoint, readCustomers, past);
  const visits = await reader.readNamed(logins, readLoginLog, past);
  const complained = await reader.readNamed(complaints, readComplaintLog, past);
  const cancelled = await reader.readNamed(cancellations, readCancellations, past);
  const files: Files = {
    ...(bought && { orders: bought.log }),
    // The shop's own list comes last: it counts more than what another service knew.
    people: [...(endpoints?.people ?? []), ...(people?.people ?? [])],
    ...(visits && { logins: visits.log }),
    ...(complained && { complaints: complained.complaints }),
    ...(cancelled && { cancellations: cancelled.cancellations }),
  };
  return { files, readings: reader.readings };
}

/** Hexadecimal digits of an import's name: 64 bits of the hash. */
const NAME_DIGITS = 16;

/**
 * The name of an import: the same files, read the same way, are the same import.
 *
 * @throws UsageError when a file cannot be read
 */
export async function nameOfImport(names: FileNames, options: ReadingOptions): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(options));
  for (const [kind, file] of Object.entries(names).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (typeof file !== 'string') continue;
    hash.update(`\n${kind}\n`);
    try {
      for await (const chunk of createReadStream(file)) hash.update(chunk);
    } catch (cause) {
      throw new UsageError(
        `--${kind}: ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          cause,
        },
      );
    }
  }
  return `import/${hash.digest('hex').slice(0, NAME_DIGITS)}`;
}
