/** The command line of `npm run doctor`: what stands between a deployment and its mail, and what to do about it. */
import { type DeploymentConfig, InvalidConfig, mailFromOf, stageConfig } from '../config.ts';
import { checkAccount } from '../doctor/account-checks.ts';
import { type AccountAnswers, askAccount, regionHere } from '../doctor/account.ts';
import { checkConfig } from '../doctor/config-checks.ts';
import { checkDns, linesToAdd } from '../doctor/dns-checks.ts';
import { recordsFor } from '../doctor/dns-records.ts';
import { type Answer, type Finding, finding, isInOrder, ok, told } from '../doctor/finding.ts';
import { withoutAccount } from '../doctor/no-answer.ts';
import { regionFault } from '../doctor/region.ts';
import { openResolver } from '../doctor/resolver.ts';
import { checkTwin } from '../doctor/twin-checks.ts';
import { UsageError } from '../local/usage-error.ts';
import type { Outcome } from '../outcome.ts';
import type { Access } from '../records.ts';
import { configOf, expectNothingElse, openTarget, readArguments, TARGET_OPTIONS } from '../target.ts';

const HELP = `Looks at settings, credentials, account, SES, DNS and stacks, and says what to do. Changes nothing.

  npm run doctor                         the local twin
  npm run doctor -- --stage S            the stage S, deployed or not yet
  npm run doctor -- --stage S --records  the DNS records its domain needs, as lines of a zone file

  --stage S        a stage of perennial.config.json, with the credentials and region of this shell
  --endpoint URL   the local twin at another address; with --stage, AWS at another address
  --records        prints the records instead of looking for them
  --json           prints the findings as JSON: [{ about, verdict, found, fix?, command? }]
  --help           this text

Without credentials it says what can be said without them.

Exit codes: 0 everything was checked and there is no problem, 1 a problem, or something that could not be checked, 2 something
in the command or the settings to put right.
`;

const OPTIONS = {
  stage: TARGET_OPTIONS.stage,
  endpoint: TARGET_OPTIONS.endpoint,
  help: TARGET_OPTIONS.help,
  records: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** @throws UsageError */
export async function doctorCommand(args: readonly string[]): Promise<Outcome> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return { text: HELP, exitCode: 0 };
  expectNothingElse(positionals);
  const { stage, endpoint, records = false, json = false } = values;
  if (records) {
    if (stage === undefined) throw new UsageError('--records expects --stage S: the twin needs no DNS');
    return { text: await recordLines(stage, endpoint), exitCode: 0 };
  }
  const findings = stage === undefined ? await examineTwin(endpoint) : await examineStage(stage, endpoint);
  return {
    text: json ? JSON.stringify(findings, undefined, 2) : told(findings),
    exitCode: isInOrder(findings) ? 0 : 1,
  };
}

async function examineTwin(endpoint: string | undefined): Promise<readonly Finding[]> {
  const target = await openTarget({ endpoint });
  try {
    return [
      ok('twin', `answers at ${target.access.endpoint ?? ''}`),
      ...(await checkTwin(target, configOf(target).busName)),
    ];
  } finally {
    target.records.close();
  }
}

/** @throws UsageError when the settings are invalid, naming what */
function settingsOf(stage: string): DeploymentConfig {
  try {
    return stageConfig(stage);
  } catch (cause) {
    if (!(cause instanceof InvalidConfig)) throw cause;
    throw new UsageError(cause.message, { cause });
  }
}

function accessTo({ region }: DeploymentConfig, endpoint: string | undefined): Access {
  return { ...(region !== undefined && { region }), ...(endpoint !== undefined && { endpoint }) };
}

async function examineStage(stage: string, endpoint: string | undefined): Promise<readonly Finding[]> {
  const config = settingsOf(stage);
  const access = accessTo(config, endpoint);
  const fault = await faultOfRegion(config, access);
  if (fault !== undefined) {
    const inTheWay = finding('problem', 'region', fault, 'Correct it; AWS cannot be asked before');
    // Where bounces go hangs on the region.
    const dns = await checkDns(config, recordsFor(config, undefined, undefined), openResolver());
    return [...(await checkConfig(config)), inTheWay, ...dns];
  }
  const [settings, account] = await Promise.all([checkConfig(config), askAccount(config, access)]);
  const dns = await checkDns(config, await recordsOf(config, account, endpoint), openResolver());
  return [
    ...settings,
    ...(account.kind === 'told' ? checkAccount(config, account.value) : [withoutAccount(account)]),
    ...dns,
  ];
}

async function faultOfRegion(config: DeploymentConfig, access: Access): Promise<string | undefined> {
  const region = await regionHere(access);
  return region === undefined ? undefined : regionFault(config, region);
}

async function recordsOf(config: DeploymentConfig, account: Answer<AccountAnswers>, endpoint: string | undefined) {
  if (account.kind === 'silent') return recordsFor(config, await regionHere(accessTo(config, endpoint)), undefined);
  const { identity, region } = account.value;
  return recordsFor(config, region, identity.kind === 'told' ? identity.value?.dkim : undefined);
}

/** @throws UsageError when nobody has said in which region bounces return, or it is none */
async function recordLines(stage: string, endpoint: string | undefined): Promise<string> {
  const config = settingsOf(stage);
  const access = accessTo(config, endpoint);
  const fault = await faultOfRegion(config, access);
  if (fault !== undefined) throw new UsageError(fault);
  const account = await askAccount(config, access);
  const records = await recordsOf(config, account, endpoint);
  if (mailFromOf(config) !== undefined && !records.some(({ purpose }) => purpose === 'bounces')) {
    throw new UsageError(
      `expected a region, for bounces return to one: set ${stage}.region in perennial.config.json, or AWS_REGION in this shell`,
    );
  }
  const unsaid = records.some(({ purpose }) => purpose === 'DKIM')
    ? []
    : ['; The DKIM records are missing here: SES tells their names once the identity is deployed.'];
  return [...(await linesToAdd(config, records, openResolver())), ...unsaid].join('\n');
}
