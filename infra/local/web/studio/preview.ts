/**
 * A draft as one reader would get it, made by what the sender makes mails with: of a sample its view and its rendering, of
 * a customer of the twin the whole of its composing.
 */
import { convert } from 'html-to-text';
import { simpleParser } from 'mailparser';
import { composeMail, CannotBeMade, type ComposeServices } from '../../../../functions/send/compose.ts';
import type { OutgoingMail } from '../../../../shared/adapters/mailer.ts';
import { addressHash } from '../../../../shared/email/address-hash.ts';
import { isForKeyAccounts } from '../../../../shared/email/contact.ts';
import { linksFor } from '../../../../shared/email/library.ts';
import { negotiate } from '../../../../shared/email/locale.ts';
import { composeMessage, RefusedField } from '../../../../shared/email/message.ts';
import type { ChosenTemplate } from '../../../../shared/email/release.ts';
import { render, RenderFailed, type RenderedMail } from '../../../../shared/email/render.ts';
import type { SampleReader } from '../../../../shared/email/sample.ts';
import { type Form, viewOf } from '../../../../shared/email/view.ts';
import type { Living } from '../../../../shared/lifecycle/customer/profile.ts';
import { localeOf } from '../../../../shared/lifecycle/facts/choices.ts';
import { personOf } from '../../../../shared/lifecycle/facts/person.ts';
import type { Instant } from '../../../../shared/lifecycle/time.ts';
import type { Draft } from './drafts.ts';
import { type Choice, withChoice } from './choice.ts';

export type Composing = Omit<ComposeServices, 'release' | 'playbook'> & {
  /** The key of the hashes that stand for addresses. */
  readonly addressKey: () => Promise<string>;
};

export interface Preview extends RenderedMail {
  readonly sender: string;
  /** The mail as it would go out to this address. */
  readonly outgoing: (to: string) => Promise<OutgoingMail>;
}

/** No mail comes of it; the message says why, for whoever edits. */
export class NoPreview extends Error {
  override readonly name = 'NoPreview';
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? reasonOf(cause.cause) : undefined;
  const told = cause instanceof Error ? cause.message : String(cause);
  // Places in what was compiled tell nobody anything.
  return inner ?? told.replace(/, line:\d+.*$/su, '');
}

type Whole = Draft & Required<Pick<Draft, 'house' | 'template'>>;

function whole(draft: Draft): Whole {
  const { house, template } = draft;
  if (house === undefined || template === undefined) throw new NoPreview('It does not compile; see what is wrong.');
  return { ...draft, house, template };
}

/** @throws NoPreview */
export function previewForSample(
  draft: Draft,
  reader: SampleReader,
  form: Form,
  services: Pick<Composing, 'sender' | 'replyTo'>,
): Preview {
  const { house, template } = whole(draft);
  const { shop } = house.carried;
  const { placed } = template.step;
  const { locale } = template.stringsFile;
  const input = { ...reader.input(house.carried, placed, locale), form };
  const view = viewOf(input, locale);
  let mail: RenderedMail;
  try {
    mail = render({ name: `${draft.place.programme}/${draft.place.step}`, parts: template.parts }, view);
  } catch (cause) {
    if (!(cause instanceof RenderFailed)) throw cause;
    throw new NoPreview(`It does not render for ${reader.title}: ${reasonOf(cause)}.`, { cause });
  }
  const contact = isForKeyAccounts(placed) ? input.contact : undefined;
  const sender = contact === undefined ? (services.sender.name ?? '') : `${contact.name}, ${shop.name}`;
  const outgoing = async (to: string): Promise<OutgoingMail> => ({
    from: services.sender.address,
    to,
    raw: await composeMessage({
      from: { ...services.sender, name: sender },
      replyTo: contact?.email ?? services.replyTo,
      to: { name: input.customer.name, address: to },
      subject: mail.subject,
      html: mail.html,
      text: mail.text,
      headers: {
        'List-Unsubscribe': `<${input.unsubscribeUrl}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
      locale,
    }),
    tags: {},
  });
  return { ...mail, sender, outgoing };
}

/** The preheader of a mail that is made: what its HTML says before anything can be seen. */
function preheaderIn(html: string): string {
  const [, hidden = ''] = /<div style="display:none[^"]*">(.*?)<\/div>/su.exec(html) ?? [];
  return convert(hidden, { wordwrap: false })
    .replaceAll(/[\u034f\u2007\u00a0\s]+/gu, ' ')
    .trim();
}

/** A release that holds this draft and nothing else, whatever is asked of it. */
function releaseOfDraft({ template, house, place }: Whole, customer: Living): ComposeServices['release'] {
  const { carried } = house;
  // Dates and prices as this customer reads them, where the language is theirs.
  const { formatting, locale } = negotiate(localeOf(customer.facts), [place.locale]);
  const chosen: ChosenTemplate = {
    name: `${place.programme}/${place.step}`,
    locale: place.locale,
    formatting: locale === place.locale ? formatting : place.locale,
    variant: place.variant,
    parts: template.parts,
  };
  return {
    ...carried,
    id: 'draft',
    templates: [],
    contentFor: (kinds, topic) => linksFor(carried.library, kinds, topic),
    template: () => chosen,
  };
}

/**
 * @param t the present moment of the twin
 * @throws NoPreview when the customer gives no occasion for this mail; faults of the store and of the secrets as they are
 */
export async function previewForCustomer(
  draft: Draft,
  customer: Living,
  choice: Choice,
  services: Composing,
  t: Instant,
): Promise<Preview> {
  const sound = whole(draft);
  const { house, template } = sound;
  const { placed } = template.step;
  const { email } = personOf(customer.facts.person);
  if (email === undefined)
    throw new NoPreview('No address is known of this customer, so no mail is ever made for them.');
  const prepared = withChoice(customer, choice, placed, house.playbook, t);
  const composing = { ...services, release: releaseOfDraft(sound, customer), playbook: house.playbook };
  const hash = addressHash(await services.addressKey(), email);
  try {
    const made = await composeMail(composing, prepared, choice.key, choice.message, placed, hash, t);
    const {
      subject = '',
      html,
      text = '',
      from,
    } = await simpleParser(Buffer.from(made.raw), {
      skipTextToHtml: true,
      skipHtmlToText: true,
      skipTextLinks: true,
    });
    const body = typeof html === 'string' ? html : '';
    return {
      subject,
      preheader: preheaderIn(body),
      html: body,
      text,
      sender: from?.value[0]?.name ?? '',
      // Without tags nothing takes it for the message it was made like: ledger and caps do not hear of it.
      outgoing: async (to) => ({ from: made.from, to, raw: made.raw, tags: {} }),
    };
  } catch (cause) {
    if (!(cause instanceof CannotBeMade)) throw cause;
    throw new NoPreview(`The sender could not make this mail for the customer: ${reasonOf(cause)}.`, { cause });
  }
}

/** What is wrong with an address to send to; undefined for one that can be written to. */
export async function wrongWithAddress(address: string): Promise<string | undefined> {
  const letter = { subject: '', html: '', text: '', headers: {}, locale: 'en' };
  const own = { address: 'you@example.com' };
  try {
    await composeMessage({ ...letter, from: own, replyTo: own.address, to: { address } });
    return undefined;
  } catch (cause) {
    if (!(cause instanceof RefusedField)) throw cause;
    return `“${address}” is not an e-mail address.`;
  }
}
