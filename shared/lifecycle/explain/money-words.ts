/** Money as people read it. */
import { digitsOf } from '../facts/money.ts';

/** "1,234 USD": without decimals, for sums by which one judges and does not settle. */
export function roundSum(minor: number, currency: string): string {
  return `${Math.round(minor / 10 ** digitsOf(currency)).toLocaleString('en')} ${currency}`;
}
