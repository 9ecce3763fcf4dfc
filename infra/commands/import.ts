/** The command line of `npm run import`: a shop's past into the table, counted first, and without a mail about it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { absolute, plural } from '../../shared/lifecycle/explain/when.ts';
import { type Stage, STAGES } from '../../shared/lifecycle/stage.ts';
import { HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import PRICE_LIST from '../../shared/contracts/prices.json' with { type: 'json' };
import { PAGE_READ_UNITS } from '../../shared/adapters/census-store.ts';
import type { Walk } from '../../shared/adapters/walk-book.ts';
import { readingsInWords } from '../history/file-readings.ts';
import { READING_ARGUMENTS, READING_HELP, readingOptions } from '../history/reading.ts';
import { type FileNames, nameOfImport, readFiles } from '../import/files.ts';
import { daysOf, type Past, pastFrom, strayInWords } from '../import/past.ts';
import { freeFrom } from '../import/row.ts';
import { importAll, newImport, type Tally } from '../import/walk.ts';
import { type Survey, surveyOf } from '../import/waves.ts';
import { WriteBudget } from '../import/write-budget.ts';
import { showProgress } from '../local/player/progress.ts';
import { UsageError } from '../local/usage-error.ts';
import { personHere } from '../publishing/publish.ts';
import { WalkOvertaken } from '../walking.ts';
import {
  confirmRelease,
  expectNothingElse,
  openTarget,
  readArguments,
  type Target,
  TARGET_HELP,
  TARGET_OPTIONS,
} from '../target.ts';

/** Write units a second: a fifth of what one partition of the table takes, so that the shop's own events have room. */
const USUAL_WRITE_UNITS = 200;
/** People a day: what a new account of SES may send at first. */
const USUAL_RAMP = 200;
/** US dollars for a million write units, on demand, us-east-1. */
const DOLLARS_PER_MILLION = (PRICE_LIST.prices.writeUnit.price / PRICE_LIST.prices.writeUnit.per) * 1e6;
/** A profile and its place in the index of timers, nearly always; some profiles are larger. */
const UNITS_PER_CUSTOMER = 2;

const HELP = `Loads the past of a shop, with consent, and sends nothing for it: no mail whose moment was before it starts.

  npm run import -- --orders orders.csv --customers customers.csv
  npm run import -- --orders orders.csv --pinpoint endpoints.json --stage prod --ramp-per-day 500

  --orders FILE         customer, date, amount, order id
  --customers FILE      customer, address, name, language, consent
  --pinpoint FILE       the same, as Amazon Pinpoint exports its endpoints
  --logins FILE         customer, date
  --complaints FILE     customer, date, resolved
  --cancellations FILE  customer, order id, date
  --starts-at TIME      since when mail counts: 2026-12-01T00:00:00Z (default: when the import was first begun)
  --ramp-per-day N      who is at risk or lapsed by then begins to get mail on a day of their own, N people a day (default ${USUAL_RAMP})
  --write-units N       write units a second (default ${USUAL_WRITE_UNITS})
  --dry-run             reads and counts, writes nothing; asks the twin or the stage what it knows, so either must be there
  --yes                 does not ask; needed for a stage where there is no terminal to ask at

Interrupt it and start it again with the same files: it goes on where it stood. Whatever is live meanwhile stays: an order
that arrives by its id counts once. docs/import.md says what the files may look like.

${READING_HELP}

${TARGET_HELP}

Exit codes: 0 done, 1 a fault, 2 something to put right.
`;

