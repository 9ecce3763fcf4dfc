/**
 * Every message of a customer in plain sentences: how it ended or what it waits for, the particulars of that, what led
 * to it, how it was made, and what became of it after it was sent.
 */
import type { LedgerEntry } from '../customer/claim.ts';
import type { Delivery } from '../customer/delivery.ts';
import type { Pending } from '../customer/profile.ts';
import { heldOverNight } from '../customer/quiet-hours.ts';
import { parseKey, placedOf } from '../customer/message-key.ts';
import { isCancelled, isPaused, stoppedUntil } from '../lane.ts';
import type { Instant } from '../time.ts';
import { causeOf } from './cause.ts';
import type { LivingDossier, Setting } from './dossier.ts';
import { nameOf } from './message-name.ts';
import { particularsOfReason } from './particulars.ts';
import { endInWords, failed, reasonInWords, unsent } from './reason-words.ts';
import { absolute } from './when.ts';

type MessageState = LedgerEntry['outcome'] | 'pending' | 'in flight';

export interface MessageLine {
  readonly key: string;
  readonly name: string;
  readonly state: MessageState;
  /** How it ended, or what it waits for. */
  readonly sentence: string;
  /** The particulars of the reason, and what led to the message; may be empty. */
  readonly because: readonly string[];
  /** Times, variant and release. */
  readonly made: string;
  /** What SES reported since. */
  readonly delivery?: string;
  /** When it ended; for one that has not, when it was decided. */
  readonly at: Instant;
  /** SES message id of a mail that was sent. */
  readonly messageId?: string;
}

/** Newest first. */
export function messageLines(dossier: LivingDossier, setting: Setting): readonly MessageLine[] {
  const { profile, ledger } = dossier;
  const ended = ledger.map((entry) => endedLine(entry, dossier, setting));
  const closing = Object.entries(profile.closing).map(([key, message]): MessageLine => {
    const { outcome, reason, closedAt } = message;
    const sentence = outcome === 'failed' ? failed(reason) : unsent(outcome, reason);
    return line(key, message, { state: outcome, sentence, reason, at: closedAt }, dossier, setting);
  });
  const flying = Object.entries(profile.flight).map(([key, message]): MessageLine => {
    const { lease, decidedAt } = message;
    const sentence = `Being handed to SES; if nothing is heard of it by ${absolute(lease)}, it is looked into.`;
    return line(key, message, { state: 'in flight', sentence, at: decidedAt }, dossier, setting);
  });
  const waiting = Object.entries(profile.pending).map(([key, message]): MessageLine => {
    const { sentence, reason } = waitingInWords(key, message, dossier, setting);
    const end = { sentence, at: message.decidedAt, ...(reason !== undefined && { reason }) };
    return line(key, message, { ...end, state: 'pending' }, dossier, setting);
  });
  const open = [...closing, ...flying, ...waiting].filter(({ key }) => ended.every((each) => each.key !== key));
  return [...open, ...ended].toSorted((a, b) => b.at - a.at);
}

interface End {
  readonly state: MessageState;
  readonly sentence: string;
  readonly reason?: string;
  readonly at: Instant;
}

function line(
  key: string,
  message: Pending,
  { state, sentence, reason, at }: End,
  dossier: LivingDossier,
  setting: Setting,
): MessageLine {
  // Of one that waits the rules speak now.
  const ruled = { key, moment: message.moment, at: state === 'pending' ? setting.now : at };
  const particulars = reason === undefined ? undefined : particularsOfReason(reason, ruled, dossier, setting);
  const cause = causeOf({ ...message, key }, dossier.journal, setting.playbook);
  return {
    key,
    name: nameOf(key),
    state,
    sentence,
    because: [particulars, cause].filter((each) => each !== undefined),
    made: madeInWords(message),
    at,
  };
}

function endedLine(entry: LedgerEntry, dossier: LivingDossier, setting: Setting): MessageLine {
  const { key, outcome, reason, endedAt, messageId, delivery } = entry;
  const end = { state: outcome, sentence: endInWords(entry), at: endedAt, ...(reason !== undefined && { reason }) };
  return {
    ...line(key, entry, end, dossier, setting),
    made: madeInWords(entry),
    ...(messageId !== undefined && { messageId }),
    ...(delivery && { delivery: deliveryInWords(delivery) }),
  };
}

