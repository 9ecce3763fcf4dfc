/** What an account's answers mean for a deployment, and what to do where they stand in its way. */
import { configurationSetOf, type DeploymentConfig, identityOf, type SesEvent } from '../config.ts';
import type { AccountAnswers, ConfigurationSet, Identity, SesAccount, Stack, Subscriptions } from './account.ts';
import { type Finding, finding, judged, ok } from './finding.ts';

/** Templates of today's CDK say themselves that they need a bootstrap of at least this version. */
const BOOTSTRAP_LEAST = 6;

/** Lambda refuses to set concurrency apart where less than this would be left for all other functions. */
const UNRESERVED_LEAST = 100;
/** Invocations at once that the functions need in an ordinary hour; a new account has ten in all. */
const CONCURRENCY_LEAST = 50;

/** Part of the daily quota from which a day's order confirmations are in danger. */
const QUOTA_NEARLY_USED = 0.8;

/** How SES names in its answers what its settings name otherwise. */
const REPORTED_AS: Readonly<Record<SesEvent, string>> = {
  send: 'SEND',
  delivery: 'DELIVERY',
  deliveryDelay: 'DELIVERY_DELAY',
  bounce: 'BOUNCE',
  complaint: 'COMPLAINT',
  reject: 'REJECT',
  renderingFailure: 'RENDERING_FAILURE',
  open: 'OPEN',
  click: 'CLICK',
};

/** A domain for mail alone has no website, and AWS looks at what is named here. */
const SHOP_URL = '"$SHOP_URL"';

const letAsk = (...rights: readonly string[]) =>
  `Look again; if it is refused once more, let these credentials use ${rights.join(' and ')}`;

/** Everything that an account's answers say about a deployment. */
export function checkAccount(config: DeploymentConfig, answers: AccountAnswers): readonly Finding[] {
  const deployed = answers.stacks.kind === 'told' ? answers.stacks.value.data !== undefined : undefined;
  return [
    ...checkCaller(config, answers),
    ...judged('bootstrap', answers.bootstrap, letAsk('cloudformation:DescribeStacks'), (stack) => [
      checkBootstrap(stack, answers),
    ]),
    ...judged('stacks', answers.stacks, letAsk('cloudformation:DescribeStacks'), ({ data, pipeline }) =>
      checkStacks(config, data, pipeline),
    ),
    ...judged('SES account', answers.ses, letAsk('ses:GetAccount'), (ses) => checkSes(config, ses)),
    ...judged('identity', answers.identity, letAsk('ses:GetEmailIdentity'), (identity) =>
      checkIdentity(config, identity, deployed),
    ),
    ...judged(
      'configuration set',
      answers.configurationSet,
      letAsk('ses:GetConfigurationSet', 'ses:GetConfigurationSetEventDestinations'),
      (set) => [checkSet(config, set, deployed)],
    ),
    ...judged(
      'alarms',
      answers.subscriptions,
      letAsk('cloudformation:DescribeStacks', 'sns:ListSubscriptionsByTopic'),
      (subscriptions) => checkSubscriptions(config, subscriptions),
    ),
    ...judged('concurrency', answers.concurrency, letAsk('lambda:GetAccountSettings'), (limit) => [
      checkConcurrency(config, limit),
    ]),
  ];
}

function checkCaller(config: DeploymentConfig, { caller, region }: AccountAnswers): readonly Finding[] {
  const findings = [ok('credentials', `${caller.arn}, region ${region}`)];
  if (config.account !== undefined && config.account !== caller.account) {
    findings.push(
      finding(
        'problem',
        'account',
        `the config names account ${config.account}, these credentials are for ${caller.account}`,
        'Take the credentials of the other account, or correct the config',
      ),
    );
  }
  return findings;
}

function checkBootstrap(stack: Stack | undefined, { caller, region }: AccountAnswers): Finding {
  const version = Number(stack?.outputs['BootstrapVersion'] ?? 0);
  if (version >= BOOTSTRAP_LEAST) return ok('bootstrap', `version ${version}`);
  return finding(
    'problem',
    'bootstrap',
    stack === undefined
      ? `${region} is not bootstrapped for the CDK`
      : `version ${version}, needed is ${BOOTSTRAP_LEAST}`,
    'Bootstrap the account once; docs/deploy.md narrows what it may do then',
    `npx cdk bootstrap aws://${caller.account}/${region}`,
  );
}

const LOOK_AT_STACK = (name: string) =>
  `aws cloudformation describe-stack-events --stack-name ${name} --query 'StackEvents[?ends_with(ResourceStatus, \`FAILED\`)].[LogicalResourceId, ResourceStatusReason]' --output text`;

