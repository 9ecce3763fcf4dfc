/**
 * Since when moments count: nothing that was meant for a time before a programme began, a policy was activated or a
 * customer was imported is decided after it.
 */
import { findStep, type Placed, type Playbook } from '../playbook.ts';
import type { Series } from '../playbook/series.ts';
import type { Stage } from '../stage.ts';
import type { Instant } from '../time.ts';
import type { Living } from './profile.ts';

/**
 * The instant before which no moment of a step is decided for a customer; 0 when there is none. What was decided before
 * such an instant came about is still sent.
 */
export function decidesFrom(
  { startsAt = 0 }: Pick<Living, 'startsAt'>,
  { programme, step }: Pick<Placed, 'programme' | 'step'>,
  playbook: Playbook,
): Instant {
  const { activeFrom } = playbook.stages;
  const from = Math.max(programme.startsAt ?? 0, startsAt);
  if (activeFrom === undefined || activeFrom <= from) return from;
  const series = findStep(playbook, programme.id, step.id)?.series;
  return series !== undefined && followsPolicy(series) ? activeFrom : from;
}

/** Whether moments move with the policy of the stages. A complaint or an order is what it is under any of them. */
function followsPolicy({ trigger }: Series): boolean {
  switch (trigger) {
    case 'stage':
    case 'interval':
    case 'trait':
      return true;
    case 'case':
    case 'campaign':
      return false;
    default:
      return trigger satisfies never;
  }
}

const SILENT: ReadonlySet<Stage> = new Set(['at_risk', 'lapsed']);

/**
 * From when the mails of a stage are counted. Whoever was silent when they were imported has a day of their own for it,
 * so that those who fell silent over years are not all written to at once, or never.
 *
 * @param since when the stage began
 */
export function countedFrom(
  { startsAt, waveAt }: Pick<Living, 'startsAt' | 'waveAt'>,
  stage: Stage,
  since: Instant,
): Instant {
  if (startsAt === undefined || waveAt === undefined || since >= startsAt || !SILENT.has(stage)) return since;
  return Math.max(waveAt, since);
}
