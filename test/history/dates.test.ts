import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../infra/history/calendar-words.ts';
import { orderToldBy, readDate } from '../../infra/history/dates.ts';
import { clockIn } from '../../infra/history/zones.ts';

const utc = { toInstant: (wall: number) => wall };
const iso = (text: string, order?: 'dmy' | 'mdy', zone = 'UTC'): string => {
  const read = readDate(text, { order, toInstant: clockIn(zone) });
  return typeof read === 'number' ? new Date(read).toISOString() : read;
};

describe('an abbreviation of several meanings', () => {
  it.each([
    ['2024-01-05 14:33 CST', 'America/Chicago', '2024-01-05T20:33:00.000Z'],
    // Standard time though the clocks are in summer: some programs never change the letters.
    ['2024-07-05 14:33 CST', 'America/Chicago', '2024-07-05T20:33:00.000Z'],
    ['2024-07-05 14:33 CDT', 'America/Chicago', '2024-07-05T19:33:00.000Z'],
    // The hour that clocks show twice.
    ['2024-11-03 01:30 CDT', 'America/Chicago', '2024-11-03T06:30:00.000Z'],
    ['2024-11-03 01:30 CST', 'America/Chicago', '2024-11-03T07:30:00.000Z'],
    ['2024-07-05 14:33 CST', 'America/Havana', '2024-07-05T19:33:00.000Z'],
    ['2024-07-05 14:33 CDT', 'America/Havana', '2024-07-05T18:33:00.000Z'],
    ['2024-07-05 14:33 CST', 'Asia/Shanghai', '2024-07-05T06:33:00.000Z'],
    ['2024-07-05 14:33 PST', 'America/Los_Angeles', '2024-07-05T22:33:00.000Z'],
    ['2024-11-03 01:30 PST', 'America/Los_Angeles', '2024-11-03T09:30:00.000Z'],
    ['2024-07-05 14:33 MST', 'America/Denver', '2024-07-05T21:33:00.000Z'],
    ['2024-07-05 14:33 BST', 'Europe/London', '2024-07-05T13:33:00.000Z'],
    ['2024-07-05 14:33 IST', 'Europe/Dublin', '2024-07-05T13:33:00.000Z'],
    ['2024-07-05 14:33 IST', 'Asia/Kolkata', '2024-07-05T09:03:00.000Z'],
    ['2024-07-05 14:33 CST', 'Europe/Berlin', 'unclear zone'],
    ['2024-07-05 14:33 CDT', 'Asia/Shanghai', 'unclear zone'],
  ])('reads %s in %s as %s', (text, zone, expected) => {
    expect(iso(text, undefined, zone)).toBe(expected);
  });
});

