/**
 * The events a shop emits, as TypeScript types: the one entry point for code that puts them on the bus. All of them
 * come from the schemas that validate what arrives, so what compiles against them differs from them in values only.
 *
 * @example
 * import type { CustomerEventDetail, PurchaseCompleted } from 'perennial/shared/events.ts';
 *
 * const detail: CustomerEventDetail<PurchaseCompleted> = {
 *   metadata: { id: 'evt-20001', version: 1, occurredAt: '2026-11-01T09:30:00Z' },
 *   data: { customerId: 'c-1042', orderId: '20001', total: 429, currency: 'SEK' },
 * };
 */
import type * as z from 'zod/mini';
import type { EVENT_TYPES } from './lifecycle/events/event-types.ts';
import type { detailSchema } from './lifecycle/events/parse-event.ts';

/** Detail-type on the bus → its data. A type that is added to the list of event types appears here by itself. */
export type CustomerEvents = {
  readonly [Each in (typeof EVENT_TYPES)[number] as Each['type']]: z.output<Each['data']>;
};

/** The `detail` of an event: who said it when, and what was said. */
export type CustomerEventDetail<Data extends CustomerEvents[keyof CustomerEvents]> = Pick<
  z.output<ReturnType<typeof detailSchema>>,
  'metadata'
> & { readonly data: Data };

export type CustomerRegistered = CustomerEvents['Customer Registered'];
export type ProfileUpdated = CustomerEvents['Profile Updated'];
export type ProductViewed = CustomerEvents['Product Viewed'];
export type ContentDownloaded = CustomerEvents['Content Downloaded'];
export type CartUpdated = CustomerEvents['Cart Updated'];
export type CheckoutStarted = CustomerEvents['Checkout Started'];
export type CouponApplied = CustomerEvents['Coupon Applied'];
export type PurchaseCompleted = CustomerEvents['Purchase Completed'];
export type OrderCancelled = CustomerEvents['Order Cancelled'];
export type OrderDelivered = CustomerEvents['Order Delivered'];
export type ReturnRequested = CustomerEvents['Return Requested'];
export type PurchaseRefunded = CustomerEvents['Purchase Refunded'];
export type ChangeRequested = CustomerEvents['Change Requested'];
export type ChangeConfirmed = CustomerEvents['Change Confirmed'];
export type SubscriptionRenewalStopped = CustomerEvents['Subscription Renewal Stopped'];
export type SubscriptionRenewalResumed = CustomerEvents['Subscription Renewal Resumed'];
export type LoginSucceeded = CustomerEvents['Login Succeeded'];
export type ComplaintOpened = CustomerEvents['Complaint Opened'];
export type ComplaintResolved = CustomerEvents['Complaint Resolved'];
export type ReviewPosted = CustomerEvents['Review Posted'];
export type NpsAnswered = CustomerEvents['Nps Answered'];
export type PreferenceDeclared = CustomerEvents['Preference Declared'];
export type ReferralMade = CustomerEvents['Referral Made'];
export type AttentionHandled = CustomerEvents['Attention Handled'];
export type OfferConfirmed = CustomerEvents['Offer Confirmed'];
export type PreferencesChanged = CustomerEvents['Preferences Changed'];
export type QuestionAnswered = CustomerEvents['Question Answered'];
export type MailClicked = CustomerEvents['Mail Clicked'];
export type AddressSuppressed = CustomerEvents['Address Suppressed'];
export type AccountRanked = CustomerEvents['Account Ranked'];
export type CampaignAddressed = CustomerEvents['Campaign Addressed'];
export type CustomerErasureRequested = CustomerEvents['Customer Erasure Requested'];
