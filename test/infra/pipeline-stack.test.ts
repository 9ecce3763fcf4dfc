import { beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { parseConfig, stageConfig } from '../../infra/config.ts';
import { ENVIRONMENT, FUNCTION_NAMES, type FunctionName } from '../../shared/contracts/environment.ts';
import {
  BATCH_WINDOW_SECONDS,
  FUNCTION_TIMEOUT_SECONDS,
  LEASE_SECONDS,
  MAX_RECEIVES,
  NETWORK_MARGIN_SECONDS,
  SES_TIMEOUT_SECONDS,
} from '../../shared/contracts/timing.ts';
import {
  namesOf,
  type Resource,
  resourcesOf,
  resourceWith,
  statementsOf,
  type Templates,
  templatesOf,
} from './templates.ts';

vi.stubEnv('CDK_VALIDATION', 'false');

const CONSUMERS = ['record', 'send', 'feedback'] as const;

let templates: Templates;

beforeAll(async () => {
  templates = await templatesOf();
});

const getAtt = (id: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [id, attribute] });
const functionOf = (name: string) =>
  resourceWith(templates.pipeline, 'AWS::Lambda::Function', 'FunctionName', `perennial-dev-${name}`);
const queueOf = (name: string) =>
  resourceWith(templates.pipeline, 'AWS::SQS::Queue', 'QueueName', `perennial-dev-${name}`);
const ruleOf = (name: string) => resourceWith(templates.pipeline, 'AWS::Events::Rule', 'Name', `perennial-dev-${name}`);
/** How a function is invoked by what does not wait for its answer. */
const asyncOf = (name: string) =>
  resourcesOf(templates.pipeline, 'AWS::Lambda::EventInvokeConfig')
    .map(({ properties }) => properties)
    .find(({ FunctionName: of }) => JSON.stringify(of) === JSON.stringify({ Ref: functionOf(name).id }));
const urlOf = (name: string) => {
  const target = JSON.stringify(getAtt(functionOf(name).id));
  const found = resourcesOf(templates.pipeline, 'AWS::Lambda::Url').filter(
    ({ properties }) => JSON.stringify(properties['TargetFunctionArn']) === target,
  );
  const [url] = found;
  if (url === undefined || found.length > 1) throw new Error(`${name} has ${found.length} URLs`);
  return url;
};
/** What anybody may call. */
const openCalls = () =>
  resourcesOf(templates.pipeline, 'AWS::Lambda::Permission')
    .map(({ properties }) => properties)
    .filter(({ Principal }) => Principal === '*');

function environmentOf(resource: Resource): Record<string, unknown> {
  return z.object({ Variables: z.record(z.string(), z.unknown()) }).parse(resource.properties['Environment']).Variables;
}

describe('what waits in a queue', () => {
  it('stays where it is: another logical id would be another queue', () => {
    const names = resourcesOf(templates.pipeline, 'AWS::SQS::Queue').map(({ id, properties }) => [
      id,
      properties['QueueName'],
    ]);
    expect(Object.fromEntries(names)).toEqual({
      CensusDeadQueue30DC8426: 'perennial-dev-census-dead',
      FeedbackDeadQueueC81265E6: 'perennial-dev-feedback-dead',
      FeedbackQueue213B2195: 'perennial-dev-feedback',
      RecordDeadQueueD63861B1: 'perennial-dev-record-dead',
      RecordQueueC2932324: 'perennial-dev-record',
      SendDeadQueueDE25C0EC: 'perennial-dev-send-dead',
      SendQueueB00D5D3C: 'perennial-dev-send',
      SweepDeadQueue4C58C0D5: 'perennial-dev-sweep-dead',
      UndeliveredQueue47FA64CB: 'perennial-dev-undelivered',
    });
  });
});

