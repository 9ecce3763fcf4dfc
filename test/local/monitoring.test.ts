import { describe, expect, test } from 'vitest';
import { createTwin } from '../../infra/local/twin.ts';
import type { AssemblyChange } from './fixture.ts';
import { writeAssembly } from './fixture.ts';
import { DAY, MINUTE, SECOND, START, start } from './running.ts';

/** An alarm of the pipeline stack on one metric. */
function withAlarm(
  AlarmName: string,
  properties: Readonly<Record<string, string | number | readonly object[]>>,
): AssemblyChange {
  return (resources) => {
    const Properties = JSON.parse(
      JSON.stringify({
        AlarmName,
        AlarmDescription: '[urgent] It fails.',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
        ...properties,
      }),
    );
    resources[AlarmName] = { Type: 'AWS::CloudWatch::Alarm', Properties };
  };
}

const states = (twin: Awaited<ReturnType<typeof start>>['twin'], name: string) =>
  twin.monitoring.alarms
    .find((alarm) => alarm.name === name)
    ?.changes.map(({ at, state }) => [(at - START) / MINUTE, state]);

const aws = (service: string, name: string, dimensions: Readonly<Record<string, string>> = {}) => ({
  namespace: `AWS/${service}`,
  name,
  dimensions,
});

describe('what AWS publishes', () => {
  test('of functions, queues and mail', async () => {
    const { twin, put } = await start(
      {},
      withAlarm('dead', {
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['intakeDead', 'QueueName'] } }],
        Statistic: 'Maximum',
      }),
    );
    const sumOf = (metric: ReturnType<typeof aws>) =>
      twin.monitoring.series(metric).reduce((sum, point) => sum + point.sum, 0);
    twin.ses.setFate('b@x.example', [{ kind: 'bounce', bounceType: 'Permanent' }]);
    await put('Mail', { customerId: 'c1', to: 'a@x.example' });
    await put('Mail', { customerId: 'c1', to: 'b@x.example' });
    await put('Metric', { type: 'purchase', count: 5 });
    await twin.advanceTo(START + SECOND);
    await put('Throw', { customerId: 'c2' });
    // Received three times, then dead: a minute at the latest, for its visibility timeout is 12 seconds.
    await twin.advanceTo(START + 5 * MINUTE);

    const record = { FunctionName: 'record' };
    expect(sumOf(aws('Lambda', 'Errors', record))).toBe(3);
    expect(sumOf(aws('Lambda', 'Invocations', record))).toBe(4);
    expect(twin.monitoring.series(aws('Lambda', 'Duration', record))[0]?.minimum).toBeGreaterThan(0);
    expect([sumOf(aws('SES', 'Send')), sumOf(aws('SES', 'Delivery')), sumOf(aws('SES', 'Bounce'))]).toEqual([2, 1, 1]);
    expect(twin.monitoring.series(aws('SES', 'Reputation.BounceRate')).at(-1)?.maximum).toBe(0.5);
    const depth = twin.monitoring.series(
      aws('SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: 'intake-dead' }),
    );
    expect(depth.map(({ maximum }) => maximum)).toEqual([1, 1, 1, 1, 1]);
    expect(states(twin, 'dead')).toEqual([[1, 'ALARM']]);
    const things = twin.monitoring.emitted().find(({ name }) => name === 'Things');
    expect(things).toEqual({
      namespace: 'Test',
      name: 'Things',
      dimensions: { type: 'purchase' },
      functions: ['record'],
      unit: 'Count',
      samples: 1,
      sum: 5,
    });
  });

  test('of a message that waits: its age, in seconds, growing', async () => {
    const { twin, put } = await start({}, (resources) => {
      delete resources['recordSource'];
    });
    await twin.advanceTo(START + 30 * SECOND);
    await put('Note', { customerId: 'c1' });
    await twin.advanceTo(START + 3 * MINUTE);
    const ages = twin.monitoring.series(aws('SQS', 'ApproximateAgeOfOldestMessage', { QueueName: 'intake' }));
    expect(ages.map(({ maximum }) => maximum)).toEqual([30, 90, 150]);
  });

  test('of throttled functions and tables, when faults are planned', async () => {
    const { twin, put, item } = await start();
    let throttled = true;
    twin.faults.plan = {
      throttles: (name) => name === 'record' && throttled,
      call: ({ service, operation }) =>
        service === 'dynamodb' && operation === 'PutItem' && twin.now() < START + MINUTE
          ? { kind: 'refused', status: 400, code: 'ThrottlingException', message: 'too much' }
          : undefined,
    };
    await put('Note', { customerId: 'c1', id: 'n' });
    await twin.advanceTo(START);
    throttled = false;
    await twin.advanceTo(START + 30 * SECOND);
    expect(twin.monitoring.series(aws('Lambda', 'Throttles', { FunctionName: 'record' }))).toMatchObject([{ sum: 1 }]);
    const writes = twin.monitoring.series(aws('DynamoDB', 'WriteThrottleEvents', { TableName: 'customers-test' }));
    expect(writes[0]?.sum).toBeGreaterThan(0);
    expect(await item('c1', 'NOTE#n')).toBeUndefined();
  });
});

describe('an alarm', () => {
  const silent = withAlarm('sweep-silent', {
    Namespace: 'AWS/Lambda',
    MetricName: 'Invocations',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'sweep' } }],
    Threshold: 0,
    ComparisonOperator: 'LessThanOrEqualToThreshold',
    EvaluationPeriods: 5,
    TreatMissingData: 'breaching',
  });

  test('on a heartbeat stays quiet in minutes that are not played', async () => {
    const { twin, put } = await start({}, silent);
    await put('Arm', { customerId: 'c1', dueAt: START + 10 * MINUTE });
    await twin.advanceTo(START + 2 * DAY);
    expect(states(twin, 'sweep-silent')).toEqual([[15, 'OK']]);
  });

  test('on a heartbeat goes off when the rule no longer reaches the function', async () => {
    const { twin, put } = await start({}, (resources) => {
      silent(resources);
      delete resources['minutePermission'];
    });
    await put('Arm', { customerId: 'c1', dueAt: START + MINUTE });
    await twin.advanceTo(START + 30 * MINUTE);
    expect(states(twin, 'sweep-silent')).toEqual([[6, 'ALARM']]);
  });

  test('that is not emulated keeps the twin from starting, by name', async () => {
    const assembly = await writeAssembly(
      withAlarm('odd', { Namespace: 'AWS/Lambda', MetricName: 'Errors', Statistic: 'tm90' }),
    );
    const refused = createTwin({ assembly, port: 0, clock: { mode: 'virtual', start: START }, seed: 1 });
    await expect(refused).rejects.toThrow('Pipeline/odd: the statistic tm90 is not emulated');
  });
});
