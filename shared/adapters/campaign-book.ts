/** Where campaigns are written down: one item each, by name. What became of their mail stands in the ledgers. */
import type { Campaign } from '../lifecycle/campaign/campaign.ts';
import type { LedgerEntry } from '../lifecycle/customer/claim.ts';

export interface CampaignBook {
  /** As of now (a consistent read); undefined when there is none of the name. */
  read(name: string): Promise<Campaign | undefined>;
  /** All of them, by name (a consistent read). */
  all(): Promise<readonly Campaign[]>;
  /**
   * Replaces the campaign if the stored version is `expected` (0: if there is none).
   *
   * @param campaign carries the version `expected + 1`
   * @returns false when somebody else was faster
   */
  save(campaign: Campaign, expected: number): Promise<boolean>;
  /** The ends of all messages of a campaign so far, page after page. Reads the whole table, as the nightly census does. */
  ends(campaign: Pick<Campaign, 'name' | 'programme' | 'step'>): AsyncIterable<readonly LedgerEntry[]>;
}
