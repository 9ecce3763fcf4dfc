/** When a customer has to be looked at again if nothing happens: one timer per customer. */
import type { Placed, Playbook } from '../playbook.ts';
import { type Instant, NEVER } from '../time.ts';
import { nextCrossing } from './advance.ts';
import { isWantedNow } from './decide.ts';
import { freshUntil, occurrencesOf } from './occurrences.ts';
import { nextAsking } from './offers.ts';
import type { Living, Pending } from './profile.ts';
import { saidElsewhereUntil } from './said.ts';
import { decidesFrom } from './starts.ts';
import { keepsUntil } from './waits.ts';
import { stillWanted } from './wanted.ts';

/** The earliest instant at which anything is to be done; NEVER when nothing is. An instant at or before `t` is now. */
export function nextDue(customer: Living, playbook: Playbook, t: Instant): Instant {
  const instants: Instant[] = [nextCrossing(customer, playbook), nextAsking(customer, t)];
  for (const occurrence of occurrencesOf(customer, playbook, t)) {
    const { moment, step, takes } = occurrence;
    if (moment > t) instants.push(Math.max(moment, decidesFrom(customer, occurrence, playbook)));
    // Its moment came after the last decision, while a message was being sent.
    else if (isWantedNow(customer, occurrence, playbook, t)) instants.push(t);
    // An interval that is not to be used: the next one is known when this one is no longer fresh.
    else if (takes !== undefined) instants.push(freshUntil(step, moment) + 1);
    // Another mail is waited for.
    else instants.push(saidElsewhereUntil(customer, occurrence.key, playbook, t) ?? NEVER);
  }
  for (const [key, message] of Object.entries(customer.pending)) {
    if (message.notBefore === undefined || message.notBefore <= t) instants.push(t);
    else {
      const verdict = stillWanted(customer, key, message, playbook, t);
      // One past the end of freshness: then the message is found stale and closed.
      const stale = 'placed' in verdict ? staleAt(customer, key, verdict.placed, message, playbook, t) : t;
      instants.push(Math.min(message.notBefore, stale));
    }
  }
  if (Object.keys(customer.closing).length > 0) instants.push(t);
  for (const { lease } of Object.values(customer.flight)) instants.push(lease);
  if (customer.previousLife?.deleteAt !== undefined) instants.push(customer.previousLife.deleteAt);
  return Math.min(...instants);
}

function staleAt(
  customer: Living,
  key: string,
  placed: Placed,
  { moment }: Pending,
  playbook: Playbook,
  t: Instant,
): Instant {
  return keepsUntil(customer, key, placed, moment, playbook, t) + 1;
}

/**
 * The timer to store. Postponing is lazy: a stored timer that is earlier than needed but still to come stays, so that
 * the index is not touched; when it fires, the customer is looked at and the timer set anew.
 */
export function timerOf(customer: Living, playbook: Playbook, t: Instant): Instant | undefined {
  const due = nextDue(customer, playbook, t);
  const { dueAt } = customer;
  if (dueAt !== undefined && dueAt <= due && (dueAt > t || due <= t)) return dueAt;
  return due === NEVER ? undefined : due;
}
