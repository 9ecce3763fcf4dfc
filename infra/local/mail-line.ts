/** One accepted mail as one line of the terminal. */
import { simpleParser } from 'mailparser';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { AcceptedMail } from './contract.ts';

export interface MailLine {
  readonly at: number;
  /** `programme/step`. */
  readonly label: string;
  readonly to: string;
  readonly subject: string;
}

const UNLABELLED = 'other';

/** `programme/step` from the message key in the tags; 'other' for a mail that somebody else sent through the twin. */
export function labelOf(mail: Pick<AcceptedMail, 'tags'>): string {
  const key = parseKey(Buffer.from(mail.tags['k'] ?? '', 'base64url').toString('utf8'));
  return key === undefined ? UNLABELLED : `${key.programme}/${key.step}`;
}

export async function mailLineOf(mail: AcceptedMail): Promise<MailLine> {
  const parsed = await simpleParser(Buffer.from(mail.raw), { skipTextToHtml: true, skipHtmlToText: true });
  return { at: mail.at, label: labelOf(mail), to: mail.to.join(', '), subject: parsed.subject ?? '' };
}
