import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../infra/local/delivery.ts';
import { disordered } from '../../infra/local/player/disorder.ts';
import type { ComplaintRow, LoginRow, OrderRow } from '../../infra/local/player/rows.ts';
import { type ExportRows, timelineOf } from '../../infra/local/player/timeline.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import { DAY } from '../../shared/lifecycle/time.ts';

const NOON = Date.UTC(2026, 0, 1, 12);

function order(customer: string, day: number, amount: number, more: Partial<OrderRow> = {}): OrderRow {
  return {
    customer_id: customer,
    date: NOON + day * DAY,
    amount,
    order_id: undefined,
    email: undefined,
    name: undefined,
    locale: undefined,
    currency: undefined,
    discount: undefined,
    ...more,
  };
}

function login(customer: string, day: number): LoginRow {
  return { customer_id: customer, date: NOON + day * DAY };
}

function complaint(customer: string, day: number, more: Partial<ComplaintRow> = {}): ComplaintRow {
  return {
    customer_id: customer,
    date: NOON + day * DAY,
    complaint_id: undefined,
    channel: undefined,
    severity: undefined,
    resolved: undefined,
    ...more,
  };
}

function timeline(rows: Partial<ExportRows>, until?: number, included = true) {
  const found = timelineOf(
    { orders: [], logins: [], complaints: [], ...rows },
    until === undefined ? undefined : { instant: until, included },
  );
  if (found === undefined) throw new Error('nothing to play');
  return found;
}

function told(deliveries: readonly Delivery[], detailType: string) {
  return deliveries.filter((each) => each.event.detailType === detailType).map((each) => each.event.detail);
}

const idsOf = (deliveries: readonly Delivery[]) => deliveries.map((each) => each.event.detail.metadata.id);

