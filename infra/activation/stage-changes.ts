/** How many people would be in another stage under other rules, right now. */
import type { CensusStore } from '../../shared/adapters/census-store.ts';
import { type Move, MoveCounter, movesTold } from '../../shared/lifecycle/census/moves.ts';
import type { StagePolicy } from '../../shared/lifecycle/stage.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

export interface StageChanges {
  readonly customers: number;
  /** Pages of the table that were read. */
  readonly pages: number;
  /** The most frequent first. */
  readonly changes: readonly Move[];
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
  const counter = new MoveCounter(before, after, t);
  let looked = 0;
  let pages = 0;
  let next: string | undefined;
  do {
    const page = await customers.page(next);
    for (const { facts } of page.customers) counter.add(facts);
    looked += page.customers.length;
    pages += 1;
    told(looked);
    ({ next } = page);
  } while (next !== undefined);
  return { customers: looked, pages, changes: movesTold(counter.moves) };
}
