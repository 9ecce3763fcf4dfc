/** What playbooks are made of: each field says in its error what was expected, in words for the marketer who edits it. */
import * as z from 'zod/mini';
import { isCurrency, toMinor } from '../facts/money.ts';
import { NAME, NAME_EXPECTED } from '../name.ts';
import { DAY, type Duration, HOUR, type Instant, MINUTE } from '../time.ts';

/** An object with exactly these fields: a misspelt one would otherwise be ignored in silence. */
export function fieldsOf<const Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const names = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) =>
      // The path is that of the field nobody knows; see `parsePlaybook`.
      code === 'unrecognized_keys'
        ? `expected no field of this name, but ${names}`
        : `expected an object with ${names}`,
  });
}

/** A list, with what it consists of. */
export const listOf = <Element extends z.ZodMiniType>(element: Element, what: string) =>
  z.array(element, { error: `expected a list of ${what}` });

export const words = (meaning: string, example: string) => {
  const expected = `expected text such as ${JSON.stringify(example)}`;
  return z.string({ error: expected }).check(z.minLength(1, { error: expected }), z.describe(meaning));
};

const UNITS: Readonly<Record<string, Duration>> = { minute: MINUTE, hour: HOUR, day: DAY };
const DURATION = /^(\d+(?:\.\d+)?) (minute|hour|day)s?$/u;
const DURATION_EXPECTED = 'expected a duration such as "45 days", "36 hours" or "15 minutes"';

const duration = z.pipe(
  z
    .string({ error: DURATION_EXPECTED })
    .check(
      z.regex(DURATION, { error: DURATION_EXPECTED }),
      z.describe('A number of minutes, hours or days, such as "15 minutes", "36 hours" or "45 days".'),
    ),
  z.transform((text: string): Duration => {
    const [, amount = '0', unit = 'day'] = DURATION.exec(text) ?? [];
    // 1.1 days would be 95040000.00000001 ms, and an instant made of it no whole number.
    return Math.round(Number(amount) * (UNITS[unit] ?? DAY));
  }),
);

/** A duration, with what it means in its place. */
export const lasting = (meaning: string) => duration.check(z.describe(`${meaning} A duration such as "45 days".`));

/** A rhythm: nothing repeats more often than hourly, and nothing at all at no interval. */
export const rhythm = (meaning: string) =>
  lasting(meaning).check(z.refine((length) => length >= HOUR, { error: 'expected a duration of at least 1 hour' }));

const TIME_EXPECTED = 'expected an ISO 8601 time with zone';

/** A point in time, with what it means in its place; milliseconds once read. */
export const pointInTime = (meaning: string) =>
  z
    .pipe(
      z.iso
        .datetime({ offset: true, error: TIME_EXPECTED })
        // 31 February has the right form.
        .check(z.refine((text) => Number.isFinite(Date.parse(text)), { error: TIME_EXPECTED })),
      z.transform((text: string): Instant => Date.parse(text)),
    )
    .check(z.describe(`${meaning} An ISO 8601 time with zone.`));

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/u;
const CLOCK_EXPECTED = 'expected a time of day such as "21:00"';
/** Minutes since midnight. */
export const timeOfDay = z.pipe(
  z
    .string({ error: CLOCK_EXPECTED })
    .check(z.regex(CLOCK, { error: CLOCK_EXPECTED }), z.describe('A time of day, 00:00 to 23:59.')),
  z.transform((text: string): number => {
    const [, hours = '0', minutes = '0'] = CLOCK.exec(text) ?? [];
    return Number(hours) * 60 + Number(minutes);
  }),
);

/**
 * Two names, a life, a round and a complaint id of 128 bytes make a message key of at most 190 bytes, which fits, in
 * base64, into the 256 characters of an SES tag.
 */
export const name = z
  .string({ error: NAME_EXPECTED })
  .check(
    z.regex(NAME, { error: NAME_EXPECTED }),
    z.describe('Small letters, digits and hyphens. It is part of keys: renaming makes it another one.'),
  );

const POSITIVE = 'expected a number above 0';
export const positive = z.number({ error: POSITIVE }).check(z.gt(0, { error: POSITIVE }));
export const count = z
  .number({ error: 'expected a whole number above 0' })
  .check(z.int({ error: 'expected a whole number above 0' }), z.gt(0, { error: 'expected a whole number above 0' }));

/** Amounts in major units, with what they mean in their place; minor units once read. */
export const moneyByCurrency = (meaning: string) =>
  z
    .pipe(
      z
        .record(
          z.string(),
          z
            .number({ error: 'expected an amount in major units' })
            .check(z.gte(0, { error: 'expected an amount in major units, 0 or more' })),
          { error: 'expected an amount per currency, such as { "EUR": 200 }' },
        )
        .check(
          z.refine((amounts) => Object.keys(amounts).every(isCurrency), { error: 'expected ISO 4217 currency codes' }),
        ),
      z.transform((amounts: Record<string, number>) =>
        Object.fromEntries(Object.entries(amounts).map(([currency, major]) => [currency, toMinor(major, currency)])),
      ),
    )
    .check(z.describe(`${meaning} Per currency, in major units.`));

export const flag = z.boolean({ error: 'expected true or false' });

const SHARE = 'expected a share from 0 to 1';
export const share = z.number({ error: SHARE }).check(z.gte(0, { error: SHARE }), z.lte(1, { error: SHARE }));

/** The language every text has to exist in; readers of all others get it while theirs is missing. */
const FIRST_LANGUAGE = 'en';
const LOCALISED = `expected texts by language, such as { "${FIRST_LANGUAGE}": "..." }`;
/** One text per language. */
export const localised = (meaning: string) =>
  z
    .record(z.string(), z.string({ error: LOCALISED }).check(z.minLength(1, { error: LOCALISED })), {
      error: LOCALISED,
    })
    .check(
      z.refine((texts) => FIRST_LANGUAGE in texts, { error: LOCALISED }),
      z.describe(meaning),
    );

/** One of a few words. */
export const oneOf = <const Word extends string>(options: readonly [Word, ...Word[]], meaning: string) =>
  z.enum(options, { error: `expected ${options.map((each) => `"${each}"`).join(' or ')}` }).check(z.describe(meaning));
