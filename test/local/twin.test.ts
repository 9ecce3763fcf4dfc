import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, test } from 'vitest';
import { DeploymentRefused } from '../../infra/local/errors.ts';
import { DUE_SHARDS } from '../../shared/contracts/table.ts';
import type { AssemblyChange } from './fixture.ts';
import { DAY, MINUTE, rawCall, SECOND, start, START } from './running.ts';

const parse = (item: Readonly<Record<string, unknown>> | undefined): unknown => JSON.parse(String(item?.['json']));

const run = async (seed: number) => {
  const { twin, put } = await start({ seed });
  for (let n = 0; n < 25; n += 1) await put('Announce', { customerId: `c${n}` });
  await twin.advanceTo(START + MINUTE);
  return twin.mailbox.map(({ id, at, to }) => [id, at, to]);
};

describe('the path of an event', () => {
  test('an event reaches the function, what it announces reaches the next one, and a mail is accepted', async () => {
    const { twin, put, depth } = await start();
    await put('Announce', { customerId: 'c1' });
    expect(depth('intake')).toEqual([1, 0, 0]);
    await twin.advanceTo(START);
    expect(twin.mailbox).toMatchObject([{ to: ['c1@example.com'], tags: { c: 'c1' }, at: START }]);
    expect(depth('intake')).toEqual([0, 0, 0]);
    expect(depth('mail')).toEqual([0, 0, 0]);
  });

  test('an event that no rule takes goes nowhere', async () => {
    const { twin, put, depth } = await start();
    await put('Anything', { customerId: 'c1' }, 'perennial');
    await twin.advanceTo(START);
    expect(depth('intake')).toEqual([0, 0, 0]);
    expect(twin.deadLetters()).toEqual([]);
  });

  test('several visible messages make one batch', async () => {
    const { twin, put, items } = await start();
    for (const id of ['1', '2', '3']) await put('Note', { customerId: 'c1', id });
    await twin.advanceTo(START);
    expect(Object.keys(await items('c1'))).toEqual(['NOTE#1', 'NOTE#2', 'NOTE#3']);
  });

  test('two runs with one seed give the same ids, mails and times', async () => {
    const [first, second, other] = [await run(1), await run(1), await run(2)];
    expect(first).toHaveLength(25);
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

describe('failures', () => {
  test('only the failed item of a batch comes back, and after the last receive lies in the dead-letter queue', async () => {
    const { twin, put, item, depth } = await start();
    await put('Fail Item', { customerId: 'c1' });
    await put('Note', { customerId: 'c2', id: 'n' });
    await twin.advanceTo(START);
    expect(await item('c2', 'NOTE#n')).toMatchObject({ receives: '1' });
    expect(depth('intake')).toEqual([0, 1, 0]);
    await twin.advanceTo(START + 23 * SECOND);
    expect(depth('intake')).toEqual([0, 1, 0]);
    await twin.advanceTo(START + 36 * SECOND);
    expect(depth('intake')).toEqual([0, 0, 0]);
    expect(twin.deadLetters()).toMatchObject([{ queue: 'intake-dead', receives: 3, at: START }]);
    expect(twin.deadLetters()[0]?.body).toContain('Fail Item');
    expect(twin.deadLettered.get('intake-dead')).toBe(1);
  });

  test.each(['Throw', 'Exit', 'Leak'])('when the function ends with "%s" the whole batch comes back', async (how) => {
    const { twin, put, item, depth } = await start();
    await put(how, { customerId: 'c1' });
    await put('Note', { customerId: 'c2', id: 'n' });
    await twin.advanceTo(START);
    expect(depth('intake')).toEqual([0, 2, 0]);
    expect(await item('c2', 'NOTE#n')).toBeUndefined();
    expect(twin.logs.map(({ text }) => text).join('\n')).toMatch(/thrown on purpose|exited with code 3|memory limit/);
  });

  test('a function that hangs is stopped at its timeout, and what it still wanted to do is refused', async () => {
    const { twin, put, item, depth } = await start();
    await put('Hang', { customerId: 'c1' });
    await twin.advanceTo(START);
    expect(depth('intake')).toEqual([0, 1, 0]);
    expect(twin.logs.at(-1)?.text).toContain('Task timed out after 2.00 seconds');
    const late = await rawCall(twin.endpoint, 'DynamoDB_20120810', 'ListTables', {}, 'ASIATWIN000000000001');
    expect(late.status).toBe(403);
    expect(await late.text()).toContain('ExpiredToken');
    await put('Note', { customerId: 'c2', id: 'after' });
    await twin.advanceTo(START + SECOND);
    expect(await item('c2', 'NOTE#after')).toBeDefined();
  });

  test('a response that names no message of the batch fails the whole batch', async () => {
    const { twin, put, depth } = await start();
    await put('Stranger', { customerId: 'c1' });
    await twin.advanceTo(START);
    expect(depth('intake')).toEqual([0, 1, 0]);
  });

  test('an asynchronous invocation is retried after a minute and then handed to the on-failure queue', async () => {
    const { twin, put, depth } = await start({}, (resources) => {
      const environment = resources['sweep']?.Properties['Environment'];
      Object.assign(Object(environment), { Variables: { BUS_NAME: 'customers', TABLE_NAME: 'no-such-table' } });
    });
    await put('Arm', { customerId: 'c1', dueAt: START + 5 * MINUTE });
    await twin.advanceTo(START + 5 * MINUTE + 59 * SECOND);
    expect(depth('sweep-dead')).toEqual([0, 0, 0]);
    await twin.advanceTo(START + 6 * MINUTE);
    expect(depth('sweep-dead')).toEqual([1, 0, 0]);
    expect(twin.deadLetters()[0]?.body).toContain('RetriesExhausted');
  });
});

const forwarding = (action: string) => (resources: Parameters<AssemblyChange>[0]) => {
  const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/customers';
  const Policies = [
    {
      PolicyName: 'forward',
      PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: bus }] },
    },
  ];
  resources['forwardRole'] = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {}, Policies } };
  resources['forwardRule'] = {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: { source: ['shop'] },
      Targets: [{ Id: 'Target0', Arn: bus, RoleArn: { 'Fn::GetAtt': ['forwardRole', 'Arn'] } }],
    },
  };
};

