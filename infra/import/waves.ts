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

interface Waves {
  readonly waves: ReadonlyMap<string, Instant>;
  /** Those whose time has passed before they were written, in the order of their places: they need others. */
  readonly late: readonly string[];
}

/** The place of each of the silent. */
export function placesOf(silent: readonly string[]): ReadonlyMap<string, number> {
  return new Map(silent.map((customerId, place) => [customerId, place]));
}

/** When the mails of a place in a stretch of the row begin. */
export function waveAt(from: Instant, place: number, perDay: number): Instant {
  return from + Math.floor((place * DAY) / perDay);
}

/**
 * When the mails of their stage begin for each of the silent among some customers: at most so many people in any 24
 * hours. Of those whose time has passed it says only who they are: all of them would be written to at once.
 *
 * @param from when the first of them begins
 */
export function wavesOf(
  {
    places,
    from,
    perDay,
  }: { readonly places: ReadonlyMap<string, number>; readonly from: Instant; readonly perDay: number },
  ids: readonly string[],
  now: Instant,
): Waves {
  const placed = ids
    .flatMap((customerId) => {
      const place = places.get(customerId);
      return place === undefined ? [] : [{ customerId, place, at: waveAt(from, place, perDay) }];
    })
    .toSorted((a, b) => a.place - b.place);
  return {
    waves: new Map(placed.filter(({ at }) => at >= now).map(({ customerId, at }) => [customerId, at])),
    late: placed.filter(({ at }) => at < now).map(({ customerId }) => customerId),
  };
}
