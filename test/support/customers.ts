/** Customers in a given situation: what became of them through events, and what is remembered of their messages. */
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { JOURNAL_NEEDED, react } from '../../shared/lifecycle/customer/react.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { CUSTOMER, registered, START } from './events.ts';
import { PLAYBOOK_FOR_RULES } from './playbooks.ts';

export type Memory = Partial<
  Pick<Living, 'pending' | 'flight' | 'closing' | 'recent' | 'closed' | 'episodes' | 'startsAt' | 'waveAt'>
>;

/** Takes events in at `now` and decides. */
export function reacted(
  customer: Living,
  events: readonly CustomerEvent[],
  now: Instant,
  playbook: Playbook = PLAYBOOK_FOR_RULES,
) {
  const reaction = react(customer, events, events.at(-1)?.id ?? 'wake', playbook, now);
  if (reaction === JOURNAL_NEEDED) throw new Error('the test has outrun the ring');
  return reaction;
}

/**
 * A reachable customer after these events, looked at at `now`.
 *
 * @param memory replaces what the customer remembers of messages by then
 */
export function customerAfter(
  events: readonly CustomerEvent[],
  now: Instant,
  memory: Memory = {},
  playbook: Playbook = PLAYBOOK_FOR_RULES,
): Living {
  const known = [registered(START), ...events];
  const { customer } = reacted(unknownCustomer(CUSTOMER, START), known, now, playbook);
  return { ...customer, ...memory };
}
