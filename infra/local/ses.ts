/**
 * SES API v1, as far as sending goes: checks what SES checks before it accepts a raw message, sets Message-ID and Date
 * as SES does, and hands the message to the mailbox.
 */
import addressparser from 'nodemailer/lib/addressparser';
import { ServiceError } from './errors.ts';
import type { AccessRequest } from './iam.ts';
import type { Mailbox } from './mailbox.ts';
import type { Origin } from './origin.ts';

const MAX_RAW_BYTES = 10 * 1024 * 1024;
const MAX_TAG_LENGTH = 256;
const TAG_TEXT = /^[A-Za-z0-9_-]+$/;
/** The two tags that SES turns into the Feedback-ID header; their values may hold more. */
const FEEDBACK_TAGS: ReadonlySet<string> = new Set(['ses:feedback-id-a', 'ses:feedback-id-b']);
/** What SES takes out of a message before it goes on the wire, or writes itself. */
const REMOVED_HEADERS = /^(?:message-id|date|bcc|x-ses-[a-z-]+)$/i;
const LINE_END = '\r\n';

interface Sending {
  readonly source: string;
  readonly displayName: string;
  readonly recipients: readonly string[];
  readonly identity: string | undefined;
  readonly configurationSet: string | undefined;
  readonly headers: readonly (readonly [name: string, line: string])[];
  readonly body: Buffer;
}

export interface SesSettings {
  readonly region: string;
  readonly account: string;
  readonly identities: readonly string[];
  readonly configurationSets: readonly string[];
}

export class Ses {
  readonly #settings: SesSettings;
  readonly #mailbox: Mailbox;

  constructor(settings: SesSettings, mailbox: Mailbox) {
    this.#settings = settings;
    this.#mailbox = mailbox;
  }

  accessOf(operation: string, form: URLSearchParams): AccessRequest[] {
    const action = `ses:${operation}`;
    if (operation !== 'SendRawEmail') return [{ action, resource: '*' }];
    const { source, displayName, recipients, identity, configurationSet } = this.#sending(form);
    const arn = `arn:aws:ses:${this.#settings.region}:${this.#settings.account}`;
    const context = { 'ses:FromAddress': source, 'ses:FromDisplayName': displayName, 'ses:Recipients': recipients };
    const resources = [`${arn}:identity/${identity ?? source}`];
    if (configurationSet !== undefined) resources.push(`${arn}:configuration-set/${configurationSet}`);
    return resources.map((resource) => ({ action, resource, context }));
  }

  call(operation: string, form: URLSearchParams, now: number, origin: Origin): Record<string, string> {
    switch (operation) {
      case 'SendRawEmail':
        return { MessageId: this.#send(form, now, origin) };
      case 'GetAccountSendingEnabled':
        return { Enabled: 'true' };
      case 'GetSendQuota':
        return { Max24HourSend: '50000.0', MaxSendRate: '14.0', SentLast24Hours: '0.0' };
      default:
        throw new ServiceError(400, 'InvalidAction', `the local twin does not emulate ses:${operation}`);
    }
  }

  #send(form: URLSearchParams, now: number, origin: Origin): string {
    const { source, recipients, identity, configurationSet, headers, body } = this.#sending(form);
    const { region, configurationSets } = this.#settings;
    if (identity === undefined)
      throw rejected(
        `Email address is not verified. The following identities failed the check in region ${region.toUpperCase()}: ${source}`,
      );
    if (configurationSet !== undefined && !configurationSets.includes(configurationSet))
      throw new ServiceError(
        400,
        'ConfigurationSetDoesNotExist',
        `Configuration set <${configurationSet}> does not exist.`,
      );
    if (recipients.length !== 1) throw invalid(`one recipient a call, not ${recipients.length}`);
    const tags = tagsOf(form);
    const uuid = origin.nextId();
    const id = `0100${uuid.slice(4, 8)}-${uuid}-000000`;
    const domain = region === 'us-east-1' ? 'email.amazonses.com' : `${region}.amazonses.com`;
    const kept = headers.filter(([name]) => !REMOVED_HEADERS.test(name)).map(([, line]) => line);
    const set = [`Message-ID: <${id}@${domain}>`, `Date: ${new Date(now).toUTCString().replace('GMT', '+0000')}`];
    const head = [...kept, ...set, '', ''].join(LINE_END);
    const raw = Buffer.concat([Buffer.from(head, 'latin1'), body]);
    const envelope = { id, at: now, from: source, to: recipients, tags, configurationSet };
    this.#mailbox.add(envelope, raw, origin);
    return id;
  }

