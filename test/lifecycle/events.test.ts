/** The contract of the events: what is taken in, and how a refusal names the field and what was expected. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import type { EventType } from '../../shared/lifecycle/events/definition.ts';
import { EVENT_TYPES, eventType } from '../../shared/lifecycle/events/event-types.ts';
import { hash32 } from '../../shared/lifecycle/facts/digest.ts';
import { FUTURE_TOLERANCE, parseEvent, type Parsed } from '../../shared/lifecycle/events/parse-event.ts';
import { LARGEST_AMOUNT } from '../../shared/lifecycle/facts/money.ts';
import { DAY, MINUTE } from '../../shared/lifecycle/time.ts';
import { START } from '../support/events.ts';

/** After every time in the examples. */
const NOW = START + 365 * DAY;
const AT = new Date(NOW - DAY).toISOString();

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function exampleOf(type: string): Fields {
  const example: unknown = EVENT_TYPES.find((each) => each.type === type)?.example;
  if (!isFields(example)) throw new Error(`${type} has no example`);
  return example;
}

function parse(type: string, data: unknown, metadata: Fields = {}): Parsed {
  const detail = { metadata: { id: 'e-1', version: 1, occurredAt: AT, ...metadata }, data };
  return parseEvent({ source: eventType(type)?.source ?? 'shop', detailType: type, detail }, NOW);
}

function refusalOf(parsed: Parsed): { readonly field: string; readonly expected: string } {
  if (parsed.kind !== 'refused') throw new Error(`expected a refusal, got ${parsed.kind}`);
  return parsed.refusal;
}

/** The example of a type with one field, given by its path, replaced. */
function withField(example: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(example))
    return example.map((each, index) => (index === key ? withField(each, rest, value) : each));
  const fields = isFields(example) ? example : {};
  return { ...fields, [key]: withField(fields[key], rest, value) };
}

/** The path of every value in an example. */
function pathsIn(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((each, index) => pathsIn(each, [...path, index]))];
  if (!isFields(value)) return [path];
  return [path, ...Object.entries(value).flatMap(([key, each]) => pathsIn(each, [...path, key]))];
}

describe('every event type', () => {
  it.each(EVENT_TYPES.map((each) => [each.type, each.example]))('%s: its example is valid', (type, example) => {
    expect(parse(type, example)).toMatchObject({ kind: 'event', event: { id: 'e-1', type, customerId: 'c-1042' } });
  });

  it.each(EVENT_TYPES.map((each) => [each.type]))('%s: unknown extra fields are accepted and left out', (type) => {
    const parsed = parse(type, { ...exampleOf(type), extra: 'x'.repeat(10_000) }, { extra: 1 });
    expect(parsed.kind).toBe('event');
    expect(JSON.stringify(parsed)).not.toContain('extra');
  });

  it.each(EVENT_TYPES.flatMap((each) => Object.keys(exampleOf(each.type)).map((field) => [each.type, field] as const)))(
    '%s: %s of the wrong kind is refused by its name',
    (type, field) => {
      const { field: named, expected } = refusalOf(parse(type, { ...exampleOf(type), [field]: Symbol('wrong') }));
      expect(named).toBe(`data.${field}`);
      expect(expected).toMatch(/^expected (?!something)/u);
    },
  );

  const required: readonly (readonly [string, readonly string[]])[] = [
    ['Customer Registered', ['customerId', 'email']],
    ['Profile Updated', ['customerId']],
    ['Product Viewed', ['customerId', 'sku']],
    ['Content Downloaded', ['customerId', 'contentId']],
    ['Cart Updated', ['customerId', 'items', 'currency']],
    ['Checkout Started', ['customerId', 'resumeUrl']],
    ['Coupon Applied', ['customerId', 'coupon']],
    ['Purchase Completed', ['customerId', 'orderId', 'total', 'currency']],
    ['Order Cancelled', ['customerId', 'orderId']],
    ['Order Delivered', ['customerId', 'orderId']],
    ['Return Requested', ['customerId', 'returnId', 'orderId']],
    ['Purchase Refunded', ['customerId', 'orderId', 'refundId', 'amount', 'currency']],
    ['Change Requested', ['customerId', 'changeId', 'what']],
    ['Change Confirmed', ['customerId', 'changeId']],
    ['Subscription Renewal Stopped', ['customerId', 'subscriptionId', 'endsAt']],
    ['Subscription Renewal Resumed', ['customerId', 'subscriptionId']],
    ['Login Succeeded', ['customerId']],
    ['Complaint Opened', ['customerId', 'complaintId', 'channel', 'severity']],
    ['Complaint Resolved', ['customerId', 'complaintId']],
    ['Review Posted', ['customerId', 'reviewId', 'rating', 'channel']],
    ['Nps Answered', ['customerId', 'score']],
    ['Preference Declared', ['customerId']],
    ['Referral Made', ['customerId', 'friendId', 'kind']],
    ['Attention Handled', ['customerId', 'attentionId']],
    ['Offer Confirmed', ['customerId', 'offerId']],
    ['Preferences Changed', ['customerId', 'how']],
    ['Question Answered', ['customerId', 'programme', 'step', 'question', 'answer']],
    ['Mail Clicked', ['customerId', 'key']],
    ['Address Suppressed', ['customerId', 'reason']],
    ['Account Ranked', ['customerId', 'share', 'keyAccount']],
    ['Campaign Addressed', ['customerId', 'campaign', 'step', 'at', 'audience']],
    ['Customer Erasure Requested', ['customerId', 'requestId']],
  ];

  it('is listed below with the fields it needs', () => {
    expect(required.map(([type]) => type)).toStrictEqual(EVENT_TYPES.map((each) => each.type));
  });

  it.each(required)('%s needs %j and nothing else', (type, names) => {
    const example = exampleOf(type);
    const bare = Object.fromEntries(Object.entries(example).filter(([name]) => names.includes(name)));
    expect(parse(type, bare).kind).toBe('event');
    for (const name of names) {
      const { [name]: _missing, ...rest } = bare;
      if (name === 'customerId' && eventType(type)?.look !== undefined) continue;
      const { field, expected } = refusalOf(parse(type, rest));
      expect(field).toBe(`data.${name}`);
      expect(expected).toMatch(/^expected (?!something)/u);
    }
  });
});

