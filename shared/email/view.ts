/**
 * The only data a template can see: a fixed list of fields, each cleaned and formatted here. What is absent or not
 * acceptable (a hostile URL, a name that is no name) is left out, so that a template has to ask before it prints.
 */
import type { ContentLink, FactualPrice } from './library.ts';
import { inLocale } from './locale.ts';
import type { Localised } from './fields.ts';
import type { Benefit, Improvement, Objection, Question, Shop } from './shop.ts';

/** An amount in the currency's minor units, such as cents. */
interface Money {
  readonly minor: number;
  /** ISO 4217. */
  readonly currency: string;
}

interface OrderItemInput {
  readonly name: string;
  readonly quantity: number;
  readonly url?: string | undefined;
  readonly imageUrl?: string | undefined;
}

/** Raw values as events carry them; instants are epoch milliseconds. */
export interface ViewInput {
  readonly shop: Shop;
  readonly customer: { readonly name?: string | undefined; readonly returning?: boolean };
  /** IANA name; UTC when absent or unknown. */
  readonly timeZone?: string | undefined;
  readonly order?:
    | {
        readonly orderId: string;
        readonly placedAt: number;
        readonly total: Money;
        readonly items: readonly OrderItemInput[];
        /** When it was promised to arrive. */
        readonly promisedBy?: number | undefined;
      }
    | undefined;
  readonly cart?:
    | {
        readonly items: readonly (OrderItemInput & { readonly price?: Money | undefined })[];
        readonly total?: Money | undefined;
      }
    | undefined;
  /** The article or category the mail is about. */
  readonly topic?: Localised | undefined;
  readonly content?: readonly ContentLink[];
  readonly options?: readonly OptionInput[];
  readonly price?: FactualPrice | undefined;
  readonly benefit?: { readonly benefit: Benefit; readonly toGo: number } | undefined;
  readonly change?:
    | {
        readonly what: string;
        readonly cost?: Money | undefined;
        readonly newDate?: number | undefined;
      }
    | undefined;
  readonly renewal?: { readonly endsAt: number } | undefined;
  readonly review?: { readonly rating: number; readonly channel: string } | undefined;
  /** What a friend recommended. */
  readonly recommended?: string | undefined;
  /** Where the customer bought before, and what was missing there. */
  readonly supplier?: { readonly name: string; readonly gap?: Localised | undefined } | undefined;
  readonly objection?: Objection | undefined;
  /** The person a key account deals with. */
  readonly contact?: { readonly name: string; readonly email: string } | undefined;
  readonly complaint?:
    | {
        readonly complaintId: string;
        readonly openedAt: number;
        readonly channel: string;
        readonly outcome?: string | undefined;
        readonly compensation?: string | undefined;
      }
    | undefined;
  readonly offer?:
    | {
        readonly code: string;
        /** What is taken off, in percent. */
        readonly percent: number;
        readonly expiresAt: number;
        readonly terms: Localised;
      }
    | undefined;
  readonly improvements?: readonly Improvement[];
  /** Whole days since the customer was last seen. */
  readonly silenceDays?: number | undefined;
  /** A page of ours, or mailto. */
  readonly unsubscribeUrl?: string | undefined;
  /** A page of ours, like the links of the answers. */
  readonly preferencesUrl?: string | undefined;
  /** The one question of the mail, with the link of each answer by its id, in the order they are shown. */
  readonly asked?: { readonly question: Question; readonly urls: Readonly<Record<string, string>> } | undefined;
  /** Where the one button leads. */
  readonly actionUrl?: string | undefined;
  /** How the reader wants to be written to. */
  readonly form?: Form;
}

export interface Form {
  /** What happens, when, how much, and nothing else. */
  readonly brief: boolean;
  /** With the reasons for it. */
  readonly reasons: boolean;
}

const PLAIN_FORM: Form = { brief: false, reasons: false };

/** Something to choose, with its minor choices made: as the shop writes of it, or as it lies in the cart. */
interface OptionInput {
  readonly name: Localised | string;
  readonly text?: Localised;
  readonly price?: Localised | Money | undefined;
  readonly url?: string | undefined;
  readonly marked: boolean;
}

interface ItemView {
  readonly name: string;
  readonly quantity: string;
  /**
   * Null rather than absent: asking Liquid about an absent value costs more than the rest of the item, and there are
   * many items. The compiler refuses an empty link instead.
   */
  readonly url: string | null;
  readonly imageUrl: string | null;
}

