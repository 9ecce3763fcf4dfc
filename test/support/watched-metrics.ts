/** The metrics somebody looks at: those of the widgets and of the alarms in a template. */
import type { Template } from 'aws-cdk-lib/assertions';
import { z } from 'zod';
import { resourcesOf } from '../infra/templates.ts';

export interface WatchedMetric {
  readonly namespace: string;
  readonly name: string;
  /** A value that only a deployment knows is the intrinsic function that gives it. */
  readonly dimensions: Readonly<Record<string, unknown>>;
}

/** `Name` or `Name{dimension=value}`: the combination that is billed. */
export function combinationOf({ name, dimensions }: WatchedMetric): string {
  const pairs = Object.entries(dimensions).map(([dimension, value]) => `${dimension}=${String(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}

const joined = z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) });
const MARK = /^@(\d+)@$/u;

/** A JSON text put together at deployment, read with what is put in left where it was. */
function readJoined(text: unknown): unknown {
  if (typeof text === 'string') return JSON.parse(text);
  const [, parts] = joined.parse(text)['Fn::Join'];
  const marked = parts.map((part, index) => (typeof part === 'string' ? part : `@${index}@`)).join('');
  return JSON.parse(marked, (_key, value: unknown) => {
    const index = typeof value === 'string' ? MARK.exec(value)?.[1] : undefined;
    return index === undefined ? value : parts[Number(index)];
  });
}

const metricRow = z.array(z.unknown());
const widget = z.object({
  type: z.string(),
  properties: z.looseObject({
    title: z.string().optional(),
    markdown: z.unknown().optional(),
    query: z.unknown().optional(),
    metrics: z.array(metricRow).default([]),
  }),
});
const dashboard = z.object({ widgets: z.array(widget) });

export interface Dashboard {
  readonly name: string;
  readonly widgets: readonly z.output<typeof widget>[];
}

export function dashboardsOf(template: Template): readonly Dashboard[] {
  return resourcesOf(template, 'AWS::CloudWatch::Dashboard').map(({ properties }) => ({
    name: z.string().parse(properties['DashboardName']),
    ...dashboard.parse(readJoined(properties['DashboardBody'])),
  }));
}

/** Namespace, name, then pairs; a last object holds how it is drawn. An expression has no name. */
export function metricsOf({ widgets }: Dashboard): readonly WatchedMetric[] {
  return widgets.flatMap(({ properties: { metrics } }) =>
    metrics.flatMap((row): WatchedMetric[] => {
      const [namespace, name, ...rest] = row;
      if (typeof namespace !== 'string' || typeof name !== 'string') return [];
      // CloudWatch lets a point stand for "as above"; a reader here would have to know that.
      if ([namespace, name].includes('.')) throw new Error('a widget abbreviates its metrics');
      const dimensions: Record<string, unknown> = {};
      for (let index = 0; index + 1 < rest.length; index += 2) dimensions[String(rest[index])] = rest[index + 1];
      return [{ namespace, name, dimensions }];
    }),
  );
}

const dimensionList = z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]);
const alarmMetrics = z.object({
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensionList,
  Metrics: z
    .array(
      z.object({
        MetricStat: z
          .object({ Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensionList }) })
          .optional(),
      }),
    )
    .default([]),
});

/** What the alarms of a template look at. */
export function alarmedMetrics(template: Template): readonly WatchedMetric[] {
  return resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(({ properties }) => {
    const { Metrics, ...own } = alarmMetrics.parse(properties);
    return [own, ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])].flatMap(
      ({ Namespace, MetricName, Dimensions }) =>
        Namespace === undefined || MetricName === undefined
          ? []
          : [
              {
                namespace: Namespace,
                name: MetricName,
                dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
              },
            ],
    );
  });
}
