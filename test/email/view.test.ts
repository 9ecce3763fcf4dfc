import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shopSchema } from '../../shared/email/shop.ts';
import { type View, type ViewInput, viewOf } from '../../shared/email/view.ts';
import { SHIPPED_CONTENT } from './content-copy.ts';

const shop = shopSchema.parse(JSON.parse(readFileSync(join(SHIPPED_CONTENT, 'shop.json'), 'utf8')));

function view(input: Omit<Partial<ViewInput>, 'shop'>, locale = 'en'): View {
  return viewOf({ customer: {}, ...input, shop }, locale);
}

function ordered(change: Partial<NonNullable<ViewInput['order']>>): Omit<ViewInput, 'shop' | 'customer'> {
  const placedAt = Date.UTC(2026, 10, 7, 23, 30);
  return { order: { orderId: 'A1', placedAt, total: { minor: 123456, currency: 'EUR' }, items: [], ...change } };
}

describe('the first name', () => {
  it.each([
    ['Anna', 'Anna'],
    ['Anna Lind', 'Anna'],
    ['  Anna \n Lind ', 'Anna'],
    ['Anne-Marie Lind', 'Anne-Marie'],
    ["D'Arcy Wells", "D'Arcy"],
    ['anna lind', 'anna'],
    ['نسرین رضایی', 'نسرین'],
    ['Мария Иванова', 'Мария'],
    ['Åsa', 'Åsa'],
  ])('of %j is %s', (name, firstName) => {
    expect(view({ customer: { name } }).customer.firstName).toBe(firstName);
  });

  it.each([
    '',
    ' ',
    'Anna Maria Lind',
    'Dr. Lind',
    'Dr Lind',
    'Herr Lind',
    'Acme GmbH',
    'Kettle Ltd',
    'ANNA LIND',
    'A Lind',
    'A. Lind',
    'anna@example.com',
    'anna1987',
    '<script>',
    'Customer',
    '王 小明',
    '김 민준',
    'x'.repeat(31),
    'Anna 🙂',
  ])('of %j is not guessed', (name) => {
    expect(view({ customer: { name } }).customer).not.toHaveProperty('firstName');
  });

  it('of two words is not guessed where the family name comes first', () => {
    expect(view({ customer: { name: 'Nagy Anna' } }, 'hu').customer).not.toHaveProperty('firstName');
  });
});

describe('texts', () => {
  it('lose control characters and characters that reorder what is around them', () => {
    const { name } = view({ customer: { name: 'An\u0000na\r\nBcc: x\u202Egnirt\u2066s' } }).customer;
    expect(name).toBe('An na Bcc: xgnirts');
  });

  it('are cut between whole characters', () => {
    const family = '👨‍👩‍👧‍👦';
    const { name } = view({ customer: { name: family.repeat(100) } }).customer;
    expect(name).toMatch(/…$/);
    expect(name?.slice(0, -1).replaceAll(family, '')).toBe('');
  });

  it('show eight items and count the rest', () => {
    const items = Array.from({ length: 1208 }, (_, index) => ({ name: `Cup ${index}`, quantity: 1 }));
    const { order } = view(ordered({ items }));
    expect(order?.items.map(({ name }) => name).at(-1)).toBe('Cup 7');
    expect(order?.further).toBe('1,200');
    expect(view(ordered({ items: items.slice(0, 8) })).order).not.toHaveProperty('further');
  });
});

describe('money and dates', () => {
  it.each([
    [123456, 'EUR', 'en', '€1,234.56'],
    [123456, 'EUR', 'de-DE', '1.234,56\u00a0€'],
    [123456, 'JPY', 'en', '¥123,456'],
    [123456, 'KWD', 'en', 'KWD\u00a0123.456'],
    [-500, 'USD', 'en', '-$5.00'],
  ])('%i minor units of %s in %s', (minor, currency, locale, text) => {
    expect(view(ordered({ total: { minor, currency } }), locale).order?.total).toBe(text);
  });

  it.each([
    ['UTC', 'en', 'November 7, 2026'],
    ['Europe/Stockholm', 'en', 'November 8, 2026'],
    ['Europe/Stockholm', 'sv-SE', '8 november 2026'],
    ['America/New_York', 'en-GB', '7 November 2026'],
    ['Mars/Olympus', 'en', 'November 7, 2026'],
  ])('the day in %s, written in %s', (timeZone, locale, day) => {
    expect(view({ ...ordered({}), timeZone }, locale).order?.placedAt).toBe(day);
  });

  it('an improvement keeps its day everywhere', () => {
    const improvements = [{ date: '2026-10-05', reason: 'delivery', title: { en: 'x' }, text: { en: 'y', de: 'z' } }];
    const written = view({ improvements, timeZone: 'America/Los_Angeles' }, 'de-AT').improvements;
    expect(written).toEqual([{ date: '5.\u00a0Oktober 2026', title: 'x', text: 'z' }]);
  });
});

