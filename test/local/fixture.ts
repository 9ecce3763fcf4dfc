/**
 * A small shop deployment as CDK would synthesize it: two stacks, intrinsics and an export between them, five
 * functions with real bundles. Written to a temporary directory, so that tests of the twin need no CDK.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { OUTCOME_KINDS } from '../../infra/local/ses-events.ts';
import { DUE_SHARDS } from '../../shared/contracts/table.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Resources = Record<string, { Type: string; Properties: Record<string, Json> }>;
/** Edits the pipeline stack's resources before they are written. */
export type AssemblyChange = (resources: Resources) => void;

/** What `record` does with an event depends on its detail-type; every test finds the behaviour it needs here. */
const RECORD = `
import { DynamoDBClient, PutItemCommand, DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
const table = new DynamoDBClient({});
const bus = new EventBridgeClient({});
const ses = new SESClient({ maxAttempts: 1 });
const TableName = process.env.TABLE_NAME;
const S = (value) => ({ S: String(value) });
const put = (pk, sk, more = {}) => table.send(new PutItemCommand({ TableName, Item: { pk: S(pk), sk: S(sk), ...more } }));

async function handle(event, record) {
  const { customerId, dueAt, id } = event.detail;
  switch (event['detail-type']) {
    case 'Note':
      return put(customerId, 'NOTE#' + (id ?? event.id), { at: { N: String(Date.now()) }, receives: S(record.attributes.ApproximateReceiveCount) });
    case 'Arm':
      return put(customerId, 'PROFILE', { dueShard: { N: String(event.detail.shard ?? 0) }, dueAt: { N: String(dueAt) } });
    case 'Customer Due':
      for (const one of event.detail.customerIds) {
        await put(one, 'FIRED#' + new Date().toISOString());
        if (!one.startsWith('stuck')) await table.send(new UpdateItemCommand({ TableName, Key: { pk: S(one), sk: S('PROFILE') }, UpdateExpression: 'REMOVE dueAt' }));
      }
      return;
    case 'Announce':
      return bus.send(new PutEventsCommand({ Entries: [{ EventBusName: process.env.BUS_NAME, Source: 'perennial', DetailType: 'Message Due', Detail: JSON.stringify({ customerId }) }] }));
    case 'Throw':
      throw new RangeError('thrown on purpose');
    case 'Hang':
      return new Promise(() => setInterval(() => undefined, 1000));
    case 'Exit':
      return process.exit(3);
    case 'Leak': {
      const kept = [];
      for (;;) kept.push(new Array(1000).fill(kept.length));
    }
    case 'Forbidden':
      return table.send(new DeleteItemCommand({ TableName, Key: { pk: S(customerId), sk: S('PROFILE') } }));
    case 'Environment':
      return put(customerId, 'ENVIRONMENT', { json: S(JSON.stringify(process.env)) });
    case 'Mail':
      return ses.send(new SendRawEmailCommand({
        RawMessage: { Data: Buffer.from('From: Shop <hello@shop.example.com>\\r\\nTo: ' + event.detail.to + '\\r\\nSubject: Hi\\r\\n\\r\\nBody') },
        Tags: [{ Name: 'c', Value: customerId }],
        ConfigurationSetName: process.env.CONFIGURATION_SET,
      }));
    case 'Log':
      console.log(event.detail.text);
      return;
    case 'Metric':
      console.log(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'Test', Dimensions: [['type']], Metrics: [{ Name: 'Things', Unit: 'Count' }] }] }, type: event.detail.type, Things: event.detail.count }));
      return;
    case 'Clock':
      return put(customerId, 'CLOCK', { json: S(JSON.stringify([Date.now(), new Date().getTime(), new Date(0).getTime(), typeof Date(), new Date() instanceof Date, new (class extends Date {})().getTime()])) });
  }
}

export async function handler({ Records }) {
  const failures = [];
  for (const record of Records) {
    const event = JSON.parse(record.body);
    if (event['detail-type'] === 'Fail Item') failures.push({ itemIdentifier: record.messageId });
    else if (event['detail-type'] === 'Stranger') failures.push({ itemIdentifier: 'stranger' });
    else await handle(event, record);
  }
  return { batchItemFailures: failures };
}
`;

const SWEEP = `
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
const table = new DynamoDBClient({});
const bus = new EventBridgeClient({});
export async function handler(event) {
  const minute = Date.parse(event.time);
  console.log('sweep ' + event.time);
  const pages = await Promise.all(Array.from({ length: ${DUE_SHARDS} }, (_none, shard) => table.send(new QueryCommand({
    TableName: process.env.TABLE_NAME, IndexName: 'due',
    KeyConditionExpression: '#s = :s AND #d <= :d',
    ExpressionAttributeNames: { '#s': 'dueShard', '#d': 'dueAt' },
    ExpressionAttributeValues: { ':s': { N: String(shard) }, ':d': { N: String(minute) } },
  }))));
  const items = pages.flatMap((page) => page.Items);
  if (items.length === 0) return;
  const customerIds = items.map((item) => item.pk.S);
  await bus.send(new PutEventsCommand({ Entries: [{ EventBusName: process.env.BUS_NAME, Source: 'perennial', DetailType: 'Customer Due', Detail: JSON.stringify({ customerIds }) }] }));
}
`;

