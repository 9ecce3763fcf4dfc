/**
 * How much mail may leave at all: pauses, stops after SES said "not now", warm-up, and what of the daily share is used.
 * One item per deployment; senders reserve from it in blocks, so that counting costs a fraction of a write per mail.
 */
import { DAY, type Duration, HOUR, type Instant, MINUTE } from './time.ts';

/** `unreachable`: SES was not asked; `unknown`: it was, and gave no clear answer. */
export type StopReason = 'rate' | 'quota' | 'paused' | 'misconfigured' | 'unreachable' | 'unknown';

export interface Lane {
  /** 0: nothing is stored yet. */
  readonly version: number;
  /** When a person paused everything, or single programmes. */
  readonly paused: { readonly all?: Instant; readonly programmes: Readonly<Record<string, Instant>> };
  /** Campaigns somebody cancelled, each with the end of the time in which its mail could still go out. */
  readonly cancelled?: Readonly<Record<string, Instant>>;
  /** SES wants nothing until then. `since`: of a stop that lasts longer each time; it stays when the stop is over. */
  readonly stop?: { readonly until: Instant; readonly why: StopReason; readonly since?: Instant };
  /** Mails in a row of which SES did not say whether it took them; left out when it took the last one. */
  readonly unsure?: number;
  /** Mails reserved per hour since the epoch, of the last 24 hours. */
  readonly reserved: Readonly<Record<string, number>>;
  /** The day of the warm-up that was written last; missing before the first promotional mail under one. */
  readonly warmUp?: WarmUpDay;
}

/** One day of a warm-up. */
interface WarmUpDay {
  /** From 1; days on which too little was sent are not counted. */
  readonly day: number;
  readonly since: Instant;
  /** Promotional mails reserved since then. */
  readonly used: number;
}

export interface LaneLimits {
  /** Mails in 24 hours that are ours to send: our share of the account's quota. Infinity when SES sets none. */
  readonly perDay: number;
  readonly warmUp?: WarmUp;
}

/** A domain nobody knows yet starts with few mails a day and sends more each day. */
export interface WarmUp {
  readonly firstDay: number;
  /** Above 1. */
  readonly factor: number;
}

/** How the reason begins why a message waits for SES to take mail again. */
export const STOPPED = 'stopped: ';

export type LaneBlock = 'paused' | 'stopped' | 'warm-up' | 'daily share';

export const OPEN_LANE: Lane = { version: 0, paused: { programmes: {} }, reserved: {} };

/** Kept free of promotional mail, so that an apology still goes out on the day of the large campaign. */
const SERVICE_RESERVE = 0.1;

const hourOf = (t: Instant) => Math.floor(t / HOUR);

/** Mails reserved in the 24 hours up to `t`. Whole hours: the oldest one counts until it is quite over. */
export function usedWithinADay(lane: Lane, t: Instant): number {
  const oldest = hourOf(t - DAY);
  return Object.entries(lane.reserved)
    .filter(([hour]) => Number(hour) >= oldest)
    .reduce((sum, [, mails]) => sum + mails, 0);
}

/** A day on which less of its mails left has taught the world's mailbox providers nothing. */
const ENOUGH_OF_A_DAY = 0.5;

function limitOn({ day }: WarmUpDay, { firstDay, factor }: WarmUp): number {
  return Math.floor(firstDay * factor ** (day - 1));
}

/** The day of the warm-up at `t`. It is the next one only when the one before was used: idle days warm nothing up. */
function warmUpDay(lane: Lane, warmUp: WarmUp, t: Instant): WarmUpDay {
  const known = lane.warmUp ?? { day: 1, since: t, used: 0 };
  const days = Math.floor((t - known.since) / DAY);
  if (days < 1) return known;
  const counts = known.used >= limitOn(known, warmUp) * ENOUGH_OF_A_DAY;
  return { day: known.day + (counts ? 1 : 0), since: known.since + days * DAY, used: 0 };
}

/** Mails the warm-up allows on the day of `t`. */
export function warmUpLimit(lane: Lane, warmUp: WarmUp, t: Instant): number {
  return limitOn(warmUpDay(lane, warmUp, t), warmUp);
}

