/**
 * Whether a mail may leave at all, for one execution environment: pauses, stops after SES said "not now", the daily
 * share, warm-up and rate. What all environments have in common is the LANE item; it is read at most every
 * {@link KNOWN_FOR}, so that an ordinary mail costs nothing here.
 */
import type { LaneStore } from '../../shared/adapters/lane-store.ts';
import type { SendOutcome, SendQuota } from '../../shared/adapters/mailer.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { reviseLane } from '../../shared/adapters/revise.ts';
import { HELD, METRIC } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { hash32 } from '../../shared/lifecycle/facts/digest.ts';
import {
  beginTrial,
  countUnsure,
  endTrial,
  isCancelled,
  isInDoubt,
  type Lane,
  type LaneBlock,
  nextRoom,
  pausedSince,
  SPREAD,
  STOPPED,
  stop,
  stoppedUntil,
  type StopReason,
  type WarmUp,
  withoutDoubt,
} from '../../shared/lifecycle/lane.ts';
import type { Step } from '../../shared/lifecycle/playbook/series.ts';
import { DAY, type Duration, HOUR, type Instant, MINUTE, SECOND } from '../../shared/lifecycle/time.ts';
import { DailyShare } from './daily-share.ts';
import { Pace, type Stopwatch } from './pace.ts';

type Class = Step['class'];

/** A pause acts within a minute; this leaves forty seconds for everything else. */
const KNOWN_FOR: Duration = 20 * SECOND;
/** Quotas change when AWS raises them, which is rare; SES answers one such question a second for the whole account. */
const QUOTA_KNOWN_FOR: Duration = 15 * MINUTE;
/** When SES did not say its quota. */
const QUOTA_RETRY: Duration = MINUTE;

/** Nobody says how long a pause will last. Promotional mail looks again hourly, an apology every few minutes. */
const PAUSE_RECHECK: Readonly<Record<Class, Duration>> = { promotional: HOUR, service: 5 * MINUTE };

/** How long SES is left alone after it said so, the first time. The daily quota is a moving window: an hour frees some of it. */
const STOPPED_FOR: Readonly<Record<StopReason, Duration>> = {
  rate: MINUTE,
  quota: HOUR,
  paused: 15 * MINUTE,
  misconfigured: 15 * MINUTE,
  unreachable: MINUTE,
  unknown: MINUTE,
};

/**
 * How many such answers within a minute stop the lane; one alone is an accident. Of a refusal for the rate so many mean
 * that others use the account, too; of a broken connection, that SES is out of order and each try may cost a message. What
 * comes more slowly, with nothing taken in between, {@link countUnsure} counts.
 */
const ACCIDENTS: Readonly<Partial<Record<StopReason, number>>> = { rate: 3, unreachable: 3, unknown: 5 };

/** An accident so soon after the stop for the last one is the same outage, and each try into it may cost messages. */
const SAME_OUTAGE: Duration = 10 * MINUTE;
const LONGEST_OUTAGE_STOP: Duration = 15 * MINUTE;

/** SES did not even answer a mail to its own simulator. Asking that costs no message, so it is asked often. */
const OUT_OF_ORDER: Duration = 15 * MINUTE;

/** A mail that SES alone misunderstands, however often: it is tried again, but no more than this often. */
const REFUSED_AGAIN: Duration = HOUR;

/** Whether SES has said so itself: of all other reasons its silence is one, or our way to it. */
function isAnswer(why: StopReason): boolean {
  return why !== 'unknown' && why !== 'unreachable';
}

/** Stops the lane: for an accident twice as long as before while the outage that it shows goes on. */
function stopAgain(lane: Lane, why: StopReason, t: Instant): Lane {
  if (!(why in ACCIDENTS)) return stop(lane, why, t + STOPPED_FOR[why]);
  const { stop: before } = lane;
  const isSame = before?.why === why && t < before.until + SAME_OUTAGE;
  const doubled = isSame ? 2 * (before.until - (before.since ?? before.until)) : 0;
  const length = Math.min(Math.max(doubled, STOPPED_FOR[why]), LONGEST_OUTAGE_STOP);
  return stop(lane, why, t + length, t);
}

/**
 * How much of the daily quota is free changes with every hour, so that a little mail leaves between one stop and the next: it is
 * over when there was none for so long.
 */
const QUOTA_FREE_AGAIN: Duration = 2 * HOUR;

/** When a stop ended longer ago, who has said once that it is over need not say it again. */
const STOP_REMEMBERED: Duration = DAY;

