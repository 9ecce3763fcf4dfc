/** The types a shop written in TypeScript compiles against agree with what is validated. */
import { expect, it } from 'vitest';
import type {
  AccountRanked,
  AddressSuppressed,
  AttentionHandled,
  CampaignAddressed,
  CartUpdated,
  ChangeConfirmed,
  ChangeRequested,
  CheckoutStarted,
  ComplaintOpened,
  ComplaintResolved,
  ContentDownloaded,
  CouponApplied,
  CustomerErasureRequested,
  CustomerEventDetail,
  CustomerEvents,
  CustomerRegistered,
  LoginSucceeded,
  MailClicked,
  NpsAnswered,
  OfferConfirmed,
  OrderCancelled,
  OrderDelivered,
  PreferenceDeclared,
  PreferencesChanged,
  ProductViewed,
  ProfileUpdated,
  PurchaseCompleted,
  PurchaseRefunded,
  QuestionAnswered,
  ReferralMade,
  ReturnRequested,
  ReviewPosted,
  SubscriptionRenewalResumed,
  SubscriptionRenewalStopped,
} from '../../shared/events.ts';
import { eventType } from '../../shared/lifecycle/events/event-types.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const customerId = 'c-1';
const orderId = 'o-1';
const complaintId = 'k-1';

const registered: CustomerRegistered = {
  customerId,
  email: 'anna@example.com',
  consent: { marketing: 'soft_opt_in', source: 'checkout', at: '2026-11-01T08:00:00+01:00' },
};
const updated: ProfileUpdated = { customerId, accountManager: { name: 'Leila', email: 'leila@shop.example.com' } };
const item = { sku: 'tea', name: 'Tea', quantity: 0.5, price: 12.5, imageUrl: 'https://shop.example.com/tea.png' };
const purchased: PurchaseCompleted = { customerId, orderId, total: 6.25, currency: 'EUR', items: [item] };
const cancelled: OrderCancelled = { customerId, orderId };
const delivered: OrderDelivered = { customerId, orderId };
const refunded: PurchaseRefunded = { customerId, orderId, refundId: 'r-1', amount: 6.25, currency: 'EUR' };
const loggedIn: LoginSucceeded = { customerId };
const complained: ComplaintOpened = { customerId, complaintId, channel: 'phone', severity: 'low' };
const resolved: ComplaintResolved = { customerId, complaintId, compensation: 'The delivery cost nothing' };
const preferred: PreferencesChanged = {
  customerId,
  how: 'shop',
  promotion: 'on',
  programmes: { 'win-back': 'off' },
  pace: 'less',
  consent: { marketing: 'opt_in', source: 'account page', at: '2026-11-22T08:00:00+01:00' },
};
const answered: QuestionAnswered = {
  customerId,
  programme: 'win-back',
  step: 'ask',
  question: 'reason',
  answer: 'price',
};
const addressed: CampaignAddressed = {
  customerId,
  campaign: 'spring',
  step: 'new-harvest',
  at: '2026-11-23T09:00:00+01:00',
  audience: 'stage=active',
};
const suppressed: AddressSuppressed = { customerId, reason: 'hard bounce' };
const viewed: ProductViewed = { customerId, sku: 'tea', kind: 'comparison', price: 12.5, currency: 'EUR' };
const downloaded: ContentDownloaded = { customerId, contentId: 'guide', category: 'tea' };
const resumeUrl = 'https://shop.example.com/checkout/1';
const filled: CartUpdated = { customerId, items: [item], currency: 'EUR', resumeUrl };
const checkedOut: CheckoutStarted = { customerId, resumeUrl };
const redeemed: CouponApplied = { customerId, coupon: 'TEN', orderId };
const returning: ReturnRequested = { customerId, returnId: 'rt-1', orderId };
const changing: ChangeRequested = { customerId, changeId: 'ch-1', what: 'another glaze', cost: 0, currency: 'EUR' };
const changed: ChangeConfirmed = { customerId, changeId: 'ch-1' };
const stopped: SubscriptionRenewalStopped = { customerId, subscriptionId: 's-1', endsAt: '2027-01-01T00:00:00Z' };
const resumed: SubscriptionRenewalResumed = { customerId, subscriptionId: 's-1' };
const reviewed: ReviewPosted = { customerId, reviewId: 'rv-1', rating: 5, channel: 'third_party' };
const scored: NpsAnswered = { customerId, score: 10 };
const declared: PreferenceDeclared = { customerId, style: 'efficient' };
const referred: ReferralMade = { customerId, friendId: 'c-2', kind: 'influencer' };
const handled: AttentionHandled = { customerId, attentionId: '1/critic/1' };
const confirmed: OfferConfirmed = { customerId, offerId: 'o-1', code: 'TEN' };
const clicked: MailClicked = { customerId, key: '1/onboarding/guide/1' };
const ranked: AccountRanked = { customerId, share: 0.01, keyAccount: true };
const erasure: CustomerErasureRequested = { customerId, requestId: 'gdpr-1' };

