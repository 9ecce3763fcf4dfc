/** A5, critic: silent when pleased, loud at small faults. The stage asks, too: a critic is never loyal. */
import type { Facts } from '../facts/facts.ts';
import { type Nps, npsAnswers } from '../facts/nps.ts';
import { rewritten } from '../facts/reviews.ts';
import type { StagePolicy } from '../stage.ts';
import { type Instant, NEVER } from '../time.ts';
import { during, NONE, type Reasoned, until, whileAtLeast } from './spans.ts';
import { counted, long } from './words.ts';

type Policy = Pick<StagePolicy, 'critic' | 'dissatisfied'>;

function byScore({ nps }: Facts, { critic }: Policy): readonly Reasoned[] {
  if (nps === undefined) return NONE;
  return npsAnswers(nps).flatMap(({ at, score }, index, all) => {
    if (score > critic.score) return NONE;
    const next = all[index + 1]?.at ?? NEVER;
    return during(at, Math.min(at + critic.within, next), answeredScore(score));
  });
}

/** "answered 3 to ..." */
export function answeredScore(score: number): string {
  return `answered ${score} to “would you recommend us”`;
}

function byComplaints({ complaints, nps }: Facts, { critic }: Policy): readonly Reasoned[] {
  if (complaints.known.length < critic.complaints) return NONE;
  const times = complaints.known.flatMap(({ opened }) => (opened?.severity === 'low' ? [opened.at] : []));
  const because = `${counted(critic.complaints, 'small complaint')} within ${long(critic.within)}`;
  return piledUp(times, critic.complaints, critic, nps, because);
}

function byRatings({ reviews, nps }: Facts, { critic, dissatisfied }: Policy): readonly Reasoned[] {
  if (reviews === undefined || reviews.length < critic.ratings) return NONE;
  // As each review was written last: who corrects one has not faulted us twice.
  const { atMost } = dissatisfied.rating;
  const times = reviews.flatMap((each) =>
    each.rating <= atMost && rewritten(reviews, each) === undefined ? [each.at] : [],
  );
  const stars = counted(atMost, 'star');
  const because = `${counted(critic.ratings, 'rating')} of at most ${stars} within ${long(critic.within)}`;
  return piledUp(times, critic.ratings, critic, nps, because);
}

/** When faults had piled up. Whoever says a better score starts anew: faults from before no longer count after it. */
function piledUp(
  times: readonly Instant[],
  count: number,
  { score, within }: Policy['critic'],
  nps: Nps | undefined,
  because: string,
): readonly Reasoned[] {
  const better = nps && npsAnswers(nps).findLast((each) => each.score > score);
  const reset = better?.at ?? -Infinity;
  const ascending = times.toSorted((a, b) => a - b);
  const before = ascending.filter((each) => each <= reset);
  const after = ascending.filter((each) => each > reset);
  return [...until(whileAtLeast(before, count, within), reset), ...whileAtLeast(after, count, within)].map((span) => ({
    ...span,
    because,
  }));
}

/** When the customer is a critic; spans may overlap. */
export function criticSpans(facts: Facts, policy: Policy): readonly Reasoned[] {
  const { nps, reviews, complaints } = facts;
  if (nps === undefined && reviews === undefined && complaints.known.length === 0) return NONE;
  return [...byScore(facts, policy), ...byComplaints(facts, policy), ...byRatings(facts, policy)];
}
