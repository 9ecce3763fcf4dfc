/**
 * What the use of a stage costs, as metric expressions: counted use times unit price. AWS's own estimate (AWS/Billing) is of
 * the whole account, a day late and only in one region; this one is of the stage and of the minute, without what is paid by
 * the month whatever happens (metrics, alarms, secrets, dashboards) and without any free tier.
 */
import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import PRICE_LIST from '../../shared/contracts/prices.json' with { type: 'json' };
import { DUE_INDEX, PROFILES_INDEX } from '../../shared/contracts/table.ts';

const GIGABYTE = 2 ** 30;
const MS_PER_SECOND = 1000;
const MEGABYTES_PER_GIGABYTE = 1024;

/** After the point: a byte of log costs less than a billionth of a dollar, and metric math knows no exponents. */
const DIGITS = 14;

/** The price of one; other regions than the list's differ by up to a third. */
function priceOf(name: keyof typeof PRICE_LIST.prices): number {
  const { price, per } = PRICE_LIST.prices[name];
  return price / per;
}

const UNIT_PRICES = {
  lambdaGigabyteSecond: priceOf('gigabyteSecond'),
  lambdaRequest: priceOf('invocation'),
  readUnit: priceOf('readUnit'),
  writeUnit: priceOf('writeUnit'),
  queueRequest: priceOf('queueRequest'),
  logByte: priceOf('logGigabyte') / GIGABYTE,
  mail: priceOf('mail'),
};

export interface Spending {
  readonly functions: readonly lambda.Function[];
  readonly tableNames: readonly string[];
  /** The one with the indexes. */
  readonly tableName: string;
  readonly queues: readonly sqs.IQueue[];
  readonly period: Duration;
}

/** What is used, and what one of it costs. */
interface Use {
  readonly metric: cloudwatch.IMetric;
  readonly price: number;
}

/** Lines in USD per period: one for each service that is paid by use. */
export function spendOf({ functions, tableNames, tableName, queues, period }: Spending): readonly cloudwatch.IMetric[] {
  const sum = (namespace: string, metricName: string, dimensionsMap: Readonly<Record<string, string>> = {}) =>
    new cloudwatch.Metric({ namespace, metricName, dimensionsMap: { ...dimensionsMap }, statistic: 'Sum', period });
  const units = (about: Readonly<Record<string, string>>): Use[] => [
    { metric: sum('AWS/DynamoDB', 'ConsumedReadCapacityUnits', about), price: UNIT_PRICES.readUnit },
    { metric: sum('AWS/DynamoDB', 'ConsumedWriteCapacityUnits', about), price: UNIT_PRICES.writeUnit },
  ];
  return [
    line(
      'lambda',
      'Lambda',
      period,
      functions.flatMap((each) => usesOf(each, period)),
    ),
    line('tables', 'DynamoDB', period, [
      ...tableNames.flatMap((TableName) => units({ TableName })),
      ...[DUE_INDEX, PROFILES_INDEX].flatMap(({ name }) =>
        units({ TableName: tableName, GlobalSecondaryIndexName: name }),
      ),
    ]),
    line(
      'queues',
      'SQS',
      period,
      queues.flatMap(({ queueName: QueueName }) =>
        // Asking an empty queue is most of it: Lambda asks each queue five times in twenty seconds, day and night.
        ['NumberOfMessagesSent', 'NumberOfMessagesReceived', 'NumberOfMessagesDeleted', 'NumberOfEmptyReceives'].map(
          (name) => ({ metric: sum('AWS/SQS', name, { QueueName }), price: UNIT_PRICES.queueRequest }),
        ),
      ),
    ),
    line(
      'logs',
      'logs',
      period,
      functions.map(({ logGroup: { logGroupName: LogGroupName } }) => ({
        metric: sum('AWS/Logs', 'IncomingBytes', { LogGroupName }),
        price: UNIT_PRICES.logByte,
      })),
    ),
    line('mail', 'SES, the whole account', period, [{ metric: sum('AWS/SES', 'Send'), price: UNIT_PRICES.mail }]),
  ];
}

function usesOf(each: lambda.Function, period: Duration): readonly Use[] {
  const { defaultChild } = each.node;
  const megabytes = defaultChild instanceof lambda.CfnFunction ? defaultChild.memorySize : undefined;
  if (megabytes === undefined) throw new TypeError('what a function costs depends on its memory, which is not known');
  const perMillisecond = (UNIT_PRICES.lambdaGigabyteSecond * megabytes) / MEGABYTES_PER_GIGABYTE / MS_PER_SECOND;
  return [
    { metric: each.metricDuration({ statistic: 'Sum', period }), price: perMillisecond },
    { metric: each.metricInvocations({ period }), price: UNIT_PRICES.lambdaRequest },
  ];
}

/** @param id small letters: the names in its expression begin with it */
function line(id: string, label: string, period: Duration, uses: readonly Use[]): cloudwatch.MathExpression {
  const named = uses.map(({ metric, price }, index) => ({ name: `${id}${index}`, metric, price }));
  return new cloudwatch.MathExpression({
    expression: named.map(({ name, price }) => `FILL(${name}, 0) * ${price.toFixed(DIGITS)}`).join(' + '),
    label,
    period,
    usingMetrics: Object.fromEntries(named.map(({ name, metric }) => [name, metric])),
  });
}
