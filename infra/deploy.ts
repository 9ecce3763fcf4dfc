/**
 * `npm run deploy`: deploys with the CDK, then writes down in the content table which release that brought, so that what
 * is published next can be compared with it. Takes the options of `cdk deploy`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { compiledRelease } from './build.ts';
import { PROJECT } from './cache.ts';
import { stageConfig } from './config.ts';
import { readEdition } from './publishing/edition.ts';
import { personHere, writeDeployed } from './publishing/publish.ts';
import { openRecords, tableOfStage } from './records.ts';

const CONTENT_DIRECTORY = path.join(PROJECT, 'shared/content');

/** The stage that the CDK is told to deploy, as `-c stage=...`; what the app takes without. */
function stageIn(args: readonly string[]): string {
  const context = args.map((each) => /^(?:--context=)?stage=(?<stage>.+)$/u.exec(each)?.groups?.['stage']);
  return context.findLast((stage) => stage !== undefined) ?? 'dev';
}

async function deploy(args: readonly string[]): Promise<number> {
  const cdk = spawn('npx', ['cdk', 'deploy', '--all', ...args], { stdio: 'inherit', cwd: PROJECT });
  const [code]: (number | null)[] = await once(cdk, 'close');
  return code ?? 1;
}

async function writeDown(stage: string): Promise<void> {
  const { region } = stageConfig(stage);
  const playbookFile = path.join(CONTENT_DIRECTORY, 'playbook.json');
  const edition = await readEdition(await compiledRelease(CONTENT_DIRECTORY), playbookFile, CONTENT_DIRECTORY);
  const records = openRecords(region === undefined ? {} : { region }, tableOfStage(stage));
  try {
    await writeDeployed(records.releases, edition, Date.now(), personHere());
    const live = await records.releases.latest();
    if (live?.releaseId === undefined || live.releaseId === edition.id) return;
    process.stdout.write(
      `Mail still says what was published as number ${live.number}: npm run publish -- --stage ${stage} makes this content live, npm run rollback -- --stage ${stage} --to deployed, too.\n`,
    );
  } finally {
    records.close();
  }
}

const args = process.argv.slice(2);
process.exitCode = await deploy(args);
const isDeployed = process.exitCode === 0 && !args.includes('--help');
if (isDeployed) {
  await writeDown(stageIn(args)).catch((cause: unknown) => {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    process.stderr.write(`Deployed. What was deployed could not be written down for npm run publish (${why}).\n`);
  });
}
