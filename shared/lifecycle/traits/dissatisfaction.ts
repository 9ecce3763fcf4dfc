/** What trouble leaves behind: A6a while it lasts, some time after it, and A6b. */
import { isOpen } from '../facts/complaints.ts';
import { dissatisfiedSpans } from '../stage.ts';
import type { Situation } from './situation.ts';
import { during, NONE, type Reasoned } from './spans.ts';
import { counted } from './words.ts';

/** A6a: something is wrong now. */
export function dissatisfied({ facts, playbook }: Situation): readonly Reasoned[] {
  if (hadNoTrouble(facts)) return NONE;
  return dissatisfiedSpans(facts, playbook.stages);
}

/** Something was wrong lately: no time to ask for a recommendation. */
export function recentTrouble(situation: Situation): readonly Reasoned[] {
  const { lasts } = situation.playbook.traits.recentTrouble;
  return dissatisfied(situation).map(({ from, to }) => ({
    from,
    to: to + lasts,
    because: 'something is wrong, or was not long ago',
  }));
}

/** A6b: a complaint was resolved, or a rating was bad, not long ago. */
export function badExperience({ facts, playbook }: Situation): readonly Reasoned[] {
  if (hadNoTrouble(facts)) return NONE;
  const { lasts } = playbook.traits.badExperience;
  const { atMost } = playbook.stages.dissatisfied.rating;
  const complaints = facts.complaints.known.flatMap((complaint) => {
    if (complaint.resolved === undefined || isOpen(complaint)) return NONE;
    const resolved = [...(complaint.earlier ?? []).map(({ to }) => to), complaint.resolved.at];
    return resolved.flatMap((at) => during(at, at + lasts, 'a complaint was resolved'));
  });
  const ratings = (facts.reviews ?? []).flatMap(({ at, rating }) =>
    rating > atMost ? NONE : during(at, at + lasts, `rated us with ${counted(rating, 'star')}`),
  );
  return [...complaints, ...ratings];
}

function hadNoTrouble({ complaints, reviews, subscriptions }: Situation['facts']): boolean {
  return complaints.known.length === 0 && reviews === undefined && subscriptions === undefined;
}