describe('what rows become', () => {
  it('announces a customer just before the first event, with consent and an address made up for the purpose', () => {
    const { deliveries, events, start, end } = timeline({ orders: [order('0001', 3, 5)], logins: [login('0001', 1)] });
    expect(deliveries.map((each) => each.event.detailType)).toEqual([
      'Customer Registered',
      'Login Succeeded',
      'Purchase Completed',
    ]);
    const occurredAt = new Date(NOON + DAY).toISOString();
    expect(deliveries[0]?.event).toMatchObject({
      source: 'shop.export',
      detail: {
        metadata: { version: 1, occurredAt },
        data: {
          customerId: '0001',
          email: 'customer-0001@example.com',
          consent: { marketing: 'opt_in', source: 'export', at: occurredAt },
        },
      },
    });
    expect({ events, start, end }).toEqual({ events: 2, start: NOON + DAY, end: NOON + 3.5 * DAY });
  });

  it('takes address, name and locale from the earliest row that has them', () => {
    const { deliveries } = timeline({
      orders: [
        order('a', 2, 1, { email: 'later@example.org', name: 'Ann', locale: 'sv-SE' }),
        order('a', 1, 1, { email: 'first@example.org' }),
        order('a', 0, 1),
      ],
    });
    expect(told(deliveries, 'Customer Registered').map((each) => each.data)).toEqual([
      expect.objectContaining({ email: 'first@example.org', name: 'Ann', locale: 'sv-SE' }),
    ]);
  });

  it('makes an address from any id', () => {
    const { deliveries } = timeline({ orders: ['Ä 1', 'A', 'a', 'x'.repeat(90)].map((id) => order(id, 0, 1)) });
    const addresses = told(deliveries, 'Customer Registered').map((each) => String(each.data['email']));
    expect(new Set(addresses).size).toBe(4);
    for (const address of addresses) expect(address).toMatch(/^customer-[a-z0-9]{1,40}@example\.com$/);
  });

  it('takes identical rows for separate orders, unless they share an order id', () => {
    const nameless = timeline({ orders: [order('a', 0, 5), order('a', 0, 5), order('b', 0, 5)] });
    expect(nameless.events).toBe(3);
    expect(new Set(told(nameless.deliveries, 'Purchase Completed').map((each) => each.data['orderId'])).size).toBe(3);

    const named = timeline({ orders: [order('a', 0, 5, { order_id: 'o' }), order('a', 0, 5, { order_id: 'o' })] });
    expect(named.events).toBe(1);
    const ids = told(named.deliveries, 'Purchase Completed').map((each) => each.metadata.id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('never gives one event id to two different statements', () => {
    const { deliveries, events } = timeline({
      orders: [order('a', 0, 5, { order_id: 'o' }), order('a', 0, 6, { order_id: 'o' })],
    });
    expect(events).toBe(1);
    expect(new Set(told(deliveries, 'Purchase Completed').map((each) => each.metadata.id)).size).toBe(2);
  });

  it('counts a complaint once, resolved or not, and solves it at its own date', () => {
    const { deliveries, events } = timeline(
      { complaints: [complaint('a', 0, { resolved: NOON + 2 * DAY }), complaint('a', 0, { severity: 'high' })] },
      NOON + 9 * DAY,
    );
    expect(events).toBe(2);
    const [solution] = told(deliveries, 'Complaint Resolved');
    expect(solution?.metadata.occurredAt).toBe(new Date(NOON + 2 * DAY).toISOString());
    expect(told(deliveries, 'Complaint Opened').map((each) => each.data['complaintId'])).toContain(
      solution?.data['complaintId'],
    );
  });

  it('plays the day of the last order to its end and leaves out what comes after', () => {
    const evening = { customer_id: 'a', date: NOON + 5 * DAY + DAY / 4 };
    const found = timeline({ orders: [order('a', 5, 1)], logins: [evening, login('a', 6)] });
    expect(found.end).toBe(Date.UTC(2026, 0, 7));
    expect([found.events, found.leftOut]).toEqual([2, 1]);
  });

  it('plays up to a given instant, that instant included', () => {
    const found = timeline({ orders: [order('a', 0, 1), order('a', 1, 1), order('b', 2, 1)] }, NOON + DAY);
    expect([found.events, found.leftOut, found.end]).toEqual([2, 1, NOON + DAY]);
    expect(told(found.deliveries, 'Customer Registered')).toHaveLength(1);
    expect(
      timelineOf({ orders: [order('a', 1, 1)], logins: [], complaints: [] }, { instant: NOON, included: true }),
    ).toBeUndefined();
  });

  it('plays a day without the midnight that ends it', () => {
    const midnight = NOON + DAY / 2;
    const complaints = [complaint('a', 0, { resolved: midnight })];
    const rows = { orders: [order('a', 0, 1), order('a', 0.5, 2)], complaints };
    const day = timeline(rows, midnight, false);
    expect([day.events, day.leftOut, day.end]).toEqual([2, 1, midnight]);
    expect(told(day.deliveries, 'Complaint Resolved')).toEqual([]);
    const instant = timeline(rows, midnight);
    expect([instant.events, instant.leftOut]).toEqual([3, 0]);
    expect(told(instant.deliveries, 'Complaint Resolved')).toHaveLength(1);
  });

  it('plays the last order when that is at midnight', () => {
    const found = timeline({ orders: [order('a', 0, 1), order('a', 0.5, 2)] });
    expect([found.events, found.leftOut, found.end]).toEqual([2, 0, NOON + 1.5 * DAY]);
  });

  it('says nothing that the contract of the events refuses', () => {
    const { deliveries } = timeline({
      orders: [
        order('a', 0, 5, { discount: 1, email: 'a@example.org', name: 'لیلا', locale: 'fa-IR', currency: 'JPY' }),
        order('a', 0, 5, { order_id: 'o' }),
        order('Ä 1', 0, 0),
      ],
      logins: [login('b', 0)],
      complaints: [complaint('c', 0, { resolved: NOON }), complaint('c', 0, { complaint_id: 'k', channel: 'chat' })],
    });
    const kinds = deliveries.map(({ at, event }) => parseEvent(event, at).kind);
    expect(new Set(kinds)).toEqual(new Set(['event']));
  });
});

const rows = fc.record({
  orders: fc.array(
    fc
      .record({
        customer: fc.constantFrom('a', 'b', 'c'),
        day: fc.nat(3),
        amount: fc.nat(2),
        order_id: fc.constantFrom('o-1', 'o-2', undefined),
        email: fc.constantFrom('x@example.org', 'y@example.org', undefined),
        name: fc.constantFrom('Ann', undefined),
      })
      .map(({ customer, day, amount, ...more }) => order(customer, day, amount, more)),
    { minLength: 1, maxLength: 12 },
  ),
  logins: fc.array(
    fc.record({ customer: fc.constantFrom('a', 'b'), day: fc.nat(3) }).map((each) => login(each.customer, each.day)),
    { maxLength: 4 },
  ),
  complaints: fc.array(
    fc
      .record({
        customer: fc.constantFrom('a', 'b'),
        day: fc.nat(3),
        severity: fc.constantFrom<'low' | 'high'>('low', 'high'),
      })
      .map(({ customer, day, ...more }) => complaint(customer, day, more)),
    { maxLength: 4 },
  ),
});

describe('lines in another order', () => {
  it('give identical events', () => {
    fc.assert(
      fc.property(
        rows.chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.record({
              orders: fc.shuffledSubarray(all.orders, { minLength: all.orders.length }),
              logins: fc.shuffledSubarray(all.logins, { minLength: all.logins.length }),
              complaints: fc.shuffledSubarray(all.complaints, { minLength: all.complaints.length }),
            }),
          ),
        ),
        ([straight, shuffled]) => {
          expect(timeline(shuffled)).toEqual(timeline(straight));
        },
      ),
    );
  });

  it('doubled under their order ids say the same', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const named = all.orders.map((row, index) => ({ ...row, order_id: `o-${index}` }));
        const once = timeline({ ...all, orders: named });
        const twice = timeline({ ...all, orders: [...named, ...named.filter((_, index) => index % 3 === 0)] });
        expect(twice.events).toBe(once.events);
        expect(new Set(idsOf(twice.deliveries))).toEqual(new Set(idsOf(once.deliveries)));
      }),
    );
  });
});

