/** Reads the metrics that a log line carries (CloudWatch's embedded metric format). */
import { z } from 'zod';
import type { MetricName } from '../contract.ts';

const line = z
  .object({
    _aws: z.object({
      CloudWatchMetrics: z.array(
        z.object({
          Namespace: z.string(),
          Dimensions: z.array(z.array(z.string())).default([[]]),
          Metrics: z.array(z.object({ Name: z.string(), Unit: z.string().optional() })).default([]),
        }),
      ),
    }),
  })
  .loose();

/** What one log line publishes for one metric. */
export interface Embedded extends MetricName {
  readonly unit: string | undefined;
  readonly values: readonly number[];
}

/** Nothing when the line carries no metrics, or is not in that format. */
export function embeddedMetrics(text: string): readonly Embedded[] {
  if (!text.includes('"_aws"')) return [];
  const read = line.safeParse(jsonOf(text));
  if (!read.success) return [];
  return read.data['_aws'].CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    (Dimensions.length > 0 ? Dimensions : [[]]).flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(read.data[name])]));
      return Metrics.map(({ Name: name, Unit: unit }): Embedded => {
        const value = read.data[name];
        const values: readonly unknown[] = Array.isArray(value) ? value : [value];
        return { namespace, name, dimensions, unit, values: values.filter((each) => typeof each === 'number') };
      });
    }),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A line that only looks like a metric is still a log line.
    return undefined;
  }
}
