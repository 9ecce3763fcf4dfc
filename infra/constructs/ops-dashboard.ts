/**
 * The dashboard for whoever is on call: what is wrong, what waits and for how long, whether the functions keep up, and what
 * it costs. Queues and alarms are those of the stack, so a new one cannot be forgotten here.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from '../../shared/contracts/environment.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { DUE_INDEX } from '../../shared/contracts/table.ts';
import { type Counted, sumOf } from './counts.ts';
import { type Graph, row, words } from './graph.ts';
import { spendOf } from './spend.ts';

/** Fine enough to see when something began, coarse enough for a week on one screen. */
const PERIOD = Duration.minutes(5);
const DAY = Duration.days(1);

/** Functions behind a URL: readers and the shop see what they answer. */
const ANSWERING = ['preferences', 'ingest'] as const satisfies readonly FunctionName[];

const FLOW = `## What comes in, and how fast it goes out

**Event to SES** is from the write that took an event in to SES having accepted its mail, without what waits on purpose. **Oldest sendable** is how long a message has been waiting that rules and hours would let go; quiet hours are not in it. The **heartbeat** is one a minute, also when nobody is due.`;

const SENDING = `## What keeps mail from going out

Each has an alarm and its article. Which reason, step and customer: the saved queries of Logs Insights, folder \`Perennial\`, and \`npm run why -- CUSTOMER\`.`;

const MACHINES = `## Functions and table

A batch that reports single failures counts as a success, so **errors** are crashes, timeouts and a wrong deployment. A lost **race** for a profile is retried; many of them about one customer make its events late.`;

const SPEND = `## What it costs

Counted use times unit price (us-east-1, November 2026, no free tier), in USD a day. Besides there is what a month costs whatever happens: $0.30 for each custom metric, $0.10 for each alarm, $0.40 for each secret, $3 for each dashboard of the account beyond the third. **Not in here**, since none of it has a metric of the stage: events on the bus and their archive, reads of secrets, the key of the table, and storing, being able to restore and keeping what lies in table and logs; about a tenth of what is paid by use. \`npm run cost\` adds up a month with all of it.`;

export interface OpsDashboardProps {
  readonly dashboardName: string;
  readonly counted: Counted;
  readonly functions: Readonly<Record<FunctionName, lambda.Function>>;
  readonly table: TableV2;
  readonly contentTable: TableV2;
  /** Where the runbook is read. */
  readonly runbookBase: string;
}

export class OpsDashboard extends Construct {
  constructor(scope: Construct, id: string, props: OpsDashboardProps) {
    super(scope, id);
    const { dashboardName, counted, functions, table, contentTable, runbookBase } = props;
    const found = Stack.of(this).node.findAll();
    const alarms = found.filter((each) => each instanceof cloudwatch.Alarm);
    const queues = found.filter((each) => each instanceof sqs.Queue);
    const named = Object.entries(functions);
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName,
      defaultInterval: DAY,
      widgets: [
        [words(`# What is wrong, and what waits\n\nEvery alarm has an article in the [runbook](${runbookBase}).`, 2)],
        [new cloudwatch.AlarmStatusWidget({ alarms, width: 24, height: 5 })],
        row(queueGraphs(queues)),
        [words(FLOW, 3)],
        row(flowGraphs(counted)),
        [words(SENDING, 2)],
        row(sendingGraphs(counted)),
        [words(MACHINES, 2)],
        row([
          {
            title: 'slowest hundredth',
            lines: named.map(([label, each]) => each.metricDuration({ statistic: 'p99', period: PERIOD, label })),
            axis: 'milliseconds',
            period: PERIOD,
          },
          {
            title: 'errors',
            lines: named.map(([label, each]) => each.metricErrors({ period: PERIOD, label })),
            axis: 'invocations',
            period: PERIOD,
          },
          {
            title: 'throttles',
            lines: named.map(([label, each]) => each.metricThrottles({ period: PERIOD, label })),
            axis: 'invocations',
            period: PERIOD,
          },
        ]),
        row([
          answers(functions),
          {
            title: 'races lost for a profile',
            lines: [counted(METRIC.versionConflicts).with({ period: PERIOD, label: 'races' })],
            axis: 'races',
            period: PERIOD,
          },
          throttledTable(table),
        ]),
        [words(SPEND, 2)],
        row([
          {
            title: 'spend by use',
            lines: spendOf({
              functions: Object.values(functions),
              tableNames: [table.tableName, contentTable.tableName],
              tableName: table.tableName,
              queues,
              period: DAY,
            }),
            axis: 'USD a day',
            period: DAY,
            stacked: true,
          },
        ]),
      ],
    });
  }
}

