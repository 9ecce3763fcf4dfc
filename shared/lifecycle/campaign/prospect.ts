/**
 * What would become of a campaign's mail to one customer, by the very rules that decide it when its moment comes, as far as
 * they can be asked before. Until then people buy, complain and unsubscribe, and other mail uses up the caps.
 */
import type { Address } from '../address.ts';
import { formatKey } from '../customer/message-key.ts';
import { type Circumstances, isHeldOut, permit } from '../customer/permit.ts';
import type { Living, Pending } from '../customer/profile.ts';
import { addAddressed } from '../facts/campaigns.ts';
import { personOf } from '../facts/person.ts';
import type { Placed, Playbook } from '../playbook.ts';
import { type Audience, isInAudience } from './audience.ts';
import type { Order } from './campaign.ts';

export type Prospect =
  | { readonly kind: 'goes' }
  /** It waits, for the morning or for other mail, and goes out if it is still fresh and wanted then. */
  | { readonly kind: 'waits'; readonly reason: string }
  | { readonly kind: 'withheld'; readonly reason: string };

/**
 * Whether the customer is one of those a campaign addresses: in its audience at its moment as things stand, with an address,
 * and known when it was ordered.
 */
export function isMeant(
  { orderedAt, at }: Pick<Order, 'at'> & { readonly orderedAt: number },
  audience: Audience,
  customer: Living,
  playbook: Playbook,
): boolean {
  const { facts } = customer;
  if ((facts.firstSeenAt ?? Infinity) > orderedAt || personOf(facts.person).email === undefined) return false;
  return isInAudience(audience, customer, playbook, at);
}

/** @param address what is known of the customer's address; undefined: nothing */
export function prospectOf(
  customer: Living,
  { name, step, at, audience }: Order,
  { programme }: Placed,
  playbook: Playbook,
  circumstances: Circumstances,
  address: Address | undefined,
): Prospect {
  const { customerId, life, facts } = customer;
  const id = `campaign/${name}`;
  const key = formatKey({ life, programme: programme.id, step, round: 0, episode: name });
  const message: Pending = { moment: at, decidedAt: at, attempt: 1, cause: id };
  const addressed: Living = {
    ...customer,
    facts: { ...facts, campaigns: addAddressed(facts.campaigns, { at, id, campaign: name, step, audience }) },
    pending: { ...customer.pending, [key]: message },
  };
  const verdict = permit(addressed, key, message, playbook, at, circumstances, address);
  if (verdict.kind === 'close') return { kind: 'withheld', reason: verdict.reason };
  // Asked about last by the sender, too, and certain for whoever only waits.
  if (isHeldOut(customerId, circumstances.holdout)) return { kind: 'withheld', reason: 'holdout' };
  return verdict.kind === 'send' ? { kind: 'goes' } : { kind: 'waits', reason: verdict.reason };
}
