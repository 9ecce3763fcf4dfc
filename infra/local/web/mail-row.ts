/** One mail of a list, for the page and for `/mailbox.json`. */
import type { MessageKey } from '../../../shared/lifecycle/customer/message-key.ts';
import type { AcceptedMail } from '../contract.ts';
import type { Heads } from './letter.ts';
import { labelOf } from './postbox.ts';

export interface MailRow {
  readonly id: string;
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly sentAt: number;
  readonly customer?: string;
  readonly parts?: MessageKey;
}

export async function mailRow(mail: AcceptedMail, heads: Heads): Promise<MailRow> {
  const { id, to, at } = mail;
  const { customer, parts } = labelOf(mail);
  const head = await heads.of(mail);
  return { id, to, ...head, sentAt: at, ...(customer !== undefined && { customer }), ...(parts && { parts }) };
}

/** The element of `/mailbox.json`; what a mail without our tags does not say is null. */
export function jsonOf({ id, to, subject, sentAt, customer, parts }: MailRow) {
  return {
    id,
    to: to.join(', '),
    subject,
    sentAt: new Date(sentAt).toISOString(),
    customer: customer ?? null,
    programme: parts?.programme ?? null,
    step: parts?.step ?? null,
  };
}