const OPTIONS = {
  ...TARGET_OPTIONS,
  ...READING_ARGUMENTS,
  orders: { type: 'string' },
  customers: { type: 'string' },
  pinpoint: { type: 'string' },
  logins: { type: 'string' },
  complaints: { type: 'string' },
  cancellations: { type: 'string' },
  'starts-at': { type: 'string' },
  'ramp-per-day': { type: 'string' },
  'write-units': { type: 'string' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];

/** @throws UsageError */
export async function importCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  expectNothingElse(positionals);
  const names = namesIn(values);
  const rampPerDay = countIn(values, 'ramp-per-day');
  const writeUnits = countIn(values, 'write-units') ?? USUAL_WRITE_UNITS;
  const startsAt = timeIn(values, 'starts-at');
  const reading = readingOptions(values);
  const target = await openTarget(values);
  try {
    const known = await target.records.walks.read(await nameOfImport(names, reading));
    expectTheSame(known, startsAt, rampPerDay);
    if (known === undefined) expectToCome(startsAt, target.now);
    const walk =
      known ??
      newImport(
        await nameOfImport(names, reading),
        startsAt ?? target.now,
        rampPerDay ?? USUAL_RAMP,
        target.now,
        personHere(),
      );
    const read = await readFiles(names, reading, target.now);
    const past = pastFrom(read.files, walk.begunAt);
    if (past.customers.length === 0)
      throw new UsageError([...readingsInWords(read.readings), 'No customer was found.'].join('\n'));
    const survey = surveyed(target, past, walk);
    const waveFrom =
      walk.waveFrom ??
      (await freeFrom(target.records.walks, Math.max(walk.startsAt, target.now), walk.rampPerDay ?? USUAL_RAMP));
    process.stdout.write(
      `${[...readingsInWords(read.readings), ...strayInWords(past), '', ...surveyInWords(survey, past, { ...walk, waveFrom }, writeUnits)].join('\n')}\n`,
    );
    if (values['dry-run'] === true) return 'Nothing was written.';
    if (!(await confirmRelease(target, `Import this into ${target.name}?`, values.yes === true)))
      return 'Nothing was written.';
    const tally = await imported(target, past, survey, walk, writeUnits);
    return [...tallyInWords(tally, past), ...(await summary(target, past))].join('\n');
  } finally {
    target.records.close();
  }
}

/** @throws UsageError */
function namesIn({ orders, customers, pinpoint, logins, complaints, cancellations }: Values): FileNames {
  const names = { orders, customers, pinpoint, logins, complaints, cancellations };
  if (orders === undefined && customers === undefined && pinpoint === undefined) {
    throw new UsageError('expected --orders, --customers or --pinpoint with a file; --help explains the command');
  }
  return names;
}

/** @throws UsageError */
function countIn(values: Values, option: 'ramp-per-day' | 'write-units'): number | undefined {
  const text = values[option];
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d+$/u.test(text) && Number.isSafeInteger(count) && count > 0) return count;
  throw new UsageError(`--${option} expects a whole number above 0, found "${text}"`);
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/u;

/** @throws UsageError */
function timeIn(values: Values, option: 'starts-at'): Instant | undefined {
  const text = values[option];
  if (text === undefined) return undefined;
  const at = TIME.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(at)) return at;
  throw new UsageError(`--${option} expects a time with zone such as 2026-12-01T00:00:00Z, found "${text}"`);
}

/** @throws UsageError when an import that has begun would get another beginning: some have mail by the first one already */
function expectTheSame(known: Walk | undefined, startsAt: Instant | undefined, rampPerDay: number | undefined): void {
  if (known === undefined) return;
  if (startsAt !== undefined && startsAt !== known.startsAt) {
    throw new UsageError(
      `this import has begun with --starts-at ${new Date(known.startsAt).toISOString()}, and goes on with it: leave --starts-at out`,
    );
  }
  if (rampPerDay !== undefined && rampPerDay !== known.rampPerDay) {
    throw new UsageError(
      `this import has begun with --ramp-per-day ${known.rampPerDay ?? 'none'}, and goes on with it: leave --ramp-per-day out`,
    );
  }
}

/** @throws UsageError when mail would count from a time gone by: all that was due since would go out at once */
function expectToCome(startsAt: Instant | undefined, now: Instant): void {
  if (startsAt === undefined || startsAt >= now) return;
  throw new UsageError(
    `--starts-at expects a time to come, found ${new Date(startsAt).toISOString()}, and it is ${new Date(now).toISOString()}: all that was due since would go out at once; leave it out to begin now`,
  );
}

function surveyed({ playbook }: Target, past: Past, { startsAt }: Walk): Survey {
  const progress = showProgress(process.stderr, 'customers looked at');
  try {
    const total = past.customers.length;
    return surveyOf(past, playbook.stages, startsAt, (told) => progress.update({ told, total, now: startsAt }));
  } finally {
    progress.stop();
  }
}