export interface View {
  readonly shop: {
    readonly name: string;
    readonly url: string;
    readonly postalAddress: string;
    readonly contacts: {
      readonly email: string;
      readonly phone: string;
      readonly chatUrl: string;
      readonly helpUrl: string;
      readonly hours: string;
    };
    readonly signature: { readonly name: string; readonly role: string };
  };
  readonly customer: { readonly returning: boolean; readonly name?: string; readonly firstName?: string };
  readonly order?: {
    readonly orderId: string;
    readonly placedAt: string;
    readonly total: string;
    readonly items: readonly ItemView[];
    /** How many items are not listed; absent when all are. */
    readonly further?: string;
    /** The plural category of `further` in the language. */
    readonly furtherPlural?: string;
    readonly promisedBy?: string;
  };
  readonly cart?: {
    readonly items: readonly (ItemView & { readonly price: string | null })[];
    readonly further?: string;
    readonly furtherPlural?: string;
    readonly total?: string;
  };
  readonly topic?: { readonly name: string };
  readonly content: readonly {
    readonly kind: string;
    readonly title: string;
    readonly text: string | null;
    readonly url: string;
  }[];
  readonly options: readonly {
    readonly name: string;
    readonly text: string | null;
    readonly price: string | null;
    readonly url: string | null;
    readonly marked: boolean;
  }[];
  readonly price?: { readonly value: string; readonly terms: string };
  readonly benefit?: {
    readonly name: string;
    readonly toGo: string;
    /** The plural category of `toGo` in the language, such as `one`, `few`, `many` or `other`. */
    readonly plural: string;
  };
  readonly change?: { readonly what: string; readonly cost?: string; readonly newDate?: string };
  readonly renewal?: { readonly endsAt: string };
  readonly review?: { readonly rating: string; readonly channel: string };
  readonly recommended?: string;
  readonly supplier?: { readonly name: string; readonly gap?: string };
  readonly objection?: { readonly title: string; readonly text: string };
  readonly contact?: { readonly name: string; readonly email: string };
  readonly complaint?: {
    readonly complaintId: string;
    readonly openedAt: string;
    readonly channel: string;
    readonly outcome?: string;
    readonly compensation?: string;
  };
  readonly offer?: {
    readonly code: string;
    readonly value: string;
    readonly expiresAt: string;
    readonly terms: string;
  };
  readonly improvements: readonly { readonly date: string; readonly title: string; readonly text: string }[];
  readonly silenceDays?: string;
  readonly unsubscribeUrl?: string;
  readonly preferencesUrl?: string;
  readonly question?: {
    readonly text: string;
    readonly answers: readonly { readonly label: string; readonly url: string }[];
  };
  readonly action?: { readonly url: string };
  readonly form: Form;
}

/** UTF-16 units kept of a text; what is longer ends in an ellipsis. */
const LENGTH = { name: 80, topic: 120, firstName: 30, id: 128, itemName: 120, sentence: 600, url: 2000 } as const;

/** An address that can be printed and linked. */
const ADDRESS = /^[^\s"<>,?@]+@[^\s"<>,?@]+$/u;

const LOOPBACK = '127.0.0.1';

/** Items listed in a mail. More would push everything else off the screen, and 1,000 of them past Gmail's limit. */
const LISTED_ITEMS = 8;

/** Invisible characters that reorder or hide what is around them, and could make a name read as something else. */
const INVISIBLE = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** Honorifics and legal forms: whoever's name holds one is not greeted by the first word. */
const NOT_A_GIVEN_NAME =
  /^(mr|mrs|ms|miss|mx|dr|prof|sir|madam|herr|frau|fru|family|familie|familjen|the|ltd|limited|inc|llc|gmbh|ag|ab|oy|as|bv|sa|co|company|corp|team|office|info|shop|customer|guest|test|admin|unknown)$/iu;

/** Languages that put the family name first, where "two words" does not tell which one is the given name. */
const FAMILY_NAME_FIRST = new Set(['hu', 'ja', 'ko', 'vi', 'zh']);
const EAST_ASIAN = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u;

const graphemes = new Intl.Segmenter();

/** Words kept of a free text where the reader wants to be told in brief: the mail has to say the rest, too. */
const BRIEF_TEXT_WORDS = 16;
/** And of the name of an article. */
const BRIEF_NAME_WORDS = 6;
/** And of that of a person who is there for the reader. */
const BRIEF_PERSON_WORDS = 3;

/** Of what somebody wrote freely, the line, and in brief its beginning. */
function told(value: string, length: number, { brief }: Form, most = BRIEF_TEXT_WORDS): string {
  const line = clean(value, length);
  const words = line.split(' ');
  return brief && words.length > most ? `${words.slice(0, most).join(' ')}…` : line;
}

