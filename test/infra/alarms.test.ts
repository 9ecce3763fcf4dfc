/** What every alarm has to have, whoever adds it: words, a severity, a reason for silence, an article, and a price we know. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { parseConfig, stageConfig } from '../../infra/config.ts';
import { readExpression } from '../../infra/local/monitoring/expression.ts';
import { METRIC, metricsNamespace } from '../../shared/contracts/metrics.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';
import { articlesOfRunbook } from '../docs/runbook.ts';
import { namesOf, type Resource, resourcesOf, resourceWith, type Templates, templatesOf } from './templates.ts';

vi.stubEnv('CDK_VALIDATION', 'false');

const metricStat = z.object({
  Metric: z.object({
    Namespace: z.string(),
    MetricName: z.string(),
    Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
  }),
  Period: z.number(),
  Stat: z.string(),
});
const alarm = z.looseObject({
  AlarmName: z.string().startsWith('perennial-dev-'),
  AlarmDescription: z.string(),
  ComparisonOperator: z.string(),
  DatapointsToAlarm: z.number(),
  EvaluationPeriods: z.number(),
  Period: z.optional(z.number()),
  Threshold: z.number(),
  TreatMissingData: z.enum(['notBreaching', 'breaching', 'ignore']),
  Metrics: z.optional(
    z.array(z.object({ Expression: z.optional(z.string()), MetricStat: z.optional(metricStat), Id: z.string() })),
  ),
});
type Alarm = z.output<typeof alarm>;

/** How a description is put together: severity, four sentences, the link and what silence means. */
const WORDS =
  /^\[(?<severity>urgent|soon)\] (?<what>[A-Z\d].+?\.) Impact: (?<impact>[A-Z].+?[.!]) What to do: (?<remedy>[A-Z].+?\.) Runbook: (?<base>\S+)#(?<article>[a-z-]+) No data (?<missing>counts as fine|counts as trouble|changes nothing): (?<because>.{10,})\.$/u;

/** CloudWatch takes no longer description. */
const LONGEST_DESCRIPTION = 1024;
/** Seconds; CloudWatch looks back no further with periods below an hour. */
const A_DAY = 86_400;
/** What alarms may cost in a month: CloudWatch charges $0.10 for each metric that an alarm looks at. */
const DOLLARS = 6;

let templates: Templates;
let alarms: readonly Alarm[];

const alarmsOf = ({ pipeline, data }: Templates) =>
  [pipeline, data].flatMap((template) =>
    resourcesOf(template, 'AWS::CloudWatch::Alarm').map(({ properties }) => alarm.parse(properties)),
  );
const nameOf = ({ AlarmName }: Alarm) => AlarmName.replace('perennial-dev-', '');
const metricsIn = ({ Metrics }: Alarm) => (Metrics ?? []).flatMap(({ MetricStat }) => MetricStat ?? []);

beforeAll(async () => {
  templates = await templatesOf();
  alarms = alarmsOf(templates);
});

function wordsOf({ AlarmName, AlarmDescription }: Alarm): Readonly<Record<string, string>> {
  const groups = WORDS.exec(AlarmDescription)?.groups;
  if (groups === undefined) throw new Error(`${AlarmName} is not described as it should be: ${AlarmDescription}`);
  return groups;
}

const named = (name: string): Alarm => {
  const found = alarms.find((each) => nameOf(each) === name);
  if (found === undefined) throw new Error(`no alarm ${name}`);
  return found;
};

