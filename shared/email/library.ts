/**
 * What there is to read about the shop's articles, and what else a mail may say of them: `library.json`, once parsed. What
 * is not said of an article is looked up in its category, and then in general.
 */
import * as z from 'zod/mini';
import type { Topic } from '../lifecycle/customer/topic.ts';
import { CONTENT_KINDS } from '../lifecycle/content-kinds.ts';
import { httpsUrl, localised, type Localised } from './fields.ts';

export type ContentKind = (typeof CONTENT_KINDS)[number];

/** More than three to choose from is no recommendation. */
const MOST_OPTIONS = 3;

const link = z.strictObject({ title: localised, text: z.optional(localised), url: httpsUrl });

const option = z.strictObject({
  sku: z.optional(z.string().check(z.minLength(1))),
  name: localised,
  /** Why one would choose it, with the minor choices already made. */
  text: localised,
  price: localised,
  url: httpsUrl,
});

const shelf = {
  links: z.partialRecord(z.enum(CONTENT_KINDS), link),
  /** The price as a fact, with its exact terms. */
  price: z.optional(z.strictObject({ value: localised, terms: localised })),
};

const choice = {
  /** The first is marked, unless the customer has looked at another one. */
  options: z.optional(z.array(option).check(z.minLength(1), z.maxLength(MOST_OPTIONS))),
};

export const librarySchema = z.strictObject({
  general: z.strictObject(shelf),
  /** By category, as events name it. */
  categories: z.record(z.string(), z.strictObject({ name: localised, ...shelf, ...choice })),
  /** By SKU. */
  articles: z.record(
    z.string(),
    z.strictObject({ name: localised, category: z.optional(z.string().check(z.minLength(1))), ...shelf, ...choice }),
  ),
});

export type Library = z.infer<typeof librarySchema>;
type Option = z.infer<typeof option>;
export type FactualPrice = NonNullable<Library['general']['price']>;

export interface ContentLink {
  readonly kind: ContentKind;
  readonly title: Localised;
  readonly text?: Localised | undefined;
  readonly url: string;
}

function found<T>(byName: Readonly<Record<string, T>>, name: string | undefined): T | undefined {
  return name !== undefined && Object.hasOwn(byName, name) ? byName[name] : undefined;
}

/** Where to look, the most special first. */
function shelvesFor({ general, categories, articles }: Library, { sku, category }: Topic) {
  const article = found(articles, sku);
  // What the shop says of the article itself is surer than what it was looked at among.
  const ofCategory = found(categories, article?.category ?? category);
  return {
    article,
    category: ofCategory,
    shelves: [article, ofCategory, general].filter((each) => each !== undefined),
  };
}

/** One link for each kind there is one for, in the order of `kinds`. */
export function linksFor(library: Library, kinds: readonly ContentKind[], topic: Topic): readonly ContentLink[] {
  const { shelves } = shelvesFor(library, topic);
  return kinds.flatMap((kind) => {
    const nearest = shelves.find(({ links }) => links[kind] !== undefined)?.links[kind];
    return nearest === undefined ? [] : [{ kind, ...nearest }];
  });
}

/** What the article, or else its category, is called. */
export function topicName(library: Library, topic: Topic): Localised | undefined {
  const { article, category } = shelvesFor(library, topic);
  return (article ?? category)?.name;
}

export function priceFor(library: Library, topic: Topic): FactualPrice | undefined {
  return shelvesFor(library, topic).shelves.find(({ price }) => price !== undefined)?.price;
}

/**
 * At most three that fit, exactly one of them marked: the one looked at, or else the first. What is good in general fits
 * nobody in particular.
 */
export function optionsFor(library: Library, topic: Topic): readonly (Option & { readonly marked: boolean })[] {
  const { article, category } = shelvesFor(library, topic);
  const options = article?.options ?? category?.options ?? [];
  const looked = options.findIndex(({ sku }) => sku !== undefined && sku === topic.sku);
  return options.map((each, index) => ({ ...each, marked: index === Math.max(looked, 0) }));
}
