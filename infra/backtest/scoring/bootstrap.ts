/**
 * How sure the areas under the curve are: everybody is drawn with replacement, again and again (Efron 1979). Within a
 * resample all rules see the same people, so that the difference of two rules has an interval of its own, much
 * narrower than the two intervals suggest.
 */
import { quantile } from 'd3-array';
import { chanceOf } from '../../local/random.ts';
import { auc, type Ranks, ranksOf } from './auc.ts';

/** Draws of the whole population; the ends of a 95 % interval then rest on a dozen draws each. */
export const RESAMPLES = 500;
/** Above so many people, a random part of this size is drawn from instead: the intervals are wider than need be. */
const MOST_RESAMPLED = 100_000;
/** Two-sided 95 %. */
const TAIL = 0.025;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

interface Method {
  readonly resamples: number;
  /** Drawn in each; fewer than there are where intervals rest on a random part of them. */
  readonly people: number;
}

/** What was seen of one score, and in each resample. */
export interface Resampled {
  /** Of all people. */
  readonly auc: number;
  /** In each resample, moved so that they lie around `auc` also when a part of the people was drawn from. */
  readonly draws: Float64Array;
}

/** The people a score is judged by: scores and outcomes of the same length. */
export interface Judged {
  readonly scores: Float64Array;
  readonly silent: Uint8Array;
  /** Who belongs to the population; everybody when omitted. */
  readonly members?: Uint8Array;
}

interface Prepared {
  readonly ranks: Ranks;
  readonly silent: Uint8Array;
  /** Where the drawn person stands in the pool. */
  readonly places: Uint32Array;
}

/** Whom resamples are drawn from: everybody, or a random part. */
function poolOf(people: number, seed: string): Uint32Array {
  const pool = Uint32Array.from({ length: people }, (_, person) => person);
  if (people <= MOST_RESAMPLED) return pool;
  const chance = chanceOf(seed, 'pool');
  for (let place = 0; place < MOST_RESAMPLED; place += 1) {
    const other = chance.between(place, people - 1);
    const kept = pool[place] ?? 0;
    pool[place] = pool[other] ?? 0;
    pool[other] = kept;
  }
  return pool.slice(0, MOST_RESAMPLED);
}

function prepared({ scores, silent, members }: Judged, pool: Uint32Array): Prepared {
  const places = Uint32Array.from(pool.keys()).filter((place) => members?.[pool[place] ?? 0] !== 0);
  const person = (place: number) => pool[place] ?? 0;
  return {
    ranks: ranksOf(Float64Array.from(places, (place) => scores[person(place)] ?? 0)),
    silent: Uint8Array.from(places, (place) => silent[person(place)] ?? 0),
    places,
  };
}

/** The area under the curve of one score among its members. */
function aucOf(judged: Judged, everybody: Uint32Array): number {
  const { ranks, silent } = prepared(judged, everybody);
  return auc(ranks, silent);
}

/**
 * Resamples all scores together.
 *
 * @param judged each about the same people in the same order
 * @param seed the same seed gives the same resamples
 * @param progress called with the share that is done, 0 to 1
 */
export function resample<Name extends string>(
  judged: ReadonlyMap<Name, Judged>,
  seed: string,
  progress?: (share: number) => void,
): ReadonlyMap<Name, Resampled> {
  const people = Math.max(0, ...[...judged.values()].map(({ scores }) => scores.length));
  const pool = poolOf(people, seed);
  const everybody = Uint32Array.from({ length: people }, (_, person) => person);
  const chance = chanceOf(seed, 'resamples');
  const scores = [...judged].map(([name, each]) => {
    const ready = prepared(each, pool);
    const ofAll = aucOf(each, everybody);
    return { name, ready, ofAll, ofPool: auc(ready.ranks, ready.silent), draws: new Float64Array(RESAMPLES) };
  });
  const times = new Uint16Array(pool.length);
  const weights = new Uint16Array(pool.length);
  for (let draw = 0; draw < RESAMPLES; draw += 1) {
    times.fill(0);
    for (let n = 0; n < pool.length; n += 1) {
      const place = Math.floor(chance.next() * pool.length);
      times[place] = (times[place] ?? 0) + 1;
    }
    for (const { ready, ofAll, ofPool, draws } of scores) {
      ready.places.forEach((place, index) => (weights[index] = times[place] ?? 0));
      draws[draw] = auc(ready.ranks, ready.silent, weights) + ofAll - ofPool;
    }
    progress?.((draw + 1) / RESAMPLES);
  }
  return new Map(scores.map(({ name, ofAll, draws }) => [name, { auc: ofAll, draws }]));
}

/** How resamples are made of so many people, for whoever reads the intervals. */
export function methodFor(people: number): Method {
  return { resamples: RESAMPLES, people: Math.min(people, MOST_RESAMPLED) };
}

/** The middle 95 % of what the resamples showed; NaN when there was nothing to see. */
export function intervalOf(draws: Float64Array): Interval {
  return { low: quantile(draws, TAIL) ?? Number.NaN, high: quantile(draws, 1 - TAIL) ?? Number.NaN };
}
