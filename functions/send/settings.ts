/** The settings of `send`, from its environment, where a wrong one stops the cold start; and from the release in use. */
import {
  type EnvironmentOf,
  NO_WARM_UP,
  NOBODY,
  SENDING_MODES,
  type SendingMode,
} from '../../shared/contracts/environment.ts';
import { optionsFor } from '../../shared/email/library.ts';
import type { Mailbox } from '../../shared/email/message.ts';
import type { ReleaseContent } from '../../shared/email/release.ts';
import type { Circumstances } from '../../shared/lifecycle/customer/permit.ts';
import type { WarmUp } from '../../shared/lifecycle/lane.ts';
import type { LaneSettings } from './lane.ts';

/** A variable holds something the function cannot work with. */
export class InvalidSetting extends Error {
  override readonly name = 'InvalidSetting';
}

function modeOf(text: string): SendingMode {
  const mode = SENDING_MODES.find((each) => each === text);
  if (mode === undefined) throw new InvalidSetting(`SENDING: expected one of ${SENDING_MODES.join(', ')}`);
  return mode;
}

function holdoutOf(text: string): number {
  const share = Number(text);
  if (!(share >= 0 && share <= 1)) throw new InvalidSetting('HOLDOUT_SHARE: expected a number from 0 to 1');
  return share;
}

function quotaShareOf(text: string): number {
  const share = Number(text);
  if (!(share > 0 && share <= 1)) throw new InvalidSetting('QUOTA_SHARE: expected a number above 0, up to 1');
  return share;
}

function sendersOf(text: string): number {
  const senders = Number(text);
  if (!(Number.isInteger(senders) && senders > 0)) throw new InvalidSetting('SENDERS: expected a whole number above 0');
  return senders;
}

function warmUpOf(text: string): WarmUp | undefined {
  if (text === NO_WARM_UP) return undefined;
  const [firstDay = NaN, factor = NaN, ...more] = text.split(',').map(Number);
  if (!(Number.isInteger(firstDay) && firstDay > 0 && factor > 1 && more.length === 0)) {
    throw new InvalidSetting(
      `WARM_UP: expected "${NO_WARM_UP}", or a whole number above 0 and a factor above 1, such as "50,1.5"`,
    );
  }
  return { firstDay, factor };
}

/** Links are made by putting the rest of the path behind it. */
function linkBaseOf(text: string): string {
  const isBase = URL.canParse(text) && /^https?:$/u.test(new URL(text).protocol) && text.endsWith('/');
  if (!isBase) throw new InvalidSetting('LINK_BASE: expected a URL that ends with a slash');
  return text;
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
  readonly holdout: Circumstances['holdout'];
  readonly linkBase: string;
  readonly lane: LaneSettings;
}

/** @throws InvalidSetting naming the variable and what was expected */
export function settingsOf(environment: EnvironmentOf<'send'>): SendSettings {
  const { SENDER, REPLY_TO, SENDING, ALLOW_LIST, HOLDOUT_SHARE, HOLDOUT_SALT } = environment;
  const { LINK_BASE, QUOTA_SHARE, SENDERS, WARM_UP } = environment;
  const sending = modeOf(SENDING);
  const warmUp = warmUpOf(WARM_UP);
  return {
    sender: mailboxOf(SENDER),
    replyTo: REPLY_TO,
    sending,
    allowList: new Set(ALLOW_LIST === NOBODY ? [] : ALLOW_LIST.toLowerCase().split(',')),
    holdout: { share: holdoutOf(HOLDOUT_SHARE), salt: HOLDOUT_SALT },
    linkBase: linkBaseOf(LINK_BASE),
    lane: {
      quotaShare: quotaShareOf(QUOTA_SHARE),
      senders: sendersOf(SENDERS),
      shadow: sending === 'shadow',
      // Elsewhere mail goes to a few known people, or to nobody.
      ...(warmUp && sending === 'live' && { warmUp }),
    },
  };
}

/** What the rules have to know of a release beside its playbook. */
export function circumstancesOf(
  holdout: Circumstances['holdout'],
  release: Pick<ReleaseContent, 'improvements' | 'benefits' | 'contentFor' | 'library'>,
): Circumstances {
  return {
    holdout,
    improvements: release.improvements.map(({ date, reason }) => ({ date: Date.parse(date), reason })),
    benefits: release.benefits.map(({ orders }) => orders).toSorted((a, b) => a - b),
    hasContent: (kinds, topic) => release.contentFor(kinds, topic).length > 0,
    hasOptions: (topic) => optionsFor(release.library, topic).length > 0,
  };
}
