/**
 * Whether mail leaves: what SES says no to, what cannot be made, what nobody knows the outcome of, and how long a message has
 * been waiting that nothing holds back. "No mail" is no trouble: a quiet shop is quiet.
 */
import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { HELD, METRIC } from '../../shared/contracts/metrics.ts';
import { type Counted, sumOf } from './counts.ts';
import { type MissingData, type OnCall, ONLY_FAULTS } from './on-call.ts';

/**
 * Seconds a message may wait that rules and hours would let go: queue, retry and one round of the quarter-hourly catch-up take
 * less, so beyond it something stands still.
 */
const WAITING_SECONDS = Duration.minutes(30).toSeconds();

/**
 * Whatever waits is looked at again within so long, promotion spread over an hour included: a shorter period would have an alarm
 * tell of its end between two looks.
 */
const LOOKED_AT_AGAIN = Duration.hours(2);
/** Only mail that leaves says that mail leaves: nobody is told of an end that nobody has seen. */
const UNTIL_MAIL_LEAVES = {
  treat: 'ignore',
  because: 'no mail was due, and only one that leaves shows that mail leaves again',
} as const satisfies MissingData;

/** Lost answers an hour. One is the network, and is settled by a report of SES; a handful is SES or us. */
const UNKNOWN_PERIOD = Duration.hours(1);
const UNKNOWN_MOST = 3;

/**
 * Minutes of a day in which what is published could not be read. One failed read is followed by another look; but a
 * function looks only when it has something to do, which in a quiet shop is every few hours, and says nothing of a look that
 * succeeded. A shorter window would have the alarm end between two looks, and begin with the next. A day is the longest that
 * CloudWatch looks at by the minute.
 */
const CONTENT_KEPT = { periods: 1440, breaching: 3 };

export interface SendingWatchProps {
  /** Physical name of a part, such as perennial-dev-send-stopped. */
  readonly physicalName: (part: string) => string;
  readonly counted: Counted;
  readonly onCall: OnCall;
}

/**
 * A figure of the last two hours, 0 where nothing was said in them. Without the filling CloudWatch would go by the two hours
 * before, and tell of what is over.
 *
 * @param name small letters, for the expression
 */
function lately(name: string, metric: cloudwatch.Metric): cloudwatch.MathExpression {
  return sumOf(name, { [name]: metric.with({ period: LOOKED_AT_AGAIN }) }, LOOKED_AT_AGAIN);
}

export class SendingWatch extends Construct {
  constructor(scope: Construct, id: string, { physicalName, counted, onCall }: SendingWatchProps) {
    super(scope, id);
    onCall.alarm(this, 'Stopped', {
      alarmName: physicalName('send-stopped'),
      severity: 'urgent',
      article: 'send-stopped',
      what: 'SES takes no mail: the daily quota is used up, the account or its configuration set is paused, something in its set-up is wrong, or SES is out of order.',
      impact: 'No mail goes out at all, apologies included. What waits is tried again, what gets stale is withheld.',
      remedy:
        'The log of the send function says which; see whether sending is paused and the domain verified. It is tried again by itself within the hour.',
      metric: counted(METRIC.laneStopped).with({ statistic: 'Maximum' }),
      threshold: HELD.bySes,
      missing: UNTIL_MAIL_LEAVES,
    });
    onCall.alarm(this, 'Held', {
      alarmName: physicalName('send-held'),
      severity: 'soon',
      article: 'send-held',
      what: 'We hold mail back ourselves: our share of the daily quota is used up, or sending has been paused for more than a day.',
      impact:
        'Promotion waits and is withheld when it gets stale; apologies wait once the tenth kept for them is used up.',
      remedy:
        'The log of the send function says which. End a pause with "npm run resume"; for more mail a day raise quotaShare, or ask AWS for a higher quota.',
      metric: lately('held', counted(METRIC.laneStopped).with({ statistic: 'Minimum' })),
      threshold: HELD.byUs,
      bad: 'below',
      missing: ONLY_FAULTS,
    });
    onCall.alarm(this, 'Waiting', {
      alarmName: physicalName('mail-waiting'),
      severity: 'urgent',
      article: 'mail-waiting',
      what: `A message has been waiting for ${WAITING_SECONDS / 60} minutes although rules and hours would let it go.`,
      impact: 'Mail does not reach customers, apologies included, and promotion is withheld when it gets stale.',
      remedy:
        'See whether send is invoked, fails or is paused, and look at one of the waiting messages with "npm run why".',
      metric: lately('waiting', counted(METRIC.oldestSendable)),
      threshold: WAITING_SECONDS,
      missing: { treat: 'ok', because: 'nobody waits, as at night and in a quiet shop' },
    });
    // One is enough: ordinary mail is never refused, and in a small shop's sandbox account, which loses every mail, one
    // an hour is all there is.
    onCall.alarm(this, 'Rejected', {
      alarmName: physicalName('rejected'),
      severity: 'soon',
      article: 'rejected',
      what: 'SES refused a message for good.',
      impact: 'Its customer gets no such mail. In an account that is still in the sandbox, nobody gets any.',
      remedy:
        'The log of the send function names message and error. MessageRejected usually means the sandbox: ask AWS for production access. Otherwise look at the address and the size of that one mail.',
      metric: counted(METRIC.mailsRejected),
      threshold: 1,
      missing: ONLY_FAULTS,
    });
    onCall.alarm(this, 'CannotBeMade', {
      alarmName: physicalName('cannot-be-made'),
      severity: 'urgent',
      article: 'cannot-be-made',
      what: 'A mail could not be made: its template failed, or did not fit what is known of the customer.',
      impact: 'The mail waits; it is tried again hourly, and given up when its moment has passed.',
      remedy:
        'The log of the send function names message and error. Mend the template and publish, or roll back; what waits goes out within the hour.',
      metric: lately('tries', counted(METRIC.cannotBeMade)),
      threshold: 1,
      missing: ONLY_FAULTS,
    });
    onCall.alarm(this, 'OutcomeUnknown', {
      alarmName: physicalName('outcome-unknown'),
      severity: 'soon',
      article: 'outcome-unknown',
      what: `Within an hour ${UNKNOWN_MOST} messages or more ended without anybody knowing whether SES took them.`,
      impact:
        'A few customers may have missed a message, or got an apology twice; a report of SES may still settle it.',
      remedy:
        'Nothing for those messages: "npm run why" shows each. Look for timeouts of SES in the log of the send function.',
      metric: counted(METRIC.outcomesUnknown).with({ period: UNKNOWN_PERIOD }),
      threshold: UNKNOWN_MOST,
      missing: ONLY_FAULTS,
    });
    onCall.alarm(this, 'ContentKept', {
      alarmName: physicalName('content-kept'),
      severity: 'soon',
      article: 'content-kept',
      what: 'Functions cannot read the release that is live, and go on with the one they have.',
      impact: 'What marketers published has no effect, or only in a part of the functions.',
      remedy:
        'The log says why: "format" asks for a deployment, "broken" for publishing again or "npm run rollback", "unread" for a look at the content table.',
      metric: counted(METRIC.contentKept),
      threshold: 1,
      ...CONTENT_KEPT,
      missing: { treat: 'ok', because: 'a release that was read is not told of, and neither is a shop without events' },
    });
  }
}