const LANGUAGE_NAMES = new Intl.DisplayNames('en', { type: 'language' });

/** "Finnish"; the tag itself where nobody has a name for it. */
function languageName(tag: string): string {
  return LANGUAGE_NAMES.of(tag) ?? tag;
}

function madeInWords({
  moment,
  decidedAt,
  attempt,
  template,
  locale = 'en',
  insteadOf,
  release,
}: Pick<LedgerEntry, 'moment' | 'decidedAt' | 'attempt' | 'template' | 'locale' | 'insteadOf' | 'release'>): string {
  const [, variant = 'standard'] = template?.split('@') ?? [];
  const times = `Meant for ${absolute(moment)}, decided ${absolute(decidedAt)}${attempt > 1 ? `, attempt ${attempt}` : ''}.`;
  if (template === undefined) return times;
  const language =
    insteadOf === undefined ? locale : `${languageName(locale)}, for there is none in ${languageName(insteadOf)}`;
  return `${times} Variant ${variant}, in ${language}${release === undefined ? '' : `, release ${release}`}.`;
}

export const DELIVERY_WORDS: Readonly<Record<NonNullable<Delivery['status']>, string>> = {
  delayed: 'Delayed: the other side does not take it yet; SES keeps trying',
  delivered: 'Delivered',
  bounced: 'Bounced: it came back',
  complained: 'Reported as spam by its reader',
  rejected: 'Rejected by SES after all: it found something harmful in it',
};

/** "Delivered on 2 Mar 2026, 12:01 UTC; opened on ..." */
export function deliveryInWords({ status, at, detail, openedAt, clickedAt }: Delivery): string {
  const when = at === undefined ? '' : ` on ${absolute(at)}`;
  const kind = detail === undefined ? '' : ` (${detail})`;
  const seen = [
    ...(status === undefined ? [] : [`${DELIVERY_WORDS[status]}${kind}${when}`]),
    ...(openedAt === undefined ? [] : [`opened on ${absolute(openedAt)}`]),
    ...(clickedAt === undefined ? [] : [`a link in it was followed on ${absolute(clickedAt)}`]),
  ].join('; ');
  return `${seen.charAt(0).toUpperCase()}${seen.slice(1)}.`;
}

function waitingInWords(
  key: string,
  message: Pending,
  dossier: LivingDossier,
  setting: Setting,
): { readonly sentence: string; readonly reason?: string } {
  const { now } = setting;
  const { notBefore = 0, attempt } = message;
  const again = attempt > 1 ? ' SES gave no clear answer the first time; this is the one repetition.' : '';
  const reason = heldBy(key, message, dossier, setting);
  if (reason === undefined && notBefore <= now) return { sentence: `Pending: it goes out within a minute.${again}` };
  const until = notBefore > now ? ` until ${absolute(notBefore)}` : '';
  const why = reason === undefined ? '' : `: ${reasonInWords(reason)}`;
  return { sentence: `Pending${until}${why}.${again}`, ...(reason !== undefined && { reason }) };
}

/** What holds a waiting message: what stands in the lane now, else what the last deferral was for. */
function heldBy(
  key: string,
  message: Pending,
  { profile, lane }: LivingDossier,
  { playbook, now }: Setting,
): string | undefined {
  const { programme, episode } = parseKey(key) ?? {};
  const ofCampaign = placedOf(key, playbook)?.series.trigger === 'campaign';
  if (lane && ofCampaign && episode !== undefined && isCancelled(lane, episode)) return 'campaign cancelled';
  if (lane && programme !== undefined && isPaused(lane, programme)) return 'paused';
  const stop = lane && stoppedUntil(lane, now);
  if (stop !== undefined) return `stopped: ${stop.why}`;
  if ((message.notBefore ?? 0) <= now) return undefined;
  if (message.heldBy !== undefined) return message.heldBy;
  const step = placedOf(key, playbook)?.step;
  // Decided at night it waits from the start, and nobody had to defer it.
  const night = step && heldOverNight(profile, step, message.moment, playbook, now);
  return night === undefined ? undefined : 'quiet hours';
}
