/**
 * Handing a message to SES, once, with every answer sorted into what it means for the claim. SES has no idempotency
 * token, so the client must not retry: a timeout, a reset or a 5xx leaves the outcome unknown.
 */
import { GetSendQuotaCommand, SendRawEmailCommand, SESClient, SESServiceException } from '@aws-sdk/client-ses';
import { SES_TIMEOUT_SECONDS } from '../contracts/timing.ts';

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
  | { readonly kind: 'rejected'; readonly code: string }
  /** Certainly not taken, and welcome later. */
  | { readonly kind: 'not now'; readonly why: 'rate' | 'quota' | 'paused' | 'misconfigured' }
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

/** What SES says about a message itself. Every other refusal is about us, and the message is innocent of it. */
const ABOUT_THE_MESSAGE = new Set(['MessageRejected', 'InvalidParameterValue', 'InvalidParameterValueException']);

/** What an error of SendRawEmail means. Rate and daily quota share one name and differ in their text only. */
function classify(cause: unknown, from: string): SendOutcome {
  if (!(cause instanceof SESServiceException)) return { kind: 'unknown', cause };
  if (THROTTLED.has(cause.name)) return { kind: 'not now', why: /quota/iu.test(cause.message) ? 'quota' : 'rate' };
  if (PAUSED.has(cause.name) || ACCOUNT_PAUSED.test(cause.message)) return { kind: 'not now', why: 'paused' };
  const status = cause.$metadata.httpStatusCode ?? 0;
  if (cause.$fault === 'server' || status >= 500) return { kind: 'unknown', cause };
  // In the sandbox the identity may be the recipient's; only ours is about everybody's mail.
  const isOurIdentity = NOT_VERIFIED.test(cause.message) && cause.message.includes(from);
  if (ABOUT_THE_MESSAGE.has(cause.name) && !isOurIdentity) return { kind: 'rejected', code: cause.name };
  // Rights, credentials, an identity or a configuration set: once it is mended, the mail may still be fresh.
  return { kind: 'not now', why: 'misconfigured' };
}

/** SES, from SendRawEmail. */
export class SesMailer implements Mailer {
  readonly #client: SESClient;
  readonly #configurationSet: string;
  readonly #timeoutMs: number;

  /** @param timeoutSeconds hard limit of one call */
  constructor(configurationSet: string, timeoutSeconds = SES_TIMEOUT_SECONDS) {
    this.#timeoutMs = timeoutSeconds * 1000;
    this.#client = new SESClient({
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
