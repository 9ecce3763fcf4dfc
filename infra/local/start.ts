/**
 * `npm start`: reads the command, builds what would be deployed, runs it in the twin, plays a history through it, and
 * then keeps it open. Heavy parts are loaded only once the command has proved sound, so a typing error costs no time.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ContentError } from '../../shared/email/content-error.ts';
import type { HeadCounter } from './headcount.ts';
import { PortInUse } from './errors.ts';
import { checkSurroundings, HELP, type Options, readOptions } from './options.ts';
import type { Played } from './player/play.ts';
import type { Bus } from './player/tell.ts';
import type { Script } from './script.ts';
import type { RunningTwin } from './twin.ts';
import { UsageError } from './usage-error.ts';
import type { Pages } from './web/pages.ts';

// Functions run in threads, which share the zone of the process and not that of their environment: on Lambda it is UTC.
process.env['TZ'] = 'UTC';

const EXIT = { fault: 1, usage: 2 } as const;
const SECOND = 1_000;
/** The census of the last night of a past is the one that counts at its end. */
const DAY = 24 * 60 * 60 * SECOND;
/** Bad rows shown one by one; the rest is a number. */
const BAD_ROWS_SHOWN = 100;

/** Closes what was opened, the last first. */
const closings: (() => void | Promise<void>)[] = [];

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function run(options: Options): Promise<void> {
  await checkSurroundings(options);
  const planned = await plan(options);
  const twin = await startTwin(options, planned);
  const { openHeadcount } = await import('./headcount.ts');
  const { openBus, PLAYER } = await import('./player/tell.ts');
  const headcount = openHeadcount(twin);
  const bus = openBus(twin);
  const { openPlatform } = await import('./shop/platform.ts');
  closings.push(headcount.close, bus.close, openPlatform(twin, bus));

  const began = performance.now();
  const letEverybodyIn = twin.reserveBuses(PLAYER);
  if (options.exit) {
    const script = await playScript(options, planned, twin, bus, () => undefined);
    await summarise(options, script, twin, headcount, began);
    // Whoever goes on with the data has to know by which rules it was left.
    return options.dataDirectory === undefined ? undefined : writeDown(options, twin);
  }
  // Whoever waits may look on meanwhile.
  let past: Played | undefined = { told: 0, total: planned.events, now: planned.start };
  const pages = await openPages(options, twin, () => past);
  say(`Open ${pages.url} and look on while the past is played`);
  const script = await playScript(options, planned, twin, bus, (played) => (past = played));
  await summarise(options, script, twin, headcount, began);
  await writeDown(options, twin);
  past = undefined;
  await keepOpen(script, twin, bus, headcount, pages, letEverybodyIn);
}

async function writeDown(options: Options, twin: RunningTwin): Promise<void> {
  const { writeDeployedRelease } = await import('./deployed-release.ts');
  const activation = await writeDeployedRelease(twin, playbookOf(options), options.content);
  if (activation === undefined) return;
  say(
    `The rules for the stages are others than those that this data was left with (number ${activation.number} of npm run releases).`,
    'They count at the next event or timer of each customer, also for what was before: npm run publish -- --resume-activation has everybody looked at now.',
  );
}

async function openPages(options: Options, twin: RunningTwin, past: () => Played | undefined): Promise<Pages> {
  const { startPages } = await import('./web/pages.ts');
  const { stageConfig } = await import('../config.ts');
  const pages = await startPages(twin, options.webPort, {
    playbookFile: playbookOf(options),
    holdout: stageConfig('local').holdout,
    contentDirectory: options.content,
    past,
  });
  closings.push(() => pages.close());
  return pages;
}

async function plan({ files, seed }: Options): Promise<Script> {
  const { exported, simulation } = await import('./script.ts');
  if (files === undefined) return simulation(seed, Date.now());
  const { script, bad, notes, leftOut } = await exported(files, seed);
  for (const note of notes) say(note);
  for (const row of bad.slice(0, BAD_ROWS_SHOWN)) {
    process.stderr.write(`${row.file}, line ${row.line}: ${row.reason}\n`);
  }
  if (bad.length > BAD_ROWS_SHOWN) process.stderr.write(`and ${bad.length - BAD_ROWS_SHOWN} more bad rows\n`);
  const found = [`${script.events} events from ${day(script.start)} to ${day(script.end() - 1)}`];
  if (bad.length > 0) found.push(`${bad.length} bad rows skipped`);
  if (leftOut > 0) found.push(`${leftOut} rows after the end left out (--until plays further)`);
  say(found.join(', '));
  return script;
}