describe('every alarm', () => {
  it('says how bad it is, what broke, who notices, what to do, where to read on, and what silence means', () => {
    expect(alarms.length).toBeGreaterThan(30);
    const treatments = { notBreaching: 'counts as fine', breaching: 'counts as trouble', ignore: 'changes nothing' };
    const wanting = alarms.filter((each) => {
      const { impact = '', remedy = '', missing = '' } = wordsOf(each);
      return impact.length < 20 || remedy.length < 20 || missing !== treatments[each.TreatMissingData];
    });
    expect(wanting).toEqual([]);
  });

  it('has an article in the runbook under its own name, and every article has its alarm', async () => {
    expect(alarms.map((each) => wordsOf(each)['article'] ?? '').toSorted()).toEqual(alarms.map(nameOf).toSorted());
    expect((await articlesOfRunbook()).map(({ name }) => name).toSorted()).toEqual(alarms.map(nameOf).toSorted());
  });

  it('says as much where the runbook has a long address, which is configured', async () => {
    const runbookBase = `https://ops.example.com/${'r'.repeat(176)}`;
    const long = alarmsOf(await templatesOf(parseConfig({ ...stageConfig('dev'), runbookBase })));
    expect(long).toHaveLength(alarms.length);
    expect(long.filter((each) => wordsOf(each)['base'] !== runbookBase)).toEqual([]);
    expect(long.filter(({ AlarmDescription }) => AlarmDescription.length > LONGEST_DESCRIPTION)).toEqual([]);
    expect(wordsOf(named('record-dead'))['base']).toBe('docs/runbook.md');
  });

  it('is evaluated over no more than CloudWatch allows', () => {
    const impossible = alarms.filter((each) => {
      const periods = [each.Period, ...metricsIn(each).map(({ Period }) => Period)].flatMap((period) => period ?? []);
      const [period = Infinity, ...others] = new Set(periods);
      const { EvaluationPeriods, DatapointsToAlarm } = each;
      return others.length > 0 || period * EvaluationPeriods > A_DAY || DatapointsToAlarm > EvaluationPeriods;
    });
    expect(impossible).toEqual([]);
  });

  it('sees a figure that comes late: an expression that fills gaps never looks at the newest minute alone', () => {
    const filling = alarms.filter(({ Metrics }) => Metrics?.some(({ Expression }) => Expression?.includes('FILL(')));
    expect(filling.length).toBeGreaterThan(5);
    const blind = filling.filter((each) => {
      const period = metricsIn(each)[0]?.Period ?? 0;
      // A period of many minutes holds what came late.
      return (each.EvaluationPeriods - each.DatapointsToAlarm) * period < 120 && period < 300;
    });
    expect(blind).toEqual([]);
  });
});

it('all alarms together cost no more than they may', () => {
  const watched = alarms.reduce((sum, each) => sum + Math.max(1, metricsIn(each).length), 0);
  expect(watched * 0.1).toBeLessThanOrEqual(DOLLARS);
});

/** Names of the metrics of an alarm, with their dimensions. */
const metricsOf = (name: string) =>
  metricsIn(named(name)).map(({ Metric: { MetricName, Dimensions } }) => [
    MetricName,
    ...Dimensions.map(({ Name }) => Name),
  ]);
const queueOf = (name: string) =>
  resourceWith(templates.pipeline, 'AWS::SQS::Queue', 'QueueName', `perennial-dev-${name}`);
const functionOf = (name: string) =>
  resourceWith(templates.pipeline, 'AWS::Lambda::Function', 'FunctionName', `perennial-dev-${name}`);

