/** What an AWS account says of itself. Only questions, so that nothing is ever changed; each stands alone, for one may be forbidden. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetAccountCommand,
  GetConfigurationSetCommand,
  GetConfigurationSetEventDestinationsCommand,
  GetEmailIdentityCommand,
  NotFoundException,
  SESv2Client,
} from '@aws-sdk/client-sesv2';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { configurationSetOf, type DeploymentConfig, identityOf } from '../config.ts';
import type { Access } from '../records.ts';
import type { DkimKeys } from './dns-records.ts';
import type { Answer } from './finding.ts';

/** A question is answered in a tenth of a second, or hardly at all. */
const CLIENT = { maxAttempts: 2, requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000 } } as const;

/** The stack `cdk bootstrap` makes. */
const BOOTSTRAP_STACK = 'CDKToolkit';

interface Caller {
  readonly account: string;
  readonly arn: string;
}

export interface SesAccount {
  readonly production: boolean;
  readonly sendingEnabled: boolean;
  /** HEALTHY, PROBATION or SHUTDOWN. */
  readonly enforcement: string;
  readonly perDay: number;
  readonly perSecond: number;
  readonly sentToday: number;
  /** Why the account's own list takes addresses: BOUNCE, COMPLAINT. */
  readonly suppresses: readonly string[];
  /** PENDING, DENIED, GRANTED or FAILED, once somebody has asked to leave the sandbox. */
  readonly review?: string;
}

export interface Identity {
  readonly verified: boolean;
  readonly dkim: DkimKeys & { readonly status: string; readonly signing: boolean };
  readonly mailFrom?: { readonly domain: string; readonly status: string };
}

export interface ConfigurationSet {
  readonly sendingEnabled: boolean;
  /** Whether a destination hands these kinds of reports to the default bus; upper case, such as BOUNCE. */
  readonly reportsToBus: readonly string[];
}

export interface Stack {
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface Subscriptions {
  readonly confirmed: number;
  readonly pending: number;
}

/** Undefined in an answer: there is none. */
export interface AccountAnswers {
  readonly region: string;
  readonly caller: Caller;
  readonly bootstrap: Answer<Stack | undefined>;
  readonly ses: Answer<SesAccount>;
  readonly identity: Answer<Identity | undefined>;
  readonly configurationSet: Answer<ConfigurationSet | undefined>;
  readonly stacks: Answer<Readonly<Record<'data' | 'pipeline', Stack | undefined>>>;
  readonly subscriptions: Answer<Subscriptions | undefined>;
  /** Invocations at once in the account. */
  readonly concurrency: Answer<number>;
}

async function ask<T>(question: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'told', value: await question() };
  } catch (error) {
    if (!(error instanceof Error)) return { kind: 'silent', why: String(error) };
    const why = `${error.name}: ${error.message}`.replaceAll(/\s+/gu, ' ');
    return { kind: 'silent', why, code: 'code' in error ? String(error.code) : error.name };
  }
}

/** The region of the settings or of this machine; undefined where neither names one. */
export async function regionHere(access: Access): Promise<string | undefined> {
  const sts = new STSClient({ ...CLIENT, ...access });
  try {
    const region = await ask(() => sts.config.region());
    // A variable of the shell that is set to nothing names none.
    return region.kind === 'told' && region.value !== '' ? region.value : undefined;
  } finally {
    sts.destroy();
  }
}

