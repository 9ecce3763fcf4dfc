/** The campaigns in memory, with the same contract as the table; for tests. */
import { type Campaign, isMailOf } from '../lifecycle/campaign/campaign.ts';
import type { LedgerEntry } from '../lifecycle/customer/claim.ts';
import type { CampaignBook } from './campaign-book.ts';
import type { MemoryStore } from './memory-store.ts';

export class MemoryCampaignBook implements CampaignBook {
  readonly #campaigns = new Map<string, Campaign>();
  readonly #store: MemoryStore;

  /** @param store whose ledgers tell how messages ended */
  constructor(store: MemoryStore) {
    this.#store = store;
  }

  async read(name: string): Promise<Campaign | undefined> {
    return structuredClone(this.#campaigns.get(name));
  }

  async all(): Promise<readonly Campaign[]> {
    return structuredClone([...this.#campaigns.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  }

  async save(campaign: Campaign, expected: number): Promise<boolean> {
    if ((this.#campaigns.get(campaign.name)?.version ?? 0) !== expected) return false;
    this.#campaigns.set(campaign.name, structuredClone(campaign));
    return true;
  }

  async *ends(campaign: Pick<Campaign, 'name' | 'programme' | 'step'>): AsyncIterable<readonly LedgerEntry[]> {
    for (const { customerId } of this.#store.profiles) {
      yield (await this.#store.readLedger(customerId)).filter(({ key }) => isMailOf(campaign, key));
    }
  }
}
