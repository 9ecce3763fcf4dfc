/** From a claimed message to what goes on the wire: chooses the template, fills it, and composes the MIME message. */
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { OutgoingMail } from '../../shared/adapters/mailer.ts';
import { type Link, type LinkKeys, linkUrl } from '../../shared/email/links.ts';
import { composeMessage, type Mailbox } from '../../shared/email/message.ts';
import type { Release } from '../../shared/email/release.ts';
import { render } from '../../shared/email/render.ts';
import { type ViewInput, viewOf } from '../../shared/email/view.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import { mailName, variantFor } from '../../shared/lifecycle/customer/variant.ts';
import { isNews } from '../../shared/lifecycle/customer/permit.ts';
import type { Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
import { complaintOpened } from '../../shared/lifecycle/events/complaint-opened.ts';
import { complaintResolved } from '../../shared/lifecycle/events/complaint-resolved.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { purchaseCompleted } from '../../shared/lifecycle/events/purchase-completed.ts';
import { localeOf } from '../../shared/lifecycle/facts/choices.ts';
import { toMinor } from '../../shared/lifecycle/facts/money.ts';
import { historyOf, lastOrder } from '../../shared/lifecycle/facts/orders.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';
import type { Placed, Playbook } from '../../shared/lifecycle/playbook.ts';
import { stageOf } from '../../shared/lifecycle/stage.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';

/** A message ready for SES, with what the ledger says about its making. */
export interface ComposedMail extends OutgoingMail {
  readonly release: string;
  /** `programme/step`, with `@variant` where one was used. */
  readonly template: string;
  readonly locale: string;
}

/** The content, or what is stored of the customer, does not yield a mail; trying again at once is no use. */
export class CannotBeMade extends Error {
  override readonly name = 'CannotBeMade';

  /** Name of the error behind it. Its text may quote what a template showed, and stays out of the log. */
  get reason(): string {
    return this.cause instanceof Error ? this.cause.name : 'unknown';
  }
}

/** Runs what depends on content and customer alone: whatever it throws, it will throw again. */
async function making<T>(make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (cause) {
    throw new CannotBeMade('no mail can be made of a message', { cause });
  }
}

export interface ComposeServices {
  readonly store: CustomerStore;
  readonly release: Release;
  readonly playbook: Playbook;
  readonly sender: Mailbox;
  readonly replyTo: string;
  /** Where our pages are; ends with a slash. */
  readonly linkBase: string;
  readonly linkKeys: () => Promise<LinkKeys>;
}

const encode = (text: string) => Buffer.from(text).toString('base64url');

/** What the templates may show of the order behind a message. */
function orderOf(cause: CustomerEvent | undefined): ViewInput['order'] {
  if (cause?.type !== purchaseCompleted.type) return undefined;
  const { orderId, total, currency, items } = purchaseCompleted.data.parse(cause.data);
  return {
    orderId,
    placedAt: cause.occurredAt,
    total: { minor: toMinor(total, currency), currency },
    items: (items ?? []).map(({ name, quantity, url, imageUrl }) => ({ name, quantity, url, imageUrl })),
  };
}

function complaintOf(customer: Living, complaintId: string, cause: CustomerEvent | undefined): ViewInput['complaint'] {
  const opened = customer.facts.complaints.known.find((each) => each.complaintId === complaintId)?.opened;
  if (opened === undefined || cause === undefined) return undefined;
  const about = { complaintId, openedAt: opened.at };
  if (cause.type === complaintOpened.type) return { ...about, channel: complaintOpened.data.parse(cause.data).channel };
  if (cause.type !== complaintResolved.type) return undefined;
  const { outcome, compensation } = complaintResolved.data.parse(cause.data);
  return { ...about, channel: '', outcome, compensation };
}

function offerOf(playbook: Playbook, { programme, step }: Placed, t: Instant): ViewInput['offer'] {
  const offer = step.needs === 'offer' ? playbook.offers[programme.id] : undefined;
  return offer && { code: offer.code, value: offer.value, terms: offer.terms, expiresAt: t + offer.lasts };
}

/**
 * For mail programs that write instead of posting. The token of the link is in the subject, so that whoever reads it, a
 * person or a rule, can open the page it belongs to; it allows nothing but unsubscribing.
 */
function mailtoFor(replyTo: string, unsubscribeUrl: string): string {
  const token = unsubscribeUrl.slice(unsubscribeUrl.lastIndexOf('/') + 1);
  return `mailto:${replyTo}?subject=unsubscribe%20${token}`;
}

/** The links of one mail: its reader needs no account, for each link says who may do what. */
function linksOf(
  { linkBase, release }: ComposeServices,
  keys: LinkKeys,
  origin: Omit<Extract<Link, { kind: 'answer' }>, 'kind' | 'question' | 'answer'>,
  { step }: Placed,
) {
  const url = (link: Link) => linkUrl(linkBase, keys, link);
  const { question = '', answers = [] } = step.asks ?? {};
  const asked = Object.hasOwn(release.questions, question) ? release.questions[question] : undefined;
  const urls = answers.map((answer) => [answer, url({ kind: 'answer', ...origin, question, answer })]);
  return {
    unsubscribeUrl: url({ kind: 'unsubscribe', ...origin }),
    preferencesUrl: url({ kind: 'preferences', ...origin }),
    asked: asked && { question: asked, urls: Object.fromEntries(urls) },
  };
}

/**
 * Makes the mail of a pending message.
 *
 * @param address keyed hash of the customer's address, for the links
 * @throws CannotBeMade when content or customer do not yield a mail; faults of the store and of the secrets as they are
 */
export async function composeMail(
  services: ComposeServices,
  customer: Living,
  key: string,
  message: Pending,
  placed: Placed,
  address: string,
  t: Instant,
): Promise<ComposedMail> {
  const { store, release, playbook } = services;
  const { programme, step } = placed;
  const variant = variantFor(customer, step, playbook, t);
  const template = await making(() => release.template(programme.id, step.id, localeOf(customer.facts), variant));
  const shown = template.parts.showsCause ? message.cause : undefined;
  const cause = shown === undefined ? undefined : await store.readEvent(customer.customerId, shown);
  const keys = await services.linkKeys();
  return making(() => fill(services, keys, template, cause, customer, key, message, placed, address, t));
}

/** The template filled, and the message around it. */
async function fill(
  services: ComposeServices,
  keys: LinkKeys,
  template: ReturnType<Release['template']>,
  cause: CustomerEvent | undefined,
  customer: Living,
  key: string,
  message: Pending,
  placed: Placed,
  address: string,
  t: Instant,
): Promise<ComposedMail> {
  const { release, playbook, sender, replyTo } = services;
  const { programme, step } = placed;
  const variant = variantFor(customer, step, playbook, t);
  const person = personOf(customer.facts.person);
  const { returning } = stageOf(customer.facts, playbook.stages, t);
  const history = historyOf(customer.facts.orders);
  const since = lastOrder(customer.facts.orders)?.at ?? 0;
  const { customerId, life } = customer;
  const links = linksOf(services, keys, { customerId, life, key, address, issuedAt: t }, placed);
  const view = viewOf(
    {
      shop: release.shop,
      customer: { name: person.name, returning },
      timeZone: person.timeZone,
      order: orderOf(cause),
      complaint: complaintOf(customer, parseKey(key)?.episode ?? '', cause),
      offer: offerOf(playbook, placed, t),
      improvements: release.improvements.filter((each) => isNews(Date.parse(each.date), since, t)),
      silenceDays: history && Math.floor((t - history.last) / DAY),
      ...links,
    },
    template.formatting,
  );
  const { subject, html, text } = render(template, view);
  const to = person.email ?? '';
  const raw = await composeMessage({
    from: sender,
    replyTo,
    to: { name: person.name, address: to },
    subject,
    html,
    text,
    headers: {
      // RFC 8058: the mail program posts to the first address and never opens a page.
      'List-Unsubscribe': `<${links.unsubscribeUrl}>, <${mailtoFor(replyTo, links.unsubscribeUrl)}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
    locale: template.locale,
  });
  const { locale } = template;
  const used = mailName(programme.id, step.id, template.variant === undefined ? undefined : variant);
  return {
    from: sender.address,
    to,
    raw,
    // With these a report of SES makes a complete ledger entry, should ours be missing.
    tags: {
      c: encode(customerId),
      k: encode(key),
      n: String(message.attempt),
      r: release.id,
      v: encode(`${used}:${locale}`),
    },
    release: release.id,
    template: used,
    locale,
  };
}
