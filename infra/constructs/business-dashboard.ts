/**
 * The dashboard for whoever answers for the mail: who stands where, what was sent and what was not, whether it arrives,
 * and what can be said of its effect. What it cannot tell, its texts say.
 */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { METRIC } from '../../shared/contracts/metrics.ts';
import type { Counted } from './counts.ts';
import { row, words } from './graph.ts';
import { BY_PROGRAMME_AND_END, ENDING } from './log-queries.ts';

const DAY = Duration.days(1);
const { stageEntered, messagesSent, messagesEnded, addressesLost, boughtAfterMail, holdoutUplift } = METRIC;

/** Percent at which AWS puts an account under review. */
const REVIEW = { bounces: 5, complaints: 0.1 };

const INTRODUCTION = `# What the mail does

Days are UTC. Deployments in mode \`shadow\` count as sent what they would have sent. What is finer (per step, per reason, per trait, per type of event) is in the saved queries of Logs Insights, folder \`Perennial\`: they cost half a cent per gigabyte of log they read.`;

const FUNNEL = `## Where customers stand

Left: how many people are in each stage, as the census counted them in the night. Right: how many entered a stage that day, whichever they came from; somebody may enter two in a day.`;

const MAIL = `## Mail

A message that is not sent has its reason in the ledger: \`npm run why -- CUSTOMER\`. Withheld is no fault: consent, caps, an open complaint, the holdout. **Failed** is: SES refused it, it could not be made, or nobody knows whether it went out. The table tells programmes and ends apart, a playbook's own programmes each by its name; it reads the log of the days shown, at half a cent per gigabyte.`;

const DELIVERABILITY = `## Does it arrive?

The rates are those AWS judges the whole account by, other senders in it included: at ${REVIEW.bounces} % bounces or ${REVIEW.complaints} % complaints it puts the account under review. **Gmail sends no complaint events**, so complaints of its readers are not in here: see Google Postmaster Tools. Below, the addresses we have lost by the programme whose mail it was.`;

const EFFECT = `## Does it help?

Left, the only figure here that shows an **effect**: by how many percentage points more customers bought again within 90 days who may be mailed than customers who are held out by chance. The two lines are the ends of the 95 % interval; as long as zero lies between them, nothing is shown. There is no line before there are 90 days and 100 people in each group.

Right, a **correlation**, never an effect: the share of purchases whose customer had got a mail within the seven days before. Who is mailed and who buys have causes in common, so this line would be above zero if the mail did nothing at all.`;

const TROUBLE = `## What wants to be looked at

Customers with a complaint that has been open for more than 14 days, and whether the census found so much of the revenue discounted that the shop depends on discounts (1) or not (0).`;

export interface BusinessDashboardProps {
  readonly dashboardName: string;
  readonly counted: Counted;
  /** Their logs say each night how many people there are, and how each message ended. */
  readonly functions: Readonly<Record<(typeof ENDING)[number] | 'census', lambda.Function>>;
}

