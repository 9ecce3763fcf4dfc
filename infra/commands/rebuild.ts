/** The command line of `npm run rebuild`: the facts of customers as their journal tells them, compared and put right. */
import type { Walk } from '../../shared/adapters/walk-book.ts';
import { absolute, plural } from '../../shared/lifecycle/explain/when.ts';
import { showProgress } from '../local/player/progress.ts';
import { UsageError } from '../local/usage-error.ts';
import type { Outcome } from '../outcome.ts';
import { personHere } from '../publishing/publish.ts';
import { openRepair, type Repair, USUAL_WRITE_UNITS, writeUnitsFrom } from '../repair/open-repair.ts';
import { REBUILD, rebuildWalk } from '../repair/rebuild-walk.ts';
import { repairAll, repairOrName, type RepairTally, type Unreadable } from '../repair/repair-all.ts';
import type { Repaired } from '../repair/repair-customer.ts';
import { confirmRelease, openTarget, readArguments, type Target, TARGET_HELP, TARGET_OPTIONS } from '../target.ts';
import { WalkOvertaken } from '../walking.ts';

const HELP = `Compares what is known of customers with their journal, and puts it right.

  npm run rebuild -- CUSTOMER            says what differs
  npm run rebuild -- CUSTOMER --apply    writes the facts as the journal tells them
  npm run rebuild -- --all [--apply]     the same for everybody

  --apply           writes; without it nothing is changed
  --anew            with --all --apply: looks at everybody, also after an interruption
  --write-units N   write units a second (default ${USUAL_WRITE_UNITS})
  --yes             does not ask; needed for a stage where there is no terminal to ask at

Facts come from the journal; what was sent, withheld or cancelled from the ledger, and nothing of that is sent again. What
waits stays. What follows from other facts is concluded within a minute, as from an event. A customer whose profile is gone
or cannot be read gets one from journal and ledger; mail that may have been on its way when it was lost is given up, but for
a recovery. Whoever cannot be made anew is named, and the others go on. Interrupted, --all --apply goes on where it stood for six
hours, and says how many customers it left out like this; later, and after a run that came to its end, it looks at everybody.

${TARGET_HELP}

Exit codes: 0 alike or put right, 1 differences were found, somebody cannot be read, or a fault, 2 something to put right.
`;

const OPTIONS = {
  ...TARGET_OPTIONS,
  all: { type: 'boolean' },
  apply: { type: 'boolean' },
  anew: { type: 'boolean' },
  'write-units': { type: 'string' },
  yes: { type: 'boolean' },
} as const;

/** Customers that are named; of more than that the numbers say enough. */
const NAMED = 50;

/** @throws UsageError */
export async function rebuildCommand(args: readonly string[]): Promise<string | Outcome> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  const [customerId, ...strays] = positionals;
  if ((customerId === undefined) === (values.all !== true) || strays.length > 0) {
    throw new UsageError('expected one CUSTOMER or --all; --help explains the command');
  }
  const apply = values.apply === true;
  const isAnew = values.anew === true;
  if (isAnew && (values.all !== true || !apply)) {
    throw new UsageError('expected --anew with --all --apply: nothing else goes on where it stood');
  }
  const writeUnits = writeUnitsFrom(values['write-units']);
  const target = await openTarget(values);
  try {
    const whom = customerId ?? 'everybody';
    const isWished =
      !apply || (await confirmRelease(target, `Rebuild ${whom} in ${target.name}?`, values.yes === true));
    if (!isWished) return 'Nothing was changed.';
    const repair = openRepair(target, writeUnits);
    try {
      return customerId === undefined
        ? await everybody(repair, target, { apply, isAnew })
        : await one(repair, customerId, apply);
    } finally {
      repair.close();
    }
  } finally {
    target.records.close();
  }
}

async function one({ services }: Repair, customerId: string, apply: boolean): Promise<Outcome> {
  const repaired = await repairOrName(services, customerId, { apply, cause: REBUILD });
  const isFaulty = repaired.kind === 'unreadable';
  const hasDifferences = repaired.kind === 'differs' || repaired.kind === 'lost';
  const end = !hasDifferences ? [] : [apply ? 'Put right.' : 'Nothing was changed; --apply puts it right.'];
  const exitCode = isFaulty || (hasDifferences && !apply) ? 1 : 0;
  return { text: [...inWords(customerId, repaired), ...end].join('\n'), exitCode };
}

