/** Reads the alarms of a template into what has to be computed for them; what is not emulated is refused by name. */
import { z } from 'zod';
import type { MetricName } from '../contract.ts';
import { DeploymentRefused } from '../errors.ts';
import { type Expression, readExpression } from './expression.ts';
import { readStatistic, type Statistic } from './statistic.ts';
import { type Judgement, MISSING_TREATMENTS } from './verdict.ts';

const SECONDS_PER_MINUTE = 60;

const inert = z.unknown().optional();
const period = z
  .number()
  .multipleOf(SECONDS_PER_MINUTE)
  .transform((seconds) => seconds / SECONDS_PER_MINUTE);
const dimensions = z
  .array(z.strictObject({ Name: z.string(), Value: z.string() }))
  .default([])
  .transform((pairs) => Object.fromEntries(pairs.map(({ Name, Value }) => [Name, Value])));
const queries = z.array(
  z.strictObject({
    Id: z.string(),
    Expression: z.string().optional(),
    Label: inert,
    Period: inert,
    ReturnData: z.boolean().default(true),
    MetricStat: z
      .strictObject({
        Metric: z.strictObject({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
        Period: period,
        Stat: z.string(),
        Unit: inert,
      })
      .optional(),
  }),
);

const COMPARISONS = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
} as const;
const comparison = z.enum([
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
]);

/** Properties of AWS::CloudWatch::Alarm. */
export const alarmProperties = z.strictObject({
  AlarmName: z.string(),
  AlarmDescription: z.string().default(''),
  Threshold: z.number(),
  ComparisonOperator: comparison,
  EvaluationPeriods: z.number().min(1),
  DatapointsToAlarm: z.number().min(1).optional(),
  TreatMissingData: z.enum(MISSING_TREATMENTS).optional(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensions,
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Period: period.optional(),
  Metrics: queries.default([]),
  ActionsEnabled: inert,
  AlarmActions: inert,
  InsufficientDataActions: inert,
  OKActions: inert,
  Tags: inert,
  Unit: inert,
});

/** A metric an alarm looks at, and by which statistic. */
interface Watched {
  readonly metric: MetricName;
  readonly statistic: Statistic;
}

export interface AlarmDefinition extends Judgement {
  readonly name: string;
  readonly severity: string;
  readonly description: string;
  readonly periodMinutes: number;
  readonly breaches: (value: number) => boolean;
  /** By id. */
  readonly watched: ReadonlyMap<string, Watched>;
  /** By id. */
  readonly expressions: ReadonlyMap<string, Expression>;
  /** The id whose values are compared with the threshold. */
  readonly result: string;
}

/** Of an alarm that names one metric instead of several with ids. */
const ONLY = 'metric';
const SEVERITY = /^\[([^\]]+)\]\s*/u;
const DYNAMODB = 'AWS/DynamoDB';

/** @throws DeploymentRefused when something in it is not emulated; `where` names the alarm's resource */
export function readAlarm(read: z.infer<typeof alarmProperties>, where: string): AlarmDefinition {
  const { metrics, expressions, result } = sourcesOf(read, where);
  const periods = new Set(metrics.map((each) => each.periodMinutes));
  const [periodMinutes = 1] = periods;
  if (periods.size !== 1)
    throw new DeploymentRefused(`${where}: metrics of several periods in one alarm are not emulated`);
  for (const [id, { ids }] of expressions) {
    const unknown = ids.find((each) => !expressions.has(each) && !metrics.some((metric) => metric.id === each));
    if (unknown !== undefined) throw new DeploymentRefused(`${where}: ${id} refers to ${unknown}, which is not there`);
  }
  const { AlarmDescription: described, EvaluationPeriods: evaluationPeriods, Threshold: threshold } = read;
  const breaches = COMPARISONS[read.ComparisonOperator];
  const ignores = metrics.some(({ watched }) => watched.metric.namespace === DYNAMODB);
  return {
    name: read.AlarmName,
    severity: SEVERITY.exec(described)?.[1] ?? '',
    description: described.replace(SEVERITY, ''),
    periodMinutes,
    evaluationPeriods,
    datapointsToAlarm: read.DatapointsToAlarm ?? evaluationPeriods,
    // DynamoDB's metrics come only with what they count, so their alarms keep their state unless told otherwise.
    missing: read.TreatMissingData ?? (ignores ? 'ignore' : 'missing'),
    breaches: (value) => breaches(value, threshold),
    watched: new Map(metrics.map(({ id, watched }) => [id, watched])),
    expressions,
    result,
  };
}

interface Source {
  readonly id: string;
  readonly periodMinutes: number;
  readonly watched: Watched;
}

function sourcesOf(read: z.infer<typeof alarmProperties>, where: string) {
  const { Namespace: namespace, MetricName: name, Dimensions, Metrics, Period: periodMinutes } = read;
  const stat = read.Statistic ?? read.ExtendedStatistic;
  if (namespace !== undefined && name !== undefined && periodMinutes !== undefined && stat !== undefined) {
    const watched = { metric: { namespace, name, dimensions: Dimensions }, statistic: readStatistic(stat, where) };
    return {
      metrics: [{ id: ONLY, periodMinutes, watched }],
      expressions: new Map<string, Expression>(),
      result: ONLY,
    };
  }
  const metrics = Metrics.flatMap(({ Id, MetricStat }): Source[] => {
    if (MetricStat === undefined) return [];
    const { Metric, Period, Stat } = MetricStat;
    const metric = { namespace: Metric.Namespace, name: Metric.MetricName, dimensions: Metric.Dimensions };
    return [{ id: Id, periodMinutes: Period, watched: { metric, statistic: readStatistic(Stat, where) } }];
  });
  const expressions = new Map(
    Metrics.flatMap(({ Id, Expression: text }) =>
      text === undefined ? [] : [[Id, readExpression(text, where)] as const],
    ),
  );
  const results = Metrics.filter(({ ReturnData }) => ReturnData);
  const [result] = results;
  if (result === undefined || results.length > 1)
    throw new DeploymentRefused(`${where}: an alarm has one metric, or one expression that returns data`);
  return { metrics, expressions, result: result.Id };
}
