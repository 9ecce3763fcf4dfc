/**
 * Views to try templates on: a full one, whose paths are all that a template may name, and the leanest one each step
 * may meet in reality. A step that renders with both renders with everything between.
 */
import type { Placed } from '../lifecycle/playbook.ts';
import { CONTENT_KINDS } from '../lifecycle/content-kinds.ts';
import { isForKeyAccounts } from './contact.ts';
import type { Topic } from '../lifecycle/customer/topic.ts';
import { type ContentKind, type Library, linksFor, optionsFor, priceFor, topicName } from './library.ts';
import type { Localised } from './fields.ts';
import { FALLBACK_LOCALE, inLocale } from './locale.ts';
import { sampleWords } from './sample-words.ts';
import type { Benefit, Improvement, Objection, Question, Shop, Supplier } from './shop.ts';
import type { ViewInput } from './view.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 20, 9);

/** Of a sample order, beside the first article. */
const CUPS = 11;

function itemsIn(locale: string) {
  const { teapot, cup } = sampleWords(locale);
  const figures = new Intl.NumberFormat(locale);
  const first = {
    name: teapot,
    quantity: 1,
    price: { minor: 6400, currency: 'EUR' },
    url: 'https://shop.example.com/p/teapot',
    imageUrl: 'https://shop.example.com/i/teapot.jpg',
  };
  return [
    first,
    ...Array.from({ length: CUPS }, (_, index) => ({ name: cup(figures.format(index + 1)), quantity: 2 })),
  ];
}

/** As long as an event may have it, in words so short that there are many of them. */
const LONGEST_TEXT = 500;

/** What the shop itself tells of a customer, in its own words. */
function tellIn(locale: string) {
  const { andSoOn, recommended, change, channel, outcome, compensation, supplier } = sampleWords(locale);
  const items = itemsIn(locale);
  const longest = (text: string): string => `${text} ${andSoOn.repeat(LONGEST_TEXT)}`.slice(0, LONGEST_TEXT).trim();
  return {
    order: {
      orderId: 'A-10482',
      placedAt: NOW - 3 * DAY,
      total: { minor: 8450, currency: 'EUR' },
      items,
      promisedBy: NOW + 4 * DAY,
    },
    cart: { items, total: { minor: 8450, currency: 'EUR' } },
    change: { what: longest(change), cost: { minor: 1_234_550, currency: 'SEK' }, newDate: NOW + 6 * DAY },
    recommended: longest(recommended),
    supplier: {
      name: longest(supplier),
      gap: { en: 'They do not say where a tea comes from. We do, on each page.' },
    },
    complaint: {
      complaintId: 'C-2291',
      openedAt: NOW - 4 * DAY,
      channel: longest(channel),
      outcome: longest(outcome),
      compensation: longest(compensation),
    },
  } satisfies Partial<ViewInput>;
}

/** By locale: every reader of a language is told the same. */
const tales = new Map<string, ReturnType<typeof tellIn>>();

function toldIn(locale: string): ReturnType<typeof tellIn> {
  const told = tales.get(locale) ?? tellIn(locale);
  tales.set(locale, told);
  return told;
}