export class BusinessDashboard extends Construct {
  constructor(scope: Construct, id: string, { dashboardName, counted, functions }: BusinessDashboardProps) {
    super(scope, id);
    const programmes = messagesSent.by.values;
    const people = new cloudwatch.LogQueryWidget({
      title: 'people by stage',
      logGroupNames: [functions.census.logGroup.logGroupName],
      queryLines: [
        'filter message = "the census is taken"',
        `stats ${stageEntered.by.values.map((stage) => `max(people.${stage}) as ${stage}`).join(', ')} by bin(1d)`,
      ],
      view: cloudwatch.LogQueryVisualizationType.STACKEDAREA,
      width: 12,
      height: 6,
    });
    const ended = new cloudwatch.LogQueryWidget({
      title: 'messages, by programme and how they ended',
      logGroupNames: ENDING.map((name) => functions[name].logGroup.logGroupName),
      queryLines: [...BY_PROGRAMME_AND_END],
      view: cloudwatch.LogQueryVisualizationType.TABLE,
      width: 24,
      height: 6,
    });
    const [entered] = row([
      {
        title: 'entered a stage',
        lines: stageEntered.by.values.map((stage) => counted(stageEntered, stage).with({ period: DAY, label: stage })),
        axis: 'customers a day',
        period: DAY,
        stacked: true,
      },
    ]);
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName,
      defaultInterval: Duration.days(30),
      widgets: [
        [words(INTRODUCTION, 3)],
        [words(FUNNEL, 3)],
        [people, ...(entered ? [entered] : [])],
        [words(MAIL, 3)],
        row([
          {
            title: 'sent, by programme',
            lines: programmes.map((each) => counted(messagesSent, each).with({ period: DAY, label: each })),
            axis: 'mails a day',
            period: DAY,
            stacked: true,
          },
          {
            title: 'not sent',
            lines: messagesEnded.by.values.map((each) =>
              counted(messagesEnded, each).with({ period: DAY, label: each }),
            ),
            axis: 'messages a day',
            period: DAY,
          },
        ]),
        [ended],
        [words(DELIVERABILITY, 3)],
        row([rateOf('bounces', 'Reputation.BounceRate'), rateOf('complaints', 'Reputation.ComplaintRate')]),
        row([
          {
            title: 'spam complaints, by programme',
            lines: programmes.map((each) =>
              counted(addressesLost, each).with({ statistic: 'Sum', period: DAY, label: each }),
            ),
            axis: 'addresses a day',
            period: DAY,
            stacked: true,
          },
          {
            title: 'hard bounces, by programme',
            lines: programmes.map((each) => hardBounces(counted, each)),
            axis: 'addresses a day',
            period: DAY,
            stacked: true,
          },
        ]),
        [words(EFFECT, 4)],
        row([
          {
            title: 'bought again: mailed against held out',
            lines: [
              counted(holdoutUplift).with({ statistic: 'Maximum', period: DAY, label: 'at most' }),
              counted(holdoutUplift).with({ statistic: 'Minimum', period: DAY, label: 'at least' }),
            ],
            axis: 'percentage points',
            period: DAY,
            marks: [{ value: 0, label: 'no difference' }],
          },
          {
            title: 'bought within seven days of a mail (correlation)',
            lines: [
              new cloudwatch.MathExpression({
                expression: '100 * share',
                label: 'of all purchases',
                period: DAY,
                usingMetrics: { share: counted(boughtAfterMail).with({ period: DAY }) },
              }),
            ],
            axis: 'percent',
            period: DAY,
          },
        ]),
        [words(TROUBLE, 2)],
        row([
          {
            title: 'complaints open for more than 14 days',
            lines: [counted(METRIC.openComplaintsOld).with({ period: DAY, label: 'customers' })],
            axis: 'customers',
            period: DAY,
          },
          {
            title: 'the shop depends on discounts',
            lines: [counted(METRIC.tooManyDiscounts).with({ period: DAY, label: '1 is yes' })],
            axis: 'yes or no',
            period: DAY,
          },
        ]),
      ],
    });
  }
}

function rateOf(kind: keyof typeof REVIEW, metricName: string) {
  const rate = new cloudwatch.Metric({ namespace: 'AWS/SES', metricName, statistic: 'Maximum', period: DAY });
  return {
    title: `${kind}, as AWS reckons`,
    lines: [
      new cloudwatch.MathExpression({
        expression: `100 * ${kind}`,
        label: 'percent of mail',
        period: DAY,
        usingMetrics: { [kind]: rate },
      }),
    ],
    axis: 'percent',
    period: DAY,
    marks: [{ value: REVIEW[kind], label: 'AWS reviews the account' }],
  };
}

/** Of the addresses lost, those that are no complaint. */
function hardBounces(counted: Counted, programme: (typeof addressesLost.by.values)[number]): cloudwatch.IMetric {
  const name = programme.replaceAll('-', '');
  const lost = counted(addressesLost, programme).with({ period: DAY });
  return new cloudwatch.MathExpression({
    expression: `${name}Lost - ${name}Complaints`,
    label: programme,
    period: DAY,
    usingMetrics: { [`${name}Lost`]: lost, [`${name}Complaints`]: lost.with({ statistic: 'Sum' }) },
  });
}
