/** Numbers the currencies of a file, and tells what an order is paid in: by its column, else by its amount, else as the file. */
import { digitsOf, isCurrency, toMinor } from '../../shared/lifecycle/facts/money.ts';
import type { Field } from './columns.ts';
import { currencyMarks } from './currency-marks.ts';
import type { Growing } from './growing.ts';
import { DEFAULTS, type Row } from './table.ts';

const CURRENCY_EXPECTED = 'currency: expected an ISO 4217 currency code such as EUR';
/** Above this many cents a decimal number of cents may be off by one; the slow way is exact. */
const FAST_MINOR = 1e9;

/** The number of amounts that tell no currency. */
const UNTOLD = 0;

export interface CurrencyIndex {
  /** Codes by number; the first one is that of amounts without any. */
  readonly codes: readonly string[];
  /** Undefined when the row is refused for it. */
  numberOf(row: Row, amount: Field): number | undefined;
  minorOf(major: number, currency: number): number;
  /**
   * Where nobody said what amounts without a currency are in, and all others tell the same one, they are in that, too.
   * Called once all rows are read.
   *
   * @returns what was found out, in whole sentences
   */
  settle(lines: { readonly currency: Growing; readonly minor: Growing }): readonly string[];
}

/** @param said ISO 4217 code of amounts without one, if the person says it */
export function currencyIndex(said: string | undefined): CurrencyIndex {
  const byDefault = said ?? DEFAULTS.currency;
  const codes = [byDefault];
  const powers = [10 ** digitsOf(byDefault)];
  const numbers = new Map<string, number>([[byDefault, UNTOLD]]);
  const marks = currencyMarks(said);
  /** Of a code that somebody told, in whatever spelling. */
  const numberOf = (code: string): number => {
    const known = numbers.get(code);
    if (known !== undefined) return known;
    const number = codes.push(code) - 1;
    powers[number] = 10 ** digitsOf(code);
    numbers.set(code, number);
    return number;
  };
  return {
    codes,
    numberOf(row, amount) {
      const written = row.text('currency');
      if (written === '') {
        const told = marks.codeIn(row, amount);
        return told === undefined ? UNTOLD : numberOf(told);
      }
      const known = numbers.get(written);
      if (known !== undefined) return known;
      const code = written.toUpperCase();
      if (!isCurrency(code)) {
        row.refuse({ expected: CURRENCY_EXPECTED, found: written });
        return undefined;
      }
      const number = numberOf(code);
      numbers.set(written, number);
      return number;
    },
    minorOf(major, currency) {
      const power = powers[currency] ?? 1;
      const minor = Math.round(major * power);
      // An amount of whole minor units needs no rounding; all others are rounded by their decimal text.
      return minor < FAST_MINOR && minor / power === major ? minor : toMinor(major, codes[currency] ?? byDefault);
    },
    settle({ currency, minor }) {
      const only = marks.only();
      if (said !== undefined || only === undefined || only === byDefault) return marks.notes();
      const isScaled = powers[0] !== powers[1];
      let untold = 0;
      for (let line = 0; line < currency.length; line += 1) {
        if (currency.get(line) !== UNTOLD) {
          currency.set(line, UNTOLD);
          continue;
        }
        untold += 1;
        if (isScaled) minor.set(line, toMinor(minor.get(line) / (powers[0] ?? 1), only));
      }
      codes.splice(0, codes.length, only);
      const others = untold === 0 ? [] : [`Amounts without a currency are read as ${only}, as the others of the file.`];
      return [...marks.notes(), ...others];
    },
  };
}