const SEND = `
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
const ses = new SESClient({ maxAttempts: 1 });
export async function handler({ Records }) {
  for (const { body } of Records) {
    const { customerId } = JSON.parse(body).detail;
    await ses.send(new SendRawEmailCommand({
      RawMessage: { Data: Buffer.from('From: hello@shop.example.com\\r\\nTo: ' + customerId + '@example.com\\r\\nSubject: Hi\\r\\n\\r\\nBody') },
      Tags: [{ Name: 'c', Value: customerId }],
      ConfigurationSetName: 'mail',
    }));
  }
}
`;

/** Keeps every event of SES as an item of the customer in the mail's tags. */
const FEEDBACK = `
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
const table = new DynamoDBClient({});
export async function handler({ Records }) {
  for (const { body } of Records) {
    const event = JSON.parse(body);
    const { mail, eventType } = event.detail;
    await table.send(new PutItemCommand({ TableName: process.env.TABLE_NAME, Item: { pk: { S: mail?.tags?.c?.[0] ?? 'unknown' }, sk: { S: 'SES#' + event.time + '#' + eventType + '#' + event.id }, json: { S: body } } }));
  }
}
`;

/** What `page` answers depends on the path. */
const PAGE = `
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
const bus = new EventBridgeClient({});
const secrets = new SecretsManagerClient({});
export async function handler(event) {
  switch (event.rawPath) {
    case '/json': return { hello: 'you' };
    case '/text': return 'plain';
    case '/nothing': return undefined;
    case '/html': return { statusCode: 201, headers: { 'Content-Type': 'text/html; charset=utf-8', 'X-Number': 1 }, body: '<p>\u00e9</p>' };
    case '/cookies': return { statusCode: 204, cookies: ['a=1; Secure', 'b=2'] };
    case '/binary': return { statusCode: 200, headers: { 'content-type': 'image/gif' }, isBase64Encoded: true, body: 'AP+A' };
    case '/malformed': return { statusCode: 'fine', body: { no: 'text' } };
    case '/large': return { statusCode: 200, body: 'x'.repeat(6 * 1024 * 1024) };
    case '/throw': throw new RangeError('thrown on purpose');
    case '/clock': return { now: Date.now() };
    case '/slow': {
      const before = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { moved: Date.now() - before };
    }
    case '/put': return bus.send(new PutEventsCommand({ Entries: [{ EventBusName: process.env.BUS_NAME, Source: 'page', DetailType: 'Note', Detail: event.body }] }));
    case '/secret': {
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: event.rawQueryString === 'other' ? process.env.OTHER_SECRET : process.env.LINK_SECRET }));
      return { SecretString };
    }
    default: return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) };
  }
}
`;

const SOURCES: Readonly<Record<string, string>> = {
  record: RECORD,
  sweep: SWEEP,
  send: SEND,
  feedback: FEEDBACK,
  page: PAGE,
};
let bundles: Promise<ReadonlyMap<string, string>> | undefined;

/** The bundles are the same for every test of a file. */
function bundled(): Promise<ReadonlyMap<string, string>> {
  bundles ??= Promise.all(
    Object.entries(SOURCES).map(async ([name, contents]): Promise<[string, string]> => {
      const result = await build({
        stdin: { contents, resolveDir: process.cwd(), sourcefile: `${name}.mjs` },
        bundle: true,
        format: 'esm',
        platform: 'node',
        target: 'node20',
        mainFields: ['module', 'main'],
        minify: true,
        write: false,
        banner: { js: `import{createRequire}from'node:module';const require=createRequire(import.meta.url);` },
      });
      return [name, result.outputFiles[0]?.text ?? ''];
    }),
  ).then((pairs) => new Map(pairs));
  return bundles;
}

const ref = (id: string): Json => ({ Ref: id });
const arn = (id: string): Json => ({ 'Fn::GetAtt': [id, 'Arn'] });
const imported = (name: string): Json => ({ 'Fn::ImportValue': name });
const allow = (Action: Json, Resource: Json, Condition?: Json): Json => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition !== undefined && { Condition }),
});
const policy = (...Statement: Json[]): Json => ({ Version: '2012-10-17', Statement });

