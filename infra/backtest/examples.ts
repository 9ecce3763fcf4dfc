/** Ten customers who show something: chosen while all are played, the same ones in every run. */
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living, StageChange } from '../../shared/lifecycle/customer/profile.ts';
import type { Stage } from '../../shared/lifecycle/stage.ts';
import { utcDay } from '../../shared/lifecycle/time.ts';
import type { OrderLog } from '../history/order-log.ts';

/** As many as somebody reads. */
const EXAMPLES = 10;

/** The best of each kind, should others be an example of something else already. */
const KEPT = 4;

/** What one customer comes to. */
interface Seen {
  readonly stage: Stage;
  /** UTC days with an order: several of one day are one occasion to buy. */
  readonly orderDays: number;
  /** Sum of the known amounts, whatever the currency: only for comparing. */
  readonly spend: number;
  /** Mean number of days between two days with an order; undefined with fewer than four. */
  readonly meanGap: number | undefined;
  readonly changes: readonly StageChange[];
  readonly entries: readonly LedgerEntry[];
}

interface Kind {
  readonly shows: string;
  /** How good an example it is; 0 or less: none. */
  readonly score: (seen: Seen) => number;
}

const withReason = ({ entries }: Seen, reason: string): number =>
  entries.filter((entry) => entry.reason === reason).length;
const sentOf = ({ entries }: Seen, programme: string): number =>
  entries.filter(({ key, outcome }) => outcome === 'sent' && parseKey(key)?.programme === programme).length;
const cameFrom = ({ changes }: Seen, stage: Stage, ...to: readonly Stage[]): number =>
  changes.filter((change) => change.from === stage && to.includes(change.to)).length;

/** Fewer days with an order say nothing about a rhythm. */
const RHYTHM_DAYS = 4;

/** In the order in which they are wanted. */
const KINDS: readonly Kind[] = [
  { shows: 'lapsed, and came back', score: (seen) => cameFrom(seen, 'lapsed', 'new') },
  { shows: 'one of the biggest spenders', score: ({ spend }) => spend },
  {
    shows: 'held out: gets no promotional mail, so that its effect can be measured',
    score: (seen) => withReason(seen, 'holdout'),
  },
  { shows: 'at risk, and bought again', score: (seen) => cameFrom(seen, 'at_risk', 'active', 'loyal') },
  {
    shows: 'bought once, and never again',
    score: ({ orderDays, stage, entries }) => (orderDays === 1 && stage === 'lapsed' ? entries.length : 0),
  },
  { shows: 'loyal', score: ({ stage, orderDays }) => (stage === 'loyal' ? orderDays : 0) },
  { shows: 'complained, and was answered', score: (seen) => sentOf(seen, 'recovery') },
  { shows: 'had mail held back by the frequency caps', score: (seen) => withReason(seen, 'frequency cap') },
  { shows: 'got mail to win them back', score: (seen) => sentOf(seen, 'win-back') },
  { shows: 'buys often', score: ({ meanGap }) => (meanGap === undefined ? 0 : 1 / (1 + meanGap)) },
  { shows: 'buys seldom, and keeps buying', score: ({ meanGap = 0, stage }) => (stage === 'lapsed' ? 0 : meanGap) },
  { shows: 'at risk now', score: ({ stage, orderDays }) => (stage === 'at_risk' ? orderDays : 0) },
  { shows: 'still new', score: ({ stage, entries }) => (stage === 'new' ? 1 + entries.length : 0) },
  { shows: 'buys now and then', score: ({ stage, orderDays }) => (stage === 'active' ? orderDays : 0) },
  { shows: 'hears from the shop most', score: ({ entries }) => entries.length },
];

interface Candidate {
  readonly customer: number;
  readonly score: number;
}

/** A customer of the log, and what they are an example of. */
export interface Chosen {
  readonly customer: number;
  readonly shows: string;
}

export class Examples {
  readonly #log: OrderLog;
  readonly #best: Candidate[][] = KINDS.map(() => []);
  #changes: StageChange[] = [];
  #entries: LedgerEntry[] = [];

  constructor(log: OrderLog) {
    this.#log = log;
  }

  change(change: StageChange): void {
    this.#changes.push(change);
  }

  end(entry: LedgerEntry): void {
    this.#entries.push(entry);
  }

  /** The customer of whom was told since the last call has been played to the end, for the first time or again. */
  played(customer: number, { stage }: Pick<Living, 'stage'>): void {
    const seen: Seen = { stage, ...this.#bought(customer), changes: this.#changes, entries: this.#entries };
    for (const [index, { score }] of KINDS.entries()) {
      const best = (this.#best[index] ?? []).filter((each) => each.customer !== customer);
      const candidate = { customer, score: score(seen) };
      const worst = best.length < KEPT ? 0 : (best.at(-1)?.score ?? 0);
      if (candidate.score > worst) {
        best.push(candidate);
        best.sort((a, b) => b.score - a.score || a.customer - b.customer);
      }
      this.#best[index] = best.slice(0, KEPT);
    }
    this.#changes = [];
    this.#entries = [];
  }

  /** Everybody once; one of each kind as far as there is one, then further ones. */
  chosen(): readonly Chosen[] {
    const chosen = new Map<number, Chosen>();
    for (let round = 0; round < KEPT; round += 1) {
      for (const [index, { shows }] of KINDS.entries()) {
        const other = this.#best[index]?.find(({ customer }) => !chosen.has(customer));
        if (other === undefined || chosen.size === EXAMPLES) continue;
        chosen.set(other.customer, { customer: other.customer, shows });
      }
    }
    return [...chosen.values()];
  }

  #bought(customer: number): Pick<Seen, 'orderDays' | 'spend' | 'meanGap'> {
    const { starts, at, minor } = this.#log;
    const [from, to] = [starts[customer] ?? 0, starts[customer + 1] ?? 0];
    let [spend, orderDays, last] = [0, 0, Number.NEGATIVE_INFINITY];
    for (let order = from; order < to; order += 1) {
      const amount = minor[order] ?? Number.NaN;
      if (!Number.isNaN(amount)) spend += amount;
      const day = utcDay(at[order] ?? 0);
      if (day !== last) orderDays += 1;
      last = day;
    }
    const span = last - utcDay(at[from] ?? 0);
    return { orderDays, spend, meanGap: orderDays < RHYTHM_DAYS ? undefined : span / (orderDays - 1) };
  }
}