/** Since when a person has paused mail of the programme, or all mail; undefined when it flows. */
export function pausedSince({ paused: { all, programmes } }: Lane, programme: string): Instant | undefined {
  // An own key: a programme may be called `constructor`.
  return all ?? (Object.hasOwn(programmes, programme) ? programmes[programme] : undefined);
}

/** Whether a person has paused mail of the programme. */
export function isPaused(lane: Lane, programme: string): boolean {
  return pausedSince(lane, programme) !== undefined;
}

/** Whether a person has cancelled the campaign. */
export function isCancelled({ cancelled = {} }: Lane, campaign: string): boolean {
  return Object.hasOwn(cancelled, campaign);
}

/**
 * Cancels a campaign: none of its mail goes out any more. Those whose mail is stale by now are forgotten.
 *
 * @param until when the mail of the campaign is stale
 */
export function cancelCampaign(lane: Lane, campaign: string, until: Instant, t: Instant): Lane {
  if (isCancelled(lane, campaign)) return lane;
  const others = Object.entries(lane.cancelled ?? {}).filter(([, end]) => end > t);
  return { ...lane, cancelled: { ...Object.fromEntries(others), [campaign]: until } };
}

/** Until when SES wants nothing; undefined when it takes mail. */
export function stoppedUntil(lane: Lane, t: Instant): Lane['stop'] {
  return lane.stop !== undefined && t < lane.stop.until ? lane.stop : undefined;
}

/** Stops the lane; a later end wins. Unchanged (the same object) when it is stopped for longer already. */
export function stop(lane: Lane, why: StopReason, until: Instant, since?: Instant): Lane {
  if (lane.stop !== undefined && lane.stop.until >= until) return lane;
  return { ...lane, stop: { why, until, ...(since !== undefined && { since }) } };
}

/**
 * So many mails in a row without a clear answer, at whatever pace, and SES is out of order: one may be an accident, and each
 * costs a message. From there on only trials are made, one mail at a time.
 */
const IN_DOUBT = 5;
/** A trial that fails costs a message, too, so the next one waits twice as long as this one did, but no longer than this. */
const LONGEST_DOUBT: Duration = 4 * HOUR;
/** Within it the answer to a trial is there; otherwise whoever made it has died, or had nothing to send after all. */
const TRIAL: Duration = MINUTE;

/** Whether SES has been so silent that only one mail at a time may be risked. */
export function isInDoubt({ unsure = 0 }: Lane): boolean {
  return unsure >= IN_DOUBT;
}

/**
 * Counts mails of which SES did not say whether it took them, and stops the lane when those in a row have become too many.
 * Mails that were on their way when it stopped say nothing new: then only a trial counts.
 *
 * @param mails above 0
 */
export function countUnsure(lane: Lane, mails: number, isTrial: boolean, t: Instant): Lane {
  if (isInDoubt(lane) && !isTrial) return lane;
  const before = lane.unsure ?? 0;
  const unsure = isInDoubt(lane) ? before + 1 : Math.min(before + mails, IN_DOUBT);
  const counted: Lane = { ...lane, unsure };
  if (unsure < IN_DOUBT) return counted;
  return stop(counted, 'unknown', t + Math.min(MINUTE * 2 ** (unsure - IN_DOUBT), LONGEST_DOUBT), t);
}

/** SES took a mail: what it was silent about before was an accident, or is over. */
export function withoutDoubt(lane: Lane): Lane {
  if (lane.unsure === undefined) return lane;
  const { unsure: _over, ...clear } = lane;
  return clear;
}

/** A trial was answered clearly, whatever the answer: SES is not silent any more, and nobody need wait for it. */
export function endTrial(lane: Lane, t: Instant): Lane {
  const { stop: known } = lane;
  // A stop for another reason has begun meanwhile, and goes on.
  const ended = known?.why === 'unknown' && t < known.until && { stop: { ...known, until: t } };
  return withoutDoubt({ ...lane, ...ended });
}

/** Keeps everybody else waiting while one of them makes a trial; unchanged when somebody does already, or need not. */
export function beginTrial(lane: Lane, t: Instant): Lane {
  if (!isInDoubt(lane) || stoppedUntil(lane, t) !== undefined) return lane;
  return stop(lane, 'unknown', t + TRIAL, t);
}

