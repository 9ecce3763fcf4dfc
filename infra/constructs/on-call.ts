/**
 * Who hears of trouble, and in which words. Every alarm says how bad it is, what broke, what customers or the shop
 * notice, what to do and where the runbook says more. A topic tells of each when it goes off and when it is over, to the
 * address that is configured and to whatever pager or chat subscribes.
 */
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

/** `urgent`: customers are hurt until somebody acts, so it wakes somebody. `soon`: it heals or waits until the next working day. */
export type Severity = 'urgent' | 'soon';

/** What it means that CloudWatch got no figure: all is well, that is the trouble, or nothing is known beyond what was. */
export interface MissingData {
  readonly treat: 'ok' | 'bad' | 'ignore';
  /** Why so: one clause without a full stop. */
  readonly because: string;
}

export interface AlarmSpecification {
  /** Physical name, such as perennial-dev-record-dead. */
  readonly alarmName: string;
  readonly severity: Severity;
  /** Heading of its article in docs/runbook.md, which is its anchor as well, such as record-dead. */
  readonly article: string;
  /** One sentence each. */
  readonly what: string;
  readonly impact: string;
  readonly remedy: string;
  readonly metric: cloudwatch.IMetric;
  /** The alarm goes off at this value or beyond. */
  readonly threshold: number;
  /** Periods of the metric that are looked at; 1 when left out. */
  readonly periods?: number;
  /** How many of these have to be bad; all when left out. */
  readonly breaching?: number;
  /** Which side of the threshold is bad; `above` when left out. */
  readonly bad?: 'above' | 'below';
  readonly missing: MissingData;
}

/** Resolution of every alarmed metric: what CloudWatch keeps without extra charge. */
export const ALARM_PERIOD = Duration.minutes(1);

/**
 * For expressions that fill the minutes nobody has told of with a number: a figure that comes up to two minutes late would
 * otherwise never be the newest one, and never be seen.
 */
export const SEEN_LATE = { periods: 3, breaching: 1 };

/** For what counts only faults: nobody writes a zero. */
export const ONLY_FAULTS: MissingData = { treat: 'ok', because: 'it is only written when there is a fault' };

const TREATMENT = {
  ok: cloudwatch.TreatMissingData.NOT_BREACHING,
  bad: cloudwatch.TreatMissingData.BREACHING,
  ignore: cloudwatch.TreatMissingData.IGNORE,
} as const satisfies Record<MissingData['treat'], cloudwatch.TreatMissingData>;

const MISSING_WORDS = {
  ok: 'counts as fine',
  bad: 'counts as trouble',
  ignore: 'changes nothing',
} as const satisfies Record<MissingData['treat'], string>;

export interface OnCallProps {
  readonly topicName: string;
  readonly address: string | undefined;
  /** Where the runbook is read: a URL or a path; articles are its anchors. */
  readonly runbookBase: string;
}

export class OnCall extends Construct {
  readonly #topic: sns.Topic;
  readonly #runbookBase: string;

  constructor(scope: Construct, id: string, props: OnCallProps) {
    super(scope, id);
    this.#runbookBase = props.runbookBase;
    // Not encrypted: an alarm names no customer, CloudWatch cannot use the key that SNS offers for nothing, and one of our own
    // costs a dollar a month.
    this.#topic = new sns.Topic(this, 'Topic', { topicName: props.topicName, enforceSSL: true });
    // A topic that insists on TLS has a policy of its own, and with that loses the right alarms have by default.
    const { account } = Stack.of(this);
    this.#topic.grantPublish(
      new iam.ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
    if (props.address !== undefined) this.#topic.addSubscription(new EmailSubscription(props.address));
    new CfnOutput(this, 'TopicArn', {
      description: 'Topic of the alarms, for a pager or a chat to subscribe to',
      value: this.#topic.topicArn,
    });
  }

  /** Creates an alarm below `scope` and tells whoever is on call. */
  alarm(scope: Construct, id: string, specification: AlarmSpecification): void {
    const { alarmName, metric, threshold, periods = 1, breaching = periods, bad = 'above', missing } = specification;
    const alarm = new cloudwatch.Alarm(scope, id, {
      alarmName,
      alarmDescription: this.#describe(specification),
      metric,
      threshold,
      evaluationPeriods: periods,
      datapointsToAlarm: breaching,
      comparisonOperator:
        bad === 'above'
          ? cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
          : cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TREATMENT[missing.treat],
    });
    const tell = new SnsAction(this.#topic);
    alarm.addAlarmAction(tell);
    alarm.addOkAction(tell);
  }

  /** What the mail says; CloudWatch takes 1,024 characters. */
  #describe({ severity, what, impact, remedy, article, missing }: AlarmSpecification): string {
    const without = `No data ${MISSING_WORDS[missing.treat]}: ${missing.because}.`;
    return `[${severity}] ${what} Impact: ${impact} What to do: ${remedy} Runbook: ${this.#runbookBase}#${article} ${without}`;
  }
}
