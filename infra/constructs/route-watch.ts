/** Whether an event can be lost on its way: EventBridge could neither deliver it nor put it aside. */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { sumOf } from './counts.ts';
import { ALARM_PERIOD, type OnCall, SEEN_LATE } from './on-call.ts';

/** A rule whose events nobody tells again. */
interface WatchedRoute {
  readonly ruleName: string;
  /** Undefined for the account's own bus, of which the metrics name no bus. */
  readonly busName: string | undefined;
}

export interface RouteWatchProps {
  /** Physical name of a part, such as perennial-dev-events-lost. */
  readonly physicalName: (part: string) => string;
  /** By a name of small letters. */
  readonly routes: Readonly<Record<string, WatchedRoute>>;
  readonly onCall: OnCall;
}

export class RouteWatch extends Construct {
  constructor(scope: Construct, id: string, { physicalName, routes, onCall }: RouteWatchProps) {
    super(scope, id);
    onCall.alarm(this, 'Lost', {
      alarmName: physicalName('events-lost'),
      severity: 'urgent',
      article: 'events-lost',
      what: 'EventBridge could neither deliver events nor put them aside.',
      impact:
        'These events are lost to us: stages and suppressions miss what happened until it is replayed or told again.',
      remedy:
        'Deploy again, which restores the queues and their policies, then replay the archive from before the alarm.',
      metric: sumOf(
        'lost events',
        Object.fromEntries(
          Object.entries(routes).map(([name, { ruleName, busName }]) => [
            name,
            new cloudwatch.Metric({
              namespace: 'AWS/Events',
              metricName: 'InvocationsFailedToBeSentToDlq',
              dimensionsMap: { RuleName: ruleName, ...(busName !== undefined && { EventBusName: busName }) },
              statistic: 'Sum',
              period: ALARM_PERIOD,
            }),
          ]),
        ),
      ),
      threshold: 1,
      ...SEEN_LATE,
      missing: { treat: 'ok', because: 'EventBridge only writes it when it loses something' },
    });
  }
}
