/** From a claimed message to what goes on the wire: chooses the template, fills it, and composes the MIME message. */
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { OutgoingMail } from '../../shared/adapters/mailer.ts';
import { type AnswerLink, type Link, type LinkKeys, linkUrl } from '../../shared/email/links.ts';
import { composeMessage, type Mailbox } from '../../shared/email/message.ts';
import { type ChosenTemplate, type Release, type ReleaseContent } from '../../shared/email/release.ts';
import { UnreachablePart } from '../../shared/email/unreadable-release.ts';
import { render } from '../../shared/email/render.ts';
import { type ViewInput, viewOf } from '../../shared/email/view.ts';
import type { Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
import { mailName } from '../../shared/lifecycle/customer/variant.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { localeOf } from '../../shared/lifecycle/facts/choices.ts';
import type { Placed, Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { contentsOf } from './contents.ts';
import { eventsOf, type Occasion, occasionOf, speaksOfBasket } from './occasion.ts';

/** A message ready for SES, with what the ledger says about its making. */
export interface ComposedMail extends OutgoingMail {
  readonly release: string;
  /** `programme/step`, with `@variant` where one was used. */
  readonly template: string;
  readonly locale: string;
  /** The reader's own language, where there was none of it. */
  readonly insteadOf?: string;
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
    // Its template is there, and this very moment out of reach.
    if (cause instanceof UnreachablePart) throw cause;
    throw new CannotBeMade('no mail can be made of a message', { cause });
  }
}

export interface ComposeServices {
  readonly store: CustomerStore;
  readonly release: ReleaseContent & {
    template(...asked: Parameters<Release['template']>): ChosenTemplate | Promise<ChosenTemplate>;
  };
  readonly playbook: Playbook;
  readonly sender: Mailbox;
  readonly replyTo: string;
  /** Where our pages are; ends with a slash. */
  readonly linkBase: string;
  readonly linkKeys: () => Promise<LinkKeys>;
}

const encode = (text: string) => Buffer.from(text).toString('base64url');

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
  { customer: { customerId, life }, key, t, placed }: Occasion,
  address: string,
) {
  const origin = { customerId, life, key, address, issuedAt: t } satisfies Partial<AnswerLink>;
  const url = (link: Link) => linkUrl(linkBase, keys, link);
  const { question = '', answers = [] } = placed.step.asks ?? {};
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
 * @throws CannotBeMade when content or customer do not yield a mail; faults of the stores and of the secrets as they are
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
  const { store, release, playbook, linkKeys } = services;
  const occasion = occasionOf(customer, key, message, placed, playbook, t);
  const { programme, step } = placed;
  const template = await making(() =>
    release.template(programme.id, step.id, localeOf(customer.facts), occasion.variant),
  );
  const isRead = template.parts.showsJournal || speaksOfBasket(occasion);
  const events = isRead ? await eventsOf(store, occasion) : [];
  const keys = await linkKeys();
  return making(() => fill(services, occasion, template, events, linksOf(services, keys, occasion, address)));
}

/** Who a mail comes from: the shop, or the person a key account deals with, whom a reply reaches. */
function sendersOf({ sender, replyTo, release }: ComposeServices, contact: ViewInput['contact']) {
  if (contact === undefined) return { from: sender, replyTo };
  // The address stays ours: it is the one whose domain is verified.
  return { from: { ...sender, name: `${contact.name}, ${release.shop.name}` }, replyTo: contact.email };
}

/** The template filled, and the message around it. */
async function fill(
  services: ComposeServices,
  occasion: Occasion,
  template: ChosenTemplate,
  events: readonly CustomerEvent[],
  links: ReturnType<typeof linksOf>,
): Promise<ComposedMail> {
  const { release, sender, replyTo } = services;
  const { customer, person, key, message, placed, variant } = occasion;
  const contents = contentsOf(occasion, release, events);
  const view = viewOf({ ...contents, ...links }, template.formatting);
  const { subject, html, text } = render(template, view);
  const to = person.email ?? '';
  const { locale, insteadOf } = template;
  const raw = await composeMessage({
    ...sendersOf(services, contents.contact),
    to: { name: person.name, address: to },
    subject,
    html,
    text,
    headers: {
      // RFC 8058: the mail program posts to the first address and never opens a page.
      'List-Unsubscribe': `<${links.unsubscribeUrl}>, <${mailtoFor(replyTo, links.unsubscribeUrl)}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
    locale,
  });
  const used = mailName(placed.programme.id, placed.step.id, template.variant === undefined ? undefined : variant);
  return {
    from: sender.address,
    to,
    raw,
    // With these a report of SES makes a complete ledger entry, should ours be missing.
    tags: {
      c: encode(customer.customerId),
      k: encode(key),
      n: String(message.attempt),
      r: release.id,
      v: encode(insteadOf === undefined ? `${used}:${locale}` : `${used}:${locale}:${insteadOf}`),
    },
    release: release.id,
    template: used,
    locale,
    ...(insteadOf !== undefined && { insteadOf }),
  };
}