/** In brief a person goes by the name alone, without what they are. */
const personName = (name: string, form: Form) =>
  told(form.brief ? (name.split(',')[0] ?? name) : name, LENGTH.name, form, BRIEF_PERSON_WORDS);
const articleName = (name: string, form: Form) => told(name, LENGTH.itemName, form, BRIEF_NAME_WORDS);

function clean(value: string, length: number): string {
  const line = value
    .replaceAll(INVISIBLE, '')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  if (line.length <= length) return line;
  // Between graphemes, so that no accent or emoji is cut in half.
  let kept = '';
  for (const { segment } of graphemes.segment(line.slice(0, length))) {
    if (kept.length + segment.length >= length) break;
    kept += segment;
  }
  return `${kept}…`;
}

/**
 * The name to greet somebody by, or none: a single word, or the first of exactly two, when it looks like a given
 * name. A wrong first name is worse than none.
 */
function firstNameOf(name: string, locale: string): string | undefined {
  const words = name.split(' ');
  const [first, last] = words;
  if (first === undefined || words.length > 2) return undefined;
  if (words.some((word) => NOT_A_GIVEN_NAME.test(word))) return undefined;
  // Letters, with hyphens or apostrophes inside: no digits, dots, addresses or markup.
  if (!words.every((word) => /^\p{L}[\p{L}\p{M}]*(?:[-'’\u200c][\p{L}\p{M}]+)*$/u.test(word))) return undefined;
  if (last !== undefined && (EAST_ASIAN.test(name) || FAMILY_NAME_FIRST.has(locale.split('-')[0] ?? ''))) {
    return undefined;
  }
  const shouted = first.length > 1 && first === first.toUpperCase() && first !== first.toLowerCase();
  const initial = /^\p{Lu}$/u.test(first);
  return shouted || initial || first.length > LENGTH.firstName ? undefined : first;
}

/** The URL in its normal form if it is https and carries no credentials. */
function httpsUrl(value: string | undefined): string | undefined {
  if (value === undefined || value.length > LENGTH.url || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined;
}

/** Our own pages: https, but for those of the local twin, which never leave the machine. */
function pageUrl(value: string | undefined): string | undefined {
  if (value === undefined || value.length > LENGTH.url || !URL.canParse(value)) return undefined;
  const { protocol, hostname, href } = new URL(value);
  return protocol === 'http:' && hostname === LOOPBACK ? href : httpsUrl(value);
}

function unsubscribeTarget(value: string | undefined): string | undefined {
  if (value === undefined || value.length > LENGTH.url || !URL.canParse(value)) return undefined;
  const isMailto = /^mailto:[^\s"<>,?@]+@[^\s"<>,?@]+(?:\?subject=[\w%.~-]*)?$/i.test(value);
  return isMailto ? value : pageUrl(value);
}

/** Building an Intl format costs more than rendering a mail with it, so each locale, zone and currency has one. */
function remembered<T>(build: (locale: string, detail: string) => T): (locale: string, detail: string) => T {
  const known = new Map<string, T>();
  return (locale, detail) => {
    const key = `${locale} ${detail}`;
    const format = known.get(key) ?? build(locale, detail);
    known.set(key, format);
    return format;
  };
}

/** Long dates; in UTC when the zone is unknown. */
const dayFormat = remembered((locale, timeZone) => {
  try {
    return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone });
  } catch (error) {
    if (error instanceof RangeError) return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
    throw error;
  }
});

/** "year", which Russian puts behind a date: at the end of a sentence its full stop would be the second one. */
const RUSSIAN_YEAR = /\sг\.$/u;

/** A day with a full stop, at which a line must not end. */
const NUMBERED_DAY = /^(\d{1,2}\.) /u;

/** A date as the language writes it, with nothing that a sentence around it could trip over. */
function dayText(locale: string, timeZone: string, instant: number): string {
  return dayFormat(locale, timeZone).format(instant).replace(RUSSIAN_YEAR, '').replace(NUMBERED_DAY, '$1\u00a0');
}

/** Languages that write the name of a currency behind the amount, whole ones without decimals, where others have a sign. */
const NAMED_CURRENCY = new Set(['fa']);

const moneyFormat = remembered((locale, currency) => {
  const isNamed = NAMED_CURRENCY.has(locale.split('-')[0] ?? '');
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    ...(isNamed && { currencyDisplay: 'name', trailingZeroDisplay: 'stripIfInteger' }),
  });
});
const numberFormat = remembered((locale) => new Intl.NumberFormat(locale));
const pluralRules = remembered((locale) => new Intl.PluralRules(locale));

function moneyText({ minor, currency }: Money, locale: string): string {
  const format = moneyFormat(locale, currency);
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** The percentage as the language writes it, such as "10%" or "10 %". */
const percentFormat = remembered(
  (locale) => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }),
);

