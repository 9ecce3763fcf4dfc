/** What one customer of the simulated shop does, written down as the events the shop emits. */
import type { Delivery, ShopEvent } from '../delivery.ts';
import type { Chance } from '../random.ts';
import { type Article, basket, CURRENCY, line, SHOP_URL, type Taste, totalOf } from './catalogue.ts';
import type { Person } from './people.ts';

const SOURCE = 'shop.web';
const CHECKOUT_WORDING = '2025-04';

type Consent = 'opt_in' | 'soft_opt_in' | 'none';

/** What may be special about an order. */
interface Terms {
  readonly coupon?: string;
  /** What was taken off, in euro. */
  readonly discount?: number;
  readonly promisedBy?: number;
}

interface Declaration {
  readonly style?: 'efficient' | 'traditional';
  readonly previousSupplier?: string;
  readonly objection?: string;
}

export interface Diary {
  readonly customerId: string;
  readonly entries: readonly Delivery[];
  register(at: number, consent: Consent, referredBy?: string): void;
  /** Returns the order id. */
  buy(at: number, taste: Taste, terms?: Terms): string;
  view(at: number, article: Article, kind?: 'product' | 'comparison' | 'specification'): void;
  download(at: number, article: Article): void;
  fillCart(at: number, article: Article): void;
  startCheckout(at: number, article: Article): void;
  enterCoupon(at: number, coupon: string): void;
  review(at: number, rating: number, channel: 'shop' | 'social' | 'third_party'): void;
  answerNps(at: number, score: number): void;
  declare(at: number, declaration: Declaration): void;
  /** Returns the subscription id. */
  stopRenewal(at: number, endsAt: number): string;
  resumeRenewal(at: number, subscriptionId: string): void;
  /** Returns the change id; without a cost a person has to name one. */
  requestChange(at: number, cost?: number): string;
  confirmChange(at: number, changeId: string): void;
  requestReturn(at: number, orderId: string): void;
  deliver(at: number, orderId: string): void;
  cancel(at: number, orderId: string): void;
  refund(at: number, orderId: string, amount: number): void;
  logIn(at: number): void;
  /** Returns the complaint id. */
  complain(at: number, severity: 'low' | 'normal' | 'high', orderId?: string): string;
  resolve(at: number, complaintId: string): void;
}

const WISHES = ['The green glaze instead of the blue one', 'A larger pot', 'Delivery to another address'] as const;
/** How much later an order arrives that was changed, milliseconds. */
const CHANGE_TAKES = 10 * 24 * 60 * 60 * 1000;
const CENT = 100;

const OUTCOMES = [
  { outcome: 'A replacement is on its way' },
  { outcome: 'The parcel was found and handed over' },
  { outcome: 'We refunded the broken cup', compensation: 'The delivery cost nothing' },
] as const;

/**
 * @param page makes every id of this diary unique, also beside another diary of the same customer
 */
