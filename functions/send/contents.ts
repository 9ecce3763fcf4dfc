/**
 * What a mail may show, each subject from where it is known: the customer's own facts, the events that led to the mail,
 * and the shop's content. What is not known is left out; templates ask.
 */
import { isForKeyAccounts } from '../../shared/email/contact.ts';
import { optionsFor, priceFor, topicName } from '../../shared/email/library.ts';
import type { ReleaseContent } from '../../shared/email/release.ts';
import type { ViewInput } from '../../shared/email/view.ts';
import { objectionNamed } from '../../shared/lifecycle/cases.ts';
import { newsFor } from '../../shared/lifecycle/customer/news.ts';
import { offerFor } from '../../shared/lifecycle/customer/offers.ts';
import { thoughtOf, type Topic } from '../../shared/lifecycle/customer/topic.ts';
import { cartUpdated } from '../../shared/lifecycle/events/cart-updated.ts';
import { changeRequested } from '../../shared/lifecycle/events/change-requested.ts';
import { checkoutStarted } from '../../shared/lifecycle/events/checkout-started.ts';
import { complaintOpened } from '../../shared/lifecycle/events/complaint-opened.ts';
import { complaintResolved } from '../../shared/lifecycle/events/complaint-resolved.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { purchaseCompleted } from '../../shared/lifecycle/events/purchase-completed.ts';
import { choicesOf } from '../../shared/lifecycle/facts/choices.ts';
import { toMinor } from '../../shared/lifecycle/facts/money.ts';
import { newestObjection, type Objection } from '../../shared/lifecycle/facts/objections.ts';
import { historyOf } from '../../shared/lifecycle/facts/orders.ts';
import { asAgreed } from '../../shared/lifecycle/facts/promises.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { latestOf, type Occasion, speaksOfBasket } from './occasion.ts';

type Events = readonly CustomerEvent[];

interface BasketItem {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly price: number;
  readonly url?: string | undefined;
  readonly imageUrl?: string | undefined;
  readonly category?: string | undefined;
}

const listed = ({ name, quantity, url, imageUrl }: BasketItem) => ({ name, quantity, url, imageUrl });

/** An amount of an event; undefined where it names none. */
function moneyOf(major: number | undefined, currency: string | undefined) {
  return major === undefined || currency === undefined ? undefined : { minor: toMinor(major, currency), currency };
}

/** The order behind the message; of a late one the facts know enough, should the event be lost. */
function orderOf({ matter, customer }: Occasion, events: Events): ViewInput['order'] {
  const { facts } = customer;
  const { ring } = facts.orders;
  const bought = latestOf(events, purchaseCompleted);
  if (bought !== undefined) {
    const { orderId, total, currency, items = [] } = bought.data;
    const order = ring.find((each) => each.orderId === orderId);
    const said = bought.data.promisedBy === undefined ? undefined : Date.parse(bought.data.promisedBy);
    // A change may have moved it since.
    const promisedBy = order === undefined ? said : asAgreed(facts, order).promisedBy;
    return {
      orderId,
      placedAt: bought.at,
      total: { minor: toMinor(total, currency), currency },
      items: items.map(listed),
      promisedBy,
    };
  }
  const late = matter?.kind === 'late-order' ? (matter.matter ?? matter.id) : undefined;
  const known = ring.find(({ orderId }) => orderId === late);
  if (known === undefined) return undefined;
  const { orderId, at, minor, currency, promisedBy } = asAgreed(facts, known);
  return { orderId, placedAt: at, total: { minor, currency }, items: [], promisedBy };
}

/** What was about to be ordered: the checkout's word counts more than that of the cart. */
function basketOf(events: Events): { readonly items: readonly BasketItem[]; readonly currency?: string | undefined } {
  const checkout = latestOf(events, checkoutStarted)?.data;
  const { items = [], currency } =
    checkout?.items === undefined ? (latestOf(events, cartUpdated)?.data ?? {}) : checkout;
  return { items, currency };
}

function cartOf(events: Events): ViewInput['cart'] {
  const checkout = latestOf(events, checkoutStarted)?.data;
  const { items, currency } = basketOf(events);
  if (items.length === 0) return undefined;
  return {
    items: items.map((item) => ({ ...listed(item), price: moneyOf(item.price, currency) })),
    total: moneyOf(checkout?.total, checkout?.currency),
  };
}

/** What there is to choose from; with nothing from the shop, what is in the basket already. */
function optionsOf(occasion: Occasion, { library }: ReleaseContent, events: Events): NonNullable<ViewInput['options']> {
  const options = optionsFor(library, topicFor(occasion, events));
  if (options.length > 0) return options;
  const { items, currency } = basketOf(events);
  const [inBasket] = items;
  if (inBasket === undefined) return [];
  const { name, price, url } = inBasket;
  return [{ name, price: moneyOf(price, currency), url, marked: true }];
}

/** Where the button leads: back to the order that was begun, or to what is recommended, or to a page of the shop. */
function actionUrlOf(occasion: Occasion, release: ReleaseContent, events: Events): ViewInput['actionUrl'] {
  const { action, needs = [] } = occasion.placed.step;
  const { shop } = release;
  switch (action) {
    case undefined:
      return undefined;
    case 'shop':
      return shop.url;
    case 'help':
      return shop.contacts.helpUrl;
    case 'chat':
      return shop.contacts.chatUrl;
    case 'resume': {
      const { resumeUrl } = latestOf(events, checkoutStarted)?.data ?? latestOf(events, cartUpdated)?.data ?? {};
      const isRecommended = needs.includes('options') && basketOf(events).items.length === 0;
      const [recommended] = isRecommended ? optionsOf(occasion, release, events).filter(({ marked }) => marked) : [];
      return recommended?.url ?? resumeUrl ?? shop.url;
    }
    default:
      return action satisfies never;
  }
}

