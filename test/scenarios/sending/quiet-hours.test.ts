/**
 * Nobody is mailed in quiet hours except as the table of classes says: what answers the customer's own case, and what
 * answers an act of the last quarter of an hour.
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permit } from '../../../shared/lifecycle/customer/permit.ts';
import { type Living, unknownCustomer } from '../../../shared/lifecycle/customer/profile.ts';
import type { Step } from '../../../shared/lifecycle/playbook/series.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../../shared/lifecycle/time.ts';
import { OPEN } from '../../support/circumstances.ts';
import { reacted } from '../../support/customers.ts';
import { bought, complained, event } from '../../support/events.ts';
import { SHIPPED } from '../../support/playbooks.ts';
import { assert } from '../../support/property.ts';
import { openShop, type Shop } from '../../support/shop.ts';

const { from, to, spread, withoutZone } = SHIPPED.quietHours;
const UNKNOWN_ZONES = ['Mars/Olympus', 'Europe/Stockhoml'];
const QUARTER: number = 15 * MINUTE;

/** Minutes since midnight on the clock on the wall; reckoned otherwise than the code does. */
function onTheWall(t: Instant, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, hour: 'numeric', minute: 'numeric', hour12: true })
    .formatToParts(t)
    .map(({ type, value }) => [type, value]);
  const { hour, minute, dayPeriod } = Object.fromEntries(parts);
  return ((Number(hour) % 12) + (dayPeriod === 'PM' ? 12 : 0)) * 60 + Number(minute);
}

/** Whether it is night for somebody of this zone; the shop's polite window where nobody knows the zone. */
function isNight(t: Instant, timeZone: string | undefined): boolean {
  const isKnown = timeZone !== undefined && !UNKNOWN_ZONES.includes(timeZone);
  const [start, end] = isKnown ? [from, to] : [withoutZone.from, withoutZone.to];
  const minute = onTheWall(t, isKnown ? timeZone : withoutZone.timeZone);
  return minute >= start || minute < end;
}

const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'), undefined, ...UNKNOWN_ZONES);
/** Nights on which clocks change somewhere: north, south, by half an hour, and where the rules are their own. */
const CHANGES = [
  '2026-03-08',
  '2026-03-22',
  '2026-03-29',
  '2026-04-05',
  '2026-04-24',
  '2026-09-06',
  '2026-10-04',
  '2026-10-25',
  '2026-11-01',
].map((day) => Date.parse(`${day}T00:00:00Z`));
const instant = fc.oneof(
  fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2029-12-31') }),
  fc
    .tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -2 * DAY, max: 2 * DAY }))
    .map(([change, off]) => change + off),
);
/** The steps about a complaint, each with its programme. */
const aboutComplaints = SHIPPED.programmes.flatMap(({ id, series }) =>
  series.flatMap((each) =>
    each.trigger === 'case' && each.of === 'complaint'
      ? each.steps.map((step): readonly [string, Step] => [id, step])
      : [],
  ),
);

/** Somebody who wants mail, of this zone; the last event is so long ago that nothing else stands in the way. */
function customer(t: Instant, timeZone: string | undefined, customerId: string, complains = false): Living {
  const consent = { marketing: 'opt_in', source: 'test', at: new Date(t - 300 * DAY).toISOString() };
  const registered = event('Customer Registered', t - 300 * DAY, { email: 'a@example.com', timeZone, consent });
  const events = [registered, complains ? complained(t - HOUR) : bought(t)];
  return reacted(unknownCustomer(customerId, t - 300 * DAY), events, t, SHIPPED).customer;
}

const verdictOf = (who: Living, key: string, moment: Instant, t: Instant) =>
  permit(who, key, { moment, decidedAt: moment, attempt: 1 }, SHIPPED, t, OPEN, undefined);

