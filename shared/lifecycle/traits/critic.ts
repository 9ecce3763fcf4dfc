/** A5, critic: silent when pleased, loud at small faults. The stage asks, too: a critic is never loyal. */
import { earlierSpansOf, openSince } from '../facts/complaints.ts';
import type { Facts } from '../facts/facts.ts';
import { type Nps, npsAnswers } from '../facts/nps.ts';
import type { StagePolicy } from '../stage.ts';
import { type Duration, type Instant, NEVER } from '../time.ts';
import { during, merged, NONE, type Reasoned, type Span, until } from './spans.ts';
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

function byComplaints({ complaints, nps }: Facts, { critic, dissatisfied }: Policy): readonly Reasoned[] {
  if (complaints.known.length < critic.complaints) return NONE;
  const { maximumAge } = dissatisfied;
  const faults = complaints.known.flatMap((complaint): Fault[] => {
    if (complaint.opened?.severity !== 'low') return [];
    const begun = [...earlierSpansOf(complaint, maximumAge).map(({ from }) => from), openSince(complaint, maximumAge)];
    return begun.flatMap((at) => (at === undefined ? [] : [{ at, of: complaint.complaintId }]));
  });
  const because = `${counted(critic.complaints, 'small complaint')} within ${long(critic.within)}`;
  return piledUp(faults, critic.complaints, critic, nps, because);
}

function byRatings({ reviews, nps }: Facts, { critic, dissatisfied }: Policy): readonly Reasoned[] {
  if (reviews === undefined || reviews.length < critic.ratings) return NONE;
  const { atMost } = dissatisfied.rating;
  // Of what a review says now, also since when: who words it anew does not become a critic a second time.
  const faults = reviews.flatMap((each): Fault[] => {
    const since = reviews.slice(reviews.indexOf(each)).filter(({ reviewId }) => reviewId === each.reviewId);
    return since.every(({ rating }) => rating <= atMost) ? [{ at: each.at, of: each.reviewId }] : [];
  });
  const stars = counted(atMost, 'star');
  const because = `${counted(critic.ratings, 'rating')} of at most ${stars} within ${long(critic.within)}`;
  return piledUp(faults, critic.ratings, critic, nps, because);
}

/** A fault that was found, and with what: found again, it does not count as another. */
interface Fault {
  readonly at: Instant;
  readonly of: string;
}

/** When faults with at least `count` things lay within the duration before, like {@link whileAtLeast}. */
function whileFaulted(faults: readonly Fault[], count: number, within: Duration): readonly Span[] {
  return merged(
    faults.flatMap((first, index) => {
      const of = new Set<string>();
      const completing = faults.slice(index).find((each) => of.add(each.of).size >= count);
      const to = first.at + within;
      return completing !== undefined && completing.at < to ? [{ from: completing.at, to }] : [];
    }),
  );
}

/** When faults had piled up. Whoever says a better score starts anew: faults from before no longer count after it. */
function piledUp(
  faults: readonly Fault[],
  count: number,
  { score, within }: Policy['critic'],
  nps: Nps | undefined,
  because: string,
): readonly Reasoned[] {
  const better = nps && npsAnswers(nps).findLast((each) => each.score > score);
  const reset = better?.at ?? -Infinity;
  const ascending = faults.toSorted((a, b) => a.at - b.at);
  const before = ascending.filter(({ at }) => at <= reset);
  const after = ascending.filter(({ at }) => at > reset);
  return [...until(whileFaulted(before, count, within), reset), ...whileFaulted(after, count, within)].map((span) => ({
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
