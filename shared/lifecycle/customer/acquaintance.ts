/**
 * How long the acquaintance with a first-time or returning buyer goes on: the stage ends by the calendar, its mails only
 * when as much time has passed without a pause, so that trouble at the beginning does not cost somebody the rest of it.
 */
import type { Facts } from '../facts/facts.ts';
import { lastOrder } from '../facts/orders.ts';
import { asAgreed } from '../facts/promises.ts';
import type { Placed, Playbook } from '../playbook.ts';
import type { Stage, StagePolicy } from '../stage.ts';
import { outlookOf } from '../stage.ts';
import type { Instant } from '../time.ts';
import { receivedAt } from './goods.ts';
import { afterPauses, pausesOf } from './pauses.ts';

/** Until when mails that make the acquaintance can still come; 0 for somebody who is known by now. */
export function acquaintanceUntil(facts: Facts, policy: StagePolicy): Instant {
  const newUntil = outlookOf(facts, policy)?.newUntil ?? 0;
  const order = newUntil === 0 ? undefined : lastOrder(facts.orders);
  if (order === undefined) return 0;
  const begins = Math.max(order.at, receivedAt(asAgreed(facts, order)) ?? order.at);
  return Math.max(newUntil, afterPauses(begins, policy.onboardingWindow, pausesOf(facts, policy)));
}

/** Whether the mails of a stage's series are for somebody whose stage at `t` is `present`. */
export function goesOnIn(of: Stage, present: Stage, facts: Facts, policy: StagePolicy, t: Instant): boolean {
  if (of === present) return true;
  return mayGoOnIn(of, present) && t < acquaintanceUntil(facts, policy);
}

/** Whether a step makes the acquaintance of somebody who has come back: it begins anew, however long ago the last was. */
export function beginsAnew(facts: Facts, { series }: Pick<Placed, 'series'>, { stages }: Playbook): boolean {
  return series.trigger === 'stage' && series.stage === 'new' && outlookOf(facts, stages)?.returning === true;
}

/** Whether the mails of a stage can go on in another one at all, whoever it is. */
export function mayGoOnIn(of: Stage, present: Stage): boolean {
  return of === present || (of === 'new' && present === 'active');
}
