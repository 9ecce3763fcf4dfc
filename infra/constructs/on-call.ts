/**
 * Who hears of trouble, and in which words. Every alarm says how bad it is, what broke, what customers or the shop
 * notice and what to do; with an address configured, each is mailed when it goes off and when it is over.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

/** `urgent`: customers are hurt until somebody acts. `soon`: it heals or waits, but somebody has to look this week. */
export type Severity = 'urgent' | 'soon';

export interface AlarmSpecification {
  /** Physical name, such as perennial-dev-record-dead. */
  readonly alarmName: string;
  readonly severity: Severity;
  /** One sentence each. */
  readonly what: string;
  readonly impact: string;
  readonly remedy: string;
  readonly metric: cloudwatch.IMetric;
  /** The alarm goes off at this value or beyond. */
  readonly threshold: number;
  /** Periods of the metric in a row; 1 when left out. */
  readonly periods?: number;
  /** Which side of the threshold is bad; `above` when left out. No data counts as bad only for `below`. */
  readonly bad?: 'above' | 'below';
}

/** Resolution of every alarmed metric: what CloudWatch keeps without extra charge. */
export const ALARM_PERIOD = Duration.minutes(1);

export class OnCall extends Construct {
  readonly #topic: sns.Topic | undefined;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly topicName: string; readonly address: string | undefined },
  ) {
    super(scope, id);
    if (props.address === undefined) return;
    this.#topic = new sns.Topic(this, 'Topic', { topicName: props.topicName, enforceSSL: true });
    // A topic that insists on TLS has a policy of its own, and with that loses the right alarms have by default.
    const { account } = Stack.of(this);
    this.#topic.grantPublish(
      new iam.ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
    this.#topic.addSubscription(new EmailSubscription(props.address));
  }

  /** Creates an alarm below `scope` and tells whoever is on call. */
  alarm(scope: Construct, id: string, specification: AlarmSpecification): void {
    const { alarmName, severity, what, impact, remedy, metric, threshold, periods = 1, bad = 'above' } = specification;
    const alarm = new cloudwatch.Alarm(scope, id, {
      alarmName,
      alarmDescription: `[${severity}] ${what} Impact: ${impact} What to do: ${remedy}`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator:
        bad === 'above'
          ? cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
          : cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData:
        bad === 'above' ? cloudwatch.TreatMissingData.NOT_BREACHING : cloudwatch.TreatMissingData.BREACHING,
    });
    if (this.#topic === undefined) return;
    const tell = new SnsAction(this.#topic);
    alarm.addAlarmAction(tell);
    alarm.addOkAction(tell);
  }
}
