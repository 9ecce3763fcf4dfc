/**
 * The way in for those who cannot call PutEvents: a function behind a URL of its own, open to everybody, because whoever
 * holds the key signs each request. Events that do not get in are heard of, although their sender was told as well.
 */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { type Counted, sumOf } from './counts.ts';
import { ALARM_PERIOD, type OnCall, ONLY_FAULTS } from './on-call.ts';

/** Bad minutes, of ten: a sender tries again by itself, so what passes before costs nothing but its patience. */
const FAILING = { periods: 10, breaching: 5 };

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
      what: `The intake has answered with errors of ours, or was throttled, in ${FAILING.breaching} of ${FAILING.periods} minutes.`,
      impact: 'Events of the shop wait where they come from; those of a sender that gives up are lost to us.',
      remedy: `Read the newest error lines of the function ${name}: they say whether the bus, the table or the key is in trouble; throttles mean a flood of requests or that the concurrency is used up.`,
      metric: sumOf('failed and throttled requests', {
        // Crashes and timeouts of the function reach the sender as 502, so they are among these.
        failures: handler.metric('Url5xxCount', { statistic: 'Sum', period: ALARM_PERIOD }),
        throttles: handler.metricThrottles({ period: ALARM_PERIOD }),
      }),
      threshold: 1,
      ...FAILING,
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