/**
 * Whether a mail that leaves is to say so: one that had waited, or one after a stop, for whoever was told that no mail leaves.
 * While the stop may go on for others it would be an end nobody has seen, and most mails have nothing to end.
 *
 * @param shown the end of the stop of which this environment has said that it is over
 */
function showsEnd(last: Lane['stop'], shown: Instant | undefined, hadWaited: boolean, t: Instant): boolean {
  if (last === undefined) return hadWaited;
  // However late: in a small shop the first mail after a stop may come days after it.
  if (t >= last.until + STOP_REMEMBERED) return hadWaited || shown !== last.until;
  return t >= (last.why === 'quota' ? last.until + QUOTA_FREE_AGAIN : last.until);
}

/** When a mail that is held until `from` comes back: promotional ones spread, each customer always alike. */
function returnAt(from: Instant, customerId: string, kind: Class): Instant {
  return kind === 'service' ? from : from + (hash32(customerId) % SPREAD);
}

/**
 * When a mail comes back that SES did not take, for a reason that stops the lane at once or only when it repeats.
 *
 * @param isAgain whether the mail has waited for the same reason before
 */
export function returnAfter(why: StopReason, customerId: string, kind: Class, t: Instant, isAgain: boolean): Instant {
  // Those who collided must not do it again all at once.
  if (why in ACCIDENTS) return t + MINUTE + (hash32(customerId) % MINUTE);
  const wait = why === 'misconfigured' && isAgain ? REFUSED_AGAIN : STOPPED_FOR[why];
  return returnAt(t + wait, customerId, kind);
}

/** Whoever pauses sending means to end it again: after so long somebody should be reminded. */
const LONG_PAUSE: Duration = DAY;
/** Of these nobody need hear: a rate that was too high passes within a minute, a warm-up and a short pause are meant. */
const NO_TROUBLE: ReadonlySet<string> = new Set(['rate', 'warm-up', 'paused'] satisfies (StopReason | LaneBlock)[]);
/** Of our pauses, apart from those of SES: what has the same fields is added up, and the two would cancel each other. */
const PAUSED_FOR_LONG = 'paused for long';

/**
 * Counts a message that waits because of the lane, or only notes it.
 *
 * @param isForLong whether what it waits for has lasted too long to be meant
 */
export function countHeld(meter: Meter, reason: string, isForLong = false): void {
  const isStopped = reason.startsWith(STOPPED);
  const why = isStopped ? reason.slice(STOPPED.length) : reason;
  if (isStopped ? why === 'rate' : NO_TROUBLE.has(why) && !isForLong) meter.note(NOTE.heldBack, { why });
  else if (isStopped) meter.count(METRIC.laneStopped, { why }, HELD.bySes);
  else meter.count(METRIC.laneStopped, { why: isForLong ? PAUSED_FOR_LONG : why }, HELD.byUs);
}

export type Admission =
  /** `unused` gives the place back when the mail did not go to SES. */
  | { readonly kind: 'admitted'; readonly unused: () => void }
  | {
      readonly kind: 'held';
      readonly until: Instant;
      readonly reason: string;
      /** What it waits for has lasted longer than anybody would mean it to. */
      readonly forLong?: true;
    }
  /** Its campaign was cancelled. */
  | { readonly kind: 'cancelled' };

export interface LaneServices {
  readonly lanes: LaneStore;
  readonly meter: Meter;
  readonly quota: () => Promise<SendQuota>;
  /** What SES says to a mail that is nobody's. */
  readonly askSes: () => Promise<SendOutcome>;
  readonly now: () => Instant;
  readonly stopwatch: Stopwatch;
}

export interface LaneSettings {
  /** The part of the account's quota and rate that is ours, above 0, up to 1. */
  readonly quotaShare: number;
  /** Execution environments that may send at once. */
  readonly senders: number;
  readonly warmUp?: WarmUp;
  /** Nothing goes to SES: pauses and stops hold, but nothing is reserved and nobody waits. */
  readonly shadow: boolean;
}

interface Known<T> {
  readonly value: T;
  readonly until: Instant;
}

export class SendingLane {
  readonly #services: LaneServices;
  readonly #settings: LaneSettings;
  readonly #pace: Pace;
  readonly #share: DailyShare;
  #lane: Known<Promise<Lane>> | undefined;
  #quota: Known<Promise<SendQuota | undefined>> | undefined;
  #accidents: Readonly<Partial<Record<StopReason, readonly Duration[]>>> = {};
  /** Mails of which SES did not say whether it took them, and which the item does not count yet. */
  #unsure = 0;
  /** Whether the mail that may leave is one that is risked. */
  #isOnTrial = false;
  /** The end of the stop of which a mail has shown that it is over. */
  #shownEnd: Instant | undefined;
  /** Whether this environment told of a stop of which the item knows nothing, and not yet that it is over. */
  #owesEnd = false;
  #counting: Promise<void> = Promise.resolve();
  /** Whose mail SES refused for our own faults, since it last took one. */
  readonly #refused = new Set<string>();

