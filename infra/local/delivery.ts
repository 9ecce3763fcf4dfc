/** Events on their way from a shop to the bus, and the order in which they go. */

/** One event as a shop emits it. `data` is not checked here: the simulated shop makes mistakes on purpose. */
export interface ShopEvent {
  readonly source: string;
  readonly detailType: string;
  readonly customerId: string;
  readonly detail: {
    readonly metadata: { readonly id: string; readonly version: 1; readonly occurredAt: string };
    readonly data: Readonly<Record<string, unknown>>;
  };
}

/** An event and the instant (epoch milliseconds) at which the bus gets it. */
export interface Delivery {
  readonly at: number;
  readonly event: ShopEvent;
}

/** What a shop says first comes first when two events of one customer carry the same instant. */
const TELLING_ORDER: readonly string[] = [
  'Customer Registered',
  'Profile Updated',
  'Preference Declared',
  'Login Succeeded',
  'Product Viewed',
  'Content Downloaded',
  'Coupon Applied',
  'Cart Updated',
  'Checkout Started',
  'Purchase Completed',
  'Order Cancelled',
  'Order Delivered',
  'Change Requested',
  'Change Confirmed',
  'Return Requested',
  'Purchase Refunded',
  'Review Posted',
  'Nps Answered',
  'Subscription Renewal Stopped',
  'Subscription Renewal Resumed',
  'Complaint Opened',
  'Complaint Resolved',
];

/** Orders texts by code unit: unlike a collation it is the same on every machine. */
export function byCodeUnit(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Total order (time, customer, kind, event id) of deliveries, so that lines in any order are played alike. */
export function byTimeAndCustomer(left: Delivery, right: Delivery): number {
  return (
    left.at - right.at ||
    byCodeUnit(left.event.customerId, right.event.customerId) ||
    TELLING_ORDER.indexOf(left.event.detailType) - TELLING_ORDER.indexOf(right.event.detailType) ||
    byCodeUnit(left.event.detail.metadata.id, right.event.detail.metadata.id)
  );
}
