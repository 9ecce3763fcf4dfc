/** The command line of `npm run publish`: compiles the content, shows what it changes, asks, and makes it live. */
import path from 'node:path';
import { ContentError } from '../../shared/email/content-error.ts';
import { plural } from '../../shared/lifecycle/explain/when.ts';
import {
  activate,
  activationLines,
  isActivation,
  resumeActivation,
  unfinishedWords,
} from '../activation/activating.ts';
import { beginningOf, withBeginning } from '../activation/beginning.ts';
import { lintedRelease, UnplayablePlaybook } from '../build.ts';
import { UsageError } from '../local/usage-error.ts';
import { difference, overtakenWords, playbookWords, tally, waitingLines } from '../publishing/account.ts';
import { compileEdition, type Edition } from '../publishing/edition.ts';
import { isLive, type Live, liveWords, readLive } from '../publishing/live.ts';
import { personHere, publish } from '../publishing/publish.ts';
import { ContentChanged, whileUnchanged } from '../publishing/unchanged.ts';
import { countWaiting } from '../publishing/waiting.ts';
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

const CONTENT_DIRECTORY = path.join(import.meta.dirname, '../../shared/content');

const HELP = `Makes the content live without a deployment: texts, layouts, playbook and data.

  npm run publish                                what changes in the local twin, and publish it
  npm run publish -- --stage prod
  npm run publish -- --message "Friendlier subject lines"

Compiles the content and stops at whatever is wrong in it. Then shows what changes against what is live and how many
waiting messages become other ones, and asks. Senders take it within a minute. What two people publish at once does not
mix: one wins, the other is told. npm run rollback goes back, npm run releases lists what was published.

Other rules for the stages begin when they are published: it says first how many people would change stage, and has
everybody looked at again afterwards. Interrupted, --resume-activation goes on with that.

In texts, words that go stand in [-...-] and words that come in {+...+}.

  --content DIR    what to publish (default shared/content)
  --message TEXT   why, for the list of releases
  --resume-activation
                   publishes nothing, but has everybody looked at again where that was interrupted
  --yes            does not ask; needed for a stage where there is no terminal to ask at

${TARGET_HELP}

Exit codes: 0 done or nothing to do, 1 a fault, 2 something to put right.
`;

const { playbook: _published, ...WHERE } = TARGET_OPTIONS;
const OPTIONS = {
  ...WHERE,
  content: { type: 'string' },
  message: { type: 'string' },
  'resume-activation': { type: 'boolean' },
  yes: { type: 'boolean' },
} as const;

/** @throws UsageError */
export async function publishCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  expectNothingElse(positionals);
  if (values['resume-activation'] === true) return resumed(values);
  const written = await compiled(path.resolve(values.content ?? CONTENT_DIRECTORY));
  const target = await openTarget(values);
  try {
    await expectContentTable(target);
    const live = await readLive(target.records.releases);
    const edition = withBeginning(written, beginningOf(written, live.outline, target.now));
    if (isLive(live, edition)) {
      const unfinished = await unfinishedWords(target);
      const nothing = `Nothing to publish: ${target.name} has just this content, ${liveWords(live)}.`;
      return unfinished === undefined ? nothing : `${nothing}\n${unfinished}`;
    }
    process.stdout.write(`${(await account(target, live, edition)).join('\n')}\n`);
    if (!(await confirmRelease(target, `Publish this to ${target.name}?`, values.yes === true)))
      return 'Nothing was published.';
    return await make(target, live, edition, values.message);
  } finally {
    target.records.close();
  }
}

async function resumed(
  values: Parameters<typeof openTarget>[0] & { content?: string; message?: string },
): Promise<string> {
  if (values.content !== undefined || values.message !== undefined) {
    throw new UsageError('--resume-activation publishes nothing: expected neither --content nor --message beside it');
  }
  const target = await openTarget(values);
  try {
    await expectContentTable(target);
    return await resumeActivation(target);
  } finally {
    target.records.close();
  }
}

/** @throws UsageError with everything that is wrong in the content */
async function compiled(contentDirectory: string): Promise<Edition> {
  try {
    return await whileUnchanged(contentDirectory, async () => {
      await expectSound(contentDirectory);
      return compileEdition(contentDirectory);
    });
  } catch (cause) {
    if (cause instanceof ContentError) {
      const found = plural(cause.problems.length, 'thing');
      throw new UsageError(
        `${found} to put right in ${contentDirectory} before it can be published:\n${cause.message}`,
        { cause },
      );
    }
    if (cause instanceof UnplayablePlaybook || cause instanceof ContentChanged)
      throw new UsageError(cause.message, { cause });
    throw cause;
  }
}

/** Warnings told one by one; more are counted. */
const WARNINGS_TOLD = 8;

/**
 * Tells what keeps nobody from publishing, such as a language that is missing.
 *
 * @throws ContentError with everything a reader would stumble over
 */
async function expectSound(contentDirectory: string): Promise<void> {
  const findings = await lintedRelease(contentDirectory);
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new ContentError(errors);
  const warnings = findings.map(({ file, problem }) => `Warning: ${file}: ${problem}.`);
  const more = warnings.length - WARNINGS_TOLD;
  const told = [
    ...warnings.slice(0, WARNINGS_TOLD),
    ...(more > 0 ? [`... and ${more} more: npm run lint:content`] : []),
  ];
  if (told.length > 0) process.stdout.write(`${told.join('\n')}\n\n`);
}

/** What the publication changes, for whoever is asked. */
async function account(target: Target, live: Live, edition: Edition): Promise<readonly string[]> {
  const { records, now, name } = target;
  const { outline } = live;
  const heading = `Release ${edition.id} for ${name}, against ${liveWords(live)}:`;
  if (outline === undefined) {
    return [
      heading,
      '',
      'Nobody wrote down what was deployed, so what changes cannot be shown; from this publication on it can.',
      '',
    ];
  }
  const count = tally(process.stderr);
  const waiting = await countWaiting(records.census, outline, edition, now, count.told);
  count.done();
  return [
    heading,
    '',
    ...difference(outline, edition),
    ...waitingLines(waiting),
    ...playbookWords(outline, edition),
    ...(isActivation(edition, outline)
      ? await activationLines(target, outline.playbook.stages, edition.playbook.stages)
      : ['']),
  ];
}

async function make(target: Target, live: Live, edition: Edition, message: string | undefined): Promise<string> {
  const { records, name, now } = target;
  const activates = isActivation(edition, live.outline);
  const mover = { at: now, by: personHere(), message, activates };
  const moved = await publish(records.releases, edition, live.move, mover);
  if (moved.kind === 'overtaken') throw new UsageError(overtakenWords(moved.by, 'npm run publish'));
  const { number } = moved.move;
  const where = target.stage === undefined ? '' : ` -- --stage ${target.stage}`;
  const published = [
    `Published to ${name}: number ${number}, release ${edition.id}. Senders take it within a minute.`,
    `npm run rollback${where} goes back.`,
  ];
  if (!activates) return published.join('\n');
  process.stdout.write(`${published.join('\n')}\n`);
  return activate(target, moved.move);
}