/** How many more mails of the class fit into the day, and what stands in the way of more. */
function roomFor(
  lane: Lane,
  { perDay, warmUp }: LaneLimits,
  kind: 'service' | 'promotional',
  t: Instant,
): { readonly mails: number; readonly limit: LaneBlock } {
  const used = usedWithinADay(lane, t);
  if (kind === 'service') return { mails: perDay - used, limit: 'daily share' };
  const ofShare = Math.floor(perDay * (1 - SERVICE_RESERVE)) - used;
  // Service mail alone must not use the day up: promotion would wait for a room that never comes.
  const ofWarmUp = warmUp === undefined ? Infinity : warmUpLimit(lane, warmUp, t) - warmUpDay(lane, warmUp, t).used;
  return ofWarmUp < ofShare ? { mails: ofWarmUp, limit: 'warm-up' } : { mails: ofShare, limit: 'daily share' };
}

/**
 * Reserves up to `wanted` mails of a class.
 *
 * @returns the lane with fewer or no mails reserved than wanted when the day's share is used up, and then why
 */
export function reserve(
  lane: Lane,
  wanted: number,
  limits: LaneLimits,
  kind: 'service' | 'promotional',
  t: Instant,
): { readonly lane: Lane; readonly granted: number; readonly blocked?: LaneBlock } {
  const { mails, limit } = roomFor(lane, limits, kind, t);
  const granted = Math.max(0, Math.min(wanted, Math.floor(mails)));
  if (granted === 0) return { lane, granted, blocked: limit };
  const hour = String(hourOf(t));
  const oldest = hourOf(t - DAY);
  const recent = Object.entries(lane.reserved).filter(([each]) => Number(each) >= oldest);
  const reserved = Object.fromEntries(recent);
  return {
    lane: {
      ...lane,
      reserved: { ...reserved, [hour]: (reserved[hour] ?? 0) + granted },
      ...withWarmUp(lane, limits.warmUp, granted, kind, t),
    },
    granted,
  };
}

/** Gives back what was reserved in an hour and not used: what SES did not take in an outage is no part of the day's share. */
export function release(lane: Lane, mails: number, hour: number): Lane {
  const reserved = lane.reserved[String(hour)];
  if (mails <= 0 || reserved === undefined) return lane;
  return { ...lane, reserved: { ...lane.reserved, [String(hour)]: Math.max(0, reserved - mails) } };
}

/** The warm-up is about promotional mail: it begins with the first, and its days count by it alone. */
function withWarmUp(
  lane: Lane,
  warmUp: WarmUp | undefined,
  granted: number,
  kind: 'service' | 'promotional',
  t: Instant,
): Pick<Lane, 'warmUp'> {
  if (warmUp === undefined || kind === 'service') return {};
  const today = warmUpDay(lane, warmUp, t);
  return { warmUp: { ...today, used: today.used + granted } };
}

/** When room is worth asking for again: the next hour frees what was sent a day before. */
export function nextRoom(t: Instant): Instant {
  return (hourOf(t) + 1) * HOUR;
}

/** Pauses everything, or one programme. */
export function pause(lane: Lane, programme: string | undefined, t: Instant): Lane {
  const { paused } = lane;
  return programme === undefined
    ? { ...lane, paused: { ...paused, all: paused.all ?? t } }
    : { ...lane, paused: { ...paused, programmes: { [programme]: t, ...paused.programmes } } };
}

function isSilence(why: StopReason | undefined): boolean {
  return why === 'unknown' || why === 'unreachable';
}

/**
 * Ends the pause of one programme, or of everything: then single programmes go on, too, and after a silence of SES the next
 * trial is made at once. No other stop is ended: of its reason a person knows no more than SES said.
 */
export function resume(lane: Lane, programme: string | undefined): Lane {
  if (programme === undefined) {
    const { stop: known } = lane;
    const isTrialDue = isInDoubt(lane) && isSilence(known?.why) && known?.since !== undefined;
    return { ...lane, paused: { programmes: {} }, ...(isTrialDue && { stop: { ...known, until: known.since } }) };
  }
  const { [programme]: _ended, ...programmes } = lane.paused.programmes;
  return { ...lane, paused: { ...lane.paused, programmes } };
}

/** Held messages go out over this long after a pause or a stop, each customer at their own moment. */
export const SPREAD: Duration = HOUR;
