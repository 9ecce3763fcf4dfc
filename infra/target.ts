/** Which deployment a command is about: the twin running on this machine, or a deployed stage; and the time there. */
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { DescribeTableCommand, type DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { readPublishedPlaybook } from '../shared/email/published-playbook.ts';
import type { Holdout } from '../shared/lifecycle/customer/permit.ts';
import type { Playbook } from '../shared/lifecycle/playbook.ts';
import { type DeploymentConfig, InvalidConfig, isProduction, stageConfig, stageNames } from './config.ts';
import { UsageError } from './local/usage-error.ts';
import { readPlaybookFile } from './playbook-file.ts';
import { type Access, contentTableBeside, openRecords, type Records, tableOfStage } from './records.ts';

const TWIN_ENDPOINT = 'http://127.0.0.1:4580';
const TWIN_STAGE = 'local';
const PLAYBOOK_FILE = join(import.meta.dirname, '../shared/content/playbook.json');
/** Longest wait for the twin, which is on this machine, to say that it is there. */
const TWIN_ANSWERS_MS = 5_000;

/** The options that every command about a deployment takes. */
export const TARGET_OPTIONS = {
  stage: { type: 'string' },
  endpoint: { type: 'string' },
  playbook: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options'];

export const TARGET_HELP = `Where
  --stage S        the deployed stage S: its table, with the credentials and region of this shell
  --endpoint URL   the local twin at another address (default ${TWIN_ENDPOINT})
  --playbook FILE  the playbook it runs (default: the one that was published last, else shared/content/playbook.json)
  --help           this text
Without --stage it is the twin that npm start has opened.`;

export interface TargetValues {
  readonly stage?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly playbook?: string | undefined;
}

export interface Target {
  /** "the local twin", "stage prod" */
  readonly name: string;
  /** Undefined for the twin. */
  readonly stage: string | undefined;
  readonly access: Access;
  readonly records: Records;
  readonly playbook: Playbook;
  /** Absent for a stage that infra/config.ts does not describe. */
  readonly holdout: Holdout | undefined;
  /** The present there: the twin's clock may stand apart from that of the wall. */
  readonly now: number;
}

/**
 * @throws UsageError when the options contradict each other, the twin is not running, the table is not there, or the
 * playbook is none
 */
export async function openTarget({ stage, endpoint, playbook: file }: TargetValues): Promise<Target> {
  if (stage !== undefined && endpoint !== undefined) {
    throw new UsageError('expected --stage for a deployment or --endpoint for a local twin, found both');
  }
  const given = file === undefined ? undefined : await playbookIn(file);
  const { access, now } = stage === undefined ? await twinAt(endpoint ?? TWIN_ENDPOINT) : deployed(stage);
  const records = openRecords(access, tableOfStage(stage ?? TWIN_STAGE));
  let playbook: Playbook;
  try {
    await expectTable(records.client, records.tableName, stage);
    // What stands in the file counts only where nobody can tell what is live: it may be half written.
    playbook = given ?? (await livePlaybook(records)) ?? (await playbookIn(PLAYBOOK_FILE));
  } catch (error) {
    records.close();
    throw error;
  }
  const name = stage === undefined ? 'the local twin' : `stage ${stage}`;
  return { name, stage, access, records, playbook, holdout: settingsOf(stage ?? TWIN_STAGE)?.holdout, now };
}

/** In the region that the settings of the stage name; without one, in that of this shell. */
function deployed(stage: string): { readonly access: Access; readonly now: number } {
  const region = settingsOf(stage)?.region;
  return { access: region === undefined ? {} : { region }, now: Date.now() };
}

/** @throws UsageError when nobody answers there */
async function twinAt(endpoint: string): Promise<{ readonly access: Access; readonly now: number }> {
  const config = stageConfig(TWIN_STAGE);
  let date: string | null;
  try {
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(TWIN_ANSWERS_MS) });
    // Every answer of the twin carries its own time.
    date = answer.headers.get('date');
  } catch (cause) {
    if (!URL.canParse(endpoint)) {
      throw new UsageError(`--endpoint expects an address such as ${TWIN_ENDPOINT}, found "${endpoint}"`, { cause });
    }
    throw new UsageError(
      `no local twin answers at ${endpoint}: npm start first, or name a deployment with --stage, or another twin with --endpoint`,
      { cause },
    );
  }
  const now = Date.parse(date ?? '');
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const { region } = config;
  return {
    access: { endpoint, credentials, ...(region !== undefined && { region }) },
    now: Number.isNaN(now) ? Date.now() : now,
  };
}