describe('every function', () => {
  it.each(FUNCTION_NAMES)('%s is given exactly the environment it reads', (name) => {
    expect(Object.keys(environmentOf(functionOf(name))).toSorted()).toEqual([...ENVIRONMENT[name]].toSorted());
  });

  it.each(FUNCTION_NAMES)('%s runs on Lambda as its contract says', (name) => {
    expect(functionOf(name).properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: FUNCTION_TIMEOUT_SECONDS[name],
      LoggingConfig: { LogFormat: 'JSON' },
    });
  });

  it.each(FUNCTION_NAMES)('%s keeps its log for the configured time only', (name) => {
    const group = resourceWith(
      templates.pipeline,
      'AWS::Logs::LogGroup',
      'LogGroupName',
      `/aws/lambda/perennial-dev-${name}`,
    );
    expect(group.properties['RetentionInDays']).toBe(stageConfig('dev').logRetentionDays);
    expect(functionOf(name).properties['LoggingConfig']).toMatchObject({ LogGroup: { Ref: group.id } });
  });

  it('gets settings as text, and an empty allow list as nobody', async () => {
    expect(environmentOf(functionOf('send'))).toMatchObject({
      SENDER: 'Kettle & Fern <hello@shop.example.com>',
      REPLY_TO: 'hello@shop.example.com',
      SENDING: 'shadow',
      ALLOW_LIST: '-',
      HOLDOUT_SHARE: '0.05',
      HOLDOUT_SALT: 'perennial',
      QUOTA_SHARE: '0.5',
      SENDERS: '2',
      WARM_UP: '-',
    });

    const config = parseConfig({
      ...stageConfig('dev'),
      sending: 'allow-list',
      allowList: ['a@example.com', 'b@example.com'],
      quotaShare: 0.25,
      sendConcurrency: 7,
      warmUp: { firstDay: 200, factor: 1.4 },
    });
    const { pipeline } = await templatesOf(config);
    const send = resourceWith(pipeline, 'AWS::Lambda::Function', 'FunctionName', 'perennial-dev-send');
    expect(environmentOf(send)).toMatchObject({
      SENDING: 'allow-list',
      ALLOW_LIST: 'a@example.com,b@example.com',
      QUOTA_SHARE: '0.25',
      SENDERS: '7',
      WARM_UP: '200,1.4',
    });
    // The rate is shared out among as many senders as there can be at once.
    expect(resourcesOf(pipeline, 'AWS::Lambda::EventSourceMapping').map((source) => source.properties)).toContainEqual(
      expect.objectContaining({ FunctionName: { Ref: send.id }, ScalingConfig: { MaximumConcurrency: 7 } }),
    );
  });
});

describe('a claim', () => {
  it.each(['record', 'send'] as const)('outlives the function %s and what it left on the network', (name) => {
    expect(LEASE_SECONDS).toBeGreaterThan(FUNCTION_TIMEOUT_SECONDS[name] + NETWORK_MARGIN_SECONDS);
  });

  it('outlasts an SES call that hangs within the time of its function', () => {
    expect(SES_TIMEOUT_SECONDS).toBeLessThan(FUNCTION_TIMEOUT_SECONDS.send);
  });
});

describe('every consumer', () => {
  it.each(CONSUMERS)('%s sees a failed message again only after its function must have ended', (name) => {
    expect(queueOf(name).properties['VisibilityTimeout']).toBe(
      6 * FUNCTION_TIMEOUT_SECONDS[name] + BATCH_WINDOW_SECONDS[name],
    );
  });

  it.each(CONSUMERS)('%s puts aside for two weeks what failed too often', (name) => {
    const dead = queueOf(`${name}-dead`);
    expect(queueOf(name).properties['RedrivePolicy']).toEqual({
      deadLetterTargetArn: getAtt(dead.id),
      maxReceiveCount: MAX_RECEIVES,
    });
    expect(dead.properties['MessageRetentionPeriod']).toBe(14 * 24 * 60 * 60);
  });

  it.each(CONSUMERS)('%s fails single messages instead of batches, with bounded concurrency', (name) => {
    const sources = resourcesOf(templates.pipeline, 'AWS::Lambda::EventSourceMapping');

    expect(sources.map((source) => source.properties)).toContainEqual(
      expect.objectContaining({
        EventSourceArn: getAtt(queueOf(name).id),
        FunctionName: { Ref: functionOf(name).id },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: expect.any(Number) },
      }),
    );
  });
});

