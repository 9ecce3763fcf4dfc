/** A queue for what could not be handled: kept two weeks, encrypted, TLS only, and never silently filled. */
import { Duration, Validations } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ALARM_PERIOD, type OnCall, type Severity } from './on-call.ts';

/** The longest SQS keeps a message: two weeks to notice, repair and redrive, and below the 30 days erasure allows. */
const RETENTION = Duration.days(14);

export interface DeadLetterQueueProps {
  /** Physical name, such as perennial-dev-record-dead; the alarm is named alike. */
  readonly queueName: string;
  readonly severity: Severity;
  /** Heading of the article about it in docs/runbook.md, such as record-dead. */
  readonly article: string;
  /** One sentence: what it means when something lies here. */
  readonly what: string;
  readonly impact: string;
  readonly remedy: string;
  readonly onCall: OnCall;
}

export class DeadLetterQueue extends Construct {
  readonly queue: sqs.Queue;

  constructor(scope: Construct, id: string, props: DeadLetterQueueProps) {
    super(scope, id);
    this.queue = new sqs.Queue(this, 'Queue', {
      queueName: props.queueName,
      retentionPeriod: RETENTION,
      // The queue service's own key: EventBridge may write without a key policy, and it costs nothing.
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue; the rule does not see those of EventBridge rules and of Lambda destinations.',
    });
    props.onCall.alarm(this, 'Alarm', {
      alarmName: props.queueName,
      severity: props.severity,
      article: props.article,
      what: props.what,
      impact: props.impact,
      remedy: props.remedy,
      // Maximum: depth is a level, and summing its samples would invent messages.
      metric: this.queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: ALARM_PERIOD }),
      threshold: 1,
      // SQS says nothing of a queue that nobody has touched for hours, and what lay there when it went silent lies there yet.
      missing: {
        treat: 'ignore',
        because: 'SQS stops telling of a queue that nobody touches, and what lies there stays',
      },
    });
  }
}