function surveyInWords(
  { events, stages, silent }: Survey,
  past: Past,
  walk: Walk,
  writeUnits: number,
): readonly string[] {
  const { startsAt, rampPerDay = USUAL_RAMP, waveFrom = startsAt, done, version } = walk;
  const left = past.customers.length - done;
  const units = Math.ceil((events / past.customers.length + UNITS_PER_CUSTOMER) * left);
  const dollars = ((units / 1_000_000) * DOLLARS_PER_MILLION).toFixed(2);
  const seconds = units / writeUnits;
  return [
    ...(version === 0
      ? []
      : [`This import was begun on ${absolute(walk.begunAt)}; ${plural(done, 'customer')} are done.`]),
    `${plural(past.customers.length, 'customer')}, ${plural(events, 'event')}. Mail counts from ${absolute(startsAt)}: nothing that was meant for before is sent.`,
    'By then they are:',
    ...stagesInWords(stages),
    ...(silent.size === 0
      ? []
      : [
          `${plural(silent.size, 'person', 'people')} at risk or lapsed ${silent.size === 1 ? 'begins' : 'begin'} to get mail ${rampPerDay.toLocaleString('en')} a day, for ${plural(daysOf(silent.size, rampPerDay), 'day')}${firstDayInWords(waveFrom, walk)}.`,
        ]),
    `It takes about ${units.toLocaleString('en')} write units: ${lasting(seconds)} at ${writeUnits} a second, ${dollars} USD.`,
    '',
  ];
}

/** Of an import that has begun nobody knows any more why it begins later. */
function firstDayInWords(waveFrom: Instant, { startsAt, version }: Walk): string {
  if (waveFrom <= startsAt) return '';
  const taken = version === 0 ? ': the days before are taken by an earlier import' : '';
  return `, from ${absolute(waveFrom)}${taken}`;
}

function lasting(seconds: number): string {
  const length = seconds * 1000;
  if (length < MINUTE) return 'less than a minute';
  return length < HOUR ? plural(Math.ceil(length / MINUTE), 'minute') : plural(Math.ceil(length / HOUR), 'hour');
}

function stagesInWords(stages: ReadonlyMap<Stage, number>): readonly string[] {
  return STAGES.flatMap((stage) => {
    const count = stages.get(stage) ?? 0;
    return count === 0 ? [] : [`  ${stage.padEnd(8)} ${count.toLocaleString('en')}`];
  });
}

async function imported(target: Target, past: Past, survey: Survey, walk: Walk, writeUnits: number): Promise<Tally> {
  const { records, playbook } = target;
  const { store, addresses, addressKey, walks } = records;
  // The twin's clock may stand apart from that of the wall; it runs beside it.
  const ahead = target.now - Date.now();
  const now = () => Date.now() + ahead;
  const budget = new WriteBudget(writeUnits, now, sleep);
  const services = { store, addresses, addressKey, walks, budget, playbook, now };
  const progress = showProgress(process.stderr, 'customers');
  const total = past.customers.length;
  try {
    return await importAll(services, { past, silent: survey.silent, walk }, (told) =>
      progress.update({ told, total, now: now() }),
    );
  } catch (cause) {
    if (!(cause instanceof WalkOvertaken)) throw cause;
    throw new UsageError(cause.message, { cause });
  } finally {
    progress.stop();
  }
}

function tallyInWords(
  { written, unchanged, erased, different, future }: Tally,
  { customers }: Past,
): readonly string[] {
  return [
    `Imported: ${plural(customers.length, 'customer')}; in this run ${written.toLocaleString('en')} written, ${unchanged.toLocaleString('en')} already as they should be.`,
    ...(erased === 0 ? [] : [`${plural(erased, 'customer')} had asked to be erased: nothing of them was taken in.`]),
    ...(different === 0
      ? []
      : [`${plural(different, 'event')} left out: another import told of the same order or case differently.`]),
    ...(future === 0 ? [] : [`${plural(future, 'event')} left out: they lie in the future.`]),
  ];
}

/** The stages as they are in the table now; reads all of it. */
async function summary({ records }: Target, { customers }: Past): Promise<readonly string[]> {
  const ids = new Set(customers);
  const stages = new Map<Stage, number>();
  let pages = 0;
  let next: string | undefined;
  do {
    const page = await records.census.page(next);
    for (const { customerId, stage } of page.customers) {
      if (ids.has(customerId)) stages.set(stage, (stages.get(stage) ?? 0) + 1);
    }
    pages += 1;
    ({ next } = page);
  } while (next !== undefined);
  const read = `Counting them read the table once: at most ${(pages * PAGE_READ_UNITS).toLocaleString('en')} read units.`;
  return ['Now they are:', ...stagesInWords(stages), read];
}
