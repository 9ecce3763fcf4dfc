/** The command line of `npm run releases`: what was published, when, by whom and why. */
import type { Move } from '../../shared/adapters/release-store.ts';
import { absolute } from '../../shared/lifecycle/explain/when.ts';
import { unfinishedWords } from '../activation/activating.ts';
import {
  expectContentTable,
  expectNothingElse,
  openTarget,
  readArguments,
  TARGET_HELP,
  TARGET_OPTIONS,
} from '../target.ts';

const HELP = `Lists what was published, newest first: number, time, who, release, why.

  npm run releases
  npm run releases -- --stage prod

${TARGET_HELP}

Exit codes: 0 told, 1 a fault, 2 something in the command to put right.
`;

const { playbook: _published, ...OPTIONS } = TARGET_OPTIONS;

/** @throws UsageError */
export async function releasesCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  expectNothingElse(positionals);
  const target = await openTarget(values);
  try {
    await expectContentTable(target);
    const { releases } = target.records;
    const [moves, deployed] = await Promise.all([releases.history(), releases.deployed()]);
    const isDeployedLive = moves[0]?.releaseId === undefined;
    const known = deployed === undefined ? '' : `  release ${deployed.releaseId}, ${absolute(deployed.at)}`;
    const unfinished = await unfinishedWords(target);
    return [
      `Releases in ${target.name}:`,
      ...moves.map((move, index) => lineOf(move, index === 0 && !isDeployedLive)),
      `  deployed${known}${isDeployedLive ? '  live' : ''}`,
      ...(unfinished === undefined ? [] : ['', unfinished]),
    ].join('\n');
  } finally {
    target.records.close();
  }
}

function lineOf({ number, at, by, releaseId, message }: Move, isLive: boolean): string {
  const what = releaseId === undefined ? 'deployed' : `release ${releaseId}`;
  return [
    `  ${number}`,
    absolute(at),
    by,
    what,
    ...(message === undefined ? [] : [message]),
    ...(isLive ? ['live'] : []),
  ].join('  ');
}
