/** Whether somebody said "no more": the customer, or whoever else reads mail at the same address. */
import { type Address, optedOutAt } from '../address.ts';
import { choicesOf, optedOut } from '../facts/choices.ts';
import type { Facts } from '../facts/facts.ts';

/**
 * Whether the reader said "no more" to mail of the programme: on our pages, in the shop, or somebody at this address, under
 * whatever customer id. What the address knows is taken back only by an explicit opt-in of this customer, given later; what
 * it knows of the single programme also by this customer choosing that programme later.
 */
export function unsubscribed(facts: Facts, address: Address | undefined, programme: string): boolean {
  if (optedOut(facts, programme)) return true;
  const saidAt = optedOutAt(address, programme);
  if (saidAt === undefined) return false;
  const { consent, choices } = facts;
  const optedInAt = consent?.marketing === 'opt_in' ? consent.at : -Infinity;
  if (optedInAt > saidAt) return false;
  const all = address?.optOut?.all;
  const chosen = choicesOf(choices).programmes[programme];
  const chosenAt = chosen?.value === 'on' ? chosen.at : -Infinity;
  return !(chosenAt > saidAt && (all === undefined || optedInAt > all));
}
