/** Whether customers can be written: throttles of the table and its index, and how often a race for a profile is lost. */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { DUE_INDEX } from '../../shared/contracts/table.ts';
import { type Counted, sumOf } from './counts.ts';
import { ALARM_PERIOD, type OnCall } from './on-call.ts';

/** A table on demand throttles for moments while it grows, and the client asks again; a quarter of ten minutes is no moment. */
const THROTTLED = { periods: 10, breaching: 3 };

/** Lost races are looked at over so long, three times in a row: a burst about one customer is over by then. */
const RACE_PERIOD = Duration.minutes(5);
const RACE_PERIODS = 3;
/** Races of so few say nothing about a rate. */
const LEAST_RACES = 50;
/** Percent of all attempts to write a profile that are lost: every fifth means that some customers are fought over without end. */
const RACES_LOST = 20;

export interface TableWatchProps {
  /** Physical name of a part, such as perennial-dev-table-throttled. */
  readonly physicalName: (part: string) => string;
  readonly table: Pick<TableV2, 'tableName'>;
  readonly counted: Counted;
  readonly onCall: OnCall;
}

export class TableWatch extends Construct {
  constructor(scope: Construct, id: string, { physicalName, table, counted, onCall }: TableWatchProps) {
    super(scope, id);
    const throttles = (metricName: string, index?: string) =>
      new cloudwatch.Metric({
        namespace: 'AWS/DynamoDB',
        metricName,
        dimensionsMap: {
          TableName: table.tableName,
          ...(index !== undefined && { GlobalSecondaryIndexName: index }),
        },
        statistic: 'Sum',
        period: ALARM_PERIOD,
      });
    onCall.alarm(this, 'Throttled', {
      alarmName: physicalName('table-throttled'),
      severity: 'soon',
      article: 'table-throttled',
      what: 'DynamoDB has been throttling the customers table or its index for minutes.',
      impact: 'Events and mail come late; nothing is lost, since everything is tried again.',
      remedy:
        'Find what writes so much: an import, an activation or a campaign can be slowed down; else ask AWS for more.',
      metric: sumOf('throttled requests', {
        reads: throttles('ReadThrottleEvents'),
        // All that the sweep does.
        lookups: throttles('ReadThrottleEvents', DUE_INDEX.name),
        writes: throttles('WriteThrottleEvents'),
        // A write that the index cannot take is refused by the table as well.
        indexed: throttles('WriteThrottleEvents', DUE_INDEX.name),
      }),
      threshold: 1,
      ...THROTTLED,
      missing: { treat: 'ok', because: 'DynamoDB only writes it when it throttles' },
    });
    onCall.alarm(this, 'Conflicts', {
      alarmName: physicalName('conflicts'),
      severity: 'soon',
      article: 'conflicts',
      what: `More than ${RACES_LOST} % of the writes of profiles have lost their race for ${RACE_PERIODS * RACE_PERIOD.toMinutes()} minutes.`,
      impact:
        'Events of the customers concerned are taken in late, and after many lost races go to the dead-letter queue.',
      remedy:
        'Find the customers by the saved query "races lost, by customer"; usually a shop sends many events of one customer at once, or one id for all guests.',
      metric: new cloudwatch.MathExpression({
        expression: `IF(FILL(lost, 0) >= ${LEAST_RACES}, 100 * FILL(lost, 0) / (FILL(lost, 0) + FILL(taken, 0)), 0)`,
        label: 'races lost, percent',
        period: RACE_PERIOD,
        usingMetrics: {
          lost: counted(METRIC.versionConflicts).with({ period: RACE_PERIOD }),
          taken: counted(METRIC.eventsTaken).with({ period: RACE_PERIOD }),
        },
      }),
      threshold: RACES_LOST,
      periods: RACE_PERIODS,
      missing: { treat: 'ok', because: 'a lost race is only written when there was one' },
    });
  }
}
