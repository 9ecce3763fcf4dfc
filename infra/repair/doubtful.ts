/**
 * What a table that was lost may have sent without being able to tell: an attempt whose outcome stayed unknown. Most
 * programmes give such a message up; a recovery goes out, rather twice than never. Done again it changes nothing.
 */
import { OUTCOME_UNKNOWN } from '../../shared/lifecycle/customer/claim.ts';
import { close } from '../../shared/lifecycle/customer/decide.ts';
import { placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
import { heldOverNight } from '../../shared/lifecycle/customer/quiet-hours.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

/** The time of which nothing is left: from the state that was restored up to the last mail of the lost one. */
export interface Gap {
  readonly from: Instant;
  readonly until: Instant;
}

export interface Doubtful {
  readonly customerId: string;
  readonly key: string;
  readonly moment: Instant;
  readonly fate: 'given up' | 'goes out';
}

export interface Settled {
  readonly customer: Living;
  readonly doubtful: readonly Doubtful[];
}

/**
 * Settles every waiting message that may have gone out within the gap.
 *
 * @param customer as decided at `t`
 */
export function settleDoubtful(customer: Living, gap: Gap, playbook: Playbook, t: Instant): Settled {
  const doubtful: Doubtful[] = [];
  let settled = customer;
  for (const [key, message] of Object.entries(customer.pending)) {
    if (message.attempt > 1 || !mayHaveGone(customer, key, message, gap, playbook)) continue;
    const attempted: Pending = { ...message, attempt: message.attempt + 1 };
    const isRepeated = placedOf(key, playbook)?.programme.afterUnknown === 'repeat once';
    settled = isRepeated
      ? { ...settled, pending: { ...settled.pending, [key]: attempted } }
      : close(settled, key, attempted, { outcome: 'failed', reason: OUTCOME_UNKNOWN }, t);
    const { moment } = message;
    doubtful.push({ customerId: customer.customerId, key, moment, fate: isRepeated ? 'goes out' : 'given up' });
  }
  return { customer: settled, doubtful };
}

/** What was held over the night until after the gap surely did not go out within it. */
function mayHaveGone(customer: Living, key: string, { moment }: Pending, gap: Gap, playbook: Playbook): boolean {
  if (moment >= gap.until) return false;
  const step = placedOf(key, playbook)?.step;
  const first = Math.max(moment, gap.from);
  const night = step && heldOverNight(customer, step, moment, playbook, first);
  return night === undefined || night < gap.until;
}
