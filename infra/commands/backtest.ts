/** The command line of `npm run backtest`: reads an export, plays it, scores the rules, writes the report. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ContentError } from '../../shared/email/content-error.ts';
import type { Circumstances, Holdout } from '../../shared/lifecycle/customer/permit.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Duration, type Instant } from '../../shared/lifecycle/time.ts';
import { changesBetween } from '../backtest/changes.ts';
import { type Played, playSample } from '../backtest/play-sample.ts';
import { applyTo, type Proposal, proposeCadence, topQuarterSpend } from '../backtest/proposal.ts';
import { type ExportFiles, type ExportRead, readExport } from '../backtest/read-export.ts';
import { type Report, reportOf } from '../backtest/report/report.ts';
import { changesInWords, reportInWords } from '../backtest/report/summary.ts';
import { prepareDirectory, writeReport } from '../backtest/report/write.ts';
import { type Scored, scoreAll } from '../backtest/scoring/score.ts';
import { firstDay, lastDay, latestCut } from '../backtest/scoring/snapshot.ts';
import type { Quota } from '../backtest/tally.ts';
import { circumstancesIn } from '../content-circumstances.ts';
import { readingsInWords } from '../history/file-readings.ts';
import {
  latestBelieved,
  READING_ARGUMENTS,
  READING_HELP,
  type ReadingOptions,
  readingOptions,
} from '../history/reading.ts';
import { UsageError } from '../local/usage-error.ts';
import { showPhase } from '../local/phase.ts';
import { readPlaybookFile } from '../playbook-file.ts';
import { ask, productionConfig, readArguments } from '../target.ts';

const CONTENT = path.join(import.meta.dirname, '../../shared/content');

const HORIZON_DAYS = { usual: 90, least: 7, most: 730 } as const;
/** Half of what a new production account of SES gets, which is 14 a second and 50,000 in 24 hours: see `quotaShare`. */
const USUAL_QUOTA: Quota = { perSecond: 7, perDay: 25_000 };
/** Some minutes on a laptop. Scores are always of everybody. */
const USUAL_SAMPLE = 50_000;
/** The most that a deployment lets be held out. */
const HOLDOUT_MOST = 0.33;

const HELP = `Plays a shop's own orders through the pipeline in virtual time, and says which rule of silence fits this shop.

  npm run backtest -- --orders orders.csv
  npm run backtest -- --orders orders.csv --cut 2026-06-30 --horizon 90 --out reports/june
  npm run backtest -- --orders orders.csv --apply

It writes report.html, which needs nothing beside itself, and report.json. Nobody is mailed. It scores targeting, never
uplift: what mails bring in, only the holdout of a live deployment can tell. docs/backtest.md explains the report.

  --orders FILE           customer, date, amount; docs/order-exports.md says what is understood
  --logins FILE           customer, date
  --complaints FILE       customer, date, resolved
  --cancellations FILE    customer, order id, date
  --cut DATE              the last day the rules may know, of UTC as all days (default: the horizon before the last order)
  --horizon DAYS          who orders in so many days after it came back (default ${HORIZON_DAYS.usual})
  --out DIR               where the report goes (default backtest-NAME, after the file)
  --playbook FILE         plays this playbook, and --apply writes it (default: that of the content)
  --content DIR           the shop's content (default shared/content)
  --sample PEOPLE         of more people than this, about so many are played, and counted for all (default ${USUAL_SAMPLE.toLocaleString('en')})
  --quota-per-second N    mails that SES takes of ours in a second (default ${USUAL_QUOTA.perSecond})
  --quota-per-day N       and in 24 hours (default ${USUAL_QUOTA.perDay})
  --holdout SHARE         held out of promotional mail, 0 to ${HOLDOUT_MOST} (default: that of the production stage)
  --seed N                seed of the resamples (default 1)
  --apply                 writes the rule that was found, and from what spend on people are loyal, into the playbook, after
                          showing the change and asking
  --yes                   does not ask; needed for --apply where there is no terminal to ask at
  --help                  this text

${READING_HELP}

Exit codes: 0 done, 1 a fault, 2 something to put right.
`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  ...READING_ARGUMENTS,
  orders: { type: 'string' },
  logins: { type: 'string' },
  complaints: { type: 'string' },
  cancellations: { type: 'string' },
  cut: { type: 'string' },
  horizon: { type: 'string' },
  out: { type: 'string' },
  playbook: { type: 'string' },
  content: { type: 'string' },
  sample: { type: 'string' },
  'quota-per-second': { type: 'string' },
  'quota-per-day': { type: 'string' },
  holdout: { type: 'string' },
  seed: { type: 'string' },
  apply: { type: 'boolean' },
  yes: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];