describe('permissions', () => {
  test('what the role does not grant is denied, logged, and not done', async () => {
    const { twin, put, item, depth } = await start();
    await put('Arm', { customerId: 'c1', dueAt: START + 400 * DAY });
    await twin.advanceTo(START);
    await put('Forbidden', { customerId: 'c1' });
    await twin.advanceTo(START + SECOND);
    expect(depth('intake')).toEqual([0, 1, 0]);
    expect(await item('c1', 'PROFILE')).toBeDefined();
    const denied = twin.logs.find(({ text }) => text.startsWith('AccessDenied'))?.text ?? '';
    expect(denied).toContain(
      'assumed-role/Pipeline-recordRole/record is not authorized to perform: dynamodb:DeleteItem',
    );
    expect(denied).toContain('table/customers-test');
  });

  test('a condition on the sender holds', async () => {
    const { twin, put, depth } = await start({}, (resources) => {
      resources['recordPolicy'] = JSON.parse(
        JSON.stringify(resources['recordPolicy']).replace('hello@shop', 'other@shop'),
      );
    });
    await put('Mail', { customerId: 'c1', to: 'a@x.example' });
    await twin.advanceTo(START);
    expect(twin.mailbox).toEqual([]);
    expect(depth('intake')).toEqual([0, 1, 0]);
  });

  test('a queue whose policy does not admit the rule gets nothing, and that is counted', async () => {
    const { twin, put, depth } = await start({}, (resources) => {
      delete resources['intakePolicy'];
    });
    await put('Note', { customerId: 'c1' });
    await twin.advanceTo(START);
    expect(depth('intake')).toEqual([0, 0, 0]);
    const dimensions = { EventBusName: 'customers', RuleName: 'Pipeline-intakeRule' };
    const failures = twin.monitoring.series({ namespace: 'AWS/Events', name: 'FailedInvocations', dimensions });
    expect(failures).toMatchObject([{ sum: 1 }]);
  });

  test('what cannot be delivered goes to the dead-letter queue of the target, with the reason', async () => {
    const { twin, put, sqs } = await start({}, (resources) => {
      delete resources['intakePolicy'];
      const DeadLetterConfig = { Arn: { 'Fn::GetAtt': ['undelivered', 'Arn'] } };
      const Targets = [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['intake', 'Arn'] }, DeadLetterConfig }];
      Object.assign(Object(resources['intakeRule']?.Properties), { Targets });
      const admitted = JSON.stringify(resources['mailPolicy']).replaceAll('"mail"', '"undelivered"');
      resources['undelivered'] = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'undelivered' } };
      resources['undeliveredPolicy'] = JSON.parse(admitted.replaceAll('mailRule', 'intakeRule'));
    });
    await put('Note', { customerId: 'c1' });
    await twin.advanceTo(START);
    expect(twin.deadLetters()).toMatchObject([{ queue: 'undelivered' }]);
    const received = await sqs('ReceiveMessage', { QueueUrl: 'undelivered', MessageAttributeNames: ['All'] });
    expect(await received.json()).toMatchObject({
      Messages: [{ MessageAttributes: { ERROR_CODE: { DataType: 'String', StringValue: 'NO_PERMISSIONS' } } }],
    });
  });

  test('an event goes from bus to bus only with a role that allows it', async () => {
    for (const [action, arrived] of [
      ['events:PutEvents', 1],
      ['events:PutRule', 0],
    ] as const) {
      const { bus, depth } = await start({}, forwarding(action));
      await bus.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'Note', Detail: '{}' }] }));
      expect(depth('intake')).toEqual([arrived, 0, 0]);
    }
  });

  test('a function that does not admit the rule is not invoked', async () => {
    const { twin, put } = await start({}, (resources) => {
      delete resources['minutePermission'];
    });
    await put('Arm', { customerId: 'c1', dueAt: START + MINUTE });
    await twin.advanceTo(START + MINUTE);
    const dimensions = { RuleName: 'Pipeline-minuteRule' };
    const failures = twin.monitoring.series({ namespace: 'AWS/Events', name: 'FailedInvocations', dimensions });
    expect(failures).toMatchObject([{ sum: 1 }]);
  });
});

