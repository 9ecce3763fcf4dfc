/** Copies of dead letters: a JSON line each, for the owner of the file alone, to be read, mended and sent. */
import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import { UsageError } from '../local/usage-error.ts';
import { type DeadLetter, eventSchema, type WrittenEvent } from './dead-letter.ts';

/** Personal data: nobody else on this machine shall read the file. */
export const OWNER_ONLY = 0o600;

/** What somebody who mends an event looks at comes first; the event is what is sent, the rest is for the record. */
function lineOf({ messageId, kind, type, reason, customerId, sentAt, event, attributes, body }: DeadLetter): string {
  const at = new Date(sentAt).toISOString();
  return `${JSON.stringify({ messageId, kind, type, reason, customerId, at, event, attributes, body })}\n`;
}

/** @throws UsageError when the file cannot be written */
export async function appendCopies(file: string, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  try {
    await appendFile(file, letters.map(lineOf).join(''), { mode: OWNER_ONLY, flush: true });
  } catch (cause) {
    throw new UsageError(`cannot write the copies to ${file} (${cause instanceof Error ? cause.message : ''})`, {
      cause,
    });
  }
}

/** One line of a file, as somebody has mended it. */
export interface MendedLine {
  /** Of the message it was copied from. */
  readonly messageId: string | undefined;
  readonly event: WrittenEvent;
}

const mendedLine = z.object({ messageId: z.string().optional(), event: eventSchema });

/**
 * Reads mended copies; an event that would be refused again is not sent at all.
 *
 * @throws UsageError with one line per fault
 */
export async function readMended(file: string, now: Instant): Promise<readonly MendedLine[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`--from: cannot read ${file} (${cause instanceof Error ? cause.message : ''})`, { cause });
  }
  const faults: string[] = [];
  const lines = text.split('\n').flatMap((line, index): MendedLine[] => {
    if (line.trim() === '') return [];
    const read = readLine(line, now);
    if ('fault' in read) faults.push(`  line ${index + 1}: ${read.fault}`);
    return 'fault' in read ? [] : [read];
  });
  if (faults.length > 0) throw new UsageError([`--from: ${file} holds what cannot be sent`, ...faults].join('\n'));
  if (lines.length === 0) throw new UsageError(`--from: ${file} holds no line`);
  return lines;
}

function readLine(line: string, now: Instant): MendedLine | { readonly fault: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (cause) {
    // Without its message, which quotes the line.
    if (cause instanceof SyntaxError) return { fault: 'expected a JSON object on one line' };
    throw cause;
  }
  const read = mendedLine.safeParse(parsed);
  if (!read.success) return { fault: 'expected "event" with source, detail-type and detail, as redrive wrote it' };
  const { messageId, event } = read.data;
  const { source, 'detail-type': detailType, detail } = event;
  if (source.startsWith('aws.')) return { fault: `expected an event of the shop, found source ${source}` };
  const judged = parseEvent({ source, detailType, detail }, now);
  if (judged.kind !== 'refused') return { messageId, event };
  return { fault: judged.all.map(({ field, expected }) => `${field}: ${expected}`).join('; ') };
}