describe('the routes of the bus', () => {
  it.each([
    ['record-events', { source: [{ 'anything-but': ['perennial'] }] }, 'record'],
    ['record-due', { source: ['perennial'], 'detail-type': ['Customer Due'] }, 'record'],
    ['record-refused', { source: ['perennial'], 'detail-type': ['Event Refused'] }, 'record-dead'],
    ['send-due', { source: ['perennial'], 'detail-type': ['Message Due'] }, 'send'],
  ])("%s picks %j from the shop's bus for the queue %s", (name, pattern, queue) => {
    const rule = ruleOf(name);

    expect(rule.properties['EventPattern']).toEqual(pattern);
    expect(rule.properties['EventBusName']).toEqual({
      'Fn::ImportValue': expect.stringContaining('Bus'),
    });
    expect(rule.properties['Targets']).toMatchObject([{ Arn: getAtt(queueOf(queue).id) }]);
  });

  it("feedback-reports picks from the account's bus what our configuration set sent, and no other mail", () => {
    const { properties } = ruleOf('feedback-reports');

    expect(properties).toMatchObject({ EventBusName: 'default', Targets: [{ Arn: getAtt(queueOf('feedback').id) }] });
    expect(properties['EventPattern']).toEqual({
      source: ['aws.ses'],
      detail: {
        mail: {
          tags: { 'ses:configuration-set': [{ 'Fn::ImportValue': expect.stringContaining('ConfigurationSet') }] },
        },
      },
    });
  });

  it('are these six, the minute and the night, so that no event is taken in twice', () => {
    expect(namesOf(templates.pipeline, 'AWS::Events::Rule', 'Name')).toEqual([
      'perennial-dev-census-nightly',
      'perennial-dev-census-unfinished',
      'perennial-dev-feedback-reports',
      'perennial-dev-record-due',
      'perennial-dev-record-events',
      'perennial-dev-record-refused',
      'perennial-dev-send-due',
      'perennial-dev-sweep-every-minute',
    ]);
  });

  it('keep what they cannot deliver', () => {
    for (const rule of resourcesOf(templates.pipeline, 'AWS::Events::Rule')) {
      expect(rule.properties['Targets']).toMatchObject([
        { DeadLetterConfig: { Arn: getAtt(queueOf('undelivered').id) } },
      ]);
    }
  });

  it.each([
    ['record', ['record-events', 'record-due']],
    ['record-dead', ['record-refused']],
    ['send', ['send-due']],
    ['feedback', ['feedback-reports']],
    [
      'undelivered',
      [
        'record-events',
        'record-due',
        'record-refused',
        'send-due',
        'feedback-reports',
        'sweep-every-minute',
        'census-nightly',
        'census-unfinished',
      ],
    ],
  ])('may write to the queue %s only by %j', (queue, rules) => {
    const document = z.object({
      PolicyDocument: z.object({
        Statement: z.array(z.looseObject({ Effect: z.string(), Condition: z.unknown() })),
      }),
      Queues: z.tuple([z.object({ Ref: z.string() })]),
    });
    const writers = resourcesOf(templates.pipeline, 'AWS::SQS::QueuePolicy')
      .map((resource) => document.parse(resource.properties))
      .filter((policy) => policy.Queues[0].Ref === queueOf(queue).id)
      .flatMap((policy) => policy.PolicyDocument.Statement)
      .filter((statement) => statement.Effect === 'Allow')
      .map((statement) => statement.Condition);
    expect(writers).toEqual(
      expect.arrayContaining(rules.map((rule) => ({ ArnEquals: { 'aws:SourceArn': getAtt(ruleOf(rule).id) } }))),
    );
    expect(writers).toHaveLength(rules.length);
  });
});

