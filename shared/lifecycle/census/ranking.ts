/** Where a customer stands among all by spend, and who is a key account by that. */
import type { Living } from '../customer/profile.ts';
import type { Facts } from '../facts/facts.ts';
import { historyOf } from '../facts/orders.ts';
import type { Playbook } from '../playbook.ts';
import type { Instant } from '../time.ts';
import type { Count } from './count.ts';
import { classOf, descending, weightOf } from './spending.ts';

/** A finished count, ready to be asked where a customer stands. */
export class Ranking {
  /** By currency: how many customers spend at least a class, the highest class first. */
  readonly #groups: ReadonlyMap<
    string,
    { readonly customers: number; readonly atLeast: readonly { readonly spend: number; readonly many: number }[] }
  >;

  constructor({ currencies }: Pick<Count, 'currencies'>) {
    this.#groups = new Map(
      Object.entries(currencies).map(([currency, group]) => [
        currency,
        { customers: group.customers, atLeast: descending(group) },
      ]),
    );
  }

  /** Share of the customers who spend as much or more, 0 to 1; 1 for whoever spent nothing within a year. */
  shareOf(facts: Facts, t: Instant): number {
    const weight = weightOf(facts, t);
    const group = weight && this.#groups.get(weight.currency);
    if (weight === undefined || group === undefined || group.customers === 0) return 1;
    const own = classOf(weight.minor);
    // Nobody was counted with as much: the customer has bought since, and is at least as big as themselves.
    const asMuch = group.atLeast.findLast(({ spend }) => spend >= own)?.many ?? 1;
    return asMuch / group.customers;
  }
}

export interface Rank {
  readonly keyAccount: boolean;
  /** Share of the customers who spend as much or more, to four digits. */
  readonly share: number;
}

const SHARE_DIGITS = 1e4;

/**
 * Whether a customer becomes a key account or ceases to be one, by a finished count; undefined when nothing changes.
 * Between the two thresholds everybody stays what they are, or the border would be crossed to and fro every night.
 */
export function changeOfRank(
  { facts }: Pick<Living, 'facts'>,
  ranking: Ranking,
  { traits }: Pick<Playbook, 'traits'>,
  t: Instant,
): Rank | undefined {
  const { top, stays, orders } = traits.keyAccount;
  const was = facts.standing?.keyAccount === true;
  const enough = (historyOf(facts.orders)?.orders ?? 0) >= orders;
  if (!was && !enough) return undefined;
  const share = ranking.shareOf(facts, t);
  const keyAccount = enough && share <= (was ? stays : top);
  return keyAccount === was ? undefined : { keyAccount, share: Math.ceil(share * SHARE_DIGITS) / SHARE_DIGITS };
}
