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
export const UNTOLD = 0;

interface Amounts {
  readonly currency: Growing;
  readonly minor: Growing;
}

export interface CurrencyIndex {
  /** Codes by number; the first one is that of amounts without any. */
  readonly codes: readonly string[];
  /** Undefined when the row is refused for it. */
  numberOf(row: Row, amount: Field): number | undefined;
  /** In minor units; the amount as it is where the currency is not told: how many decimals it has is not known yet. */
  minorOf(major: number, currency: number): number;
  /**
   * Where nobody said what amounts without a currency are in, and all others tell the same one, they are in that, too.
   * Called once all rows are read; where several are told, what is untold stays so.
   *
   * @returns what was found out, in whole sentences
   */
  settle(lines: Amounts): readonly string[];
  /**
   * What is untold still, for no line of its order told, becomes what was said, else the default.
   *
   * @param kept the lines that stand for orders
   * @returns what was made of it, in whole sentences
   */
  close(lines: Amounts, kept: Uint32Array): readonly string[];
}

/** @param said ISO 4217 code of amounts without one, if the person says it */
export function currencyIndex(said: string | undefined): CurrencyIndex {
  const byDefault = said ?? DEFAULTS.currency;
  const codes = [byDefault];
  const powers = [1];
  const numbers = new Map<string, number>();
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
      return currency === UNTOLD ? major : minorIn(major, codes[currency] ?? byDefault, powers[currency] ?? 1);
    },
    settle({ currency, minor }) {
      const told = new Set<string>();
      for (let line = 0; line < currency.length; line += 1) {
        const number = currency.get(line);
        if (number !== UNTOLD) told.add(codes[number] ?? byDefault);
      }
      const [only] = told;
      const meant = said ?? (told.size === 1 && only !== undefined ? only : byDefault);
      if (told.size > 1 || (only !== undefined && only !== meant)) return marks.notes();
      const power = 10 ** digitsOf(meant);
      let untold = 0;
      for (let line = 0; line < currency.length; line += 1) {
        const amount = minor.get(line);
        if (currency.get(line) !== UNTOLD) currency.set(line, UNTOLD);
        else if (!Number.isNaN(amount)) {
          untold += 1;
          minor.set(line, minorIn(amount, meant, power));
        }
      }
      codes.splice(0, codes.length, meant);
      const isFound = untold > 0 && told.size === 1 && said === undefined;
      const others = isFound ? [`Amounts without a currency are read as ${meant}, as the others of the file.`] : [];
      return [...marks.notes(), ...others];
    },
    close({ currency, minor }, kept) {
      if (codes.length === 1) return [];
      const power = 10 ** digitsOf(byDefault);
      let untold = 0;
      for (const line of kept) {
        const amount = minor.get(line);
        if (currency.get(line) !== UNTOLD || Number.isNaN(amount)) continue;
        untold += 1;
        minor.set(line, minorIn(amount, byDefault, power));
      }
      // Somebody may have told the default, too: it is one currency.
      const told = numbers.get(byDefault);
      if (told !== undefined) for (const line of kept) if (currency.get(line) === told) currency.set(line, UNTOLD);
      if (untold === 0 || said !== undefined) return [];
      const which = untold === 1 ? '1 amount without a currency is' : `${untold} amounts without a currency are`;
      return [`${which} read as ${byDefault}, for the others tell several: --currency says another.`];
    },
  };
}

function minorIn(major: number, code: string, power: number): number {
  const minor = Math.round(major * power);
  // An amount of whole minor units needs no rounding; all others are rounded by their decimal text.
  return minor < FAST_MINOR && minor / power === major ? minor : toMinor(major, code);
}
