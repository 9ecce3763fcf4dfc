/** Events for tests, made the way real ones are: through the schema of their type. */
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { eventType } from '../../shared/lifecycle/events/event-types.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';

/** A Monday at noon, UTC. */
export const START: Instant = Date.parse('2026-03-02T12:00:00Z');

/** So many days after {@link START}. */
export const day = (days: number): Instant => START + days * DAY;

export const CUSTOMER = 'c-1';

/** An event of a type, validated. */
export function event(
  type: string,
  occurredAt: Instant,
  data: Readonly<Record<string, unknown>> = {},
  id = `${type}@${occurredAt}${JSON.stringify(data)
    .replaceAll(/[^A-Za-z0-9]/gu, '')
    .slice(0, 60)}`,
): CustomerEvent {
  const detail = {
    metadata: { id, version: 1, occurredAt: new Date(occurredAt).toISOString() },
    data: { customerId: CUSTOMER, ...data },
  };
  const parsed = parseEvent({ source: eventType(type)?.source ?? 'shop', detailType: type, detail }, occurredAt);
  if (parsed.kind !== 'event') throw new Error(`the test made an event that is ${JSON.stringify(parsed)}`);
  return parsed.event;
}

export const registered = (at: Instant, data: Readonly<Record<string, unknown>> = {}): CustomerEvent =>
  event('Customer Registered', at, {
    email: 'anna@example.com',
    consent: { marketing: 'opt_in', source: 'signup form', at: new Date(at).toISOString() },
    ...data,
  });

export const bought = (at: Instant, orderId = `o${at}`, data: Readonly<Record<string, unknown>> = {}): CustomerEvent =>
  event('Purchase Completed', at, { orderId, total: 60, currency: 'USD', ...data });

export const cancelledOrder = (at: Instant, orderId: string): CustomerEvent =>
  event('Order Cancelled', at, { orderId });

export const delivered = (at: Instant, orderId: string): CustomerEvent => event('Order Delivered', at, { orderId });

export const refunded = (at: Instant, orderId: string, amount: number, refundId = `r${at}`): CustomerEvent =>
  event('Purchase Refunded', at, { orderId, refundId, amount, currency: 'USD' });

export const loggedIn = (at: Instant): CustomerEvent => event('Login Succeeded', at);

export const complained = (at: Instant, complaintId = 'k-1', severity = 'normal'): CustomerEvent =>
  event('Complaint Opened', at, { complaintId, channel: 'email', severity });

export const resolved = (at: Instant, complaintId = 'k-1'): CustomerEvent =>
  event('Complaint Resolved', at, { complaintId });

/** Choices of the reader; by one click unless said otherwise. */
export const chose = (at: Instant, data: Readonly<Record<string, unknown>>, id?: string): CustomerEvent =>
  event('Preferences Changed', at, { how: 'one-click', ...data }, id);

/** Consent as an event states it. */
export const consentAt = (at: Instant, marketing = 'opt_in') => ({
  consent: { marketing, source: 'form', at: new Date(at).toISOString() },
});

export const answered = (
  at: Instant,
  answer: string,
  question = 'reason',
  data: Readonly<Record<string, unknown>> = {},
): CustomerEvent => event('Question Answered', at, { programme: 'win-back', step: 'ask', question, answer, ...data });

export const addressSuppressed = (at: Instant, reason: 'hard bounce' | 'spam complaint'): CustomerEvent =>
  event('Address Suppressed', at, { reason });

export const viewed = (at: Instant, data: Readonly<Record<string, unknown>> = {}): CustomerEvent =>
  event('Product Viewed', at, { sku: 'pot-1', ...data });

export const downloaded = (at: Instant, data: Readonly<Record<string, unknown>> = {}): CustomerEvent =>
  event('Content Downloaded', at, { contentId: 'guide', ...data });

/** One article in the cart, or none. */
export const filledCart = (at: Instant, articles = 1): CustomerEvent =>
  event('Cart Updated', at, {
    items: Array.from({ length: articles }, (_, index) => ({
      sku: `pot-${index + 1}`,
      name: 'Teapot',
      quantity: 1,
      price: 60,
      category: 'pots',
    })),
    currency: 'USD',
    resumeUrl: 'https://shop.example.com/cart/1',
  });

export const checkedOut = (at: Instant): CustomerEvent =>
  event('Checkout Started', at, { resumeUrl: 'https://shop.example.com/checkout/1' });

export const reviewed = (
  at: Instant,
  rating: number,
  { reviewId = `v${at}`, channel = 'shop' }: { readonly reviewId?: string; readonly channel?: string } = {},
): CustomerEvent => event('Review Posted', at, { reviewId, rating, channel });

export const scored = (at: Instant, score: number): CustomerEvent => event('Nps Answered', at, { score });

export const stoppedRenewal = (at: Instant, endsAt: Instant, subscriptionId = 's-1'): CustomerEvent =>
  event('Subscription Renewal Stopped', at, { subscriptionId, endsAt: new Date(endsAt).toISOString() });

export const resumedRenewal = (at: Instant, subscriptionId = 's-1'): CustomerEvent =>
  event('Subscription Renewal Resumed', at, { subscriptionId });

export const erasureRequested = (at: Instant): CustomerEvent =>
  event('Customer Erasure Requested', at, { requestId: `q${at}` });
