/** What is published for a metric, by the minute: the samples' sum, extremes and number, for percentiles each value. */
import type { MetricName, MetricPoint } from '../contract.ts';

export const MINUTE_MS = 60_000;

/** Minutes since the epoch. */
export function minuteOf(instant: number): number {
  return Math.floor(instant / MINUTE_MS);
}

/** One text per time series; dimensions in any order name the same one. */
export function keyOf({ namespace, name, dimensions }: MetricName): string {
  const pairs = Object.entries(dimensions)
    .map(([dimension, value]) => `${dimension}=${value}`)
    .toSorted();
  return JSON.stringify([namespace, name, ...pairs]);
}

/** Samples put together. */
export interface Samples {
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly count: number;
  /** Each sample, where percentiles are asked for. */
  readonly values: readonly number[];
}

interface Point {
  readonly minute: number;
  sum: number;
  minimum: number;
  maximum: number;
  count: number;
  readonly values: number[];
}

/** One sample in each of many minutes on end: how a level is told while nothing happens. */
interface Stretch {
  readonly first: number;
  /** Inclusive. */
  last: number;
  /** In the first minute. */
  readonly value: number;
  /** By how much it grows from minute to minute. */
  readonly growth: number;
}

/** A minute with a sample of its own, or one in which a level begins or ends: it goes on from there. */
export interface Turn {
  readonly minute: number;
  readonly level: boolean;
}

/** Minutes come in order: a sample never belongs to an earlier minute than the one before it. */
export class Series {
  readonly metric: MetricName;
  readonly functions = new Set<string>();
  unit: string | undefined;
  samples = 0;
  sum = 0;
  readonly #points: Point[] = [];
  readonly #stretches: Stretch[] = [];
  #keepsValues = false;

  constructor(metric: MetricName) {
    this.metric = metric;
  }

  /** From now on each value is kept, for whoever asks for percentiles. */
  keepValues(): void {
    this.#keepsValues = true;
  }

  add(minute: number, value: number): void {
    this.samples += 1;
    this.sum += value;
    const last = this.#points.at(-1);
    if (last?.minute !== minute) {
      const values = this.#keepsValues ? [value] : [];
      this.#points.push({ minute, sum: value, minimum: value, maximum: value, count: 1, values });
      return;
    }
    last.sum += value;
    last.minimum = Math.min(last.minimum, value);
    last.maximum = Math.max(last.maximum, value);
    last.count += 1;
    if (this.#keepsValues) last.values.push(value);
  }

  /** The same sample in every minute from `first` to `last`, or one that grows by `growth` each minute. */
  level(first: number, last: number, value: number, growth = 0): void {
    const count = last - first + 1;
    if (count <= 0) return;
    this.samples += count;
    this.sum += count * value + (growth * count * (count - 1)) / 2;
    const before = this.#stretches.at(-1);
    const goesOn = before?.last === first - 1 && before.growth === growth && valueAt(before, first) === value;
    if (before !== undefined && goesOn) before.last = last;
    else this.#stretches.push({ first, last, value, growth });
  }

  /** What was published from minute `first` to minute `last`; undefined when that is nothing. */
  between(first: number, last: number): Samples | undefined {
    const found: Samples[] = [];
    for (let index = this.#pointFrom(first); index < this.#points.length; index += 1) {
      const point = this.#points[index];
      if (point === undefined || point.minute > last) break;
      found.push(point);
    }
    for (let index = this.#stretches.length - 1; index >= 0; index -= 1) {
      const stretch = this.#stretches[index];
      if (stretch === undefined || stretch.last < first) break;
      if (stretch.first <= last) found.push(levelOf(stretch, first, last, this.#keepsValues));
    }
    return found.length === 1 ? found[0] : together(found);
  }

  /** Minutes, those from `first` on among them, in which the series begins to say something else than before. */
  *turns(first: number): Generator<Turn> {
    for (let index = this.#pointFrom(first); index < this.#points.length; index += 1) {
      const point = this.#points[index];
      if (point !== undefined) yield { minute: point.minute, level: false };
    }
    for (let index = this.#stretches.length - 1; index >= 0; index -= 1) {
      const stretch = this.#stretches[index];
      if (stretch === undefined || stretch.last < first) break;
      if (stretch.growth === 0) {
        yield { minute: stretch.first, level: true };
        yield { minute: stretch.last + 1, level: true };
      } else
        for (let minute = Math.max(first, stretch.first); minute <= stretch.last + 1; minute += 1)
          yield { minute, level: true };
    }
  }

  /** Forgets what is older than minute `first`. */
  forgetBefore(first: number): void {
    this.#points.splice(0, this.#pointFrom(first));
    const kept = this.#stretches.findIndex(({ last }) => last >= first);
    this.#stretches.splice(0, kept === -1 ? this.#stretches.length : kept);
  }

  points(): readonly MetricPoint[] {
    const minutes = new Set(this.#points.map(({ minute }) => minute));
    for (const { first, last } of this.#stretches)
      for (let minute = first; minute <= last; minute += 1) minutes.add(minute);
    return [...minutes]
      .toSorted((a, b) => a - b)
      .flatMap((minute) => {
        const found = this.between(minute, minute);
        if (found === undefined) return [];
        const { sum, minimum, maximum, count: samples } = found;
        return [{ at: minute * MINUTE_MS, sum, minimum, maximum, samples }];
      });
  }

  /** Index of the first point that is not before `minute`, by bisection. */
  #pointFrom(minute: number): number {
    let [low, high] = [0, this.#points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#points[middle]?.minute ?? Infinity) < minute) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function valueAt({ first, value, growth }: Stretch, minute: number): number {
  return value + growth * (minute - first);
}

/** The part of a stretch that lies between two minutes. */
function levelOf(stretch: Stretch, first: number, last: number, keepsValues: boolean): Samples {
  const from = Math.max(first, stretch.first);
  const to = Math.min(last, stretch.last);
  const [one, other] = [valueAt(stretch, from), valueAt(stretch, to)];
  const count = to - from + 1;
  const values = keepsValues ? Array.from({ length: count }, (_none, index) => one + stretch.growth * index) : [];
  const [minimum, maximum] = one < other ? [one, other] : [other, one];
  return { sum: (count * (one + other)) / 2, minimum, maximum, count, values };
}

function together(found: readonly Samples[]): Samples | undefined {
  if (found.length === 0) return undefined;
  const all = {
    sum: 0,
    minimum: Infinity,
    maximum: -Infinity,
    count: 0,
    values: found.flatMap(({ values }) => values),
  };
  for (const { sum, minimum, maximum, count } of found) {
    all.sum += sum;
    all.minimum = Math.min(all.minimum, minimum);
    all.maximum = Math.max(all.maximum, maximum);
    all.count += count;
  }
  return all;
}