describe('the claim, over zones and nights on which clocks change', () => {
  it('lets promotional mail through by day alone, and puts it off to a morning that is one', () => {
    const age = fc.integer({ min: QUARTER + 1, max: 2 * DAY });
    assert(
      fc.property(instant, zone, age, fc.string({ minLength: 1, maxLength: 20 }), (t, timeZone, old, customerId) => {
        const who = customer(t - old, timeZone, customerId);
        const key = '1/onboarding/welcome/1';
        const verdict = verdictOf(who, key, t - old, t);
        expect(verdict).toMatchObject(
          isNight(t, timeZone) ? { kind: 'defer', reason: 'quiet hours' } : { kind: 'send' },
        );
        if (verdict.kind !== 'defer') return;
        const { until } = verdict;
        expect(until).toBeGreaterThan(t);
        expect(isNight(until, timeZone)).toBe(false);
        // All between is night, but for the hour over which the morning's mail spreads: it is never slept through.
        const longest = until - spread;
        for (let between = t; between < longest; between += QUARTER) expect(isNight(between, timeZone)).toBe(true);
      }),
      400,
    );
  });

  it('lets the answer to an act of the last quarter of an hour through, at any hour', () => {
    assert(
      fc.property(instant, zone, fc.integer({ min: 0, max: QUARTER }), (t, timeZone, old) => {
        const who = customer(t - old, timeZone, 'c');
        expect(verdictOf(who, '1/onboarding/welcome/1', t - old, t).kind).toBe('send');
      }),
      200,
    );
  });

  it('lets what belongs to an open case through, at any hour', () => {
    assert(
      fc.property(instant, zone, fc.constantFrom(...aboutComplaints), (t, timeZone, [programme, step]) => {
        const who = customer(t, timeZone, 'c', true);
        const [complaint] = who.facts.complaints.known;
        const verdict = verdictOf(who, `1/${programme}/${step.id}/${complaint?.complaintId ?? ''}`, t - HOUR, t);
        // Two of the steps are meant for a case that is over, whoever or whatever ended it.
        expect(verdict.kind).toBe(step.id === 'resolved' || step.id === 'unsettled' ? 'close' : 'send');
      }),
      200,
    );
  });
});

describe('through the twin, over two changes of the clock', () => {
  const ZONES = [
    'Europe/Stockholm',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Pacific/Kiritimati',
    'America/St_Johns',
    undefined,
    'Mars/Olympus',
  ];
  let shop: Shop;
  beforeAll(async () => {
    // Lord Howe puts its clocks back, by half an hour, at 15:00 of this day.
    shop = await openShop(Date.parse('2026-04-04T00:00:00Z'));
  });
  afterAll(() => shop.close());

  it('mail that falls into the night leaves in the morning, in each zone', async () => {
    // Orders placed around the clock; two days after their delivery the guide is due, at that hour.
    const people = ZONES.flatMap((timeZone, place) =>
      [0, 8, 16].map((hour) => ({ id: `n-${place}-${hour}`, timeZone, hour })),
    );
    for (const hour of [0, 8, 16]) {
      const now = people.filter((each) => each.hour === hour);
      const consent = { marketing: 'opt_in', source: 'test', at: new Date(shop.twin.now()).toISOString() };
      for (const { id, timeZone } of now) {
        await shop.put(
          { type: 'Customer Registered', data: { customerId: id, email: `${id}@example.com`, timeZone, consent } },
          { type: 'Purchase Completed', data: { customerId: id, orderId: id, total: 40, currency: 'EUR' } },
          { type: 'Order Delivered', data: { customerId: id, orderId: id } },
        );
      }
      await shop.wait(8 * HOUR);
    }
    await shop.pass(3);
    for (const { id, timeZone, hour } of people) {
      expect(shop.mailsTo(id)).toEqual(['onboarding/welcome', 'onboarding/guide']);
      const [welcome, guide] = shop.twin.mailbox.filter(({ to: [address] }) => address === `${id}@example.com`);
      // The welcome answers an act; the guide waits for the day.
      const ordered = Date.parse('2026-04-04T00:00:00Z') + hour * HOUR;
      expect(welcome?.at).toBe(ordered);
      const due = ordered + 2 * DAY;
      expect(isNight(guide?.at ?? NaN, timeZone)).toBe(false);
      expect((guide?.at ?? NaN) - due).toBeGreaterThanOrEqual(0);
      expect((guide?.at ?? NaN) - due).toBeLessThanOrEqual(isNight(due, timeZone) ? 15 * HOUR : 0);
    }
  });
});
