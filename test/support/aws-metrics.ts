/**
 * The metrics that AWS documents, as far as anything here is of a kind to be looked at: name of the namespace, name of the metric,
 * and the sets of dimensions it comes with, the names of each in the order of the alphabet. A name that is misspelt, or a
 * dimension too many, draws an empty graph and an alarm that never goes off, and CloudFormation takes both.
 */
import type { WatchedMetric } from './watched-metrics.ts';

interface Documented {
  /** Where AWS lists them. */
  readonly source: string;
  readonly metrics: Readonly<Record<string, readonly string[]>>;
}

const FUNCTION = ['FunctionName'];
const QUEUE = ['QueueName'];
const TABLE = ['TableName', 'GlobalSecondaryIndexName,TableName'];
const RULE = ['RuleName', 'EventBusName,RuleName'];
const ACCOUNT = [''];

const DOCUMENTED: Readonly<Record<string, Documented>> = {
  'AWS/Lambda': {
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html',
    metrics: {
      Invocations: FUNCTION,
      Errors: FUNCTION,
      Throttles: FUNCTION,
      Duration: FUNCTION,
      DeadLetterErrors: FUNCTION,
      DestinationDeliveryFailures: FUNCTION,
      UrlRequestCount: FUNCTION,
      Url4xxCount: FUNCTION,
      Url5xxCount: FUNCTION,
      UrlRequestLatency: FUNCTION,
    },
  },
  'AWS/SQS': {
    source:
      'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html',
    metrics: {
      ApproximateAgeOfOldestMessage: QUEUE,
      ApproximateNumberOfMessagesDelayed: QUEUE,
      ApproximateNumberOfMessagesNotVisible: QUEUE,
      ApproximateNumberOfMessagesVisible: QUEUE,
      NumberOfEmptyReceives: QUEUE,
      NumberOfMessagesDeleted: QUEUE,
      NumberOfMessagesReceived: QUEUE,
      NumberOfMessagesSent: QUEUE,
      SentMessageSize: QUEUE,
    },
  },
  'AWS/DynamoDB': {
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html',
    metrics: {
      ConsumedReadCapacityUnits: TABLE,
      ConsumedWriteCapacityUnits: TABLE,
      ReadThrottleEvents: TABLE,
      WriteThrottleEvents: TABLE,
    },
  },
  'AWS/SES': {
    source: 'https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-cloudwatch.html',
    metrics: {
      Send: ACCOUNT,
      Delivery: ACCOUNT,
      Bounce: ACCOUNT,
      Complaint: ACCOUNT,
      Reject: ACCOUNT,
      'Reputation.BounceRate': ACCOUNT,
      'Reputation.ComplaintRate': ACCOUNT,
    },
  },
  'AWS/Events': {
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html',
    metrics: {
      FailedInvocations: RULE,
      InvocationsFailedToBeSentToDlq: RULE,
      InvocationsSentToDlq: RULE,
      ThrottledRules: RULE,
    },
  },
  'AWS/Logs': {
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html',
    metrics: { IncomingBytes: ['LogGroupName'], IncomingLogEvents: ['LogGroupName'] },
  },
};

/** Whether AWS publishes a metric of its own under this name and with dimensions of these names. */
export function isDocumented({ namespace, name, dimensions }: WatchedMetric): boolean {
  const sets = DOCUMENTED[namespace]?.metrics[name] ?? [];
  return sets.includes(Object.keys(dimensions).toSorted().join(','));
}