/** A queue that puts aside what fails is worked off; the others are where it is put. */
function queueGraphs(queues: readonly sqs.Queue[]): readonly Graph[] {
  const worked = queues.filter(({ deadLetterQueue }) => deadLetterQueue !== undefined);
  const dead = queues.filter(({ deadLetterQueue }) => deadLetterQueue === undefined);
  const waiting = (queue: sqs.Queue) =>
    queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: PERIOD, label: nameOf(queue) });
  return [
    { title: 'waiting', lines: worked.map(waiting), axis: 'messages', period: PERIOD },
    {
      title: 'age of the oldest',
      lines: worked.map((queue) =>
        queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: PERIOD, label: nameOf(queue) }),
      ),
      axis: 'seconds',
      period: PERIOD,
    },
    { title: 'dead letters', lines: dead.map(waiting), axis: 'messages', period: PERIOD },
  ];
}

/** Its physical name, for people: what a deployment would resolve it to. */
function nameOf(queue: sqs.Queue): string {
  const { defaultChild } = queue.node;
  return defaultChild instanceof sqs.CfnQueue ? (defaultChild.queueName ?? queue.node.id) : queue.node.id;
}

function flowGraphs(counted: Counted): readonly Graph[] {
  const toSes = counted(METRIC.eventToSes);
  return [
    {
      title: 'events',
      lines: [
        counted(METRIC.eventsTaken).with({ period: PERIOD, label: 'taken in' }),
        counted(METRIC.eventsSetAside).with({ period: PERIOD, label: 'changed nothing' }),
        counted(METRIC.eventsRefused).with({ period: PERIOD, label: 'refused' }),
        counted(METRIC.intakeRefused).with({ period: PERIOD, label: 'refused by the intake' }),
      ],
      axis: 'events',
      period: PERIOD,
    },
    {
      title: 'event to SES',
      lines: [
        toSes.with({ statistic: 'p50', period: PERIOD, label: 'half of all' }),
        toSes.with({ statistic: 'p99', period: PERIOD, label: 'slowest hundredth' }),
      ],
      axis: 'milliseconds',
      period: PERIOD,
    },
    {
      title: 'what should have gone',
      lines: [
        counted(METRIC.oldestSendable).with({ period: PERIOD, label: 'oldest sendable message' }),
        new cloudwatch.MathExpression({
          expression: 'lag / 1000',
          label: 'oldest timer',
          period: PERIOD,
          usingMetrics: { lag: counted(METRIC.sweepLag).with({ period: PERIOD }) },
        }),
      ],
      axis: 'seconds',
      period: PERIOD,
    },
    {
      title: 'heartbeat of the sweep',
      lines: [counted(METRIC.sweepLag).with({ statistic: 'SampleCount', period: PERIOD, label: 'sweeps' })],
      axis: `sweeps in ${PERIOD.toMinutes()} minutes`,
      period: PERIOD,
    },
  ];
}

function sendingGraphs(counted: Counted): readonly Graph[] {
  return [
    {
      title: 'what SES does not take',
      lines: [
        counted(METRIC.laneStopped).with({ statistic: 'Maximum', period: PERIOD, label: 'held up by SES (1)' }),
        counted(METRIC.laneStopped).with({ statistic: 'Minimum', period: PERIOD, label: 'held up by us (-1)' }),
        counted(METRIC.mailsRejected).with({ period: PERIOD, label: 'refused for good' }),
        counted(METRIC.outcomesUnknown).with({ period: PERIOD, label: 'nobody knows' }),
      ],
      axis: 'messages',
      period: PERIOD,
    },
    {
      title: 'content',
      lines: [
        counted(METRIC.cannotBeMade).with({ period: PERIOD, label: 'mail cannot be made' }),
        counted(METRIC.contentKept).with({ period: PERIOD, label: 'release cannot be read' }),
      ],
      axis: 'tries',
      period: PERIOD,
    },
  ];
}

function answers(functions: OpsDashboardProps['functions']): Graph {
  const lines = ANSWERING.flatMap((name) =>
    (['Url4xxCount', 'Url5xxCount'] as const).map((metricName) =>
      functions[name].metric(metricName, {
        statistic: 'Sum',
        period: PERIOD,
        label: `${name}: ${metricName === 'Url4xxCount' ? 'refused' : 'failed'}`,
      }),
    ),
  );
  return { title: 'requests answered with an error', lines, axis: 'requests', period: PERIOD };
}

function throttledTable({ tableName: TableName }: TableV2): Graph {
  const throttles = (metricName: string, index?: string) =>
    new cloudwatch.Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName, ...(index !== undefined && { GlobalSecondaryIndexName: index }) },
      statistic: 'Sum',
      period: PERIOD,
    });
  return {
    title: 'throttled by DynamoDB',
    lines: [
      sumOf(
        'requests',
        {
          reads: throttles('ReadThrottleEvents'),
          lookups: throttles('ReadThrottleEvents', DUE_INDEX.name),
          writes: throttles('WriteThrottleEvents'),
          indexed: throttles('WriteThrottleEvents', DUE_INDEX.name),
        },
        PERIOD,
      ),
    ],
    axis: 'requests',
    period: PERIOD,
  };
}
