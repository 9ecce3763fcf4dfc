/** What the shop has mended for a customer: only what is news to them, and only what they left for. */
import { lastOrder } from '../facts/orders.ts';
import type { Playbook } from '../playbook.ts';
import type { Instant } from '../time.ts';
import type { Living } from './profile.ts';

/** Something the shop has improved. */
export interface Improved {
  readonly date: Instant;
  /** The answer it answers. */
  readonly reason: string;
}

/** The question whose answers are reasons to leave, and what improvements are for. */
export const REASON_QUESTION = 'reason';
/** The answer of those who left with a complaint and said nothing. */
const EXPERIENCE = 'experience';

/** Why the customer left, as far as we were told: by their answer, or by a complaint that is still remembered. */
function reasonToLeave({ facts }: Living, { traits }: Playbook, t: Instant): string | undefined {
  const said = facts.answers?.find(({ question }) => question === REASON_QUESTION);
  if (said !== undefined) return said.answer;
  const since = t - traits.badExperience.lasts;
  const complained = facts.complaints.known.some(({ opened }) => opened !== undefined && opened.at > since);
  return complained ? EXPERIENCE : undefined;
}

/** The improvements that came after the customer was last here, are no promise, and answer their reason. */
export function newsFor<I extends Improved>(
  improvements: readonly I[],
  customer: Living,
  playbook: Playbook,
  t: Instant,
): readonly I[] {
  const lastHere = lastOrder(customer.facts.orders)?.at ?? 0;
  const told = reasonToLeave(customer, playbook, t);
  return improvements.filter(({ date, reason }) => reason === told && date > lastHere && date <= t);
}