function itemView(item: OrderItemInput, locale: string, form: Form): ItemView {
  return {
    name: articleName(item.name, form),
    quantity: numberFormat(locale, '').format(item.quantity),
    url: httpsUrl(item.url) ?? null,
    imageUrl: httpsUrl(item.imageUrl) ?? null,
  };
}

/** How many of the items are not listed, if any. */
function furtherOf(items: readonly unknown[], locale: string): { further?: string; furtherPlural?: string } {
  const further = items.length - LISTED_ITEMS;
  if (further <= 0) return {};
  return { further: numberFormat(locale, '').format(further), furtherPlural: pluralRules(locale, '').select(further) };
}

function orderView(
  { orderId, placedAt, total, items, promisedBy }: NonNullable<ViewInput['order']>,
  locale: string,
  timeZone: string,
  form: Form,
): NonNullable<View['order']> {
  return {
    orderId: clean(orderId, LENGTH.id),
    placedAt: dayText(locale, timeZone, placedAt),
    total: moneyText(total, locale),
    items: items.slice(0, LISTED_ITEMS).map((item) => itemView(item, locale, form)),
    ...furtherOf(items, locale),
    ...(promisedBy === undefined ? {} : { promisedBy: dayText(locale, timeZone, promisedBy) }),
  };
}

function cartView(
  { items, total }: NonNullable<ViewInput['cart']>,
  locale: string,
  form: Form,
): NonNullable<View['cart']> {
  return {
    items: items.slice(0, LISTED_ITEMS).map((item) => ({
      ...itemView(item, locale, form),
      price: item.price === undefined ? null : moneyText(item.price, locale),
    })),
    ...furtherOf(items, locale),
    ...(total === undefined ? {} : { total: moneyText(total, locale) }),
  };
}

function changeView(
  { what, cost, newDate }: NonNullable<ViewInput['change']>,
  locale: string,
  timeZone: string,
  form: Form,
): NonNullable<View['change']> {
  return {
    what: told(what, LENGTH.sentence, form),
    ...(cost === undefined ? {} : { cost: moneyText(cost, locale) }),
    ...(newDate === undefined ? {} : { newDate: dayText(locale, timeZone, newDate) }),
  };
}

function priceText(price: OptionInput['price'], locale: string): string | null {
  if (price === undefined) return null;
  return isMoney(price) ? moneyText(price, locale) : inLocale(price, locale);
}

function isMoney(price: Localised | Money): price is Money {
  return typeof price['minor'] === 'number';
}

/** What the shop's own content says of the topic of the mail. */
function contentView({ content = [], options = [], price, topic, form = PLAIN_FORM }: ViewInput, locale: string) {
  return {
    content: content.map(({ kind, title, text, url }) => ({
      kind,
      title: inLocale(title, locale),
      text: text === undefined ? null : inLocale(text, locale),
      url,
    })),
    options: options.map((option) => ({
      name: typeof option.name === 'string' ? articleName(option.name, form) : inLocale(option.name, locale),
      text: option.text === undefined ? null : inLocale(option.text, locale),
      price: priceText(option.price, locale),
      url: httpsUrl(option.url) ?? null,
      marked: option.marked,
    })),
    ...(price && { price: { value: inLocale(price.value, locale), terms: inLocale(price.terms, locale) } }),
    ...(topic && { topic: { name: inLocale(topic, locale) } }),
  };
}

/** What is known of the customer beyond the matter at hand. */
function acquaintanceView(
  { benefit, recommended, supplier, objection, contact, form = PLAIN_FORM }: ViewInput,
  locale: string,
) {
  const friend = told(recommended ?? '', LENGTH.topic, form);
  const before = told(supplier?.name ?? '', LENGTH.name, form);
  const person = personName(contact?.name ?? '', form);
  return {
    ...(benefit && {
      benefit: {
        name: inLocale(benefit.benefit.name, locale),
        toGo: numberFormat(locale, '').format(benefit.toGo),
        plural: pluralRules(locale, '').select(benefit.toGo),
      },
    }),
    ...(friend !== '' && { recommended: friend }),
    ...(before !== '' && {
      supplier: { name: before, ...(supplier?.gap && { gap: inLocale(supplier.gap, locale) }) },
    }),
    ...(objection && {
      objection: { title: inLocale(objection.title, locale), text: inLocale(objection.text, locale) },
    }),
    ...(contact && person !== '' && ADDRESS.test(contact.email) && { contact: { name: person, email: contact.email } }),
  };
}

