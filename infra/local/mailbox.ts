/**
 * Keeps the mails that SES accepted. Their raw text goes to one file, appended, so that tens of thousands of mails do
 * not fill the memory; what is known about them stays in memory and, with a data directory, in the journal.
 */
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { AcceptedMail } from './contract.ts';
import type { Journal } from './journal.ts';
import type { Origin } from './origin.ts';

const envelopeSchema = z.object({
  id: z.string(),
  at: z.number(),
  from: z.string(),
  to: z.array(z.string()),
  tags: z.record(z.string(), z.string()),
  configurationSet: z.string().optional(),
  offset: z.number(),
  length: z.number(),
});

export type Envelope = Omit<AcceptedMail, 'raw'>;

/** Mail keys sort as numbers do up to 10^9 mails. */
const KEY_DIGITS = 9;

export class Mailbox {
  readonly mails: AcceptedMail[] = [];
  readonly #journal: Journal;
  readonly #file: number;
  readonly #temporary: string | undefined;
  readonly #changed: () => void;
  #end: number;
  #accepted = 0;

  /** @param directory where the file is kept; without it the file goes when the mailbox is closed */
  constructor(directory: string | undefined, journal: Journal, changed: () => void) {
    this.#changed = changed;
    this.#journal = journal;
    this.#temporary = directory === undefined ? mkdtempSync(join(tmpdir(), 'mailbox-')) : undefined;
    this.#file = openSync(join(directory ?? this.#temporary ?? '', 'mails.raw'), 'a+');
    this.#end = fstatSync(this.#file).size;
  }

  async restore(): Promise<void> {
    for (const [key, kept] of await this.#journal.read('mail/')) {
      this.#accepted = Math.max(this.#accepted, Number(key));
      const { offset, length, configurationSet, ...envelope } = envelopeSchema.parse(kept);
      this.#list({ ...envelope, configurationSet }, offset, length);
    }
  }

  /** Written at once, listed when `origin` lets it go. */
  add(envelope: Envelope, raw: Uint8Array, origin: Origin): void {
    const offset = this.#end;
    this.#end += writeSync(this.#file, raw);
    this.#accepted += 1;
    const key = `mail/${String(this.#accepted).padStart(KEY_DIGITS, '0')}`;
    this.#journal.put(key, { ...envelope, offset, length: raw.length });
    origin.effect(() => {
      this.#list(envelope, offset, raw.length);
      this.#changed();
    });
  }

  close(): void {
    closeSync(this.#file);
    if (this.#temporary !== undefined) rmSync(this.#temporary, { recursive: true, force: true });
  }

  #list(envelope: Envelope, offset: number, length: number): void {
    const file = this.#file;
    this.mails.push({
      ...envelope,
      get raw() {
        const raw = new Uint8Array(length);
        readSync(file, raw, 0, length, offset);
        return raw;
      },
    });
  }
}