const SAMPLE = {
  customer: { name: 'Anna Lind', returning: true },
  options: [
    {
      name: { en: 'Stoneware teapot, 0.8 l' },
      text: { en: 'For two to three cups, with a strainer, in ash glaze.' },
      price: { en: '€64' },
      url: 'https://shop.example.com/p/teapot',
      marked: true,
    },
    {
      name: { en: 'Gaiwan, white porcelain' },
      text: { en: 'For one cup at a time.' },
      price: { en: '€29.50' },
      url: 'https://shop.example.com/p/gaiwan',
      marked: false,
    },
  ],
  price: {
    value: { en: '€64' },
    terms: { en: 'Tax included. Delivery is free, and returns within 60 days are, too.' },
  },
  benefit: { benefit: { name: { en: 'a yearly tasting box' }, orders: 5 }, toGo: 1 },
  renewal: { endsAt: NOW + 20 * DAY },
  review: { rating: 2, channel: 'shop' },
  objection: {
    title: { en: '“Changing is a bother.”' },
    text: { en: 'There is nothing to cancel or to sign with us.' },
  },
  contact: { name: 'Maja Sofia Lind', email: 'maja@shop.example.com' },
  offer: {
    code: 'ANNA-7Q2K',
    percent: 15,
    expiresAt: NOW + 14 * DAY,
    terms: {
      en: 'Once per person, on one order of any size, not combined with other codes.',
      sv: 'En gång per person, på en beställning oavsett belopp, inte tillsammans med andra koder.',
      de: 'Einmal pro Person, für eine Bestellung ohne Mindestwert, nicht mit anderen Codes kombinierbar.',
      ru: 'Один раз для каждого покупателя, на один заказ любой стоимости; с другими промокодами не суммируется.',
      fa: 'هر نفر یک بار، برای یک سفارش با هر مبلغ؛ با کدهای دیگر جمع نمی‌شود.',
    },
  },
  improvements: [
    {
      date: '2026-10-05',
      reason: 'experience',
      title: { en: 'Orders leave within one working day' },
      text: { en: 'It used to be three.' },
    },
  ],
  silenceDays: 140,
  unsubscribeUrl: 'https://shop.example.com/mail/u/sample',
  preferencesUrl: 'https://shop.example.com/mail/p/sample',
  asked: {
    question: {
      text: { en: 'What was it?' },
      answers: {
        price: { en: 'It was too expensive' },
        experience: { en: 'Something went wrong with an order' },
        other: { en: 'Something else' },
      },
    },
    urls: {
      price: 'https://shop.example.com/mail/a/price',
      experience: 'https://shop.example.com/mail/a/experience',
      other: 'https://shop.example.com/mail/a/other',
    },
  },
  actionUrl: 'https://shop.example.com/checkout/sample',
} satisfies Omit<ViewInput, 'shop'>;

/** What samples take from the content they are made for, so that they speak its languages. */
export interface SampleContent {
  readonly shop: Shop;
  readonly improvements: readonly Improvement[];
  readonly library: Library;
  readonly questions: Readonly<Record<string, Question>>;
  readonly benefits: readonly Benefit[];
  readonly objections: Readonly<Record<string, Objection>>;
  readonly suppliers: Readonly<Record<string, Supplier>>;
  /** By name, what the playbook says of each offer; without it, an offer that many shops make. */
  readonly offers?: Readonly<Record<string, { readonly terms: Localised }>>;
}

function wordsIn(texts: readonly (Localised | undefined)[], locale: string): number {
  return texts.reduce((sum, text) => sum + (text === undefined ? 0 : inLocale(text, locale).split(' ').length), 0);
}

/** What a mail shows of a topic. */
interface Shown {
  readonly kinds: readonly ContentKind[];
  readonly options: boolean;
}

/** By what is shown and locale; every mail asks for its own several times over. */
const topics = new WeakMap<Library, Map<string, Topic>>();

/** What the shop has most to say about: with something to choose from where that is shown, and in the most words. */
function topicOf(library: Library, shown: Shown, locale: string): Topic {
  const known = topics.get(library) ?? new Map<string, Topic>();
  topics.set(library, known);
  const asked = JSON.stringify([locale, shown]);
  const topic = known.get(asked) ?? wordiestTopic(library, shown, locale);
  known.set(asked, topic);
  return topic;
}

function wordiestTopic(library: Library, shown: Shown, locale: string): Topic {
  const every: readonly Topic[] = [
    ...Object.keys(library.articles).map((sku) => ({ sku })),
    ...Object.keys(library.categories).map((category) => ({ category })),
  ];
  const said = every.map((topic) => {
    const options = shown.options ? optionsFor(library, topic) : [];
    const links = linksFor(library, shown.kinds, topic);
    const price = priceFor(library, topic);
    // Of a link, in brief, only its title.
    const named = [...options.flatMap(({ name, text }) => [name, text]), ...links.map(({ title }) => title)];
    const words = wordsIn([...named, topicName(library, topic), price?.value, price?.terms], locale);
    return { topic, choice: Math.min(options.length, 2), words };
  });
  return said.toSorted((a, b) => b.choice - a.choice || b.words - a.words)[0]?.topic ?? {};
}

