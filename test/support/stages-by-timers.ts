/** The stages and traits of a history as one sees them who looks only at events and at the instants foretold. */
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { eventType } from '../../shared/lifecycle/events/event-types.ts';
import { type Facts, NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { interestOf, withInterest } from '../../shared/lifecycle/facts/interest.ts';
import { addLooks, NOTHING_SEEN } from '../../shared/lifecycle/facts/looks.ts';
import { absorb, factsOf } from '../../shared/lifecycle/fold.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { nextChange, type Stage, type StagePolicy, stageOf } from '../../shared/lifecycle/stage.ts';
import { type Instant, NEVER } from '../../shared/lifecycle/time.ts';
import { heldAt, nextTraitChange } from '../../shared/lifecycle/traits/traits.ts';

export interface Entered {
  readonly to: Stage;
  readonly at: Instant;
}

/** Traits held from an instant on. */
export interface Holding {
  readonly ids: readonly string[];
  readonly at: Instant;
}

/**
 * Walks through a history, event by event and from one foretold instant to the next.
 *
 * @param history ascending; delivered on time
 */
function walk(
  history: readonly CustomerEvent[],
  factsUntil: (facts: Facts, index: number) => Facts,
  next: (facts: Facts, now: Instant) => Instant,
  see: (facts: Facts, now: Instant) => void,
  until: Instant,
): void {
  let facts = NO_FACTS;
  let now = history[0]?.occurredAt ?? 0;
  const waitUntil = (then: Instant) => {
    for (let at = next(facts, now); at <= then; at = next(facts, now)) {
      if (at <= now) throw new Error(`a change at ${at} was foretold at ${now}`);
      now = at;
      see(facts, now);
    }
    now = then;
  };
  for (const [index, each] of history.entries()) {
    waitUntil(each.occurredAt);
    facts = factsUntil(facts, index);
    see(facts, now);
  }
  waitUntil(until);
}

/** The facts after one more event of a history. */
function taken(history: readonly CustomerEvent[], facts: Facts, index: number): Facts {
  const each = history[index];
  if (each === undefined) return facts;
  return absorb(facts, each) ?? factsOf(history.slice(0, index + 1), facts.interest);
}

/** @param history ascending; delivered on time */
export function stagesByTimers(
  history: readonly CustomerEvent[],
  policy: StagePolicy,
  until: Instant,
): readonly Entered[] {
  const entered: Entered[] = [];
  walk(
    history,
    (facts, index) => taken(history, facts, index),
    (facts, now) => nextChange(facts, policy, now)?.at ?? NEVER,
    (facts, at) => {
      const { stage } = stageOf(facts, policy, at);
      if ((entered.at(-1)?.to ?? 'lead') !== stage) entered.push({ to: stage, at });
    },
    until,
  );
  return entered;
}

/** The facts of a history with what its looks come to. */
export function factsWithLooks(history: readonly CustomerEvent[], playbook: Playbook): Facts {
  const looks = history.flatMap((each) => eventType(each.type)?.look?.(each) ?? []);
  return factsOf(history, interestOf(addLooks(NOTHING_SEEN, looks), playbook.traits));
}

/** @param history ascending; delivered on time */
export function traitsByTimers(
  history: readonly CustomerEvent[],
  playbook: Playbook,
  mails: readonly Instant[],
  until: Instant,
): readonly Holding[] {
  const holdings: Holding[] = [];
  let browsing = NOTHING_SEEN;
  walk(
    history,
    (facts, index) => {
      const known = taken(history, facts, index);
      const event = history[index];
      const look = event && eventType(event.type)?.look?.(event);
      if (look === undefined) return known;
      browsing = addLooks(browsing, [look]);
      return withInterest(known, interestOf(browsing, playbook.traits, known.interest));
    },
    (facts, now) => nextTraitChange({ facts, playbook, mails }, now),
    (facts, at) => {
      const ids = heldAt({ facts, playbook, mails }, at);
      if ((holdings.at(-1)?.ids ?? []).join() !== ids.join()) holdings.push({ ids, at });
    },
    until,
  );
  return holdings;
}