/** The command line, checked as far as it can be without the files. */
interface Asked {
  readonly name: string;
  readonly files: ExportFiles;
  readonly reading: ReadingOptions;
  readonly cut: Instant | undefined;
  readonly horizon: Duration;
  readonly out: string;
  readonly playbookFile: string;
  readonly content: string;
  readonly sample: number;
  readonly quota: Quota;
  readonly holdout: Holdout;
  readonly seed: string;
}

/** @throws UsageError */
export async function backtestCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  if (positionals[0] !== undefined) throw new UsageError(`expected options only, found "${positionals[0]}"`);
  const asked = askedIn(values);
  const isSure = values.yes === true;
  if (values.apply === true && !isSure && !process.stdin.isTTY) {
    throw new UsageError('--apply: expected --yes, for nobody is here to ask; nothing was done');
  }
  const { text, playbook } = await readPlaybookFile(asked.playbookFile, '--playbook: ');
  const circumstances = await circumstancesOf(asked);
  await prepareDirectory(asked.out);

  const notAfter = latestBelieved(Date.now());
  const read = await readExport(asked.files, { ...asked.reading, notAfter }, asked.horizon);
  const told = readingsInWords(read.files);
  if (read.log.at.length === 0) throw new UsageError([...told, 'There is no order in it to play.'].join('\n'));
  const cut = cutOf(read, asked);
  process.stderr.write(`${told.join('\n')}\n`);
  const { simulated, played } = playedBy(read, playbook, circumstances, asked);
  const scored = scoredAt(cut, read, asked);

  const proposal = proposalFor(scored, read, text);
  const { name, quota, seed, holdout } = asked;
  const report = reportOf({
    name,
    log: read.log,
    withoutOrder: read.withoutOrder,
    files: read.files,
    cadence: playbook.stages.cadence.rule,
    holdout,
    quota,
    seed,
    scored,
    simulated,
    played,
    proposal,
  });
  const page = await writeReport(asked.out, report);
  const said = [...reportInWords(report), '', `Report: ${page}`];
  if (values.apply !== true) return [...said, ...hint(report)].join('\n');
  return applied(asked.playbookFile, proposal, said, isSure);
}

/** @throws UsageError */
function askedIn(values: Values): Asked {
  const { orders, logins, complaints, cancellations, content = CONTENT } = values;
  if (orders === undefined) throw new UsageError('expected --orders with a file; --help explains the command');
  const { name } = path.parse(orders);
  const horizon = numberIn(values, 'horizon', HORIZON_DAYS.usual, HORIZON_DAYS.least, HORIZON_DAYS.most);
  // With the same ids it holds the same people.
  const { share, salt } = productionConfig().holdout;
  return {
    name,
    files: { orders, logins, complaints, cancellations },
    reading: readingOptions(values),
    cut: cutIn(values),
    horizon: horizon * DAY,
    out: values.out ?? `backtest-${name}`,
    playbookFile: values.playbook ?? path.join(content, 'playbook.json'),
    content,
    sample: numberIn(values, 'sample', USUAL_SAMPLE, 1, Number.MAX_SAFE_INTEGER),
    quota: {
      perSecond: numberIn(values, 'quota-per-second', USUAL_QUOTA.perSecond, 1, Number.MAX_SAFE_INTEGER),
      perDay: numberIn(values, 'quota-per-day', USUAL_QUOTA.perDay, 1, Number.MAX_SAFE_INTEGER),
    },
    holdout: { share: shareIn(values) ?? share, salt },
    seed: String(numberIn(values, 'seed', 1, 0, Number.MAX_SAFE_INTEGER)),
  };
}