function checkStacks(
  { stage }: DeploymentConfig,
  data: Stack | undefined,
  pipeline: Stack | undefined,
): readonly Finding[] {
  const judge = (name: string, stack: Stack | undefined): Finding => {
    const about = 'stacks';
    if (stack === undefined)
      return finding(
        'warning',
        about,
        `${name} is not deployed yet`,
        'Deploy it',
        `npm run deploy -- --stage ${stage}`,
      );
    const { status } = stack;
    if (/^(?:CREATE|UPDATE|IMPORT)_COMPLETE$/u.test(status)) return ok(about, `${name}: ${status}`);
    if (status.endsWith('IN_PROGRESS'))
      return finding('warning', about, `${name}: ${status}`, 'Somebody is deploying: wait');
    const rolledBack = status === 'UPDATE_ROLLBACK_COMPLETE';
    return finding(
      rolledBack ? 'warning' : 'problem',
      about,
      rolledBack ? `${name}: the last deployment failed, the one before it runs` : `${name}: ${status}`,
      'Read why, put that right and deploy again',
      LOOK_AT_STACK(name),
    );
  };
  return [judge(`PerennialData-${stage}`, data), judge(`PerennialPipeline-${stage}`, pipeline)];
}

function checkSes(config: DeploymentConfig, ses: SesAccount): readonly Finding[] {
  return [
    checkSandbox(config, ses),
    checkStanding(ses),
    ...checkQuota(config, ses),
    ses.suppresses.includes('BOUNCE') && ses.suppresses.includes('COMPLAINT')
      ? ok('suppression', 'SES keeps a list of bounced and complaining addresses beside ours')
      : finding(
          'warning',
          'suppression',
          `the account's own list of dead and complaining addresses takes ${ses.suppresses.join(' and ') || 'none'}`,
          'Let it take both, for all other mail of the account, too',
          'aws sesv2 put-account-suppression-attributes --suppressed-reasons BOUNCE COMPLAINT',
        ),
  ];
}

function checkSandbox(config: DeploymentConfig, { production, review }: SesAccount): Finding {
  if (production) return ok('sandbox', 'the account may mail anybody');
  const asked = review === 'PENDING';
  const found = `the account is in the sandbox: mail goes only to verified addresses and the simulator${asked ? '; AWS is looking at the request' : ''}`;
  if (asked && config.sending !== 'live')
    return finding('warning', 'sandbox', found, 'Wait for the answer of AWS, which comes by mail within a day');
  return finding(
    config.sending === 'live' ? 'problem' : 'warning',
    'sandbox',
    found,
    'Set SHOP_URL to the address of your website, and ask AWS in your own words; docs/deploy.md says what to write',
    `aws sesv2 put-account-details --production-access-enabled --mail-type MARKETING --website-url ${SHOP_URL} --contact-language EN --additional-contact-email-addresses ${config.replyTo} --use-case-description "$(cat use-case.txt)"`,
  );
}

function checkStanding({ sendingEnabled, enforcement }: SesAccount): Finding {
  const about = 'reputation';
  const look = 'Read the mails of AWS and the reputation dashboard of SES, find the cause, and answer them';
  if (!sendingEnabled || enforcement === 'SHUTDOWN')
    return finding('problem', about, 'sending is switched off for the whole account', look, 'aws sesv2 get-account');
  if (enforcement === 'HEALTHY') return ok(about, 'AWS has nothing against the mail of this account');
  return finding('warning', about, `AWS reviews the account: ${enforcement}`, look, 'aws sesv2 get-account');
}

function checkQuota(config: DeploymentConfig, { perDay, perSecond, sentToday }: SesAccount): readonly Finding[] {
  const about = 'quota';
  // SES says -1 where there is no limit.
  if (perDay < 0) return [ok(about, `no limit a day, ${perSecond} a second`)];
  const ours = Math.floor(perDay * config.quotaShare);
  const words = `${perDay} mails a day and ${perSecond} a second, ${ours} a day of them for this stage; ${sentToday} were sent in 24 hours`;
  if (sentToday < QUOTA_NEARLY_USED * perDay) return [ok(about, words)];
  return [
    finding(
      'warning',
      about,
      words,
      'Ask for a higher quota before something else of the account can no longer be sent',
      `aws service-quotas request-service-quota-increase --service-code ses --quota-code L-804C8AE8 --desired-value ${2 * perDay}`,
    ),
  ];
}