  constructor(services: LaneServices, settings: LaneSettings) {
    this.#services = services;
    this.#settings = settings;
    this.#pace = new Pace(services.stopwatch);
    this.#share = new DailyShare(services.lanes, settings);
  }

  /** A batch begins: its patience is fresh. */
  begin(): void {
    this.#pace.begin();
  }

  /**
   * Asks for a place for one mail, and waits for its turn; call it before anything about the customer is read.
   *
   * @param campaign whose mail it is, if it is one's
   * @throws faults of the store: deliver again
   */
  async admit(customerId: string, programme: string, kind: Class, campaign?: string): Promise<Admission> {
    const t = this.#services.now();
    const held = (from: Instant, reason: string): Admission => ({
      kind: 'held',
      until: returnAt(from, customerId, kind),
      reason,
    });
    const lane = await this.#knownLane(t);
    if (campaign !== undefined && isCancelled(lane, campaign)) return { kind: 'cancelled' };
    const paused = pausedSince(lane, programme);
    if (paused !== undefined) {
      const isLong = t - paused >= LONG_PAUSE;
      return { ...held(t + PAUSE_RECHECK[kind], 'paused'), ...(isLong && { forLong: true }) };
    }
    const stopped = stoppedUntil(lane, t);
    if (stopped !== undefined) return held(stopped.until, `${STOPPED}${stopped.why}`);
    if (this.#settings.shadow) return { kind: 'admitted', unused: () => undefined };
    const quota = await this.#knownQuota(t);
    // An account without a rate sends nothing, and slots are counted by its inverse.
    if (quota?.perSecond === 0) return held(t + QUOTA_RETRY, 'rate');
    if (quota === undefined) {
      // Told as a stop, of which the item knows nothing: the first mail that leaves tells its end.
      this.#owesEnd = true;
      return held(t + QUOTA_RETRY, `${STOPPED}quota unknown`);
    }
    const place = await this.#share.place(kind, quota.perDay * this.#settings.quotaShare, t);
    const inAMinute: Admission = {
      kind: 'held',
      until: returnAfter('rate', customerId, kind, t, false),
      reason: 'rate',
    };
    if (place.kind === 'contended') return inAMinute;
    if (place.kind === 'full') return held(nextRoom(t), place.why);
    const interval = this.#intervalFor(quota);
    if (!(await this.#pace.enter(interval))) {
      place.unused();
      return inAMinute;
    }
    const unused = () => {
      place.unused();
      this.#pace.leave(interval);
    };
    if (!isInDoubt(lane)) return { kind: 'admitted', unused };
    const shut = await this.#try(t);
    if (shut !== undefined) {
      unused();
      return held(shut.until, STOPPED + shut.why);
    }
    return {
      kind: 'admitted',
      unused: () => {
        this.#isOnTrial = false;
        unused();
      },
    };
  }

  /**
   * SES took a mail: what it refused before was not for a fault of ours, and its silence before is over. Nothing is written
   * where it was not silent before.
   *
   * @param hadWaited whether the mail had waited for anything
   * @throws faults of the store: the next mail that is taken says it again
   */
  async accepted(hadWaited = false): Promise<void> {
    this.#refused.clear();
    const known = await this.#lane?.value;
    const isOver = this.#owesEnd || showsEnd(known?.stop, this.#shownEnd, hadWaited, this.#services.now());
    if (isOver) [this.#shownEnd, this.#owesEnd] = [known?.stop?.until, false];
    if (isOver || this.#isOnTrial) this.#services.meter.count(METRIC.laneStopped, {}, HELD.notAtAll);
    if (this.#isOnTrial) return this.answered();
    if (known?.unsure !== undefined) await this.#revise(withoutDoubt);
  }

  /** SES said clearly what becomes of a mail, if only that it does not take it: if the mail was a trial, it has ended. */
  async answered(): Promise<void> {
    if (!this.#isOnTrial) return;
    this.#isOnTrial = false;
    const t = this.#services.now();
    await this.#revise((lane) => endTrial(lane, t));
  }

  /**
   * SES did not take a mail of the customer: everybody stops, for an accident only when it repeats, and for a fault of
   * ours only when it meets a second customer: a mail that SES misunderstands must not hold up everybody else's.
   */
  async refused(why: StopReason, customerId: string): Promise<void> {
    if (isAnswer(why)) await this.answered();
    if (why === 'misconfigured' && this.#refused.add(customerId).size < 2) return;
    const repeats = this.#happensAgain(why, this.#services.stopwatch.elapsed());
    if (why === 'unknown') await this.#countUnsure();
    if (!repeats) return;
    const t = this.#services.now();
    await this.#stop(why, (lane) => (stoppedUntil(lane, t)?.why === why ? lane : stopAgain(lane, why, t)));
  }

  /** One write for all that come together: a batch that SES leaves waiting comes back at once. */
  async #countUnsure(): Promise<void> {
    this.#unsure += 1;
    const count = async () => {
      const [mails, isTrial] = [this.#unsure, this.#isOnTrial];
      if (mails === 0) return;
      [this.#unsure, this.#isOnTrial] = [0, false];
      await this.#stop('unknown', (lane) => countUnsure(lane, mails, isTrial, this.#services.now()));
    };
    const counted = this.#counting.then(count);
    this.#counting = counted.catch(() => undefined);
    await counted;
  }

  /** Whether this mail may be risked to see whether SES takes mail again; if not, the stop for which it waits. */
  async #try(t: Instant): Promise<Lane['stop']> {
    let isOurs = false;
    const lane = await this.#revise((known) => {
      const changed = beginTrial(known, t);
      isOurs = changed !== known;
      return changed;
    });
    // Somebody else was faster, or SES has taken a mail meanwhile.
    if (!isOurs) return stoppedUntil(lane, t);
    const answer = await this.#services.askSes();
    // A mail that SES refuses shows that it is in order, too.
    if (answer.kind === 'accepted' || answer.kind === 'rejected') {
      this.#isOnTrial = true;
      return undefined;
    }
    const why = answer.kind === 'not now' ? answer.why : answer.kind;
    // Nothing about this mail can be misunderstood: what SES says of it holds for everybody's.
    const stopped = await this.#stop(why, (known) =>
      isAnswer(why) ? stopAgain(endTrial(known, t), why, t) : stop(known, why, t + OUT_OF_ORDER, t),
    );
    return stoppedUntil(stopped, t);
  }

  /** Changes the item, and says so when that stopped everybody. */
  async #stop(why: StopReason, change: (lane: Lane) => Lane): Promise<Lane> {
    let isNew = false;
    const lane = await this.#revise((known) => {
      const changed = change(known);
      isNew = changed.stop !== known.stop;
      return changed;
    });
    if (isNew) countHeld(this.#services.meter, `${STOPPED}${why}`);
    return lane;
  }

  async #revise(change: (lane: Lane) => Lane): Promise<Lane> {
    const { lanes, now } = this.#services;
    const lane = await reviseLane(lanes, change);
    this.#lane = { value: Promise.resolve(lane), until: now() + KNOWN_FOR };
    return lane;
  }

  #happensAgain(why: StopReason, at: Duration): boolean {
    const within = [...(this.#accidents[why] ?? []).filter((each) => each > at - MINUTE), at];
    const isEnough = within.length >= (ACCIDENTS[why] ?? 1);
    this.#accidents = { ...this.#accidents, [why]: isEnough ? [] : within };
    return isEnough;
  }

  #intervalFor({ perSecond }: SendQuota): Duration {
    const { quotaShare, senders } = this.#settings;
    return (SECOND * senders) / (perSecond * quotaShare);
  }

  #knownLane(t: Instant): Promise<Lane> {
    if (this.#lane === undefined || t >= this.#lane.until) {
      const value = this.#services.lanes.read();
      this.#lane = { value, until: t + KNOWN_FOR };
      // A failure is not kept: the next mail asks again.
      value.catch(() => (this.#lane = undefined));
    }
    return this.#lane.value;
  }

  /** The account's quota; undefined while SES has never said it, in this environment. */
  async #knownQuota(t: Instant): Promise<SendQuota | undefined> {
    if (this.#quota === undefined || t >= this.#quota.until) {
      const before = this.#quota?.value;
      const value = this.#services.quota().catch(async () => {
        const known = await before;
        this.#quota = { value: Promise.resolve(known), until: t + QUOTA_RETRY };
        return known;
      });
      this.#quota = { value, until: t + QUOTA_KNOWN_FOR };
    }
    return this.#quota.value;
  }
}