const events = {
  'Customer Registered': registered,
  'Profile Updated': updated,
  'Purchase Completed': purchased,
  'Order Cancelled': cancelled,
  'Order Delivered': delivered,
  'Purchase Refunded': refunded,
  'Login Succeeded': loggedIn,
  'Complaint Opened': complained,
  'Complaint Resolved': resolved,
  'Preferences Changed': preferred,
  'Question Answered': answered,
  'Address Suppressed': suppressed,
  'Product Viewed': viewed,
  'Content Downloaded': downloaded,
  'Cart Updated': filled,
  'Checkout Started': checkedOut,
  'Coupon Applied': redeemed,
  'Return Requested': returning,
  'Change Requested': changing,
  'Change Confirmed': changed,
  'Subscription Renewal Stopped': stopped,
  'Subscription Renewal Resumed': resumed,
  'Review Posted': reviewed,
  'Nps Answered': scored,
  'Preference Declared': declared,
  'Referral Made': referred,
  'Attention Handled': handled,
  'Offer Confirmed': confirmed,
  'Mail Clicked': clicked,
  'Account Ranked': ranked,
  'Campaign Addressed': addressed,
  'Customer Erasure Requested': erasure,
} satisfies CustomerEvents;

it.each(Object.entries(events))('what compiles as %s is taken in', (detailType, data) => {
  const detail: CustomerEventDetail<typeof data> = {
    metadata: { id: 'e-1', version: 1, occurredAt: '2026-11-22T12:00:00Z' },
    data,
  };

  expect(parseEvent({ source: eventType(detailType)?.source ?? 'shop', detailType, detail }, NOON)).toMatchObject({
    kind: 'event',
    event: { data },
  });
});

it('the types refuse what is refused', () => {
  // @ts-expect-error -- a severity nobody knows
  const severity: ComplaintOpened = { ...complained, severity: 'enormous' };
  // @ts-expect-error -- a reason that suppresses nothing
  const suppression: AddressSuppressed = { customerId, reason: 'full mailbox' };
  // @ts-expect-error -- an order without its id
  const order: OrderCancelled = { customerId };
  const metadata = { id: 'e-1', version: 2, occurredAt: '2026-11-22T12:00:00Z' } as const;
  // @ts-expect-error -- a version of the contract that does not exist
  const version: CustomerEventDetail<LoginSucceeded> = { metadata, data: loggedIn };

  const wrong = [
    ['Complaint Opened', { metadata: { ...metadata, version: 1 }, data: severity }],
    ['Order Cancelled', { metadata: { ...metadata, version: 1 }, data: order }],
    ['Address Suppressed', { metadata: { ...metadata, version: 1 }, data: suppression }],
    ['Login Succeeded', version],
  ] as const;
  for (const [detailType, detail] of wrong) {
    expect(parseEvent({ source: 'shop', detailType, detail }, NOON)).toMatchObject({ kind: 'refused' });
  }
});
