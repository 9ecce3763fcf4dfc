/**
 * The path of an event: bus → record → bus → send → SES, the minute sweep that wakes customers whose time has come, the
 * nightly census, and the ways back: what SES reports about mail, and what readers choose on our pages. Holds no state: deleting and
 * deploying it again loses what waits in its queues, and the function URL that links in mails lead to, unless they go
 * through a domain of the shop (`linkBase`).
 */
import { Annotations, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { Construct } from 'constructs';
import { ANNOUNCED, OWN_SOURCE } from '../../shared/contracts/bus.ts';
import type { FunctionName } from '../../shared/contracts/environment.ts';
import { DIMENSION, METRIC } from '../../shared/contracts/metrics.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';
import type { DeploymentConfig } from '../config.ts';
import { countedBy, sumOf } from '../constructs/counts.ts';
import { DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import { EventConsumer } from '../constructs/event-consumer.ts';
import { NightlyCensus } from '../constructs/nightly-census.ts';
import { ALARM_PERIOD, OnCall } from '../constructs/on-call.ts';
import type { DataStack } from './data-stack.ts';
import { addFunctions } from './functions.ts';

/**
 * Ten events share an invocation, which waits at most a second for them: a busy hour costs a tenth of the invocations,
 * several events of one customer share a read and a write, and nobody notices the second.
 */
const RECORD_BATCH = { size: 10, window: Duration.seconds(1) };

/** 20 invocations of ten events at about 20 ms each take in 1,000 events a second, many times a large shop's peak. */
const RECORD_CONCURRENCY = 20;

/**
 * Ten messages share an invocation and go out side by side, one after the other only within a customer; ten times
 * `sendConcurrency` is what can be in flight at SES. No window: a mail that is due does not wait for company.
 */
const SEND_BATCH = { size: 10, window: Duration.seconds(0) };

/** SES reports each mail at least once, so these come as fast as mail goes out; like events, they can wait a second. */
const FEEDBACK_BATCH = { size: 10, window: Duration.seconds(1) };

/** Four invocations of ten reports at about 15 ms each take in 250 a second, more than all but the largest accounts send. */
const FEEDBACK_CONCURRENCY = 4;

/** Why no mail goes out; a rate that was too high is no trouble, it passes within a minute. */
const STOPS = ['quota', 'paused', 'misconfigured', 'unreachable', 'unknown'];

/** How often timers are looked at: a message is at most this late, and an idle month costs 43,200 short sweeps. */
const SWEEP_PERIOD = Duration.minutes(1);

/** Minutes of silence or failure of the sweep before somebody is called; each next minute tries again by itself. */
const SWEEP_PATIENCE = 5;

export interface PipelineStackProps extends StackProps {
  readonly config: DeploymentConfig;
  readonly data: DataStack;
  readonly assetDirectories: Readonly<Record<FunctionName, string>>;
}

export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    const { config, data, assetDirectories, ...stackProps } = props;
    super(scope, id, {
      ...stackProps,
      description: `Perennial ${config.stage}: functions, queues and rules that turn events into stages and mail`,
    });
    if (config.sending === 'live' && config.removal === 'retain' && config.linkBase === undefined) {
      Annotations.of(this).addWarningV2(
        'perennial:linkBase',
        'Links in mails lead to the URL of a function of this stack. Should the stack ever be replaced, every unsubscribe link in every mail sent is dead. Put a domain of your own in front and set linkBase.',
      );
    }
    // The CDK lets a function wait for its role and the role's policy; the first is implied, the second is needed.
    this.templateOptions.metadata = { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } };

    const { bus } = data;
    const physicalName = (part: string) => `perennial-${config.stage}-${part}`;
    const onCall = new OnCall(this, 'OnCall', { topicName: physicalName('alarms'), address: config.alarms.address });

    const { record, sweep, census, feedback, send } = addFunctions(this, {
      config,
      data,
      assetDirectories,
      physicalName,
      onCall,
    });

    const undelivered = new DeadLetterQueue(this, 'Undelivered', {
      queueName: physicalName('undelivered'),
      severity: 'urgent',
      what: 'EventBridge could not hand an event to its queue or function.',
      impact: 'Events of the shop or due messages stand still, and stages no longer follow what customers do.',
      remedy:
        'Read ERROR_CODE, RULE_ARN and TARGET_ARN of the message; usually a permission was changed by hand, so deploy again and send the events anew.',
      onCall,
    }).queue;

    const intake = new EventConsumer(this, 'Record', {
      consumerName: physicalName('record'),
      bus,
      rules: {
        // Every source but our own: a detail-type nobody knows is counted by the function, not lost in a pattern.
        events: { source: events.Match.anythingBut(OWN_SOURCE) },
        due: { source: [OWN_SOURCE], detailType: [ANNOUNCED.customerDue] },
      },
      handler: record,
      timeoutSeconds: FUNCTION_TIMEOUT_SECONDS.record,
      batch: RECORD_BATCH,
      maxConcurrency: RECORD_CONCURRENCY,
      failureImpact:
        'Customers keep an outdated stage: mail may miss what they just did, and a complaint may not stop promotion.',
      severity: 'urgent',
      lateAfter: Duration.minutes(5),
      undelivered,
      onCall,
    });
    // What the function refuses lies beside what it failed on, so that there is one place to look.
    new events.Rule(this, 'Refused', {
      ruleName: physicalName('record-refused'),
      eventBus: bus,
      eventPattern: { source: [OWN_SOURCE], detailType: [ANNOUNCED.eventRefused] },
      targets: [new SqsQueue(intake.deadLetterQueue, { deadLetterQueue: undelivered })],
    });

    new EventConsumer(this, 'Send', {
      consumerName: physicalName('send'),
      bus,
      rules: { due: { source: [OWN_SOURCE], detailType: [ANNOUNCED.messageDue] } },
      handler: send,
      timeoutSeconds: FUNCTION_TIMEOUT_SECONDS.send,
      batch: SEND_BATCH,
      maxConcurrency: config.sendConcurrency,
      failureImpact: 'Mail that is due does not reach customers, apologies after a complaint included.',
      severity: 'urgent',
      lateAfter: Duration.minutes(15),
      undelivered,
      onCall,
    });

    onCall.alarm(this, 'LaneStopped', {
      alarmName: physicalName('send-stopped'),
      severity: 'urgent',
      what: 'SES takes no mail: the daily quota is used up, the account or its configuration set is paused, something in its set-up is wrong, or SES is out of order.',
      impact: 'No mail goes out at all, apologies included. What waits is tried again, what gets stale is withheld.',
      remedy:
        'The log of the function says which; see the SES console for a pause or the verification of the domain. It is tried again by itself within the hour.',
      metric: sumOf(
        'stops',
        Object.fromEntries(STOPS.map((why) => [why, countedBy('send', METRIC.laneStopped, { [DIMENSION.why]: why })])),
      ),
      threshold: 1,
    });
    // One is enough: ordinary mail is never refused, and in a small shop's sandbox account, which loses every mail, one
    // an hour is all there is.
    onCall.alarm(this, 'Rejected', {
      alarmName: physicalName('rejected'),
      severity: 'soon',
      what: 'SES refused a message for good.',
      impact: 'Its customer gets no such mail. In an account that is still in the sandbox, nobody gets any.',
      remedy:
        'The log of the send function names message and error. MessageRejected usually means the sandbox: ask AWS for production access. Otherwise look at the address and the size of that one mail.',
      metric: countedBy('send', METRIC.rejected),
      threshold: 1,
    });
    onCall.alarm(this, 'CannotBeMade', {
      alarmName: physicalName('cannot-be-made'),
      severity: 'urgent',
      what: 'A mail could not be made: its template failed, or did not fit what is known of the customer.',
      impact: 'The mail waits; it is tried again hourly, and given up when its moment has passed.',
      remedy:
        'The log of the send function names message and error. Mend the template and deploy, or roll back; what waits goes out within the hour.',
      metric: countedBy('send', METRIC.cannotBeMade),
      threshold: 1,
    });
    onCall.alarm(this, 'GaveUp', {
      alarmName: physicalName('gave-up'),
      severity: 'soon',
      what: 'A message was given up because nobody knows whether SES took it before the connection broke.',
      impact: 'A few customers may have missed one message.',
      remedy:
        'Nothing for those messages: `npm run why` shows each. If it repeats, look for timeouts of SES in the log of the send function.',
      // The one that finds out closes the message: record when a lease ends, send when it meets a competitor.
      metric: sumOf('given up', {
        record: countedBy('record', METRIC.gaveUp),
        send: countedBy('send', METRIC.gaveUp),
      }),
      threshold: 1,
    });

    new EventConsumer(this, 'Feedback', {
      consumerName: physicalName('feedback'),
      bus: data.defaultBus,
      // The default bus carries the reports of all mail of the account; ours is what our configuration set sent.
      rules: {
        reports: {
          source: ['aws.ses'],
          detail: { mail: { tags: { 'ses:configuration-set': [data.configurationSetName] } } },
        },
      },
      handler: feedback,
      timeoutSeconds: FUNCTION_TIMEOUT_SECONDS.feedback,
      batch: FEEDBACK_BATCH,
      maxConcurrency: FEEDBACK_CONCURRENCY,
      failureImpact:
        'Addresses that bounced or complained are mailed again, which costs the domain its reputation, and lost answers of SES stay unknown.',
      severity: 'urgent',
      lateAfter: Duration.minutes(15),
      undelivered,
      onCall,
    });

    const sweepImpact =
      'Nothing that depends on time happens: no guide after a delivery, no at-risk or lapsed stage, no retry of a message.';
    new events.Rule(this, 'EveryMinute', {
      ruleName: physicalName('sweep-every-minute'),
      schedule: events.Schedule.rate(SWEEP_PERIOD),
      targets: [
        new LambdaFunction(sweep, { retryAttempts: 0, maxEventAge: SWEEP_PERIOD, deadLetterQueue: undelivered }),
      ],
    });
    // The next minute is the retry: a sweep repeats what is still due, and two at once would announce everything twice.
    sweep.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: SWEEP_PERIOD,
      onFailure: new SqsDestination(
        new DeadLetterQueue(this, 'SweepDead', {
          queueName: physicalName('sweep-dead'),
          severity: 'soon',
          what: 'A sweep failed; the following ones have caught up unless they fail as well.',
          impact: sweepImpact,
          remedy:
            'Read the error in the message, repair its cause, then purge the queue: an old minute needs no redrive.',
          onCall,
        }).queue,
      ),
    });
    onCall.alarm(this, 'SweepFailing', {
      alarmName: physicalName('sweep-failing'),
      severity: 'urgent',
      what: `The sweep has failed for ${SWEEP_PATIENCE} minutes in a row.`,
      impact: sweepImpact,
      remedy:
        'Read the newest error lines of the function; after a deployment roll back. What is due is caught up with by itself.',
      metric: sweep.metricErrors({ period: ALARM_PERIOD }),
      threshold: 1,
      periods: SWEEP_PATIENCE,
    });
    onCall.alarm(this, 'SweepSilent', {
      alarmName: physicalName('sweep-silent'),
      severity: 'urgent',
      what: `The sweep has not run for ${SWEEP_PATIENCE} minutes.`,
      impact: sweepImpact,
      remedy: `See whether the rule ${physicalName('sweep-every-minute')} is enabled and the function is throttled.`,
      metric: sweep.metricInvocations({ period: ALARM_PERIOD }),
      threshold: 0,
      periods: SWEEP_PATIENCE,
      bad: 'below',
    });

    new NightlyCensus(this, 'Census', { name: physicalName('census'), bus, handler: census, undelivered, onCall });
  }
}
