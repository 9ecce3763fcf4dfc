/**
 * The path of an event: bus → record → bus → send → SES, and the minute sweep that wakes customers whose time has
 * come. Holds no state: deleting and deploying it again loses nothing but what waits in its queues.
 */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { Construct } from 'constructs';
import { ANNOUNCED, OWN_SOURCE } from '../../shared/contracts/bus.ts';
import { type EnvironmentOf, type FunctionName, NOBODY } from '../../shared/contracts/environment.ts';
import { DUE_INDEX } from '../../shared/contracts/table.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';
import type { DeploymentConfig } from '../config.ts';
import { DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import { EventConsumer } from '../constructs/event-consumer.ts';
import { LifecycleFunction } from '../constructs/lifecycle-function.ts';
import { ALARM_PERIOD, OnCall } from '../constructs/on-call.ts';
import type { DataStack } from './data-stack.ts';

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

/**
 * CPU comes with memory. Unpacking clients and core is most of a cold start, and half a gigabyte (0.29 CPU) keeps that
 * below a second; warm work waits for DynamoDB. The sweep only queries and announces.
 */
const MEMORY_MEGABYTES = { record: 512, sweep: 256, send: 512 } as const satisfies Record<FunctionName, number>;

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
    // The CDK lets a function wait for its role and the role's policy; the first is implied, the second is needed.
    this.templateOptions.metadata = { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } };

    const { table, bus } = data;
    const physicalName = (part: string) => `perennial-${config.stage}-${part}`;
    const onCall = new OnCall(this, 'OnCall', { topicName: physicalName('alarms'), address: config.alarms.address });

    const lifecycleFunction = <F extends FunctionName>(
      functionName: F,
      description: string,
      environment: EnvironmentOf<F>,
      grants: readonly iam.PolicyStatement[],
    ) =>
      new LifecycleFunction(this, `${functionName}Function`, {
        functionName,
        physicalName: physicalName(functionName),
        description,
        assetDirectory: assetDirectories[functionName],
        environment,
        memoryMegabytes: MEMORY_MEGABYTES[functionName],
        logRetentionDays: config.logRetentionDays,
        grants,
      }).function;

    const announce = allow(['events:PutEvents'], [bus.eventBusArn]);

    const record = lifecycleFunction(
      'record',
      'Takes events in, keeps facts and stage of each customer, decides which messages are due',
      { TABLE_NAME: table.tableName, BUS_NAME: bus.eventBusName },
      [
        allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Query'], [table.tableArn]),
        announce,
      ],
    );
    const sweep = lifecycleFunction(
      'sweep',
      'Announces every minute the customers whose time has come',
      { TABLE_NAME: table.tableName, BUS_NAME: bus.eventBusName },
      [allow(['dynamodb:Query'], [`${table.tableArn}/index/${DUE_INDEX.name}`]), announce],
    );
    const send = lifecycleFunction(
      'send',
      'Claims a due message, renders it and hands it to SES, effectively once',
      {
        TABLE_NAME: table.tableName,
        SENDER: `${config.sender.name} <${config.sender.address}>`,
        REPLY_TO: config.replyTo,
        CONFIGURATION_SET: data.configurationSetName,
        SENDING: config.sending,
        ALLOW_LIST: config.allowList.join(',') || NOBODY,
        HOLDOUT_SHARE: String(config.holdout.share),
        HOLDOUT_SALT: config.holdout.salt,
      },
      [
        allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn]),
        new iam.PolicyStatement({
          actions: ['ses:SendRawEmail'],
          resources: [
            this.formatArn({ service: 'ses', resource: 'identity', resourceName: data.senderDomain }),
            this.formatArn({
              service: 'ses',
              resource: 'configuration-set',
              resourceName: data.configurationSetName,
            }),
          ],
          conditions: { StringEquals: { 'ses:FromAddress': config.sender.address } },
        }),
      ],
    );

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
  }
}

function allow(actions: string[], resources: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources });
}
