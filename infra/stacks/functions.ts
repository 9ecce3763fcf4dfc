/**
 * The functions: what each is told and what it may do. A right that a function does not use is not granted, so that a
 * fault in one cannot reach what only another one needs.
 */
import { type Stack, Token, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { type EnvironmentOf, type FunctionName, NO_WARM_UP, NOBODY } from '../../shared/contracts/environment.ts';
import { metricsNamespace } from '../../shared/contracts/metrics.ts';
import {
  ADDRESS_PARTITION,
  CENSUS_PARTITION,
  CODES_PARTITION,
  DUE_INDEX,
  PROFILES_INDEX,
  INTAKE_PARTITION,
  OFFER_PARTITION,
} from '../../shared/contracts/table.ts';
import type { DeploymentConfig } from '../config.ts';
import { LifecycleFunction } from '../constructs/lifecycle-function.ts';
import type { OnCall } from '../constructs/on-call.ts';
import { PublicPages } from '../constructs/public-pages.ts';
import type { DataStack } from './data-stack.ts';

/**
 * CPU comes with memory. Unpacking clients and core is most of a cold start, and half a gigabyte (0.29 CPU) keeps that
 * below a second; warm work waits for DynamoDB. The sweep only queries and announces, and nobody waits for a report. The
 * census holds one page of customers and counts, however many customers there are.
 */
const MEMORY_MEGABYTES = {
  record: 512,
  sweep: 256,
  census: 256,
  send: 512,
  feedback: 256,
  preferences: 512,
  ingest: 512,
} as const satisfies Record<FunctionName, number>;

interface FunctionsProps {
  readonly config: DeploymentConfig;
  readonly data: DataStack;
  readonly assetDirectories: Readonly<Record<FunctionName, string>>;
  /** Physical name of a part, such as perennial-dev-record. */
  readonly physicalName: (part: string) => string;
  readonly onCall: OnCall;
}

/** Adds all functions to a stack, and to `preferences` the URL that links in mails lead to. */
export function addFunctions(stack: Stack, props: FunctionsProps): Readonly<Record<FunctionName, lambda.Function>> {
  const { config, data, assetDirectories, physicalName, onCall } = props;
  const { table, contentTable, bus, addressSecretArn, linkSecretArn, intakeSecretArn } = data;

  const lifecycleFunction = <F extends FunctionName>(
    functionName: F,
    description: string,
    environment: EnvironmentOf<F>,
    grants: readonly iam.PolicyStatement[],
    reservedConcurrency?: number,
  ) =>
    new LifecycleFunction(stack, `${functionName}Function`, {
      functionName,
      physicalName: physicalName(functionName),
      description,
      assetDirectory: assetDirectories[functionName],
      environment,
      memoryMegabytes: MEMORY_MEGABYTES[functionName],
      logRetentionDays: config.logRetentionDays,
      grants,
      ...(reservedConcurrency !== undefined && { reservedConcurrency }),
    }).function;

  const announce = allow(['events:PutEvents'], [bus.eventBusArn]);
  const readSecrets = (...arns: string[]) => allow(['secretsmanager:GetSecretValue'], arns);
  // Releases are written by whoever publishes, and by no function.
  const readContent = allow(['dynamodb:GetItem'], [contentTable.tableArn]);
  const [TABLE_NAME, CONTENT_TABLE, BUS_NAME, ADDRESS_SECRET, LINK_SECRET] = [
    table.tableName,
    contentTable.tableName,
    bus.eventBusName,
    addressSecretArn,
    linkSecretArn,
  ];

  const METRICS_NAMESPACE = metricsNamespace(config.stage);

  /** Who is mailed: the sender acts by it, and the census compares those it is with those it is not. */
  const regime = {
    SENDING: config.sending,
    HOLDOUT_SHARE: String(config.holdout.share),
    HOLDOUT_SALT: config.holdout.salt,
  };

  const record = lifecycleFunction(
    'record',
    'Takes events in, keeps facts and stage of each customer, decides which messages are due',
    { TABLE_NAME, CONTENT_TABLE, BUS_NAME, ADDRESS_SECRET, METRICS_NAMESPACE },
    [
      readContent,
      allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Query'], [table.tableArn]),
      announce,
      readSecrets(addressSecretArn),
    ],
  );
  const sweep = lifecycleFunction(
    'sweep',
    'Announces every minute the customers whose time has come',
    { TABLE_NAME, BUS_NAME, METRICS_NAMESPACE },
    [allow(['dynamodb:Query'], [`${table.tableArn}/index/${DUE_INDEX.name}`]), announce],
  );
  const census = lifecycleFunction(
    'census',
    'Counts all customers every night and announces who became a key account or ceases to be one',
    { TABLE_NAME, CONTENT_TABLE, BUS_NAME, ...regime, METRICS_NAMESPACE },
    [
      readContent,
      // It changes no customer: those change by the events it announces.
      allow(['dynamodb:Query'], [`${table.tableArn}/index/${PROFILES_INDEX.name}`]),
      allow(['dynamodb:BatchGetItem'], [table.tableArn]),
      ofPartitions(['dynamodb:GetItem', 'dynamodb:PutItem'], table.tableArn, CENSUS_PARTITION),
      announce,
    ],
  );
  const feedback = lifecycleFunction(
    'feedback',
    'Takes in what SES reports about mail: marks deliveries, suppresses addresses that bounced or complained',
    { TABLE_NAME, CONTENT_TABLE, BUS_NAME, ADDRESS_SECRET, METRICS_NAMESPACE },
    [
      readContent,
      allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [table.tableArn]),
      announce,
      readSecrets(addressSecretArn),
    ],
  );
  const preferences = lifecycleFunction(
    'preferences',
    'Pages behind the links in mails: unsubscribing, preferences, answers to our questions',
    { TABLE_NAME, CONTENT_TABLE, BUS_NAME, ADDRESS_SECRET, LINK_SECRET, METRICS_NAMESPACE },
    [
      readContent,
      allow(['dynamodb:GetItem'], [table.tableArn]),
      // Open to the whole internet, so it writes no customer: those change by the events it announces.
      ofPartitions(['dynamodb:PutItem'], table.tableArn, ADDRESS_PARTITION),
      announce,
      readSecrets(addressSecretArn, linkSecretArn),
    ],
    config.pagesConcurrency,
  );
  const { url: pagesUrl } = new PublicPages(stack, 'Preferences', {
    pagesName: physicalName('preferences'),
    article: 'preferences-failing',
    handler: preferences,
    failureImpact:
      'A reader who unsubscribes sees an error and goes on getting mail, against the law and with a finger on the spam button.',
    severity: 'urgent',
    onCall,
  });

  const ingest = lifecycleFunction(
    'ingest',
    'Takes signed requests with events of the shop and puts the events on the bus',
    {
      TABLE_NAME,
      BUS_NAME,
      INTAKE_SECRET: intakeSecretArn,
      INTAKE_RATE: String(config.intakeRate),
      METRICS_NAMESPACE,
    },
    [
      // Open to the whole internet, so it knows requests and no customer.
      ofPartitions(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], table.tableArn, INTAKE_PARTITION),
      announce,
      readSecrets(intakeSecretArn),
    ],
    config.intakeConcurrency,
  );

  const send = lifecycleFunction(
    'send',
    'Claims a due message, renders it and hands it to SES, effectively once',
    {
      TABLE_NAME,
      CONTENT_TABLE,
      ADDRESS_SECRET,
      LINK_SECRET,
      LINK_BASE: config.linkBase ?? pagesUrl,
      SENDER: `${config.sender.name} <${config.sender.address}>`,
      REPLY_TO: config.replyTo,
      CONFIGURATION_SET: data.configurationSetName,
      ...regime,
      ALLOW_LIST: config.allowList.join(',') || NOBODY,
      QUOTA_SHARE: String(config.quotaShare),
      SENDERS: String(config.sendConcurrency),
      WARM_UP: config.warmUp === undefined ? NO_WARM_UP : `${config.warmUp.firstDay},${config.warmUp.factor}`,
      METRICS_NAMESPACE,
    },
    [
      readContent,
      allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn]),
      // Codes are looked for and claimed; a customer changes by a write of the whole profile, never by an update.
      ofPartitions(['dynamodb:Query'], table.tableArn, CODES_PARTITION),
      ofPartitions(['dynamodb:UpdateItem'], table.tableArn, CODES_PARTITION, OFFER_PARTITION),
      allow(['ses:GetSendQuota'], ['*']),
      readSecrets(addressSecretArn, linkSecretArn),
      new iam.PolicyStatement({
        actions: ['ses:SendRawEmail'],
        resources: [
          // SES asks for a right on the recipient's identity, too, where that is verified in the account.
          stack.formatArn({ service: 'ses', resource: 'identity', resourceName: '*' }),
          stack.formatArn({
            service: 'ses',
            resource: 'configuration-set',
            resourceName: data.configurationSetName,
          }),
        ],
        conditions: { StringEquals: { 'ses:FromAddress': config.sender.address } },
      }),
    ],
  );

  if (send.role !== undefined) {
    Validations.of(send.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'ses:GetSendQuota asks for the quota of the account; IAM knows no resource it could be narrowed to.',
    });
    Validations.of(send.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${asTheRulesSay(stack)}:identity/*]`,
      reason:
        "SES authorizes a mail against the recipient's identity, too, where that is verified in the account, as colleagues' addresses are in the sandbox. The condition on ses:FromAddress keeps the right to mail from our own address.",
    });
  }

  return { record, sweep, census, send, feedback, preferences, ingest };
}

/** As the rules write a value: what nobody knows before the deployment stands in angle brackets. */
function known(value: string, parameter: string): string {
  return Token.isUnresolved(value) ? `<AWS::${parameter}>` : value;
}

/** What SES's resources of a stack begin with. */
function asTheRulesSay({ partition, region, account }: Stack): string {
  return `arn:${known(partition, 'Partition')}:ses:${known(region, 'Region')}:${known(account, 'AccountId')}`;
}

/** Rights on items whose partition begins so, and on no customer. */
function ofPartitions(actions: string[], tableArn: string, ...prefixes: readonly string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions,
    resources: [tableArn],
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': prefixes.map((each) => `${each}*`) } },
  });
}

function allow(actions: string[], resources: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources });
}
