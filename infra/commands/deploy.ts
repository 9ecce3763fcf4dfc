/**
 * The command line of `npm run deploy`: checks the settings, deploys with the CDK, then writes down in the content table which
 * release that brought, so that what is published next can be compared with it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { compiledRelease } from '../build.ts';
import { PROJECT } from '../cache.ts';
import { type DeploymentConfig, identityOf, InvalidConfig, isSample, stageConfig } from '../config.ts';
import { UsageError } from '../local/usage-error.ts';
import { readEdition } from '../publishing/edition.ts';
import { personHere, writeDeployed } from '../publishing/publish.ts';
import { openRecords, tableOfStage } from '../records.ts';
import { confirmChange } from '../target.ts';

const HELP = `Deploys a stage with the CDK, and writes down which content that brought.

  npm run deploy -- --stage S [options of cdk deploy]

  --stage S   a stage of perennial.config.json; -c stage=S says the same, and dev is taken without
  --yes       asks nothing, neither before the stage prod is changed nor before rights are widened
  --help      this text

All other options are handed to "cdk deploy", such as --method=prepare-change-set to look at a change before it is made. Credentials
and region are those of this shell. npm run doctor -- --stage S says what is still missing for mail.

Exit codes: 0 deployed, 1 the deployment failed, 2 something in the command or the settings to put right.
`;

const CONTENT_DIRECTORY = path.join(PROJECT, 'shared/content');
const TWIN_STAGE = 'local';

interface Order {
  readonly stage: string;
  readonly yes: boolean;
  /** Options of the CDK. */
  readonly rest: readonly string[];
}

/** @throws UsageError */
export async function deployCommand(
  args: readonly string[],
): Promise<{ readonly text: string; readonly exitCode: 0 | 1 }> {
  if (args.includes('--help') || args.includes('-h')) return { text: HELP, exitCode: 0 };
  const { stage, yes, rest } = orderIn(args);
  const config = deployable(stage);
  process.stdout.write(`${outline(config)}\n`);
  if (!(await confirmChange({ stage }, 'Deploy', yes))) return { text: 'Nothing was changed.', exitCode: 0 };
  const approval = yes ? ['--require-approval', 'never'] : [];
  if (!(await deploy(['-c', `stage=${stage}`, ...approval, ...rest]))) {
    return { text: 'The deployment failed; what ran before still runs.', exitCode: 1 };
  }
  const notes = await writeDown(config).catch((cause: unknown) => {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    return [`What was deployed could not be written down for npm run publish (${why}).`];
  });
  return {
    text: ['Deployed.', ...notes, `npm run doctor -- --stage ${stage} says what is still missing for mail.`].join('\n'),
    exitCode: 0,
  };
}

/** The options of the CDK may take values we know nothing of, so only our own are taken out. */
function orderIn(args: readonly string[]): Order {
  let stage = 'dev';
  let yes = false;
  const rest: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const [each = '', next] = args.slice(index);
    const context = /^(?:--context=|--stage=)(?<value>.*)$/u.exec(each)?.groups?.['value'];
    if (each === '--yes' || each === '-y') yes = true;
    else if (each === '--stage' || each === '-c' || each === '--context') {
      if (next === undefined) throw new UsageError(`expected a value after ${each}; --help explains the command`);
      index += 1;
      if (each === '--stage') stage = next;
      else if (next.startsWith('stage=')) stage = next.slice('stage='.length);
      else rest.push(each, next);
    } else if (each.startsWith('--stage=')) stage = context ?? stage;
    else if (context?.startsWith('stage=') === true) stage = context.slice('stage='.length);
    else rest.push(each);
  }
  return { stage, yes, rest };
}

/** @throws UsageError for what could be deployed, and would then never mail anybody */
function deployable(stage: string): DeploymentConfig {
  if (stage === TWIN_STAGE) throw new UsageError('the stage local is the twin: npm start runs it');
  let config: DeploymentConfig;
  try {
    config = stageConfig(stage);
  } catch (cause) {
    if (!(cause instanceof InvalidConfig)) throw cause;
    throw new UsageError(cause.message, { cause });
  }
  if (isSample(identityOf(config)) || isSample(config.sender.address)) {
    throw new UsageError(
      `perennial.config.json: ${stage}.sender.address: ${config.sender.address} belongs to nobody; set an address of your own domain`,
    );
  }
  return config;
}

function outline({ stage, account, region, sender, sending, removal }: DeploymentConfig): string {
  const where = [account ?? 'the account of these credentials', region ?? 'their region'].join(', ');
  const kept =
    removal === 'retain' ? 'customers are kept when the stacks are deleted' : 'deleting the stacks deletes customers';
  return `Stage ${stage} (${where}): mail from ${sender.name} <${sender.address}>, sending ${sending}; ${kept}.`;
}

async function deploy(args: readonly string[]): Promise<boolean> {
  const cdk = spawn('npx', ['cdk', 'deploy', '--all', ...args], { stdio: 'inherit', cwd: PROJECT });
  const [code]: (number | null)[] = await once(cdk, 'close');
  return code === 0;
}

async function writeDown({ stage, region }: DeploymentConfig): Promise<readonly string[]> {
  const playbookFile = path.join(CONTENT_DIRECTORY, 'playbook.json');
  const edition = await readEdition(await compiledRelease(CONTENT_DIRECTORY), playbookFile, CONTENT_DIRECTORY);
  const records = openRecords(region === undefined ? {} : { region }, tableOfStage(stage));
  try {
    await writeDeployed(records.releases, edition, Date.now(), personHere());
    const live = await records.releases.latest();
    if (live?.releaseId === undefined || live.releaseId === edition.id) return [];
    return [
      `Mail still says what was published as number ${live.number}: npm run publish -- --stage ${stage} makes this content live, npm run rollback -- --stage ${stage} --to deployed, too.`,
    ];
  } finally {
    records.close();
  }
}