/** What takes the most words to say. */
function wordiest<T>(all: readonly T[], textsOf: (each: T) => readonly (Localised | undefined)[], locale: string) {
  return all.toSorted((a, b) => wordsIn(textsOf(b), locale) - wordsIn(textsOf(a), locale))[0];
}

/** What some article of the shop is called, in the languages of the shop. */
function nameOfAny({ articles }: Library): ViewInput['topic'] {
  return Object.values(articles)[0]?.name;
}

/** Everything there can be; for a step with its own links and its own question. */
export function fullSample(content: SampleContent, placed?: Placed, locale: string = FALLBACK_LOCALE): ViewInput {
  const { shop, improvements, library, questions, benefits, objections, suppliers, offers = {} } = content;
  const kinds = placed?.step.content ?? CONTENT_KINDS;
  const isChoice = placed === undefined || placed.step.needs?.includes('options') === true;
  const topic = topicOf(library, { kinds, options: isChoice }, locale);
  const options = optionsFor(library, topic);
  const benefit = wordiest(benefits, ({ name }) => [name], locale) ?? SAMPLE.benefit.benefit;
  const objection = wordiest(Object.values(objections), ({ title, text }) => [title, text], locale) ?? SAMPLE.objection;
  const supplier = wordiest(Object.values(suppliers), ({ gap }) => [gap], locale);
  const { terms } = offers[placed?.step.offer ?? ''] ?? SAMPLE.offer;
  const told = toldIn(locale);
  return {
    ...SAMPLE,
    ...told,
    shop,
    topic: topicName(library, topic) ?? nameOfAny(library) ?? { en: sampleWords(locale).teapot },
    options: options.length > 0 ? options : SAMPLE.options,
    price: priceFor(library, topic) ?? SAMPLE.price,
    benefit: { benefit, toGo: SAMPLE.benefit.toGo },
    offer: { ...SAMPLE.offer, terms },
    objection,
    supplier: { ...told.supplier, gap: supplier?.gap ?? told.supplier.gap },
    improvements: improvements.length > 0 ? improvements : SAMPLE.improvements,
    content: linksFor(library, kinds, topic),
    asked: askedBy(questions, placed) ?? SAMPLE.asked,
  };
}

function askedBy(questions: SampleContent['questions'], placed: Placed | undefined): ViewInput['asked'] {
  const { asks } = placed?.step ?? {};
  const question = asks && Object.hasOwn(questions, asks.question) ? questions[asks.question] : undefined;
  if (asks === undefined || question === undefined) return undefined;
  const urls = asks.answers.map((answer) => [answer, `https://shop.example.com/mail/a/${answer}`]);
  return { question, urls: Object.fromEntries(urls) };
}

/** What the case behind a step guarantees. */
function guaranteedBy(placed: Placed, locale: string): Partial<ViewInput> {
  const { series } = placed;
  if (series.trigger !== 'case') return {};
  const { renewal, review } = SAMPLE;
  const { order, change } = toldIn(locale);
  switch (series.of) {
    case 'change':
      return { change: { what: change.what } };
    case 'renewal':
      return { renewal };
    case 'rating':
      return { review };
    case 'late-order':
      return { order: { ...order, items: [] } };
    case 'complaint':
    case 'checkout':
    case 'cart':
    case 'answer':
    case 'referral':
    case 'attention':
    case 'order':
      return {};
    default:
      return series.of satisfies never;
  }
}

