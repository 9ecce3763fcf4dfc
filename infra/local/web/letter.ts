/** What is written in a mail: decoded from the raw message, never trusted. */
import { type AddressObject, simpleParser } from 'mailparser';
import type { AcceptedMail } from '../contract.ts';

/** What a list of mails shows. */
export interface Head {
  readonly subject: string;
  readonly from: string;
}

export interface Letter extends Head {
  /** The HTML part with its embedded images; undefined when there is none. */
  readonly html?: string;
  readonly text?: string;
  /** As on the wire, unfolded, in their order. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly source: string;
}

const FAITHFUL = { skipTextToHtml: true, skipHtmlToText: true, skipTextLinks: true } as const;
const END_OF_HEAD = /\r?\n\r?\n/u;
/** Longest head looked at for a list; a head is a few hundred bytes, and nobody's megabyte shall slow the list down. */
const LONGEST_HEAD = 64 * 1024;

/** Reads the heads of mails, each once. */
export class Heads {
  readonly #known = new Map<string, Head>();

  async of(mail: AcceptedMail): Promise<Head> {
    const known = this.#known.get(mail.id);
    if (known !== undefined) return known;
    const start = Buffer.from(mail.raw).subarray(0, LONGEST_HEAD).toString('latin1');
    const [head = ''] = start.split(END_OF_HEAD, 1);
    const parsed = await simpleParser(Buffer.from(`${head}\r\n\r\n`, 'latin1'), FAITHFUL);
    const read = { subject: parsed.subject ?? '', from: senderOf(parsed.from, mail) };
    this.#known.set(mail.id, read);
    return read;
  }
}

function senderOf(from: AddressObject | undefined, mail: AcceptedMail): string {
  const first = from?.value[0];
  if (first?.address === undefined) return mail.from;
  return first.name === '' ? first.address : `${first.name} <${first.address}>`;
}

/** Where a reader gets from the mail: to unsubscribe, as its header says, and to choose what to get, as its text says. */
export interface ReaderLinks {
  readonly unsubscribe?: string;
  readonly preferences?: string;
}

const HTTP_LINK = /https?:\/\/[^\s<>"']+/gu;

export function readerLinks({ headers, text = '', html = '' }: Letter): ReaderLinks {
  const header = headers.find(({ name }) => name.toLowerCase() === 'list-unsubscribe')?.value ?? '';
  const unsubscribe = header.match(HTTP_LINK)?.[0];
  // One endpoint serves both, so the one leads to the other.
  const base = unsubscribe?.slice(0, unsubscribe.lastIndexOf('/u/') + 1);
  const links = `${text}\n${html}`.match(HTTP_LINK) ?? [];
  const preferences =
    base === undefined || base === '' ? undefined : links.find((link) => link.startsWith(`${base}p/`));
  return { ...(unsubscribe !== undefined && { unsubscribe }), ...(preferences !== undefined && { preferences }) };
}

export async function readLetter(mail: AcceptedMail): Promise<Letter> {
  const raw = Buffer.from(mail.raw);
  const { subject = '', from, html, text, headerLines } = await simpleParser(raw, FAITHFUL);
  return {
    subject,
    from: senderOf(from, mail),
    ...(typeof html === 'string' && { html }),
    ...(text !== undefined && { text }),
    headers: headerLines.map(({ line }) => {
      const colon = line.indexOf(':');
      const value = line.slice(colon + 1).replaceAll(/\r?\n[ \t]+/gu, ' ');
      return { name: line.slice(0, colon), value: value.trim() };
    }),
    source: raw.toString('utf8'),
  };
}
