/** What mail about an order has to wait for: nobody is asked how they like what has not come, or what they sent back. */
import { LATE_FOR } from '../cases.ts';
import type { Facts } from '../facts/facts.ts';
import { lastOrder, type Order } from '../facts/orders.ts';
import { asAgreed } from '../facts/promises.ts';
import { isRefunded, returnSpans } from '../facts/returns.ts';
import type { Placed } from '../playbook.ts';
import type { Series } from '../playbook/series.ts';
import type { Duration, Instant } from '../time.ts';

type Steps<Trigger extends Series['trigger']> = Extract<Series, { trigger: Trigger }>['steps'][number];

/** How long a customer has to have had an order, by the step that asks for it; undefined for a step that does not ask. */
function asksFor(step: Series['steps'][number] | Steps<'stage'> | Steps<'case'>): Duration | undefined {
  if ('hadFor' in step && step.hadFor !== undefined) return step.hadFor;
  return 'afterDelivery' in step ? step.afterDelivery : undefined;
}

/** When an order had arrived, as far as deliveries are reported; one that was promised is waited for only so long. */
export function receivedAt({ deliveredAt, promisedBy }: Order): Instant | undefined {
  return deliveredAt ?? (promisedBy === undefined ? undefined : promisedBy + LATE_FOR);
}

/** Whether the goods a step waits for came when they were no longer waited for. */
export function cameAfterAll(step: Series['steps'][number], order: Order): boolean {
  const { deliveredAt, promisedBy } = order;
  if (asksFor(step) === undefined || deliveredAt === undefined || promisedBy === undefined) return false;
  return deliveredAt > promisedBy + LATE_FOR;
}

/** Whether all of the price went back, or the articles are on their way back at `t`. */
export function isSentBack({ orders, returns }: Facts, order: Order, t: Instant): boolean {
  if (isRefunded(orders, order)) return true;
  return returnSpans({ orders, ...(returns && { returns }) }).some(
    (each) => each.orderId === order.orderId && each.from <= t && t < each.to,
  );
}

/** The order a step is about; undefined where it is about none, or the order is no longer known by itself. */
function orderOf(facts: Facts, { series }: Placed, episode: string): Order | undefined {
  const { ring } = facts.orders;
  const order =
    series.trigger === 'stage'
      ? lastOrder(facts.orders)
      : ring.find(({ orderId, cancelled }) => orderId === episode && cancelled !== true);
  return order && asAgreed(facts, order);
}

/** Why a step about what was bought has nothing to be about; undefined when it has, or is about something else. */
export function lacksGoods(
  facts: Facts,
  placed: Placed,
  episode: string,
  t: Instant,
): 'sent back' | 'not delivered' | undefined {
  if (asksFor(placed.step) === undefined) return undefined;
  const order = orderOf(facts, placed, episode);
  if (order === undefined) return undefined;
  if (isSentBack(facts, order, t)) return 'sent back';
  return order.deliveredAt === undefined && order.promisedBy !== undefined ? 'not delivered' : undefined;
}
