/** Where what is known of mail addresses is kept, by keyed hash. */
import type { Address } from '../lifecycle/address.ts';

export interface AddressBook {
  /** As of now (a consistent read); undefined for an address nobody was mailed at. */
  read(hash: string): Promise<Address | undefined>;
  /**
   * Replaces the item if the stored version is `expected` (0: if there is none).
   *
   * @param address carries a version of its own; one that is stored anew must not repeat those of the removed item
   * @returns false when somebody else was faster
   */
  save(address: Address, expected: number): Promise<boolean>;
  /** Removes the item if its version is still `expected`. */
  remove(hash: string, expected: number): Promise<boolean>;
}
