/** Reads the dashboards of a template into what has to be computed for them; what is not emulated is refused by name. */
import { z } from 'zod';
import { DAY, HOUR } from '../../../shared/lifecycle/time.ts';
import type { MetricName } from '../contract.ts';
import { DeploymentRefused } from '../errors.ts';
import { type Expression, readExpression } from './expression.ts';
import { readStatistic, type Statistic } from './statistic.ts';

const SECONDS_PER_MINUTE = 60;

const mark = z.object({ label: z.string().default(''), value: z.number() });
const widget = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), properties: z.looseObject({ markdown: z.string() }) }),
  z.looseObject({ type: z.literal('alarm') }),
  z.looseObject({
    type: z.literal('log'),
    properties: z.looseObject({ title: z.string(), query: z.string() }),
  }),
  z.looseObject({
    type: z.literal('metric'),
    properties: z.looseObject({
      title: z.string(),
      stacked: z.boolean().default(false),
      period: z.number().multipleOf(SECONDS_PER_MINUTE),
      metrics: z.array(z.array(z.unknown())),
      yAxis: z.object({ left: z.looseObject({ label: z.string().default('') }) }),
      annotations: z.object({ horizontal: z.array(mark).default([]) }).default({ horizontal: [] }),
    }),
  }),
]);
/** -P30D or -PT3H. */
const START = /^-P(?:(\d+)D|T(\d+)H)$/u;
const body = z.looseObject({ start: z.string().regex(START), widgets: z.array(widget) });
/** What the last element of a metric's row says of it. */
const drawing = z.looseObject({
  id: z.string().optional(),
  label: z.string().default(''),
  expression: z.string().optional(),
  stat: z.string().default('Average'),
  visible: z.boolean().default(true),
});

/** Properties of AWS::CloudWatch::Dashboard. */
export const dashboardProperties = z.strictObject({ DashboardName: z.string(), DashboardBody: z.string() });

/** A metric by one statistic, or what is reckoned from others. */
export type LineSource =
  { readonly metric: MetricName; readonly statistic: Statistic } | { readonly expression: Expression };

interface Line {
  readonly label: string;
  readonly source: LineSource;
}

export interface GraphDefinition {
  readonly kind: 'graph';
  readonly title: string;
  /** What the axis counts. */
  readonly axis: string;
  readonly stacked: boolean;
  readonly periodMinutes: number;
  readonly marks: readonly z.infer<typeof mark>[];
  readonly lines: readonly Line[];
  /** What expressions refer to, by id. */
  readonly named: ReadonlyMap<string, LineSource>;
}

export type WidgetDefinition =
  | GraphDefinition
  | { readonly kind: 'text'; readonly markdown: string }
  | { readonly kind: 'alarms' }
  | { readonly kind: 'query'; readonly title: string; readonly query: string };

export interface DashboardDefinition {
  readonly name: string;
  /** Milliseconds up to now that it shows. */
  readonly span: number;
  readonly widgets: readonly WidgetDefinition[];
}

/** @throws DeploymentRefused when something in it is not emulated */
export function readDashboard({ DashboardName: name, DashboardBody }: z.infer<typeof dashboardProperties>) {
  const { start, widgets } = body.parse(JSON.parse(DashboardBody));
  const [, days, hours] = START.exec(start) ?? [];
  const span = days === undefined ? Number(hours) * HOUR : Number(days) * DAY;
  return { name, span, widgets: widgets.map((each) => readWidget(each, name)) } satisfies DashboardDefinition;
}

function readWidget(read: z.infer<typeof widget>, where: string): WidgetDefinition {
  switch (read.type) {
    case 'text':
      return { kind: 'text', markdown: read.properties.markdown };
    case 'alarm':
      return { kind: 'alarms' };
    case 'log':
      return { kind: 'query', title: read.properties.title, query: read.properties.query };
    case 'metric': {
      const { title, stacked, period, metrics, yAxis, annotations } = read.properties;
      const lines = metrics.map((row) => readRow(row, `${where}: ${title}`));
      return {
        kind: 'graph',
        title,
        axis: yAxis.left.label,
        stacked,
        periodMinutes: period / SECONDS_PER_MINUTE,
        marks: annotations.horizontal,
        lines: lines.filter(({ visible }) => visible),
        named: new Map(lines.flatMap(({ id, source }) => (id === undefined ? [] : [[id, source] as const]))),
      };
    }
    default:
      return read satisfies never;
  }
}

/** Namespace, name, then pairs of dimensions; a last object says how it is drawn. An expression has that alone. */
function readRow(row: readonly unknown[], where: string): Line & { readonly id?: string; readonly visible: boolean } {
  const { id, label, expression, stat, visible } = drawing.parse(row.at(-1));
  const about = { label, visible, ...(id !== undefined && { id }) };
  if (expression !== undefined) return { ...about, source: { expression: readExpression(expression, where) } };
  const [namespace = '', name = '', ...pairs] = z.array(z.string()).parse(row.slice(0, -1));
  if ([namespace, name].includes('.')) throw new DeploymentRefused(`${where}: an abbreviated metric is not emulated`);
  const dimensions = Object.fromEntries(
    pairs.flatMap((dimension, at) => (at % 2 === 0 ? [[dimension, pairs[at + 1] ?? '']] : [])),
  );
  const statistic = readStatistic(stat, where);
  return { ...about, source: { metric: { namespace, name, dimensions }, statistic } };
}