describe('dates', () => {
  it.each([
    ['2024-03-05', '2024-03-05T12:00:00.000Z'],
    ['2024-3-5', '2024-03-05T12:00:00.000Z'],
    ['20240305', '2024-03-05T12:00:00.000Z'],
    ['2024/03/05 14:33', '2024-03-05T14:33:00.000Z'],
    ['2024-03-05T14:33:02Z', '2024-03-05T14:33:02.000Z'],
    ['2024-03-05T14:33:02.1239+01:00', '2024-03-05T13:33:02.123Z'],
    ['2024-03-05 14:33:02 +0100', '2024-03-05T13:33:02.000Z'],
    ['2024-03-05 14:33:02 UTC', '2024-03-05T14:33:02.000Z'],
    ['2024-03-05 14:33:02-08', '2024-03-05T22:33:02.000Z'],
    ['05.03.2024', '2024-03-05T12:00:00.000Z'],
    ['5.3.24 7:05', '2024-03-05T07:05:00.000Z'],
    ['25/12/2024', 'ambiguous'],
    ['5/3/2024', 'ambiguous'],
    ['4/4/2024', '2024-04-04T12:00:00.000Z'],
    ['March 5, 2024 2:33 PM', '2024-03-05T14:33:00.000Z'],
    ['5. März 2024', '2024-03-05T12:00:00.000Z'],
    ['05-Mar-2024 14:33', '2024-03-05T14:33:00.000Z'],
    ['5 mars 2024', '2024-03-05T12:00:00.000Z'],
    ['5 марта 2024', '2024-03-05T12:00:00.000Z'],
    ['5-Apr-24', '2024-04-05T12:00:00.000Z'],
    ['05-Apr-2024 14:33', '2024-04-05T14:33:00.000Z'],
    ['05APR2024', '2024-04-05T12:00:00.000Z'],
    ['2024-Apr-05', '2024-04-05T12:00:00.000Z'],
    ['March 5th, 2024', '2024-03-05T12:00:00.000Z'],
    ['Mar 5, 2024 2:33 PM', '2024-03-05T14:33:00.000Z'],
    ['Mar 5 14:33', 'no date'],
    ['mar 5 mar 2024', '2024-03-05T12:00:00.000Z'],
    ['Fri, 05 Apr 2024 14:33:00 +0200', '2024-04-05T12:33:00.000Z'],
    ['Fri Apr 05 2024 14:33:00 GMT+0200 (CEST)', '2024-04-05T12:33:00.000Z'],
    ['Fri Apr 05 2024 14:33:00 GMT+0200 (Central European Summer Time)', '2024-04-05T12:33:00.000Z'],
    ['Fri Apr  5 14:33:00 CEST 2024', '2024-04-05T12:33:00.000Z'],
    ['Order, 5 Apr 2024', 'no date'],
    ['20240405T143300Z', '2024-04-05T14:33:00.000Z'],
    ['20240405143300', '2024-04-05T14:33:00.000Z'],
    ['202404051433', '2024-04-05T14:33:00.000Z'],
    ['20240405T2533', 'no date'],
    ['05.03.2024 14.33', '2024-03-05T14:33:00.000Z'],
    ['5.3.2024, 14:33 Uhr', '2024-03-05T14:33:00.000Z'],
    ['5 марта 2024 г., 14:33', '2024-03-05T14:33:00.000Z'],
    ['05.03.2024 г.', '2024-03-05T12:00:00.000Z'],
    ['2024-04-05 14:33 CET', '2024-04-05T13:33:00.000Z'],
    ['2024-04-05 14:33 CEST', '2024-04-05T12:33:00.000Z'],
    ['2024-04-05 2:33 PM EST', '2024-04-05T19:33:00.000Z'],
    ['2024-04-05 14:33 GMT+1', '2024-04-05T13:33:00.000Z'],
    ['2024-04-05 14:33 -5:30', '2024-04-05T20:03:00.000Z'],
    ['2024-04-05 14:33 America/New_York', '2024-04-05T18:33:00.000Z'],
    ['2024-04-05T14:33:02+01:00[Europe/Berlin]', '2024-04-05T13:33:02.000Z'],
    ['2024-04-05 14:33 CST', 'unclear zone'],
    ['2024-03-04 14:33:00 +0100 CET', '2024-03-04T13:33:00.000Z'],
    ['2024-03-04 14:33:00 +0300 +03', '2024-03-04T11:33:00.000Z'],
    ['2024-03-04 14:33 CET CEST', 'no date'],
    ['2024-04-05Z', '2024-04-05T12:00:00.000Z'],
    ['2024-04-05+02:00', '2024-04-05T10:00:00.000Z'],
    ['2024-04-05-05:00', '2024-04-05T17:00:00.000Z'],
    ['2024-07-05 14:33 EST5EDT', '2024-07-05T18:33:00.000Z'],
    [`${'Mo '.repeat(30_000)}5`, 'no date'],
    ['2024-04-05 14:33 (PST)', 'unclear zone'],
    ['2024-04-05 14:33 Mars/Phobos', 'unclear zone'],
    ['2024-04-05 14:33 +2500', 'unclear zone'],
    ['1709649182', '2024-03-05T14:33:02.000Z'],
    ['1709649182000', '2024-03-05T14:33:02.000Z'],
    ['2024-02-30', 'no date'],
    ['2023-02-29', 'no date'],
    ['2024-13-01', 'no date'],
    ['2024-03-05 24:00', 'no date'],
    ['2024-03-05 12:60', 'no date'],
    ['5.3.1989', 'no date'],
    ['5.3.2101', 'no date'],
    ['13/13/2024', 'no date'],
    ['0001', 'no date'],
    ['yesterday', 'no date'],
  ])('reads %s as %s', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it('reads two numbers in the order of the file, and refuses what does not fit it', () => {
    expect(iso('5/3/2024', 'dmy')).toBe('2024-03-05T12:00:00.000Z');
    expect(iso('5/3/2024 12:10 AM', 'mdy')).toBe('2024-05-03T00:10:00.000Z');
    expect(iso('25/12/2024', 'mdy')).toBe('no date');
    expect([
      orderToldBy('25/12/2024'),
      orderToldBy('12/25/2024'),
      orderToldBy('5/3/2024'),
      orderToldBy('25.12.2024'),
    ]).toEqual(['dmy', 'mdy', undefined, undefined]);
  });

  it('takes a time without a zone for that of the clocks of the shop, in summer and in winter', () => {
    expect(iso('2024-01-05 09:00', undefined, 'Europe/Stockholm')).toBe('2024-01-05T08:00:00.000Z');
    expect(iso('2024-07-05 09:00', undefined, 'Europe/Stockholm')).toBe('2024-07-05T07:00:00.000Z');
    expect(iso('2024-07-05T09:00Z', undefined, 'Europe/Stockholm')).toBe('2024-07-05T09:00:00.000Z');
    expect(() => clockIn('Europe/Atlantis')).toThrow('Europe/Atlantis');
    expect(readDate('2024-01-05', utc)).toBe(Date.UTC(2024, 0, 5, 12));
  });

  it('takes an abbreviation of several meanings for that of the zone of the file, and for no other', () => {
    expect(iso('2024-04-05 14:33 CST', undefined, 'Asia/Shanghai')).toBe('2024-04-05T06:33:00.000Z');
    expect(iso('2024-01-05 14:33 CST', undefined, 'America/Chicago')).toBe('2024-01-05T20:33:00.000Z');
    expect(iso('2024-01-05 14:33 IST', undefined, 'Asia/Kolkata')).toBe('2024-01-05T09:03:00.000Z');
    expect(iso('2024-01-05 14:33 IST', undefined, 'America/Chicago')).toBe('unclear zone');
  });

  const widths = ['full', 'long', 'medium', 'short'] as const;

  it.each(LANGUAGES)('reads what %s writes for a date, with a time and without', (language) => {
    const order = language === 'en' ? 'mdy' : 'dmy';
    for (const dateStyle of widths) {
      for (const timeStyle of [undefined, 'short', 'medium', 'long'] as const) {
        for (let month = 0; month < 12; month += 1) {
          const at = Date.UTC(2024, month, 3 + 2 * month, 14 - month, 33);
          const style = { dateStyle, timeZone: 'UTC', ...(timeStyle && { timeStyle }) };
          const text = new Intl.DateTimeFormat(language, style).format(at);
          const noon = Date.UTC(2024, month, 3 + 2 * month, 12);
          expect([text, readDate(text, { order, ...utc })]).toEqual([text, timeStyle ? at : noon]);
        }
      }
    }
  });
});
