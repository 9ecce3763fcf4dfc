/**
 * Counting for CloudWatch: figures are put together during an invocation and written at its end, one line for all that has
 * the same fields. A line is a metric and a log line at once (embedded metric format): the metric has at most one
 * dimension, and the saved queries read the rest.
 */
import type { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Metric, MetricOf } from '../contracts/metrics.ts';
import type { NoteOf } from '../contracts/notes.ts';

/** Ids and short words; never an address, a name or a text somebody wrote. */
type Fields = Readonly<Record<string, string>>;

/** What is said beside a value: for a metric with a dimension at least that. */
type About<M extends MetricOf> = M extends {
  readonly by: { readonly dimension: infer D extends string; readonly values: readonly (infer V)[] };
}
  ? [about: Readonly<Record<D, V>> & Fields, value?: number]
  : [about?: Fields, value?: number];

export interface Meter {
  /**
   * Counts something, or notes what was measured.
   *
   * @param value in the unit of the metric; 1 when left out
   * @example meter.count(METRIC.messagesSent, { programme: 'win-back', customerId });
   * meter.count(METRIC.sweepLag, {}, 1200);
   */
  count<M extends MetricOf>(metric: M, ...about: About<M>): void;
  /** Notes in the log something that has no metric. */
  note(what: NoteOf, fields?: Fields): void;
}

interface Line {
  readonly dimension: string | undefined;
  readonly fields: Fields;
  readonly values: Map<Metric, readonly number[]>;
}

/** One figure where nobody asks for more than that of a minute; all of them where their distribution is asked for. */
function joined({ statistic }: Metric, known: readonly number[], value: number): readonly number[] {
  switch (statistic) {
    case 'Sum':
      return [(known[0] ?? 0) + value];
    case 'Maximum':
      return [Math.max(known[0] ?? value, value)];
    case 'SampleCount':
    case 'Average':
    case 'p99':
      return [...known, value];
    default:
      return statistic satisfies never;
  }
}

/** Meter of one function; call `flush` at the end of every invocation. */
export class EmfMeter implements Meter {
  readonly #metrics: Metrics;
  readonly #log: Pick<Logger, 'info'>;
  readonly #lines = new Map<string, Line>();
  readonly #notes = new Map<string, { readonly what: NoteOf; readonly fields: Fields; readonly times: number }>();

  constructor(namespace: string, log: Pick<Logger, 'info'>) {
    this.#metrics = new Metrics({ namespace });
    // The library sets one of its own, and CloudWatch adds nothing up over dimensions: what `record` and `send` count
    // would be two metrics.
    this.#metrics.clearDefaultDimensions();
    this.#log = log;
  }

  count<M extends MetricOf>(metric: M, ...[fields = {}, value = 1]: About<M>): void {
    const dimension = 'by' in metric ? metric.by.dimension : undefined;
    const name = JSON.stringify([dimension, fields]);
    const line = this.#lines.get(name) ?? { dimension, fields, values: new Map<Metric, readonly number[]>() };
    line.values.set(metric, joined(metric, line.values.get(metric) ?? [], value));
    this.#lines.set(name, line);
  }

  note(what: NoteOf, fields: Fields = {}): void {
    const name = JSON.stringify([what, fields]);
    this.#notes.set(name, { what, fields, times: (this.#notes.get(name)?.times ?? 0) + 1 });
  }

  flush(): void {
    const lines = [...this.#lines.values()];
    const notes = [...this.#notes.values()];
    this.#lines.clear();
    this.#notes.clear();
    for (const { dimension, fields, values } of lines) {
      const { [dimension ?? '']: value, ...others } = fields;
      // An empty set, not none: the format asks for at least one.
      this.#metrics.addDimensions(dimension === undefined || value === undefined ? {} : { [dimension]: value });
      for (const [name, text] of Object.entries(others)) this.#metrics.addMetadata(name, text);
      for (const [{ name, unit }, each] of values) for (const one of each) this.#metrics.addMetric(name, unit, one);
      this.#metrics.publishStoredMetrics();
    }
    for (const { what, fields, times } of notes) this.#log.info(what, { ...fields, times });
  }
}
