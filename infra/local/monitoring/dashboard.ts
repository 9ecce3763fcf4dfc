/** One dashboard: the lines of its graphs, period by period up to now, by the same statistics and expressions as alarms. */
import type { DashboardState, MetricName, WidgetState } from '../contract.ts';
import type { DashboardDefinition, GraphDefinition, LineSource } from './dashboard-definition.ts';
import { MINUTE_MS, type Series } from './metric.ts';

export class Dashboard {
  readonly #definition: DashboardDefinition;
  readonly #seriesOf: (metric: MetricName) => Series;

  constructor(definition: DashboardDefinition, seriesOf: (metric: MetricName) => Series) {
    this.#definition = definition;
    this.#seriesOf = seriesOf;
    for (const source of definition.widgets.flatMap(sourcesOf)) {
      if ('metric' in source && source.statistic.percentile) seriesOf(source.metric).keepValues();
    }
  }

  /** @param keptMinutes how far back samples are kept; nothing before it is shown */
  at(now: number, keptMinutes: number): DashboardState {
    const { name, span, widgets } = this.#definition;
    const from = now - Math.min(span, keptMinutes * MINUTE_MS);
    return {
      name,
      from,
      to: now,
      widgets: widgets.map((each) => (each.kind === 'graph' ? this.#graph(each, from, now) : each)),
    };
  }

  #graph({ lines, named, periodMinutes, ...graph }: GraphDefinition, from: number, to: number): WidgetState {
    // Periods begin where CloudWatch lets them begin: at multiples of their length.
    const length = periodMinutes * MINUTE_MS;
    const [first, last] = [Math.floor(from / length), Math.floor(to / length)];
    const range = last - first + 1;
    const valueOf = (source: LineSource, age: number): number | undefined => {
      if ('expression' in source) return source.expression.at(age, lookup, range);
      const begins = (last - age) * periodMinutes;
      return source.statistic.of(this.#seriesOf(source.metric).between(begins, begins + periodMinutes - 1));
    };
    const lookup = (id: string, age: number): number | undefined => {
      const source = named.get(id);
      return source && valueOf(source, age);
    };
    return {
      ...graph,
      lines: lines.map(({ label, source }) => ({
        label,
        points: Array.from({ length: range }, (_none, index) => ({
          at: (first + index) * length,
          value: valueOf(source, range - 1 - index),
        })).flatMap(({ at, value }) => (value === undefined ? [] : [{ at, value }])),
      })),
    };
  }
}

function sourcesOf(widget: DashboardDefinition['widgets'][number]): readonly LineSource[] {
  return widget.kind === 'graph' ? [...widget.lines.map(({ source }) => source), ...widget.named.values()] : [];
}
