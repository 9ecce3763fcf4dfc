/**
 * The command line of `npm run deploy`: checks the settings, deploys with the CDK, then writes down in the content table which
 * release that brought, so that what is published next can be compared with it. Nothing is written down but what CloudFormation
 * says is there: a change can be prepared only, or end before it reaches the functions.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { ContentError } from '../../shared/email/content-error.ts';
import { changesInWords } from '../activation/activating.ts';
import { movedByDeploying } from '../activation/deployed-rules.ts';
import type { StageChanges } from '../activation/stage-changes.ts';
import { UnplayablePlaybook } from '../build.ts';
import { PROJECT } from '../cache.ts';
import { defaultStage, type DeploymentConfig, identityOf, InvalidConfig, isSample, stageConfig } from '../config.ts';
import { UsageError } from '../local/usage-error.ts';
import type { Outcome } from '../outcome.ts';
import { compileEdition, type Edition } from '../publishing/edition.ts';
import { personHere, writeDeployed } from '../publishing/publish.ts';
import { ContentChanged } from '../publishing/unchanged.ts';
import { openRecords, tableOfStage } from '../records.ts';
import { confirmChange } from '../target.ts';

const HELP = `Deploys a stage with the CDK, and writes down which content that brought.

  npm run deploy -- --stage S [options of cdk deploy]

  --stage S   a stage of perennial.config.json; -c stage=S says the same; without it dev, or the only one
  --yes       asks nothing, neither before a production stage is changed nor before rights are widened
  --help      this text

All other options are handed to "cdk deploy", such as --method=prepare-change-set to look at a change before it is made. Credentials
and region are those of this shell. Other rules for the stages than those that are live are refused once there are customers:
npm run publish shows whom they move, and brings them. npm run doctor -- --stage S says what is still missing for mail.

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
export async function deployCommand(args: readonly string[]): Promise<Outcome> {
  if (args.includes('--help') || args.includes('-h')) return { text: HELP, exitCode: 0 };
  const { stage, yes, rest } = orderIn(args);
  const config = deployable(stage);
  process.stdout.write(`${outline(config)}\n`);
  await expectRulesPublished(config);
  if (!(await confirmChange({ stage }, 'Deploy', yes))) return { text: 'Nothing was changed.', exitCode: 0 };
  const approval = yes ? ['--require-approval', 'never'] : [];
  const deployed = await deploy(stage, ['-c', `stage=${stage}`, ...approval, ...rest]);
  if (deployed === undefined) return { text: 'The deployment failed; what ran before still runs.', exitCode: 1 };
  if (isPreparation(rest)) return { text: 'Prepared: nothing runs that did not run before.', exitCode: 0 };
  const notes = await writeDown(config, deployed).catch((cause: unknown) => {
    return ['Deployed.', `What was deployed could not be written down for npm run publish (${inWords(cause)}).`];
  });
  return {
    text: [...notes, `npm run doctor -- --stage ${stage} says what is still missing for mail.`].join('\n'),
    exitCode: 0,
  };
}

/**
 * Other rules for the stages are published, not deployed: a publication shows whom they move, says since when they count,
 * and has everybody looked at again. What is live cannot be read by everybody who may deploy: that is told, and no more.
 *
 * @throws UsageError for a content that would bring them, or cannot be compiled
 */
async function expectRulesPublished({ stage, region }: DeploymentConfig): Promise<void> {
  const edition = await editionHere();
  const records = openRecords(region === undefined ? {} : { region }, tableOfStage(stage));
  let moved: StageChanges | undefined;
  try {
    moved = await movedByDeploying(records, edition, Date.now());
  } catch (cause) {
    // Before the first deployment.
    if (cause instanceof ResourceNotFoundException) return;
    process.stdout.write(
      `Whether this brings other rules for the stages than those that are live could not be told (${inWords(cause)}).\n`,
    );
    return;
  } finally {
    records.close();
  }
  if (moved !== undefined) throw new UsageError(refusal(stage, moved));
}

/** Why rules are not deployed, and what to do instead. */
export function refusal(stage: string, moved: Pick<StageChanges, 'customers' | 'changes'>): string {
  return [
    ...changesInWords(moved),
    'A deployment would bring these rules without saying since when they count, so that mail meant for before goes out, and nobody would be looked at again. Nothing was changed.',
    `Publish them first: npm run publish -- --stage ${stage}. Rules that need code which is not deployed yet come after it: deploy with those that are live, then publish.`,
  ].join('\n');
}

function inWords(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}

/** Whether these options of the CDK only show what a deployment would change. */
export function isPreparation(options: readonly string[]): boolean {
  return (
    options.includes('--no-execute') ||
    valueOf(options, '--execute') === 'false' ||
    valueOf(options, '--method', '-m') === 'prepare-change-set'
  );
}

/** What follows one of these names, after a space or an equals sign. */
function valueOf(options: readonly string[], ...names: readonly string[]): string | undefined {
  const words = options.flatMap((each) => (each.startsWith('-') ? each.split(/=(.*)/su, 2) : [each]));
  const index = words.findIndex((each) => names.includes(each));
  return index < 0 ? undefined : words[index + 1];
}