/** @throws UsageError */
function numberIn(
  values: Values,
  option: 'horizon' | 'sample' | 'quota-per-second' | 'quota-per-day' | 'seed',
  usual: number,
  least: number,
  most: number,
): number {
  const text = values[option];
  if (text === undefined) return usual;
  const number = Number(text);
  if (/^\d+$/u.test(text) && number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw new UsageError(`--${option} expects a whole number ${range}, found "${text}"`);
}

/** @throws UsageError */
function shareIn({ holdout }: Values): number | undefined {
  if (holdout === undefined) return undefined;
  const share = Number(holdout);
  if (/^(?:0|0?\.\d+)$/u.test(holdout) && share <= HOLDOUT_MOST) return share;
  throw new UsageError(`--holdout expects a share from 0 to ${HOLDOUT_MOST}, such as 0.05, found "${holdout}"`);
}

/** @throws UsageError */
function cutIn({ cut }: Values): Instant | undefined {
  if (cut === undefined) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}$/u.test(cut) ? Date.parse(cut) : Number.NaN;
  // Date.parse rolls 30 February over: only a day that reads back as written exists.
  if (Number.isFinite(at) && new Date(at).toISOString().startsWith(cut)) return at;
  throw new UsageError(`--cut expects a date such as 2026-06-30, found "${cut}"`);
}

/** @throws UsageError when no order lies on one of its sides */
function cutOf({ log }: ExportRead, { cut, horizon }: Asked): Instant {
  const [first = 0, last = 0] = [firstDay(log), lastDay(log)];
  if (cut === undefined) return Math.max(first, latestCut(log, horizon) ?? last) * DAY;
  if (cut >= first * DAY && cut < last * DAY) return cut;
  const days = [first, last].map((day) => new Date(day * DAY).toISOString().slice(0, 'yyyy-mm-dd'.length));
  throw new UsageError(`--cut expects a day from the first order on and before the last one, ${days.join(' to ')}`);
}

/** @throws UsageError */
async function circumstancesOf({ content, holdout }: Asked): Promise<Circumstances> {
  try {
    return await circumstancesIn(content, holdout);
  } catch (cause) {
    if (!(cause instanceof ContentError)) throw cause;
    throw new UsageError(`--content: ${cause.message.replaceAll(/\s*\n\s*/gu, '; ')}`, { cause });
  }
}

function playedBy(
  { log, besides }: ExportRead,
  playbook: Playbook,
  circumstances: Circumstances,
  { sample }: Asked,
): Played {
  const phase = showPhase(process.stderr, 'playing the customers');
  try {
    const progress = (done: number, total: number): void => phase.update(done / total);
    return playSample({ log, besides, playbook, circumstances, most: sample, progress });
  } finally {
    phase.stop();
  }
}

function scoredAt(cut: Instant, { log }: ExportRead, { horizon, seed }: Asked): Scored {
  const phase = showPhase(process.stderr, 'scoring the rules');
  try {
    return scoreAll(log, { cut, horizon, seed, progress: phase.update });
  } finally {
    phase.stop();
  }
}

const LOYAL_CRITERION = 'Loyal: what the top quarter of the customers had spent by the cut, at least.';

type Offered = NonNullable<Report['proposal']> & { readonly text: string };

/** What would be written, and the text of the playbook then; undefined when there is not enough data. */
function proposalFor(scored: Scored, { log }: ExportRead, text: string): Offered | undefined {
  const proposal: Proposal | undefined = proposeCadence(scored);
  if (proposal === undefined) return undefined;
  const { policy, criteria } = proposal;
  const spend = Object.entries(topQuarterSpend(log, scored.cutDay)).filter(([, minor]) => minor > 0);
  const next = applyTo(text, policy, Object.fromEntries(spend));
  return {
    policy,
    criteria: spend.length === 0 ? criteria : [...criteria, LOYAL_CRITERION],
    changes: changesBetween(text, next),
    text: next,
  };
}

function hint({ proposal }: Report): readonly string[] {
  return proposal === undefined || proposal.changes.length === 0
    ? []
    : ['--apply writes that rule into the playbook, and from what spend on people are loyal.'];
}

/** @throws UsageError when there is nothing to apply */
async function applied(
  file: string,
  proposal: Offered | undefined,
  said: readonly string[],
  isSure: boolean,
): Promise<string> {
  if (proposal === undefined) throw new UsageError([...said, 'There is nothing to apply.'].join('\n'));
  const { changes, text } = proposal;
  if (changes.length === 0) return [...said, `${file} says so already.`].join('\n');
  process.stdout.write(`${[...said, '', `In ${file}:`, ...changesInWords(changes), ''].join('\n')}\n`);
  if (!(await ask('Write that?', isSure))) return 'The playbook stays as it is.';
  await writeFile(file, text);
  return 'Written. Next comes npm run publish: it says how many people would change stage, and makes it live. A deployment of other rules is refused once there are customers.';
}
