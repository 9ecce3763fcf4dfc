/** Figures that alarms look at: what functions count themselves, and sums in which a silent metric counts as zero. */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from '../../shared/contracts/environment.ts';
import { METRIC_NAMESPACE, type METRIC } from '../../shared/contracts/metrics.ts';
import { ALARM_PERIOD } from './on-call.ts';

/**
 * Sum of metrics per period.
 *
 * @param metrics by a name of small letters that the expression refers to them by
 */
export function sumOf(label: string, metrics: Readonly<Record<string, cloudwatch.IMetric>>): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    // A metric without data in a minute would make the whole sum disappear.
    expression: Object.keys(metrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + '),
    label,
    period: ALARM_PERIOD,
    usingMetrics: { ...metrics },
  });
}

/** What a function has counted, in all the dimensions it counts by: CloudWatch adds nothing up over dimensions. */
export function countedBy(
  functionName: FunctionName,
  metric: (typeof METRIC)[keyof typeof METRIC],
  dimensions: Readonly<Record<string, string>> = {},
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName: metric,
    dimensionsMap: { service: functionName, ...dimensions },
    statistic: 'Sum',
    period: ALARM_PERIOD,
  });
}