/** @returns silence when there are no credentials, no region, or nobody there to accept them */
export async function askAccount(config: DeploymentConfig, access: Access): Promise<Answer<AccountAnswers>> {
  const settings = { ...CLIENT, ...access };
  const sts = new STSClient(settings);
  try {
    return await ask(async () => {
      const region = await sts.config.region();
      const { Account: account = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
      return { region, caller: { account, arn }, ...(await askServices(config, settings)) };
    });
  } finally {
    sts.destroy();
  }
}

async function askServices(
  config: DeploymentConfig,
  settings: typeof CLIENT & Access,
): Promise<Omit<AccountAnswers, 'region' | 'caller'>> {
  const clients = {
    ses: new SESv2Client(settings),
    formation: new CloudFormationClient(settings),
    lambda: new LambdaClient(settings),
    sns: new SNSClient(settings),
  };
  const { ses, formation, lambda, sns } = clients;
  try {
    const stacks = await ask(async () => ({
      data: await stackNamed(formation, `PerennialData-${config.stage}`),
      pipeline: await stackNamed(formation, `PerennialPipeline-${config.stage}`),
    }));
    const [bootstrap, account, identity, configurationSet, subscriptions, concurrency] = await Promise.all([
      ask(() => stackNamed(formation, BOOTSTRAP_STACK)),
      ask(() => readSesAccount(ses)),
      ask(() => unlessAbsent(() => readIdentity(ses, identityOf(config)))),
      ask(() => unlessAbsent(() => readConfigurationSet(ses, configurationSetOf(config)))),
      subscriptionsTo(sns, stacks),
      ask(async () => (await lambda.send(new GetAccountSettingsCommand({}))).AccountLimit?.ConcurrentExecutions ?? 0),
    ]);
    return { bootstrap, ses: account, identity, configurationSet, stacks, subscriptions, concurrency };
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

/** CloudFormation has no error of its own for a stack that is not there. */
async function stackNamed(client: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const [stack] = Stacks;
    if (stack === undefined) return undefined;
    const outputs = (stack.Outputs ?? []).map(
      ({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue] as const,
    );
    return { status: stack.StackStatus ?? '', outputs: Object.fromEntries(outputs) };
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'ValidationError' && /does not exist/u.test(cause.message))
      return undefined;
    throw cause;
  }
}

function topicIn(stack: Stack | undefined): string | undefined {
  return Object.entries(stack?.outputs ?? {}).find(([key]) => key.includes('TopicArn'))?.[1];
}

async function unlessAbsent<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question();
  } catch (cause) {
    if (cause instanceof NotFoundException) return undefined;
    throw cause;
  }
}

async function readSesAccount(client: SESv2Client): Promise<SesAccount> {
  const told = await client.send(new GetAccountCommand({}));
  const review = told.Details?.ReviewDetails?.Status;
  return {
    production: told.ProductionAccessEnabled === true,
    sendingEnabled: told.SendingEnabled === true,
    enforcement: told.EnforcementStatus ?? 'HEALTHY',
    perDay: told.SendQuota?.Max24HourSend ?? 0,
    perSecond: told.SendQuota?.MaxSendRate ?? 0,
    sentToday: told.SendQuota?.SentLast24Hours ?? 0,
    suppresses: told.SuppressionAttributes?.SuppressedReasons ?? [],
    ...(review !== undefined && { review }),
  };
}

async function readIdentity(client: SESv2Client, domain: string): Promise<Identity> {
  const told = await client.send(new GetEmailIdentityCommand({ EmailIdentity: domain }));
  const {
    Tokens = [],
    Status = 'NOT_STARTED',
    SigningEnabled = false,
    SigningHostedZone: zone,
  } = told.DkimAttributes ?? {};
  const { MailFromDomain, MailFromDomainStatus = '' } = told.MailFromAttributes ?? {};
  return {
    verified: told.VerifiedForSendingStatus === true,
    dkim: { tokens: Tokens, status: Status, signing: SigningEnabled, ...(zone !== undefined && { zone }) },
    ...(MailFromDomain !== undefined && { mailFrom: { domain: MailFromDomain, status: MailFromDomainStatus } }),
  };
}

async function readConfigurationSet(client: SESv2Client, name: string): Promise<ConfigurationSet> {
  const question = { ConfigurationSetName: name };
  const { SendingOptions } = await client.send(new GetConfigurationSetCommand(question));
  const { EventDestinations = [] } = await client.send(new GetConfigurationSetEventDestinationsCommand(question));
  const toBus = EventDestinations.filter(
    ({ Enabled, EventBridgeDestination }) => Enabled === true && EventBridgeDestination !== undefined,
  );
  return {
    sendingEnabled: SendingOptions?.SendingEnabled !== false,
    reportsToBus: toBus.flatMap(({ MatchingEventTypes = [] }) => MatchingEventTypes),
  };
}

async function subscriptionsTo(
  sns: SNSClient,
  stacks: AccountAnswers['stacks'],
): Promise<Answer<Subscriptions | undefined>> {
  if (stacks.kind === 'silent') return { kind: 'silent', why: 'the stacks, which name the topic, could not be read' };
  const topic = topicIn(stacks.value.pipeline);
  return ask(async () => (topic === undefined ? undefined : readSubscriptions(sns, topic)));
}

async function readSubscriptions(client: SNSClient, topic: string): Promise<Subscriptions> {
  const { Subscriptions: all = [] } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
  const pending = all.filter(({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation').length;
  return { confirmed: all.length - pending, pending };
}
