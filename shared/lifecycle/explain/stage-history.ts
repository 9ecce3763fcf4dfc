/**
 * How a customer came to the present stage: the journal replayed through the core, event by event, with every change
 * that time alone brought in between. What the page explains is therefore what the functions computed.
 */
import type { CustomerEvent } from '../events/definition.ts';
import { type Facts, NO_FACTS } from '../facts/facts.ts';
import { compareStamps } from '../facts/order-by-time.ts';
import { absorb, factsOf } from '../fold.ts';
import { nextChange, type Stage, type StagePolicy, stageOf } from '../stage.ts';
import type { Instant } from '../time.ts';

export interface StageEntered {
  readonly at: Instant;
  readonly from: Stage;
  readonly to: Stage;
  readonly reasons: readonly string[];
  /** The event that brought it; undefined when time alone did. */
  readonly by?: CustomerEvent;
}

function inOrder(journal: readonly CustomerEvent[]): readonly CustomerEvent[] {
  return journal.toSorted((a, b) => compareStamps({ at: a.occurredAt, id: a.id }, { at: b.occurredAt, id: b.id }));
}

/** The changes of stage up to and including `until`, oldest first, as today's policy sees them. */
export function stageHistory(
  journal: readonly CustomerEvent[],
  policy: StagePolicy,
  until: Instant,
): readonly StageEntered[] {
  const events = inOrder(journal);
  const changes: StageEntered[] = [];
  let facts: Facts = NO_FACTS;
  let stage: Stage = 'lead';
  let seen: Instant = events[0]?.occurredAt ?? until;
  const wait = (end: Instant): void => {
    for (;;) {
      const change = nextChange(facts, policy, seen);
      if (change === undefined || change.at > end) break;
      changes.push({ at: change.at, from: stage, to: change.to.stage, reasons: change.to.reasons });
      seen = change.at;
      stage = change.to.stage;
    }
    seen = Math.max(seen, end);
  };
  for (const [index, event] of events.entries()) {
    wait(event.occurredAt);
    facts = absorb(facts, event) ?? factsOf(events.slice(0, index + 1));
    const staged = stageOf(facts, policy, seen);
    if (staged.stage === stage) continue;
    changes.push({ at: seen, from: stage, to: staged.stage, reasons: staged.reasons, by: event });
    stage = staged.stage;
  }
  wait(until);
  return changes;
}
