import { describe, expect, it } from 'vitest';
import { circumstancesOf, InvalidSetting, settingsOf } from '../../functions/send/settings.ts';
import { ENVIRONMENT, FUNCTION_NAMES, environmentOf, MissingEnvironment } from '../../shared/contracts/environment.ts';

const complete = {
  TABLE_NAME: 'customers',
  CONTENT_TABLE: 'content',
  BUS_NAME: 'bus',
  SENDER: 'Kettle & Fern <hello@shop.example.com>',
  REPLY_TO: 'hello@shop.example.com',
  CONFIGURATION_SET: 'set',
  SENDING: 'live',
  ALLOW_LIST: '-',
  HOLDOUT_SHARE: '0.05',
  HOLDOUT_SALT: 'salt',
  ADDRESS_SECRET: 'arn:addresses',
  LINK_SECRET: 'arn:links',
  LINK_BASE: 'https://mail.shop.example.com/',
  QUOTA_SHARE: '0.5',
  SENDERS: '2',
  WARM_UP: '-',
  INTAKE_SECRET: 'arn:intake',
  INTAKE_RATE: '10',
  METRICS_NAMESPACE: 'Perennial/test',
};

describe.each(FUNCTION_NAMES)('the environment of %s', (name) => {
  it.each([...ENVIRONMENT[name]])('has to hold %s, and a cold start says so', (key) => {
    for (const value of [undefined, '']) {
      expect(() => environmentOf(name, { ...complete, [key]: value })).toThrow(MissingEnvironment);
      expect(() => environmentOf(name, { ...complete, [key]: value })).toThrow(
        `${name}: the environment variable ${key}`,
      );
    }
  });
});

const settings = (changed: Partial<typeof complete> = {}) => settingsOf({ ...complete, ...changed });

describe('the settings of send', () => {
  const text = { en: 'text' };
  const holdout = { share: 0.05, salt: 'salt' };
  const guide = { kind: 'guide', title: text, url: 'https://shop.example.com/guide' } as const;
  const release: Parameters<typeof circumstancesOf>[1] = {
    improvements: [
      { date: '2026-03-01', reason: 'price', title: text, text },
      { date: '2026-05-01', reason: 'experience', title: text, text },
    ],
    benefits: [
      { orders: 10, name: text },
      { orders: 5, name: text },
    ],
    contentFor: (kinds, { category }) => (kinds.includes('guide') && category === 'tea' ? [guide] : []),
    library: { general: { links: {} }, categories: {}, articles: {} },
  };
  it('are read from the environment', () => {
    expect(settings()).toEqual({
      sender: { name: 'Kettle & Fern', address: 'hello@shop.example.com' },
      replyTo: 'hello@shop.example.com',
      sending: 'live',
      allowList: new Set(),
      holdout,
      linkBase: 'https://mail.shop.example.com/',
      lane: { quotaShare: 0.5, senders: 2, shadow: false },
    });
  });

  it('are joined by what the rules have to know of the release in use', () => {
    expect(circumstancesOf(holdout, release)).toEqual({
      holdout,
      improvements: [
        { date: Date.parse('2026-03-01'), reason: 'price' },
        { date: Date.parse('2026-05-01'), reason: 'experience' },
      ],
      benefits: [5, 10],
      hasContent: expect.any(Function),
      hasOptions: expect.any(Function),
    });
    const { hasContent } = circumstancesOf(holdout, release);
    expect(hasContent(['guide', 'reviews'], { category: 'tea' })).toBe(true);
    expect(hasContent(['reviews'], { category: 'tea' })).toBe(false);
    expect(hasContent(['guide'], { category: 'cups' })).toBe(false);
  });

  it('tell the lane that nothing leaves in shadow, and how a domain warms up when all mail goes out', () => {
    const lane = { quotaShare: 0.5, senders: 2, shadow: false };
    expect(settings({ SENDING: 'shadow', WARM_UP: '50,1.5' }).lane).toEqual({ ...lane, shadow: true });
    expect(settings({ SENDING: 'allow-list', WARM_UP: '50,1.5' }).lane).toEqual(lane);
    expect(settings({ SENDING: 'live', WARM_UP: '50,1.5' }).lane).toEqual({
      ...lane,
      warmUp: { firstDay: 50, factor: 1.5 },
    });
  });

  it('take a bare address as sender, and a list of addresses in any case', () => {
    expect(settings({ SENDER: 'a@example.com' }).sender).toEqual({ address: 'a@example.com' });
    expect(settings({ ALLOW_LIST: 'A@example.com,b@Example.com' }).allowList).toEqual(
      new Set(['a@example.com', 'b@example.com']),
    );
  });

  it.each([
    ['SENDING', 'maybe'],
    ['HOLDOUT_SHARE', 'many'],
    ['HOLDOUT_SHARE', '1.5'],
    ['HOLDOUT_SHARE', '-0.1'],
    ['QUOTA_SHARE', '0'],
    ['QUOTA_SHARE', '1.1'],
    ['QUOTA_SHARE', 'half'],
    ['SENDERS', '0'],
    ['SENDERS', '1.5'],
    ['WARM_UP', '50'],
    ['WARM_UP', '0,2'],
    ['WARM_UP', '50,1'],
    ['WARM_UP', '50,2,3'],
    ['LINK_BASE', 'https://mail.shop.example.com'],
    ['LINK_BASE', 'mail/'],
    ['LINK_BASE', 'ftp://mail.shop.example.com/'],
  ])('stop the cold start when %s is %s', (key, value) => {
    expect(() => settings({ [key]: value })).toThrow(InvalidSetting);
    expect(() => settings({ [key]: value })).toThrow(key);
  });
});