function lambda(name: string, environment: Record<string, Json>, more: Record<string, Json> = {}): Resources {
  return {
    [`${name}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: policy(),
        ManagedPolicyArns: [
          {
            'Fn::Join': [
              '',
              ['arn:', ref('AWS::Partition'), ':iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
            ],
          },
        ],
      },
    },
    [name]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: name,
        Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}-${AWS::Region}' }, S3Key: `${name}.zip` },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: arn(`${name}Role`),
        Timeout: 2,
        MemorySize: 128,
        Environment: { Variables: environment },
        ...more,
      },
    },
  };
}

function queue(name: string, more: Record<string, Json> = {}): Resources {
  return {
    [`${name}Dead`]: {
      Type: 'AWS::SQS::Queue',
      Properties: { QueueName: `${name}-dead`, MessageRetentionPeriod: 1_209_600 },
    },
    [name]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: name,
        VisibilityTimeout: 12,
        RedrivePolicy: { deadLetterTargetArn: arn(`${name}Dead`), maxReceiveCount: 3 },
        ...more,
      },
    },
    [`${name}Policy`]: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref(name)],
        PolicyDocument: policy(
          {
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 'sqs:*',
            Resource: arn(name),
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
          {
            ...Object(allow('sqs:SendMessage', arn(name), { ArnEquals: { 'aws:SourceArn': arn(`${name}Rule`) } })),
            Principal: { Service: 'events.amazonaws.com' },
          },
        ),
      },
    },
  };
}

function consumer(name: string, source: string): Resources {
  return {
    [`${name}Source`]: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: ref(name),
        EventSourceArn: arn(source),
        BatchSize: 10,
        MaximumBatchingWindowInSeconds: 1,
        ScalingConfig: { MaximumConcurrency: 2 },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
  };
}

const CONSUME = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

function secret(Name: string, GenerateSecretString: Json): Resources[string] {
  return { Type: 'AWS::SecretsManager::Secret', Properties: { Name, GenerateSecretString } };
}

function dataStack(): Resources {
  return {
    Customers: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        TableName: 'customers-test',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
          { AttributeName: 'dueShard', AttributeType: 'N' },
          { AttributeName: 'dueAt', AttributeType: 'N' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'due',
            KeySchema: [
              { AttributeName: 'dueShard', KeyType: 'HASH' },
              { AttributeName: 'dueAt', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
        Replicas: [{ Region: ref('AWS::Region') }],
      },
    },
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'customers' } },
    Identity: { Type: 'AWS::SES::EmailIdentity', Properties: { EmailIdentity: 'shop.example.com' } },
    Set: { Type: 'AWS::SES::ConfigurationSet', Properties: { Name: 'mail' } },
    SetReports: {
      Type: 'AWS::SES::ConfigurationSetEventDestination',
      Properties: {
        ConfigurationSetName: ref('Set'),
        EventDestination: {
          Enabled: true,
          EventBridgeDestination: {
            EventBusArn: {
              'Fn::Sub': 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default',
            },
          },
          MatchingEventTypes: OUTCOME_KINDS.filter((kind) => kind !== 'open'),
        },
      },
    },
    Links: secret('shop-links', { PasswordLength: 43, ExcludePunctuation: true }),
    Addresses: secret('shop-addresses', {}),
    Metadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2:none' } },
  };
}

function pipelineStack(): Resources {
  const table = imported('Data:TableArn');
  const environment = { TABLE_NAME: imported('Data:Table'), BUS_NAME: imported('Data:Bus'), CONFIGURATION_SET: 'mail' };
  const sesArn = (rest: string): Json => ({
    'Fn::Join': [
      '',
      ['arn:', ref('AWS::Partition'), ':ses:', ref('AWS::Region'), ':', ref('AWS::AccountId'), `:${rest}`],
    ],
  });
  const sending = allow('ses:SendRawEmail', [sesArn('identity/shop.example.com'), sesArn('configuration-set/mail')], {
    StringEquals: { 'ses:FromAddress': 'hello@shop.example.com' },
  });
  const intake = { 'anything-but': 'perennial' };
  return {
    ...queue('intake'),
    ...queue('mail'),
    ...lambda('record', environment),
    ...lambda('send', environment),
    ...lambda('sweep', environment),
    ...consumer('record', 'intake'),
    ...consumer('send', 'mail'),
    ...queue('reports'),
    ...lambda('feedback', environment),
    ...consumer('feedback', 'reports'),
    feedbackPolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'feedback',
        Roles: [ref('feedbackRole')],
        PolicyDocument: policy(allow(CONSUME, arn('reports')), allow('dynamodb:PutItem', table)),
      },
    },
    reportsRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: 'default',
        EventPattern: { source: ['aws.ses'], detail: { mail: { tags: { 'ses:configuration-set': ['mail'] } } } },
        State: 'ENABLED',
        Targets: [{ Id: 'Target0', Arn: arn('reports') }],
      },
    },
    ...lambda('page', {
      BUS_NAME: imported('Data:Bus'),
      LINK_SECRET: imported('Data:Links'),
      OTHER_SECRET: imported('Data:Addresses'),
      LINK_BASE: { 'Fn::GetAtt': ['pageUrl', 'FunctionUrl'] },
    }),
    pagePolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'page',
        Roles: [ref('pageRole')],
        PolicyDocument: policy(
          allow('events:PutEvents', imported('Data:BusArn')),
          allow('secretsmanager:GetSecretValue', imported('Data:Links')),
        ),
      },
    },
    pageUrl: { Type: 'AWS::Lambda::Url', Properties: { AuthType: 'NONE', TargetFunctionArn: arn('page') } },
    pageUrlPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunctionUrl',
        FunctionName: arn('page'),
        FunctionUrlAuthType: 'NONE',
        Principal: '*',
      },
    },
    pagePermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: arn('page'),
        InvokedViaFunctionUrl: true,
        Principal: '*',
      },
    },
    recordPolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'record',
        Roles: [ref('recordRole')],
        PolicyDocument: policy(
          allow(CONSUME, arn('intake')),
          allow(['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:GetItem'], table),
          allow('events:PutEvents', imported('Data:BusArn')),
          sending,
        ),
      },
    },
    sendPolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'send',
        Roles: [ref('sendRole')],
        PolicyDocument: policy(allow(CONSUME, arn('mail')), sending),
      },
    },
    sweepPolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'sweep',
        Roles: [ref('sweepRole')],
        PolicyDocument: policy(
          allow('dynamodb:Query', { 'Fn::Join': ['', [table, '/index/due']] }),
          allow('events:PutEvents', imported('Data:BusArn')),
          allow('sqs:SendMessage', arn('sweepDead')),
        ),
      },
    },
    sweepDead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'sweep-dead' } },
    sweepInvoke: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: ref('sweep'),
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 1,
        DestinationConfig: { OnFailure: { Destination: arn('sweepDead') } },
      },
    },
    intakeRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: imported('Data:Bus'),
        EventPattern: { $or: [{ source: [intake] }, { source: ['perennial'], 'detail-type': ['Customer Due'] }] },
        State: 'ENABLED',
        Targets: [{ Id: 'Target0', Arn: arn('intake') }],
      },
    },
    mailRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: imported('Data:Bus'),
        EventPattern: { source: ['perennial'], 'detail-type': ['Message Due'] },
        State: 'ENABLED',
        Targets: [{ Id: 'Target0', Arn: arn('mail') }],
      },
    },
    minuteRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(1 minute)',
        State: 'ENABLED',
        Targets: [{ Id: 'Target0', Arn: arn('sweep') }],
      },
    },
    minutePermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: arn('sweep'),
        Principal: 'events.amazonaws.com',
        SourceArn: arn('minuteRule'),
      },
    },
  };
}

/** Writes the assembly and returns its directory. */
export async function writeAssembly(change: AssemblyChange = () => undefined): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'twin-assembly-'));
  const pipeline = pipelineStack();
  change(pipeline);
  const write = (file: string, content: Json): void => writeFileSync(join(directory, file), JSON.stringify(content));
  const files: Record<string, Json> = {};
  for (const [name, code] of await bundled()) {
    mkdirSync(join(directory, `asset.${name}`));
    writeFileSync(join(directory, `asset.${name}`, 'index.mjs'), code);
    files[name] = {
      source: { path: `asset.${name}`, packaging: 'zip' },
      destinations: { current: { bucketName: 'assets', objectKey: `${name}.zip` } },
    };
  }
  const exported = (Value: Json, Name: string): Json => ({ Value, Export: { Name } });
  write('Data.template.json', {
    Resources: dataStack(),
    Outputs: {
      Table: exported(ref('Customers'), 'Data:Table'),
      TableArn: exported(arn('Customers'), 'Data:TableArn'),
      Bus: exported(ref('Bus'), 'Data:Bus'),
      BusArn: exported(arn('Bus'), 'Data:BusArn'),
      Links: exported(ref('Links'), 'Data:Links'),
      Addresses: exported(ref('Addresses'), 'Data:Addresses'),
    },
  });
  write('Pipeline.template.json', { Resources: pipeline });
  write('Pipeline.assets.json', { version: '1', files });
  const environment = 'aws://unknown-account/unknown-region';
  const stack = (templateFile: string, dependencies: string[]): Json => ({
    type: 'aws:cloudformation:stack',
    environment,
    dependencies,
    properties: { templateFile },
  });
  write('manifest.json', {
    version: '1',
    artifacts: {
      Pipeline: stack('Pipeline.template.json', ['Pipeline.assets', 'Data']),
      'Pipeline.assets': { type: 'cdk:asset-manifest', properties: { file: 'Pipeline.assets.json' } },
      Data: stack('Data.template.json', []),
    },
  });
  return directory;
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}
