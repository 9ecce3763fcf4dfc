/** The address book in memory, with the same contract as the table; for tests. */
import type { Address } from '../lifecycle/address.ts';
import type { AddressBook } from './address-book.ts';

export class MemoryAddressBook implements AddressBook {
  readonly #addresses = new Map<string, Address>();

  async read(hash: string): Promise<Address | undefined> {
    return structuredClone(this.#addresses.get(hash));
  }

  async save(address: Address, expected: number): Promise<boolean> {
    if ((this.#addresses.get(address.hash)?.version ?? 0) !== expected) return false;
    this.#addresses.set(address.hash, structuredClone(address));
    return true;
  }

  async remove(hash: string, expected: number): Promise<boolean> {
    if ((this.#addresses.get(hash)?.version ?? 0) !== expected) return false;
    this.#addresses.delete(hash);
    return true;
  }
}
