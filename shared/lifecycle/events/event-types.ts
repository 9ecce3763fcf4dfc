/** Every event type a shop may emit, and those our own functions emit about readers and addresses. A new type is one file beside this one, its test, and one line here. */
import { accountRanked } from './account-ranked.ts';
import { addressSuppressed } from './address-suppressed.ts';
import { attentionHandled } from './attention-handled.ts';
import { campaignAddressed } from './campaign-addressed.ts';
import { cartUpdated } from './cart-updated.ts';
import { changeConfirmed } from './change-confirmed.ts';
import { changeRequested } from './change-requested.ts';
import { checkoutStarted } from './checkout-started.ts';
import { complaintOpened } from './complaint-opened.ts';
import { complaintResolved } from './complaint-resolved.ts';
import { contentDownloaded } from './content-downloaded.ts';
import { couponApplied } from './coupon-applied.ts';
import { customerErasureRequested } from './customer-erasure-requested.ts';
import { customerRegistered } from './customer-registered.ts';
import type { EventType } from './definition.ts';
import { loginSucceeded } from './login-succeeded.ts';
import { mailClicked } from './mail-clicked.ts';
import { npsAnswered } from './nps-answered.ts';
import { offerConfirmed } from './offer-confirmed.ts';
import { orderCancelled } from './order-cancelled.ts';
import { orderDelivered } from './order-delivered.ts';
import { preferenceDeclared } from './preference-declared.ts';
import { preferencesChanged } from './preferences-changed.ts';
import { productViewed } from './product-viewed.ts';
import { profileUpdated } from './profile-updated.ts';
import { purchaseCompleted } from './purchase-completed.ts';
import { purchaseRefunded } from './purchase-refunded.ts';
import { questionAnswered } from './question-answered.ts';
import { referralMade } from './referral-made.ts';
import { returnRequested } from './return-requested.ts';
import { reviewPosted } from './review-posted.ts';
import { subscriptionRenewalResumed } from './subscription-renewal-resumed.ts';
import { subscriptionRenewalStopped } from './subscription-renewal-stopped.ts';

export const EVENT_TYPES = [
  customerRegistered,
  profileUpdated,
  productViewed,
  contentDownloaded,
  cartUpdated,
  checkoutStarted,
  couponApplied,
  purchaseCompleted,
  orderCancelled,
  orderDelivered,
  returnRequested,
  purchaseRefunded,
  changeRequested,
  changeConfirmed,
  subscriptionRenewalStopped,
  subscriptionRenewalResumed,
  loginSucceeded,
  complaintOpened,
  complaintResolved,
  reviewPosted,
  npsAnswered,
  preferenceDeclared,
  referralMade,
  attentionHandled,
  offerConfirmed,
  preferencesChanged,
  questionAnswered,
  mailClicked,
  addressSuppressed,
  accountRanked,
  campaignAddressed,
  customerErasureRequested,
] as const satisfies readonly EventType[];

const byName = new Map<string, EventType>(EVENT_TYPES.map((each) => [each.type, each]));

export function eventType(name: string): EventType | undefined {
  return byName.get(name);
}