/** The playbook of the release that is live, published or deployed; undefined when nobody wrote it down. */
async function livePlaybook({ releases }: Pick<Records, 'releases'>): Promise<Playbook | undefined> {
  try {
    const releaseId = (await releases.latest())?.releaseId ?? (await releases.deployed())?.releaseId;
    return releaseId === undefined
      ? undefined
      : await readPublishedPlaybook((name) => releases.readPart(releaseId, name));
  } catch (cause) {
    if (cause instanceof ResourceNotFoundException) return undefined;
    throw cause;
  }
}

/** @throws UsageError when nothing can be published there */
export async function expectContentTable({ records, stage }: Pick<Target, 'records' | 'stage'>): Promise<void> {
  await expectTable(records.client, contentTableBeside(records.tableName), stage);
}

async function expectTable(client: DynamoDBClient, tableName: string, stage: string | undefined): Promise<void> {
  try {
    await client.send(new DescribeTableCommand({ TableName: tableName }));
  } catch (cause) {
    if (cause instanceof ResourceNotFoundException) {
      const where = stage === undefined ? 'at this endpoint' : 'in this account and region';
      throw new UsageError(`there is no table ${tableName} ${where}${stage === undefined ? '' : '; check --stage'}`, {
        cause,
      });
    }
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new UsageError(`cannot reach the table ${tableName} (${why.replaceAll(/\s+/gu, ' ')})`, { cause });
  }
}

/** @throws UsageError */
async function playbookIn(file: string): Promise<Playbook> {
  return (await readPlaybookFile(file, '--playbook: ')).playbook;
}

/** @throws UsageError for a stage that infra/config.ts does not describe: nobody could say what its bus is called */
export function configOf({ stage }: Pick<Target, 'stage'>): DeploymentConfig {
  return inOneLine(() => stageConfig(stage ?? TWIN_STAGE));
}

/**
 * The settings of the stage real people are behind; as long as there is none, of the last one that is named.
 *
 * @throws UsageError
 */
export function productionConfig(): DeploymentConfig {
  return inOneLine(() => {
    const all = stageNames().map(stageConfig);
    const config = all.find(isProduction) ?? all.at(-1);
    if (config === undefined) throw new InvalidConfig('perennial.config.json describes no stage');
    return config;
  });
}

/** @throws UsageError */
function inOneLine(read: () => DeploymentConfig): DeploymentConfig {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof InvalidConfig)) throw cause;
    throw new UsageError(cause.message.replaceAll(/\s*\n\s*/gu, '; '), { cause });
  }
}

/** Undefined for a stage that the settings do not describe. */
function settingsOf(stage: string): DeploymentConfig | undefined {
  try {
    return stageConfig(stage);
  } catch (cause) {
    if (cause instanceof InvalidConfig) return undefined;
    throw cause;
  }
}

/**
 * Asks before something is changed for real people. A stage that no settings describe may be theirs.
 *
 * @throws UsageError where nobody can be asked and nobody has said yes beforehand
 */
export async function confirmChange(
  { stage }: Pick<Target, 'stage'>,
  what: string,
  yes: boolean,
  input: { readonly isTTY?: boolean } = process.stdin,
): Promise<boolean> {
  if (stage === undefined) return true;
  const settings = settingsOf(stage);
  if (settings !== undefined && !isProduction(settings)) return true;
  return confirmRelease({ stage }, `${what} in stage ${stage}?`, yes, input);
}

/**
 * Asks before what all customers of a stage get is changed; the local twin has nobody to lose.
 *
 * @throws UsageError where nobody can be asked and nobody has said yes beforehand
 */
export async function confirmRelease(
  { stage }: Pick<Target, 'stage'>,
  question: string,
  yes: boolean,
  input: { readonly isTTY?: boolean } = process.stdin,
): Promise<boolean> {
  if (stage !== undefined && !yes && input.isTTY !== true) {
    throw new UsageError('expected --yes, for nobody is here to ask: nothing was changed');
  }
  return ask(question, yes);
}

/** Asks at the terminal; where there is none, whoever scripted it has decided. */
export async function ask(question: string, yes: boolean): Promise<boolean> {
  if (yes || !process.stdin.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} (y/N) `);
  terminal.close();
  return /^y(?:es)?$/iu.test(answer.trim());
}

/** @throws UsageError for words beside the options of a command that takes none */
export function expectNothingElse([stray]: readonly string[]): void {
  if (stray !== undefined) throw new UsageError(`expected options only, found "${stray}"; --help explains the command`);
}

/**
 * The options and words of a command line.
 *
 * @throws UsageError in one line
 */
export function readArguments<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], strict: true, allowPositionals: true, options });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    // Node adds advice on quoting after the first sentence; it would not help here.
    const [sentence = ''] = why.replaceAll(/\s+/gu, ' ').split('. ', 1);
    throw new UsageError(`${sentence}; --help explains the command`, { cause });
  }
}
