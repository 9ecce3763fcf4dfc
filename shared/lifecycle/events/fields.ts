/**
 * The fields event types are made of. Each states in its error what was expected, in words for the shop's engineer,
 * and carries a description for the JSON Schema.
 */
import * as z from 'zod/mini';
import { CONSENT_KINDS } from '../facts/consent.ts';
import { isCurrency, LARGEST_AMOUNT } from '../facts/money.ts';
import { REFERRER_KINDS } from '../facts/referrals.ts';
import { NAME, NAME_EXPECTED } from '../name.ts';

/** DynamoDB keys and SES tags take the id, so its size counts in bytes of UTF-8. */
const LONGEST_ID = 128;
const LONGEST_TEXT = 500;
const LONGEST_URL = 2000;
/** RFC 5321 path limit. */
const LONGEST_ADDRESS = 254;
const LONGEST_NAME = 200;
/** An order with more lines than this is a wholesale import, not something a mail can show. */
const MOST_ITEMS = 200;

const encoder = new TextEncoder();
// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u;
const ADDRESS = /@.+\./u;

function text(longest: number, expected: string, description: string) {
  return z.string({ error: expected }).check(
    z.minLength(1, { error: expected }),
    z.maxLength(longest, { error: `${expected} (at most ${longest} characters)` }),
    z.refine((value) => !CONTROL.test(value), { error: `${expected}, without control characters or line breaks` }),
    // Half a surrogate pair survives JSON, but neither UTF-8 nor the escaping of a message key.
    z.refine((value) => value.isWellFormed(), { error: `${expected}, of whole characters` }),
    z.describe(description),
  );
}