describe('browsing', () => {
  const types = EVENT_TYPES.flatMap((each: EventType) => (each.look === undefined ? [] : [each.type]));

  it('is what is looked at and downloaded, nothing else', () => {
    expect(types).toStrictEqual(['Product Viewed', 'Content Downloaded']);
  });

  it.each(types)('%s of nobody we know is no refusal', (type) => {
    for (const customerId of [undefined, null, '']) {
      expect(parse(type, { ...exampleOf(type), customerId })).toStrictEqual({ kind: 'anonymous', detailType: type });
    }
    expect(refusalOf(parse(type, { ...exampleOf(type), customerId: 7 })).field).toBe('data.customerId');
  });

  it('says of a look what counts: the second, the kind, the article', () => {
    const parsed = parse('Product Viewed', { customerId: 'c', sku: 'pot-1' });
    const look = parsed.kind === 'event' ? eventType('Product Viewed')?.look?.(parsed.event) : undefined;
    expect(look).toStrictEqual({ at: Date.parse(AT), id: hash32('e-1'), kind: 'product', sku: 'pot-1' });
  });
});

describe('the envelope', () => {
  const example = { customerId: 'c-1' };

  it('an unknown type is no refusal', () => {
    expect(parse('Cart Abandoned', { anything: 1 })).toStrictEqual({ kind: 'unknown', detailType: 'Cart Abandoned' });
  });

  it('keeps the correlation id, and has none when there was none', () => {
    expect(parse('Login Succeeded', example, { correlationId: 'x' })).toHaveProperty('event.correlationId', 'x');
    expect(parse('Login Succeeded', example)).not.toHaveProperty('event.correlationId');
  });

  it('reads the time of the shop, whatever its zone', () => {
    const parsed = parse('Login Succeeded', example, { occurredAt: '2026-03-01T10:00:00.250+02:00' });
    expect(parsed).toHaveProperty('event.occurredAt', Date.parse('2026-03-01T08:00:00.250Z'));
  });

  it.each([
    ['metadata.version', { version: 2 }, 'version 1'],
    ['metadata.version', { version: '1' }, 'version 1'],
    ['metadata.id', { id: '' }, 'the event id'],
    ['metadata.id', { id: 'a\nb' }, 'control characters'],
    ['metadata.id', { id: 'å'.repeat(65) }, '128 bytes'],
    ['metadata.correlationId', { correlationId: 7 }, 'the correlation id'],
    ['metadata.occurredAt', { occurredAt: '2026-03-01T10:00:00' }, 'ISO 8601 time with zone'],
    ['metadata.occurredAt', { occurredAt: '2026-02-30T10:00:00Z' }, 'ISO 8601 time with zone'],
    ['metadata.occurredAt', { occurredAt: 1_772_000_000 }, 'ISO 8601 time with zone'],
    ['metadata.occurredAt', { occurredAt: '1989-12-31T23:59:59Z' }, '1990'],
  ])('%s: %j is refused', (field, metadata, expected) => {
    const refusal = refusalOf(parse('Login Succeeded', example, metadata));
    expect(refusal.field).toBe(field);
    expect(refusal.expected).toContain(expected);
  });

  it('the year 1990 is early enough', () => {
    expect(parse('Login Succeeded', example, { occurredAt: '1990-01-01T00:00:00Z' }).kind).toBe('event');
  });

  it('a clock may be five minutes ahead, not a millisecond more', () => {
    const at = (t: number) => parse('Login Succeeded', example, { occurredAt: new Date(t).toISOString() });
    expect(FUTURE_TOLERANCE).toBe(5 * MINUTE);
    expect(at(NOW + 5 * MINUTE).kind).toBe('event');
    expect(refusalOf(at(NOW + 5 * MINUTE + 1))).toStrictEqual({
      detailType: 'Login Succeeded',
      field: 'metadata.occurredAt',
      expected: 'expected a time no more than 5 minutes ahead',
    });
  });

  it.each([
    ['detail', undefined],
    ['detail', 'text'],
    ['metadata', { data: example }],
    ['data', { metadata: { id: 'e', version: 1, occurredAt: AT } }],
  ])('a missing %s is named', (field, detail) => {
    const refusal = refusalOf(parseEvent({ source: 'shop', detailType: 'Login Succeeded', detail }, NOW));
    expect(refusal.field).toBe(field);
    expect(refusal.expected).toMatch(/^expected /u);
  });
});