describe('the sweep', () => {
  it('runs every minute, and the next minute is its retry', () => {
    expect(ruleOf('sweep-every-minute').properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ Arn: getAtt(functionOf('sweep').id), RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
    expect(asyncOf('sweep')).toMatchObject({
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: getAtt(queueOf('sweep-dead').id) } },
    });
  });

  it('ends before the next one begins', () => {
    expect(FUNCTION_TIMEOUT_SECONDS.sweep).toBeLessThan(60);
  });
});

describe('the census', () => {
  it('is taken every night, and gone on with when it says that it did not come to the end', () => {
    const target = [{ Arn: getAtt(functionOf('census').id), RetryPolicy: { MaximumRetryAttempts: 2 } }];
    expect(ruleOf('census-nightly').properties).toMatchObject({
      ScheduleExpression: 'cron(10 2 * * ? *)',
      Targets: target,
    });
    expect(ruleOf('census-unfinished').properties).toMatchObject({
      EventPattern: { source: ['perennial'], 'detail-type': ['Census Unfinished'] },
      Targets: target,
    });
  });

  it('goes on where it failed, and is heard of when it keeps failing', () => {
    expect(asyncOf('census')).toMatchObject({
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: getAtt(queueOf('census-dead').id) } },
    });
  });

  it('may read every customer and change none', () => {
    const onTable = statementsOf(templates.pipeline, 'perennial-dev-census').filter(
      ({ Action, Resource }) =>
        Action.some((action) => action.startsWith('dynamodb:')) && !JSON.stringify(Resource).includes('Content'),
    );
    expect(onTable.map(({ Action, Condition }) => ({ Action, Condition }))).toEqual([
      { Action: ['dynamodb:Query'], Condition: undefined },
      { Action: ['dynamodb:BatchGetItem'], Condition: undefined },
      {
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['CENSUS*'] } },
      },
    ]);
  });
});

describe.each(['preferences', 'ingest'])('the function %s, which the internet can reach,', (name) => {
  it('is open to everybody and to no script of another site', () => {
    expect(urlOf(name).properties).toEqual({ AuthType: 'NONE', TargetFunctionArn: getAtt(functionOf(name).id) });
  });

  it('can be called by its URL alone', () => {
    const FunctionName = getAtt(functionOf(name).id);
    const calls = openCalls().filter((each) => JSON.stringify(each['FunctionName']) === JSON.stringify(FunctionName));
    expect(openCalls()).toHaveLength(2 * 2);
    expect(calls).toHaveLength(2);
    expect(calls).toEqual(
      expect.arrayContaining([
        { Action: 'lambda:InvokeFunctionUrl', FunctionName, FunctionUrlAuthType: 'NONE', Principal: '*' },
        { Action: 'lambda:InvokeFunction', FunctionName, InvokedViaFunctionUrl: true, Principal: '*' },
      ]),
    );
  });
});

