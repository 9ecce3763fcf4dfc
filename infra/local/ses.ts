/**
 * SES API v1, as far as sending goes: checks what SES checks before it accepts a raw message, sets Message-ID and Date
 * as SES does, hands the message to the mailbox, and lets it take its course. It can be told to misbehave.
 */
import addressparser from 'nodemailer/lib/addressparser';
import type { SendingQuota, SesControl } from './contract.ts';
import { ServiceError } from './errors.ts';
import type { AccessRequest } from './iam.ts';
import type { Journal } from './journal.ts';
import type { Envelope, Mailbox } from './mailbox.ts';
import type { Origin } from './origin.ts';
import type { MailOutcome, SentMail } from './ses-events.ts';
import type { SesFeedback } from './ses-feedback.ts';
import {
  type ActiveTrouble,
  failAfter,
  failBefore,
  type SesTrouble,
  type TroubleScope,
  Troubles,
} from './ses-trouble.ts';

const MAX_RAW_BYTES = 10 * 1024 * 1024;
const MAX_TAG_LENGTH = 256;
const TAG_TEXT = /^[A-Za-z0-9_-]+$/;
/** The two tags that SES turns into the Feedback-ID header; their values may hold more. */
const FEEDBACK_TAGS: ReadonlySet<string> = new Set(['ses:feedback-id-a', 'ses:feedback-id-b']);
/** What SES takes out of a message before it goes on the wire, or writes itself. */
const REMOVED_HEADERS = /^(?:message-id|date|bcc|x-ses-[a-z-]+)$/i;
const LINE_END = '\r\n';
const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
/** A large shop's account; one just out of the sandbox has 50,000 a day and 14 a second. */
const DEFAULT_QUOTA: SendingQuota = { max24HourSend: 1_000_000, maxSendRate: 2_000, enforceRate: false };
/** Under these keys the journal remembers what is switched off: the account, or a configuration set by its name. */
const PAUSED_ACCOUNT = 'ses/paused/account';
const PAUSED_SET = 'ses/paused/set/';

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

export class Ses implements SesControl {
  readonly #settings: SesSettings;
  readonly #mailbox: Mailbox;
  readonly #feedback: SesFeedback;
  readonly #journal: Journal;
  /** On whose behalf tests and pages report what became of a mail. */
  readonly #outside: Origin;
  readonly #troubles = new Troubles();
  readonly #paused = new Set<string>();
  /** Who sent a mail, by its id. */
  readonly #callers = new Map<string, string>();
  /** When mails were accepted, ascending. */
  #acceptedAt: number[] = [];
  #quota = DEFAULT_QUOTA;

  constructor(
    settings: SesSettings,
    parts: {
      readonly mailbox: Mailbox;
      readonly feedback: SesFeedback;
      readonly journal: Journal;
      readonly outside: Origin;
    },
  ) {
    this.#settings = settings;
    this.#mailbox = parts.mailbox;
    this.#feedback = parts.feedback;
    this.#journal = parts.journal;
    this.#outside = parts.outside;
  }