const properties = (resources: Parameters<AssemblyChange>[0], id: string) => Object(resources[id]?.Properties);

describe('refused at deployment, as AWS or for want of emulation', () => {
  const changes: readonly [string, AssemblyChange, string][] = [
    [
      'resource types that are not emulated, all of them',
      (r) =>
        Object.assign(r, {
          A: { Type: 'AWS::SNS::Funny', Properties: {} },
          B: { Type: 'AWS::S3::Bucket', Properties: {} },
        }),
      'AWS::S3::Bucket, AWS::SNS::Funny',
    ],
    [
      'a property that is not emulated',
      (r) => Object.assign(properties(r, 'intake'), { FifoQueue: true }),
      'FifoQueue',
    ],
    [
      'a schedule that is not emulated',
      (r) => Object.assign(properties(r, 'minuteRule'), { ScheduleExpression: 'cron(0 2 ? * MON *)' }),
      'ScheduleExpression',
    ],
    [
      'an unknown operator in a pattern',
      (r) => Object.assign(properties(r, 'mailRule'), { EventPattern: { source: [{ near: 'x' }] } }),
      'near',
    ],
    [
      'a queue less patient than its function',
      (r) => Object.assign(properties(r, 'intake'), { VisibilityTimeout: 1 }),
      'visibility timeout',
    ],
    ['a function that may not read its queue', (r) => delete r['sendPolicy'], 'sqs:ReceiveMessage'],
    ['an on-failure destination the function may not write to', (r) => delete r['sweepPolicy'], 'sqs:SendMessage'],
    [
      'a target that does not exist',
      (r) =>
        Object.assign(properties(r, 'mailRule'), {
          Targets: [{ Id: 'x', Arn: 'arn:aws:sqs:us-east-1:000000000000:nope' }],
        }),
      'nope',
    ],
  ];
  test.each(changes)('%s', async (_name, change, named) => {
    const refused = start({}, change);
    await expect(refused).rejects.toBeInstanceOf(DeploymentRefused);
    await expect(refused).rejects.toThrow(named);
  });
});

