/**
 * The path of an event: bus → record → bus → send → SES, the minute sweep that wakes customers whose time has come, the
 * nightly census, the intake for shops that cannot call PutEvents, and the ways back: what SES reports about mail, and what readers choose on our pages. Holds no state: deleting and
 * deploying it again loses what waits in its queues, and the function URL that links in mails lead to, unless they go
 * through a domain of the shop (`linkBase`).
 */
import { Annotations, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { ANNOUNCED, OWN_SOURCE } from '../../shared/contracts/bus.ts';
import type { FunctionName } from '../../shared/contracts/environment.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { CATCH_UP_MINUTES } from '../../shared/contracts/timing.ts';
import type { DeploymentConfig } from '../config.ts';
import { BusinessDashboard } from '../constructs/business-dashboard.ts';
import { countedIn } from '../constructs/counts.ts';
import { DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import { failuresTo, ruleTarget } from '../constructs/narrow-grants.ts';
import { DeliverabilityWatch } from '../constructs/deliverability-watch.ts';
import { EventConsumer } from '../constructs/event-consumer.ts';
import { FunctionWatch } from '../constructs/function-watch.ts';
import { Intake } from '../constructs/intake.ts';
import { LogQueries } from '../constructs/log-queries.ts';
import { NightlyCensus } from '../constructs/nightly-census.ts';
import { OnCall } from '../constructs/on-call.ts';
import { OpsDashboard } from '../constructs/ops-dashboard.ts';
import { RouteWatch } from '../constructs/route-watch.ts';
import { SendingWatch } from '../constructs/sending-watch.ts';
import { TableWatch } from '../constructs/table-watch.ts';
import type { DataStack } from './data-stack.ts';
import { addFunctions } from './functions.ts';

/** 20 invocations of ten events at about 20 ms each take in 1,000 events a second, many times a large shop's peak. */
const RECORD_CONCURRENCY = 20;

/** Four invocations of ten reports at about 15 ms each take in 250 a second, more than all but the largest accounts send. */
const FEEDBACK_CONCURRENCY = 4;

/** How often timers are looked at: a message is at most this late, and an idle month costs 43,200 short sweeps. */
const SWEEP_PERIOD = Duration.minutes(1);

/** Minutes of silence or failure of the sweep before somebody is called; each next minute tries again by itself. */
const SWEEP_PATIENCE = 5;

/** How long a timer may stand: two rounds of the catch-up, in each of which it is announced again. */
const SWEEP_LAG = Duration.minutes(2 * CATCH_UP_MINUTES);
/** Only a catch-up looks at all timers, so every period has to hold one. */
const SWEEP_LAG_PERIOD = Duration.minutes(CATCH_UP_MINUTES);

export interface PipelineStackProps extends StackProps {
  readonly config: DeploymentConfig;
  readonly data: DataStack;
  readonly assetDirectories: Readonly<Record<FunctionName, string>>;
  /** The release of the content that the functions carry. */
  readonly releaseId: string;
}

export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    const { config, data, assetDirectories, releaseId, ...stackProps } = props;
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
    const counted = countedIn(config.stage);
    const physicalName = (part: string) => `perennial-${config.stage}-${part}`;
    const onCall = new OnCall(this, 'OnCall', {
      topicName: physicalName('alarms'),
      address: config.alarms.address,
      runbookBase: config.runbookBase,
    });

    const functions = addFunctions(this, { config, data, assetDirectories, physicalName, onCall });
    const { record, sweep, census, feedback, send, ingest } = functions;

    const undelivered = new DeadLetterQueue(this, 'Undelivered', {
      queueName: physicalName('undelivered'),
      severity: 'urgent',
      article: 'undelivered',
      what: 'EventBridge could not hand an event to its queue or function.',
      impact: 'Events of the shop or due messages stand still, and stages no longer follow what customers do.',
      remedy:
        'List the queue with "npm run redrive", which shows rule and error; usually a permission was changed by hand, so deploy again and send the events back.',
      onCall,
    }).queue;

    const intake = new EventConsumer(this, 'Record', {
      consumerName: physicalName('record'),
      consumer: 'record',
      bus,
      rules: {
        // Every source but our own: a detail-type nobody knows is counted by the function, not lost in a pattern.
        events: { source: events.Match.anythingBut(OWN_SOURCE) },
        due: { source: [OWN_SOURCE], detailType: [ANNOUNCED.customerDue] },
      },
      handler: record,
      maxConcurrency: RECORD_CONCURRENCY,
      failureImpact:
        'Customers keep an outdated stage: mail may miss what they just did, and a complaint may not stop promotion.',
      severity: 'urgent',
      lateAfter: Duration.minutes(10),
      undelivered,
      onCall,
    });
    // What the function refuses lies beside what it failed on, so that there is one place to look.
    new events.Rule(this, 'Refused', {
      ruleName: physicalName('record-refused'),
      eventBus: bus,
      eventPattern: { source: [OWN_SOURCE], detailType: [ANNOUNCED.eventRefused] },
      targets: [ruleTarget(intake.deadLetterQueue, undelivered)],
    });

    new EventConsumer(this, 'Send', {
      consumerName: physicalName('send'),
      consumer: 'send',
      bus,
      rules: { due: { source: [OWN_SOURCE], detailType: [ANNOUNCED.messageDue] } },
      handler: send,
      maxConcurrency: config.sendConcurrency,
      failureImpact: 'Mail that is due does not reach customers, apologies after a complaint included.',
      severity: 'urgent',
      lateAfter: Duration.minutes(15),
      undelivered,
      onCall,
    });

    new SendingWatch(this, 'Sending', { physicalName, counted, onCall });

    new EventConsumer(this, 'Feedback', {
      consumerName: physicalName('feedback'),
      consumer: 'feedback',
      bus: data.defaultBus,
      // The default bus carries the reports of all mail of the account; ours is what our configuration set sent.
      rules: {
        reports: {
          source: ['aws.ses'],
          detail: { mail: { tags: { 'ses:configuration-set': [data.configurationSetName] } } },
        },
      },
      handler: feedback,
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
      onFailure: failuresTo(
        new DeadLetterQueue(this, 'SweepDead', {
          queueName: physicalName('sweep-dead'),
          severity: 'soon',
          article: 'sweep-dead',
          what: 'A sweep failed; the following ones have caught up unless they fail as well.',
          impact: sweepImpact,
          remedy:
            'Read the error in the message, repair its cause, then purge the queue: an old minute needs no redrive.',
          onCall,
        }).queue,
      ),
    });
    // A sweep that fails tells of no delay either, so its figure is a heartbeat.
    onCall.alarm(this, 'SweepSilent', {
      alarmName: physicalName('sweep-silent'),
      severity: 'urgent',
      article: 'sweep-silent',
      what: `No sweep has come to its end for ${SWEEP_PATIENCE} minutes.`,
      impact: sweepImpact,
      remedy: `Read the newest error lines of the function, and see whether the rule ${physicalName('sweep-every-minute')} is enabled; what is due is caught up with by itself.`,
      metric: counted(METRIC.sweepLag).with({ statistic: 'SampleCount' }),
      threshold: 0,
      periods: SWEEP_PATIENCE,
      bad: 'below',
      missing: { treat: 'bad', because: 'every sweep tells, also when nothing is due' },
    });
    onCall.alarm(this, 'SweepLate', {
      alarmName: physicalName('sweep-late'),
      severity: 'soon',
      article: 'sweep-late',
      what: `A customer's timer has been due for ${SWEEP_LAG.toMinutes()} minutes, although the sweep announces it.`,
      impact: 'For that customer nothing happens that depends on time: no mail, no at-risk or lapsed stage.',
      remedy:
        'See whether record keeps up; if it does, find the customer by the saved query "timers that stand, by customer", and look with "npm run why".',
      metric: counted(METRIC.sweepLag).with({ period: SWEEP_LAG_PERIOD }),
      threshold: SWEEP_LAG.toMilliseconds(),
      missing: { treat: 'ignore', because: 'silence of the sweep has an alarm of its own' },
    });

    new NightlyCensus(this, 'Census', {
      name: physicalName('census'),
      bus,
      handler: census,
      undelivered,
      counted,
      onCall,
    });

    const { url } = new Intake(this, 'Intake', { name: physicalName('ingest'), handler: ingest, counted, onCall });
    new CfnOutput(this, 'Release', { description: 'The release of the content that is deployed', value: releaseId });
    new CfnOutput(this, 'IntakeUrl', { description: 'Where signed requests with events go', value: url });

    new RouteWatch(this, 'Routes', {
      physicalName,
      // Customers who are due and messages are announced anew until they are dealt with; what these three carry is told once.
      routes: {
        events: { ruleName: physicalName('record-events'), busName: bus.eventBusName },
        refused: { ruleName: physicalName('record-refused'), busName: bus.eventBusName },
        reports: { ruleName: physicalName('feedback-reports'), busName: undefined },
      },
      onCall,
    });
    new FunctionWatch(this, 'Functions', { physicalName, functions, onCall });
    new TableWatch(this, 'Table', { physicalName, table: data.table, counted, onCall });
    new DeliverabilityWatch(this, 'Deliverability', { physicalName, onCall });

    new LogQueries(this, 'Queries', { stage: config.stage, functions });
    new BusinessDashboard(this, 'Business', { dashboardName: physicalName('business'), counted, functions });
    new OpsDashboard(this, 'Ops', {
      dashboardName: physicalName('ops'),
      counted,
      functions,
      table: data.table,
      contentTable: data.contentTable,
      runbookBase: config.runbookBase,
    });
  }
}
