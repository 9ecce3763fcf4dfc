/**
 * The twin's CloudWatch: keeps what is published by the minute and goes through the alarms once a minute of real time,
 * once a day of virtual time, and whenever somebody asks. Minutes that virtual time skips are minutes in which the rule
 * of every minute finds nothing to do: whatever it runs is taken to have published what it publishes then.
 */
import type { AlarmState, DashboardState, EmittedMetric, MetricName, MetricPoint, Monitoring } from '../contract.ts';
import type { Skipped } from '../pace.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { Alarm } from './alarm.ts';
import type { DashboardDefinition } from './dashboard-definition.ts';
import { Dashboard } from './dashboard.ts';
import type { Embedded } from './embedded-metrics.ts';
import { keyOf, minuteOf, Series } from './metric.ts';

const MINUTES_PER_DAY = 1_440;
/** As long as CloudWatch keeps single minutes. */
const KEPT_MINUTES = 15 * MINUTES_PER_DAY;

/** What was published by whoever runs every minute, in the minute in which it last ran. */
interface Beat {
  readonly minute: number;
  readonly published: Map<Series, { readonly value: number; readonly idle: number }>;
  /** An invocation that fails goes on failing. */
  failed: boolean;
}

export class CloudWatch implements Monitoring {
  readonly #series = new Map<string, Series>();
  readonly #alarms: readonly Alarm[];
  readonly #dashboards: readonly Dashboard[];
  readonly #clockwork: ReadonlySet<string>;
  readonly #changed: () => void;
  readonly #now: () => number;
  /** The first minute that has not passed. */
  #present: number;
  #tidied: number;
  #beat: Beat | undefined;

  constructor(parts: {
    alarms: readonly AlarmDefinition[];
    dashboards?: readonly DashboardDefinition[];
    /** Names of the functions and rules that run every minute. */
    clockwork: ReadonlySet<string>;
    now: () => number;
    /** An alarm is in another state than before. */
    changed: () => void;
  }) {
    this.#clockwork = parts.clockwork;
    this.#changed = parts.changed;
    this.#now = parts.now;
    this.#present = minuteOf(parts.now());
    this.#tidied = this.#present;
    this.#alarms = parts.alarms
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((definition) => new Alarm(definition, (metric) => this.#seriesOf(metric)));
    this.#dashboards = (parts.dashboards ?? [])
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((definition) => new Dashboard(definition, (metric) => this.#seriesOf(metric)));
    // Whether silence is bad cannot be said before the clock has been heard to tick.
    for (const alarm of this.#alarms)
      if (parts.clockwork.size === 0 || !takesSilenceForBad(alarm)) alarm.begin(this.#present);
  }

  get alarms(): readonly AlarmState[] {
    this.#evaluate();
    return this.#alarms.map(({ state }) => state);
  }

  get dashboards(): readonly DashboardState[] {
    return this.#dashboards.map((each) => each.at(this.#now(), KEPT_MINUTES));
  }

  series(metric: MetricName): readonly MetricPoint[] {
    return this.#series.get(keyOf(metric))?.points() ?? [];
  }

  emitted(): readonly EmittedMetric[] {
    return [...this.#series.values()]
      .filter(({ samples }) => samples > 0)
      .map(({ metric, functions, unit, samples, sum }) => ({
        ...metric,
        functions: [...functions],
        unit,
        samples,
        sum,
      }));
  }

  /**
   * One sample of a metric that AWS publishes by itself.
   *
   * @param by name of the function or rule it is about
   * @param idle what the sample is in a minute in which there is nothing to do
   */
  publish(metric: MetricName, value: number, by?: string, idle = value): void {
    this.#add(this.#seriesOf(metric), value, by, idle);
  }

  /** A metric that a log line of a function carries. */
  hear(functionName: string, { unit, values, ...metric }: Embedded): void {
    const series = this.#seriesOf(metric);
    series.functions.add(functionName);
    series.unit ??= unit;
    for (const value of values) this.#add(series, value, functionName, 0);
  }

  /** A level that has stood since the minutes before the present one passed; `growth` is what it grows by each minute. */
  level(metric: MetricName, first: number, last: number, value: number, growth = 0): void {
    this.#seriesOf(metric).level(first, last, value, growth);
  }

  /** The rule of every minute fires. */
  tick(minute: number): void {
    if (this.#beat === undefined) for (const alarm of this.#alarms) if (takesSilenceForBad(alarm)) alarm.begin(minute);
    this.#beat = { minute, published: new Map(), failed: false };
  }

  /** What ran every minute has failed, and would have failed in the minutes that are skipped. */
  beatFailed(by: string): void {
    if (this.#beat !== undefined && this.#clockwork.has(by)) this.#beat.failed = true;
  }

  /**
   * Time goes on to `instant`.
   *
   * @param skipped what virtual time has skipped on the way: nothing, minutes in which nothing was left to do, or minutes
   *   in which what is left over waits for its turn
   * @param levels publishes the levels of the minutes from `first` to `last`
   */
  passTo(instant: number, skipped: Skipped, levels: (first: number, last: number) => void): void {
    const minute = minuteOf(instant);
    if (minute <= this.#present) return;
    levels(this.#present, minute - 1);
    if (skipped !== 'nothing' && this.#beat !== undefined) this.#skip(this.#beat, minute - 1, skipped === 'left over');
    this.#present = minute;
    if (skipped === 'nothing' || minute - this.#tidied >= MINUTES_PER_DAY) this.#tidy();
  }

  #skip({ minute, published, failed }: Beat, last: number, leftOver: boolean): void {
    const first = Math.max(minute + 1, this.#present);
    for (const [series, { value, idle }] of published) series.level(first, last, leftOver || failed ? value : idle);
  }

  #add(series: Series, value: number, by: string | undefined, idle: number): void {
    const minute = minuteOf(this.#now());
    series.add(minute, value);
    if (by !== undefined && this.#beat?.minute === minute && this.#clockwork.has(by))
      this.#beat.published.set(series, { value, idle });
  }

  #evaluate(): void {
    for (const alarm of this.#alarms) alarm.evaluate(this.#present);
  }

  #tidy(): void {
    const before = this.#alarms.map(({ condition }) => condition);
    this.#evaluate();
    if (this.#alarms.some(({ condition }, index) => condition !== before[index])) this.#changed();
    this.#tidied = this.#present;
    const kept = Math.max(KEPT_MINUTES, ...this.#alarms.map(({ reach }) => reach));
    for (const series of this.#series.values()) series.forgetBefore(this.#present - kept);
  }

  #seriesOf(metric: MetricName): Series {
    const key = keyOf(metric);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const series = new Series(metric);
    this.#series.set(key, series);
    return series;
  }
}

function takesSilenceForBad({ definition }: Alarm): boolean {
  return definition.missing === 'breaching';
}
