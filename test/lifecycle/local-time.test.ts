/** The end of a day where a customer lives: what the date in a mail means. */
import { describe, expect, it } from 'vitest';
import { endOfDay } from '../../shared/lifecycle/customer/local-time.ts';
import { offerEnds } from '../../shared/lifecycle/customer/offers.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { DAY, HOUR } from '../../shared/lifecycle/time.ts';

const end = (t: string, zone?: string) => new Date(endOfDay(Date.parse(t), zone)).toISOString();

describe('the end of a day', () => {
  it.each([
    ['2026-03-05T13:00:00Z', 'Europe/Stockholm', '2026-03-05T22:59:59.999Z'],
    ['2026-03-05T22:59:59.999Z', 'Europe/Stockholm', '2026-03-05T22:59:59.999Z'],
    ['2026-03-05T23:00:00Z', 'Europe/Stockholm', '2026-03-06T22:59:59.999Z'],
    ['2026-03-05T13:00:00Z', 'Pacific/Auckland', '2026-03-06T10:59:59.999Z'],
    ['2026-03-05T13:00:30Z', 'America/New_York', '2026-03-06T04:59:59.999Z'],
    ['2026-03-05T13:00:00Z', 'Asia/Kathmandu', '2026-03-05T18:14:59.999Z'],
    ['2026-03-05T13:00:00Z', undefined, '2026-03-05T23:59:59.999Z'],
    ['2026-03-05T13:00:00Z', 'Nowhere/Atlantis', '2026-03-05T23:59:59.999Z'],
  ])('of %s in %s is %s', (t, zone, last) => {
    expect(end(t, zone)).toBe(last);
  });

  it.each([
    ['2026-03-29T00:30:00Z', 'Europe/Stockholm', '2026-03-29T21:59:59.999Z'],
    ['2026-10-25T00:30:00Z', 'Europe/Stockholm', '2026-10-25T22:59:59.999Z'],
    // Midnight does not exist: the next day begins an hour later.
    ['2026-03-28T12:00:00Z', 'Asia/Beirut', '2026-03-28T21:59:59.999Z'],
  ])('of %s in %s, where the clock changes, is %s', (t, zone, last) => {
    expect(end(t, zone)).toBe(last);
  });

  it.each(['Europe/Stockholm', 'Asia/Beirut', 'America/Santiago', 'Australia/Lord_Howe', 'Asia/Tehran'])(
    'in %s is the last instant of which a mail names the same day, all year round',
    (timeZone) => {
      const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone });
      for (let t = Date.UTC(2026, 0, 1); t < Date.UTC(2027, 0, 1); t += 7 * HOUR) {
        const last = endOfDay(t, timeZone);
        expect(format.format(last)).toBe(format.format(t));
        expect(format.format(last + 1)).not.toBe(format.format(t));
      }
    },
  );
});

describe('an offer', () => {
  it('is good for as long as it says, and to the end of the day where the reader lives', () => {
    const facts = { ...NO_FACTS, person: [{ at: 0, id: 'e', timeZone: 'Europe/Stockholm' }] };
    const made = Date.parse('2026-03-02T13:00:00Z');
    expect(new Date(offerEnds({ facts }, { lasts: 3 * DAY }, made)).toISOString()).toBe('2026-03-05T22:59:59.999Z');
    expect(new Date(offerEnds({ facts: NO_FACTS }, { lasts: 3 * DAY }, made)).toISOString()).toBe(
      '2026-03-05T23:59:59.999Z',
    );
  });
});
