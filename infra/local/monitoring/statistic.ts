/** The statistics of CloudWatch that alarms use. One that is not emulated throws when the alarm is read. */
import { DeploymentRefused } from '../errors.ts';
import type { Samples } from './metric.ts';

export interface Statistic {
  readonly percentile: boolean;
  /** undefined when there was no sample. */
  readonly of: (samples: Samples | undefined) => number | undefined;
}

const SIMPLE: Readonly<Record<string, (samples: Samples) => number>> = {
  Average: ({ sum, count }) => sum / count,
  Maximum: ({ maximum }) => maximum,
  Minimum: ({ minimum }) => minimum,
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
};
/** p99, p99.9, p0 to p100. */
const PERCENTILE = /^p(\d{1,2}(?:\.\d+)?|100)$/u;

/** @throws DeploymentRefused when it is not emulated; `where` names the alarm */
export function readStatistic(name: string, where: string): Statistic {
  const simple = SIMPLE[name];
  if (simple !== undefined) return { percentile: false, of: (samples) => samples && simple(samples) };
  const percent = PERCENTILE.exec(name)?.[1];
  if (percent === undefined) throw new DeploymentRefused(`${where}: the statistic ${name} is not emulated`);
  const share = Number(percent) / 100;
  return { percentile: true, of: (samples) => samples && percentileOf(samples.values, share) };
}

/** The smallest value that at least this share of the values does not exceed (nearest rank). */
function percentileOf(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
