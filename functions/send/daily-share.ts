/**
 * The part of the day's share that one execution environment may use: reserved from the LANE item in blocks, so that
 * counting costs a fraction of a write per mail. What is left of a block when its hour is over goes back with the next reservation.
 */
import type { LaneStore } from '../../shared/adapters/lane-store.ts';
import { reviseLane, TooManyConflicts } from '../../shared/adapters/revise.ts';
import { type LaneBlock, release, reserve, type WarmUp, warmUpLimit } from '../../shared/lifecycle/lane.ts';
import type { Step } from '../../shared/lifecycle/playbook/series.ts';
import { type Duration, HOUR, type Instant } from '../../shared/lifecycle/time.ts';

type Class = Step['class'];

/** A block is at most so large, and at most a hundredth of the day's share. */
const LARGEST_BLOCK = 100;
const BLOCKS_PER_SHARE = 100;

/** Nobody knows whether a second mail will follow the first; in each hour so much of the share is risked for speed. */
const RISKED = 0.01;
const HOURS_A_DAY = 24;

/** When no room was left, whoever comes within this time is told so without asking again. */
const FULL_FOR: Duration = 20_000;

/** Mails reserved within one hour and not used yet. */
interface Block {
  readonly hour: number;
  readonly size: number;
  left: number;
}

export type Place =
  /** `unused` gives the place back. */
  | { readonly kind: 'place'; readonly unused: () => void }
  | { readonly kind: 'full'; readonly why: LaneBlock }
  /** Too many asked at once, as at the turn of an hour. */
  | { readonly kind: 'contended' };

interface ShareSettings {
  /** Execution environments that may reserve at once. */
  readonly senders: number;
  readonly warmUp?: WarmUp;
}

const CONTENDED = 'contended';

const hourOf = (t: Instant) => Math.floor(t / HOUR);

export class DailyShare {
  readonly #lanes: LaneStore;
  readonly #settings: ShareSettings;
  readonly #blocks: Partial<Record<Class, Block>> = {};
  readonly #full: Partial<Record<Class, { readonly why: LaneBlock; readonly until: Instant }>> = {};
  #reserving: Promise<unknown> = Promise.resolve();

  constructor(lanes: LaneStore, settings: ShareSettings) {
    this.#lanes = lanes;
    this.#settings = settings;
  }

  /**
   * Takes a place for one mail. One caller after the other, so that a batch reserves once and not ten times.
   *
   * @param perDay mails in 24 hours that are ours to send, all environments together
   */
  place(kind: Class, perDay: number, t: Instant): Promise<Place> {
    const place = this.#reserving.then(() => this.#place(kind, Math.floor(perDay), t));
    this.#reserving = place.catch(() => undefined);
    return place;
  }

  async #place(kind: Class, perDay: number, t: Instant): Promise<Place> {
    // What was reserved for promotion may carry an apology, never the other way round.
    const usable = kind === 'service' ? (['service', 'promotional'] as const) : (['promotional'] as const);
    for (const each of usable) {
      const block = this.#blocks[each];
      if (block !== undefined && block.hour === hourOf(t) && block.left > 0) return this.#placeIn(each, block);
    }
    const full = this.#full[kind];
    if (full !== undefined && t < full.until) return { kind: 'full', why: full.why };
    const reserved = await this.#reserve(kind, perDay, t);
    if (reserved === CONTENDED) return { kind: 'contended' };
    if (typeof reserved === 'string') {
      this.#full[kind] = { why: reserved, until: t + FULL_FOR };
      return { kind: 'full', why: reserved };
    }
    this.#blocks[kind] = reserved;
    return this.#placeIn(kind, reserved);
  }

  #placeIn(kind: Class, block: Block): Place {
    block.left -= 1;
    const unused = () => {
      // Another block may have been reserved meanwhile, and nobody looks at the one before.
      const current = this.#blocks[kind];
      (current?.hour === block.hour ? current : block).left += 1;
    };
    return { kind: 'place', unused };
  }

  /** A new block; it doubles within the hour: whoever sends little leaves little unused when the hour is over. */
  async #reserve(kind: Class, perDay: number, t: Instant): Promise<Block | LaneBlock | typeof CONTENDED> {
    const { warmUp, senders } = this.#settings;
    const before = this.#blocks[kind];
    const left = before !== undefined && before.hour !== hourOf(t) ? before.left : 0;
    let granted = 0;
    let blocked: LaneBlock | undefined;
    try {
      await reviseLane(this.#lanes, (known) => {
        const lane = release(known, left, before?.hour ?? 0);
        const day = Math.min(perDay, warmUp === undefined ? Infinity : warmUpLimit(lane, warmUp, t));
        const largest = atLeastOne(Math.min(LARGEST_BLOCK, day / BLOCKS_PER_SHARE));
        const first = atLeastOne((day * RISKED) / (HOURS_A_DAY * senders));
        const wanted = before?.hour === hourOf(t) ? before.size * 2 : first;
        const result = reserve(lane, Math.min(wanted, largest), { perDay, ...(warmUp && { warmUp }) }, kind, t);
        ({ granted, blocked } = { blocked: undefined, ...result });
        return granted === 0 ? known : result.lane;
      });
    } catch (cause) {
      // The mail can wait a minute; a fault would cost it one of its deliveries.
      if (cause instanceof TooManyConflicts) return CONTENDED;
      throw cause;
    }
    return granted === 0 ? (blocked ?? 'daily share') : { hour: hourOf(t), size: granted, left: granted };
  }
}

const atLeastOne = (mails: number) => Math.max(1, Math.floor(mails));
