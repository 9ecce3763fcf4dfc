import { describe, expect, test } from 'vitest';
import { alarmProperties, readAlarm } from '../../infra/local/monitoring/alarm-definition.ts';
import { CloudWatch } from '../../infra/local/monitoring/cloudwatch.ts';

const START = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const FAILURES = { namespace: 'Shop', name: 'Failures', dimensions: { of: 'send' } };
const BEATS = { namespace: 'Shop', name: 'Beats', dimensions: {} };

const NO_CLOCKWORK: ReadonlySet<string> = new Set();

/** A CloudWatch whose time goes on minute by minute, or by many minutes at once. */
function watching(properties: object, clockwork = NO_CLOCKWORK) {
  const alarm = {
    AlarmName: 'failing',
    AlarmDescription: '[urgent] It fails. What to do: mend it.',
    Namespace: FAILURES.namespace,
    MetricName: FAILURES.name,
    Dimensions: [{ Name: 'of', Value: 'send' }],
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 3,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    ...properties,
  };
  let now = START;
  const watch = new CloudWatch({
    alarms: [readAlarm(alarmProperties.parse(alarm), 'alarm')],
    clockwork,
    now: () => now,
    changed: () => undefined,
  });
  return {
    watch,
    fail: (...values: number[]) => values.forEach((value) => watch.publish(FAILURES, value)),
    pass: (minutes: number, skipped: 'nothing' | 'idle' | 'left over' = 'nothing') => {
      watch.passTo(now + minutes * MINUTE, skipped, () => undefined);
      now += minutes * MINUTE;
    },
    /** States with the minutes since the start at which they were entered. */
    changes: () => watch.alarms[0]?.changes.map(({ at, state }) => [(at - START) / MINUTE, state]),
  };
}

/** A metric of an expression. */
const metric = (Id: string, MetricName: string) => ({
  Id,
  ReturnData: false,
  MetricStat: { Metric: { Namespace: 'Mail', MetricName }, Period: 60, Stat: 'Sum' },
});

describe('an alarm', () => {
  test('goes off at the end of the minute that breaches, and stays for as long as CloudWatch looks back', () => {
    const { fail, pass, changes, watch } = watching({});
    pass(5);
    fail(1, 2);
    pass(10);
    expect(changes()).toEqual([
      [1, 'OK'],
      [6, 'ALARM'],
      [9, 'OK'],
    ]);
    expect(watch.alarms).toMatchObject([
      { name: 'failing', severity: 'urgent', description: 'It fails. What to do: mend it.', state: 'OK' },
    ]);
    expect(watch.alarms[0]?.changes[1]?.value).toBe(3);
  });

  test('is told the same whether it is asked every minute or at the end', () => {
    const [asked, left] = [watching({ EvaluationPeriods: 3 }), watching({ EvaluationPeriods: 3 })];
    const failures = [3, 0, 4, 5, 3, 1, 9, 9, 9, 9, 0, 0, 3, 0, 0, 0, 0, 0];
    for (const one of failures) {
      for (const { fail, pass } of [asked, left]) {
        if (one > 0) fail(one);
        pass(1);
      }
      asked.changes();
    }
    expect(left.changes()).toEqual(asked.changes());
    // 3 - 4 5: the datapoint that is missing is made up for by the one before it.
    expect(left.changes()).toContainEqual([4, 'ALARM']);
  });

  test('on M of N datapoints wants M of them', () => {
    const { fail, pass, changes } = watching({
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      TreatMissingData: 'ignore',
    });
    for (const one of [3, 0, 0, 3, 0, 3, 0, 0, 0]) {
      fail(one);
      pass(1);
    }
    expect(changes()).toEqual([
      [3, 'OK'],
      [6, 'ALARM'],
      [7, 'OK'],
    ]);
  });

  test('with a longer period looks at a window that ends now', () => {
    const { fail, pass, changes } = watching({ Period: 300 });
    pass(6);
    fail(2);
    pass(3);
    fail(1);
    pass(5);
    // Both lie in the five minutes that end with minute 10, and with minute 11.
    expect(changes()).toEqual([
      [5, 'OK'],
      [10, 'ALARM'],
      [12, 'OK'],
    ]);
  });

  test('computes a ratio from two metrics, and not from too few', () => {
    const { watch, pass, changes } = watching({
      Namespace: undefined,
      MetricName: undefined,
      Dimensions: undefined,
      Statistic: undefined,
      Period: undefined,
      Metrics: [
        { Id: 'rate', Expression: 'IF(sent >= 200, bounced / sent, 0)' },
        metric('sent', 'Sent'),
        metric('bounced', 'Bounced'),
      ],
      Threshold: 0.02,
    });
    for (const [sent, bounced] of [
      [100, 50],
      [200, 3],
      [200, 4],
    ] as const) {
      watch.publish({ namespace: 'Mail', name: 'Sent', dimensions: {} }, sent);
      watch.publish({ namespace: 'Mail', name: 'Bounced', dimensions: {} }, bounced);
      pass(1);
    }
    expect(changes()).toEqual([
      [1, 'OK'],
      [3, 'ALARM'],
    ]);
  });

  test('on a percentile sees single values', () => {
    const { fail, pass, changes } = watching({ Statistic: undefined, ExtendedStatistic: 'p90' });
    fail(9, ...Array.from({ length: 19 }, () => 1));
    pass(1);
    fail(9, 9, 9, ...Array.from({ length: 17 }, () => 1));
    pass(1);
    expect(changes()).toEqual([
      [1, 'OK'],
      [2, 'ALARM'],
    ]);
  });

  test('with dimensions in another order is the same metric, with others another', () => {
    const { watch } = watching({});
    watch.publish({ namespace: 'a', name: 'b', dimensions: { x: '1', y: '2' } }, 1);
    expect(watch.series({ namespace: 'a', name: 'b', dimensions: { y: '2', x: '1' } })).toEqual([
      { at: START, sum: 1, minimum: 1, maximum: 1, samples: 1 },
    ]);
    expect(watch.series({ namespace: 'a', name: 'b', dimensions: { x: '2', y: '1' } })).toEqual([]);
  });
});

