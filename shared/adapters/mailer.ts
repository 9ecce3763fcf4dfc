/**
 * Handing a message to SES, once, with every answer sorted into what it means for the claim. SES has no idempotency
 * token, so the client must not retry: a timeout, a reset or a 5xx leaves the outcome unknown.
 */
import {
  GetSendQuotaCommand,
  SendRawEmailCommand,
  SESClient,
  type SESClientConfig,
  SESServiceException,
} from '@aws-sdk/client-ses';
import { SES_TIMEOUT_SECONDS } from '../contracts/timing.ts';
import type { StopReason } from '../lifecycle/lane.ts';

export interface OutgoingMail {
  readonly from: string;
  readonly to: string;
  readonly raw: Uint8Array;
  /** Names and values of SES tags: letters, digits, `_` and `-`. */
  readonly tags: Readonly<Record<string, string>>;
}

export type SendOutcome =
  | { readonly kind: 'accepted'; readonly messageId: string }
  /** Refused for good; `code` is the name of the error. */
  | { readonly kind: 'rejected'; readonly code: string; readonly cause?: unknown }
  /** Certainly not taken, and welcome later. */
  | { readonly kind: 'not now'; readonly why: Exclude<StopReason, 'unknown'>; readonly cause?: unknown }
  /** Nobody can say whether it was taken. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

export interface Mailer {
  send(mail: OutgoingMail): Promise<SendOutcome>;
}

/** What SES lets the whole account send. */
export interface SendQuota {
  /** Mails in 24 hours; Infinity when there is no limit. */
  readonly perDay: number;
  /** Mails a second; Infinity when there is no limit. */
  readonly perSecond: number;
}

const THROTTLED = new Set(['Throttling', 'ThrottlingException', 'TooManyRequestsException', 'LimitExceededException']);
const PAUSED = new Set(['AccountSendingPausedException', 'ConfigurationSetSendingPausedException']);

/** SES says by the name of a rejection, too, that AWS has paused the account, or that an identity is not verified. */
const ACCOUNT_PAUSED = /^Sending paused/iu;
const NOT_VERIFIED = /not verified/iu;

/** Names that say that the fault is ours, whatever the message; without the ending `Exception`, which some have. */
const ABOUT_US = new Set([
  'ConfigurationSetDoesNotExist',
  'ExpiredToken',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignature',
  'MailFromDomainNotVerified',
  'MissingAuthenticationToken',
  'OptInRequired',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'UnrecognizedClient',
]);

