/** Counting for CloudWatch: figures are added up during an invocation and written as EMF lines at its end. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC, METRIC_NAMESPACE } from '../contracts/metrics.ts';

type Dimensions = Readonly<Record<string, string>>;
type MetricName = (typeof METRIC)[keyof typeof METRIC];

export interface Meter {
  count(metric: MetricName, by?: number, dimensions?: Dimensions): void;
}

interface Sum {
  readonly metric: MetricName;
  readonly dimensions: Dimensions;
  readonly sum: number;
}

/** Meter of one function; call `flush` at the end of every invocation. */
export class EmfMeter implements Meter {
  readonly #metrics: Metrics;
  readonly #sums = new Map<string, Sum>();

  constructor(serviceName: string) {
    this.#metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName });
  }

  count(metric: MetricName, by = 1, dimensions: Dimensions = {}): void {
    const name = `${metric}${JSON.stringify(dimensions)}`;
    this.#sums.set(name, { metric, dimensions, sum: (this.#sums.get(name)?.sum ?? 0) + by });
  }

  flush(): void {
    for (const { metric, dimensions, sum } of this.#sums.values()) {
      const single = this.#metrics.singleMetric();
      for (const [name, value] of Object.entries(dimensions)) single.addDimension(name, value);
      single.addMetric(metric, metric === METRIC.sweepLag ? MetricUnit.Milliseconds : MetricUnit.Count, sum);
    }
    this.#sums.clear();
  }
}
