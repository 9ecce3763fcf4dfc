/**
 * How every kind of event reaches its function: rules → queue → function, what fails → dead-letter queue → alarms.
 * Nothing that matches a rule is lost without an alarm that says what the shop or its customers notice.
 */
import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { MAX_RECEIVES, VISIBILITY_FACTOR } from '../../shared/contracts/timing.ts';
import { sumOf } from './counts.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { ALARM_PERIOD, type OnCall, type Severity } from './on-call.ts';

/** Longer than any outage of the function short of abandonment; what waits longer has an alarm since hours. */
const RETENTION = Duration.days(4);

/** Errors and throttles are only told when they last: one killed worker is redelivered before anybody could look. */
const FAILING_PERIODS = 5;

export interface EventConsumerProps {
  /** Physical name of queue and alarms, such as perennial-dev-record. */
  readonly consumerName: string;
  readonly bus: events.IEventBusRef;
  /** What a rule is about, to the events it picks. An event that two rules pick is delivered twice. */
  readonly rules: Readonly<Record<string, events.EventPattern>>;
  readonly handler: lambda.Function;
  readonly timeoutSeconds: number;
  /** Messages per invocation and how long Lambda waits to fill them; no window means at once. */
  readonly batch: { readonly size: number; readonly window: Duration };
  readonly maxConcurrency: number;
  /** One sentence: what customers or the shop notice while this fails. */
  readonly failureImpact: string;
  readonly severity: Severity;
  /** Age of the oldest waiting event from which the impact is real. */
  readonly lateAfter: Duration;
  /** Takes what EventBridge cannot put into the queue. */
  readonly undelivered: sqs.IQueue;
  readonly onCall: OnCall;
}

export class EventConsumer extends Construct {
  readonly deadLetterQueue: sqs.Queue;

  constructor(scope: Construct, id: string, props: EventConsumerProps) {
    super(scope, id);
    const { consumerName, severity, failureImpact: impact, onCall } = props;

    this.deadLetterQueue = new DeadLetterQueue(this, 'Dead', {
      queueName: `${consumerName}-dead`,
      severity,
      what: `An event could not be handled by ${consumerName}: it failed ${MAX_RECEIVES} times or was refused.`,
      impact,
      remedy: `Read the message in ${consumerName}-dead and the log lines with its event id, repair the cause, redrive the queue.`,
      onCall,
    }).queue;

    const queue = new sqs.Queue(this, 'Queue', {
      queueName: consumerName,
      retentionPeriod: RETENTION,
      visibilityTimeout: Duration.seconds(VISIBILITY_FACTOR * props.timeoutSeconds),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    for (const [topic, eventPattern] of Object.entries(props.rules)) {
      new events.Rule(this, `Rule-${topic}`, {
        ruleName: `${consumerName}-${topic}`,
        eventBus: props.bus,
        eventPattern,
        targets: [new SqsQueue(queue, { deadLetterQueue: props.undelivered })],
      });
    }
    props.handler.addEventSource(
      new SqsEventSource(queue, {
        batchSize: props.batch.size,
        maxBatchingWindow: props.batch.window,
        // Bounds the load on table and SES without taking concurrency away from other functions of the account.
        maxConcurrency: props.maxConcurrency,
        reportBatchItemFailures: true,
      }),
    );

    onCall.alarm(this, 'Late', {
      alarmName: `${consumerName}-late`,
      severity,
      what: `Events have been waiting for ${consumerName} for ${props.lateAfter.toMinutes()} minutes.`,
      impact,
      remedy: `Look for errors and throttles of the function ${consumerName}; without any, the load exceeds its concurrency.`,
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: ALARM_PERIOD }),
      threshold: props.lateAfter.toSeconds(),
    });
    // A batch that reports single failures counts as a success, so this sees crashes, timeouts and a wrong deployment.
    onCall.alarm(this, 'Failing', {
      alarmName: `${consumerName}-failing`,
      severity,
      what: `The function ${consumerName} crashes, times out or is throttled.`,
      impact,
      remedy: `Read the function's newest error lines; after a deployment roll back; throttles mean the account's concurrency is used up.`,
      metric: sumOf('errors and throttles', {
        errors: props.handler.metricErrors({ period: ALARM_PERIOD }),
        throttles: props.handler.metricThrottles({ period: ALARM_PERIOD }),
      }),
      threshold: 1,
      periods: FAILING_PERIODS,
    });
  }
}
