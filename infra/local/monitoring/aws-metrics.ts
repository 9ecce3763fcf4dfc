/** What AWS publishes by itself about the services that the twin emulates, under AWS's names and dimensions. */
import type { MetricName } from '../contract.ts';
import type { Outcome } from '../runtime.ts';
import type { OutcomeKind } from '../ses-events.ts';
import type { CloudWatch } from './cloudwatch.ts';
import { MINUTE_MS } from './metric.ts';

const SECONDS_PER_MINUTE = 60;
/**
 * SES rates an account by a "representative volume" of its latest mail, and does not say how much that is. As many as
 * this make a rate of 0.1 % one mail.
 */
const REPRESENTATIVE_MAILS = 1_000;

/** How SES counts what it reports; opens, clicks and the rest have no alarm. */
const SES_METRICS: Readonly<Partial<Record<OutcomeKind, string>>> = {
  send: 'Send',
  delivery: 'Delivery',
  bounce: 'Bounce',
  complaint: 'Complaint',
  reject: 'Reject',
};

/** Errors by which DynamoDB says that it was asked too much. */
const DYNAMODB_THROTTLES: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);
const READS: ReadonlySet<string> = new Set(['BatchGetItem', 'GetItem', 'Query', 'Scan']);

/** How many messages wait in a queue, and since when the oldest one does. */
export interface QueueLevel {
  readonly name: string;
  readonly visible: number;
  readonly oldestSentAt: number | undefined;
}

const metric = (namespace: string, name: string, dimensions: MetricName['dimensions'] = {}): MetricName => ({
  namespace: `AWS/${namespace}`,
  name,
  dimensions,
});

export class AwsMetrics {
  readonly #watch: CloudWatch;
  #sent = 0;
  /** How many mails had been sent when each hard bounce and each complaint was reported. */
  readonly #bounced: number[] = [];
  readonly #complained: number[] = [];

  constructor(watch: CloudWatch) {
    this.#watch = watch;
  }

  /** An invocation has ended, or was turned away. */
  invoked(functionName: string, ended: Outcome['kind'], milliseconds: number): void {
    const dimensions = { FunctionName: functionName };
    if (ended !== 'ok') this.#watch.beatFailed(functionName);
    this.#watch.publish(metric('Lambda', 'Throttles', dimensions), ended === 'throttled' ? 1 : 0, functionName, 0);
    if (ended === 'throttled') return;
    const failed = ended === 'error';
    this.#watch.publish(metric('Lambda', 'Invocations', dimensions), 1, functionName);
    this.#watch.publish(metric('Lambda', 'Errors', dimensions), failed ? 1 : 0, functionName, 0);
    this.#watch.publish(metric('Lambda', 'Duration', dimensions), milliseconds, functionName);
  }

  /** A failed invocation could not be handed to the destination it has for that. */
  notPutAside(functionName: string): void {
    this.#watch.publish(metric('Lambda', 'DestinationDeliveryFailures', { FunctionName: functionName }), 1);
  }

  /** A request to a function URL was answered with this HTTP status. */
  urlAnswered(functionName: string, status: number): void {
    const dimensions = { FunctionName: functionName };
    this.#watch.publish(metric('Lambda', 'UrlRequestCount', dimensions), 1);
    this.#watch.publish(metric('Lambda', 'Url4xxCount', dimensions), status >= 400 && status < 500 ? 1 : 0);
    this.#watch.publish(metric('Lambda', 'Url5xxCount', dimensions), status >= 500 ? 1 : 0);
  }

  /**
   * A rule could not hand an event to its target for good.
   *
   * @param deadLetter whether the event reached the rule's dead-letter queue; undefined when it has none
   */
  undelivered(rule: { readonly name: string; readonly bus: string }, deadLetter: boolean | undefined): void {
    const dimensions = { ...(rule.bus !== 'default' && { EventBusName: rule.bus }), RuleName: rule.name };
    this.#watch.publish(metric('Events', 'FailedInvocations', dimensions), 1, rule.name);
    if (deadLetter === undefined) return;
    const name = deadLetter ? 'InvocationsSentToDlq' : 'InvocationsFailedToBeSentToDlq';
    this.#watch.publish(metric('Events', name, dimensions), 1, rule.name);
  }

  /** SES reports this; of the bounces, hard ones alone count for an account's reputation. */
  mailReported({ kind, hard }: { readonly kind: OutcomeKind; readonly hard: boolean }): void {
    const name = SES_METRICS[kind];
    if (name === undefined) return;
    this.#watch.publish(metric('SES', name), 1);
    if (kind === 'send') this.#sent += 1;
    if (kind === 'bounce' && hard) this.#bounced.push(this.#sent);
    if (kind === 'complaint') this.#complained.push(this.#sent);
    this.#watch.publish(metric('SES', 'Reputation.BounceRate'), this.#rateOf(this.#bounced));
    this.#watch.publish(metric('SES', 'Reputation.ComplaintRate'), this.#rateOf(this.#complained));
  }

  /**
   * DynamoDB answered a request with this error.
   *
   * @param place the table, and the index if it was one that was read
   */
  tableRefused(
    code: string,
    place: { readonly TableName: string; readonly GlobalSecondaryIndexName?: string },
    operation: string,
  ): void {
    if (!DYNAMODB_THROTTLES.has(code)) return;
    const { TableName } = place;
    this.#watch.publish(metric('DynamoDB', 'ThrottledRequests', { TableName, Operation: operation }), 1);
    const name = READS.has(operation) ? 'ReadThrottleEvents' : 'WriteThrottleEvents';
    this.#watch.publish(metric('DynamoDB', name, { ...place }), 1);
  }

  /** The levels that have stood from minute `first` to minute `last`, each taken at the end of its minute. */
  levels(queues: readonly QueueLevel[], first: number, last: number): void {
    for (const { name, visible, oldestSentAt } of queues) {
      const dimensions = { QueueName: name };
      this.#watch.level(metric('SQS', 'ApproximateNumberOfMessagesVisible', dimensions), first, last, visible);
      const age = oldestSentAt === undefined ? 0 : ((first + 1) * MINUTE_MS - oldestSentAt) / 1_000;
      const growth = oldestSentAt === undefined ? 0 : SECONDS_PER_MINUTE;
      this.#watch.level(metric('SQS', 'ApproximateAgeOfOldestMessage', dimensions), first, last, age, growth);
    }
  }

  #rateOf(reported: number[]): number {
    const since = this.#sent - REPRESENTATIVE_MAILS;
    while ((reported[0] ?? Infinity) <= since) reported.shift();
    return reported.length / Math.max(1, Math.min(this.#sent, REPRESENTATIVE_MAILS));
  }
}
