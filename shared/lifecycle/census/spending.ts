/**
 * Spends of a year in classes one percent wide, so that memory does not grow with the number of customers. There are no
 * rates, so each currency has its own classes, and a customer is compared in the currency of the last order.
 */
import type { Facts } from '../facts/facts.ts';
import { lastOrder, spendSince } from '../facts/orders.ts';
import { DAY, type Duration, type Instant } from '../time.ts';

/** Whoever spent nothing for so long is nobody's big customer; the share of discounts looks as far back. */
export const YEAR: Duration = 365 * DAY;

/** Spends that differ by less than this factor count as equal: then 2,400 classes reach from one cent to a billion euro. */
const CLASS_WIDTH = Math.log(1.01);

/** What was counted of those whose last order was in one currency. */
export interface CurrencyCount {
  /** Customers who spent anything within a year. */
  readonly customers: number;
  /** How many of them by class of spend, the class as text. */
  readonly spends: Readonly<Record<string, number>>;
  /** Minor units of the single orders known of a year, and of the discounted ones among them. */
  readonly revenue: number;
  readonly discounted: number;
}

export function classOf(minor: number): number {
  return Math.floor(Math.log(minor) / CLASS_WIDTH);
}

/** By what a customer is compared with others: spend of a year in the currency of the last order; undefined without any. */
export function weightOf({ orders }: Facts, t: Instant): { currency: string; minor: number } | undefined {
  const currency = lastOrder(orders)?.currency;
  if (currency === undefined) return undefined;
  const minor = spendSince(orders, t - YEAR)[currency] ?? 0;
  return minor > 0 ? { currency, minor } : undefined;
}

/** How many spend at least each class, the highest class first. */
export function descending({ spends }: CurrencyCount): readonly { readonly spend: number; readonly many: number }[] {
  let many = 0;
  return Object.entries(spends)
    .map(([spend, inClass]) => ({ spend: Number(spend), inClass }))
    .toSorted((a, b) => b.spend - a.spend)
    .map(({ spend, inClass }) => {
      many += inClass;
      return { spend, many };
    });
}

/** The lowest class of spend that still belongs to the top, in minor units; undefined where that would not be one person. */
export function topSpend(group: CurrencyCount, top: number): number | undefined {
  const lowest = descending(group).findLast(({ many }) => many <= top * group.customers);
  return lowest && Math.ceil(Math.exp(lowest.spend * CLASS_WIDTH));
}
