/** Pausing mail by hand and letting it go on: everything, or single programmes. It takes no deployment. */
import type { LaneStore } from '../shared/adapters/lane-store.ts';
import { reviseLane } from '../shared/adapters/revise.ts';
import { type Lane, pause, resume } from '../shared/lifecycle/lane.ts';
import type { Playbook } from '../shared/lifecycle/playbook.ts';
import { UsageError } from './local/usage-error.ts';

export type PauseAct = 'pause' | 'resume';
export const ALL = 'all';

/** Everything, or the id of a programme. */
export type PauseScope = typeof ALL | { readonly programme: string };

/**
 * Pauses or resumes. Doing it twice changes nothing: the first pause keeps its time.
 *
 * @returns the lane as it is now
 * @throws UsageError for a programme that is neither in the playbook nor paused
 */
export function changePause(
  lanes: LaneStore,
  act: PauseAct,
  scope: PauseScope,
  playbook: Playbook,
  now: number,
): Promise<Lane> {
  const programme = scope === ALL ? undefined : scope.programme;
  return reviseLane(lanes, (lane) => {
    if (programme !== undefined) expectProgramme(programme, act, lane, playbook);
    const changed = act === 'pause' ? pause(lane, programme, now) : resume(lane, programme);
    return isSame(changed, lane) ? lane : changed;
  });
}

/** A programme that has left the playbook while it was paused can still be resumed. */
function expectProgramme(programme: string, act: PauseAct, lane: Lane, { programmes }: Playbook): void {
  const known = programmes.some(({ id }) => id === programme);
  if (known || (act === 'resume' && programme in lane.paused.programmes)) return;
  const ids = programmes.map(({ id }) => id).join(', ');
  throw new UsageError(`--programme expects one of ${ids}, found "${programme}"`);
}

function isSame(a: Lane, b: Lane): boolean {
  return JSON.stringify([a.paused, a.stop]) === JSON.stringify([b.paused, b.stop]);
}
