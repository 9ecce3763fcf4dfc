/** The command line of `npm run rollback`: shows what going back changes, asks, and makes an earlier release live again. */
import type { Move } from '../../shared/adapters/release-store.ts';
import { activate, activationLines, isActivation } from '../activation/activating.ts';
import { UsageError } from '../local/usage-error.ts';
import { difference, overtakenWords, playbookWords, tally, waitingLines } from '../publishing/account.ts';
import type { Outline } from '../publishing/edition.ts';
import { liveWords, readLive, readRelease } from '../publishing/live.ts';
import { personHere } from '../publishing/publish.ts';
import { countWaiting } from '../publishing/waiting.ts';
import { goBack, type Goal, goalAt, unreadable } from '../publishing/way-back.ts';
import {
  confirmRelease,
  expectContentTable,
  expectNothingElse,
  openTarget,
  readArguments,
  type Target,
  TARGET_HELP,
  TARGET_OPTIONS,
} from '../target.ts';

const DEPLOYED = 'deployed';

const HELP = `Makes an earlier release live again: the one before, or any that npm run releases lists.

  npm run rollback                         back to what was live before the last publication, in the local twin
  npm run rollback -- --to 4 --stage prod
  npm run rollback -- --to deployed        back to what the functions were deployed with

Shows what that changes and how many waiting messages become other ones, and asks. Senders follow within a minute. Going
back is a move of its own, with a number of its own: npm run rollback again undoes it. Other rules for the stages begin
anew, as they do when they are published: npm run publish -- --help says how.

  --to NUMBER      a number of npm run releases, or "deployed"
  --message TEXT   why, for the list of releases
  --yes            does not ask; needed for a stage where there is no terminal to ask at

${TARGET_HELP}

Exit codes: 0 done or nothing to do, 1 a fault, 2 something to put right.
`;

const { playbook: _published, ...WHERE } = TARGET_OPTIONS;
const OPTIONS = { ...WHERE, to: { type: 'string' }, message: { type: 'string' }, yes: { type: 'boolean' } } as const;

/** @throws UsageError */
export async function rollbackCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  expectNothingElse(positionals);
  const target = await openTarget(values);
  const { releases } = target.records;
  try {
    await expectContentTable(target);
    const live = await readLive(releases);
    const goal = goalOf(values.to, await releases.history());
    if (goal.releaseId === live.move?.releaseId) {
      return `Nothing to do: ${target.name} has ${liveWords(live)} already.`;
    }
    const outline = await readRelease(releases, goal.releaseId);
    const wrong = await unreadable(releases, goal, outline, live, target.now);
    if (wrong !== undefined) throw new UsageError(wrong);
    const lines = [`Back to ${goal.words} in ${target.name}, from ${liveWords(live)}:`, ''];
    process.stdout.write(`${[...lines, ...(await account(target, live.outline, outline))].join('\n')}\n`);
    if (!(await confirmRelease(target, `Go back to ${goal.words} in ${target.name}?`, values.yes === true)))
      return 'Nothing was changed.';
    const activates = outline !== undefined && isActivation(outline, live.outline);
    const mover = { at: target.now, by: personHere(), message: values.message ?? `back to ${goal.words}`, activates };
    const moved = await goBack(releases, goal, outline, live, mover);
    if (moved.kind === 'overtaken') throw new UsageError(overtakenWords(moved.by, 'npm run rollback'));
    const gone = `${target.name} goes back to ${goal.words}, as number ${moved.move.number}. Senders follow within a minute.`;
    if (!activates) return gone;
    process.stdout.write(`${gone}\n`);
    return await activate(target, moved.move);
  } finally {
    target.records.close();
  }
}

/** @throws UsageError when there is no such move */
function goalOf(to: string | undefined, history: readonly Move[]): Goal {
  const [latest, before] = history;
  if (to === DEPLOYED) return goalAt(undefined);
  if (latest === undefined) throw new UsageError('nothing was published yet: what was deployed is live');
  if (to === undefined) return goalAt(before);
  const move = history.find(({ number }) => String(number) === to);
  if (move === undefined) {
    throw new UsageError(`--to expects "${DEPLOYED}" or a number from 1 to ${latest.number}, found "${to}"`);
  }
  return goalAt(move);
}

async function account(
  target: Target,
  before: Outline | undefined,
  after: Outline | undefined,
): Promise<readonly string[]> {
  if (before === undefined || after === undefined) {
    return ['Nobody wrote down what was deployed, so what changes cannot be shown.', ''];
  }
  const { records, now } = target;
  const count = tally(process.stderr);
  const waiting = await countWaiting(records.census, before, after, now, count.told);
  count.done();
  const activation = isActivation(after, before)
    ? await activationLines(target, before.playbook.stages, after.playbook.stages)
    : [''];
  return [...difference(before, after), ...waitingLines(waiting), ...playbookWords(before, after), ...activation];
}