describe('the pages for readers', () => {
  it('share the concurrency of the account unless some is set apart for them, or for the intake, which has a limit of its own', async () => {
    expect(functionOf('preferences').properties).not.toHaveProperty('ReservedConcurrentExecutions');
    expect(environmentOf(functionOf('ingest'))).toMatchObject({ INTAKE_RATE: '25' });
    const limits = { pagesConcurrency: 3, intakeConcurrency: 4, intakeRate: 5 };
    const { pipeline } = await templatesOf({ ...stageConfig('dev'), ...limits });
    const Environment = { Variables: { INTAKE_RATE: '5' } };
    pipeline.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'perennial-dev-ingest', Environment });
    for (const [name, ReservedConcurrentExecutions] of [
      ['preferences', 3],
      ['ingest', 4],
    ] as const) {
      const FunctionName = `perennial-dev-${name}`;
      pipeline.hasResourceProperties('AWS::Lambda::Function', { FunctionName, ReservedConcurrentExecutions });
      pipeline.resourcePropertiesCountIs('AWS::Lambda::Function', { ReservedConcurrentExecutions }, 1);
    }
  });

  it('take no concurrency away from the rest of a small account', () => {
    for (const fn of resourcesOf(templates.pipeline, 'AWS::Lambda::Function')) {
      expect(fn.properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });

  it('are where links in mails lead, unless the shop has a domain in front of them', async () => {
    const { id } = urlOf('preferences');
    expect(environmentOf(functionOf('send'))).toMatchObject({ LINK_BASE: getAtt(id, 'FunctionUrl') });

    const linkBase = 'https://mail.shop.example.com/';
    const { pipeline } = await templatesOf(parseConfig({ ...stageConfig('dev'), linkBase }));
    const send = resourceWith(pipeline, 'AWS::Lambda::Function', 'FunctionName', 'perennial-dev-send');
    expect(environmentOf(send)).toMatchObject({ LINK_BASE: linkBase });
  });
});