const heartbeat = () =>
  watching(
    {
      MetricName: BEATS.name,
      Dimensions: undefined,
      Statistic: 'SampleCount',
      Threshold: 0,
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    },
    new Set(['sweep']),
  );

const beat = ({ watch }: ReturnType<typeof watching>, minute: number) => {
  watch.tick(START / MINUTE + minute);
  watch.hear('sweep', { ...BEATS, unit: 'Count', values: [7] });
};

describe('a heartbeat', () => {
  test('goes on in minutes that are skipped for want of work', () => {
    const one = heartbeat();
    beat(one, 0);
    one.pass(100, 'idle');
    beat(one, 100);
    one.pass(50, 'idle');
    expect(one.changes()).toEqual([[3, 'OK']]);
    const points = one.watch.series(BEATS);
    expect(points).toHaveLength(150);
    // Where there was nothing to do there was nothing to count, either.
    expect(new Set(points.map(({ sum }) => sum))).toEqual(new Set([0, 7]));
  });

  test('is as it was in minutes in which work waits its turn', () => {
    const one = heartbeat();
    beat(one, 0);
    one.pass(10, 'left over');
    expect(new Set(one.watch.series(BEATS).map(({ sum }) => sum))).toEqual(new Set([7]));
  });

  test('that stops is an alarm', () => {
    const one = heartbeat();
    beat(one, 0);
    one.pass(10, 'idle');
    // The rule fires, and nothing runs.
    one.watch.tick(START / MINUTE + 10);
    one.pass(10, 'idle');
    expect(one.changes()).toEqual([
      [3, 'OK'],
      [15, 'ALARM'],
    ]);
  });

  test('is not missed before the first tick', () => {
    const one = heartbeat();
    one.pass(60, 'idle');
    expect(one.changes()).toEqual([]);
  });

  test('that failed goes on failing', () => {
    const one = heartbeat();
    one.watch.tick(START / MINUTE);
    one.watch.publish(FAILURES, 1, 'sweep', 0);
    one.watch.beatFailed('sweep');
    one.pass(5, 'idle');
    expect(one.watch.series(FAILURES).map(({ sum }) => sum)).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('what is kept', () => {
  test('is fifteen days by the minute, and the sum of all for ever', () => {
    const { watch, fail, pass } = watching({});
    fail(3);
    pass(1);
    for (let day = 0; day < 16; day += 1) pass(24 * 60, 'idle');
    fail(4);
    expect(watch.series(FAILURES)).toHaveLength(1);
    expect(watch.emitted()).toEqual([{ ...FAILURES, functions: [], unit: undefined, samples: 2, sum: 7 }]);
    expect(watch.alarms[0]?.changes.map(({ state }) => state)).toEqual(['ALARM', 'OK']);
  });

  test('of a level that grows is its value in every minute', () => {
    const { watch } = watching({});
    watch.level(FAILURES, START / MINUTE, START / MINUTE + 2, 30, 60);
    expect(watch.series(FAILURES).map(({ maximum }) => maximum)).toEqual([30, 90, 150]);
  });
});

describe('an alarm that is not emulated is refused by name', () => {
  test.each([
    ['a statistic', { Statistic: undefined, ExtendedStatistic: 'tm90' }, 'tm90'],
    ['a comparison', { ComparisonOperator: 'GreaterThanUpperThreshold' }, 'ComparisonOperator'],
    ['a property', { ThresholdMetricId: 'ad1' }, 'ThresholdMetricId'],
  ])('%s', (_name, properties, named) => {
    expect(() => watching(properties)).toThrow(named);
  });
});