function day(instant: number): string {
  return new Date(instant).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

async function startTwin(
  { playbook, content, dataDirectory, port, seed }: Options,
  { start, end }: Script,
): Promise<RunningTwin> {
  say('Building what would be deployed');
  const { createTwin } = await import('./twin.ts');
  const assembly = await assemble(playbook, content);
  const twin = await createTwin({
    assembly,
    port,
    seed,
    clock: { mode: 'virtual', start },
    dailyFrom: end() - DAY,
    ...(dataDirectory !== undefined && { dataDirectory }),
  });
  closings.push(() => twin.close());
  if (dataDirectory !== undefined) {
    const { undoTakes } = await import('./undo-takes.ts');
    const undone = await undoTakes(twin);
    if (undone > 0)
      say(
        `Messages that were taken when the last start was killed, and had not got to SES: ${undone}; they wait again`,
      );
  }
  return twin;
}

/** The playbook the functions carry; undefined for the project's own. */
function playbookOf({ playbook, content }: Options): string | undefined {
  return playbook ?? (content === undefined ? undefined : path.join(content, 'playbook.json'));
}

/** @throws UsageError for a playbook or settings that cannot be deployed */
async function assemble(playbookFile: string | undefined, contentDirectory: string | undefined): Promise<string> {
  const { InvalidConfig, stageConfig } = await import('../config.ts');
  const { UnplayablePlaybook } = await import('../build.ts');
  const { cachedAssembly } = await import('../app.ts');
  try {
    return await cachedAssembly(stageConfig('local'), {
      ...(playbookFile !== undefined && { playbookFile }),
      ...(contentDirectory !== undefined && { contentDirectory }),
    });
  } catch (cause) {
    if (!(cause instanceof UnplayablePlaybook || cause instanceof InvalidConfig)) throw cause;
    throw new UsageError(cause.message.replaceAll(/\n\s*/g, '; '), { cause });
  }
}

/** Plays what an earlier start with the same data has not played already. */
async function playScript(
  options: Options,
  planned: Script,
  twin: RunningTwin,
  bus: Bus,
  played: (played: Played) => void,
): Promise<Script> {
  const { play, stepsOf } = await import('./player/play.ts');
  const { showProgress } = await import('./player/progress.ts');
  const { openBookmark } = await import('./player/bookmark.ts');
  const { simulation } = await import('./script.ts');
  const bookmark = openBookmark(twin.cursor('play'), planned.name, Date.now());
  // The shop's past hangs on the moment at which it was made up, and has to stay the same.
  const script = options.files === undefined ? simulation(options.seed, bookmark.made) : planned;

  const progress = showProgress(process.stdout, 'events');
  const interruption = new AbortController();
  closings.push(progress.stop, () => interruption.abort());
  await play(stepsOf(script.deliveries), bookmark.steps, script.end(), twin, bus, {
    told: bookmark.move,
    progress: (now) => {
      progress.update(now);
      played(now);
    },
    interrupted: interruption.signal,
  });
  progress.stop();
  // The wall clock has moved on while the past was played.
  await twin.advanceTo(script.end());
  return script;
}

async function summarise(
  { json }: Options,
  { events }: Script,
  twin: RunningTwin,
  headcount: HeadCounter,
  began: number,
): Promise<void> {
  const { summaryLines, summaryOf } = await import('./summary.ts');
  const counted = await headcount.take();
  const seconds = Math.round((performance.now() - began) / (SECOND / 10)) / 10;
  const summary = summaryOf(events, counted, twin.deadLettered, seconds);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(summary, undefined, 2)}\n`);
  say('', ...summaryLines(summary));
}

/** Lets everybody in, shows what goes on, and lets the simulated shop go on, until somebody presses Ctrl-C. */
async function keepOpen(
  { live }: Script,
  twin: RunningTwin,
  bus: Bus,
  headcount: HeadCounter,
  pages: Pages,
  letEverybodyIn: () => void,
): Promise<never> {
  const { openView } = await import('./terminal.ts');
  const { intakeLines } = await import('./intake-lines.ts');
  if (live !== undefined) twin.goLive();
  letEverybodyIn();
  say('', `Mailbox on ${pages.url}, AWS protocols on ${twin.endpoint}, Ctrl-C ends`);
  if (live === undefined) say(`The clock stands at ${new Date(twin.now()).toISOString()}`);
  say(...(await intakeLines(twin, live !== undefined)));
  if (live === undefined) return whileTheClockStands(twin);
  const view = openView(process.stdout, twin, headcount.take, pages.url);
  closings.push(view.stop);
  for (const { at, event } of live(Date.now())) {
    await sleep(Math.max(0, at - Date.now()));
    await bus.tell([event]);
  }
  return forever();
}

/** What somebody puts in, by a command or a page, happens all the same. */
async function whileTheClockStands(twin: RunningTwin): Promise<never> {
  for (;;) {
    await sleep(SECOND);
    await twin.advanceTo(twin.now());
  }
}

function forever(): Promise<never> {
  return new Promise(() => undefined);
}

/** Resolves when the person, or whoever started this, wants it to end. Repeated signals change nothing. */
function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
}

async function close(): Promise<void> {
  for (const each of closings.toReversed()) await each();
}

/** One line for what the person can put right, a stack for a fault. */
function report(error: unknown): number {
  if (error instanceof UsageError || error instanceof PortInUse) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
  // What the author of content got wrong needs no stack either, but may be several lines.
  const text =
    error instanceof Error && !(error instanceof ContentError) ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${text}\n`);
  return EXIT.fault;
}

async function main(): Promise<number> {
  // Node 20 still runs everything here; the SDK's advice to leave it is not for the person at this keyboard.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === 'help') {
      process.stdout.write(HELP);
      return 0;
    }
    await Promise.race([run(options), askedToEnd()]);
    await close();
    return 0;
  } catch (error) {
    await close();
    return report(error);
  }
}

// A play that was cut short leaves timers and requests behind, which must not hold the process.
process.exit(await main());
