/**
 * Counts of a simulation: people per stage and mails per programme by week, mails by hour, and why others were not sent.
 * Whatever is added can be taken away again, for a customer may have to be played once more.
 */
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { StageChange } from '../../shared/lifecycle/customer/profile.ts';
import { byStage, type Stage } from '../../shared/lifecycle/stage.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';

const WEEK = 7 * DAY;
const HOURS_PER_DAY = DAY / HOUR;
const SECONDS_PER_HOUR = 3600;

export type Weight = 1 | -1;

type ByName = Readonly<Record<string, number>>;

/** The most mails within a span of time. */
export interface Peak {
  readonly from: Instant;
  readonly mails: number;
}

export interface Counts {
  readonly from: Instant;
  readonly to: Instant;
  /** The end of each week from the day of the first event on; the last one ends with the simulation. */
  readonly weeks: readonly Instant[];
  /** People in each stage at the end of each week. */
  readonly stages: Readonly<Record<Stage, Int32Array>>;
  /** The same at the very end. */
  readonly stagesAtEnd: Readonly<Record<Stage, number>>;
  /** Mails sent in each week, by programme. */
  readonly mails: Readonly<Record<string, Int32Array>>;
  /** Mails sent in all, by `programme/step`. */
  readonly mailsByStep: ByName;
  readonly sent: number;
  /** Messages by reason. */
  readonly withheld: ByName;
  readonly cancelled: ByName;
  readonly failed: ByName;
  readonly busiestHour: Peak;
  /** Of 24 hours in a row. */
  readonly busiestDay: Peak;
}

/** What SES allows an account. */
export interface Quota {
  readonly perSecond: number;
  /** In 24 hours. */
  readonly perDay: number;
}

/** The busiest times as shares of a quota; above 1 mails would wait. */
export interface QuotaUse {
  readonly ofPerSecond: number;
  readonly ofPerDay: number;
}

export function useOf(quota: Quota, { busiestHour, busiestDay }: Pick<Counts, 'busiestHour' | 'busiestDay'>): QuotaUse {
  return {
    ofPerSecond: busiestHour.mails / SECONDS_PER_HOUR / quota.perSecond,
    ofPerDay: busiestDay.mails / quota.perDay,
  };
}

export class Tally {
  readonly #from: Instant;
  readonly #to: Instant;
  readonly #weeks: number;
  /** By stage: how many more people than a week before; the last place is for what the end of the last week has not seen. */
  readonly #steps: Readonly<Record<Stage, Int32Array>>;
  readonly #mails = new Map<string, Int32Array>();
  readonly #hours: Int32Array;
  readonly #byStep = new Map<string, number>();
  readonly #unsent = { withheld: new Map(), cancelled: new Map(), failed: new Map() } satisfies Record<
    string,
    Map<string, number>
  >;

  /** @param first the first event of all */
  constructor(first: Instant, to: Instant) {
    this.#from = Math.floor(first / DAY) * DAY;
    this.#to = to;
    this.#weeks = Math.max(1, Math.ceil((to - this.#from) / WEEK));
    this.#steps = byStage(() => new Int32Array(this.#weeks + 1));
    this.#hours = new Int32Array(Math.floor(Math.max(0, to - this.#from) / HOUR) + 1);
  }

  /** Somebody is seen for the first time, and a lead until a change says otherwise. */
  appear(at: Instant, weight: Weight): void {
    this.#step('lead', at, weight);
  }

  change({ from, to, at }: Pick<StageChange, 'from' | 'to' | 'at'>, weight: Weight): void {
    this.#step(from, at, -weight);
    this.#step(to, at, weight);
  }

  end(
    { key, outcome, reason = '', endedAt }: Pick<LedgerEntry, 'key' | 'outcome' | 'reason' | 'endedAt'>,
    weight: Weight,
  ): void {
    if (outcome !== 'sent') return add(this.#unsent[outcome], reason, weight);
    const { programme = '', step = '' } = parseKey(key) ?? {};
    add(this.#byStep, `${programme}/${step}`, weight);
    let weeks = this.#mails.get(programme);
    if (weeks === undefined) {
      weeks = new Int32Array(this.#weeks);
      this.#mails.set(programme, weeks);
    }
    const since = endedAt - this.#from;
    addAt(weeks, Math.min(Math.floor(since / WEEK), this.#weeks - 1), weight);
    addAt(this.#hours, Math.floor(since / HOUR), weight);
  }

  counts(): Counts {
    const mails = [...this.#mails].filter(([, weeks]) => weeks.some((each) => each > 0)).toSorted(byName);
    const stages = byStage((stage) => accumulated(this.#steps[stage]));
    return {
      from: this.#from,
      to: this.#to,
      weeks: Array.from({ length: this.#weeks }, (_none, week) => Math.min(this.#from + (week + 1) * WEEK, this.#to)),
      stages: byStage((stage) => stages[stage].subarray(0, this.#weeks)),
      stagesAtEnd: byStage((stage) => stages[stage].at(-1) ?? 0),
      mails: Object.fromEntries(mails),
      mailsByStep: sorted(this.#byStep),
      sent: this.#hours.reduce((sum, each) => sum + each, 0),
      withheld: sorted(this.#unsent.withheld),
      cancelled: sorted(this.#unsent.cancelled),
      failed: sorted(this.#unsent.failed),
      busiestHour: this.#busiest(1),
      busiestDay: this.#busiest(HOURS_PER_DAY),
    };
  }

  /** What happens at the end of a week belongs to it; what comes after the last one, to the end alone. */
  #step(stage: Stage, at: Instant, by: number): void {
    addAt(this.#steps[stage], Math.min(Math.max(0, Math.ceil((at - this.#from) / WEEK) - 1), this.#weeks), by);
  }

  #busiest(hours: number): Peak {
    let [most, from, within] = [0, 0, 0];
    for (const [hour, mails] of this.#hours.entries()) {
      within += mails - (this.#hours[hour - hours] ?? 0);
      if (within > most) [most, from] = [within, Math.max(0, hour - hours + 1)];
    }
    return { from: this.#from + from * HOUR, mails: most };
  }
}

function add(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

function addAt(counts: Int32Array, index: number, by: number): void {
  counts[index] = (counts[index] ?? 0) + by;
}

function accumulated(steps: Int32Array): Int32Array {
  let sum = 0;
  return steps.map((each) => (sum += each));
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

/** By name, without those that were all taken back. */
function sorted(counts: ReadonlyMap<string, number>): ByName {
  return Object.fromEntries([...counts].filter(([, count]) => count > 0).toSorted(byName));
}