describe('what the issue of being woken is about', () => {
  it.each(['record', 'send', 'feedback'])('is no single event that %s cannot handle while all others flow', (name) => {
    const { VisibilityTimeout } = z.object({ VisibilityTimeout: z.number() }).parse(queueOf(name).properties);
    // SQS leaves an event out of the age once it was received three times.
    expect(named(`${name}-late`).Threshold).toBeGreaterThan(3 * VisibilityTimeout);
  });

  it('is every dead-letter queue, by its depth', () => {
    const dead = namesOf(templates.pipeline, 'AWS::SQS::Queue', 'QueueName').filter((name) =>
      /-dead$|-undelivered$/u.test(name),
    );
    expect(dead.length).toBeGreaterThan(5);
    for (const name of dead) {
      const queue = queueOf(name.replace('perennial-dev-', ''));
      expect(named(name.replace('perennial-dev-', ''))).toMatchObject({
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Statistic: 'Maximum',
        Threshold: 1,
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue.id, 'QueueName'] } }],
      });
    }
  });

  it.each([
    ['record', 600],
    ['send', 900],
    ['feedback', 900],
  ])('is an event that waits for %s longer than %d seconds', (name, seconds) => {
    expect(named(`${name}-late`)).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Statistic: 'Maximum',
      Threshold: seconds,
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueOf(name).id, 'QueueName'] } }],
    });
  });

  it.each([
    ['a shop that sends nothing', { requests: undefined }, false],
    ['one request in vain, tried seven times', { failures: 7, requests: 7 }, false],
    ['two such requests', { failures: 14, requests: 14 }, true],
    ['eight requests, each made once', { failures: 8, requests: 8 }, true],
    ['a minute of a busy shop', { failures: 60, requests: 10_800 }, false],
    ['ten minutes of a busy shop', { failures: 600, requests: 10_800 }, true],
    ['a flood that is turned away', { throttles: 900, requests: 10_800 }, true],
    ['requests that are all answered', { failures: 0, requests: 10_800 }, false],
  ])('is what the intake fails on for long, however seldom it is asked: %s', (_when, figures, rings) => {
    const failing = named('ingest-failing');
    expect(failing).toMatchObject({ EvaluationPeriods: 1, TreatMissingData: 'notBreaching' });
    expect(wordsOf(failing)['severity']).toBe('urgent');
    expect(metricsIn(failing).map(({ Metric, Period, Stat }) => [Metric.MetricName, Period, Stat])).toEqual([
      ['Url5xxCount', 10_800, 'Sum'],
      ['Throttles', 10_800, 'Sum'],
      ['UrlRequestCount', 10_800, 'Sum'],
    ]);
    const [text = ''] = (failing.Metrics ?? []).flatMap(({ Expression }) => Expression ?? []);
    const counts: Readonly<Record<string, number | undefined>> = figures;
    const percent = readExpression(text, 'ingest-failing').at(0, (id) => counts[id], 1);
    expect((percent ?? NaN) >= failing.Threshold).toBe(rings);
  });

  it('is a release that cannot be read, three times in a day: a quiet shop looks every few hours', () => {
    expect(named('content-kept')).toMatchObject({
      Period: 60,
      EvaluationPeriods: 1440,
      DatapointsToAlarm: 3,
      TreatMissingData: 'notBreaching',
    });
  });

  it.each(['record', 'send', 'feedback'])(
    'is %s crashing on the same event again and again, before it is put aside',
    (name) => {
      // An event comes back after the queue's visibility timeout, and is put aside when it would come a sixth time.
      const { VisibilityTimeout, RedrivePolicy } = z
        .object({ VisibilityTimeout: z.number(), RedrivePolicy: z.object({ maxReceiveCount: z.number() }) })
        .parse(queueOf(name).properties);
      const failing = named(`${name}-failing`);
      expect(failing).toMatchObject({ Threshold: 1 });
      expect(failing.Metrics?.[0]?.Expression).toBe('(FILL(errors, 0) >= 1) + (FILL(dead, 0) >= 10)');
      expect(metricsIn(failing).map(({ Metric }) => [Metric.MetricName, Metric.Dimensions])).toEqual([
        ['Errors', [{ Name: 'FunctionName', Value: { Ref: functionOf(name).id } }]],
        [
          'ApproximateNumberOfMessagesVisible',
          [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueOf(`${name}-dead`).id, 'QueueName'] } }],
        ],
      ]);
      const seconds = (failing.DatapointsToAlarm - 1) * VisibilityTimeout;
      expect(seconds).toBeLessThan(60 * failing.EvaluationPeriods);
      expect(seconds).toBeLessThan((RedrivePolicy.maxReceiveCount - 1) * VisibilityTimeout);
    },
  );

  it('is the first page that a reader did not get', () => {
    const failing = named('preferences-failing');
    expect(failing).toMatchObject({ Threshold: 1, DatapointsToAlarm: 1 });
    expect(metricsIn(failing).map(({ Metric }) => Metric.MetricName)).toEqual(['Url5xxCount', 'Throttles']);
  });

  it.each([
    ['record', 'Customers keep an outdated stage'],
    ['send', 'Mail that is due does not reach customers'],
    ['feedback', 'Addresses that bounced or complained are mailed again'],
  ])('of %s is told with the same impact, whatever it is by which it fails', (name, impact) => {
    for (const kind of ['dead', 'late', 'failing']) {
      const words = wordsOf(named(`${name}-${kind}`));
      // One event that is put aside is one customer's.
      expect(words['severity']).toBe(kind === 'dead' ? 'soon' : 'urgent');
      expect(words['impact']).toContain(impact);
    }
  });

  it('is a sweep that does not tell of itself, whether it fails or is not invoked', () => {
    expect(named('sweep-silent')).toMatchObject({
      Namespace: metricsNamespace('dev'),
      MetricName: METRIC.sweepLag.name,
      Statistic: 'SampleCount',
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      Threshold: 0,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 5,
      TreatMissingData: 'breaching',
    });
  });

  it('is a timer that two rounds of the catch-up have left standing', () => {
    expect(named('sweep-late')).toMatchObject({
      MetricName: METRIC.sweepLag.name,
      Statistic: 'Maximum',
      Threshold: 1_800_000,
      Period: 900,
    });
  });

  it('is a function that takes most of its timeout', () => {
    const slow = named('slow');
    const [expression = ''] = (slow.Metrics ?? []).flatMap(({ Expression }) => Expression ?? []);
    for (const name of ['record', 'send', 'feedback', 'sweep', 'preferences', 'ingest'] as const) {
      expect(expression).toContain(`(FILL(${name}, 0) >= ${800 * FUNCTION_TIMEOUT_SECONDS[name]})`);
      expect(metricsIn(slow)).toContainEqual({
        Metric: {
          Namespace: 'AWS/Lambda',
          MetricName: 'Duration',
          Dimensions: [{ Name: 'FunctionName', Value: { Ref: functionOf(name).id } }],
        },
        Period: 60,
        Stat: 'p99',
      });
    }
  });

  it('is a failure that Lambda could not put aside, of those functions whose failures it puts aside', () => {
    expect(metricsOf('failures-lost')).toEqual(
      Array.from({ length: 2 }, () => ['DestinationDeliveryFailures', 'FunctionName']),
    );
  });

  it('is a function somebody waits for that takes most of its time, the intake among them', () => {
    const watched = metricsIn(named('slow')).map(({ Metric: { Dimensions } }) => JSON.stringify(Dimensions));
    for (const each of ['record', 'send', 'preferences', 'ingest']) {
      expect(watched.filter((dimensions) => dimensions.includes(functionOf(each).id))).toHaveLength(1);
    }
  });

  it('is a throttle of a function or of the table', () => {
    expect(metricsOf('throttled')).toEqual(Array.from({ length: 3 }, () => ['Throttles', 'FunctionName']));
    expect(metricsOf('table-throttled')).toEqual([
      ['ReadThrottleEvents', 'TableName'],
      ['ReadThrottleEvents', 'GlobalSecondaryIndexName', 'TableName'],
      ['WriteThrottleEvents', 'TableName'],
      ['WriteThrottleEvents', 'GlobalSecondaryIndexName', 'TableName'],
    ]);
  });

  it('is an event of a rule that nobody tells again, lost on its way to its queue and to the queue beside it', () => {
    const rules = metricsIn(named('events-lost')).map(({ Metric }) => {
      expect(Metric).toMatchObject({ Namespace: 'AWS/Events', MetricName: 'InvocationsFailedToBeSentToDlq' });
      return Metric.Dimensions;
    });
    const bus = { Name: 'EventBusName', Value: { 'Fn::ImportValue': expect.stringContaining('Bus') } };
    expect(rules).toEqual([
      [bus, { Name: 'RuleName', Value: 'perennial-dev-record-events' }],
      [bus, { Name: 'RuleName', Value: 'perennial-dev-record-refused' }],
      // Metrics of the account's own bus name no bus.
      [{ Name: 'RuleName', Value: 'perennial-dev-feedback-reports' }],
    ]);
    const all = namesOf(templates.pipeline, 'AWS::Events::Rule', 'Name');
    for (const [name] of rules.map((dimensions) =>
      dimensions.flatMap(({ Name, Value }) => (Name === 'RuleName' ? [Value] : [])),
    )) {
      expect(all).toContain(name);
    }
  });

  it.each([
    ['bounces-warning', 'soon', 2, 'Reputation.BounceRate', 5],
    ['bounces-critical', 'urgent', 4, 'Reputation.BounceRate', 5],
    ['complaints-warning', 'soon', 0.04, 'Reputation.ComplaintRate', 0.1],
    ['complaints-critical', 'urgent', 0.08, 'Reputation.ComplaintRate', 0.1],
  ])(
    'is %s (%s) from %d percent on, before AWS looks at it, of 200 mails a day or more',
    (name, severity, percent, metric, review) => {
      const found = named(name);
      expect(wordsOf(found)['severity']).toBe(severity);
      expect(found.Threshold).toBe(percent);
      expect(percent).toBeLessThan(review);
      // AWS judges the account, so no dimension narrows them.
      expect(metricsIn(found)).toEqual([
        { Metric: { Namespace: 'AWS/SES', MetricName: 'Send', Dimensions: [] }, Period: 86_400, Stat: 'Sum' },
        { Metric: { Namespace: 'AWS/SES', MetricName: metric, Dimensions: [] }, Period: 86_400, Stat: 'Maximum' },
      ]);
      expect(found.Metrics?.[0]?.Expression).toBe('IF(FILL(sent, 0) >= 200, 100 * FILL(rate, 0), 0)');
    },
  );

  it.each([
    ['rejected', METRIC.mailsRejected, 'soon', 1],
    ['outcome-unknown', METRIC.outcomesUnknown, 'soon', 3],
    ['content-kept', METRIC.contentKept, 'soon', 1],
    ['census-discounts', METRIC.tooManyDiscounts, 'soon', 1],
    ['census-complaints', METRIC.openComplaintsOld, 'soon', 1],
  ])('is %s', (name, { name: MetricName, statistic }, severity, threshold) => {
    expect(named(name)).toMatchObject({
      Namespace: metricsNamespace('dev'),
      MetricName,
      Statistic: statistic,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: threshold,
    });
    expect(named(name)).not.toHaveProperty('Dimensions');
    expect(wordsOf(named(name))['severity']).toBe(severity);
  });

  it('is that SES takes no mail, until mail leaves again', () => {
    expect(named('send-stopped')).toMatchObject({
      Namespace: metricsNamespace('dev'),
      MetricName: METRIC.laneStopped.name,
      Statistic: 'Maximum',
      Threshold: 1,
      TreatMissingData: 'ignore',
    });
    expect(wordsOf(named('send-stopped'))['severity']).toBe('urgent');
  });

  it.each([
    ['send-held', METRIC.laneStopped, 'Minimum', 'soon', -1],
    ['mail-waiting', METRIC.oldestSendable, 'Maximum', 'urgent', 1800],
    ['cannot-be-made', METRIC.cannotBeMade, 'Sum', 'urgent', 1],
  ])(
    'is %s, of as long as it may take until waiting mail is looked at again: it does not end in between',
    (name, { name: MetricName }, Stat, severity, threshold) => {
      const found = named(name);
      expect(found.Metrics?.[0]?.Expression).toMatch(/^FILL\([a-z]+, 0\)$/u);
      expect(metricsIn(found)).toEqual([
        { Metric: { Namespace: metricsNamespace('dev'), MetricName, Dimensions: [] }, Period: 7200, Stat },
      ]);
      expect(found).toMatchObject({ Threshold: threshold, EvaluationPeriods: 1 });
      expect(wordsOf(found)['severity']).toBe(severity);
    },
  );

  it('is a rate of lost races, and not their number', () => {
    expect(named('conflicts').Metrics?.[0]?.Expression).toBe(
      'IF(FILL(lost, 0) >= 50, 100 * FILL(lost, 0) / (FILL(lost, 0) + FILL(taken, 0)), 0)',
    );
  });

  it('is never that no mail goes out', () => {
    const byTooLittle = alarms.filter(({ ComparisonOperator }) => ComparisonOperator.startsWith('Less')).map(nameOf);
    expect(byTooLittle.toSorted()).toEqual(['send-held', 'sweep-silent']);
    expect(named('mail-waiting').TreatMissingData).toBe('notBreaching');
  });
});

