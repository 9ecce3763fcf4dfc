/** Journal items: an event in canonical JSON, so that "same id, same content" is a comparison of text. */
import type { CustomerEvent } from '../lifecycle/events/definition.ts';

/** Keys in order, at every depth: two events with the same content have the same text. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What makes an event the same event: everything but the correlation id, which a retry may change. */
export function contentOf({ type, occurredAt, data }: CustomerEvent): string {
  return JSON.stringify({ type, occurredAt, data }, sorted);
}

/** The inverse of {@link contentOf}. */
export function eventFrom(customerId: string, id: string, content: string): CustomerEvent {
  const { type, occurredAt, data }: Pick<CustomerEvent, 'type' | 'occurredAt' | 'data'> = JSON.parse(content);
  return { id, customerId, type, occurredAt, data };
}
