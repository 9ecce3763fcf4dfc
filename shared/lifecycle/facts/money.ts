/** Money as integer minor units per currency, so that sums are exact and do not depend on order. */

export type MoneyByCurrency = Readonly<Record<string, number>>;

/** Above this a single amount is a mistake; 10,000 of them still add up exactly in a double. */
export const LARGEST_AMOUNT = 100_000_000;

const fractionDigits = new Map<string, number>();

/** The ISO 4217 currencies this runtime knows. */
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

/** Minor-unit digits of a currency after ISO 4217: 2 for USD, 0 for JPY, 3 for KWD. */
export function digitsOf(currency: string): number {
  let digits = fractionDigits.get(currency);
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    fractionDigits.set(currency, digits);
  }
  return digits;
}

/**
 * Minor units of an amount in major units, half rounded up: 29.335 USD is 2934. Going through the decimal text keeps
 * 1.005 from becoming 100.49999. A shop's own arithmetic leaves crumbs such as 5.6e-17, whose text has an exponent.
 */
export function toMinor(major: number, currency: string): number {
  const [mantissa, exponent = '0'] = String(major).split('e');
  return Math.round(Number(`${mantissa}e${Number(exponent) + digitsOf(currency)}`));
}

export function addMoney(sums: MoneyByCurrency, currency: string, minor: number): MoneyByCurrency {
  return { ...sums, [currency]: (sums[currency] ?? 0) + minor };
}
