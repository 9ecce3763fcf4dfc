/** Traits of the shop (P7): a known fact, how it is compared, and with what; data in the playbook, no code. */
import type { Playbook } from '../playbook.ts';
import { NEVER } from '../time.ts';
import { factValue, meets, turningPoints } from './fact-value.ts';
import type { Situation } from './situation.ts';
import type { Reasoned } from './spans.ts';

type OwnTrait = Playbook['traits']['own'][number];

/** When the condition of a trait of the shop holds, from what its fact tells, as time passes. */
export function ownSpans({ facts, playbook }: Situation, trait: OwnTrait): readonly Reasoned[] {
  const points = turningPoints(facts, playbook, trait);
  const spans: Reasoned[] = [];
  for (const [index, from] of points.entries()) {
    const to = points[index + 1] ?? NEVER;
    const holds = from < to && meets(factValue(facts, playbook, trait.fact, from), trait);
    if (holds) spans.push({ from, to, because: trait.because });
  }
  return spans;
}
