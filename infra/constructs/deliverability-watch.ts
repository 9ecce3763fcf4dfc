/**
 * What mailbox providers think of the mail: the rates of bounces and complaints by which AWS judges an account, told before AWS
 * does. They are those of the whole account, for AWS stops the whole account.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmSpecification, OnCall } from './on-call.ts';

const NAMESPACE = 'AWS/SES';

/** AWS reckons its rates over what it calls a representative volume; a day is the longest that says something of today. */
const PERIOD = Duration.days(1);

/** Mails in a day from which a rate means something: of fewer, one bounce or complaint is half a percent. */
const LEAST_SENT = 200;

/**
 * Percent. AWS reviews an account at 5 % bounces and 0.1 % complaints, and may pause it at 10 % and 0.5 %: the first level
 * leaves days for looking into it, the second is the last one before a review.
 */
const LEVELS = {
  bounces: { metric: 'Reputation.BounceRate', warning: 2, critical: 4, review: 5, pause: 10 },
  complaints: { metric: 'Reputation.ComplaintRate', warning: 0.04, critical: 0.08, review: 0.1, pause: 0.5 },
} as const;

const WORDS = {
  bounces: 'of the mail goes to addresses that do not exist',
  complaints: 'of the mail is reported as spam by its readers',
} as const;

export interface DeliverabilityWatchProps {
  /** Physical name of a part, such as perennial-dev-bounces-warning. */
  readonly physicalName: (part: string) => string;
  readonly onCall: OnCall;
}

export class DeliverabilityWatch extends Construct {
  constructor(scope: Construct, id: string, { physicalName, onCall }: DeliverabilityWatchProps) {
    super(scope, id);
    const sent = new cloudwatch.Metric({ namespace: NAMESPACE, metricName: 'Send', statistic: 'Sum', period: PERIOD });

    for (const kind of ['bounces', 'complaints'] as const) {
      const { metric: metricName, review, pause, ...levels } = LEVELS[kind];
      // The highest of the day: an alarm that is over has been over for a day.
      const rate = new cloudwatch.Metric({ namespace: NAMESPACE, metricName, statistic: 'Maximum', period: PERIOD });
      const metric = new cloudwatch.MathExpression({
        expression: `IF(FILL(sent, 0) >= ${LEAST_SENT}, 100 * FILL(rate, 0), 0)`,
        label: `${kind}, percent, of ${LEAST_SENT} mails or more`,
        period: PERIOD,
        usingMetrics: { sent, rate },
      });
      const alarm = (
        level: 'warning' | 'critical',
        words: Pick<AlarmSpecification, 'severity' | 'impact' | 'remedy'>,
      ) =>
        onCall.alarm(this, `${kind}-${level}`, {
          alarmName: physicalName(`${kind}-${level}`),
          article: `${kind}-${level}`,
          what: `${levels[level]} % ${WORDS[kind]}; AWS reviews an account at ${review} %, and may pause it at ${pause} %.`,
          metric,
          threshold: levels[level],
          missing: { treat: 'ok', because: 'without mail there is no rate' },
          ...words,
        });
      alarm('warning', {
        severity: 'soon',
        impact: 'Mailbox providers begin to sort the mail of the whole domain into spam, order confirmations included.',
        remedy: 'Find the programme or the import that causes it, and hold that back.',
      });
      alarm('critical', {
        severity: 'urgent',
        impact: 'A little more and AWS stops all mail of the account, order confirmations included.',
        remedy: 'Pause what causes it now ("npm run pause"), all promotion if that is not known, then find the cause.',
      });
    }
  }
}
