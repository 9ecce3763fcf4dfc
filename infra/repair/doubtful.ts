/**
 * What a table that was lost may have sent without being able to tell: an attempt whose outcome stayed unknown. Most
 * programmes give such a message up; a recovery goes out, rather twice than never. Done again it changes nothing, and
 * names the same messages.
 */
import { type LedgerEntry, OUTCOME_UNKNOWN } from '../../shared/lifecycle/customer/claim.ts';
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
  /** The customer that was given where nothing had to be settled. */
  readonly customer: Living;
  /** Also what was settled before, or by `record` when its lease was over. */
  readonly doubtful: readonly Doubtful[];
}

/**
 * Settles every waiting message that may have gone out within the gap.
 *
 * @param customer as decided at `t`
 */
export function settleDoubtful(customer: Living, gap: Gap, playbook: Playbook, t: Instant): Settled {
  const { customerId } = customer;
  const doubtful: Doubtful[] = [];
  let settled = customer;
  for (const [key, message] of Object.entries(customer.pending)) {
    if (!mayHaveGone(customer, key, message, gap, playbook)) continue;
    const { moment, attempt } = message;
    // It was repeated after an unknown attempt: settled before, or in the hands of a sender at the second restored.
    const wasRepeated = attempt > 1;
    const isRepeated = wasRepeated || repeats(key, playbook);
    doubtful.push({ customerId, key, moment, fate: isRepeated ? 'goes out' : 'given up' });
    if (wasRepeated) continue;
    const attempted: Pending = { ...message, attempt: attempt + 1 };
    settled = isRepeated
      ? { ...settled, pending: { ...settled.pending, [key]: attempted } }
      : close(settled, key, attempted, { outcome: 'failed', reason: OUTCOME_UNKNOWN }, playbook, t);
  }
  // A claim is left to its lease, which ends the same way.
  for (const [key, { moment, attempt }] of Object.entries(customer.flight)) {
    const isRepeated = attempt === 1 && repeats(key, playbook);
    doubtful.push({ customerId, key, moment, fate: isRepeated ? 'goes out' : 'given up' });
  }
  return { customer: settled, doubtful };
}

/**
 * What was in doubt and has been given up since the table was restored, by an earlier run or by `record`.
 *
 * @param ledger of the restored table, in which nothing of the gap itself is left
 */
export function givenUpSince(
  { customerId, closing }: Living,
  ledger: readonly LedgerEntry[],
  { from, until }: Gap,
): readonly Doubtful[] {
  const ends = [
    ...ledger.map(({ key, moment, reason, endedAt }) => ({ key, moment, reason, endedAt })),
    ...Object.entries(closing).map(([key, { moment, reason, closedAt: endedAt }]) => ({
      key,
      moment,
      reason,
      endedAt,
    })),
  ];
  return ends
    .filter(({ reason, endedAt, moment }) => reason === OUTCOME_UNKNOWN && endedAt > from && moment < until)
    .map(({ key, moment }): Doubtful => ({ customerId, key, moment, fate: 'given up' }));
}

function repeats(key: string, playbook: Playbook): boolean {
  return placedOf(key, playbook)?.programme.afterUnknown === 'repeat once';
}

/** What was held over the night until after the gap surely did not go out within it. */
function mayHaveGone(customer: Living, key: string, { moment }: Pending, gap: Gap, playbook: Playbook): boolean {
  if (moment >= gap.until) return false;
  const step = placedOf(key, playbook)?.step;
  const first = Math.max(moment, gap.from);
  const night = step && heldOverNight(customer, step, moment, playbook, first);
  return night === undefined || night < gap.until;
}
