import { describe, expect, it } from 'vitest';
import { librarySchema, linksFor, optionsFor, priceFor, topicName } from '../../shared/email/library.ts';

const page = (name: string) => ({ title: { en: name }, url: `https://shop.example.com/${name}` });
const option = (sku: string) => ({
  sku,
  name: { en: sku },
  text: { en: 'x' },
  price: { en: '€1' },
  url: 'https://shop.example.com/',
});
const price = (value: string) => ({ value: { en: value }, terms: { en: 'tax included' } });

const library = librarySchema.parse({
  general: {
    links: { guide: page('general-guide'), reviews: page('general-reviews') },
  },
  categories: {
    ceramics: {
      name: { en: 'ceramics' },
      links: { guide: page('ceramics-guide') },
      price: price('from €29'),
      options: [option('a'), option('b')],
    },
  },
  articles: {
    pot: {
      name: { en: 'Teapot' },
      category: 'ceramics',
      links: { specification: page('pot-specification') },
      price: price('€64'),
      options: [option('cup'), option('pot'), option('bowl')],
    },
  },
});

const titles = (...args: Parameters<typeof linksFor>) => linksFor(...args).map(({ title }) => title['en']);

describe('a link', () => {
  it.each([
    ['the article', { sku: 'pot' }, ['pot-specification', 'ceramics-guide', 'general-reviews']],
    ['the category', { category: 'ceramics' }, ['ceramics-guide', 'general-reviews']],
    [
      'a category named beside an unknown article',
      { sku: 'x', category: 'ceramics' },
      ['ceramics-guide', 'general-reviews'],
    ],
    [
      'the category the article has, whatever it is said to be of',
      { sku: 'pot', category: 'y' },
      ['pot-specification', 'ceramics-guide', 'general-reviews'],
    ],
    ['nothing we know', { sku: 'x', category: 'y' }, ['general-guide', 'general-reviews']],
    ['nothing', {}, ['general-guide', 'general-reviews']],
  ])('for %s comes from the nearest place that has one', (_what, topic, expected) => {
    expect(titles(library, ['specification', 'guide', 'reviews'], topic)).toEqual(expected);
  });

  it('that nobody has is left out', () => {
    expect(titles(library, ['webinar'], { sku: 'pot' })).toEqual([]);
  });

  it('is not found by the name of something every object has', () => {
    expect(titles(library, ['guide'], { sku: 'constructor', category: 'toString' })).toEqual(['general-guide']);
  });
});

it('name and price are those of the article, or else of its category', () => {
  expect([topicName(library, { sku: 'pot' })?.['en'], priceFor(library, { sku: 'pot' })?.value['en']]).toEqual([
    'Teapot',
    '€64',
  ]);
  expect(topicName(library, { category: 'ceramics' })?.['en']).toBe('ceramics');
  expect(priceFor(library, { category: 'ceramics' })?.value['en']).toBe('from €29');
  expect(topicName(library, {})).toBeUndefined();
  expect(priceFor(library, {})).toBeUndefined();
});

const marked = (topic: Parameters<typeof optionsFor>[1]) =>
  optionsFor(library, topic).flatMap((each) => (each.marked ? [each.sku] : []));

describe('of the options exactly one is marked', () => {
  it('the one that was looked at', () => {
    expect(marked({ sku: 'pot' })).toEqual(['pot']);
  });

  it('or else the first', () => {
    expect(marked({ category: 'ceramics' })).toEqual(['a']);
  });

  it('unless nothing is known to fit', () => {
    expect(optionsFor(library, { sku: 'x', category: 'y' })).toEqual([]);
    expect(optionsFor(library, {})).toEqual([]);
  });

  it('and there are at most three', () => {
    const options = ['a', 'b', 'c', 'd'].map(option);
    const holding = (count: number) =>
      librarySchema.safeParse({
        general: { links: {} },
        categories: { tea: { name: { en: 'tea' }, links: {}, options: options.slice(0, count) } },
        articles: {},
      });
    expect(holding(3).success).toBe(true);
    expect(holding(4).success).toBe(false);
  });
});