describe('fields', () => {
  const consent = { marketing: 'opt_in', source: 'form', at: AT };
  const line = { sku: 's', name: 'Tea', quantity: 1, price: 2 };
  const refused: readonly (readonly [string, string, readonly (string | number)[], unknown, string])[] = [
    [
      'an e-mail address as customer id',
      'Login Succeeded',
      ['customerId'],
      'anna@example.com',
      'not an e-mail address',
    ],
    ['an empty id', 'Login Succeeded', ['customerId'], '', '1 to 128 bytes'],
    ['129 bytes of id', 'Login Succeeded', ['customerId'], 'x'.repeat(129), 'at most 128'],
    ['65 characters of two bytes', 'Login Succeeded', ['customerId'], 'ö'.repeat(65), '1 to 128 bytes'],
    ['an id with spaces around it', 'Login Succeeded', ['customerId'], ' c-1', 'without spaces around it'],
    ['half a character', 'Complaint Opened', ['complaintId'], 'k\ud83d', 'of whole characters'],
    ['an id with a line break', 'Login Succeeded', ['customerId'], 'c\u2028', 'without control characters'],
    ['a bad address', 'Customer Registered', ['email'], 'anna@example', 'an e-mail address such as'],
    [
      'a header in an address',
      'Customer Registered',
      ['email'],
      'a@example.com\r\nBcc: b@example.com',
      'e-mail address',
    ],
    ['two addresses', 'Customer Registered', ['email'], 'a@example.com,b@example.com', 'e-mail address'],
    ['an endless address', 'Customer Registered', ['email'], `${'a'.repeat(245)}@example.com`, 'at most 254'],
    ['an endless name', 'Customer Registered', ['name'], 'x'.repeat(201), 'at most 200'],
    ['a name with a line break', 'Customer Registered', ['name'], 'Anna\nBcc: x', 'control characters or line breaks'],
    ['an empty name', 'Customer Registered', ['name'], '', 'expected a name'],
    ['a bad locale', 'Customer Registered', ['locale'], 'Swedish!', 'BCP 47'],
    ['a bad zone', 'Customer Registered', ['timeZone'], 'Europe/Stock holm', 'IANA time zone'],
    ['another kind of consent', 'Customer Registered', ['consent', 'marketing'], 'yes', 'opt_in, soft_opt_in, none'],
    ['a consent without source', 'Customer Registered', ['consent', 'source'], '', 'where consent was given'],
    ['a consent without time', 'Customer Registered', ['consent', 'at'], 'yesterday', 'ISO 8601'],
    ['a referrer who is an address', 'Customer Registered', ['referral', 'by'], 'a@example.com', 'not an e-mail'],
    ['an endless recommendation', 'Customer Registered', ['referral', 'recommended'], 'x'.repeat(501), 'at most 500'],
    ['an account manager without address', 'Profile Updated', ['accountManager', 'email'], 'leila', 'e-mail address'],
    ['an account manager without name', 'Profile Updated', ['accountManager', 'name'], '', 'expected a name'],
    ['a negative total', 'Purchase Completed', ['total'], -0.01, 'from 0 to 100000000'],
    ['a total that is no number', 'Purchase Completed', ['total'], Number.NaN, 'a number from 0'],
    ['an infinite total', 'Purchase Completed', ['total'], Number.POSITIVE_INFINITY, 'a number from 0'],
    ['a total in words', 'Purchase Completed', ['total'], '12.50', 'a number from 0'],
    ['an absurd total', 'Purchase Completed', ['total'], LARGEST_AMOUNT + 1, 'from 0 to 100000000'],
    ['a negative refund', 'Purchase Refunded', ['amount'], -1, 'from 0 to 100000000'],
    ['a negative discount', 'Purchase Completed', ['discount'], -1, 'from 0 to 100000000'],
    ['an unknown currency', 'Purchase Completed', ['currency'], 'ABC', 'ISO 4217'],
    ['a currency in small letters', 'Purchase Completed', ['currency'], 'eur', 'in capitals'],
    ['an endless coupon', 'Purchase Completed', ['coupon'], 'x'.repeat(501), 'coupon'],
    ['an item without a name', 'Purchase Completed', ['items'], [{ ...line, name: '' }], 'name of the article'],
    ['no items at all', 'Purchase Completed', ['items'], 'tea', 'list of articles'],
    ['too many items', 'Purchase Completed', ['items'], Array.from({ length: 201 }, () => line), 'at most 200'],
    ['a quantity of 0', 'Purchase Completed', ['items'], [{ ...line, quantity: 0 }], 'above 0'],
    ['an absurd quantity', 'Purchase Completed', ['items'], [{ ...line, quantity: 1_000_001 }], 'quantity'],
    ['a script as link', 'Purchase Completed', ['items'], [{ ...line, url: 'javascript:alert(1)' }], 'https URL'],
    [
      'a plain http image',
      'Purchase Completed',
      ['items'],
      [{ ...line, imageUrl: 'http://example.com/x' }],
      'https URL',
    ],
    [
      'an endless link',
      'Purchase Completed',
      ['items'],
      [{ ...line, url: `https://example.com/${'x'.repeat(2000)}` }],
      '2000',
    ],
    ['another severity', 'Complaint Opened', ['severity'], 'urgent', 'low, normal, high'],
    ['an endless channel', 'Complaint Opened', ['channel'], 'x'.repeat(501), 'channel'],
    ['another way', 'Preferences Changed', ['how'], 'fax', '"one-click" or "page" or "shop"'],
    ['half promotion', 'Preferences Changed', ['promotion'], 'maybe', 'expected "on" or "off"'],
    ['half a programme', 'Preferences Changed', ['programmes', 'win-back'], true, 'expected "on" or "off"'],
    ['programmes in words', 'Preferences Changed', ['programmes'], 'none', '"on" or "off" by programme'],
    [
      'endless programmes',
      'Preferences Changed',
      ['programmes'],
      Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`p${index}`, 'off'])),
      'at most 50 programmes',
    ],
    ['a language in words', 'Preferences Changed', ['language'], 'Swedish!', 'BCP 47'],
    ['another pace', 'Preferences Changed', ['pace'], 'never', 'expected "usual" or "less"'],
    ['tailoring in words', 'Preferences Changed', ['tailored'], 'no', 'expected true or false'],
    ['promotion without a consent', 'Preferences Changed', ['consent'], undefined, 'consent that goes with promotion'],
    ['promotion on a sale', 'Preferences Changed', ['consent'], { ...consent, marketing: 'soft_opt_in' }, '"opt_in"'],
    ['free text as answer', 'Question Answered', ['answer'], 'Too expensive', 'small letters, digits and hyphens'],
    ['another kind of page', 'Product Viewed', ['kind'], 'search', '"product" or "comparison" or "specification"'],
    ['an endless category', 'Product Viewed', ['category'], 'x'.repeat(65), 'at most 64'],
    ['a price without currency', 'Product Viewed', ['currency'], undefined, 'for there is a price'],
    ['a cart without currency', 'Cart Updated', ['currency'], undefined, 'articles with prices'],
    ['a checkout without its way back', 'Checkout Started', ['resumeUrl'], 'http://shop.example.com', 'https URL'],
    ['a total without currency', 'Checkout Started', ['currency'], undefined, 'for there is a'],
    ['no star at all', 'Review Posted', ['rating'], 0, 'from 1 to 5'],
    ['six stars', 'Review Posted', ['rating'], 6, 'from 1 to 5'],
    ['half a star', 'Review Posted', ['rating'], 2.5, 'whole number'],
    ['another channel', 'Review Posted', ['channel'], 'radio', '"social"'],
    ['a score of 11', 'Nps Answered', ['score'], 11, 'from 0 to 10'],
    ['an end in words', 'Subscription Renewal Stopped', ['endsAt'], 'in May', 'ISO 8601'],
    ['a cost without currency', 'Change Requested', ['currency'], undefined, 'for there is a cost'],
    ['another style', 'Preference Declared', ['style'], 'brief', '"efficient"'],
    ['an objection in words', 'Preference Declared', ['objection'], 'Too slow', 'small letters'],
    ['somebody who recommends us to themselves', 'Referral Made', ['friendId'], 'c-1042', 'another customer'],
    ['another kind of referrer', 'Referral Made', ['kind'], 'friend', '"influencer"'],
    ['an endless code', 'Offer Confirmed', ['code'], 'x'.repeat(65), 'at most 64'],
    ['a share in percent', 'Account Ranked', ['share'], 2, 'from 0 to 1'],
    ['an endless key', 'Mail Clicked', ['key'], 'x'.repeat(193), 'at most 192'],
    ['a promise in words', 'Purchase Completed', ['promisedBy'], 'soon', 'ISO 8601'],
    ['another suppression', 'Address Suppressed', ['reason'], 'bored', 'hard bounce, spam complaint'],
    ['an endless outcome', 'Complaint Resolved', ['outcome'], 'x'.repeat(501), 'what was done'],
  ];

  it.each(['anna@example.com', '+46 70 123 45 67', 'Win', 'Anna Svensson', '__proto__x'])(
    'a key that is no name, as %j, is not repeated by the refusal',
    (key) => {
      const ofKey = (value: unknown) =>
        parse('Preferences Changed', withField(exampleOf('Preferences Changed'), ['programmes', key], value));
      for (const value of ['off', 7]) {
        expect(refusalOf(ofKey(value)).field).toBe('data.programmes.[key]');
        expect(JSON.stringify(ofKey(value))).not.toContain(key);
      }
      expect(refusalOf(ofKey('off')).expected).toContain('small letters, digits');
    },
  );

  it.each(refused)('%s is refused (%s, %j)', (_what, type, path, value, expected) => {
    const refusal = refusalOf(parse(type, withField(exampleOf(type), path, value)));
    expect(refusal.field).toContain(`data.${path.join('.')}`);
    expect(refusal.expected).toContain(expected);
  });

  it('a field within a list is named by its position', () => {
    const items = [line, { ...line, price: -1 }];
    const refusal = refusalOf(parse('Purchase Completed', { ...exampleOf('Purchase Completed'), items }));
    expect(refusal.field).toBe('data.items[1].price');
  });

  it('every field that is wrong is named, each once, the first of them first', () => {
    const wrong = { ...exampleOf('Purchase Completed'), total: '429', orderId: '\n'.repeat(200), currency: undefined };
    const parsed = parse('Purchase Completed', wrong, { version: 2, occurredAt: '2999-01-01T00:00:00Z' });
    const all = parsed.kind === 'refused' ? parsed.all : [];
    expect(all.map(({ field }) => field)).toStrictEqual([
      'metadata.version',
      'data.orderId',
      'data.total',
      'data.currency',
      'metadata.occurredAt',
    ]);
    expect(refusalOf(parsed)).toStrictEqual(all[0]);
  });

  it.each(EVENT_TYPES.map((each) => [each.type]))('%s: whatever is wrong anywhere, the words are ours', (type) => {
    const example = exampleOf(type);
    for (const path of pathsIn(example)) {
      for (const value of [undefined, null, {}, [], '', 'wrong value', -1, 1e300, true, { Unknown: 1 }]) {
        const parsed = parse(type, withField(example, path, value));
        for (const { field, expected } of parsed.kind === 'refused' ? parsed.all : []) {
          expect({ field, expected }).toMatchObject({ expected: expect.stringMatching(/^expected (?!something)/u) });
        }
      }
    }
  });

  it('a refusal repeats no value of the event', () => {
    const parsed = parse('Customer Registered', { ...exampleOf('Customer Registered'), email: 'secret-at-nowhere' });
    expect(JSON.stringify(parsed)).not.toContain('secret');
  });

  it('a consent from the future is refused: it would outrank every later withdrawal', () => {
    const at = (t: number) =>
      parse('Profile Updated', { customerId: 'c', consent: { ...consent, at: new Date(t).toISOString() } });
    expect(at(NOW + FUTURE_TOLERANCE).kind).toBe('event');
    expect(refusalOf(at(NOW + FUTURE_TOLERANCE + 1)).field).toBe('data.consent.at');
  });

  it('a consent that means nothing to the type is a field nobody knows, whatever its time', () => {
    const later = { ...consent, at: '2999-01-01T00:00:00Z' };
    expect(parse('Login Succeeded', { customerId: 'c', consent: later }).kind).toBe('event');
  });

  const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`p${index}`, 'off']));
  const accepted: readonly (readonly [string, string, readonly string[], unknown])[] = [
    ['128 bytes of id', 'Login Succeeded', ['customerId'], 'ö'.repeat(64)],
    ['an id with an at sign that is no address', 'Login Succeeded', ['customerId'], '@anna'],
    ['an id with slashes', 'Login Succeeded', ['customerId'], 'shop/1#2%3'],
    ['a name in any script', 'Customer Registered', ['name'], 'محمد رضایی'],
    ['200 characters of name', 'Customer Registered', ['name'], 'x'.repeat(200)],
    ['a locale with an underscore', 'Customer Registered', ['locale'], 'pt_BR'],
    ['a zone nobody knows', 'Customer Registered', ['timeZone'], 'Mars/Olympus'],
    ['a gift', 'Purchase Completed', ['total'], 0],
    ['the largest amount', 'Purchase Completed', ['total'], LARGEST_AMOUNT],
    ['a currency without minor units', 'Purchase Completed', ['currency'], 'JPY'],
    ['200 items', 'Purchase Completed', ['items'], Array.from({ length: 200 }, () => line)],
    ['half a kilo', 'Purchase Completed', ['items'], [{ ...line, quantity: 0.5 }]],
    ['a secure link', 'Purchase Completed', ['items'], [{ ...line, url: 'https://example.com/a?b=c' }]],
    ['promotion off without a consent', 'Preferences Changed', ['promotion'], 'off'],
    ['50 programmes', 'Preferences Changed', ['programmes'], fifty],
    ['an empty cart', 'Cart Updated', ['items'], []],
    ['a score of 0', 'Nps Answered', ['score'], 0],
    ['a change that costs nothing', 'Change Requested', ['cost'], 0],
    ['a promise in the future', 'Purchase Completed', ['promisedBy'], '2999-01-01T00:00:00Z'],
    ['a long key', 'Mail Clicked', ['key'], 'x'.repeat(192)],
    ['withdrawn consent', 'Profile Updated', ['consent'], { ...consent, marketing: 'none' }],
  ];

  it.each(accepted)('%s is accepted (%s)', (_what, type, path, value) => {
    expect(parse(type, withField(exampleOf(type), path, value))).toMatchObject({ kind: 'event' });
  });
});
