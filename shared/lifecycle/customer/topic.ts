/** What mails to a customer speak of, where they show something to read. */
import { choicesOf } from '../facts/choices.ts';
import type { Facts } from '../facts/facts.ts';
import { lastOrder } from '../facts/orders.ts';

export interface Topic {
  readonly sku?: string | undefined;
  readonly category?: string | undefined;
}

/** A buyer has what was bought last; everybody else looks at something. Who wants no tailored mail gets what is general. */
export function topicOf({ orders, interest, choices }: Facts): Topic {
  if (!choicesOf(choices).tailored) return {};
  const order = lastOrder(orders);
  const looked: Topic = { sku: interest?.sku, category: interest?.category };
  return order?.category === undefined ? looked : { category: order.category };
}

/** What is thought about for days, or else what mails speak of. */
export function thoughtOf(facts: Facts): Topic {
  const topic = topicOf(facts);
  const pondered = choicesOf(facts.choices).tailored ? facts.interest?.pondered?.sku : undefined;
  return pondered === undefined ? topic : { ...topic, sku: pondered };
}