function itemUrl(url: string): string | null | undefined {
  return view(ordered({ items: [{ name: 'Cup', quantity: 1, url, imageUrl: url }] })).order?.items[0]?.url;
}

describe('links', () => {
  it('keep https, in a form that cannot leave its attribute', () => {
    expect(itemUrl('https://shop.example.com/p?a=1&b="><script>')).toBe(
      'https://shop.example.com/p?a=1&b=%22%3E%3Cscript%3E',
    );
  });

  it.each([
    'http://shop.example.com/',
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    '//shop.example.com/',
    '/relative',
    'https://user:pass@shop.example.com/',
    'https://',
    'mailto:a@example.com',
    `https://shop.example.com/${'x'.repeat(2000)}`,
  ])('%j is dropped', (url) => {
    expect(itemUrl(url)).toBeNull();
  });

  it.each([
    'https://shop.example.com/u?t=1',
    'mailto:out@shop.example.com',
    'mailto:out@shop.example.com?subject=a%20b',
  ])('%s can unsubscribe', (unsubscribeUrl) => {
    expect(view({ unsubscribeUrl }).unsubscribeUrl).toBe(unsubscribeUrl);
  });

  it.each([
    'mailto:a@b.example,c@d.example',
    'mailto:a@b.example?bcc=c@d.example',
    'mailto:',
    'http://x.example/',
    'x',
  ])('%s cannot', (unsubscribeUrl) => {
    expect(view({ unsubscribeUrl })).not.toHaveProperty('unsubscribeUrl');
  });
});

describe('our own pages', () => {
  it('are https, or on this machine', () => {
    for (const url of [
      'https://mail.shop.example.com/p/x',
      'http://127.0.0.1:4580/url/perennial-local-preferences/p/x',
    ]) {
      expect(view({ preferencesUrl: url, unsubscribeUrl: url })).toMatchObject({
        preferencesUrl: url,
        unsubscribeUrl: url,
      });
    }
  });

  it.each([
    'http://x.example/',
    'http://127.0.0.1.example/',
    'http://localhost/',
    'javascript:alert(1)',
    'mailto:a@b.example',
  ])('are not %s', (preferencesUrl) => {
    expect(view({ preferencesUrl })).not.toHaveProperty('preferencesUrl');
  });
});

describe('the question', () => {
  const question = {
    text: { en: 'Why?', sv: 'Varför?' },
    answers: { price: { en: 'Price', sv: 'Priset' }, other: { en: 'Other' } },
  };
  const url = 'https://m.example.com/a/x';

  it('is asked in the language of the mail, answers in the order of the links', () => {
    const asked = view({ asked: { question, urls: { other: url, price: url } } }, 'sv-FI').question;
    expect(asked).toEqual({
      text: 'Varför?',
      answers: [
        { label: 'Other', url },
        { label: 'Priset', url },
      ],
    });
  });

  it('leaves out what has no words or no good link, and itself when nothing is left', () => {
    const urls = { price: url, other: 'javascript:alert(1)', unheard: url, constructor: url };
    expect(view({ asked: { question, urls } }).question?.answers).toEqual([{ label: 'Price', url }]);
    expect(view({ asked: { question, urls: { unheard: url } } })).not.toHaveProperty('question');
  });
});

describe('what an offer is worth', () => {
  const offer = {
    code: 'A1',
    percent: 12.5,
    expiresAt: Date.UTC(2026, 11, 4, 23),
    terms: { en: 'Once.', sv: 'En gång.' },
  };

  it('is a percentage as the language writes it, with the last day in the reader’s own zone', () => {
    expect(view({ offer }).offer).toEqual({
      code: 'A1',
      value: '12.5%',
      expiresAt: 'December 4, 2026',
      terms: 'Once.',
    });
    const swedish = view({ offer: { ...offer, percent: 10 }, timeZone: 'Europe/Stockholm' }, 'sv').offer;
    expect(swedish).toMatchObject({ value: '10\u00a0%', expiresAt: '5 december 2026', terms: 'En gång.' });
  });
});

describe('the cart', () => {
  it('lists its first eight articles with their prices, and says how many more there are', () => {
    const item = { name: ' Cup\n', quantity: 2, price: { minor: 950, currency: 'EUR' } };
    const { cart } = view({ cart: { items: Array.from({ length: 10 }, () => item) } });
    expect(cart).toMatchObject({ further: '2' });
    expect(cart?.items).toHaveLength(8);
    expect(cart?.items[0]).toEqual({ name: 'Cup', quantity: '2', url: null, imageUrl: null, price: '€9.50' });
    expect(cart).not.toHaveProperty('total');
  });

  it('names no price it does not know', () => {
    const { cart } = view({ cart: { items: [{ name: 'Cup', quantity: 1 }], total: { minor: 1, currency: 'EUR' } } });
    expect(cart).toMatchObject({ items: [{ price: null }], total: '€0.01' });
    expect(cart).not.toHaveProperty('further');
  });
});

