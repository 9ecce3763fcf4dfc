/** Series that wait while a customer has a trait: fresh interest comes before an attempt to win them back. */
import type { Playbook } from '../playbook.ts';
import type { Placed } from '../playbook.ts';
import type { Series } from '../playbook/series.ts';
import { DAY, type Duration, type Instant } from '../time.ts';
import { situationOf } from '../traits/situation.ts';
import { merged, type Span } from '../traits/spans.ts';
import { spansOf } from '../traits/traits.ts';
import { othersUntil } from './offers.ts';
import { afterPauses, pausedUntil } from './pauses.ts';
import type { Living } from './profile.ts';
import type { DeferralReason } from './reasons.ts';

/** Why a message of a series that waits is not sent yet. */
export const INTEREST_FIRST: DeferralReason = 'interest comes first';

/** Whoever never stops looking is written to all the same: nobody with an order goes 45 days without a mail. */
const LONGEST_WAIT: Duration = 21 * DAY;

const NONE: readonly Span[] = [];

/** When the series waits, ascending and without overlap. */
export function waitsOf(
  customer: Pick<Living, 'facts' | 'recent'>,
  { waitsFor }: Series,
  playbook: Playbook,
): readonly Span[] {
  if (waitsFor === undefined) return NONE;
  const situation = situationOf(customer, playbook);
  const spans = merged(waitsFor.flatMap((trait) => spansOf(situation, trait)));
  return spans.map(({ from, to }) => ({ from, to: Math.min(to, from + LONGEST_WAIT) }));
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
