/**
 * Who of those that were silent when an import began gets mail when: each a day of their own, in an order that has
 * nothing to do with who they are, so that the first wave is as small as every other one.
 */
import { hash32 } from '../../shared/lifecycle/facts/digest.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { type Stage, stageNameOf, type StagePolicy } from '../../shared/lifecycle/stage.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';
import type { Past } from './past.ts';

export interface Survey {
  readonly events: number;
  /** Customers by the stage they were in when mail begins, as far as the files tell. */
  readonly stages: ReadonlyMap<Stage, number>;
  /** Those who were at risk or lapsed then, in the order in which they get mail. */
  readonly silent: readonly string[];
}

const SILENT: ReadonlySet<Stage> = new Set(['at_risk', 'lapsed']);

/** @param told how many customers have been looked at */
export function surveyOf(
  past: Past,
  policy: StagePolicy,
  startsAt: Instant,
  told: (customers: number) => void = () => undefined,
): Survey {
  const stages = new Map<Stage, number>();
  const silent: string[] = [];
  let events = 0;
  for (const [index, customerId] of past.customers.entries()) {
    const all = past.eventsOf(customerId);
    events += all.length;
    const known = all.filter(({ occurredAt }) => occurredAt <= startsAt);
    const stage = stageNameOf(factsOf(known), policy, startsAt);
    stages.set(stage, (stages.get(stage) ?? 0) + 1);
    if (SILENT.has(stage)) silent.push(customerId);
    told(index + 1);
  }
  const byHash = silent
    .map((customerId) => ({ customerId, hash: hash32(customerId) }))
    .toSorted((a, b) => a.hash - b.hash || (a.customerId < b.customerId ? -1 : 1));
  return { events, stages, silent: byHash.map(({ customerId }) => customerId) };
}

/** The row of the silent: who has which place in it, and when the mails of each place begin. */
interface Row {
  readonly places: ReadonlyMap<string, number>;
  readonly startsAt: Instant;
  /** People a day. */
  readonly perDay: number;
}

/** @param silent in the order in which they get mail */
export function rowOf(silent: readonly string[], startsAt: Instant, perDay: number): Row {
  return { places: new Map(silent.map((customerId, place) => [customerId, place])), startsAt, perDay };
}

interface Waves {
  readonly waves: ReadonlyMap<string, Instant>;
  /** The first place that nobody has after that. */
  readonly freePlace: number;
}

/**
 * When the mails of their stage begin for each of the silent among some customers: at most so many people in any 24
 * hours. Whose time has passed before they were written goes to the end of the row, for all who are late would be
 * written to at once. No place is given twice.
 *
 * @param freePlace the first place that nobody has
 */
export function wavesOf(
  { places, startsAt, perDay }: Row,
  ids: readonly string[],
  freePlace: number,
  now: Instant,
): Waves {
  const instantOf = (place: number): Instant => startsAt + Math.floor((place * DAY) / perDay);
  const placed = ids
    .flatMap((customerId) => {
      const place = places.get(customerId);
      return place === undefined ? [] : [{ customerId, place }];
    })
    .toSorted((a, b) => a.place - b.place);
  const late = placed.filter(({ place }) => instantOf(place) < now);
  // Begun again after the whole row has passed, its end has passed, too.
  const end = late.length === 0 ? freePlace : Math.max(freePlace, Math.ceil(((now - startsAt) * perDay) / DAY));
  const moved = new Map(late.map(({ customerId }, nth) => [customerId, end + nth]));
  const waves = placed.map(({ customerId, place }) => [customerId, instantOf(moved.get(customerId) ?? place)] as const);
  return { waves: new Map(waves), freePlace: end + late.length };
}