describe('the rights of', () => {
  const own = {
    log: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    content: ['dynamodb:GetItem'],
    secrets: ['secretsmanager:GetSecretValue'],
    queue: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  };

  it.each<[FunctionName, string[][]]>([
    [
      'record',
      [
        own.log,
        own.content,
        ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        ['events:PutEvents'],
        own.secrets,
        own.queue,
      ],
    ],
    ['sweep', [own.log, ['dynamodb:Query'], ['events:PutEvents'], ['sqs:SendMessage']]],
    [
      'census',
      [
        own.log,
        own.content,
        ['dynamodb:Query'],
        ['dynamodb:BatchGetItem'],
        ['dynamodb:GetItem', 'dynamodb:PutItem'],
        ['events:PutEvents'],
        ['sqs:SendMessage'],
      ],
    ],
    [
      'send',
      [
        own.log,
        own.content,
        ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem'],
        ['dynamodb:Query'],
        ['dynamodb:UpdateItem'],
        ['ses:GetSendQuota'],
        own.secrets,
        ['ses:SendRawEmail'],
        own.queue,
      ],
    ],
    [
      'feedback',
      [
        own.log,
        own.content,
        ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        ['events:PutEvents'],
        own.secrets,
        own.queue,
      ],
    ],
    ['preferences', [own.log, ['dynamodb:GetItem'], ['dynamodb:PutItem'], ['events:PutEvents'], own.secrets]],
    [
      'ingest',
      [own.log, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], ['events:PutEvents'], own.secrets],
    ],
  ])('%s are these and no more', (name, actions) => {
    const statements = statementsOf(templates.pipeline, `perennial-dev-${name}`);

    expect(statements.map((statement) => statement.Action)).toEqual(actions);
    expect(statements.every((statement) => statement.Effect === 'Allow')).toBe(true);
  });

  it.each(FUNCTION_NAMES)('%s name every resource in full', (name) => {
    for (const { Action, Resource } of statementsOf(templates.pipeline, `perennial-dev-${name}`)) {
      // The quota is the account's: IAM has no narrower resource for it.
      const ofAccount = Action.length === 1 && Action[0] === 'ses:GetSendQuota';
      // Nor is it known who of those who get mail is verified in the account.
      const named = JSON.stringify(ofAccount ? Action : [Action, Resource]).replace(':identity/*"', '"');
      expect(named).not.toContain('*');
      expect(named.includes('identity') && name !== 'send').toBe(false);
    }
  });

  it.each([
    ['record', ['AddressSecret']],
    ['send', ['AddressSecret', 'LinkSecret']],
    ['feedback', ['AddressSecret']],
    ['preferences', ['AddressSecret', 'LinkSecret']],
    ['ingest', ['IntakeSecret']],
  ])('%s end at the secrets %j', (name, secrets) => {
    const resources = statementsOf(templates.pipeline, `perennial-dev-${name}`)
      .filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))
      .flatMap(({ Resource }) => Resource);
    expect(resources).toEqual(secrets.map((secret) => ({ 'Fn::ImportValue': expect.stringContaining(secret) })));
  });

  it.each(FUNCTION_NAMES)('%s may read what is published at most, and write none of it', (name) => {
    const onContent = statementsOf(templates.pipeline, `perennial-dev-${name}`).filter(({ Resource }) =>
      JSON.stringify(Resource).includes('Content'),
    );
    expect(onContent.flatMap(({ Action }) => Action)).toEqual(
      ['sweep', 'ingest'].includes(name) ? [] : ['dynamodb:GetItem'],
    );
  });

  it('preferences, which the internet can call, write what is known of addresses and no customer', () => {
    const writes = statementsOf(templates.pipeline, 'perennial-dev-preferences').filter(({ Action }) =>
      Action.some((action) => /^dynamodb:(?!GetItem)/.test(action)),
    );
    expect(writes.map(({ Action, Condition }) => ({ Action, Condition }))).toEqual([
      {
        Action: ['dynamodb:PutItem'],
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['ADDRESS#*'] } },
      },
    ]);
  });

  it('ingest, which the internet can call, end at the requests it has taken', () => {
    const onTable = statementsOf(templates.pipeline, 'perennial-dev-ingest').filter(({ Action }) =>
      Action.some((action) => action.startsWith('dynamodb:')),
    );
    expect(onTable.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['INTAKE#*'] } },
    ]);
  });

  it('send look up codes alone, and update codes and budgets alone', () => {
    const limited = statementsOf(templates.pipeline, 'perennial-dev-send').filter(({ Action }) =>
      Action.some((action) => ['dynamodb:Query', 'dynamodb:UpdateItem'].includes(action)),
    );
    expect(limited.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['CODES#*'] } },
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['CODES#*', 'OFFER#*'] } },
    ]);
  });

  it('sweep end at the due index', () => {
    const [resource] = statementsOf(templates.pipeline, 'perennial-dev-sweep').flatMap((statement) =>
      statement.Action.includes('dynamodb:Query') ? statement.Resource : [],
    );
    expect(JSON.stringify(resource)).toMatch(/"\/index\/due"\]\]\}$/);
  });

  it('send cover mail from the configured address alone', () => {
    const mail = statementsOf(templates.pipeline, 'perennial-dev-send').find((statement) =>
      statement.Action.includes('ses:SendRawEmail'),
    );
    expect(mail?.Condition).toEqual({ StringEquals: { 'ses:FromAddress': 'hello@shop.example.com' } });
    expect(mail?.Resource).toHaveLength(2);
    // Any identity: SES asks about the recipient's, too, where a colleague's address is verified in the account.
    expect(JSON.stringify(mail?.Resource)).toMatch(/:configuration-set\/",\{"Fn::ImportValue".*:identity\/\*"/);
  });

  it('nobody come from a managed policy', () => {
    for (const role of resourcesOf(templates.pipeline, 'AWS::IAM::Role')) {
      expect(role.properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });
});

it('every queue is encrypted and refuses plain HTTP', () => {
  const queues = resourcesOf(templates.pipeline, 'AWS::SQS::Queue');
  const policies = resourcesOf(templates.pipeline, 'AWS::SQS::QueuePolicy').map((policy) => policy.properties);

  expect(queues.length).toBeGreaterThan(0);
  for (const queue of queues) {
    expect(queue.properties['SqsManagedSseEnabled']).toBe(true);
    expect(policies).toContainEqual(
      expect.objectContaining({
        Queues: [{ Ref: queue.id }],
        PolicyDocument: expect.objectContaining({
          Statement: expect.arrayContaining([
            expect.objectContaining({
              Effect: 'Deny',
              Action: 'sqs:*',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            }),
          ]),
        }),
      }),
    );
  }
});
