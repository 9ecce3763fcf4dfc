/**
 * How every kind of event reaches its function: rules → queue → function, what fails → dead-letter queue → alarms.
 * Nothing that matches a rule is lost without an alarm that says what the shop or its customers notice.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BATCH_WINDOW_SECONDS, type Consumer, MAX_RECEIVES, visibilitySeconds } from '../../shared/contracts/timing.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { pollQueue, ruleTarget } from './narrow-grants.ts';
import { ALARM_PERIOD, type OnCall, type Severity } from './on-call.ts';

/** Longer than any outage of the function short of abandonment; what waits longer has an alarm since hours. */
const RETENTION = Duration.days(4);

/**
 * Minutes with errors, of ten: one killed worker is redelivered before anybody could look. An event that kills its function
 * each time comes back every three minutes and is told of before its fifth time, after which it is put aside.
 */
const FAILING = { periods: 10, breaching: 3 };
/**
 * As many events share an invocation: a busy hour costs a tenth of the invocations, several events of one customer share a
 * read and a write, and mails go out side by side.
 */
const BATCH_SIZE = 10;
/** Events put aside: one or two are about one customer each and wait for the morning, so many are about all of them. */
const MANY_DEAD = 10;

export interface EventConsumerProps {
  /** Physical name of queue and alarms, such as perennial-dev-record. */
  readonly consumerName: string;
  /** Which function it feeds. Its articles in docs/runbook.md begin with that: record-dead, record-late, record-failing. */
  readonly consumer: Consumer;
  readonly bus: events.IEventBusRef;
  /** What a rule is about, to the events it picks. An event that two rules pick is delivered twice. */
  readonly rules: Readonly<Record<string, events.EventPattern>>;
  readonly handler: lambda.Function;
  readonly maxConcurrency: number;
  /** One sentence: what customers or the shop notice while this fails. */
  readonly failureImpact: string;
  readonly severity: Severity;
  /**
   * Age of the oldest waiting event from which the impact is real. SQS leaves an event out of it that was received three times,
   * so this has to be longer than that takes: one event that nobody can handle makes nobody else's late.
   */
  readonly lateAfter: Duration;
  /** Takes what EventBridge cannot put into the queue. */
  readonly undelivered: sqs.IQueue;
  readonly onCall: OnCall;
}

export class EventConsumer extends Construct {
  readonly deadLetterQueue: sqs.Queue;

  constructor(scope: Construct, id: string, props: EventConsumerProps) {
    super(scope, id);
    const { consumerName, consumer, severity, failureImpact: impact, onCall } = props;

    this.deadLetterQueue = new DeadLetterQueue(this, 'Dead', {
      queueName: `${consumerName}-dead`,
      // Of many there is another alarm, which is urgent.
      severity: 'soon',
      article: `${consumer}-dead`,
      what: `An event could not be handled by ${consumerName}: it failed ${MAX_RECEIVES} times or was refused.`,
      impact,
      remedy: `List ${consumerName}-dead with "npm run redrive", read the log lines with the event's id, repair the cause, send it back.`,
      onCall,
    }).queue;

    const queue = new sqs.Queue(this, 'Queue', {
      queueName: consumerName,
      retentionPeriod: RETENTION,
      visibilityTimeout: Duration.seconds(visibilitySeconds(consumer)),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    for (const [topic, eventPattern] of Object.entries(props.rules)) {
      new events.Rule(this, `Rule-${topic}`, {
        ruleName: `${consumerName}-${topic}`,
        eventBus: props.bus,
        eventPattern,
        targets: [ruleTarget(queue, props.undelivered)],
      });
    }
    pollQueue(props.handler, queue, {
      batchSize: BATCH_SIZE,
      maxBatchingWindow: Duration.seconds(BATCH_WINDOW_SECONDS[consumer]),
      // Bounds the load on table and SES without taking concurrency away from other functions of the account.
      maxConcurrency: props.maxConcurrency,
      reportBatchItemFailures: true,
    });

    onCall.alarm(this, 'Late', {
      alarmName: `${consumerName}-late`,
      severity,
      article: `${consumer}-late`,
      what: `Events have been waiting for ${consumerName} for ${props.lateAfter.toMinutes()} minutes.`,
      impact,
      remedy: `Look for errors and throttles of the function ${consumerName}; without any, the load exceeds its concurrency.`,
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: ALARM_PERIOD }),
      threshold: props.lateAfter.toSeconds(),
      missing: { treat: 'ok', because: 'an empty queue has no oldest event' },
    });
    // A batch that reports single failures counts as a success, so errors are crashes, timeouts and a wrong deployment.
    onCall.alarm(this, 'Failing', {
      alarmName: `${consumerName}-failing`,
      severity,
      article: `${consumer}-failing`,
      what: `The function ${consumerName} crashes or times out again and again, or has put aside ${MANY_DEAD} events or more.`,
      impact,
      remedy: `Read the function's newest error lines and list ${consumerName}-dead with "npm run redrive"; after a deployment roll back.`,
      metric: new cloudwatch.MathExpression({
        expression: `(FILL(errors, 0) >= 1) + (FILL(dead, 0) >= ${MANY_DEAD})`,
        label: 'fails again and again',
        period: ALARM_PERIOD,
        usingMetrics: {
          errors: props.handler.metricErrors({ period: ALARM_PERIOD }),
          dead: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
            statistic: 'Maximum',
            period: ALARM_PERIOD,
          }),
        },
      }),
      threshold: 1,
      ...FAILING,
      missing: { treat: 'ok', because: 'a function that is not invoked cannot fail' },
    });
  }
}
