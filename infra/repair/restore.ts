/**
 * What follows the restoring of the table: all mail pauses, the archive tells what happened since, facts are rebuilt, and what may have
 * gone out within the gap is settled. Every step may be interrupted and repeated; none of them lets mail go on. How far it
 * has come is written down in the restored table before anything else, so a table restored once more begins anew.
 */
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { LaneStore } from '../../shared/adapters/lane-store.ts';
import type { Walk } from '../../shared/adapters/walk-book.ts';
import { type Duration, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { ALL, changePause } from '../pauses.ts';
import { savePlace } from '../walking.ts';
import { replayState, startReplay } from './archive-replay.ts';
import type { Doubtful, Gap } from './doubtful.ts';
import type { Queues } from './queues.ts';
import { repairAll, type RepairAllServices, type RepairTally, type Told } from './repair-all.ts';
import { TakingIn } from './taking-in.ts';

/** Events the archive has not taken up yet, and clocks that differ: what was known already changes nothing. */
const MARGIN: Duration = 10 * MINUTE;
/** Between two looks at replay and queue. */
const LOOK_EVERY: Duration = 2000;

/** A replay of the archive ended without having replayed everything: begun again, another one is started. */
export class ReplayFailed extends Error {
  override readonly name = 'ReplayFailed';
}

/** What was replayed lies in the queue of the intake, and nobody takes it in. */
export class IntakeStuck extends Error {
  override readonly name = 'IntakeStuck';
}

export interface RestoreServices extends RepairAllServices {
  readonly lanes: LaneStore;
  readonly bus: EventBridgeClient;
  readonly busName: string;
  readonly queues: Pick<Queues, 'depthOf'>;
  readonly sleep: (duration: Duration) => Promise<unknown>;
}

export interface RestoreOrder {
  /** The beginning of every physical name, such as `perennial-prod`. */
  readonly stem: string;
  readonly gap: Gap;
  readonly by: string;
  /** How long the archive may take to know what came over the bus. */
  readonly archiveDelay: Duration;
  /** How late the queue may tell of what it holds. */
  readonly countsLag: Duration;
  /** Hears of each doubtful message before it is settled, perhaps more than once. */
  readonly tell: (doubtful: readonly Doubtful[]) => Promise<void>;
}

/** What is being done. */
export type RestoreStep =
  | { readonly kind: 'paused' }
  | { readonly kind: 'waiting for the archive' }
  | { readonly kind: 'replaying'; readonly reached: Instant | undefined; readonly waiting: number }
  | { readonly kind: 'repairing'; readonly told: Told };

/** The name of the walk over all customers that follows a restore to this time. */
function restoreName(from: Instant): string {
  return `restore/${new Date(from).toISOString()}`;
}

/** @throws WalkOvertaken when another run goes on with it; ReplayFailed; IntakeStuck; faults of the stores: call again, it goes on */
export async function repairAfterRestore(
  services: RestoreServices,
  order: RestoreOrder,
  told: (step: RestoreStep) => void = () => undefined,
): Promise<RepairTally | 'done before'> {
  const { walks, lanes, playbook, now } = services;
  const { gap, tell } = order;
  const walk = (await walks.read(restoreName(gap.from))) ?? (await begin(services, order));
  if (walk.status === 'done') return 'done before';
  await changePause(lanes, 'pause', ALL, playbook, now());
  told({ kind: 'paused' });
  await replay(services, order, walk, told);
  const plan = { apply: true, gap, cause: walk.name, tell };
  return repairAll(services, plan, walk, (each) => told({ kind: 'repairing', told: each }));
}

/**
 * Writes down that it has begun. A table that was restored to the same second before has left completed replays behind,
 * which say nothing about this one: it begins at a time of which there is none.
 */
async function begin({ walks, bus, now }: RestoreServices, { stem, gap, by }: RestoreOrder): Promise<Walk> {
  let begunAt = now();
  while ((await replayState(bus, replayName(stem, begunAt, 1))) !== undefined) begunAt += 1;
  const walk: Walk = {
    version: 0,
    name: restoreName(gap.from),
    startsAt: gap.from,
    begunAt,
    by,
    status: 'running',
    done: 0,
  };
  return savePlace(walks, walk);
}

/** @param nth from 1; a name is used once, so after a replay that failed it takes another one */
function replayName(stem: string, begunAt: Instant, nth: number): string {
  return `${stem}-restore-${begunAt}-${nth}`;
}

async function replay(
  services: RestoreServices,
  { stem, gap, archiveDelay, countsLag }: RestoreOrder,
  { begunAt }: Walk,
  told: (step: RestoreStep) => void,
): Promise<void> {
  const { bus, busName, queues, now, sleep } = services;
  let nth = 1;
  let known = await replayState(bus, replayName(stem, begunAt, nth));
  while (known?.state === 'failed') {
    nth += 1;
    known = await replayState(bus, replayName(stem, begunAt, nth));
  }
  const name = replayName(stem, begunAt, nth);
  const intake = `${stem}-record`;
  if (known === undefined) {
    told({ kind: 'waiting for the archive' });
    await sleep(archiveDelay);
    const [archive, rule] = [`${stem}-events`, `${intake}-events`];
    await startReplay(bus, { name, archive, busName, rule, from: gap.from - MARGIN, until: now() });
  }
  const takingIn = new TakingIn(countsLag);
  for (;;) {
    const [state, { waiting, hidden }] = await Promise.all([replayState(bus, name), queues.depthOf(intake)]);
    if (state?.state === 'failed') {
      const why = state.reason === undefined ? '' : ` (${state.reason})`;
      throw new ReplayFailed(
        `the replay ${name} failed or was cancelled${why}: begin again, and another one is started`,
      );
    }
    told({ kind: 'replaying', reached: state?.reached, waiting: waiting + hidden });
    const stands = takingIn.after({ at: now(), replay: state, depth: { waiting, hidden } });
    if (stands === 'over') return;
    if (stands === 'stuck') {
      throw new IntakeStuck(
        `for an hour neither the replay ${name} went on nor fewer events waited in ${intake}, where ${waiting} wait: see whether record is enabled and what it logs, then begin again, it goes on; all mail stays paused`,
      );
    }
    await sleep(LOOK_EVERY);
  }
}
