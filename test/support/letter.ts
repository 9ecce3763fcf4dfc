/** A mail as its reader sees it: parsed by a library that is not ours. */
import { simpleParser } from 'mailparser';
import type { AcceptedMail } from '../../infra/local/contract.ts';
import { linksIn, type Shop } from './shop.ts';

export interface Letter {
  readonly subject: string;
  /** "Maja Lind, Kettle & Fern <hello@...>" without the address. */
  readonly from: string;
  readonly replyTo: string;
  /** The text part. */
  readonly text: string;
  readonly html: string;
  /** Links of the text part, but for unsubscribe, preferences and the shop's contacts. */
  readonly links: readonly string[];
  /** Links of the answers of its question, in the order they are shown. */
  readonly answers: readonly string[];
  /** Words between the greeting and the small print. */
  readonly words: number;
}

/** Everything from here on is small print. */
const FOOTER = /\nYou get this email/u;

export async function letterOf(mail: AcceptedMail): Promise<Letter> {
  const { subject = '', from, replyTo, text = '', html } = await simpleParser(Buffer.from(mail.raw));
  const { answers, oneClick, preferences } = await linksIn(mail);
  const body = text.split(FOOTER)[0] ?? text;
  const links = (text.match(/https?:\/\/[^\s>)\]]+/gu) ?? []).filter(
    (each) => each !== oneClick && each !== preferences && !answers.includes(each),
  );
  return {
    subject,
    from: from?.value[0]?.name ?? '',
    replyTo: replyTo?.value[0]?.address ?? '',
    text,
    html: html === false ? '' : html,
    links,
    answers,
    words: body.replaceAll(/https?:\S+/gu, '').match(/[\p{L}\p{N}%€$£'’-]+/gu)?.length ?? 0,
  };
}

const tagOf = ({ tags }: AcceptedMail, tag: 'c' | 'k'): string => Buffer.from(tags[tag] ?? '', 'base64url').toString();

/** The last letter of a step, `programme/step`, to a customer, at whatever address. */
export function letterTo({ twin }: Pick<Shop, 'twin'>, customerId: string, step: string): Promise<Letter> {
  const isIt = (mail: AcceptedMail) => tagOf(mail, 'c') === customerId && tagOf(mail, 'k').includes(`/${step}`);
  const mail = twin.mailbox.findLast(isIt);
  if (mail === undefined) throw new Error(`${customerId} got no ${step}`);
  return letterOf(mail);
}