describe('a change', () => {
  it('says what it costs and when it would come, as far as that is known', () => {
    const change = {
      what: 'the green\u202e glaze',
      cost: { minor: 0, currency: 'EUR' },
      newDate: Date.UTC(2026, 10, 20),
    };
    expect(view({ change }).change).toEqual({ what: 'the green glaze', cost: '€0.00', newDate: 'November 20, 2026' });
    expect(view({ change: { what: 'x'.repeat(700) } }).change).toEqual({ what: `${'x'.repeat(599)}…` });
  });
});

it('the promise of an order, the end of a subscription and a rating are told in words', () => {
  const at = Date.UTC(2026, 10, 20);
  const told = view({
    ...ordered({ promisedBy: at }),
    renewal: { endsAt: at },
    review: { rating: 2, channel: 'social' },
  });
  expect(told.order).toMatchObject({ promisedBy: 'November 20, 2026' });
  expect(told.renewal).toEqual({ endsAt: 'November 20, 2026' });
  expect(told.review).toEqual({ rating: '2', channel: 'social' });
  expect(view(ordered({})).order).not.toHaveProperty('promisedBy');
});

describe('what the shop has to say', () => {
  it('comes in the language of the mail, or else in English', () => {
    const told = view(
      {
        topic: { en: 'teapots', sv: 'tekannor' },
        content: [{ kind: 'guide', title: { en: 'A guide', sv: 'En guide' }, url: 'https://shop.example.com/g' }],
        options: [
          { name: { en: 'Pot' }, text: { en: 'Big' }, price: { en: '€64' }, url: 'javascript:alert(1)', marked: true },
        ],
        price: { value: { en: '€64', sv: '64 €' }, terms: { en: 'tax included' } },
        objection: { title: { en: 'Too dear?' }, text: { en: 'No.' } },
        supplier: { name: ' Leaf  Direct ', gap: { en: 'No dates.' } },
      },
      'sv-FI',
    );
    expect(told).toMatchObject({
      topic: { name: 'tekannor' },
      content: [{ kind: 'guide', title: 'En guide', text: null, url: 'https://shop.example.com/g' }],
      options: [{ name: 'Pot', text: 'Big', price: '€64', url: null, marked: true }],
      price: { value: '64 €', terms: 'tax included' },
      objection: { title: 'Too dear?', text: 'No.' },
      supplier: { name: 'Leaf Direct', gap: 'No dates.' },
    });
  });

  it('is left out where there is nothing', () => {
    const told = view({ supplier: { name: ' ' }, recommended: '\u200b' });
    for (const absent of [
      'topic',
      'price',
      'objection',
      'supplier',
      'recommended',
      'benefit',
      'contact',
      'cart',
      'action',
    ]) {
      expect(told).not.toHaveProperty(absent);
    }
    expect(told).toMatchObject({ content: [], options: [], form: { brief: false, reasons: false } });
  });
});

it.each([
  ['en', 1, '1', 'one'],
  ['en', 2, '2', 'other'],
  ['ru', 3, '3', 'few'],
  ['ru', 5, '5', 'many'],
  ['ru', 21, '21', 'one'],
  ['fa', 2, '۲', 'other'],
] as const)(
  'in %s, a benefit %i orders away is told with the plural form of its number',
  (locale, toGo, told, plural) => {
    const benefit = { name: { en: 'a tasting box' }, orders: 5 };
    expect(view({ benefit: { benefit, toGo } }, locale).benefit).toEqual({ name: 'a tasting box', toGo: told, plural });
  },
);

it.each([
  ['en-GB', '20 November 2026'],
  ['sv', '20 november 2026'],
  ['de', '20.\u00a0November 2026'],
  ['ru', '20 ноября 2026'],
  ['fa', '۲۹ آبان ۱۴۰۵'],
])('in %s, a date ends with its year', (locale, told) => {
  expect(view({ renewal: { endsAt: Date.UTC(2026, 10, 20) } }, locale).renewal?.endsAt).toBe(told);
});

it.each(['not an address', 'maja@shop.example.com?bcc=x@y.example', '"><script>@x', ''])(
  'a contact with the address %j is none',
  (email) => {
    expect(view({ contact: { name: 'Maja', email } })).not.toHaveProperty('contact');
  },
);

it.each(['http://shop.example.com/', 'javascript:alert(1)', 'https://me:pw@shop.example.com/'])(
  'the button does not lead to %s',
  (actionUrl) => {
    expect(view({ actionUrl })).not.toHaveProperty('action');
    expect(view({ actionUrl: 'https://shop.example.com/c/1' }).action).toEqual({ url: 'https://shop.example.com/c/1' });
  },
);

it('nothing beyond the listed fields reaches a template', () => {
  const shopWithMore = { ...shop, secret: 'x' };
  const input = { shop: shopWithMore, customer: { name: 'Anna', email: 'anna@example.com' } };
  const whole = JSON.stringify(viewOf(input, 'en'));
  expect(whole).not.toContain('secret');
  expect(whole).not.toContain('anna@example.com');
});