function inWords(customerId: string, repaired: Repaired | Unreadable): readonly string[] {
  if (repaired.kind === 'unreadable') {
    return [
      `${customerId}: cannot be read (${repaired.why}), and nothing was changed; a checkout of what is deployed may read it`,
    ];
  }
  const { kind, differences, forgotten, doubtful } = repaired;
  switch (kind) {
    case 'alike':
      return [`${customerId}: as the journal tells.`];
    case 'nothing':
      return [`${customerId}: nobody has heard of this customer.`];
    case 'erased':
      return [`${customerId}: erased; there is nothing to rebuild.`];
    case 'differs':
      return [
        `${customerId}: differs from the journal`,
        ...differences.map((line) => `  ${line}`),
        ...(forgotten.length === 0 ? [] : [`  forgotten, and in the ledger: ${forgotten.join(', ')}`]),
      ];
    case 'lost':
      return [
        `${customerId}: the profile is gone or cannot be read; ${plural(forgotten.length, 'message')} in the ledger`,
        ...doubtful.map(
          ({ key, fate }) =>
            `  may have been on its way, and ${fate === 'goes out' ? 'goes out' : 'is given up'}: ${key}`,
        ),
      ];
    default:
      return kind satisfies never;
  }
}

interface HowFar {
  readonly apply: boolean;
  readonly isAnew: boolean;
}

async function everybody({ services }: Repair, target: Target, { apply, isAnew }: HowFar): Promise<Outcome> {
  const { walks, now } = services;
  const walk = apply ? rebuildWalk(await walks.read(REBUILD), { by: personHere(), now: now(), isAnew }) : undefined;
  const before = walk === undefined ? [] : leftOut(walk);
  for (const line of before) process.stderr.write(`${line}\n`);
  const figures = (await target.records.census.read())?.figures;
  const people = Object.values(figures?.people ?? {}).reduce((sum, each) => sum + each, 0);
  const progress = showProgress(process.stderr, 'customers');
  const lines: string[] = [];
  let differing = 0;
  try {
    const plan = { apply, cause: REBUILD };
    const tally = await repairAll(services, plan, walk, (told) => {
      const { customerId, repaired, done } = told;
      progress.update({ told: done, total: Math.max(people, done), now: now() });
      if (repaired.kind !== 'differs' && repaired.kind !== 'lost' && repaired.kind !== 'unreadable') return;
      differing += 1;
      if (differing <= NAMED) lines.push(...inWords(customerId, repaired));
    });
    const more = differing > NAMED ? [`and ${plural(differing - NAMED, 'other customer')}`] : [];
    const text = [...lines, ...more, ...tallyInWords(tally, apply), ...before].join('\n');
    return { text, exitCode: tally.unreadable > 0 || (differing > 0 && !apply) ? 1 : 0 };
  } catch (cause) {
    if (!(cause instanceof WalkOvertaken)) throw cause;
    throw new UsageError(cause.message, { cause });
  } finally {
    progress.stop();
  }
}

/** Whom a run does not look at that goes on where another one stood. */
function leftOut({ after, begunAt, done }: Walk): readonly string[] {
  if (after === undefined) return [];
  return [
    `Left out: ${plural(done, 'customer')} that the interrupted run of ${absolute(begunAt)} had looked at; --anew looks at everybody.`,
  ];
}

function tallyInWords(tally: RepairTally, apply: boolean): readonly string[] {
  const { alike, differs, lost, erased, nothing, unreadable } = tally;
  const looked = alike + differs + lost + erased + nothing + unreadable;
  const toMend = plural(differs + lost, 'customer');
  return [
    `${plural(looked, 'customer')} looked at: ${alike} as the journal tells, ${differs} differing, ${lost} without a profile, ${erased} erased, ${unreadable} that cannot be read.`,
    ...(differs + lost === 0
      ? []
      : [apply ? `${toMend} put right.` : `Nothing was changed; --apply puts ${toMend} right.`]),
  ];
}
