/** The stages of a history as one sees them who looks only at events and at the instants foretold. */
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { absorb, factsOf } from '../../shared/lifecycle/fold.ts';
import { nextChange, type Stage, type StagePolicy, stageOf } from '../../shared/lifecycle/stage.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

export interface Entered {
  readonly to: Stage;
  readonly at: Instant;
}

/** @param history ascending; delivered on time */
export function stagesByTimers(
  history: readonly CustomerEvent[],
  policy: StagePolicy,
  until: Instant,
): readonly Entered[] {
  const entered: Entered[] = [];
  const see = (to: Stage, at: Instant) => {
    if ((entered.at(-1)?.to ?? 'lead') !== to) entered.push({ to, at });
  };
  let facts = NO_FACTS;
  let now = history[0]?.occurredAt ?? 0;
  const waitUntil = (then: Instant) => {
    for (;;) {
      const change = nextChange(facts, policy, now);
      if (change === undefined || change.at > then) break;
      if (change.at <= now) throw new Error(`a change at ${change.at} was foretold at ${now}`);
      now = change.at;
      see(change.to.stage, now);
    }
    now = then;
  };
  for (const [index, each] of history.entries()) {
    waitUntil(each.occurredAt);
    facts = absorb(facts, each) ?? factsOf(history.slice(0, index + 1));
    see(stageOf(facts, policy, now).stage, now);
  }
  waitUntil(until);
  return entered;
}
