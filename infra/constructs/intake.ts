/**
 * The way in for those who cannot call PutEvents: a function behind a URL of its own, open to everybody, because whoever
 * holds the key signs each request. Events that do not get in are heard of, although their sender was told as well.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { METRIC } from '../../shared/contracts/metrics.ts';
import type { Counted } from './counts.ts';
import { type OnCall, ONLY_FAULTS } from './on-call.ts';

/**
 * Nobody redelivers a request, and a sender gives up after a minute: a shop that sends now and then makes one bad
 * minute an hour while all it tells is lost. So it is failures that are counted, and over so long that a few come together.
 */
const LOOKED_BACK = Duration.hours(3);
/** One more than a sender makes of one request: nobody is woken for a single one, and for the second at the latest. */
const LEAST_FAILED = 8;
/** Percent of the requests: nine minutes of nothing but failures where they come evenly, and more than a moment of a busy shop. */
const FAILED = 5;
const FAILED_REQUESTS = '(FILL(failures, 0) + FILL(throttles, 0))';

export interface IntakeProps {
  /** Physical name of function and alarms, such as perennial-dev-ingest. */
  readonly name: string;
  readonly handler: lambda.Function;
  readonly counted: Counted;
  readonly onCall: OnCall;
}

export class Intake extends Construct {
  /** Ends with a slash. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: IntakeProps) {
    super(scope, id);
    const { name, handler, counted, onCall } = props;

    this.url = handler.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE }).url;

    onCall.alarm(this, 'Failing', {
      alarmName: `${name}-failing`,
      severity: 'urgent',
      article: 'ingest-failing',
      what: `The intake answered ${FAILED} % of the requests of ${LOOKED_BACK.toHours()} hours, ${LEAST_FAILED} or more, with errors of ours, or was throttled.`,
      impact: 'Events of the shop wait where they come from; those of a sender that gives up are lost to us.',
      remedy: `Read the newest error lines of the function ${name}: they say whether the bus, the table or the key is in trouble; throttles mean a flood of requests or that the concurrency is used up.`,
      metric: new cloudwatch.MathExpression({
        expression: `IF(${FAILED_REQUESTS} >= ${LEAST_FAILED}, 100 * ${FAILED_REQUESTS} / requests, 0)`,
        label: 'failed and throttled requests, percent',
        period: LOOKED_BACK,
        usingMetrics: {
          // Crashes and timeouts of the function reach the sender as 502, so they are among these.
          failures: handler.metric('Url5xxCount', { statistic: 'Sum', period: LOOKED_BACK }),
          throttles: handler.metricThrottles({ period: LOOKED_BACK }),
          requests: handler.metric('UrlRequestCount', { statistic: 'Sum', period: LOOKED_BACK }),
        },
      }),
      threshold: FAILED,
      missing: { treat: 'ok', because: 'nobody has sent anything' },
    });
    onCall.alarm(this, 'Refused', {
      alarmName: `${name}-refused`,
      severity: 'soon',
      article: 'ingest-refused',
      what: 'The intake refused a signed request: its signature fits no key, its time is wrong, an event breaks its contract, or more came than intakeRate lets in.',
      impact: 'If it came from the shop, its events are not taken in, and stages do not follow what customers do.',
      remedy: `The log lines "request refused" of the function ${name} say why, with the id of the request; the sender was told the same.`,
      metric: counted(METRIC.intakeRefused),
      threshold: 1,
      missing: ONLY_FAULTS,
    });
  }
}