describe('what a function sees', () => {
  test('exactly the template and what the Lambda service sets', async () => {
    const { twin, put, item } = await start();
    await put('Environment', { customerId: 'c1' });
    await twin.advanceTo(START);
    const environment = Object(parse(await item('c1', 'ENVIRONMENT')));
    const fromLambda = Object.keys(environment).filter((key) => /^(?:AWS_|_|LAMBDA_|TZ$)/.test(key));
    expect(
      Object.keys(environment)
        .filter((key) => !fromLambda.includes(key))
        .toSorted(),
    ).toEqual(['BUS_NAME', 'CONFIGURATION_SET', 'TABLE_NAME']);
    expect(environment).toMatchObject({
      TABLE_NAME: 'customers-test',
      AWS_ENDPOINT_URL: twin.endpoint,
      AWS_LAMBDA_FUNCTION_NAME: 'record',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_REGION: 'us-east-1',
    });
    expect(environment['LAMBDA_TASK_ROOT']).toMatch(/asset\.record$/);
    expect(twin.logs).toEqual([]);
  });

  test('the clock of the twin in every way of asking, other dates untouched', async () => {
    const { twin, put, item } = await start();
    await put('Clock', { customerId: 'c1' });
    await twin.advanceTo(START);
    expect(parse(await item('c1', 'CLOCK'))).toEqual([START, START, 0, 'string', true, START]);
  });

  test('its lines become log lines, and embedded metrics are summed', async () => {
    const { twin, put } = await start();
    await put('Log', { text: 'one line\nand another' });
    await put('Metric', { type: 'purchase', count: 2 });
    await put('Metric', { type: 'purchase', count: 3 });
    await twin.advanceTo(START);
    const texts = twin.logs.filter(({ functionName }) => functionName === 'record').map(({ text }) => text);
    expect(texts.slice(0, 2)).toEqual(['one line', 'and another']);
    expect(twin.metrics.get('Things{type=purchase}')).toBe(5);
  });
});

const fired = async (items: Awaited<ReturnType<typeof start>>['items'], customerId: string) =>
  Object.keys(await items(customerId))
    .filter((key) => key.startsWith('FIRED#'))
    .map((key) => key.slice('FIRED#'.length));

const sweeps = (logs: readonly { text: string }[]) =>
  logs.filter(({ text }) => text.startsWith('sweep ')).map(({ text }) => text.slice('sweep '.length));

const nightly: AssemblyChange = (resources) => {
  properties(resources, 'minuteRule')['ScheduleExpression'] = 'cron(10 2 * * ? *)';
};

