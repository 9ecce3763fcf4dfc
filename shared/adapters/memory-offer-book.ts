/** The offer book in memory, with the same contract as the table; for tests. */
import type { BudgetPeriod } from '../lifecycle/offers/budget.ts';
import { firstPlaceFor, placeOfCode } from './code-order.ts';
import type { OfferBook, PoolState } from './offer-book.ts';

interface Taken {
  readonly count: number;
  /** Who asked last. */
  readonly latest: string;
}

const nameOf = ({ offer, number }: BudgetPeriod) => `${offer}/${number}`;

export class MemoryOfferBook implements OfferBook {
  readonly #periods = new Map<string, Taken>();
  /** By offer, then by code: who has claimed it. */
  readonly #codes = new Map<string, Map<string, string | undefined>>();

  async reserve(period: BudgetPeriod, limit: number, claimant: string): Promise<boolean> {
    const taken = this.#periods.get(nameOf(period)) ?? { count: 0, latest: '' };
    if (taken.latest === claimant) return true;
    if (taken.count >= limit) return false;
    this.#periods.set(nameOf(period), { count: taken.count + 1, latest: claimant });
    return true;
  }

  async hasLeft(period: BudgetPeriod, limit: number, claimant: string): Promise<boolean> {
    const { count = 0, latest } = this.#periods.get(nameOf(period)) ?? {};
    return count < limit || latest === claimant;
  }

  async taken(period: BudgetPeriod): Promise<number> {
    return this.#periods.get(nameOf(period))?.count ?? 0;
  }

  async claimCode(offer: string, claimant: string): Promise<string | undefined> {
    const codes = this.#codes.get(offer) ?? new Map<string, string | undefined>();
    const places = [...codes.keys()].map((code) => ({ code, place: placeOfCode(code) }));
    const ordered = places.toSorted((a, b) => (a.place < b.place ? -1 : 1));
    const first = firstPlaceFor(claimant);
    const inTurn = [...ordered.filter(({ place }) => place >= first), ...ordered.filter(({ place }) => place < first)];
    const found = inTurn.find(({ code }) => [undefined, claimant].includes(codes.get(code)));
    if (found !== undefined) codes.set(found.code, claimant);
    return found?.code;
  }

  async addCode(offer: string, code: string): Promise<boolean> {
    const codes = this.#codes.get(offer) ?? new Map<string, string | undefined>();
    this.#codes.set(offer, codes);
    if (codes.has(code)) return false;
    codes.set(code, undefined);
    return true;
  }

  async pool(offer: string): Promise<PoolState> {
    const claims = [...(this.#codes.get(offer)?.values() ?? [])];
    const free = claims.filter((claimant) => claimant === undefined).length;
    return { free, claimed: claims.length - free };
  }
}
