/** A typical profile stays below 1 KB, one write unit of the table. */
import { describe, expect, it } from 'vitest';
import { fromItem, toItem } from '../../shared/adapters/profile-item.ts';
import { absorb } from '../../shared/lifecycle/fold.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { answered, bought, chose, day, event, loggedIn } from '../support/events.ts';
import { sizeOf, WRITE_UNIT } from '../../shared/adapters/item-size.ts';
import { Pipeline } from '../support/pipeline.ts';
import { SHIPPED } from '../support/playbooks.ts';

/** A time, an id of 16 bytes in base64url and eight letters, with their names and brackets. */
const UNSUBSCRIBE_BYTES = 80;

/** Two times, of which the second counts from the first, with their name and brackets. */
const STARTS_BYTES = 36;

const uuid = (index: number) => `0f8fad5b-d9cb-469f-a165-7086785${String(index).padStart(5, '0')}`;

/**
 * Registered with name, locale, zone and consent; three orders, one of them delivered, the first two days
 * later; two login days; three mails of
 * the last weeks; first-steps and in-touch have begun. All ids of events are UUIDs.
 */
async function typical(): Promise<Living> {
  const pipeline = new Pipeline(SHIPPED, day(0));
  const order = (at: number, index: number, total: number) =>
    event('Purchase Completed', day(at), { orderId: String(100_200 + index), total, currency: 'SEK' }, uuid(index));
  await pipeline.play([
    event(
      'Customer Registered',
      day(0),
      {
        email: 'anna.svensson@example.com',
        name: 'Anna Svensson',
        locale: 'sv-SE',
        timeZone: 'Europe/Stockholm',
        consent: { marketing: 'opt_in', source: 'signup form', at: '2026-03-02T11:59:00Z', wording: '2026-03' },
      },
      uuid(1),
    ),
    order(2, 2, 429),
    event('Order Delivered', day(5), { orderId: '100202' }, uuid(3)),
    loggedIn(day(20)),
    order(25, 4, 189.5),
    loggedIn(day(30)),
    order(58, 5, 240),
  ]);
  await pipeline.waitUntil(day(103));
  const customer = await pipeline.customer();
  const mails = ['1/onboarding/check-in/1', '1/onboarding/guide/1'].map((key) => ({ key, at: day(90) }));
  return { ...customer, recent: [...mails, ...customer.recent.slice(-1)] };
}

/** With room for more, before it would be packed. */
function readable({ lastChanges: _changes, ...customer }: Living): Living {
  return customer;
}

describe('a typical profile', () => {
  it('is smaller than one write unit', async () => {
    const customer = await typical();
    expect(customer).toMatchObject({
      stage: 'active',
      facts: { orders: { ring: { length: 3 } }, logins: { length: 2 } },
    });
    expect(customer.recent).toHaveLength(3);
    expect(Object.keys(customer.episodes)).toStrictEqual(['first-steps', 'in-touch']);
    const item = toItem(customer);
    expect(fromItem(item)).toStrictEqual(customer);
    expect(sizeOf(item)).toBeLessThanOrEqual(WRITE_UNIT);
  });

  it('says of a mail shown in shadow that it was, in two bytes', async () => {
    const customer = readable(await typical());
    const shown: Living = { ...customer, recent: customer.recent.map((each) => ({ ...each, shadow: true })) };
    const item = toItem(shown);
    expect(fromItem(item)).toStrictEqual(shown);
    expect(sizeOf(item) - sizeOf(toItem(customer))).toBe(2 * customer.recent.length);
  });

  it('says since when an imported customer counts, and the day of their wave, in a few bytes', async () => {
    const customer = readable(await typical());
    const imported: Living = { ...customer, startsAt: day(100), waveAt: day(107) };
    const item = toItem(imported);
    expect(fromItem(item)).toStrictEqual(imported);
    expect(sizeOf(item) - sizeOf(toItem(customer))).toBeLessThanOrEqual(STARTS_BYTES);
  });

  it('stores nothing of choices and answers nobody made, and little of an unsubscribe', async () => {
    const customer = readable(await typical());
    expect(toItem(customer)['facts']?.S).not.toMatch(/choices|answers/u);
    const unsubscribed = chose(day(103), { promotion: 'off' }, uuid(9));
    const facts = absorb(customer.facts, unsubscribed) ?? customer.facts;
    const item = toItem({ ...customer, facts });
    expect(fromItem(item)).toStrictEqual({ ...customer, facts });
    expect(sizeOf(item) - sizeOf(toItem(customer))).toBeLessThanOrEqual(UNSUBSCRIBE_BYTES);
  });

  it('of a reader who chose everything and answered comes back as it was', async () => {
    const customer = await typical();
    const choices = {
      how: 'page',
      promotion: 'on',
      programmes: { retention: 'off', 'win-back': 'off', onboarding: 'on' },
      language: 'sv',
      pace: 'less',
      tailored: false,
      consent: { marketing: 'opt_in', source: 'preference centre', at: '2026-06-01T11:59:00Z', wording: '2026-03' },
    };
    const facts = [chose(day(103), choices, uuid(9)), answered(day(103), 'price')].reduce(
      (known, each) => absorb(known, each) ?? known,
      customer.facts,
    );
    const item = toItem({ ...customer, facts });
    expect(fromItem(item)).toStrictEqual({ ...customer, facts });
    expect(sizeOf(item)).toBeLessThanOrEqual(WRITE_UNIT);
  });

  it('keeps ids that look like packed ones', async () => {
    const pipeline = new Pipeline(SHIPPED, day(0));
    for (const id of ['~', '~~x', '~AAAAAAAAAAAAAAAAAAAAAA', uuid(7), uuid(8).toUpperCase()]) {
      await pipeline.deliver(event('Purchase Completed', day(0), { orderId: id, total: 1, currency: 'USD' }, id));
    }
    const customer = await pipeline.customer();
    expect(fromItem(toItem(customer))).toStrictEqual(customer);
  });

  it('even right after its first order', async () => {
    const pipeline = new Pipeline(SHIPPED, day(0));
    await pipeline.deliver(bought(day(0)));
    expect(sizeOf(toItem(await pipeline.customer()))).toBeLessThanOrEqual(WRITE_UNIT);
  });
});
