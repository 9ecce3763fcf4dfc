/** The functions' log lines, newest kept. */
import type { LogLine } from './contract.ts';

const MAX_LINES = 1000;

export class FunctionLog {
  #lines: LogLine[] = [];

  get lines(): readonly LogLine[] {
    return this.#lines.slice(-MAX_LINES);
  }

  add(line: LogLine): void {
    this.#lines.push(line);
    // Cut seldom, so that a line costs no copy of all the others.
    if (this.#lines.length > 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
  }
}