describe('virtual time', () => {
  test('timers fire at the next full minute, in order, and minutes without one are skipped', async () => {
    const { twin, put, items } = await start();
    await put('Arm', { customerId: 'late', shard: DUE_SHARDS - 1, dueAt: START + 90 * DAY });
    await put('Arm', { customerId: 'soon', shard: 0, dueAt: START + DAY + 30 * SECOND });
    await twin.advanceTo(START + 400 * DAY);
    expect(await fired(items, 'soon')).toEqual(['2026-03-02T12:01:00.000Z']);
    expect(await fired(items, 'late')).toEqual(['2026-05-30T12:00:00.000Z']);
    expect(sweeps(twin.logs)).toEqual(['2026-03-02T12:01:00Z', '2026-05-30T12:00:00Z']);
    expect(twin.now()).toBe(START + 400 * DAY);
  });

  test('a daily rule fires once a day at its time, whether or not anything else happens', async () => {
    const { twin } = await start({}, nightly);
    await twin.advanceTo(START + 2 * DAY);
    await twin.advanceTo(Date.parse('2026-03-04T02:10:00Z'));
    expect(sweeps(twin.logs)).toEqual(['2026-03-02T02:10:00Z', '2026-03-03T02:10:00Z', '2026-03-04T02:10:00Z']);
    await twin.advanceTo(Date.parse('2026-03-05T02:09:59Z'));
    expect(sweeps(twin.logs)).toHaveLength(3);
  });

  test('a daily rule does not fire before it is asked for: a long past needs only its last night', async () => {
    const { twin } = await start({ dailyFrom: START + 398.5 * DAY }, nightly);
    await twin.advanceTo(START + 400 * DAY);
    expect(sweeps(twin.logs)).toEqual(['2027-04-04T02:10:00Z', '2027-04-05T02:10:00Z']);
  });

  test('a timer at the end of the stretch fires, one after it does not', async () => {
    const { twin, put, items } = await start();
    await put('Arm', { customerId: 'at', dueAt: START + 10 * MINUTE });
    await put('Arm', { customerId: 'after', dueAt: START + 10 * MINUTE + 1 });
    await twin.advanceTo(START + 10 * MINUTE);
    expect(await fired(items, 'at')).toHaveLength(1);
    expect(await fired(items, 'after')).toHaveLength(0);
    await twin.advanceTo(START + 11 * MINUTE);
    expect(await fired(items, 'after')).toHaveLength(1);
  });

  test('a timer set in the past, or left over by a sweep, is swept again every minute for a while, then by the catch-up', async () => {
    const { twin, put, items } = await start();
    await twin.advanceTo(START + 2 * MINUTE);
    await put('Arm', { customerId: 'past', dueAt: START + MINUTE });
    await put('Arm', { customerId: 'stuck', dueAt: START + 3 * MINUTE });
    await twin.advanceTo(START + 35 * MINUTE);
    // The sweep of the other customer's minute takes what it finds, here also the one that was set in the past.
    expect(await fired(items, 'past')).toHaveLength(1);
    expect(await fired(items, 'stuck')).toEqual([
      ...[3, 4, 5, 6, 7].map((minute) => `2026-03-01T12:0${minute}:00.000Z`),
      '2026-03-01T12:15:00.000Z',
      '2026-03-01T12:30:00.000Z',
    ]);
  });

  test('time does not run backwards, and not at all by hand once it is live', async () => {
    const { twin } = await start();
    await twin.advanceTo(START + MINUTE);
    await expect(twin.advanceTo(START)).rejects.toThrow(RangeError);
    const { twin: live } = await start();
    live.goLive();
    expect(Math.abs(live.now() - Date.now())).toBeLessThan(MINUTE);
    await expect(live.advanceTo(Date.now() + DAY)).rejects.toThrow(RangeError);
  });
});

describe('live', () => {
  test('work starts by itself, and listeners hear of the mail', async () => {
    const { twin, put } = await start();
    twin.goLive();
    const accepted = new Promise<void>((resolve) => {
      twin.onChange(() => {
        if (twin.mailbox.length > 0) resolve();
      });
    });
    await put('Mail', { customerId: 'c1', to: 'a@x.example' });
    await accepted;
    expect(twin.mailbox[0]).toMatchObject({ to: ['a@x.example'], tags: { c: 'c1' } });
  });
});