/** "the order id" as a sentence of the documentation. */
function sentence(what: string): string {
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}.`;
}

/** An opaque identifier: 1 to 128 bytes of UTF-8, unless said otherwise, without control characters. */
export function identifier(what: string, longest = LONGEST_ID) {
  const expected = `expected ${what}, 1 to ${longest} bytes of text`;
  return text(longest, expected, `${sentence(what)} Opaque, 1-${longest} bytes.`).check(
    z.refine((value) => encoder.encode(value).length <= longest, { error: expected }),
    z.refine((value) => value === value.trim(), { error: `${expected}, without spaces around it` }),
    z.refine((value) => !ADDRESS.test(value), {
      error: `expected ${what}, opaque, not an e-mail address: it would reach keys and logs`,
    }),
  );
}

export const customerId = identifier('the customer id').check(
  z.describe('The customer id. Opaque, 1-128 bytes, never an e-mail address; guests get an opaque id, too.'),
);

const ADDRESS_EXPECTED = 'expected an e-mail address such as anna@example.com';
export const address = z
  .string({ error: ADDRESS_EXPECTED })
  .check(
    z.maxLength(LONGEST_ADDRESS, { error: `${ADDRESS_EXPECTED} (at most ${LONGEST_ADDRESS} characters)` }),
    z.email({ error: ADDRESS_EXPECTED }),
    z.describe('An e-mail address.'),
  );

export const personName = text(LONGEST_NAME, 'expected a name', 'The name as the person writes it, in any script.');

export const shortText = (what: string) => text(LONGEST_TEXT, `expected ${what}`, sentence(what));

/** Longer texts are no categories; what is kept of a look has no room for them. */
export const LONGEST_CATEGORY = 64;
export const category = text(LONGEST_CATEGORY, 'expected the category', 'The category, as the shop calls it.');

/** A name from the playbook. */
export const playbookName = (what: string) =>
  z.string({ error: NAME_EXPECTED }).check(z.regex(NAME, { error: NAME_EXPECTED }), z.describe(sentence(what)));

const URL_EXPECTED = 'expected an https URL';
export const url = z.string({ error: URL_EXPECTED }).check(
  z.maxLength(LONGEST_URL, { error: `${URL_EXPECTED} of at most ${LONGEST_URL} characters` }),
  z.refine((value) => URL.canParse(value) && new URL(value).protocol === 'https:', { error: URL_EXPECTED }),
  z.describe('An https URL.'),
);

const INSTANT_EXPECTED = 'expected an ISO 8601 time with zone such as 2026-11-22T09:30:00Z';
export const instant = z.string({ error: INSTANT_EXPECTED }).check(
  z.iso.datetime({ offset: true, error: INSTANT_EXPECTED }),
  z.refine((value) => Number.isFinite(Date.parse(value)), { error: INSTANT_EXPECTED }),
  z.describe('An ISO 8601 time with zone.'),
);

const AMOUNT_EXPECTED = `expected an amount in major units, a number from 0 to ${LARGEST_AMOUNT}`;
export const amount = z
  .number({ error: AMOUNT_EXPECTED })
  .check(
    z.gte(0, { error: AMOUNT_EXPECTED }),
    z.lte(LARGEST_AMOUNT, { error: AMOUNT_EXPECTED }),
    z.describe('A decimal amount in major units.'),
  );

const CURRENCY_EXPECTED = 'expected an ISO 4217 currency code in capitals such as EUR';
export const currency = z
  .string({ error: CURRENCY_EXPECTED })
  .check(
    z.regex(/^[A-Z]{3}$/u, { error: CURRENCY_EXPECTED }),
    z.refine(isCurrency, { error: CURRENCY_EXPECTED }),
    z.describe('An ISO 4217 currency code.'),
  );

const LOCALE_EXPECTED = 'expected a BCP 47 language tag such as sv-SE';
export const locale = z
  .string({ error: LOCALE_EXPECTED })
  .check(
    z.regex(/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,4}$/u, { error: LOCALE_EXPECTED }),
    z.describe('A BCP 47 language tag; an underscore is taken for a hyphen.'),
  );

const ZONE_EXPECTED = 'expected an IANA time zone name such as Europe/Stockholm';
const timeZone = z
  .string({ error: ZONE_EXPECTED })
  .check(
    z.regex(/^[A-Za-z0-9_+\-/]{1,64}$/u, { error: ZONE_EXPECTED }),
    z.describe('An IANA time zone name; a name nobody knows is treated as missing.'),
  );

export const consent = z
  .object(
    {
      marketing: z
        .enum(CONSENT_KINDS, { error: `expected one of ${CONSENT_KINDS.join(', ')}` })
        .check(
          z.describe(
            'opt_in: the person asked for marketing mail; soft_opt_in: a customer who did not object, for 24 months; none.',
          ),
        ),
      source: shortText('where consent was given, such as checkout'),
      at: instant.check(
        z.describe(
          'When the person decided; the latest decision counts. An ISO 8601 time with zone, not in the future.',
        ),
      ),
      wording: z.optional(shortText('the version of the wording the person agreed to')),
    },
    { error: 'expected an object with marketing, source and at' },
  )
  .check(z.describe('What the person agreed to. Left out means unknown, and unknown means no marketing mail.'));

const item = z.object(
  {
    sku: identifier('the article number'),
    name: text(LONGEST_TEXT, 'expected the name of the article', 'The name of the article.'),
    quantity: z
      .number({ error: 'expected a quantity above 0' })
      .check(
        z.gt(0, { error: 'expected a quantity above 0' }),
        z.lte(1_000_000, { error: 'expected a quantity' }),
        z.describe('How many, or how much of it; above 0.'),
      ),
    price: amount.check(z.describe('The price of one, in major units of the currency of the order.')),
    url: z.optional(url.check(z.describe('The https URL of the page of the article.'))),
    imageUrl: z.optional(url.check(z.describe('The https URL of a picture of the article.'))),
    category: z.optional(shortText('the category')),
  },
  { error: 'expected an article with sku, name, quantity and price' },
);

export const items = z
  .array(item, { error: 'expected a list of articles' })
  .check(
    z.maxLength(MOST_ITEMS, { error: `expected at most ${MOST_ITEMS} articles` }),
    z.describe('The articles, in the order mails show them.'),
  );

const wholeNumber = (least: number, most: number, what: string) => {
  const expected = `expected ${what}, a whole number from ${least} to ${most}`;
  return z.int({ error: expected }).check(z.gte(least, { error: expected }), z.lte(most, { error: expected }));
};
export const rating = wholeNumber(1, 5, 'a rating').check(
  z.describe('1 to 5 stars. Of a comment without stars the shop judges how many it amounts to.'),
);
export const score = wholeNumber(0, 10, 'a score').check(
  z.describe('0 to 10, the answer to "how likely are you to recommend us".'),
);

/** One of a few words. */
export const oneOf = <const Word extends string>(words: readonly [Word, ...Word[]], meaning: string) =>
  z.enum(words, { error: `expected ${words.map((each) => `"${each}"`).join(' or ')}` }).check(z.describe(meaning));

/** For data that has a sum of money in some field: a sum without its currency means nothing. */
export const withCurrency = (field: string) =>
  z.refine<Readonly<Record<string, unknown>>>((data) => data[field] === undefined || data['currency'] !== undefined, {
    error: `expected an ISO 4217 currency code in capitals, for there is a ${field}`,
    path: ['currency'],
  });

export const referrerKind = oneOf(REFERRER_KINDS, 'What the person who recommended the shop is to it.');

/** What is known of the person, in whole or in part. */
export const personFields = {
  name: z.optional(personName),
  locale: z.optional(locale),
  timeZone: z.optional(timeZone),
  consent: z.optional(consent),
  referral: z.optional(
    z
      .object(
        {
          by: customerId.check(z.describe('The customer id of the person who recommended the shop.')),
          recommended: z.optional(shortText('what the referrer recommended')),
          kind: z.optional(referrerKind),
        },
        { error: 'expected an object with by' },
      )
      .check(z.describe('Who brought this customer.')),
  ),
};
