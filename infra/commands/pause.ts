/** The command line of `npm run pause` and `npm run resume`: says what is paused now and when that takes effect. */
import { pausesInWords, stopOfLane, usageInWords, warmUpInWords } from '../../shared/lifecycle/explain/lane-words.ts';
import type { Lane } from '../../shared/lifecycle/lane.ts';
import { UsageError } from '../local/usage-error.ts';
import { ALL, changePause, type PauseAct, type PauseScope } from '../pauses.ts';
import { confirmChange, openTarget, readArguments, TARGET_HELP, TARGET_OPTIONS } from '../target.ts';

const HELP = `Holds mail back by hand and lets it go on, without a deployment.

  npm run pause                            what is paused now
  npm run pause -- --all                   holds all mail back
  npm run pause -- --programme win-back    holds the mail of one programme back
  npm run resume -- --all                  lets everything go on, single programmes too; where SES has been silent, the
                                           next mail that is due tries whether it answers again
  npm run resume -- --programme win-back

Senders look every 20 seconds. What is decided meanwhile waits; after the end what has gone stale is withheld, mail about
a customer's own case goes out within minutes, and the rest spread over two hours.

  --all            everything
  --programme P    the programme P of the playbook
  --yes            does not ask before it changes a production stage; without a terminal nothing is changed there otherwise

${TARGET_HELP}

Exit codes: 0 done, 1 a fault, 2 something in the command to put right.
`;

/** How long a sender may go on before it looks at the lane again, seconds. */
const SENDERS_LOOK_EVERY = 20;

const OPTIONS = {
  ...TARGET_OPTIONS,
  all: { type: 'boolean' },
  programme: { type: 'string' },
  yes: { type: 'boolean' },
} as const;

/** @throws UsageError */
export async function pauseCommand(args: readonly string[]): Promise<string> {
  return change('pause', args);
}

/** @throws UsageError */
export async function resumeCommand(args: readonly string[]): Promise<string> {
  return change('resume', args);
}

async function change(act: PauseAct, args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  const scope = scopeOf(values, positionals);
  if (scope === undefined && act === 'resume') {
    throw new UsageError('expected --all or --programme P: what to resume; --help explains the command');
  }
  const target = await openTarget(values);
  const { records, playbook, now, name } = target;
  try {
    if (scope === undefined) {
      const lane = await records.lanes.read();
      return lines(...stateOf(lane, name, now), '', 'npm run pause -- --help explains the command');
    }
    const what = scope === ALL ? 'all mail' : `the mail of ${scope.programme}`;
    if (!(await confirmChange(target, `${act === 'pause' ? 'Pause' : 'Resume'} ${what}`, values.yes === true))) {
      return 'Nothing was changed.';
    }
    const lane = await changePause(records.lanes, act, scope, playbook, now);
    return lines(...stateOf(lane, name, now), effectOf(act, scope, lane));
  } finally {
    records.close();
  }
}

function scopeOf(
  { all, programme }: { readonly all?: boolean | undefined; readonly programme?: string | undefined },
  positionals: readonly string[],
): PauseScope | undefined {
  const [stray] = positionals;
  if (stray !== undefined) {
    throw new UsageError(`expected --all or --programme ${stray}, found "${stray}"; --help explains the command`);
  }
  if (all === true && programme !== undefined) throw new UsageError('expected --all or --programme, found both');
  if (all === true) return ALL;
  return programme === undefined ? undefined : { programme };
}

function stateOf(lane: Lane, name: string, now: number): readonly string[] {
  const paused = pausesInWords(lane);
  return [
    paused.length === 0 ? `Nothing is paused in ${name}.` : `Paused in ${name}: ${paused.join('; ')}.`,
    ...[stopOfLane(lane, now), usageInWords(lane, now), warmUpInWords(lane)]
      .filter((each) => each !== undefined)
      .map((each) => `${each}.`),
  ];
}

function effectOf(act: PauseAct, scope: PauseScope, { paused }: Lane): string {
  if (act === 'pause') return `Senders look every ${SENDERS_LOOK_EVERY} seconds: by then no such mail goes out.`;
  if (scope !== ALL && paused.all !== undefined) {
    return 'Everything is still paused; npm run resume -- --all lets this programme go on, too.';
  }
  return `Senders look every ${SENDERS_LOOK_EVERY} seconds. What waited goes out spread over two hours, a customer's own case within minutes; what has gone stale is withheld.`;
}

function lines(...all: readonly string[]): string {
  return all.join('\n');
}
