/**
 * How SES can be told to misbehave: the ways in which a call to send fails, each for a number of calls, for one address,
 * or until it is called off. The oldest trouble that fits a call is the one it meets.
 */
import { ServiceError, Unanswered } from './errors.ts';

export const SES_TROUBLES = [
  /** More than the account's rate allows. */
  'throttled',
  /** The daily quota is used up. */
  'daily quota',
  /** Sending was switched off for the account by its owner. */
  'account paused',
  /** AWS paused the account after a review; says so as MessageRejected. */
  'account under review',
  /** Sending was switched off for the configuration set. */
  'configuration set paused',
  /** This message is not accepted. */
  'rejected',
  /** Fails without accepting, status 500. */
  'error before accepting',
  /** Accepts, then answers 500. */
  'error after accepting',
  /** Accepts, then resets the connection. */
  'reset after accepting',
  /** Never answers, and does not accept. */
  'hang before accepting',
  /** Accepts, and never answers. */
  'hang after accepting',
] as const;
export type SesTrouble = (typeof SES_TROUBLES)[number];

/** Which calls meet the trouble: without `calls` all until it is called off, without `to` those to any address. */
export interface TroubleScope {
  readonly calls?: number;
  readonly to?: string;
}

export interface ActiveTrouble {
  readonly trouble: SesTrouble;
  readonly to: string | undefined;
  /** Calls that will still meet it; undefined when it lasts. */
  readonly callsLeft: number | undefined;
}

export class Troubles {
  #active: ActiveTrouble[] = [];

  get active(): readonly ActiveTrouble[] {
    return this.#active;
  }

  add(trouble: SesTrouble, { calls, to }: TroubleScope): void {
    this.#active.push({ trouble, to: to?.toLowerCase(), callsLeft: calls });
  }

  end(trouble: SesTrouble | undefined): void {
    this.#active = this.#active.filter((one) => trouble !== undefined && one.trouble !== trouble);
  }

  /** The trouble that this call meets, counted as met. */
  meet(recipients: readonly string[]): SesTrouble | undefined {
    const addresses = recipients.map((recipient) => recipient.toLowerCase());
    const index = this.#active.findIndex(({ to }) => to === undefined || addresses.includes(to));
    const met = this.#active[index];
    if (met?.callsLeft === undefined) return met?.trouble;
    const callsLeft = met.callsLeft - 1;
    if (callsLeft > 0) this.#active[index] = { ...met, callsLeft };
    else this.#active.splice(index, 1);
    return met.trouble;
  }
}

/** @throws ServiceError or Unanswered when SES does not accept the message */
export function failBefore(trouble: SesTrouble | undefined, configurationSet: string | undefined): void {
  switch (trouble) {
    case undefined:
    case 'error after accepting':
    case 'reset after accepting':
    case 'hang after accepting':
      return;
    case 'throttled':
      throw new ServiceError(400, 'Throttling', 'Maximum sending rate exceeded.');
    case 'daily quota':
      throw new ServiceError(400, 'Throttling', 'Daily message quota exceeded.');
    case 'account paused':
      throw new ServiceError(400, 'AccountSendingPausedException', 'Email sending is disabled for the account.');
    case 'account under review':
      throw new ServiceError(
        400,
        'MessageRejected',
        'Sending paused for this account. For more information, please check the inbox of the email address associated with your AWS account.',
      );
    case 'configuration set paused':
      throw new ServiceError(
        400,
        'ConfigurationSetSendingPausedException',
        `Email sending is disabled for the configuration set <${configurationSet ?? ''}>.`,
      );
    case 'rejected':
      throw new ServiceError(400, 'MessageRejected', 'Transaction failed: the message was not accepted.');
    case 'error before accepting':
      throw new ServiceError(500, 'InternalFailure', 'SES failed before it accepted the message');
    case 'hang before accepting':
      throw new Unanswered('hang');
    default:
      trouble satisfies never;
  }
}

/** @throws ServiceError or Unanswered when SES accepted the message and the caller must not learn of it */
export function failAfter(trouble: SesTrouble | undefined): void {
  switch (trouble) {
    case 'error after accepting':
      throw new ServiceError(500, 'InternalFailure', 'SES failed after it accepted the message');
    case 'reset after accepting':
      throw new Unanswered('reset');
    case 'hang after accepting':
      throw new Unanswered('hang');
    case undefined:
    case 'throttled':
    case 'daily quota':
    case 'account paused':
    case 'account under review':
    case 'configuration set paused':
    case 'rejected':
    case 'error before accepting':
    case 'hang before accepting':
      return;
    default:
      trouble satisfies never;
  }
}
