/** What campaigns are ordered, looked at and cancelled with: of a deployed stage, of the twin, or in memory. */
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { Announcer } from '../../shared/adapters/announcer.ts';
import type { CampaignBook } from '../../shared/adapters/campaign-book.ts';
import type { CensusStore } from '../../shared/adapters/census-store.ts';
import type { LaneStore } from '../../shared/adapters/lane-store.ts';
import type { SendingMode } from '../../shared/contracts/environment.ts';
import type { Circumstances } from '../../shared/lifecycle/customer/permit.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Duration, Instant } from '../../shared/lifecycle/time.ts';

export interface CampaignServices {
  readonly book: CampaignBook;
  /** All customers, page after page. */
  readonly customers: Pick<CensusStore, 'page'>;
  readonly lanes: LaneStore;
  readonly addresses: Pick<AddressBook, 'read'>;
  /** The key of the address hashes; undefined when it is not for whoever asks. */
  readonly addressKey: () => Promise<string | undefined>;
  /** Says that it speaks for campaigns; see `CAMPAIGN_SOURCE`. */
  readonly announcer: Announcer;
  readonly playbook: Playbook;
  readonly circumstances: Circumstances;
  readonly sending: SendingMode;
  readonly now: () => Instant;
  readonly sleep: (duration: Duration) => Promise<unknown>;
}

/** How far something that reads all customers has come: so many of the audience. */
export type OnProgress = (people: number) => void;
