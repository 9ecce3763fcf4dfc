/** Sums of money by UTC month: what is left of single amounts that are no longer kept one by one. */
import type { Instant } from '../time.ts';
import { addMoney, type MoneyByCurrency } from './money.ts';

/** Months since January 1970. */
type Month = number;

/** Ascending by month, only months with an amount. */
export type MoneyByMonth = readonly (readonly [month: Month, sums: MoneyByCurrency])[];

/** A year that begins in the middle of a month touches thirteen of them. */
const MONTHS_KEPT = 13;
const MONTHS_PER_YEAR = 12;
const EPOCH_YEAR = 1970;

function monthOf(at: Instant): Month {
  const date = new Date(at);
  return (date.getUTCFullYear() - EPOCH_YEAR) * MONTHS_PER_YEAR + date.getUTCMonth();
}

/** With one more amount, which is not earlier than the others; of more months than are kept the newest. */
export function addToMonth(months: MoneyByMonth, at: Instant, currency: string, minor: number): MoneyByMonth {
  const month = monthOf(at);
  const last = months.at(-1);
  const isSame = last?.[0] === month;
  const sums = addMoney(isSame ? last[1] : {}, currency, minor);
  return [...(isSame ? months.slice(0, -1) : months), [month, sums] as const].slice(-MONTHS_KEPT);
}

/** What came together since the beginning of the month in which `since` lies. */
export function sumSince(months: MoneyByMonth, since: Instant): MoneyByCurrency {
  const first = monthOf(since);
  let all: MoneyByCurrency = {};
  for (const [month, sums] of months) {
    if (month < first) continue;
    for (const [currency, minor] of Object.entries(sums)) all = addMoney(all, currency, minor);
  }
  return all;
}
