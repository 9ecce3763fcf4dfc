/**
 * What is counted of all customers, one after the other: people per stage and trait, who spends how much, how much was
 * discounted, those held out against the others, offers by language. Memory does not grow with the number of customers,
 * and their order decides nothing.
 */
import type { Living } from '../customer/profile.ts';
import { type Complaint, isOpen, openSince } from '../facts/complaints.ts';
import type { Facts } from '../facts/facts.ts';
import type { Playbook } from '../playbook.ts';
import type { Stage, StagePolicy } from '../stage.ts';
import { DAY, type Duration, type Instant } from '../time.ts';
import { addGaps } from './gaps.ts';
import { addToGroup, type Groups, NO_GROUPS, type Separation } from './holdout.ts';
import { addOffers, type OfferCounts } from './offer-audit.ts';
import type { Evidence } from './proposal.ts';
import { NO_ROWS, Sampler } from './sample.ts';
import { classOf, type CurrencyCount, weightOf, YEAR } from './spending.ts';

/** A complaint that has been open for longer is counted, because the clocks of recovery alone do not end it. */
const LONG_OPEN: Duration = 14 * DAY;

type Policy = Pick<Playbook, 'stages' | 'traits' | 'offers'>;

/** A count, finished or not; plain data. */
export interface Count {
  readonly people: Readonly<Record<Stage, number>>;
  /** People per trait, as it was last observed; of ours and of the shop's. */
  readonly traits: Readonly<Record<string, number>>;
  readonly longOpen: number;
  readonly keyAccounts: number;
  readonly currencies: Readonly<Record<string, CurrencyCount>>;
  readonly groups: Groups;
  readonly offers: OfferCounts;
  /** Only in a census that fits the rule of silence anew. */
  readonly evidence?: Evidence;
}

const NOBODY: Count['people'] = { lead: 0, new: 0, active: 0, loyal: 0, at_risk: 0, lapsed: 0 };
export const NOTHING_COUNTED: Count = {
  people: NOBODY,
  traits: {},
  longOpen: 0,
  keyAccounts: 0,
  currencies: {},
  groups: NO_GROUPS,
  offers: {},
};
export const NO_EVIDENCE: Evidence = { sample: NO_ROWS, gaps: {} };

/** In a shop where nobody is held out. */
const NONE_HELD_OUT: Separation = { holdout: { share: 0, salt: '' }, since: 0 };

function isOpenLong(complaint: Complaint, { dissatisfied }: StagePolicy, t: Instant): boolean {
  const { maximumAge } = dissatisfied;
  const since = openSince(complaint, maximumAge) ?? t;
  const isYoung = t < (complaint.opened?.at ?? t) + maximumAge;
  return isOpen(complaint) && t - since > LONG_OPEN && isYoung;
}

/** Takes customers into a count, one after the other. */
export class Counter {
  readonly #people: Record<Stage, number>;
  readonly #traits: Map<string, number>;
  #longOpen: number;
  #keyAccounts: number;
  readonly #currencies: Map<
    string,
    { customers: number; spends: Map<string, number>; revenue: number; discounted: number }
  >;
  #groups: Groups;
  readonly #offers: Map<string, OfferCounts[string]>;
  readonly #evidence: { readonly sampler: Sampler; readonly gaps: Map<string, number> } | undefined;
  readonly #separation: Separation;

  /** @param from what was counted before */
  constructor(from: Count = NOTHING_COUNTED, separation: Separation = NONE_HELD_OUT) {
    const { people, traits, longOpen, keyAccounts, currencies, groups, offers, evidence } = from;
    this.#people = { ...people };
    this.#traits = new Map(Object.entries(traits));
    this.#longOpen = longOpen;
    this.#keyAccounts = keyAccounts;
    this.#currencies = new Map(
      Object.entries(currencies).map(([currency, { spends, ...sums }]) => [
        currency,
        { ...sums, spends: new Map(Object.entries(spends)) },
      ]),
    );
    this.#groups = groups;
    this.#offers = new Map(Object.entries(offers));
    this.#evidence = evidence && {
      sampler: new Sampler(evidence.sample),
      gaps: new Map(Object.entries(evidence.gaps)),
    };
    this.#separation = separation;
  }

  /**
   * @param policy says when a complaint nobody closed counts as closed, and how long offers are remembered
   * @param t when the census began, the same for all customers
   */
  add(customer: Living, policy: Policy, t: Instant): void {
    const { customerId, facts, stage, traits } = customer;
    this.#people[stage] += 1;
    for (const trait of traits) this.#traits.set(trait, (this.#traits.get(trait) ?? 0) + 1);
    if (facts.complaints.known.some((each) => isOpenLong(each, policy.stages, t))) this.#longOpen += 1;
    if (facts.standing?.keyAccount === true) this.#keyAccounts += 1;
    this.#addSpending(facts, t);
    this.#groups = addToGroup(this.#groups, customer, this.#separation, t);
    addOffers(this.#offers, customer, policy, t);
    this.#evidence?.sampler.add(customerId, facts, t);
    if (this.#evidence) addGaps(this.#evidence.gaps, facts.orders);
  }

  get count(): Count {
    const currencies = [...this.#currencies].map(([currency, { spends, ...sums }]): [string, CurrencyCount] => [
      currency,
      { ...sums, spends: Object.fromEntries(spends) },
    ]);
    return {
      people: { ...this.#people },
      traits: Object.fromEntries(this.#traits),
      longOpen: this.#longOpen,
      keyAccounts: this.#keyAccounts,
      currencies: Object.fromEntries(currencies),
      groups: this.#groups,
      offers: Object.fromEntries(this.#offers),
      ...(this.#evidence && {
        evidence: { sample: this.#evidence.sampler.encoded, gaps: Object.fromEntries(this.#evidence.gaps) },
      }),
    };
  }

  #addSpending(facts: Facts, t: Instant): void {
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

  #of(currency: string) {
    const known = this.#currencies.get(currency);
    if (known !== undefined) return known;
    const made = { customers: 0, spends: new Map<string, number>(), revenue: 0, discounted: 0 };
    this.#currencies.set(currency, made);
    return made;
  }
}
