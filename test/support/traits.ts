/** Traits of customers in a given situation, and their edges to the millisecond. */
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Interest } from '../../shared/lifecycle/facts/interest.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { Situation } from '../../shared/lifecycle/traits/situation.ts';
import { hasTrait, nextTraitChange, traitsAt } from '../../shared/lifecycle/traits/traits.ts';
import { PLAYBOOK_FOR_RULES } from './playbooks.ts';

interface Surroundings {
  readonly interest?: Interest;
  readonly mails?: readonly Instant[];
  /** Thresholds that differ from those of the tests. */
  readonly traits?: Partial<Playbook['traits']>;
  readonly stages?: Partial<Playbook['stages']>;
}

export function situationAfter(events: readonly CustomerEvent[], around: Surroundings = {}): Situation {
  const { interest, mails = [], traits, stages } = around;
  const playbook: Playbook = {
    ...PLAYBOOK_FOR_RULES,
    traits: { ...PLAYBOOK_FOR_RULES.traits, ...traits },
    stages: { ...PLAYBOOK_FOR_RULES.stages, ...stages },
  };
  return { facts: factsOf(events, interest), playbook, mails };
}

/** What a trait does at an instant; a change has to be foretold for that very instant. */
export function edge(situation: Situation, id: string, at: Instant): string {
  const before = hasTrait(situation, id, at - 1);
  const now = hasTrait(situation, id, at);
  if (before === now) return now ? 'goes on' : 'is not there';
  const change = now ? 'begins' : 'ends';
  return nextTraitChange(situation, at - 1) === at ? change : `${change}, which was not foretold`;
}

/** Why a trait is held at `t`; undefined when it is not. */
export function whyAt(situation: Situation, id: string, t: Instant): string | undefined {
  return traitsAt(situation, t).find((each) => each.id === id)?.because;
}

export function idsAt(situation: Situation, t: Instant): readonly string[] {
  return traitsAt(situation, t).map(({ id }) => id);
}
