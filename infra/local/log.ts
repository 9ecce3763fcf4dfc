/** The functions' log lines, newest kept, and the metrics that some of these lines carry (embedded metric format). */
import { z } from 'zod';
import type { LogLine } from './contract.ts';

const MAX_LINES = 1000;

const metricLine = z
  .object({
    _aws: z.object({
      CloudWatchMetrics: z.array(
        z.object({
          Dimensions: z.array(z.array(z.string())).default([[]]),
          Metrics: z.array(z.object({ Name: z.string() })).default([]),
        }),
      ),
    }),
  })
  .loose();

export class FunctionLog {
  readonly metrics = new Map<string, number>();
  #lines: LogLine[] = [];

  get lines(): readonly LogLine[] {
    return this.#lines.slice(-MAX_LINES);
  }

  add(line: LogLine): void {
    this.#lines.push(line);
    // Cut seldom, so that a line costs no copy of all the others.
    if (this.#lines.length > 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
    if (line.text.includes('"_aws"')) this.#sum(line.text);
  }

  count(name: string, dimensions: Readonly<Record<string, string>>, by = 1): void {
    const inner = Object.entries(dimensions)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    const key = inner === '' ? name : `${name}{${inner}}`;
    this.metrics.set(key, (this.metrics.get(key) ?? 0) + by);
  }

  #sum(text: string): void {
    const line = metricLine.safeParse(jsonOf(text));
    if (!line.success) return;
    for (const { Dimensions, Metrics } of line.data['_aws'].CloudWatchMetrics) {
      for (const dimensions of Dimensions.length > 0 ? Dimensions : [[]]) {
        const named = Object.fromEntries(dimensions.map((name) => [name, String(line.data[name])]));
        for (const { Name } of Metrics) {
          const value = line.data[Name];
          const values: readonly unknown[] = Array.isArray(value) ? value : [value];
          for (const one of values) if (typeof one === 'number') this.count(Name, named, one);
        }
      }
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A line that only looks like a metric is still a log line.
    return undefined;
  }
}
