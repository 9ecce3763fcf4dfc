/** Publishing other rules for the stages, for who is at the command line: what changes, and having everybody looked at. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EventBridgeAnnouncer } from '../../shared/adapters/announcer.ts';
import { PAGE_READ_UNITS } from '../../shared/adapters/census-store.ts';
import type { Move } from '../../shared/adapters/release-store.ts';
import { absolute, plural } from '../../shared/lifecycle/explain/when.ts';
import type { StagePolicy } from '../../shared/lifecycle/stage.ts';
import { type Duration, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { showProgress } from '../local/player/progress.ts';
import { UsageError } from '../local/usage-error.ts';
import type { Outline } from '../publishing/edition.ts';
import { tally } from '../publishing/account.ts';
import { configOf, type Target } from '../target.ts';
import { WalkOvertaken } from '../walking.ts';
import { isSamePolicy } from './beginning.ts';
import { LOOKED_AT_PER_SECOND, rearm, unfinishedActivation } from './rearm.ts';
import { countStageChanges, type StageChanges } from './stage-changes.ts';

/** How to go on with an activation that was interrupted. */
function resumeCommand({ stage }: Pick<Target, 'stage'>): string {
  return `npm run publish -- --resume-activation${stage === undefined ? '' : ` --stage ${stage}`}`;
}

/** Whether a release brings other rules for the stages than those that are live. */
export function isActivation(after: Pick<Outline, 'playbook'>, live: Pick<Outline, 'playbook'> | undefined): boolean {
  return live !== undefined && !isSamePolicy(after.playbook.stages, live.playbook.stages);
}

/** Looks at everybody under both rules and says what changes; reads the whole table, and says what that took. */
export async function activationLines(
  { records, now, stage }: Target,
  before: StagePolicy,
  after: StagePolicy,
): Promise<readonly string[]> {
  const count = tally(process.stderr, 'for their stage');
  const found = await countStageChanges(records.census, before, after, now, count.told);
  count.done();
  return [
    ...changesInWords(found),
    `That read the table once: at most ${(found.pages * PAGE_READ_UNITS).toLocaleString('en')} read units.`,
    `Mail that follows stages, traits or a rhythm counts from now on: nothing that was meant for before is sent. Afterwards everybody is looked at again, ${LOOKED_AT_PER_SECOND} a second: ${lasting(found.customers)}, a read unit each and two write units for who changes. Interrupted, it goes on with ${resumeCommand({ stage })}.`,
    '',
  ];
}

export function changesInWords({ customers, changes }: Pick<StageChanges, 'customers' | 'changes'>): readonly string[] {
  const sum = changes.reduce((all, { people }) => all + people, 0);
  const of = `of ${customers.toLocaleString('en')}`;
  if (sum === 0) return [`The rules for the stages are others; nobody ${of} changes stage because of that.`];
  return [
    `The rules for the stages are others: ${plural(sum, 'person', 'people')} ${of} would change stage.`,
    ...changes.map(({ from, to, people }) => `  ${from} → ${to}: ${people.toLocaleString('en')}`),
  ];
}

function lasting(customers: number): string {
  const length: Duration = (customers * 1000) / LOOKED_AT_PER_SECOND;
  if (length < MINUTE) return 'less than a minute';
  return length < HOUR
    ? `about ${plural(Math.ceil(length / MINUTE), 'minute')}`
    : `about ${plural(Math.ceil(length / HOUR), 'hour')}`;
}

/**
 * Has everybody looked at again, with progress.
 *
 * @throws UsageError when somebody else is at it, or nobody knows what the bus is called
 */
export async function activate(target: Target, move: Move): Promise<string> {
  const { records, access } = target;
  const { busName } = configOf(target);
  const bus = new EventBridgeClient(access);
  const progress = showProgress(process.stderr, 'people');
  const ahead = target.now - Date.now();
  const now = () => Date.now() + ahead;
  process.stderr.write('Waiting until all functions have the new rules, a minute at the most.\n');
  try {
    const services = {
      walks: records.walks,
      customers: records.census,
      announcer: new EventBridgeAnnouncer(bus, busName),
      now,
      sleep,
    };
    const people = await rearm(services, move, (told) => progress.update({ told, total: told, now: now() }));
    return `Everybody is being looked at again under the rules of number ${move.number}: ${plural(people, 'person', 'people')}.`;
  } catch (cause) {
    if (!(cause instanceof WalkOvertaken)) throw cause;
    throw new UsageError(`${cause.message}; npm run releases says how far that is`, { cause });
  } finally {
    progress.stop();
    bus.destroy();
  }
}

/** Goes on with the activation that was interrupted. */
export async function resumeActivation(target: Target): Promise<string> {
  const { releases, walks } = target.records;
  const unfinished = await unfinishedActivation(releases, walks);
  if (unfinished === undefined) return `Nothing to go on with: in ${target.name} everybody has been looked at.`;
  return activate(target, unfinished.move);
}

/** That somebody was interrupted; undefined when nobody was. */
export async function unfinishedWords(target: Target): Promise<string | undefined> {
  const { releases, walks } = target.records;
  const unfinished = await unfinishedActivation(releases, walks);
  if (unfinished === undefined) return undefined;
  const { move, done } = unfinished;
  return `Unfinished: number ${move.number}, ${absolute(move.at)}, brought other rules for the stages, and ${plural(done, 'person', 'people')} have been looked at since. ${resumeCommand(target)} goes on.`;
}
