/** Numbers as the page and the terminal write them. */
import type { MoneyByCurrency } from '../../../shared/lifecycle/facts/money.ts';
import { roundSum } from '../../../shared/lifecycle/explain/money-words.ts';
import { dateOf, plural } from '../../../shared/lifecycle/explain/when.ts';
import type { Rule } from '../scoring/rules.ts';

/** Below this share a whole per cent says too little. */
const SMALL_SHARE = 0.1;

/** And below this one even a tenth of it does. */
const LEAST_SHARE = 0.0005;

/** "5 %", "0.4 %" */
export function percent(share: number): string {
  if (Number.isNaN(share)) return 'unknown';
  if (share > 0 && share < LEAST_SHARE) return 'less than 0.1 %';
  const hundredths = 100 * share;
  return `${hundredths === 0 || share >= SMALL_SHARE ? Math.round(hundredths) : Number(hundredths.toFixed(1))} %`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

/** "1,234 USD"; nothing known is "unknown". */
export function money(sums: MoneyByCurrency): string {
  const told = Object.entries(sums).map(([currency, minor]) => roundSum(minor, currency));
  return told.length === 0 ? 'unknown' : told.join(' + ');
}

/** "1,234 USD", or "at least 1,234 USD (the amount of 2 orders is unknown)". */
export function knownSum(sums: MoneyByCurrency, amountsUnknown: number): string {
  if (amountsUnknown === 0 || Object.keys(sums).length === 0) return money(sums);
  return `at least ${money(sums)} (the amount of ${plural(amountsUnknown, 'order')} is unknown)`;
}

/** An area under the curve, ".826". */
export function area(value: number): string {
  if (Number.isNaN(value)) return 'unknown';
  return value >= 1 ? value.toFixed(3) : value.toFixed(3).replace(/^0/u, '');
}

/** A score of so many decimals, "0.704". */
export function decimals(value: number, digits: number): string {
  return Number.isNaN(value) ? 'unknown' : value.toFixed(digits);
}

/** A difference of two areas, "+.007". */
export function difference(value: number): string {
  const size = area(Math.abs(value));
  if (size === area(0)) return '0';
  return `${value < 0 ? '−' : '+'}${size}`;
}

/** The last day of a play that ends at midnight, "30 Jun 1998". */
export function lastDayOf({ to }: { readonly to: string }): string {
  return dateOf(Date.parse(to) - 1);
}

/** As short as an axis needs it. */
export const RULE_LABELS: Readonly<Record<Rule, string>> = {
  recency: 'Days of silence',
  ownGap: 'Own gap',
  mbg: 'MBG/NBD',
  logistic: 'Regression',
};
