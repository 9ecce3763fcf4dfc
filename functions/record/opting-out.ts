/**
 * An opt-out reaches every customer id of the mailbox, whichever way it came: what the facts newly say against
 * promotional mail is written down at the person's address, with the time at which it was said.
 *
 * Before the profile is stored: whoever dies in between finds the old profile when the event is delivered again, and so
 * the opt-out still new. Written twice it changes nothing.
 */
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import { reviseAddress } from '../../shared/adapters/revise.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { type Address, optOut } from '../../shared/lifecycle/address.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Facts } from '../../shared/lifecycle/facts/facts.ts';
import { newOptOuts } from '../../shared/lifecycle/facts/opt-outs.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';

interface Services {
  readonly addresses: AddressBook;
  readonly addressKey: () => Promise<string>;
}

/** Tells the person's present address; an ordinary event costs nothing here. */
export async function tellAddress(
  { addresses, addressKey }: Services,
  before: Facts,
  after: Facts,
  events: readonly CustomerEvent[],
): Promise<void> {
  const { email } = personOf(after.person);
  const said = email === undefined ? [] : newOptOuts(before, after, events);
  if (email === undefined || said.length === 0) return;
  const hash = addressHash(await addressKey(), email);
  await reviseAddress(addresses, hash, (address) =>
    said.reduce<Address>((all, { programme, at }) => optOut(all, programme, at), address),
  );
}