  /** @throws ServiceError when the message is too large or has no sender */
  #sending(form: URLSearchParams): Sending {
    const message = Buffer.from(form.get('RawMessage.Data') ?? '', 'base64');
    if (message.length > MAX_RAW_BYTES)
      throw rejected(`Message length is more than ${MAX_RAW_BYTES} bytes long: '${message.length}'.`);
    const { headers, body } = split(message);
    const from = addresses(headers, ['from'])[0];
    if (from === undefined) throw invalid("Missing required header 'From'.");
    const envelopeFrom = addressparser(form.get('Source') ?? '', { flatten: true })[0]?.address;
    const destinations = [...form]
      .filter(([name]) => name.startsWith('Destinations.member.'))
      .map(([, value]) => value);
    const named = destinations.flatMap((one) => addressparser(one, { flatten: true }).map(({ address }) => address));
    const recipients = named.length > 0 ? named : addresses(headers, ['to', 'cc', 'bcc']).map(({ address }) => address);
    const source = envelopeFrom === undefined || envelopeFrom === '' ? from.address : envelopeFrom;
    return {
      source,
      displayName: from.name,
      recipients,
      identity: this.#identityOf(source) && this.#identityOf(from.address),
      configurationSet: form.get('ConfigurationSetName') ?? valueOf(headers, 'x-ses-configuration-set'),
      headers,
      body,
    };
  }

  /** An address is verified by itself or by its domain; the most specific identity is the one that policies see. */
  #identityOf(address: string): string | undefined {
    const { identities } = this.#settings;
    const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
    return identities.find((one) => one === address) ?? identities.find((one) => one.toLowerCase() === domain);
  }
}

function tagsOf(form: URLSearchParams): Record<string, string> {
  const tags: Record<string, string> = {};
  for (let index = 1; ; index += 1) {
    const name = form.get(`Tags.member.${index}.Name`);
    if (name === null) return tags;
    const value = form.get(`Tags.member.${index}.Value`) ?? '';
    if (!FEEDBACK_TAGS.has(name)) {
      for (const [what, text] of [
        ['name', name],
        ['value', value],
      ] as const)
        if (!TAG_TEXT.test(text) || text.length > MAX_TAG_LENGTH)
          throw invalid(
            `Invalid tag ${what} <${text}>: only alphanumeric ASCII characters, '_', and '-' are allowed, at most ${MAX_TAG_LENGTH}.`,
          );
    }
    tags[name] = value;
  }
}

/** Header fields as they stand, folded lines included, and the rest untouched. */
function split(message: Buffer): Pick<Sending, 'headers' | 'body'> {
  const crlf = message.indexOf('\r\n\r\n');
  const lf = message.indexOf('\n\n');
  const bare = crlf === -1 || (lf !== -1 && lf < crlf);
  const end = bare ? lf : crlf;
  const head = (end === -1 ? message : message.subarray(0, end)).toString('latin1');
  const headers = head
    .split(/\r?\n(?![ \t])/)
    .filter((line) => line !== '')
    .map((line): readonly [string, string] => [line.slice(0, line.indexOf(':')).trim(), line]);
  return { headers, body: end === -1 ? Buffer.alloc(0) : message.subarray(end + (bare ? 2 : 4)) };
}

function valueOf(headers: Sending['headers'], name: string): string | undefined {
  const line = headers.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
  return line
    ?.slice(line.indexOf(':') + 1)
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .trim();
}

function addresses(headers: Sending['headers'], names: readonly string[]) {
  return names.flatMap((name) => addressparser(valueOf(headers, name) ?? '', { flatten: true }));
}

function rejected(message: string): ServiceError {
  return new ServiceError(400, 'MessageRejected', message);
}

function invalid(message: string): ServiceError {
  return new ServiceError(400, 'InvalidParameterValue', message);
}
