/**
 * `npm run NAME`: runs a command by its name, prints what it says, and tells what the person can put right, in one line, from
 * a fault of ours, which keeps its stack.
 */
import { UsageError } from './local/usage-error.ts';
import type { Outcome } from './outcome.ts';

/** What is wrong in the command itself is thrown, and ends in exit code 2. */
type Command = (args: readonly string[]) => Promise<string | Outcome>;

/** Loaded when asked for: a command needs a part of what all of them need together. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  backtest: async () => (await import('./commands/backtest.ts')).backtestCommand,
  campaign: async () => (await import('./commands/campaign.ts')).campaignCommand,
  'check-event': async () => (await import('./commands/check-event.ts')).checkEventCommand,
  codes: async () => (await import('./commands/codes.ts')).codesCommand,
  cost: async () => (await import('./commands/cost.ts')).costCommand,
  deploy: async () => (await import('./commands/deploy.ts')).deployCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
  'lint-content': async () => (await import('./commands/lint-content.ts')).lintContentCommand,
  pause: async () => (await import('./commands/pause.ts')).pauseCommand,
  publish: async () => (await import('./commands/publish.ts')).publishCommand,
  rebuild: async () => (await import('./commands/rebuild.ts')).rebuildCommand,
  redrive: async () => (await import('./commands/redrive.ts')).redriveCommand,
  refit: async () => (await import('./commands/refit.ts')).refitCommand,
  releases: async () => (await import('./commands/releases.ts')).releasesCommand,
  restore: async () => (await import('./commands/restore.ts')).restoreCommand,
  resume: async () => (await import('./commands/pause.ts')).resumeCommand,
  rollback: async () => (await import('./commands/rollback.ts')).rollbackCommand,
  smoke: async () => (await import('./commands/smoke.ts')).smokeCommand,
  unsuppress: async () => (await import('./commands/unsuppress.ts')).unsuppressCommand,
  why: async () => (await import('./commands/why.ts')).whyCommand,
};

const EXIT_USAGE = 2;

/** Options that npm keeps for itself when the `--` before them was forgotten; it leaves them in the environment. */
const SWALLOWED = [
  'all',
  'apply',
  'anew',
  'programme',
  'stage',
  'endpoint',
  'playbook',
  'out',
  'dry-run',
  'content',
  'to',
  'audience',
  'template',
  'cancel',
  'orders',
  'customers',
  'pinpoint',
  'starts-at',
  'ramp-per-day',
  'write-units',
  'resume-activation',
  'send',
  'from',
  'discard',
  'reason',
  'type',
  'customer',
  'older',
  'since',
  'until',
  'profiles',
  'events',
  'mails',
  'months',
  'mix',
  'prices',
  'json',
] as const;

/** @throws UsageError when an option never came this far: a pause that pauses nothing must not look like one that does */
function refuseSwallowed(): void {
  const swallowed = SWALLOWED.filter((name) => (process.env[`npm_config_${name.replaceAll('-', '_')}`] ?? '') !== '');
  if (swallowed.length === 0) return;
  throw new UsageError(`npm kept --${swallowed.join(' and --')} for itself: put -- before the options of the command`);
}

async function run(name: string, args: readonly string[]): Promise<void> {
  // Node 20 still runs everything here; the SDK's advice to leave it is not for the person at this keyboard.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  try {
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (load === undefined)
      throw new UsageError(`expected one of ${Object.keys(COMMANDS).join(', ')}, found "${name}"`);
    refuseSwallowed();
    const outcome = await (await load())(args);
    const { text, exitCode } = typeof outcome === 'string' ? { text: outcome, exitCode: 0 } : outcome;
    process.stdout.write(`${text.trimEnd()}\n`);
    process.exitCode = exitCode;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT_USAGE;
  }
}

const [name = '', ...args] = process.argv.slice(2);
await run(name, args);
