/** The census in memory, with the same contract as the table; for tests. */
import type { Profile } from '../lifecycle/customer/profile.ts';
import type { Census, CensusStore } from './census-store.ts';

export class MemoryCensus implements CensusStore {
  #census: Census | undefined;
  readonly #customers: () => readonly Profile[];
  readonly #pageSize: number;

  /** @param customers in an order that does not change */
  constructor(customers: () => readonly Profile[], pageSize: number) {
    this.#customers = customers;
    this.#pageSize = pageSize;
  }

  async read(): Promise<Census | undefined> {
    return structuredClone(this.#census);
  }

  async save(census: Census, expected: number): Promise<boolean> {
    if ((this.#census?.version ?? 0) !== expected) return false;
    this.#census = structuredClone(census);
    return true;
  }

  async page(after: string | undefined) {
    const all = this.#customers();
    const begin = Number(after ?? 0);
    const end = begin + this.#pageSize;
    const customers = all.slice(begin, end).filter((each) => each.kind === 'living');
    return end < all.length ? { customers, next: String(end) } : { customers };
  }
}
