/** The command line of `npm run restore`: what has to follow when the table was restored to an earlier time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { absolute, plural } from '../../shared/lifecycle/explain/when.ts';
import { nameOf } from '../../shared/lifecycle/explain/message-name.ts';
import { type Duration, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { showProgress } from '../local/player/progress.ts';
import { UsageError } from '../local/usage-error.ts';
import type { Outcome } from '../outcome.ts';
import { personHere } from '../publishing/publish.ts';
import type { Doubtful, Gap } from '../repair/doubtful.ts';
import { DoubtfulList } from '../repair/doubtful-list.ts';
import { openRepair, USUAL_WRITE_UNITS, writeUnitsFrom } from '../repair/open-repair.ts';
import { Queues } from '../repair/queues.ts';
import type { RepairTally } from '../repair/repair-all.ts';
import { IntakeStuck, ReplayFailed, repairAfterRestore, type RestoreStep } from '../repair/restore.ts';
import {
  configOf,
  confirmRelease,
  openTarget,
  readArguments,
  type Target,
  TARGET_HELP,
  TARGET_OPTIONS,
} from '../target.ts';
import { WalkOvertaken } from '../walking.ts';

const HELP = `After the table was restored to an earlier time: brings it up to the present, without a mail twice.

  npm run restore -- --since 2026-11-30T04:00:00Z --until 2026-11-30T12:10:00Z --stage prod

  --since TIME      the time the table was restored to
  --until TIME      when the lost table sent its last mail, or "now"; what was due up to then and would go out only once is
                    given up, so a time too late loses mail that was never sent
  --out FILE        the doubtful messages (default doubtful-STAGE-TIME.jsonl)
  --write-units N   write units a second (default ${USUAL_WRITE_UNITS})
  --yes             does not ask; needed for a stage where there is no terminal to ask at

It pauses all mail, replays the archive since then, rebuilds everybody's facts, and settles what may have gone out in the gap:
promotional mail is given up, a recovery goes out, rather twice than never. It lists those messages, and leaves it to you to let
mail go on. Interrupted, it goes on where it stood. docs/repair.md says how the restored table takes its place before.

${TARGET_HELP}

Exit codes: 0 done, 1 a fault, 2 something to put right.
`;

const OPTIONS = {
  ...TARGET_OPTIONS,
  since: { type: 'string' },
  until: { type: 'string' },
  out: { type: 'string' },
  'write-units': { type: 'string' },
  yes: { type: 'boolean' },
} as const;

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/u;

/** AWS recommends to wait so long until what came over a bus is in its archive. */
const ARCHIVE_DELAY: Duration = 10 * MINUTE;
/** The counts of SQS are right within about a minute of the last change. */
const COUNTS_LAG: Duration = MINUTE;

/** For a table that sent mail until this moment. */
const NOW = 'now';

/** Doubtful messages in the answer; the file has all. */
const LISTED = 20;

/** @throws UsageError */
export async function restoreCommand(args: readonly string[]): Promise<string | Outcome> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  const [stray] = positionals;
  if (stray !== undefined) throw new UsageError(`expected options only, found "${stray}"; --help explains the command`);
  const from = timeIn('since', values.since);
  if (from === undefined) throw new UsageError('expected --since TIME: the time the table was restored to');
  if (values.until === undefined) {
    throw new UsageError(
      'expected --until TIME: when the lost table sent its last mail; "now" gives up everything that is due by now',
    );
  }
  const until = values.until === NOW ? undefined : timeIn('until', values.until);
  const writeUnits = writeUnitsFrom(values['write-units']);
  const target = await openTarget(values);
  try {
    expectSilence(target);
    const gap = gapFrom(from, until, target.now);
    const question = `Repair ${target.name} after its table was restored to ${absolute(gap.from)}? All mail pauses first.`;
    if (!(await confirmRelease(target, question, values.yes === true))) return 'Nothing was changed.';
    const file =
      values.out ?? `doubtful-${target.stage ?? 'local'}-${new Date(from).toISOString().replaceAll(':', '-')}.jsonl`;
    const list = await DoubtfulList.open(file);
    const tally = await repaired(target, gap, list, writeUnits);
    const text = [...tallyInWords(tally), ...doubtfulInWords(list.all, file), '', ...afterwards(target)].join('\n');
    return { text, exitCode: tally !== 'done before' && tally.unreadable > 0 ? 1 : 0 };
  } finally {
    target.records.close();
  }
}

/** @throws UsageError */
function timeIn(option: string, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  const at = TIME.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(at)) return at;
  throw new UsageError(`--${option} expects a time with zone such as 2026-11-30T04:00:00Z, found "${text}"`);
}

