/** Graphs and texts of a dashboard in the few shapes that ours use: 24 columns wide, rows of equal height. */
import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

const COLUMNS = 24;
const HEIGHT = 6;

/** Lines in one graph; several of them in a row share its width evenly. */
export interface Graph {
  readonly title: string;
  readonly lines: readonly cloudwatch.IMetric[];
  /** What the axis counts, such as "mails a day". */
  readonly axis: string;
  readonly period: Duration;
  /** Lines on top of each other: they are parts of a whole. */
  readonly stacked?: boolean;
  readonly marks?: readonly cloudwatch.HorizontalAnnotation[];
}

/** The graphs side by side. */
export function row(graphs: readonly Graph[]): cloudwatch.IWidget[] {
  return graphs.map(
    ({ title, lines, axis, period, stacked = false, marks = [] }) =>
      new cloudwatch.GraphWidget({
        title,
        left: [...lines],
        leftYAxis: { label: axis, showUnits: false },
        leftAnnotations: [...marks],
        period,
        stacked,
        width: COLUMNS / graphs.length,
        height: HEIGHT,
      }),
  );
}

/** Words over the whole width, as Markdown. */
export function words(markdown: string, height: number): cloudwatch.IWidget {
  return new cloudwatch.TextWidget({ markdown, width: COLUMNS, height });
}
