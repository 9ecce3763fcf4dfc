/** What a census found about the shop as a whole, for people to read. */
import type { Playbook } from '../playbook.ts';
import { type Stage, STAGES } from '../stage.ts';
import type { Instant } from '../time.ts';
import { TRAITS } from '../traits/ids.ts';
import type { Count } from './count.ts';
import { compare, type Comparison, type InForce, type Regime } from './holdout.ts';
import { type OfferAudit, offerAuditOf } from './offer-audit.ts';
import type { Proposal } from './proposal.ts';
import { topSpend } from './spending.ts';

type Policy = Pick<Playbook, 'stages' | 'traits' | 'offers'>;

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
  /** Traits somebody has, that of most people first. What follows is missing in a census that did not look for it yet. */
  readonly traits?: readonly { readonly trait: string; readonly people: number }[];
  readonly offers?: OfferAudit;
  readonly comparison?: Comparison;
  readonly proposal?: Proposal;
}

/** Whoever spends as much as so many of the customers can be loyal. */
const QUARTER = 0.25;

/** @param changes how many customers became key accounts by this census, less those who ceased to be */
export function figuresOf(count: Count, changes: number, policy: Policy, at: Instant): Figures {
  const { people, longOpen, keyAccounts } = count;
  const revenue = revenueOf(count, policy);
  const offers = offerAuditOf(count.offers, policy);
  return {
    at,
    people,
    longOpen,
    keyAccounts: keyAccounts + changes,
    revenue,
    tooManyDiscounts: (revenue[0]?.discounted ?? 0) >= policy.traits.bargain.warnAt,
    traits: traitsOf(count, policy),
    ...(offers && { offers }),
  };
}

function revenueOf({ currencies }: Count, { traits, stages }: Policy): Figures['revenue'] {
  return Object.entries(currencies)
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
}

/** A trait the playbook has given up stays with a customer until something happens to them, and is not told. */
function traitsOf({ traits }: Count, { traits: { own } }: Policy): NonNullable<Figures['traits']> {
  return [...TRAITS, ...own.map(({ id }) => id)]
    .map((trait) => ({ trait, people: traits[trait] ?? 0 }))
    .filter(({ people }) => people > 0)
    .toSorted((a, b) => b.people - a.people);
}

/** People held out against the others, in the currency most customers buy in. */
export function comparisonOf(
  count: Count,
  regime: Regime,
  force: InForce,
  at: Instant,
  { revenue }: Figures,
): Comparison {
  return compare(count.groups, revenue[0]?.currency, regime, force, at);
}

/** People counted in all. */
export function totalOf(people: Figures['people']): number {
  return STAGES.reduce((sum, stage) => sum + people[stage], 0);
}