/** What a step can count on, beyond the shop; everything else may be missing. */
export function leanSample(content: SampleContent, placed: Placed, locale: string = FALLBACK_LOCALE): ViewInput {
  const { offer, improvements, options, unsubscribeUrl, preferencesUrl, actionUrl, benefit, contact } = SAMPLE;
  const { shop, library, questions } = content;
  const { needs = [], content: kinds = [], offer: offered, action } = placed.step;
  const asked = askedBy(questions, placed);
  return {
    shop,
    customer: {},
    unsubscribeUrl,
    preferencesUrl,
    ...guaranteedBy(placed, locale),
    ...(offered !== undefined && { offer }),
    ...(action !== undefined && { actionUrl }),
    ...(asked && { asked }),
    ...(needs.includes('improvement') && { improvements }),
    ...(needs.includes('content') && { content: linksFor(library, kinds, {}).slice(0, 1) }),
    ...(needs.includes('options') && { options: options.slice(0, 1) }),
    ...(needs.includes('benefit') && { benefit }),
    ...(isForKeyAccounts(placed) && { contact }),
  };
}

/** Somebody made up, to see a mail as they would get it. */
export interface SampleReader {
  readonly id: string;
  /** As a person reads it. */
  readonly title: string;
  /** What breaks in one form of a mail and not in another. */
  readonly inEveryForm: boolean;
  readonly input: (content: SampleContent, placed: Placed, locale: string) => ViewInput;
}

/** The two extremes: what renders for both renders for everybody between. */
export const COMMON_READERS: readonly SampleReader[] = [
  { id: 'known', title: 'a customer we know all about', inEveryForm: true, input: fullSample },
  { id: 'unknown', title: 'a customer we know nothing about', inEveryForm: true, input: leanSample },
];

/** The full sample with something that mails tend to break on. */
function awkward(
  id: string,
  title: string,
  change: (full: ViewInput) => Partial<ViewInput>,
  inEveryForm = false,
): SampleReader {
  return {
    id,
    title,
    inEveryForm,
    input: (content, placed, locale) => {
      const full = fullSample(content, placed, locale);
      return { ...full, ...change(full) };
    },
  };
}

/** As long as a name can be, in words so long that no line breaks between them. */
const LONG_NAME = 'Wolfeschlegelsteinhausenbergerdorff '.repeat(3).slice(0, 80);
/** More than anybody orders, of what is longer than anybody calls it. */
const HUGE_ORDER = { items: 1000, quantity: 1e9, nameLength: 5000 } as const;
const MARKUP = '<script>alert("1")</script>';

/** Readers that mails tend to break on. */
const AWKWARD_READERS: readonly SampleReader[] = [
  awkward('no-name', 'nobody told us a name', () => ({ customer: {} })),
  awkward('long-name', 'a name of 80 characters', () => ({ customer: { name: LONG_NAME } })),
  awkward('persian-name', 'a Persian name', () => ({ customer: { name: 'نسرین رضایی' } })),
  awkward(
    'nothing-ordered',
    'an order and a basket without articles',
    ({ order, cart }) => ({ order: order && { ...order, items: [] }, cart: cart && { ...cart, items: [] } }),
    true,
  ),
  awkward('huge-amounts', 'a thousand articles for a huge amount', () => {
    const total = { minor: Number.MAX_SAFE_INTEGER, currency: 'IRR' };
    const { quantity, nameLength } = HUGE_ORDER;
    const items = Array.from({ length: HUGE_ORDER.items }, () => ({ name: 'x'.repeat(nameLength), quantity }));
    return { order: { orderId: '9'.repeat(128), placedAt: NOW - 3 * DAY, total, items }, cart: { items, total } };
  }),
  awkward('markup', 'markup wherever somebody can write', ({ order, complaint, change, contact }) => ({
    customer: { name: MARKUP },
    order: order && { ...order, orderId: MARKUP, items: [{ name: MARKUP, quantity: 1, url: 'javascript:alert(1)' }] },
    complaint: complaint && { ...complaint, complaintId: MARKUP, channel: MARKUP, outcome: MARKUP },
    cart: {
      items: [{ name: MARKUP, quantity: 1, url: 'javascript:alert(1)', imageUrl: 'http://x.example/"onerror="' }],
    },
    change: change && { ...change, what: MARKUP },
    recommended: MARKUP,
    supplier: { name: MARKUP },
    contact: contact && { ...contact, name: MARKUP },
  })),
];

export const ALL_READERS: readonly SampleReader[] = [...COMMON_READERS, ...AWKWARD_READERS];
