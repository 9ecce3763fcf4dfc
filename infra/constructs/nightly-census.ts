/**
 * When the census is taken: every night, and again at once when an invocation did not come to the end, until it has.
 * A night that fails altogether is heard of; the next one begins anew.
 */
import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ANNOUNCED, OWN_SOURCE } from '../../shared/contracts/bus.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import type { Counted } from './counts.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { failuresTo } from './narrow-grants.ts';
import type { MissingData, OnCall } from './on-call.ts';

/** UTC: night in Europe and the Americas' evening, when shops are at their quietest together. */
const NIGHTLY = { hour: '2', minute: '10' };

/** What was read is written down, so a retry goes on where the invocation before it stood. */
const RETRIES = 2;
/** A census that could not begin within this belongs to the next night. */
const MAX_AGE = Duration.hours(6);

/** For what a census finds. */
const UNTIL_THE_NEXT: MissingData = {
  treat: 'ignore',
  because: 'a census speaks once a night, and what it said holds until the next one',
};

export interface NightlyCensusProps {
  /** Physical name, such as perennial-dev-census. */
  readonly name: string;
  readonly bus: events.IEventBusRef;
  readonly handler: lambda.Function;
  /** Takes what EventBridge cannot hand to the function. */
  readonly undelivered: sqs.IQueue;
  readonly counted: Counted;
  readonly onCall: OnCall;
}

export class NightlyCensus extends Construct {
  constructor(scope: Construct, id: string, props: NightlyCensusProps) {
    super(scope, id);
    const { name, bus, handler, undelivered, counted, onCall } = props;

    const target = () =>
      new LambdaFunction(handler, { retryAttempts: RETRIES, maxEventAge: MAX_AGE, deadLetterQueue: undelivered });
    new events.Rule(this, 'Nightly', {
      ruleName: `${name}-nightly`,
      schedule: events.Schedule.cron(NIGHTLY),
      targets: [target()],
    });
    new events.Rule(this, 'Unfinished', {
      ruleName: `${name}-unfinished`,
      eventBus: bus,
      eventPattern: { source: [OWN_SOURCE], detailType: [ANNOUNCED.censusUnfinished] },
      targets: [target()],
    });
    handler.configureAsyncInvoke({
      retryAttempts: RETRIES,
      maxEventAge: MAX_AGE,
      onFailure: failuresTo(
        new DeadLetterQueue(this, 'Dead', {
          queueName: `${name}-dead`,
          severity: 'soon',
          article: 'census-dead',
          what: `Tonight's census failed ${RETRIES + 1} times.`,
          impact: 'Who has become a key account, or is none any more, is known a night later.',
          remedy:
            'Read the error in the message, repair its cause, then empty the queue: the next night begins anew by itself.',
          onCall,
        }).queue,
      ),
    });
    onCall.alarm(this, 'TooManyDiscounts', {
      alarmName: `${name}-discounts`,
      severity: 'soon',
      article: 'census-discounts',
      what: 'Last night the census found that much of the revenue of a year was discounted.',
      impact:
        'The shop depends on people who buy for the price, and the more it depends on them, the more they demand.',
      remedy:
        'Offer less and less often: see "offers" and "traits.bargain" in the playbook; the share from which this alarm goes off is "warnAt" there.',
      metric: counted(METRIC.tooManyDiscounts),
      threshold: 1,
      missing: UNTIL_THE_NEXT,
    });
    onCall.alarm(this, 'ComplaintsOld', {
      alarmName: `${name}-complaints`,
      severity: 'soon',
      article: 'census-complaints',
      what: 'Last night the census found complaints that have been open for more than 14 days.',
      impact: 'These customers wait for an answer, and get no promotional mail until they have one.',
      remedy:
        'Ask the helpdesk to answer them and to emit "Complaint Resolved"; the overview of the census counts them.',
      metric: counted(METRIC.openComplaintsOld),
      threshold: 1,
      missing: UNTIL_THE_NEXT,
    });
  }
}
