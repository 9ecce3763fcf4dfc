/** What the functions of a twin wrote into their logs, read line by line while the twin runs: it keeps the newest only. */
import { z } from 'zod';
import type { LogLine } from '../../infra/local/contract.ts';
import type { MetricOf } from '../../shared/contracts/metrics.ts';
import type { NoteOf } from '../../shared/contracts/notes.ts';

const fields = z.record(z.string(), z.unknown());
const values = z.union([z.number().transform((value) => [value]), z.array(z.number())]);

export interface JsonLine {
  readonly functionName: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export class LogBook {
  readonly lines: JsonLine[] = [];
  readonly #logs: () => readonly LogLine[];
  #last: LogLine | undefined;

  /** @param logs the newest lines, oldest first */
  constructor(logs: () => readonly LogLine[]) {
    this.#logs = logs;
  }

  /**
   * Takes down what was written since the last time.
   *
   * @throws Error when lines are gone that nobody has read
   */
  read(): void {
    const kept = this.#logs();
    const known = this.#last === undefined ? -1 : kept.lastIndexOf(this.#last);
    if (this.#last !== undefined && known === -1) throw new Error('the twin wrote more than it keeps; look more often');
    for (const { functionName, text } of kept.slice(known + 1)) {
      const line = fields.safeParse(jsonOf(text));
      if (line.success) this.lines.push({ functionName, fields: line.data });
    }
    this.#last = kept.at(-1);
  }

  /** How often something was counted or noted, or the sum of what was measured, where the fields say so among others. */
  counted(what: MetricOf | NoteOf, about: Readonly<Record<string, string>> = {}): number {
    return this.lines
      .filter((line) => Object.entries(about).every(([name, value]) => line.fields[name] === value))
      .reduce((sum, line) => sum + valueIn(line, what), 0);
  }
}

function valueIn({ fields: line }: JsonLine, what: MetricOf | NoteOf): number {
  if (typeof what === 'string') return line['message'] === what ? Number(line['times']) : 0;
  const told = values.safeParse(line[what.name]);
  return told.success ? told.data.reduce((sum, value) => sum + value, 0) : 0;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A line of the runtime, for people.
    return undefined;
  }
}
