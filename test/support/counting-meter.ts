/** A meter that keeps everything it was told, for tests of what is counted. */
import type { Meter } from '../../shared/adapters/meter.ts';
import type { MetricOf } from '../../shared/contracts/metrics.ts';
import type { NoteOf } from '../../shared/contracts/notes.ts';

type Fields = Readonly<Record<string, string>>;

interface Told {
  readonly what: MetricOf | NoteOf;
  readonly fields: Fields;
  readonly value: number;
}

export class CountingMeter implements Meter {
  readonly told: Told[] = [];

  count(metric: MetricOf, fields: Fields = {}, value = 1): void {
    this.told.push({ what: metric, fields, value });
  }

  note(what: NoteOf, fields: Fields = {}): void {
    this.told.push({ what, fields, value: 1 });
  }

  /** The values of a metric, or a 1 for each note, where the fields say so among others. */
  valuesOf(what: MetricOf | NoteOf, fields: Fields = {}): readonly number[] {
    return this.told
      .filter(
        (each) => each.what === what && Object.entries(fields).every(([name, value]) => each.fields[name] === value),
      )
      .map(({ value }) => value);
  }

  /** Their sum. */
  counted(what: MetricOf | NoteOf, fields: Fields = {}): number {
    return this.valuesOf(what, fields).reduce((sum, value) => sum + value, 0);
  }

  /** Everything but measurements, as `name field field`: what an invocation was counted as. */
  get names(): readonly string[] {
    return this.told.map(({ what, fields }) =>
      [typeof what === 'string' ? what : what.name, ...Object.values(fields)].join(' '),
    );
  }
}

/** For who does not look at it. */
export const SILENT: Meter = { count: () => undefined, note: () => undefined };
