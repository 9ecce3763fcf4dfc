import { describe, expect, it } from 'vitest';
import { clockIn, orderToldBy, readDate } from '../../infra/history/dates.ts';

const utc = { toInstant: (wall: number) => wall };
const iso = (text: string, order?: 'dmy' | 'mdy', zone = 'UTC'): string => {
  const read = readDate(text, { order, toInstant: clockIn(zone) });
  return typeof read === 'number' ? new Date(read).toISOString() : read;
};

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
});