/** The options of the CDK may take values we know nothing of, so only our own are taken out. */
function orderIn(args: readonly string[]): Order {
  let named: string | undefined;
  let yes = false;
  const rest: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const [each = '', next] = args.slice(index);
    const context = /^(?:--context=|--stage=)(?<value>.*)$/u.exec(each)?.groups?.['value'];
    if (each === '--yes' || each === '-y') yes = true;
    else if (each === '--stage' || each === '-c' || each === '--context') {
      if (next === undefined) throw new UsageError(`expected a value after ${each}; --help explains the command`);
      index += 1;
      if (each === '--stage') named = next;
      else if (next.startsWith('stage=')) named = next.slice('stage='.length);
      else rest.push(each, next);
    } else if (each.startsWith('--stage=')) named = context ?? named;
    else if (context?.startsWith('stage=') === true) named = context.slice('stage='.length);
    else rest.push(each);
  }
  return { stage: named ?? explained(defaultStage), yes, rest };
}

/** @throws UsageError for what could be deployed, and would then never mail anybody */
function deployable(stage: string): DeploymentConfig {
  if (stage === TWIN_STAGE) throw new UsageError('the stage local is the twin: npm start runs it');
  const config = explained(() => stageConfig(stage));
  if (isSample(identityOf(config)) || isSample(config.sender.address)) {
    throw new UsageError(
      `perennial.config.json: ${stage}.sender.address: ${config.sender.address} belongs to nobody; set an address of your own domain`,
    );
  }
  return config;
}

/** @throws UsageError */
function explained<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof InvalidConfig)) throw cause;
    throw new UsageError(cause.message, { cause });
  }
}

function outline({ stage, account, region, sender, sending, removal }: DeploymentConfig): string {
  const where = [account ?? 'the account of these credentials', region ?? 'their region'].join(', ');
  const kept =
    removal === 'retain' ? 'customers are kept when the stacks are deleted' : 'deleting the stacks deletes customers';
  return `Stage ${stage} (${where}): mail from ${sender.name} <${sender.address}>, sending ${sending}; ${kept}.`;
}

/** What the stacks say of themselves after the CDK has ended well, by their names. */
const outputs = z.record(z.string(), z.record(z.string(), z.string()));

interface Deployed {
  /** The release that CloudFormation says is there; undefined where there is none yet. */
  readonly releaseId: string | undefined;
}

/** @returns undefined when it failed */
async function deploy(stage: string, args: readonly string[]): Promise<Deployed | undefined> {
  const directory = await mkdtemp(path.join(tmpdir(), 'perennial-deploy-'));
  const asked = valueOf(args, '--outputs-file', '-O');
  const file = asked === undefined ? path.join(directory, 'outputs.json') : path.resolve(PROJECT, asked);
  const telling = asked === undefined ? ['--outputs-file', file] : [];
  try {
    const cdk = spawn('npx', ['cdk', 'deploy', '--all', ...args, ...telling], { stdio: 'inherit', cwd: PROJECT });
    const [code]: (number | null)[] = await once(cdk, 'close');
    if (code !== 0) return undefined;
    const told = outputs.safeParse(JSON.parse(await readFile(file, 'utf8').catch(() => '{}')));
    return { releaseId: told.data?.[`PerennialPipeline-${stage}`]?.['Release'] };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** @throws UsageError with everything that is wrong in the content */
async function editionHere(): Promise<Edition> {
  try {
    return await compileEdition(CONTENT_DIRECTORY);
  } catch (cause) {
    const isWrong =
      cause instanceof ContentError || cause instanceof UnplayablePlaybook || cause instanceof ContentChanged;
    throw isWrong ? new UsageError(cause.message, { cause }) : cause;
  }
}

/** Says what is there now, and writes it down where it is what stands here. */
async function writeDown(config: DeploymentConfig, { releaseId }: Deployed): Promise<readonly string[]> {
  const edition = await editionHere();
  if (releaseId !== edition.id) {
    const there = releaseId === undefined ? 'no release' : `the release ${releaseId}`;
    return [
      `The CDK ended well, but CloudFormation has ${there} and not ${edition.id}, which stands here: nothing was written down.`,
    ];
  }
  return ['Deployed.', ...(await writeEdition(config, edition))];
}

async function writeEdition({ stage, region }: DeploymentConfig, edition: Edition): Promise<readonly string[]> {
  const records = openRecords(region === undefined ? {} : { region }, tableOfStage(stage));
  try {
    const activation = await writeDeployed(records.releases, edition, Date.now(), personHere());
    if (activation !== undefined) {
      return [
        `This brought other rules for the stages, as number ${activation.number}: npm run publish -- --resume-activation --stage ${stage} has everybody looked at again.`,
      ];
    }
    const live = await records.releases.latest();
    if (live?.releaseId === undefined || live.releaseId === edition.id) return [];
    return [
      `Mail still says what was published as number ${live.number}: npm run publish -- --stage ${stage} makes this content live, npm run rollback -- --stage ${stage} --to deployed, too.`,
    ];
  } finally {
    records.close();
  }
}
