/** Copies of dead letters: a JSON line each, for the owner of the file alone, to be read, mended and sent. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Acceptance } from '../../shared/adapters/acceptance.ts';
import { OWN_SOURCE } from '../../shared/contracts/bus.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { UsageError } from '../local/usage-error.ts';
import { type DeadLetter, eventSchema, type WrittenEvent } from './dead-letter.ts';
import { appendForOwner } from './owner-file.ts';
import { jsonOf, ownLines } from './own-lines.ts';

/** What somebody who mends an event looks at comes first; the event is what is sent, the rest is for the record. */
function lineOf({ messageId, kind, type, reason, customerId, sentAt, event, attributes, body }: DeadLetter): string {
  const at = new Date(sentAt).toISOString();
  return `${JSON.stringify({ messageId, kind, type, reason, customerId, at, event, attributes, body })}\n`;
}

/** The body is the message itself: a line that somebody has shortened does not keep it. */
const anyLine = z.object({ messageId: z.string(), body: z.string().optional() });

/** The copies in one file, each message once however often it is written. */
export class Copies {
  readonly file: string;
  readonly #known: Set<string>;

  private constructor(file: string, known: Set<string>) {
    this.file = file;
    this.#known = known;
  }

  /**
   * With what an earlier run has written, but for half a line at the end.
   *
   * @throws UsageError when the file holds anything else, or cannot be read or written
   */
  static async open(file: string): Promise<Copies> {
    const lines = await ownLines(file, {
      what: 'copies of messages',
      opening: '{"messageId":',
      read: (line) => anyLine.safeParse(jsonOf(line)).data,
    });
    const kept = lines.flatMap(({ messageId, body }) => (body === undefined ? [] : [messageId]));
    return new Copies(file, new Set(kept));
  }

  /** @throws UsageError when the file cannot be written */
  async add(letters: readonly DeadLetter[]): Promise<void> {
    const fresh = letters.filter(({ messageId }) => !this.#known.has(messageId));
    if (fresh.length === 0) return;
    try {
      await appendForOwner(this.file, fresh.map(lineOf).join(''));
    } catch (cause) {
      throw new UsageError(`cannot write the copies to ${this.file} (${cause instanceof Error ? cause.message : ''})`, {
        cause,
      });
    }
    for (const { messageId } of fresh) this.#known.add(messageId);
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
 * Reads mended copies; while one of the events would be refused again, or passed over, none is sent.
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
  const acceptance = new Acceptance(now);
  const lines = text.split('\n').flatMap((line, index): MendedLine[] => {
    if (line.trim() === '') return [];
    const read = readLine(line, acceptance);
    if ('fault' in read) faults.push(`  line ${index + 1}: ${read.fault}`);
    return 'fault' in read ? [] : [read];
  });
  if (faults.length > 0) throw new UsageError([`--from: ${file} holds what cannot be sent`, ...faults].join('\n'));
  if (lines.length === 0) throw new UsageError(`--from: ${file} holds no line`);
  return lines;
}

function readLine(line: string, acceptance: Acceptance): MendedLine | { readonly fault: string } {
  const parsed = jsonOf(line);
  if (parsed === undefined) return { fault: 'expected a JSON object on one line' };
  const read = mendedLine.safeParse(parsed);
  if (!read.success) return { fault: 'expected "event" with source, detail-type and detail, as redrive wrote it' };
  const { messageId, event } = read.data;
  const { source, 'detail-type': detailType, detail } = event;
  if (source.startsWith('aws.')) return { fault: `expected an event of the shop, found source ${source}` };
  // The rule of the intake leaves it out.
  if (source === OWN_SOURCE) {
    return { fault: `expected an event of the shop, found source ${source}: what is ours goes back by --send` };
  }
  const judged = acceptance.judge({ source, detailType, detail });
  switch (judged.kind) {
    case 'event':
      return { messageId, event };
    case 'faulty':
      return { fault: judged.faults.map(({ field, expected }) => `${field}: ${expected}`).join('; ') };
    case 'anonymous':
      return { fault: 'data.customerId: expected a customer, for what nobody did is not taken in' };
    default:
      return judged satisfies never;
  }
}
