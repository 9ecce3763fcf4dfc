/** What one customer of the simulated shop does, written down as the events the shop emits. */
import type { Delivery, ShopEvent } from '../delivery.ts';
import type { Chance } from '../random.ts';
import { basket, CURRENCY, type Taste, totalOf } from './catalogue.ts';
import type { Person } from './people.ts';

const SOURCE = 'shop.web';
const CHECKOUT_WORDING = '2025-04';

type Consent = 'opt_in' | 'soft_opt_in' | 'none';

export interface Diary {
  readonly customerId: string;
  readonly entries: readonly Delivery[];
  register(at: number, consent: Consent, referredBy?: string): void;
  /** Returns the order id. */
  buy(at: number, taste: Taste): string;
  deliver(at: number, orderId: string): void;
  cancel(at: number, orderId: string): void;
  refund(at: number, orderId: string, amount: number): void;
  logIn(at: number): void;
  /** Returns the complaint id. */
  complain(at: number, severity: 'low' | 'normal' | 'high', orderId?: string): string;
  resolve(at: number, complaintId: string): void;
}

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
    buy(at, taste) {
      const orderId = `order-${page}-${entries.length + 1}`;
      const items = basket(taste, chance);
      write(at, 'Purchase Completed', { orderId, total: totalOf(items), currency: CURRENCY, items });
      return orderId;
    },
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

/** Malformed events, one after the other from `at` on. */
export function mistakes(at: number, page: string): Delivery[] {
  return MISTAKES.map(([detailType, data], index) => ({
    at: at + index,
    event: event(detailType, String(data['customerId']), `${page}-mistake-${index + 1}`, at, data),
  }));
}
