/** How many people would be in another stage under other rules, right now. */
import type { CensusStore } from '../../shared/adapters/census-store.ts';
import type { Facts } from '../../shared/lifecycle/facts/facts.ts';
import { type Stage, stageNameOf, type StagePolicy } from '../../shared/lifecycle/stage.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

export interface StageChanges {
  readonly customers: number;
  /** Pages of the table that were read. */
  readonly pages: number;
  /** The most frequent first. */
  readonly changes: readonly { readonly from: Stage; readonly to: Stage; readonly people: number }[];
}

/** What two policies say of one customer; undefined when it is the same. */
function changeBetween(
  facts: Facts,
  before: StagePolicy,
  after: StagePolicy,
  t: Instant,
): { readonly from: Stage; readonly to: Stage } | undefined {
  const [from, to] = [stageNameOf(facts, before, t), stageNameOf(facts, after, t)];
  return from === to ? undefined : { from, to };
}

/**
 * Looks at everybody with both policies; reads the whole table.
 *
 * @param told how many have been looked at
 */
export async function countStageChanges(
  customers: Pick<CensusStore, 'page'>,
  before: StagePolicy,
  after: StagePolicy,
  t: Instant,
  told: (people: number) => void = () => undefined,
): Promise<StageChanges> {
  const counts = new Map<string, { readonly from: Stage; readonly to: Stage; people: number }>();
  let looked = 0;
  let pages = 0;
  let next: string | undefined;
  do {
    const page = await customers.page(next);
    for (const { facts } of page.customers) {
      const change = changeBetween(facts, before, after, t);
      if (change === undefined) continue;
      const key = `${change.from} ${change.to}`;
      const count = counts.get(key) ?? { ...change, people: 0 };
      count.people += 1;
      counts.set(key, count);
    }
    looked += page.customers.length;
    pages += 1;
    told(looked);
    ({ next } = page);
  } while (next !== undefined);
  return { customers: looked, pages, changes: [...counts.values()].toSorted((a, b) => b.people - a.people) };
}
