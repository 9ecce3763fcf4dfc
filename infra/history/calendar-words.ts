/** Names of months and days of the week, in the languages exports are written in; as the data of Unicode have them. */

/** Languages whose names are known; `en-GB` and `de-AT` abbreviate and name some months otherwise. */
export const LANGUAGES = [
  'en',
  'en-GB',
  'de',
  'de-AT',
  'sv',
  'nb',
  'da',
  'nl',
  'fr',
  'es',
  'it',
  'pl',
  'ru',
  'uk',
] as const;
/** Usual abbreviations that those data lack. */
const ALSO: readonly [string, number][] = [
  ['mär', 3],
  ['mrz', 3],
];
const WIDTHS = ['long', 'short'] as const;

let months: ReadonlyMap<string, number> | undefined;
let weekdays: ReadonlySet<string> | undefined;

/** 1 to 12. */
export function monthNamed(name: string): number | undefined {
  months ??= new Map([
    ...LANGUAGES.flatMap((language) =>
      WIDTHS.flatMap((width) => {
        // With a day, languages that decline names write them as dates do.
        const format = new Intl.DateTimeFormat(language, { month: width, day: 'numeric', timeZone: 'UTC' });
        return Array.from({ length: 12 }, (_, month): [string, number] => [
          partOf(format, 'month', Date.UTC(2024, month, 1)),
          month + 1,
        ]);
      }),
    ),
    ...ALSO,
  ]);
  return months.get(plain(name));
}

/** The text without the day of the week it begins with, and undefined where it does not begin with one. */
export function withoutWeekday(text: string): string | undefined {
  const [all = '', name = ''] = /^(\p{L}{2,14})\.?,?\s+(?:den\s+)?/u.exec(text) ?? [];
  weekdays ??= new Set(
    LANGUAGES.flatMap((language) =>
      WIDTHS.flatMap((width) => {
        const format = new Intl.DateTimeFormat(language, { weekday: width, timeZone: 'UTC' });
        // 1 January 2024 was a Monday.
        return Array.from({ length: 7 }, (_, day) => partOf(format, 'weekday', Date.UTC(2024, 0, 1 + day)));
      }),
    ),
  );
  return weekdays.has(plain(name)) ? text.slice(all.length) : undefined;
}

function partOf(format: Intl.DateTimeFormat, part: 'month' | 'weekday', at: number): string {
  return plain(format.formatToParts(at).find(({ type }) => type === part)?.value ?? '');
}

function plain(name: string): string {
  return name.normalize('NFC').toLowerCase().replaceAll('.', '');
}