describe('disorder', () => {
  const { deliveries, end } = timeline({
    orders: Array.from({ length: 400 }, (_, index) => order(`c${index}`, index % 60, 1)),
  });
  const late = disordered(deliveries, { days: 5, seed: 7, end });

  it('delivers everything, never early and at most so many days late, and nothing after the end', () => {
    expect(new Set(idsOf(late))).toEqual(new Set(idsOf(deliveries)));
    const delays = late.map((each) => each.at - Date.parse(each.event.detail.metadata.occurredAt));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(5 * DAY);
    expect(Math.max(...delays)).toBeGreaterThan(4 * DAY);
    expect(Math.max(...late.map((each) => each.at))).toBeLessThanOrEqual(end);
    expect(late.map((each) => each.at)).toEqual(late.map((each) => each.at).toSorted((a, b) => a - b));
  });

  it('delivers about a tenth twice and changes nothing that is said', () => {
    const repeated = late.length - deliveries.length;
    expect(repeated / deliveries.length).toBeGreaterThan(0.06);
    expect(repeated / deliveries.length).toBeLessThan(0.14);
    const said = new Map(deliveries.map((each) => [each.event.detail.metadata.id, each.event]));
    for (const { event } of late) expect(event).toBe(said.get(event.detail.metadata.id));
  });

  it('is the same for the same seed, another for another, and none for 0 days', () => {
    expect(disordered(deliveries, { days: 5, seed: 7, end })).toEqual(late);
    expect(disordered(deliveries, { days: 5, seed: 8, end })).not.toEqual(late);
    const punctual = disordered(deliveries, { days: 0, seed: 7, end });
    for (const { at, event } of punctual) expect(at).toBe(Date.parse(event.detail.metadata.occurredAt));
  });

  it('lets a purchase overtake its registration', () => {
    const first = new Map<string, string>();
    for (const { event } of late) {
      if (!first.has(event.customerId)) first.set(event.customerId, event.detailType);
    }
    expect(new Set(first.values())).toContain('Purchase Completed');
  });
});
