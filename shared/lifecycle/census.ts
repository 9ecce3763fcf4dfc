/**
 * What only a look at all customers can tell: people per stage, who is among the biggest, how much of the revenue was
 * discounted. Memory does not grow with the number of customers: spends are counted in classes one percent wide.
 */
import type { Living } from './customer/profile.ts';
import { type Complaint, isOpen } from './facts/complaints.ts';
import type { Facts } from './facts/facts.ts';
import { historyOf, lastOrder, spendSince } from './facts/orders.ts';
import type { Playbook } from './playbook.ts';
import { type Stage, type StagePolicy, STAGES } from './stage.ts';
import { DAY, type Duration, type Instant } from './time.ts';

/** Whoever spent nothing for so long is nobody's big customer; the share of discounts looks as far back. */
const YEAR: Duration = 365 * DAY;
/** A complaint that has been open for longer is counted, because the clocks of recovery alone do not end it. */
const LONG_OPEN: Duration = 14 * DAY;

/** Spends that differ by less than this factor count as equal: then 2,400 classes reach from one cent to a billion euro. */
const CLASS_WIDTH = Math.log(1.01);

type Policy = Pick<Playbook, 'stages' | 'traits'>;

/** What was counted of those whose last order was in one currency. There are no rates, so each currency has its own. */
interface CurrencyCount {
  /** Customers who spent anything within a year. */
  readonly customers: number;
  /** How many of them by class of spend, the class as text. */
  readonly spends: Readonly<Record<string, number>>;
  /** Minor units of the single orders known of a year, and of the discounted ones among them. */
  readonly revenue: number;
  readonly discounted: number;
}

/** A count, finished or not; plain data. */
export interface Count {
  readonly people: Readonly<Record<Stage, number>>;
  readonly longOpen: number;
  readonly keyAccounts: number;
  readonly currencies: Readonly<Record<string, CurrencyCount>>;
}

const NOBODY: Count['people'] = { lead: 0, new: 0, active: 0, loyal: 0, at_risk: 0, lapsed: 0 };
export const NOTHING_COUNTED: Count = { people: NOBODY, longOpen: 0, keyAccounts: 0, currencies: {} };

function classOf(minor: number): number {
  return Math.floor(Math.log(minor) / CLASS_WIDTH);
}

/** By what a customer is compared with others: spend of a year in the currency of the last order; undefined without any. */
function weightOf({ orders }: Facts, t: Instant): { currency: string; minor: number } | undefined {
  const currency = lastOrder(orders)?.currency;
  if (currency === undefined) return undefined;
  const minor = spendSince(orders, t - YEAR)[currency] ?? 0;
  return minor > 0 ? { currency, minor } : undefined;
}

function isOpenLong(complaint: Complaint, { dissatisfied }: StagePolicy, t: Instant): boolean {
  const age = t - (complaint.opened?.at ?? t);
  return isOpen(complaint) && age > LONG_OPEN && age < dissatisfied.maximumAge;
}

/** Takes customers into a count, one after the other. */
export class Counter {
  readonly #people: Record<Stage, number>;
  #longOpen: number;
  #keyAccounts: number;
  readonly #currencies: Map<
    string,
    { customers: number; spends: Map<string, number>; revenue: number; discounted: number }
  >;

  /** @param from what was counted before */
  constructor({ people, longOpen, keyAccounts, currencies }: Count = NOTHING_COUNTED) {
    this.#people = { ...people };
    this.#longOpen = longOpen;
    this.#keyAccounts = keyAccounts;
    this.#currencies = new Map(
      Object.entries(currencies).map(([currency, { spends, ...sums }]) => [
        currency,
        { ...sums, spends: new Map(Object.entries(spends)) },
      ]),
    );
  }

  /** @param policy says when a complaint nobody closed counts as closed */
  add({ stage, facts }: Pick<Living, 'stage' | 'facts'>, { stages }: Policy, t: Instant): void {
    this.#people[stage] += 1;
    if (facts.complaints.known.some((each) => isOpenLong(each, stages, t))) this.#longOpen += 1;
    if (facts.standing?.keyAccount === true) this.#keyAccounts += 1;
    for (const { at, currency, minor, cancelled, discounted } of facts.orders.ring) {
      if (cancelled === true || at <= t - YEAR) continue;
      const sums = this.#of(currency);
      sums.revenue += minor;
      if (discounted === true) sums.discounted += minor;
    }
    const weight = weightOf(facts, t);
    if (weight === undefined) return;
    const sums = this.#of(weight.currency);
    const spend = String(classOf(weight.minor));
    sums.customers += 1;
    sums.spends.set(spend, (sums.spends.get(spend) ?? 0) + 1);
  }

  get count(): Count {
    const currencies = [...this.#currencies].map(([currency, { spends, ...sums }]): [string, CurrencyCount] => [
      currency,
      { ...sums, spends: Object.fromEntries(spends) },
    ]);
    return {
      people: { ...this.#people },
      longOpen: this.#longOpen,
      keyAccounts: this.#keyAccounts,
      currencies: Object.fromEntries(currencies),
    };
  }

  #of(currency: string) {
    const known = this.#currencies.get(currency);
    if (known !== undefined) return known;
    const made = { customers: 0, spends: new Map<string, number>(), revenue: 0, discounted: 0 };
    this.#currencies.set(currency, made);
    return made;
  }
}

