/**
 * Observing time: walks through every change of stage up to an instant, so that a crossing in the shadow of an outage,
 * or seconds before a purchase, is seen; and allocates episodes where a series begins.
 */
import type { Facts } from '../facts/facts.ts';
import type { Playbook } from '../playbook.ts';
import { nextChange, type Staged, stageNameOf, stageOf } from '../stage.ts';
import type { Instant } from '../time.ts';
import type { Episode, Living, StageChange } from './profile.ts';

export interface Observed {
  readonly customer: Living;
  readonly changes: readonly StageChange[];
}

/**
 * Observes the stage at `at`. Entering a stage begins the series of that stage anew, unless their last episode began
 * less than `repeatAfter` ago: then it goes on, so that a late order cannot mint a second win-back.
 */
function observe(observed: Observed, staged: Staged, at: Instant, playbook: Playbook): Observed {
  const { customer } = observed;
  const moved = at > customer.evaluatedAt ? { ...customer, evaluatedAt: at } : customer;
  if (staged.stage === customer.stage) return moved === customer ? observed : { ...observed, customer: moved };
  const episodes: Record<string, Episode> = { ...customer.episodes };
  for (const series of playbook.programmes.flatMap((programme) => programme.series)) {
    if (series.trigger !== 'stage' || series.stage !== staged.stage) continue;
    const last = episodes[series.id];
    if (last === undefined) episodes[series.id] = { n: 1, beganAt: staged.since };
    else if (staged.since - last.beganAt >= playbook.repeatAfter) {
      episodes[series.id] = { n: last.n + 1, beganAt: staged.since };
    }
  }
  const change: StageChange = { from: customer.stage, to: staged.stage, at, reasons: staged.reasons };
  return {
    customer: { ...moved, stage: staged.stage, stageSince: at, episodes },
    changes: [...observed.changes, change],
  };
}

/**
 * Steps through every change of stage after the last evaluation up to and including `until`.
 *
 * @param until earlier than the last evaluation changes nothing
 */
export function advance(observed: Observed, until: Instant, playbook: Playbook): Observed {
  let seen = observed;
  for (;;) {
    const change = nextChange(seen.customer.facts, playbook.stages, seen.customer.evaluatedAt);
    if (change === undefined || change.at > until) break;
    seen = observe(seen, change.to, change.at, playbook);
  }
  return until > seen.customer.evaluatedAt ? { ...seen, customer: { ...seen.customer, evaluatedAt: until } } : seen;
}

/** Replaces the facts and observes what that changes at once. */
export function withFacts(observed: Observed, facts: Facts, playbook: Playbook): Observed {
  const { customer, changes } = observed;
  const at = customer.evaluatedAt;
  const informed = facts === customer.facts ? observed : { changes, customer: { ...customer, facts } };
  if (stageNameOf(facts, playbook.stages, at) === customer.stage) return informed;
  return observe(informed, stageOf(facts, playbook.stages, at), at, playbook);
}