export function openDiary(person: Person, page: string, chance: Chance): Diary {
  const entries: Delivery[] = [];
  const { customerId } = person;

  const write = (at: number, detailType: string, data: Readonly<Record<string, unknown>>): void => {
    const id = `${page}-${entries.length + 1}`;
    entries.push({ at, event: event(detailType, customerId, id, at, { customerId, ...data }) });
  };

  return {
    customerId,
    entries,
    register(at, consent, referredBy) {
      write(at, 'Customer Registered', {
        email: person.email,
        name: person.name,
        locale: person.locale,
        timeZone: person.timeZone,
        consent: {
          marketing: consent,
          source: consent === 'opt_in' ? 'sign-up form' : 'checkout',
          at: new Date(at).toISOString(),
          wording: CHECKOUT_WORDING,
        },
        ...(referredBy !== undefined && { referral: { by: referredBy, recommended: 'Jasmine Pearls' } }),
      });
    },
    buy(at, taste, { discount = 0, promisedBy, coupon } = {}) {
      const orderId = `order-${page}-${entries.length + 1}`;
      const items = basket(taste, chance);
      const total = Math.max(0, Math.round((totalOf(items) - discount) * CENT) / CENT);
      write(at, 'Purchase Completed', {
        orderId,
        total,
        currency: CURRENCY,
        items,
        ...(discount > 0 && { discount }),
        ...(coupon !== undefined && { coupon }),
        ...(promisedBy !== undefined && { promisedBy: new Date(promisedBy).toISOString() }),
      });
      return orderId;
    },
    view: (at, { sku, category, name, price }, kind = 'product') =>
      write(at, 'Product Viewed', { sku, category, kind, name, price, currency: CURRENCY }),
    download: (at, { sku, category }) => write(at, 'Content Downloaded', { contentId: `guide-${sku}`, sku, category }),
    fillCart: (at, article) =>
      write(at, 'Cart Updated', {
        items: [line(article, 1)],
        currency: CURRENCY,
        resumeUrl: `${SHOP_URL}/cart/${page}`,
      }),
    startCheckout: (at, article) =>
      write(at, 'Checkout Started', {
        items: [line(article, 1)],
        total: article.price,
        currency: CURRENCY,
        resumeUrl: `${SHOP_URL}/checkout/${page}`,
      }),
    enterCoupon: (at, coupon) => write(at, 'Coupon Applied', { coupon }),
    review: (at, rating, channel) =>
      write(at, 'Review Posted', { reviewId: `review-${page}-${entries.length + 1}`, rating, channel }),
    answerNps: (at, score) => write(at, 'Nps Answered', { score }),
    declare: (at, declaration) => write(at, 'Preference Declared', { ...declaration }),
    stopRenewal(at, endsAt) {
      const subscriptionId = `subscription-${customerId}`;
      write(at, 'Subscription Renewal Stopped', { subscriptionId, endsAt: new Date(endsAt).toISOString() });
      return subscriptionId;
    },
    resumeRenewal: (at, subscriptionId) => write(at, 'Subscription Renewal Resumed', { subscriptionId }),
    requestChange(at, cost) {
      const changeId = `change-${page}-${entries.length + 1}`;
      write(at, 'Change Requested', {
        changeId,
        what: chance.pick(WISHES),
        ...(cost !== undefined && { cost, currency: CURRENCY, newDate: new Date(at + CHANGE_TAKES).toISOString() }),
      });
      return changeId;
    },
    confirmChange: (at, changeId) => write(at, 'Change Confirmed', { changeId }),
    requestReturn: (at, orderId) => write(at, 'Return Requested', { returnId: `return-${orderId}`, orderId }),
    deliver: (at, orderId) => write(at, 'Order Delivered', { orderId }),
    cancel: (at, orderId) => write(at, 'Order Cancelled', { orderId }),
    refund: (at, orderId, amount) =>
      write(at, 'Purchase Refunded', { orderId, refundId: `refund-${orderId}`, amount, currency: CURRENCY }),
    logIn: (at) => write(at, 'Login Succeeded', {}),
    complain(at, severity, orderId) {
      const complaintId = `case-${page}-${entries.length + 1}`;
      const channel = chance.pick(['email', 'phone', 'chat']);
      write(at, 'Complaint Opened', { complaintId, channel, severity, ...(orderId !== undefined && { orderId }) });
      return complaintId;
    },
    resolve: (at, complaintId) => write(at, 'Complaint Resolved', { complaintId, ...chance.pick(OUTCOMES) }),
  };
}

function event(
  detailType: string,
  customerId: string,
  id: string,
  at: number,
  data: Readonly<Record<string, unknown>>,
): ShopEvent {
  return {
    source: SOURCE,
    detailType,
    customerId,
    detail: { metadata: { id, version: 1, occurredAt: new Date(at).toISOString() }, data },
  };
}

/** The mistakes a shop's engineer makes on the first day; the pipeline refuses each with its reason. */
const MISTAKES: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['Purchase Completed', { customerId: 'c-9001', orderId: 'order-9001', total: -24.9, currency: CURRENCY }],
  ['Purchase Completed', { customerId: 'c-9002', orderId: 'order-9002', total: 24.9, currency: 'EURO' }],
  ['Login Succeeded', { customerId: 'someone@example.com' }],
];

/** Malformed events, one after the other from `at` on, whose ids say what they are. */
export function mistakes(at: number, page: string): Delivery[] {
  return MISTAKES.map(([detailType, data], index) => ({
    at: at + index,
    event: event(detailType, String(data['customerId']), `${page}-mistake-${index + 1}`, at, data),
  }));
}