/** A finished count, ready to be asked where a customer stands. */
export class Ranking {
  /** By currency: how many customers spend at least a class, the highest class first. */
  readonly #groups: ReadonlyMap<
    string,
    { readonly customers: number; readonly atLeast: readonly { readonly spend: number; readonly many: number }[] }
  >;

  constructor({ currencies }: Count) {
    this.#groups = new Map(
      Object.entries(currencies).map(([currency, group]) => [
        currency,
        { customers: group.customers, atLeast: descending(group) },
      ]),
    );
  }

  /** Share of the customers who spend as much or more, 0 to 1; 1 for whoever spent nothing within a year. */
  shareOf(facts: Facts, t: Instant): number {
    const weight = weightOf(facts, t);
    const group = weight && this.#groups.get(weight.currency);
    if (weight === undefined || group === undefined || group.customers === 0) return 1;
    const own = classOf(weight.minor);
    // Nobody was counted with as much: the customer has bought since, and is at least as big as themselves.
    const asMuch = group.atLeast.findLast(({ spend }) => spend >= own)?.many ?? 1;
    return asMuch / group.customers;
  }
}

/** How many spend at least each class, the highest class first. */
function descending({ spends }: CurrencyCount): readonly { readonly spend: number; readonly many: number }[] {
  let many = 0;
  return Object.entries(spends)
    .map(([spend, inClass]) => ({ spend: Number(spend), inClass }))
    .toSorted((a, b) => b.spend - a.spend)
    .map(({ spend, inClass }) => {
      many += inClass;
      return { spend, many };
    });
}

export interface Rank {
  readonly keyAccount: boolean;
  /** Share of the customers who spend as much or more, to four digits. */
  readonly share: number;
}

const SHARE_DIGITS = 1e4;

/**
 * Whether a customer becomes a key account or ceases to be one, by a finished count; undefined when nothing changes.
 * Between the two thresholds everybody stays what they are, or the border would be crossed to and fro every night.
 */
export function changeOfRank(
  { facts }: Pick<Living, 'facts'>,
  ranking: Ranking,
  { traits }: Policy,
  t: Instant,
): Rank | undefined {
  const { top, stays, orders } = traits.keyAccount;
  const was = facts.standing?.keyAccount === true;
  const enough = (historyOf(facts.orders)?.orders ?? 0) >= orders;
  if (!was && !enough) return undefined;
  const share = ranking.shareOf(facts, t);
  const keyAccount = enough && share <= (was ? stays : top);
  return keyAccount === was ? undefined : { keyAccount, share: Math.ceil(share * SHARE_DIGITS) / SHARE_DIGITS };
}

/** What a census found, for people to read. */
export interface Figures {
  /** When it began. */
  readonly at: Instant;
  readonly people: Readonly<Record<Stage, number>>;
  /** Customers with a complaint that has been open for more than 14 days. */
  readonly longOpen: number;
  readonly keyAccounts: number;
  /** By currency, the one of most customers first. */
  readonly revenue: readonly {
    readonly currency: string;
    readonly customers: number;
    /** Share of a year's revenue, as far as it is known by single orders, that was discounted, 0 to 1. */
    readonly discounted: number;
    /** The least spend of a year among the top customers, minor units; undefined where they would not be one person. */
    readonly topSpend?: number;
    /** The same of the top quarter: what `loyal.spend` of the playbook could be. */
    readonly quarterSpend?: number;
    /** What it is; undefined where the playbook has no sum, so that nobody becomes loyal in this currency. */
    readonly loyalFrom?: number;
  }[];
  /** So much of the revenue in the first currency was discounted that the shop depends on it. */
  readonly tooManyDiscounts: boolean;
}

/** Whoever spends as much as so many of the customers can be loyal. */
const QUARTER = 0.25;

/** The lowest class of spend that still belongs to the top. */
function topSpend(group: CurrencyCount, top: number): number | undefined {
  const lowest = descending(group).findLast(({ many }) => many <= top * group.customers);
  return lowest && Math.ceil(Math.exp(lowest.spend * CLASS_WIDTH));
}

/** @param changes how many customers became key accounts by this census, less those who ceased to be */
export function figuresOf(
  { people, longOpen, keyAccounts, currencies }: Count,
  changes: number,
  { traits, stages }: Policy,
  at: Instant,
): Figures {
  const revenue = Object.entries(currencies)
    .map(([currency, group]) => {
      const least = topSpend(group, traits.keyAccount.top);
      const quarter = topSpend(group, QUARTER);
      const loyalFrom = stages.loyal.spend[currency];
      return {
        currency,
        customers: group.customers,
        discounted: group.revenue === 0 ? 0 : group.discounted / group.revenue,
        ...(least !== undefined && { topSpend: least }),
        ...(quarter !== undefined && { quarterSpend: quarter }),
        ...(loyalFrom !== undefined && { loyalFrom }),
      };
    })
    .toSorted((a, b) => b.customers - a.customers || (a.currency < b.currency ? -1 : 1));
  return {
    at,
    people,
    longOpen,
    keyAccounts: keyAccounts + changes,
    revenue,
    tooManyDiscounts: (revenue[0]?.discounted ?? 0) >= traits.bargain.warnAt,
  };
}

/** People counted in all. */
export function totalOf(people: Figures['people']): number {
  return STAGES.reduce((sum, stage) => sum + people[stage], 0);
}
