/**
 * One alarm: goes through the minutes at whose end something it looks at has changed, and through no others. A period
 * longer than a minute is looked at every minute anew, as CloudWatch does, and reaches back from there.
 */
import type { AlarmChange, AlarmCondition, AlarmState, MetricName } from '../contract.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { MINUTE_MS, type Series } from './metric.ts';
import { SPARE_DATAPOINTS, verdictOn } from './verdict.ts';

export class Alarm {
  readonly definition: AlarmDefinition;
  readonly #series: ReadonlyMap<string, Series>;
  /** How many periods are looked at. */
  readonly #range: number;
  /** How many minutes that is. */
  readonly #reach: number;
  #firstEnd = 0;
  #evaluatedTo = 0;
  #state: AlarmCondition = 'INSUFFICIENT_DATA';
  #since = 0;
  readonly #changes: AlarmChange[] = [];

  constructor(definition: AlarmDefinition, seriesOf: (metric: MetricName) => Series) {
    const { periodMinutes, evaluationPeriods, watched } = definition;
    this.definition = definition;
    this.#series = new Map(
      [...watched].map(([id, { metric, statistic }]) => {
        const series = seriesOf(metric);
        if (statistic.percentile) series.keepValues();
        return [id, series];
      }),
    );
    this.#range = evaluationPeriods + SPARE_DATAPOINTS;
    this.#reach = this.#range * periodMinutes;
  }

  /** Before this minute there is nothing, not even missing data. */
  begin(minute: number): void {
    const { periodMinutes, evaluationPeriods } = this.definition;
    this.#firstEnd = minute + evaluationPeriods * periodMinutes;
    this.#evaluatedTo = minute;
    this.#since = minute * MINUTE_MS;
  }

  get condition(): AlarmCondition {
    return this.#state;
  }

  /** How many minutes back it still needs. */
  get reach(): number {
    return this.#reach;
  }

  get state(): AlarmState {
    const { name, severity, description } = this.definition;
    return { name, severity, description, state: this.#state, since: this.#since, changes: [...this.#changes] };
  }

  /** Evaluates at the end of every minute before minute `end` that has not been evaluated yet. */
  evaluate(end: number): void {
    if (end <= this.#evaluatedTo) return;
    for (const at of this.#turns(end)) this.#judge(at);
    this.#evaluatedTo = end;
  }

  /** Ends of minutes, ascending, at which the datapoints may be other ones than a minute before. */
  #turns(end: number): readonly number[] {
    const { periodMinutes } = this.definition;
    const turns = new Set<number>();
    const from = this.#evaluatedTo;
    const note = (at: number): void => {
      if (at > from && at <= end && at >= this.#firstEnd) turns.add(at);
    };
    note(this.#firstEnd);
    for (const series of this.#series.values()) {
      for (const { minute, level } of series.turns(from - this.#reach)) {
        // A sample moves from one period to the next all at once, a level moves into it minute by minute.
        const step = level ? 1 : periodMinutes;
        for (let at = minute + 1; at <= minute + 1 + this.#reach; at += step) note(at);
      }
    }
    return [...turns].toSorted((a, b) => a - b);
  }

  #judge(end: number): void {
    const { breaches } = this.definition;
    const values = Array.from({ length: this.#range }, (_none, age) => this.#valueAt(end, age));
    const datapoints = values.map((value) => (value === undefined ? undefined : breaches(value)));
    const state = verdictOn(datapoints, this.definition, this.#state);
    if (state === this.#state) return;
    this.#state = state;
    this.#since = end * MINUTE_MS;
    this.#changes.push({ at: this.#since, state, value: values[0] });
  }

  #valueAt(end: number, age: number): number | undefined {
    const { periodMinutes, result, expressions, watched } = this.definition;
    const lookup = (id: string, back: number): number | undefined => {
      const expression = expressions.get(id);
      if (expression !== undefined) return expression.at(back, lookup, this.#range);
      const last = end - back * periodMinutes - 1;
      return watched.get(id)?.statistic.of(this.#series.get(id)?.between(last - periodMinutes + 1, last));
    };
    return lookup(result, age);
  }
}
