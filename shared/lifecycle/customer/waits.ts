/** Series that wait while a customer has a trait: fresh interest comes before an attempt to win them back. */
import type { Playbook } from '../playbook.ts';
import type { Placed } from '../playbook.ts';
import type { Series } from '../playbook/series.ts';
import { historyOf } from '../facts/orders.ts';
import { type Instant, NEVER } from '../time.ts';
import { situationOf } from '../traits/situation.ts';
import { merged, type Span } from '../traits/spans.ts';
import { spansOf } from '../traits/traits.ts';
import { othersUntil } from './offers.ts';
import { afterPauses, pausedUntil } from './pauses.ts';
import type { Living } from './profile.ts';
import type { DeferralReason } from './reasons.ts';

/** Why a message of a series that waits is not sent yet. */
export const INTEREST_FIRST: DeferralReason = 'interest comes first';

const NONE: readonly Span[] = [];

/** Of whom it matters how long they have heard nothing. */
type Hearing = Pick<Living, 'facts' | 'recent' | 'startsAt'>;

/**
 * Since when somebody has heard nothing of us: their last mail; of whoever never had one, their first order, if we could write
 * to them then: they had been imported, or had said an address.
 */
export function unheardSince({ facts, recent, startsAt: imported }: Hearing): Instant | undefined {
  if (recent.length > 0) return Math.max(...recent.map(({ at }) => at));
  const first = historyOf(facts.orders)?.first;
  return first === undefined ? undefined : Math.max(first, imported ?? facts.addressedSince ?? -NEVER);
}

/** When somebody who can be reached will have had no mail for as long as may be. */
function silentFor(customer: Hearing, { longestSilence }: Playbook): Instant {
  const isReached = customer.recent.length > 0 || customer.facts.person.some(({ email }) => email !== undefined);
  const since = isReached ? unheardSince(customer) : undefined;
  return since === undefined ? -NEVER : since + longestSilence;
}

/**
 * When the series waits, ascending and without overlap: whoever never stops looking is written to all the same, and nobody
 * goes without any mail for longer than may be for it. Whoever has heard nothing for longer when their interest begins
 * was to hear nothing, and is waited for like anybody.
 */
export function waitsOf(customer: Hearing, { waitsFor }: Series, playbook: Playbook): readonly Span[] {
  if (waitsFor === undefined) return NONE;
  const situation = situationOf(customer, playbook);
  const spans = merged(waitsFor.flatMap((trait) => spansOf(situation, trait)));
  if (spans.length === 0) return NONE;
  const silent = silentFor(customer, playbook);
  return spans.map(({ from, to }) => {
    const longest = Math.min(to, from + playbook.longestWait);
    return { from, to: silent > from ? Math.min(longest, silent) : longest };
  });
}

/**
 * The moment of a mail whose series has waited, put off by all the waiting together no further than another mail is due.
 *
 * @param planned the moment without any waiting
 * @param waited with it
 */
export function putOffUntil(customer: Hearing, playbook: Playbook, planned: Instant, waited: Instant): Instant {
  const silent = silentFor(customer, playbook);
  return silent > planned ? Math.min(waited, silent) : waited;
}

/** Until when the series waits at `t`; undefined when it does not. */
export function waitsUntil(customer: Living, series: Series, playbook: Playbook, t: Instant): Instant | undefined {
  return pausedUntil(waitsOf(customer, series, playbook), t);
}

/**
 * Until when a message that was decided makes sense. While its series waits, it does not age; nor, for as long as its
 * step may wait for that, while another offer stands in the way of its own.
 */
export function keepsUntil(
  customer: Living,
  key: string,
  placed: Placed,
  moment: Instant,
  playbook: Playbook,
  t: Instant,
): Instant {
  const { series, step } = placed;
  const waits = waitsOf(customer, series, playbook);
  const fresh = afterPauses(moment, step.fresh, waits);
  if (step.waitsForOffer === undefined) return fresh;
  const free = Math.max(moment, othersUntil(customer, key, placed, playbook, t));
  const longest = afterPauses(moment, step.waitsForOffer, waits);
  return Math.max(fresh, Math.min(afterPauses(free, step.fresh, waits), longest));
}
