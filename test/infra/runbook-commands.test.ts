/**
 * What the commands of the runbook name and ask for is there: each queue, rule, function and table in the templates, each field
 * in what AWS answers. Whoever is woken finds no typing error; that the commands run is tried elsewhere, for one of each kind.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { search } from '@aws-lambda-powertools/jmespath';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../../infra/cache.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { articlesOfRunbook, commandsOfRunbook, readRunbook } from '../docs/runbook.ts';
import { alarmedMetrics, dashboardsOf, metricsOf } from '../support/watched-metrics.ts';
import { namesOf, resourcesOf, type Templates, templatesOf } from './templates.ts';

vi.stubEnv('CDK_VALIDATION', 'false');

/** What a loop does, once for each name. */
function unrolled(text: string): readonly string[] {
  const [, names = '', body = ''] = /^for name in ([a-z ]+); do (.*); done$/u.exec(text) ?? [];
  return body === '' ? [text] : names.split(' ').map((name) => body.replaceAll('$name', name));
}

const commands = (await commandsOfRunbook())
  .flatMap(({ text }) => unrolled(text))
  .map((text) => text.replaceAll('$STAGE', 'dev').replaceAll('$BUS', 'customers'));

/** Where a name stands in a command, what follows it, and what it is the name of. */
const PLACES: readonly (readonly [place: RegExp, kind: Kind])[] = [
  [/ --queue-name "([^"]*)"/gu, 'queue'],
  [/^npm run redrive -- ([a-z-]+)/gu, 'dead-letter queue'],
  [/ --function-name "([^"]*)"/gu, 'function'],
  [/Name=FunctionName,Value=([^" ]*)/gu, 'function'],
  [/ --log-group-name "([^"]*)"/gu, 'log group'],
  [/ --secret-id "([^"]*)"/gu, 'secret'],
  [/ --table-name "([^"]*)"/gu, 'table'],
  [/Name=TableName,Value=([^" ]*)/gu, 'table'],
  [/ --index-name ([a-z]+)/gu, 'index'],
  [/ events (?:describe|enable)-rule --event-bus-name "customers" --name "([^"]*)"/gu, 'rule of the bus'],
  [/ events (?:describe|enable)-rule --name "([^"]*)"/gu, 'rule'],
  [/"Name=EventBusName,Value=customers" "Name=RuleName,Value=([^"]*)"/gu, 'rule of the bus'],
  [/ --configuration-set-name "([^"]*)"/gu, 'configuration set'],
  [/"Name=ses:configuration-set,Value=([^"]*)"/gu, 'configuration set'],
  [/ --stack-name "([^"]*)"/gu, 'stack'],
  [/ --topic-arn "arn:aws:sns:[^)]*\):([^"]*)"/gu, 'topic'],
  [/ --alarm-name-prefix "([^"]*)"/gu, 'beginning of an alarm'],
];
type Kind =
  | 'queue'
  | 'dead-letter queue'
  | 'function'
  | 'log group'
  | 'secret'
  | 'table'
  | 'index'
  | 'rule'
  | 'rule of the bus'
  | 'configuration set'
  | 'stack'
  | 'topic'
  | 'beginning of an alarm';

const referencesIn = (text: string) =>
  PLACES.flatMap(([place, kind]) => [...text.matchAll(place)].map(([, name = '']) => ({ kind, name, text })));

let templates: Templates;
let known: Readonly<Record<Kind, ReadonlySet<string>>>;
beforeAll(async () => {
  templates = await templatesOf();
  const { data, pipeline } = templates;
  const queues = namesOf(pipeline, 'AWS::SQS::Queue', 'QueueName');
  const rules = (hasBus: boolean) =>
    resourcesOf(pipeline, 'AWS::Events::Rule')
      .filter(({ properties }) => 'EventBusName' in properties === hasBus)
      .map(({ properties }) => z.string().parse(properties['Name']));
  const indexes = z.array(z.object({ IndexName: z.string() }));
  const alarms = namesOf(pipeline, 'AWS::CloudWatch::Alarm', 'AlarmName');
  known = {
    queue: new Set(queues),
    'dead-letter queue': new Set(
      queues.filter((name) => /-(?:dead|undelivered)$/u.test(name)).map((name) => name.replace('perennial-dev-', '')),
    ),
    function: new Set(namesOf(pipeline, 'AWS::Lambda::Function', 'FunctionName')),
    'log group': new Set(namesOf(pipeline, 'AWS::Logs::LogGroup', 'LogGroupName')),
    secret: new Set(namesOf(data, 'AWS::SecretsManager::Secret', 'Name')),
    table: new Set(namesOf(data, 'AWS::DynamoDB::GlobalTable', 'TableName')),
    index: new Set(
      resourcesOf(data, 'AWS::DynamoDB::GlobalTable').flatMap(({ properties }) =>
        indexes.parse(properties['GlobalSecondaryIndexes'] ?? []).map(({ IndexName }) => IndexName),
      ),
    ),
    rule: new Set(rules(false)),
    'rule of the bus': new Set(rules(true)),
    'configuration set': new Set(namesOf(data, 'AWS::SES::ConfigurationSet', 'Name')),
    stack: new Set(['PerennialData-dev', 'PerennialPipeline-dev']),
    topic: new Set(namesOf(pipeline, 'AWS::SNS::Topic', 'TopicName')),
    'beginning of an alarm': new Set(
      alarms.flatMap((name) => Array.from(name, (_letter, index) => name.slice(0, index + 1))),
    ),
  };
});

