/** Figures that alarms and dashboards look at: what functions count themselves, and sums in which a silent metric counts as zero. */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { type MetricOf, metricsNamespace } from '../../shared/contracts/metrics.ts';
import { ALARM_PERIOD } from './on-call.ts';

/**
 * Sum of metrics per period.
 *
 * @param metrics by a name of small letters that the expression refers to them by
 */
export function sumOf(
  label: string,
  metrics: Readonly<Record<string, cloudwatch.IMetric>>,
  period = ALARM_PERIOD,
): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    // A metric without data in a minute would make the whole sum disappear.
    expression: Object.keys(metrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + '),
    label,
    period,
    usingMetrics: { ...metrics },
  });
}

/** A value of the metric's dimension; none for a metric without one. */
type ValueOf<M extends MetricOf> = M extends { readonly by: { readonly values: readonly (infer V)[] } }
  ? readonly [value: V]
  : readonly [];

/** What the functions of one stage have counted, all of them together. */
export type Counted = <M extends MetricOf>(metric: M, ...value: ValueOf<M>) => cloudwatch.Metric;

/**
 * The custom metrics of a stage, each over a minute with the statistic that it is meant for; `metric.with()` asks for others.
 *
 * @example const counted = countedIn('prod');
 * counted(METRIC.stageEntered, 'lapsed');
 */
export function countedIn(stage: string): Counted {
  const namespace = metricsNamespace(stage);
  return (metric, ...[value]) =>
    new cloudwatch.Metric({
      namespace,
      metricName: metric.name,
      ...('by' in metric && value !== undefined && { dimensionsMap: { [metric.by.dimension]: value } }),
      statistic: metric.statistic,
      period: ALARM_PERIOD,
    });
}
