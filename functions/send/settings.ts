/** The settings of `send`, from its environment and its release; a wrong one stops the cold start. */
import { type EnvironmentOf, NOBODY, SENDING_MODES, type SendingMode } from '../../shared/contracts/environment.ts';
import type { Mailbox } from '../../shared/email/message.ts';
import type { Circumstances } from '../../shared/lifecycle/customer/permit.ts';

/** A variable holds something the function cannot work with. */
export class InvalidSetting extends Error {
  override readonly name = 'InvalidSetting';
}

function modeOf(text: string): SendingMode {
  const mode = SENDING_MODES.find((each) => each === text);
  if (mode === undefined) throw new InvalidSetting(`SENDING: expected one of ${SENDING_MODES.join(', ')}`);
  return mode;
}

function shareOf(text: string): number {
  const share = Number(text);
  if (!(share >= 0 && share <= 1)) throw new InvalidSetting('HOLDOUT_SHARE: expected a number from 0 to 1');
  return share;
}

/** `Name <address>` or a bare address. */
function mailboxOf(text: string): Mailbox {
  const [, name, address] = /^(.*?)\s*<([^<>]+)>$/u.exec(text) ?? [];
  return address === undefined ? { address: text } : { name, address };
}

export interface SendSettings {
  readonly sender: Mailbox;
  readonly replyTo: string;
  readonly sending: SendingMode;
  readonly allowList: ReadonlySet<string>;
  readonly circumstances: Circumstances;
}

/** @throws InvalidSetting naming the variable and what was expected */
export function settingsOf(
  environment: EnvironmentOf<'send'>,
  release: { readonly improvements: readonly { readonly date: string }[] },
): SendSettings {
  const { SENDER, REPLY_TO, SENDING, ALLOW_LIST, HOLDOUT_SHARE, HOLDOUT_SALT } = environment;
  return {
    sender: mailboxOf(SENDER),
    replyTo: REPLY_TO,
    sending: modeOf(SENDING),
    allowList: new Set(ALLOW_LIST === NOBODY ? [] : ALLOW_LIST.toLowerCase().split(',')),
    circumstances: {
      holdout: { share: shareOf(HOLDOUT_SHARE), salt: HOLDOUT_SALT },
      improvements: release.improvements.map((each) => Date.parse(each.date)),
    },
  };
}