/** @throws UsageError */
function gapFrom(from: Instant, until: Instant | undefined, now: Instant): Gap {
  const gap = { from, until: until ?? now };
  if (gap.until > now) throw new UsageError('--until expects a time gone by');
  if (gap.until <= gap.from) throw new UsageError('expected --since to be before --until');
  return gap;
}

/**
 * A restored table has to come up in shadow. The twin sends into its own mailbox: there the pause is enough.
 *
 * @throws UsageError
 */
function expectSilence(target: Target): void {
  if (target.stage === undefined) return;
  const { sending } = configOf(target);
  if (sending === 'shadow' || sending === 'off') return;
  throw new UsageError(
    `expected sending: 'shadow' for stage ${target.stage} in perennial.config.json, deployed before the table takes its place; found '${sending}'`,
  );
}

async function repaired(
  target: Target,
  gap: Gap,
  list: DoubtfulList,
  writeUnits: number,
): Promise<RepairTally | 'done before'> {
  const repair = openRepair(target, writeUnits);
  const sqs = new SQSClient(target.access);
  const progress = showProgress(process.stderr, 'customers');
  const { services, bus, busName } = repair;
  const said = new Set<string>();
  const told = (step: RestoreStep) => {
    if (step.kind !== 'repairing') {
      const words = stepInWords(step);
      if (!said.has(words)) process.stderr.write(`${words}\n`);
      said.add(words);
      return;
    }
    const { done } = step.told;
    progress.update({ told: done, total: done, now: services.now() });
  };
  try {
    const queues = new Queues(sqs);
    const [archiveDelay, countsLag] = target.stage === undefined ? [0, 0] : [ARCHIVE_DELAY, COUNTS_LAG];
    const stem = `perennial-${target.stage ?? 'local'}`;
    return await repairAfterRestore(
      { ...services, lanes: target.records.lanes, bus, busName, queues, sleep },
      { stem, gap, by: personHere(), archiveDelay, countsLag, tell: (doubtful) => list.add(doubtful) },
      told,
    );
  } catch (cause) {
    if (cause instanceof WalkOvertaken || cause instanceof ReplayFailed || cause instanceof IntakeStuck) {
      throw new UsageError(cause.message, { cause });
    }
    throw cause;
  } finally {
    progress.stop();
    sqs.destroy();
    repair.close();
  }
}

function stepInWords(step: Exclude<RestoreStep, { readonly kind: 'repairing' }>): string {
  switch (step.kind) {
    case 'paused':
      return 'All mail is paused.';
    case 'waiting for the archive':
      return 'Waiting until the archive knows what came last, ten minutes at the most.';
    case 'replaying': {
      const reached = step.reached === undefined ? '' : ` up to ${absolute(step.reached)}`;
      return `Replaying the archive${reached}; ${plural(step.waiting, 'event')} about to be taken in.`;
    }
    default:
      return step satisfies never;
  }
}

function tallyInWords(tally: RepairTally | 'done before'): readonly string[] {
  if (tally === 'done before') return ['This has been done before: nothing was changed.'];
  const { alike, differs, lost, erased, unreadable } = tally;
  return [
    `${alike.toLocaleString('en')} as they should be, ${differs.toLocaleString('en')} put right, ${lost.toLocaleString('en')} without a profile made anew, ${erased.toLocaleString('en')} erased.`,
    ...(unreadable === 0
      ? []
      : [
          `${plural(unreadable, 'customer')} cannot be read, and of their mail nothing was settled: npm run rebuild -- --all names them. Put them right, then begin this again before mail goes on.`,
        ]),
  ];
}

function doubtfulInWords(all: readonly Doubtful[], file: string): readonly string[] {
  if (all.length === 0) return ['No message is in doubt.'];
  return [
    `${plural(all.length, 'message')} may have gone out in the gap:`,
    ...all
      .slice(0, LISTED)
      .map(
        ({ customerId, key, moment, fate }) =>
          `  ${absolute(moment)}  ${customerId}  ${nameOf(key)}: ${fate}  (${key})`,
      ),
    ...(all.length > LISTED ? [`  and ${all.length - LISTED} more`] : []),
    `All of them are in ${file}.`,
  ];
}

function afterwards({ stage }: Target): readonly string[] {
  const at = stage === undefined ? '' : ` --stage ${stage}`;
  return [
    'All mail is still paused. When you have looked at that list and at some customers (npm run why):',
    ...(stage === undefined
      ? []
      : ['  set sending to what it was in perennial.config.json, and npm run deploy -- --stage ' + stage]),
    `  npm run resume -- --all${at}`,
  ];
}