function complaintOf({ matter }: Occasion, events: Events): ViewInput['complaint'] {
  if (matter?.kind !== 'complaint') return undefined;
  const { id, matter: complaintId = id, opened } = matter;
  const about = { complaintId, openedAt: opened.at };
  const settled = latestOf(events, complaintResolved)?.data;
  if (settled !== undefined) return { ...about, channel: '', ...settled };
  const heard = latestOf(events, complaintOpened)?.data;
  return heard && { ...about, channel: heard.channel };
}

function changeOf({ matter }: Occasion, events: Events): ViewInput['change'] {
  const asked = matter?.kind === 'change' ? latestOf(events, changeRequested)?.data : undefined;
  if (asked === undefined) return undefined;
  const { what, cost, currency, newDate } = asked;
  return { what, cost: moneyOf(cost, currency), newDate: newDate === undefined ? undefined : Date.parse(newDate) };
}

function reviewOf({ matter, customer }: Occasion): ViewInput['review'] {
  if (matter?.kind !== 'rating') return undefined;
  const posted = customer.facts.reviews?.findLast(({ reviewId }) => reviewId === (matter.matter ?? matter.id));
  return posted && { rating: posted.rating, channel: posted.channel };
}

function offerOf({ customer, key, placed, playbook }: Occasion): ViewInput['offer'] {
  const issued = placed.step.offer === undefined ? undefined : offerFor(customer, key);
  const terms = issued && playbook.offers.byName[issued.offer]?.terms;
  return issued && terms && { code: issued.code, percent: issued.percent, expiresAt: issued.expiresAt, terms };
}

/**
 * What the mail speaks of: the first article of the basket it leads back to; else what was thought about for days, or
 * looked at; and what was put aside, where nothing was.
 */
function topicFor(occasion: Occasion, events: Events): Topic {
  const { facts } = occasion.customer;
  if (!choicesOf(facts.choices).tailored) return {};
  const [inBasket] = basketOf(events).items;
  if (inBasket !== undefined && speaksOfBasket(occasion)) return inBasket;
  return thoughtOf(facts);
}

/** What the shop has to say about the article or the category the mail speaks of. */
function knowledgeOf(occasion: Occasion, release: ReleaseContent, events: Events): Partial<ViewInput> {
  const topic = topicFor(occasion, events);
  const { library } = release;
  return {
    topic: topicName(library, topic),
    content: release.contentFor(occasion.placed.step.content ?? [], topic),
    options: optionsOf(occasion, release, events),
    price: priceFor(library, topic),
  };
}

/** What comes next for somebody who stays. */
function benefitOf({ customer }: Occasion, { benefits }: ReleaseContent): ViewInput['benefit'] {
  const orders = historyOf(customer.facts.orders)?.orders ?? 0;
  const ahead = benefits.filter((each) => each.orders > orders).toSorted((a, b) => a.orders - b.orders);
  const [benefit] = ahead;
  return benefit && { benefit, toGo: benefit.orders - orders };
}

/** The objection that the mail answers, or else the newest. */
function objectionOf({ customer, matter }: Occasion): Objection | undefined {
  const { objections } = customer.facts;
  return objections?.find(({ value }) => matter?.about === objectionNamed(value)) ?? newestObjection(objections);
}

/** What the customer said of themselves and of others. */
function acquaintanceOf(occasion: Occasion, { suppliers, objections }: ReleaseContent): Partial<ViewInput> {
  const { customer, person } = occasion;
  const objection = objectionOf(occasion);
  const before = customer.facts.declared?.previousSupplier?.value;
  const supplier = before === undefined ? undefined : named(suppliers, before.trim().toLowerCase());
  return {
    recommended: person.referral?.recommended,
    supplier: before === undefined ? undefined : (supplier ?? { name: before }),
    objection: objection && named(objections, objection.value),
  };
}

function named<T>(byName: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}

/** The person a key account deals with. */
function contactOf({ placed, traits, person }: Occasion, { shop }: ReleaseContent): ViewInput['contact'] {
  if (!traits.has('key-account') && !isForKeyAccounts(placed)) return undefined;
  return person.accountManager ?? shop.accountManager;
}

/** Everything a mail may show but its links. */
export function contentsOf(occasion: Occasion, release: ReleaseContent, events: Events): ViewInput {
  const { customer, person, matter, placed, traits, playbook, t } = occasion;
  const history = historyOf(customer.facts.orders);
  const dated = release.improvements.map((entry) => ({ date: Date.parse(entry.date), reason: entry.reason, entry }));
  return {
    shop: release.shop,
    customer: { name: person.name, returning: traits.has('returning') },
    timeZone: person.timeZone,
    form: { brief: traits.has('efficient'), reasons: traits.has('traditional') },
    order: orderOf(occasion, events),
    cart: cartOf(events),
    actionUrl: actionUrlOf(occasion, release, events),
    complaint: complaintOf(occasion, events),
    change: changeOf(occasion, events),
    renewal: matter?.kind === 'renewal' ? { endsAt: matter.endsAt } : undefined,
    review: reviewOf(occasion),
    offer: offerOf(occasion),
    improvements: newsFor(dated, customer, placed, playbook, t).map(({ entry }) => entry),
    silenceDays: history && Math.floor((t - history.last) / DAY),
    benefit: benefitOf(occasion, release),
    contact: contactOf(occasion, release),
    ...knowledgeOf(occasion, release, events),
    ...acquaintanceOf(occasion, release),
  };
}
