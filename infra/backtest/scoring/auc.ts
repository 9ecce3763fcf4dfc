/**
 * How well a score puts people in order: the area under the ROC curve as a rank statistic (Mann & Whitney 1947), ties
 * counting half. Ranks are worked out once, so that a resample costs one pass and no sorting.
 */

/** A score made comparable: people with the same score share a rank, 0 is the lowest. */
export interface Ranks {
  readonly rank: Uint32Array;
  /** The different scores, ascending: a rank is a place in here. */
  readonly levels: Float64Array;
}

/** @param scores finite numbers, one per person */
export function ranksOf(scores: Float64Array): Ranks {
  const levels = scores.toSorted().filter((score, index, all) => index === 0 || score !== all[index - 1]);
  const rank = new Uint32Array(scores.length);
  scores.forEach((score, person) => (rank[person] = placeOf(score, levels)));
  return { rank, levels };
}

/** People from the lowest score to the highest. */
export function ascending({ rank, levels }: Ranks): Uint32Array {
  const next = new Uint32Array(levels.length + 1);
  for (const level of rank) next[level + 1] = (next[level + 1] ?? 0) + 1;
  for (let level = 0; level < levels.length; level += 1) next[level + 1] = (next[level + 1] ?? 0) + (next[level] ?? 0);
  const people = new Uint32Array(rank.length);
  rank.forEach((level, person) => {
    const place = next[level] ?? 0;
    people[place] = person;
    next[level] = place + 1;
  });
  return people;
}

/** Where a score stands among ascending, different ones, by bisection. */
function placeOf(score: number, levels: Float64Array): number {
  let low = 0;
  let high = levels.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((levels[middle] ?? 0) < score) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many people of either kind have each score. */
interface ByLevel {
  readonly silent: Float64Array;
  readonly back: Float64Array;
}

/**
 * @param silent 1 for whoever stayed silent
 * @param weights how often each person counts; once when omitted
 */
export function countByLevel({ rank, levels }: Ranks, silent: Uint8Array, weights?: Uint16Array): ByLevel {
  const counted = { silent: new Float64Array(levels.length), back: new Float64Array(levels.length) };
  for (let person = 0; person < rank.length; person += 1) {
    const level = rank[person] ?? 0;
    const kind = silent[person] === 1 ? counted.silent : counted.back;
    kind[level] = (kind[level] ?? 0) + (weights === undefined ? 1 : (weights[person] ?? 0));
  }
  return counted;
}

/**
 * The probability that somebody who stayed silent has a higher score than somebody who came back, 0 to 1; NaN when only
 * one kind is there. Parameters as of {@link countByLevel}.
 */
export function auc(ranks: Ranks, silent: Uint8Array, weights?: Uint16Array): number {
  const counted = countByLevel(ranks, silent, weights);
  let allSilent = 0;
  let allBack = 0;
  let won = 0;
  for (let level = 0; level < ranks.levels.length; level += 1) {
    const here = counted.silent[level] ?? 0;
    const back = counted.back[level] ?? 0;
    // A tie is half a win.
    won += here * (allBack + back / 2);
    allSilent += here;
    allBack += back;
  }
  return won / (allSilent * allBack);
}