describe('what commands name', () => {
  it('is in the templates', () => {
    const references = commands.flatMap(referencesIn);
    expect(new Set(references.map(({ kind }) => kind))).toEqual(new Set(Object.keys(known)));
    expect(references.filter(({ kind, name }) => !known[kind].has(name))).toEqual([]);
  });

  it('is looked up, wherever it stands', () => {
    const unseen = commands.filter((text) => {
      const named = text.match(/perennial-dev|Perennial[A-Z][a-z]+-dev|npm run redrive -- [a-z]/gu) ?? [];
      return named.length !== referencesIn(text).filter(({ kind }) => kind !== 'index').length;
    });
    expect(unseen).toEqual([]);
  });

  it('is there in the sentences as well', async () => {
    const all = new Set(Object.values(known).flatMap((names) => [...names]));
    const named = [...(await readRunbook()).matchAll(/`perennial-STAGE-([a-z-]+)`/gu)];
    expect(named.map(([, name]) => name).filter((name) => !all.has(`perennial-dev-${name}`))).toEqual([]);
  });

  it('are metrics that alarms and dashboards look at, or a few others', () => {
    const looked = [
      ...[...dashboardsOf(templates.pipeline).flatMap(metricsOf), ...alarmedMetrics(templates.pipeline)].map(
        ({ namespace, name }) => `${namespace} ${name}`,
      ),
      'AWS/Lambda ConcurrentExecutions',
      'AWS/DynamoDB SuccessfulRequestLatency',
    ];
    const asked = commands.flatMap((text) =>
      [...text.matchAll(/ --namespace (\S+) --metric-name (\S+)/gu)].map(
        ([, namespace, name]) => `${namespace} ${name}`,
      ),
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((each) => !looked.includes(each))).toEqual([]);
  });
});

/** Of what AWS answers, what is asked for, under its names. */
const ANSWERS = {
  'cloudformation describe-stacks': { Stacks: [{ StackStatus: 's', LastUpdatedTime: 't' }] },
  'cloudwatch describe-alarms': {
    MetricAlarms: [{ AlarmName: 'a', StateValue: 'OK', StateReason: 'r', StateUpdatedTimestamp: 't' }],
  },
  'dynamodb describe-table': {
    Table: { TableStatus: 's', BillingModeSummary: { BillingMode: 'b' }, ItemCount: 1, TableArn: 'a' },
  },
  'events describe-rule': { Name: 'n', Arn: 'a', State: 'ENABLED', ScheduleExpression: 'e' },
  'lambda get-account-settings': { AccountLimit: { ConcurrentExecutions: 10 } },
  'lambda get-function-configuration': {
    LastModified: 't',
    LastUpdateStatus: 's',
    StateReason: 'r',
    MemorySize: 512,
    Timeout: 30,
  },
  'lambda get-function-event-invoke-config': { DestinationConfig: { OnFailure: { Destination: 'd' } } },
  'lambda get-function-url-config': { FunctionUrl: 'u' },
  'lambda list-event-source-mappings': { EventSourceMappings: [{ State: 's', StateTransitionReason: 'r' }] },
  'lambda list-functions': { Functions: [{ FunctionName: 'f' }] },
  'logs filter-log-events': { events: [{ message: 'm', timestamp: 1 }] },
  'secretsmanager describe-secret': { Name: 'n', DeletedDate: 't' },
  'sesv2 get-account': {
    ProductionAccessEnabled: true,
    SendingEnabled: true,
    EnforcementStatus: 'HEALTHY',
    SendQuota: { Max24HourSend: 1 },
  },
  'sqs get-queue-url': { QueueUrl: 'u' },
  'sts get-caller-identity': { Account: 'a' },
} as const;

