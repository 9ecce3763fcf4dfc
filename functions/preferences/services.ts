/** What our pages work with. */
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { Announcer } from '../../shared/adapters/announcer.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import type { LinkKeys } from '../../shared/email/links.ts';
import type { PageTextsByLocale } from '../../shared/email/page-texts.ts';
import type { Question, Shop } from '../../shared/email/shop.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

export interface PageServices {
  readonly store: CustomerStore;
  readonly addresses: AddressBook;
  /** Announces with the source of what readers do. */
  readonly announcer: Announcer;
  readonly meter: Meter;
  /** The key of the address hashes. */
  readonly addressKey: () => Promise<string>;
  /** @param recent they have to be the newest: those that were kept do not open a link */
  readonly linkKeys: (recent: boolean) => Promise<LinkKeys>;
  readonly playbook: Playbook;
  readonly shop: Shop;
  readonly questions: Readonly<Record<string, Question>>;
  readonly texts: PageTextsByLocale;
  readonly now: () => Instant;
}