/** The identity a right was missing for. It may be the recipient's, when that one is verified in the account. */
const IDENTITY = /:identity\/(?<name>[^\s'"`<>]+)/u;

/** Our address, or a domain it belongs to. */
function isOurs(identity: string, from: string): boolean {
  const address = (/<([^<>]+)>$/u.exec(from)?.[1] ?? from).toLowerCase();
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const name = identity.toLowerCase();
  return name === address || name === domain || domain.endsWith(`.${name}`);
}

/** Whether a refusal concerns everybody's mail. Every other one ends one message, which is the smaller mistake. */
function isAboutUs({ name, message }: SESServiceException, from: string): boolean {
  const code = name.replace(/Exception$/u, '');
  // In the sandbox the identity may be the recipient's; only ours is about everybody's mail.
  if (code === 'MessageRejected') return NOT_VERIFIED.test(message) && message.includes(from);
  if (code !== 'AccessDenied') return ABOUT_US.has(code);
  const identity = IDENTITY.exec(message)?.groups?.['name'];
  return identity === undefined || isOurs(identity, from);
}

/** System calls that come before a connection. */
const CONNECTING: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo']);
const NOT_CONNECTED: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
/** The SDK calls this a timeout like any other; its text alone tells. */
const NO_CONNECTION_IN_TIME = /did not establish a connection/u;

/** Whether the request was certainly not written: no connection, or nothing to sign it with. */
function wasNeverAsked(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const said = (name: string, known: ReadonlySet<unknown>) => known.has(Reflect.get(cause, name));
  return (
    cause.name === 'CredentialsProviderError' ||
    said('syscall', CONNECTING) ||
    said('code', NOT_CONNECTED) ||
    NO_CONNECTION_IN_TIME.test(cause.message)
  );
}

/** What an error of SendRawEmail means. Rate and daily quota share one name and differ in their text only. */
function classify(cause: unknown, from: string): SendOutcome {
  if (wasNeverAsked(cause)) return { kind: 'not now', why: 'unreachable', cause };
  if (!(cause instanceof SESServiceException)) return { kind: 'unknown', cause };
  if (THROTTLED.has(cause.name)) {
    return { kind: 'not now', why: /quota/iu.test(cause.message) ? 'quota' : 'rate', cause };
  }
  if (PAUSED.has(cause.name) || ACCOUNT_PAUSED.test(cause.message)) return { kind: 'not now', why: 'paused', cause };
  const status = cause.$metadata.httpStatusCode ?? 0;
  if (cause.$fault === 'server' || status >= 500) return { kind: 'unknown', cause };
  // Once it is mended, the mail may still be fresh.
  if (isAboutUs(cause, from)) return { kind: 'not now', why: 'misconfigured', cause };
  return { kind: 'rejected', code: cause.name, cause };
}

/** What a log may say of an error: its name, a code and the status. Its text quotes addresses. */
export function errorInLog(cause: unknown): Readonly<Record<string, string | number>> {
  if (!(cause instanceof Error)) return { error: 'none' };
  const code = 'code' in cause && typeof cause.code === 'string' ? { code: cause.code } : {};
  const status = cause instanceof SESServiceException ? cause.$metadata.httpStatusCode : undefined;
  return { error: cause.name, ...code, ...(status !== undefined && { status }) };
}

/** SES, from SendRawEmail. */
export class SesMailer implements Mailer {
  readonly #client: SESClient;
  readonly #configurationSet: string | undefined;
  readonly #timeoutMs: number;

  /**
   * @param configurationSet without one nothing is reported of what becomes of the mails
   * @param timeoutSeconds hard limit of one call
   * @param access how to reach SES, where the environment does not say it
   */
  constructor(
    configurationSet: string | undefined,
    timeoutSeconds = SES_TIMEOUT_SECONDS,
    access: Pick<SESClientConfig, 'endpoint' | 'region' | 'credentials'> = {},
  ) {
    this.#timeoutMs = timeoutSeconds * 1000;
    this.#client = new SESClient({
      ...access,
      // The default of three attempts sends again after a reset, a timeout or a 5xx.
      maxAttempts: 1,
      // Without throwOnRequestTimeout a request that hangs only logs a warning.
      requestHandler: {
        connectionTimeout: this.#timeoutMs / 2,
        requestTimeout: this.#timeoutMs,
        throwOnRequestTimeout: true,
      },
    });
    this.#configurationSet = configurationSet;
  }

  async send({ from, to, raw, tags }: OutgoingMail): Promise<SendOutcome> {
    try {
      const answer = await this.#client.send(
        new SendRawEmailCommand({
          Source: from,
          Destinations: [to],
          RawMessage: { Data: raw },
          ConfigurationSetName: this.#configurationSet,
          Tags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
        }),
        // requestTimeout ends with the answer's first byte; an answer that breaks off must not hold the function up.
        { abortSignal: AbortSignal.timeout(this.#timeoutMs) },
      );
      return { kind: 'accepted', messageId: answer.MessageId ?? '' };
    } catch (cause) {
      return classify(cause, from);
    }
  }

  /** Asks SES for the quota; the caller tries again later when it cannot be had. */
  async quota(): Promise<SendQuota> {
    const { Max24HourSend = 0, MaxSendRate = 0 } = await this.#client.send(new GetSendQuotaCommand({}), {
      abortSignal: AbortSignal.timeout(this.#timeoutMs),
    });
    return { perDay: orInfinity(Max24HourSend), perSecond: orInfinity(MaxSendRate) };
  }
}

/** SES says -1 where there is no limit. */
function orInfinity(limit: number): number {
  return limit < 0 ? Infinity : limit;
}
