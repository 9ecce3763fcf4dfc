/**
 * Composes the MIME message that goes on the wire: multipart/alternative, text first, base64 bodies, CRLF throughout.
 * No field can break out of its header: a control character anywhere is refused.
 */
import MailComposer from 'nodemailer/lib/mail-composer';

export interface Mailbox {
  readonly name?: string | undefined;
  readonly address: string;
}

export interface MessageInput {
  readonly from: Mailbox;
  readonly replyTo: string;
  readonly to: Mailbox;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Further headers, such as List-Unsubscribe. */
  readonly headers: Readonly<Record<string, string>>;
  /** Language of the content. */
  readonly locale: string;
}

/** A field would have produced a broken or forged message. */
export class RefusedField extends Error {
  override readonly name = 'RefusedField';
  readonly field: string;

  constructor(field: string, reason: string) {
    super(`${field} ${reason}`);
    this.field = field;
  }
}

/** Headers this module sets itself; a second one would be ambiguous. */
const OWN_HEADERS = new Set([
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'subject',
  'message-id',
  'date',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-language',
]);

/** Control characters, and the two Unicode characters that break lines. */
const BREAKS_OUT = /[\p{Cc}\u2028\u2029]/u;

/** An address without anything that could start a second one; SES takes no local part beyond ASCII. */
const ADDRESS = /^[\w!#$%&'*+./=?^`{|}~-]+@[^\s"(),:;<>@[\]\\]+$/;

/** Characters of a line by RFC 5322, the name of the header included, the line break not. */
const LINE_LENGTH = 998;

/** Characters of a further header; what is longer than a line is folded, and nothing we put there is longer. */
const HEADER_LENGTH = 2000;

function inOneLine(field: string, value: string): string {
  if (BREAKS_OUT.test(value)) throw new RefusedField(field, 'holds a control character');
  return value;
}

function address(field: string, value: string): string {
  inOneLine(field, value);
  if (!ADDRESS.test(value)) throw new RefusedField(field, 'is not an e-mail address');
  return value;
}

function mailbox(field: string, { name, address: value }: Mailbox): { name: string; address: string } {
  return { name: inOneLine(`${field}.name`, name ?? ''), address: address(`${field}.address`, value) };
}

interface PreparedHeader {
  readonly key: string;
  readonly value: { readonly prepared: true; readonly value: string };
}

/**
 * The value in lines that are short enough, broken only between two entries of a list.
 *
 * @throws RefusedField when an entry alone is longer than a line
 */
function folded(field: string, key: string, value: string): string {
  if (`${key}: ${value}`.length <= LINE_LENGTH) return value;
  const [first = '', ...others] = value.split(/(?<=,) /u);
  if (
    others.length === 0 ||
    [`${key}: ${first}`, ...others.map((each) => ` ${each}`)].some((line) => line.length > LINE_LENGTH)
  ) {
    throw new RefusedField(field, `does not fit into lines of ${LINE_LENGTH} characters`);
  }
  return [first, ...others].join('\r\n ');
}

/**
 * Prepared, that is not encoded, and folded by us only if it has to be: a List-Unsubscribe that begins with an empty
 * line confuses clients.
 */
function prepared(field: string, key: string, value: string): PreparedHeader {
  inOneLine(field, value);
  if (!/^[ -~]*$/.test(value) || value.length > HEADER_LENGTH) {
    throw new RefusedField(field, `is not plain ASCII of at most ${HEADER_LENGTH} characters`);
  }
  return { key, value: { prepared: true, value: folded(field, key, value) } };
}

function furtherHeaders(headers: Readonly<Record<string, string>>): PreparedHeader[] {
  return Object.entries(headers).map(([name, value]) => {
    if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) throw new RefusedField('headers', 'hold a name that is no header name');
    if (OWN_HEADERS.has(name.toLowerCase())) throw new RefusedField(`headers.${name}`, 'is set by the composer');
    return prepared(`headers.${name}`, name, value);
  });
}

/** The line breaks that RFC 2045 asks of a text before it is encoded. */
function canonical(text: string): string {
  return text.replaceAll(/\r\n?|\n/g, '\r\n');
}

/**
 * Builds the message; Message-ID and Date are placeholders that SES overwrites.
 *
 * @throws RefusedField naming the first field that is not acceptable
 */
export async function composeMessage(input: MessageInput): Promise<Uint8Array> {
  const composer = new MailComposer({
    from: mailbox('from', input.from),
    replyTo: address('replyTo', input.replyTo),
    to: mailbox('to', input.to),
    subject: inOneLine('subject', input.subject),
    headers: [...furtherHeaders(input.headers), prepared('locale', 'Content-Language', input.locale)],
    // Quoted-printable by this composer emits bare line feeds; base64 does not, and has no line length to exceed.
    alternatives: [
      { contentType: 'text/plain; charset=utf-8', content: canonical(input.text), contentTransferEncoding: 'base64' },
      { contentType: 'text/html; charset=utf-8', content: canonical(input.html), contentTransferEncoding: 'base64' },
    ],
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
