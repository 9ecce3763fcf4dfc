/** Reading the files of an import: all of them, with what could not be read, and a name that is theirs alone. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { BadRows } from '../history/bad-rows.ts';
import { readCancellations } from '../history/cancellations.ts';
import { readComplaintLog } from '../history/complaints.ts';
import { readCustomers } from '../history/customers.ts';
import { readLoginLog } from '../history/moments.ts';
import { readOrderLog } from '../history/order-log.ts';
import { latestBelieved, type Reading, type ReadingOptions } from '../history/reading.ts';
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
  readonly readings: readonly { readonly file: string; readonly reading: Reading }[];
}

/** @param now what is said to have happened later is refused */
export async function readFiles(names: FileNames, options: ReadingOptions, now: Instant): Promise<FilesRead> {
  // Not part of `options`, by which an import is named: the same files stay the same import on another day.
  const past = { ...options, notAfter: latestBelieved(now) };
  const readings: { file: string; reading: Reading }[] = [];
  const read = async <R extends Reading>(
    file: string | undefined,
    reader: () => Promise<R>,
  ): Promise<R | undefined> => {
    if (file === undefined) return undefined;
    const reading = await reader();
    readings.push({ file: path.basename(file), reading });
    return reading;
  };
  const { orders, customers, pinpoint, logins, complaints, cancellations } = names;
  const [bought, people, endpoints, visits, complained, cancelled] = [
    await read(orders, () => readOrderLog(orders ?? '', { ...past, keepOrderIds: true })),
    await read(customers, () => readCustomers(customers ?? '', options)),
    await read(pinpoint, () => readCustomers(pinpoint ?? '', options)),
    await read(logins, () => readLoginLog(logins ?? '', past)),
    await read(complaints, () => readComplaintLog(complaints ?? '', past)),
    await read(cancellations, () => readCancellations(cancellations ?? '', past)),
  ];
  const files: Files = {
    ...(bought && { orders: bought.log }),
    // The shop's own list comes last: it counts more than what another service knew.
    people: [...(endpoints?.people ?? []), ...(people?.people ?? [])],
    ...(visits && { logins: visits.log }),
    ...(complained && { complaints: complained.complaints }),
    ...(cancelled && { cancellations: cancelled.cancellations }),
  };
  return { files, readings };
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

/** Rows told with file and line; more are counted. */
const ROWS_TOLD = 20;

export function badRowsInWords({ total, kept }: BadRows): readonly string[] {
  const told = kept.slice(0, ROWS_TOLD).map(({ file, line, reason }) => `  ${file}, line ${line}: ${reason}`);
  return total > told.length ? [...told, `  ... and ${(total - told.length).toLocaleString('en')} more`] : told;
}