/** Only the statistics a command asks for come back. */
function datapointsOf(call: string) {
  const [, simple = ''] = / --statistics ((?:[A-Z]\w+ ?)+)/u.exec(call) ?? [];
  const [, extended] = / --extended-statistics (\S+)/u.exec(call) ?? [];
  const datapoint = {
    Timestamp: 't',
    ...Object.fromEntries(simple.split(' ').map((name) => [name, 1])),
    ...(extended !== undefined && { ExtendedStatistics: { [extended]: 1 } }),
  };
  return { Datapoints: [datapoint] };
}

function answerTo(call: string) {
  const operation = call.split(' ').slice(1, 3).join(' ');
  if (operation === 'cloudwatch get-metric-statistics') return datapointsOf(call);
  return Object.entries(ANSWERS).find(([name]) => name === operation)?.[1];
}

/** Calls of AWS, one within another apart. */
const calls = commands
  .flatMap((text) => text.split(/(?=\baws [a-z0-9]+ [a-z-]+ )/u))
  .filter((call) => call.startsWith('aws '));

describe('what commands ask for', () => {
  const asking = calls.flatMap((call) =>
    [...call.matchAll(/ --query (?:'([^']*)'|(\S+))/gu)].map(([, quoted, plain = '']) => ({
      call,
      query: quoted ?? plain,
    })),
  );

  it('is found in the answer of AWS', () => {
    expect(asking.length).toBeGreaterThan(40);
    const wanting = asking.filter(({ call, query }) => {
      const answer = answerTo(call);
      const found: unknown = answer === undefined ? undefined : search(query, answer);
      return found === undefined || /^(?:null|\[\]|.*\bnull\b.*)$/u.test(JSON.stringify(found));
    });
    expect(wanting).toEqual([]);
  });

  it('are the newest lines, of however many pages: a query is put to each page of the answer by itself', () => {
    const reading = commands.filter((text) => text.includes('aws logs filter-log-events'));
    expect(reading.length).toBeGreaterThan(15);
    const newest = / --query 'events\[\]\.\[message\]' --output text \| grep \. \| tail -n \d+$/u;
    expect(reading.filter((text) => !newest.test(text))).toEqual([]);
  });
});

/** Of a line in JSON a field, compared with a text or a number; the language of CloudWatch Logs has more, which nobody uses here. */
const CONDITION = /\$\.([A-Za-z.]+) (?:=|!=|<|>|<=|>=) ("[A-Za-z]+"|-?\d+)/u;
const PATTERN = new RegExp(`^(?:[A-Z]+|\\{ ${CONDITION.source}(?: (?:&&|\\|\\|) ${CONDITION.source})* \\})$`, 'u');
/** What a field may hold; a metric holds a number. */
const HOLDS = new Map<string, RegExp>([
  ['level', /^"(?:WARN|ERROR)"$/u],
  ['record.status', /^"(?:timeout|error)"$/u],
  ...Object.values(METRIC).map(({ name }): [string, RegExp] => [name, /^-?\d+$/u]),
]);

describe('the lines that commands look for', () => {
  const patterns = commands.flatMap((text) =>
    [...text.matchAll(/ --filter-pattern (?:'([^']*)'|(\S+))/gu)].map(([, quoted, plain = '']) => quoted ?? plain),
  );

  it('are looked for in the language of CloudWatch Logs, by fields that functions or Lambda write', () => {
    expect(patterns.length).toBeGreaterThan(15);
    expect(patterns.filter((each) => !PATTERN.test(each))).toEqual([]);
    const conditions = patterns.flatMap((each) => [...each.matchAll(new RegExp(CONDITION, 'gu'))]);
    expect(conditions.filter(([, field = '', value = '']) => HOLDS.get(field)?.test(value) !== true)).toEqual([]);
  });

  it('are looked for, where a release cannot be read, in the logs of every function that opens one', async () => {
    const directory = path.join(PROJECT, 'functions');
    const files = (await readdir(directory, { recursive: true })).filter((file) => /^[a-z]+\/.*\.ts$/u.test(file));
    const opening = new Set<string>();
    for (const file of files) {
      const source = await readFile(path.join(directory, file), 'utf8');
      if (source.includes('new LiveContent(')) opening.add(path.dirname(file));
    }
    const article = (await articlesOfRunbook()).find(({ name }) => name === 'content-kept')?.text ?? '';
    const [, asked = ''] = /for name in ([a-z ]+);/u.exec(article) ?? [];
    expect(new Set(asked.split(' '))).toEqual(opening);
  });
});
