/** Whether functions get the processors and the time they need, and whether what fails is put aside. */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { FUNCTION_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';
import { sumOf } from './counts.ts';
import { ALARM_PERIOD, type OnCall, SEEN_LATE } from './on-call.ts';

/**
 * Those that many events a second run through. Their event sources bound how many run at once, so a throttle of theirs means
 * that the account has none left, which all other functions then feel as well. Throttles of the functions behind URLs are among
 * what their own alarms count, since each is an error to somebody.
 */
const BUSY = ['record', 'send', 'feedback'] as const;
/** Minutes with throttles, of ten: a burst is over before, and what was throttled is delivered again. */
const THROTTLED = { periods: 10, breaching: 3 };

/**
 * All but the census: it counts as long as it may, notes how far it has come before its time is over, and goes on in another
 * invocation, so that being near its timeout is what it is meant to do.
 */
const PROMPT = ['record', 'send', 'feedback', 'sweep', 'preferences', 'ingest'] as const;
/** Share of the timeout that the slowest hundredth may take: beyond it the next bad minute ends in killed functions. */
const NEAR_TIMEOUT = 0.8;
const MS_PER_SECOND = 1000;
/** Minutes that are too slow, of ten: a single one is a cold start behind a slow answer. */
const SLOW = { periods: 10, breaching: 3 };

/** Those that nobody waits for: what fails for good is put into a queue by Lambda, which is how it is heard of. */
const PUT_ASIDE = ['sweep', 'census'] as const;

type Watched = (typeof BUSY)[number] | (typeof PROMPT)[number] | (typeof PUT_ASIDE)[number];

export interface FunctionWatchProps {
  /** Physical name of a part, such as perennial-dev-throttled. */
  readonly physicalName: (part: string) => string;
  readonly functions: Readonly<Record<Watched, lambda.IFunction>>;
  readonly onCall: OnCall;
}

export class FunctionWatch extends Construct {
  constructor(scope: Construct, id: string, { physicalName, functions, onCall }: FunctionWatchProps) {
    super(scope, id);
    onCall.alarm(this, 'Throttled', {
      alarmName: physicalName('throttled'),
      severity: 'urgent',
      article: 'throttled',
      what: "Functions are throttled: the account's concurrency is used up.",
      impact: 'Events and mail come late, and readers who unsubscribe see an error.',
      remedy: 'Find which function of the account takes it all, stop or limit that, and ask AWS for a higher quota.',
      metric: sumOf(
        'throttles',
        Object.fromEntries(BUSY.map((name) => [name, functions[name].metricThrottles({ period: ALARM_PERIOD })])),
      ),
      threshold: 1,
      ...THROTTLED,
      missing: { treat: 'ok', because: 'a function that is not invoked is not throttled' },
    });
    onCall.alarm(this, 'NotPutAside', {
      alarmName: physicalName('failures-lost'),
      severity: 'soon',
      article: 'failures-lost',
      what: 'A failed sweep or census could not be put aside: Lambda may not write to its queue.',
      impact: 'The alarms sweep-dead and census-dead say nothing while it is so, and the error is only in the log.',
      remedy: 'Read the newest error lines of sweep and census, then deploy again, which restores queues and rights.',
      metric: sumOf(
        'lost failures',
        Object.fromEntries(
          PUT_ASIDE.map((name) => [
            name,
            functions[name].metric('DestinationDeliveryFailures', { statistic: 'Sum', period: ALARM_PERIOD }),
          ]),
        ),
      ),
      threshold: 1,
      ...SEEN_LATE,
      missing: { treat: 'ok', because: 'Lambda only writes it when it cannot deliver one' },
    });
    onCall.alarm(this, 'Slow', {
      alarmName: physicalName('slow'),
      severity: 'soon',
      article: 'slow',
      what: `A function takes more than ${100 * NEAR_TIMEOUT} % of its timeout for the slowest hundredth of its invocations.`,
      impact:
        'Nobody notices yet; a little slower, and functions are killed in the middle of their work and it is done again.',
      remedy: 'See which function it is and what it waits for: DynamoDB, SES, or its own processor.',
      metric: new cloudwatch.MathExpression({
        expression: PROMPT.map((name) => {
          const near = NEAR_TIMEOUT * MS_PER_SECOND * FUNCTION_TIMEOUT_SECONDS[name];
          return `(FILL(${name}, 0) >= ${near})`;
        }).join(' + '),
        label: 'slow functions',
        period: ALARM_PERIOD,
        usingMetrics: Object.fromEntries(
          PROMPT.map((name) => [name, functions[name].metricDuration({ statistic: 'p99', period: ALARM_PERIOD })]),
        ),
      }),
      threshold: 1,
      ...SLOW,
      missing: { treat: 'ok', because: 'a function that is not invoked takes no time' },
    });
  }
}
