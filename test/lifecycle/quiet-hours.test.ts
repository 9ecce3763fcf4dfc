/** Quiet hours in every zone, through clock changes: what is let through is not quiet, what is held back leaves after. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heldOverNight, quietUntil } from '../../shared/lifecycle/customer/quiet-hours.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { customerAfter } from '../support/customers.ts';
import { day, event } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES, SHIPPED } from '../support/playbooks.ts';
import { assert } from '../support/property.ts';

const HOURS: Playbook['quietHours'] = {
  from: 21 * 60,
  to: 8 * 60,
  spread: 0,
  withoutZone: { from: 20 * 60, to: 9 * 60, timeZone: 'Europe/Berlin' },
};
const at = (text: string): Instant => Date.parse(text);
const until = (t: Instant, zone: string | undefined, hours = HOURS) => {
  const end = quietUntil(t, zone, hours, 'c-1');
  return end === undefined ? 'now' : new Date(end).toISOString().slice(0, 16);
};

describe('quiet hours', () => {
  it('begin and end to the minute, in the time of the customer', () => {
    const stockholm = (text: string) => until(at(text), 'Europe/Stockholm');
    expect(stockholm('2026-01-10T19:59:59.999Z')).toBe('now');
    expect(stockholm('2026-01-10T20:00:00Z')).toBe('2026-01-11T07:00');
    expect(stockholm('2026-01-11T06:59:59.999Z')).toBe('2026-01-11T07:00');
    expect(stockholm('2026-01-11T07:00:00Z')).toBe('now');
    expect(until(at('2026-01-10T20:00:00Z'), 'Asia/Tokyo')).toBe('2026-01-10T23:00');
    expect(until(at('2026-01-10T20:00:00Z'), 'America/New_York')).toBe('now');
    expect(until(at('2026-01-10T20:00:00Z'), 'Asia/Kathmandu')).toBe('2026-01-11T02:15');
  });

  it('follow a clock that is set back in the middle of an hour', () => {
    const late = { ...HOURS, from: 23 * 60, to: 23 * 60 + 30 };
    // At a minute past midnight it was a minute past eleven again: 02:31 UTC.
    const newfoundland = (text: string) => until(at(text), 'America/St_Johns', late);
    expect(newfoundland('2010-11-07T02:20:00Z')).toBe('now');
    expect(newfoundland('2010-11-07T02:40:00Z')).toBe('2010-11-07T03:00');
  });

  it('within one day, too', () => {
    const siesta = { ...HOURS, from: 13 * 60, to: 15 * 60 };
    expect(until(at('2026-01-10T12:59:00Z'), 'UTC', siesta)).toBe('now');
    expect(until(at('2026-01-10T13:00:00Z'), 'UTC', siesta)).toBe('2026-01-10T15:00');
    expect(until(at('2026-01-10T15:00:00Z'), 'UTC', siesta)).toBe('now');
  });

  it('that begin as they end are none', () => {
    expect(until(at('2026-01-10T13:00:00Z'), 'UTC', { ...HOURS, from: 780, to: 780 })).toBe('now');
  });

  it('end by the new clock on the nights it changes', () => {
    expect(until(at('2026-03-28T23:00:00Z'), 'Europe/Stockholm')).toBe('2026-03-29T06:00');
    expect(until(at('2026-10-24T23:00:00Z'), 'Europe/Stockholm')).toBe('2026-10-25T07:00');
    // Lord Howe moves by half an hour, Troll by two.
    expect(until(at('2026-10-03T13:00:00Z'), 'Australia/Lord_Howe')).toBe('2026-10-03T21:00');
    expect(until(at('2026-03-28T23:00:00Z'), 'Antarctica/Troll')).toBe('2026-03-29T06:00');
  });

  it('take the safe window of the shop for a zone that is missing or unknown', () => {
    for (const zone of [undefined, 'Mars/Olympus', '']) {
      expect(until(at('2026-01-10T19:00:00Z'), zone)).toBe('2026-01-11T08:00');
      expect(until(at('2026-01-10T18:59:00Z'), zone)).toBe('now');
    }
    const lost = { ...HOURS, withoutZone: { ...HOURS.withoutZone, timeZone: 'Nowhere' } };
    expect(until(at('2026-01-10T20:00:00Z'), undefined, lost)).toBe('2026-01-11T09:00');
  });

  it('spread their end over the customers, each always alike', () => {
    const spread = { ...HOURS, spread: HOUR };
    const night = at('2026-01-10T23:00:00Z');
    const ends = Array.from({ length: 400 }, (_, index) => quietUntil(night, 'UTC', spread, `c-${index}`) ?? 0);
    const slots = [...new Set(ends.map((each) => (each - at('2026-01-11T08:00:00Z')) / MINUTE))];
    expect(slots.toSorted((a, b) => a - b)).toStrictEqual([0, 15, 30, 45]);
    for (const slot of slots) {
      expect(ends.filter((each) => (each - at('2026-01-11T08:00:00Z')) / MINUTE === slot).length).toBeGreaterThan(60);
    }
    expect(quietUntil(night, 'UTC', spread, 'c-7')).toBe(ends[7]);
  });

  it('do not spread into quiet hours again', () => {
    const nearlyAlways = { ...HOURS, from: 8 * 60 + 5, to: 8 * 60, spread: 12 * HOUR };
    for (let index = 0; index < 50; index += 1) {
      const end = quietUntil(at('2026-01-10T23:00:00Z'), 'UTC', nearlyAlways, `c-${index}`);
      expect(end).toBe(at('2026-01-11T08:00:00Z'));
    }
  });
});

describe('quiet hours, over zones, dates and windows', () => {
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'), undefined, 'Nowhere/Else');
  // The instants around which clocks change in most of the world, and everything between.
  const changes = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01'].map(at);
  const instant = fc.oneof(
    fc.integer({ min: at('2024-01-01'), max: at('2030-01-01') }),
    fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -DAY, max: 2 * DAY })).map(([change, off]) => change + off),
  );
  const localMinute = (t: Instant, timeZone: string) => {
    const parts = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' }).format(t).split(':').map(Number);
    return (parts[0] ?? 0) * 60 + (parts[1] ?? 0);
  };
  const isQuiet = (t: Instant, timeZone: string | undefined) => {
    const known = timeZone !== undefined && timeZone !== 'Nowhere/Else';
    const { from, to } = known ? SHIPPED.quietHours : SHIPPED.quietHours.withoutZone;
    const minute = localMinute(t, known ? timeZone : SHIPPED.quietHours.withoutZone.timeZone);
    return minute >= from || minute < to;
  };

  it('what is let through is not quiet; the end is later, not quiet, and within a day', () => {
    assert(
      fc.property(instant, zone, fc.string(), (t, timeZone, customerId) => {
        const end = quietUntil(t, timeZone, SHIPPED.quietHours, customerId);
        expect(end !== undefined).toBe(isQuiet(t, timeZone));
        if (end === undefined) return;
        expect(end).toBeGreaterThan(t);
        expect(end - t).toBeLessThanOrEqual(16 * HOUR);
        expect(isQuiet(end, timeZone)).toBe(false);
        expect(quietUntil(end, timeZone, SHIPPED.quietHours, customerId)).toBeUndefined();
      }),
      600,
    );
  });

  it('an end that is not spread is the first minute outside', () => {
    const hours = { ...SHIPPED.quietHours, spread: 0 };
    assert(
      fc.property(instant, zone, (t, timeZone) => {
        const end = quietUntil(t, timeZone, hours, 'c');
        fc.pre(end !== undefined);
        expect(end === undefined || isQuiet(end - 1, timeZone)).toBe(true);
      }),
      300,
    );
  });
});

describe('held over night', () => {
  const [recovery, onboarding] = PLAYBOOK_FOR_RULES.programmes;
  const [apology] = recovery?.series[0]?.steps ?? [];
  const [welcome, guide] = onboarding?.series[0]?.steps ?? [];
  if (!apology || !welcome || !guide) throw new Error('the playbook of the rules has changed');
  const playbook = { ...PLAYBOOK_FOR_RULES, quietHours: HOURS };
  const zoned = customerAfter([event('Profile Updated', day(0), { timeZone: 'Asia/Tokyo' })], day(0));
  const night = at('2026-06-10T20:00:00Z');
  const tokyoMorning = at('2026-06-10T23:00:00Z');

  it('promotional mail waits for the morning of the customer', () => {
    expect(heldOverNight(zoned, guide, night, playbook, night)).toBe(tokyoMorning);
  });

  it('service mail does not wait, nor does the answer to an act within a quarter of an hour', () => {
    expect(heldOverNight(zoned, apology, night, playbook, night)).toBeUndefined();
    expect(heldOverNight(zoned, welcome, night - 15 * MINUTE, playbook, night)).toBeUndefined();
    expect(heldOverNight(zoned, welcome, night - 15 * MINUTE - 1, playbook, night)).toBe(tokyoMorning);
  });
});