describe('alarms', () => {
  it('are told to a topic without an address, too, so that a pager can subscribe', () => {
    expect(resourcesOf(templates.pipeline, 'AWS::SNS::Topic')).toHaveLength(1);
    expect(resourcesOf(templates.pipeline, 'AWS::SNS::Subscription')).toEqual([]);
  });

  it('are mailed when they begin and when they end, with one', async () => {
    const { pipeline } = await templatesOf(
      parseConfig({ ...stageConfig('dev'), alarms: { address: 'ops@example.com' } }),
    );
    const only = (type: string): Resource => {
      const [found, ...others] = resourcesOf(pipeline, type);
      if (found === undefined || others.length > 0) throw new Error(`not exactly one ${type}`);
      return found;
    };
    const topic = only('AWS::SNS::Topic');
    expect(only('AWS::SNS::Subscription').properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'ops@example.com',
      TopicArn: { Ref: topic.id },
    });
    const policy = JSON.stringify(only('AWS::SNS::TopicPolicy').properties);
    expect(policy).toContain('"Principal":{"Service":"cloudwatch.amazonaws.com"}');
    // Nobody may listen in on plain HTTP.
    expect(policy).toContain('"aws:SecureTransport":"false"');
    const mailed = resourcesOf(pipeline, 'AWS::CloudWatch::Alarm');
    expect(mailed).toHaveLength(alarms.length);
    for (const each of mailed) {
      expect(each.properties).toMatchObject({ AlarmActions: [{ Ref: topic.id }], OKActions: [{ Ref: topic.id }] });
    }
  });
});
