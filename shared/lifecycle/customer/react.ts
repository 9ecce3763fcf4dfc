/** From events and time to a customer's next state: steps through time, takes events in, decides. Pure. */
import type { CustomerEvent } from '../events/definition.ts';
import { compareStamps } from '../facts/order-by-time.ts';
import { absorb, factsOf } from '../fold.ts';
import type { Playbook } from '../playbook.ts';
import type { Instant } from '../time.ts';
import { advance, type Observed, withFacts } from './advance.ts';
import { raise } from './attention.ts';
import { decide } from './decide.ts';
import { timerOf } from './due.ts';
import { askShop } from './offers.ts';
import type { Living } from './profile.ts';

/** The facts cannot tell what an old event changes: call again with the whole journal. */
export const JOURNAL_NEEDED = 'journal needed';

/**
 * What becomes of the customer at `now`, when these events are known.
 *
 * @param events those that may not be in the facts yet, in any order; repeated ones change nothing
 * @param cause id of the event that led here, kept with what it changed so that a redelivery announces that again
 * @param journal all recorded events including `events`; needed only after {@link JOURNAL_NEEDED}
 */
export function react(
  customer: Living,
  events: readonly CustomerEvent[],
  cause: string,
  playbook: Playbook,
  now: Instant,
  journal?: readonly CustomerEvent[],
): Observed | typeof JOURNAL_NEEDED {
  // First under the policy of today: it may see the same facts otherwise than the one that wrote the profile.
  let observed = withFacts({ customer, changes: [] }, customer.facts, playbook);
  const inOrder = events.toSorted((a, b) =>
    compareStamps({ at: a.occurredAt, id: a.id }, { at: b.occurredAt, id: b.id }),
  );
  for (const event of inOrder) {
    observed = advance(observed, Math.min(event.occurredAt, now), playbook);
    const facts = absorb(observed.customer.facts, event);
    if (facts !== undefined) {
      observed = withFacts(observed, facts, playbook);
      continue;
    }
    if (journal === undefined) return JOURNAL_NEEDED;
    observed = withFacts(observed, factsOf(journal, customer.facts.interest), playbook);
  }
  observed = advance(observed, now, playbook);
  const decided = decide(raise(observed.customer, playbook, now, cause), playbook, now);
  // What was withheld just now may be for a person to see to.
  const isWithheld = Object.keys(decided.closing).length > 0;
  const told = isWithheld ? raise(decided, playbook, now, cause) : decided;
  const asking = askShop(told, cause, now);
  const { changes } = observed;
  return { changes, customer: changes.length > 0 ? { ...asking, lastChanges: { cause, changes } } : asking };
}

/** The customer with its timer set for what is to be done next, and the version of the write that stores it. */
export function readyToStore(customer: Living, playbook: Playbook, now: Instant): Living {
  const { dueAt: _dueAt, ...rest } = customer;
  const dueAt = timerOf(customer, playbook, now);
  return { ...rest, version: customer.version + 1, ...(dueAt !== undefined && { dueAt }) };
}
