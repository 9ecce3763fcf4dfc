/**
 * Pages anybody on the internet may open: a function behind a URL of its own, without login, cookies or CORS, because
 * what a link may do is signed into the link. Every answer that is our fault is heard of at once.
 */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { sumOf } from './counts.ts';
import { ALARM_PERIOD, type OnCall, SEEN_LATE, type Severity } from './on-call.ts';

export interface PublicPagesProps {
  /** Physical name of the alarm, such as perennial-dev-preferences. */
  readonly pagesName: string;
  /** Heading of the article about it in docs/runbook.md, such as preferences-failing. */
  readonly article: string;
  /** Cheap and stateless: it shares the concurrency of the account unless some is reserved, and Lambda throttles a flood. */
  readonly handler: lambda.Function;
  /** One sentence: what readers notice while this fails. */
  readonly failureImpact: string;
  readonly severity: Severity;
  readonly onCall: OnCall;
}

export class PublicPages extends Construct {
  /** Ends with a slash. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: PublicPagesProps) {
    super(scope, id);
    const { pagesName, article, handler, failureImpact: impact, severity, onCall } = props;

    this.url = handler.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE }).url;

    onCall.alarm(this, 'Failing', {
      alarmName: `${pagesName}-failing`,
      severity,
      article,
      what: `The pages of ${pagesName} answered with an error of ours, or were throttled.`,
      impact,
      remedy: `Read the newest error lines of the function ${pagesName}; after a deployment roll back; throttles mean a flood of requests or that the account's concurrency is used up.`,
      metric: sumOf('failed and throttled requests', {
        // Crashes and timeouts of the function reach the reader as 502, so they are among these.
        failures: handler.metric('Url5xxCount', { statistic: 'Sum', period: ALARM_PERIOD }),
        throttles: handler.metricThrottles({ period: ALARM_PERIOD }),
      }),
      // Nobody redelivers what a reader has clicked, so one is too many.
      threshold: 1,
      ...SEEN_LATE,
      missing: { treat: 'ok', because: 'nobody asked for a page' },
    });
  }
}
