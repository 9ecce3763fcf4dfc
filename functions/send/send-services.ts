/** What sending a message needs beside the message itself. */
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { Mailer } from '../../shared/adapters/mailer.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import type { OfferBook } from '../../shared/adapters/offer-book.ts';
import type { SendingMode } from '../../shared/contracts/environment.ts';
import type { Circumstances } from '../../shared/lifecycle/customer/permit.ts';
import type { Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
import type { Placed, Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { ComposedMail } from './compose.ts';
import type { SendingLane } from './lane.ts';

/** Writes a line for whoever operates this: ids and names of errors, never a text that may quote an address. */
export interface SendLog {
  warn(message: string, about: Readonly<Record<string, string | number>>): void;
}

export interface SendServices {
  readonly store: CustomerStore;
  readonly addresses: AddressBook;
  /** The key of the address hashes, and of the codes of offers. */
  readonly addressKey: () => Promise<string>;
  readonly offers: OfferBook;
  /** Of this execution environment: it remembers what it has reserved. */
  readonly lane: SendingLane;
  readonly mailer: Mailer;
  readonly meter: Meter;
  readonly log: SendLog;
  /** Of the release in use, like everything that depends on it: a batch goes by one release from start to end. */
  readonly playbook: Playbook;
  readonly releaseId: string;
  /** The same by the release that is live at this moment; absent where there is but one. */
  readonly newest?: () => Promise<SendServices>;
  readonly circumstances: Circumstances;
  readonly sending: SendingMode;
  /** Addresses that may be mailed in mode `allow-list`, in lower case. */
  readonly allowList: ReadonlySet<string>;
  /**
   * Turns a claimed message into what goes on the wire.
   *
   * @param address the keyed hash of the customer's address
   */
  readonly compose: (
    customer: Living,
    key: string,
    message: Pending,
    placed: Placed,
    address: string,
    t: Instant,
  ) => Promise<ComposedMail>;
  readonly now: () => Instant;
  /** A fresh random token for each claim. */
  readonly token: () => string;
}