  /** Takes back what an earlier process left, after the mailbox has. */
  async restore(): Promise<void> {
    this.#acceptedAt = this.#mailbox.mails.map(({ at }) => at);
    for (const [what] of await this.#journal.read('ses/paused/')) this.#paused.add(`ses/paused/${what}`);
    await this.#feedback.restore();
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

  /**
   * @param caller name of the calling role, or root
   * @throws ServiceError
   * @throws Unanswered when SES was told to hang or to reset the connection
   */
  call(operation: string, form: URLSearchParams, caller: string, now: number, origin: Origin): Record<string, string> {
    switch (operation) {
      case 'SendRawEmail':
        return { MessageId: this.#send(form, caller, now, origin) };
      case 'GetAccountSendingEnabled':
        return { Enabled: String(!this.#paused.has(PAUSED_ACCOUNT)) };
      case 'UpdateAccountSendingEnabled':
        this.#switch(PAUSED_ACCOUNT, form);
        return {};
      case 'UpdateConfigurationSetSendingEnabled': {
        const name = form.get('ConfigurationSetName') ?? '';
        this.#demandSet(name);
        this.#switch(PAUSED_SET + name, form);
        return {};
      }
      case 'GetSendQuota': {
        const { max24HourSend, maxSendRate } = this.#quota;
        return {
          Max24HourSend: max24HourSend.toFixed(1),
          MaxSendRate: maxSendRate.toFixed(1),
          SentLast24Hours: this.#sentSince(now - DAY).toFixed(1),
        };
      }
      default:
        throw new ServiceError(400, 'InvalidAction', `the local twin does not emulate ses:${operation}`);
    }
  }

  fail(trouble: SesTrouble, scope: TroubleScope = {}): void {
    this.#troubles.add(trouble, scope);
  }

  recover(trouble?: SesTrouble): void {
    this.#troubles.end(trouble);
  }

  get troubles(): readonly ActiveTrouble[] {
    return this.#troubles.active;
  }

  get quota(): SendingQuota {
    return this.#quota;
  }

  setQuota(change: Partial<SendingQuota>): void {
    this.#quota = { ...this.#quota, ...change };
  }

  setFate(address: string, fate: readonly MailOutcome[] | undefined): void {
    this.#feedback.setFate(address, fate);
  }

  report(mailId: string, outcome: MailOutcome): string | undefined {
    const mail = this.#mailbox.mails.find(({ id }) => id === mailId);
    if (mail === undefined) throw new RangeError(`SES accepted no mail ${mailId}`);
    const caller = this.#callers.get(mailId) ?? 'root';
    const sent = this.#sentMail(mail, split(Buffer.from(mail.raw)).headers, caller);
    return this.#feedback.report(sent, mail.configurationSet, outcome, this.#outside);
  }

  emit(detailType: string, detail: unknown): string {
    return this.#feedback.emit(detailType, detail, this.#outside);
  }

  #send(form: URLSearchParams, caller: string, now: number, origin: Origin): string {
    const { source, recipients, identity, configurationSet, headers, body } = this.#sending(form);
    const trouble = this.#troubles.meet(recipients);
    failBefore(trouble, configurationSet);
    if (this.#paused.has(PAUSED_ACCOUNT)) failBefore('account paused', configurationSet);
    const { region } = this.#settings;
    if (identity === undefined)
      throw rejected(
        `Email address is not verified. The following identities failed the check in region ${region.toUpperCase()}: ${source}`,
      );
    if (configurationSet !== undefined) {
      this.#demandSet(configurationSet);
      if (this.#paused.has(PAUSED_SET + configurationSet)) failBefore('configuration set paused', configurationSet);
    }
    if (recipients.length !== 1) throw invalid(`one recipient a call, not ${recipients.length}`);
    const tags = tagsOf(form);
    const { max24HourSend, maxSendRate, enforceRate } = this.#quota;
    if (this.#sentSince(now - DAY) >= max24HourSend) failBefore('daily quota', configurationSet);
    if (enforceRate && this.#sentSince(now - SECOND) >= maxSendRate) failBefore('throttled', configurationSet);

    const uuid = origin.nextId();
    const id = `0100${uuid.slice(4, 8)}-${uuid}-000000`;
    const domain = region === 'us-east-1' ? 'email.amazonses.com' : `${region}.amazonses.com`;
    const kept = headers.filter(([name]) => !REMOVED_HEADERS.test(name)).map(([, line]) => line);
    const set = [`Message-ID: <${id}@${domain}>`, `Date: ${new Date(now).toUTCString().replace('GMT', '+0000')}`];
    const head = [...kept, ...set, '', ''].join(LINE_END);
    const raw = Buffer.concat([Buffer.from(head, 'latin1'), body]);
    const envelope = { id, at: now, from: source, to: recipients, tags, configurationSet };
    this.#acceptedAt.push(now);
    this.#callers.set(id, caller);
    this.#mailbox.add(envelope, raw, origin);
    this.#feedback.accepted(this.#sentMail(envelope, split(raw).headers, caller), configurationSet, origin);
    failAfter(trouble);
    return id;
  }

  /** Mails accepted after `instant`, by bisection: a busy day has many. */
  #sentSince(instant: number): number {
    let [low, high] = [0, this.#acceptedAt.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#acceptedAt[middle] ?? Infinity) > instant) high = middle;
      else low = middle + 1;
    }
    return this.#acceptedAt.length - low;
  }

  #switch(what: string, form: URLSearchParams): void {
    // SES takes a missing value for false.
    if (form.get('Enabled') === 'true') {
      this.#paused.delete(what);
      this.#journal.delete(what);
    } else {
      this.#paused.add(what);
      this.#journal.put(what, true);
    }
  }

  /** @throws ServiceError when the deployment has no such configuration set */
  #demandSet(name: string): void {
    if (this.#settings.configurationSets.includes(name)) return;
    throw new ServiceError(400, 'ConfigurationSetDoesNotExist', `Configuration set <${name}> does not exist.`);
  }

  #sentMail(envelope: Envelope, headers: Sending['headers'], caller: string): SentMail {
    const { id, at, from, to, tags, configurationSet } = envelope;
    const arn = `arn:aws:ses:${this.#settings.region}:${this.#settings.account}`;
    return {
      id,
      at,
      source: from,
      sourceArn: `${arn}:identity/${this.#identityOf(from) ?? from}`,
      account: this.#settings.account,
      destination: to,
      headers: headers.map(([name, line]) => [name, textOf(line)]),
      tags: {
        ...tags,
        ...(configurationSet !== undefined && { 'ses:configuration-set': configurationSet }),
        'ses:operation': 'SendRawEmail',
        'ses:source-ip': '127.0.0.1',
        'ses:from-domain': from.slice(from.lastIndexOf('@') + 1),
        'ses:caller-identity': caller,
      },
      configurationSetArn: `${arn}:configuration-set/${configurationSet ?? ''}`,
    };
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
  return line === undefined ? undefined : textOf(line);
}

/** The value of a header field, unfolded. */
function textOf(line: string): string {
  return line
    .slice(line.indexOf(':') + 1)
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