function checkIdentity(
  config: DeploymentConfig,
  identity: Identity | undefined,
  deployed: boolean | undefined,
): readonly Finding[] {
  const domain = identityOf(config);
  const shared = config.existing.includes('identity');
  const showRecords = `npm run doctor -- --stage ${config.stage} --records`;
  if (identity === undefined) {
    const found = `SES does not know ${domain} in this region`;
    if (shared)
      return [
        finding(
          'problem',
          'identity',
          found,
          'Verify it, or let the deployment do so: take "identity" out of "existing"',
        ),
      ];
    return [finding('warning', 'identity', found, 'The deployment adds it')];
  }
  const findings: Finding[] = [];
  if (!shared && deployed === false) {
    findings.push(
      finding(
        'problem',
        'identity',
        `SES knows ${domain} already, and a deployment that is to make it fails`,
        'Add "identity" to "existing" in the config',
      ),
    );
  }
  findings.push(
    identity.verified
      ? ok('identity', `${domain} is verified`)
      : finding(
          'problem',
          'identity',
          `${domain} is not verified`,
          'Add the DKIM records; SES looks again by itself for 72 hours',
          showRecords,
        ),
    identity.dkim.signing && identity.dkim.status === 'SUCCESS'
      ? ok('DKIM', 'SES signs the mail')
      : finding(
          'problem',
          'DKIM',
          `SES does not sign the mail yet: ${identity.dkim.status}`,
          'Add the DKIM records',
          showRecords,
        ),
    checkMailFrom(identity, shared, showRecords),
  );
  return findings;
}

function checkMailFrom({ mailFrom }: Identity, shared: boolean, showRecords: string): Finding {
  const about = 'MAIL FROM';
  if (mailFrom?.status === 'SUCCESS') return ok(about, `bounces return to ${mailFrom.domain}`);
  const found =
    mailFrom === undefined
      ? 'bounces return to amazonses.com: SPF does not speak for the sender, DKIM alone does'
      : `${mailFrom.domain}: ${mailFrom.status}; until then bounces return to amazonses.com, and DKIM alone speaks for the sender`;
  if (mailFrom !== undefined) return finding('warning', about, found, 'Add its SPF and MX records', showRecords);
  const fix = shared ? 'Set one for the identity, which is not ours to change' : 'Deploy: it is set with the identity';
  return finding('warning', about, found, fix);
}

function checkSet(config: DeploymentConfig, set: ConfigurationSet | undefined, deployed: boolean | undefined): Finding {
  const about = 'configuration set';
  const name = configurationSetOf(config);
  const shared = config.existing.includes('configurationSet');
  if (set === undefined) {
    if (!shared && deployed !== true)
      return finding('warning', about, `${name} is not there`, 'The deployment adds it');
    const fix = shared ? 'Create it, or correct its name in the config' : 'Somebody has deleted it: deploy again';
    return finding('problem', about, `${name} is not there, and SES refuses mail that names it`, fix);
  }
  if (!set.sendingEnabled)
    return finding(
      'problem',
      about,
      `sending is switched off for ${name}`,
      'Find out who did so and why, then switch it on',
      `aws sesv2 put-configuration-set-sending-options --configuration-set-name ${name} --sending-enabled`,
    );
  if (deployed === false) return ok(about, `${name} may send; the deployment adds its reports`);
  const missing = config.sesEvents.filter((event) => !set.reportsToBus.includes(REPORTED_AS[event]));
  if (missing.length === 0) return ok(about, `${name} may send, and reports to us`);
  return finding(
    missing.includes('bounce') || missing.includes('complaint') ? 'problem' : 'warning',
    about,
    `${name} does not tell the default bus of: ${missing.join(', ')}`,
    'Somebody has changed its event destination: deploy again',
    `npm run deploy -- --stage ${config.stage}`,
  );
}

function checkSubscriptions(config: DeploymentConfig, subscriptions: Subscriptions | undefined): readonly Finding[] {
  const about = 'alarms';
  // The check of the config says that nobody is named.
  if (config.alarms.address === undefined) return [];
  if (subscriptions === undefined)
    return [finding('warning', about, 'there is no topic for alarms yet', 'The deployment adds it')];
  if (subscriptions.pending === 0 && subscriptions.confirmed > 0)
    return [ok(about, `${subscriptions.confirmed} subscribed to their topic`)];
  return [
    finding(
      'problem',
      about,
      subscriptions.pending > 0
        ? `${subscriptions.pending} subscribed to their topic but did not confirm`
        : 'nobody is subscribed to their topic',
      `Open the link in the mail of AWS to ${config.alarms.address}; deploy anew for another one`,
    ),
  ];
}

function checkConcurrency({ pagesConcurrency = 0, intakeConcurrency = 0 }: DeploymentConfig, limit: number): Finding {
  const about = 'concurrency';
  const apart = pagesConcurrency + intakeConcurrency;
  const raise =
    'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000';
  if (apart > 0 && limit - apart < UNRESERVED_LEAST)
    return finding(
      'problem',
      about,
      `${apart} of ${limit} invocations are to be set apart, and AWS wants ${UNRESERVED_LEAST} left`,
      'Ask for more, or leave pagesConcurrency and intakeConcurrency out',
      raise,
    );
  if (limit >= CONCURRENCY_LEAST) return ok(about, `${limit} invocations at once in the account`);
  return finding(
    'warning',
    about,
    `${limit} invocations at once for all functions of the account: a busy hour is slow`,
    'Ask for more before the first campaign',
    raise,
  );
}