function complaintView(
  complaint: NonNullable<ViewInput['complaint']>,
  locale: string,
  timeZone: string,
  form: Form,
): NonNullable<View['complaint']> {
  const outcome = told(complaint.outcome ?? '', LENGTH.sentence, form);
  const compensation = told(complaint.compensation ?? '', LENGTH.sentence, form);
  return {
    complaintId: clean(complaint.complaintId, LENGTH.id),
    openedAt: dayText(locale, timeZone, complaint.openedAt),
    channel: told(complaint.channel, LENGTH.name, form),
    ...(outcome === '' ? {} : { outcome }),
    ...(compensation === '' ? {} : { compensation }),
  };
}

function offerView(
  { code, percent, expiresAt, terms }: NonNullable<ViewInput['offer']>,
  locale: string,
  timeZone: string,
): NonNullable<View['offer']> {
  return {
    code: clean(code, LENGTH.name),
    value: percentFormat(locale, '').format(percent / 100),
    expiresAt: dayText(locale, timeZone, expiresAt),
    terms: inLocale(terms, locale),
  };
}

/** Undefined unless at least one answer has both its words and its link. */
function questionView({ question, urls }: NonNullable<ViewInput['asked']>, locale: string): View['question'] {
  const answers = Object.entries(urls).flatMap(([id, target]) => {
    const label = Object.hasOwn(question.answers, id) ? question.answers[id] : undefined;
    const url = pageUrl(target);
    return label === undefined || url === undefined ? [] : [{ label: inLocale(label, locale), url }];
  });
  return answers.length === 0 ? undefined : { text: inLocale(question.text, locale), answers };
}

function customerView({ name: given, returning }: ViewInput['customer'], locale: string): View['customer'] {
  const name = clean(given ?? '', LENGTH.name);
  const firstName = firstNameOf(name, locale);
  return {
    returning: returning ?? false,
    ...(name === '' ? {} : { name }),
    ...(firstName === undefined ? {} : { firstName }),
  };
}

/**
 * The view of one mail.
 *
 * @param locale the `formatting` locale of the chosen template
 * @example viewOf({ shop, customer: { name: 'Anna Lind' } }, 'sv-FI').customer.firstName // 'Anna'
 */
export function viewOf(input: ViewInput, locale: string): View {
  const { shop, order, cart, complaint, change, renewal, review, offer, silenceDays } = input;
  const { timeZone = 'UTC', form = PLAIN_FORM } = input;
  const actionUrl = httpsUrl(input.actionUrl);
  const unsubscribeUrl = unsubscribeTarget(input.unsubscribeUrl);
  const preferencesUrl = pageUrl(input.preferencesUrl);
  const question = input.asked && questionView(input.asked, locale);
  return {
    shop: {
      name: shop.name,
      url: shop.url,
      postalAddress: shop.postalAddress.join(', '),
      contacts: { ...shop.contacts, hours: inLocale(shop.contacts.hours, locale) },
      signature: { name: shop.signature.name, role: inLocale(shop.signature.role, locale) },
    },
    customer: customerView(input.customer, locale),
    ...(order === undefined ? {} : { order: orderView(order, locale, timeZone, form) }),
    ...(cart === undefined ? {} : { cart: cartView(cart, locale, form) }),
    ...(change === undefined ? {} : { change: changeView(change, locale, timeZone, form) }),
    ...(renewal === undefined ? {} : { renewal: { endsAt: dayText(locale, timeZone, renewal.endsAt) } }),
    ...(review === undefined
      ? {}
      : { review: { rating: numberFormat(locale, '').format(review.rating), channel: review.channel } }),
    ...contentView(input, locale),
    ...acquaintanceView(input, locale),
    ...(complaint === undefined ? {} : { complaint: complaintView(complaint, locale, timeZone, form) }),
    ...(offer === undefined ? {} : { offer: offerView(offer, locale, timeZone) }),
    improvements: (input.improvements ?? []).map((improvement) => ({
      // A calendar day has no zone; UTC at both ends keeps it the day that was written.
      date: dayText(locale, 'UTC', Date.parse(improvement.date)),
      title: inLocale(improvement.title, locale),
      text: inLocale(improvement.text, locale),
    })),
    ...(silenceDays === undefined ? {} : { silenceDays: numberFormat(locale, '').format(silenceDays) }),
    ...(unsubscribeUrl === undefined ? {} : { unsubscribeUrl }),
    ...(preferencesUrl === undefined ? {} : { preferencesUrl }),
    ...(question === undefined ? {} : { question }),
    ...(actionUrl === undefined ? {} : { action: { url: actionUrl } }),
    form,
  };
}
