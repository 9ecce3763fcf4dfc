/**
 * The currency that an amount itself tells, by a sign, a code or a name beside its digits. What fits several currencies
 * is not guessed: the person says which is meant.
 */
import { isCurrency } from '../../shared/lifecycle/facts/money.ts';
import type { Field } from './columns.ts';
import type { Row } from './table.ts';

/** In lower case and without points, as {@link markIn} tells them; ISO codes need no place here. */
const MEANT = new Map<string, string | readonly string[]>([
  ['€', 'EUR'],
  ['euro', 'EUR'],
  ['euros', 'EUR'],
  ['£', 'GBP'],
  ['zł', 'PLN'],
  ['zl', 'PLN'],
  ['₽', 'RUB'],
  ['р', 'RUB'],
  ['руб', 'RUB'],
  ['₴', 'UAH'],
  ['грн', 'UAH'],
  ['₸', 'KZT'],
  ['₺', 'TRY'],
  ['tl', 'TRY'],
  ['₹', 'INR'],
  ['₩', 'KRW'],
  ['원', 'KRW'],
  ['円', 'JPY'],
  ['元', 'CNY'],
  ['₪', 'ILS'],
  ['฿', 'THB'],
  ['₫', 'VND'],
  ['đ', 'VND'],
  ['₱', 'PHP'],
  ['₦', 'NGN'],
  ['₾', 'GEL'],
  ['kč', 'CZK'],
  ['ft', 'HUF'],
  ['лв', 'BGN'],
  ['skr', 'SEK'],
  ['nkr', 'NOK'],
  ['dkr', 'DKK'],
  ['sfr', 'CHF'],
  ['us$', 'USD'],
  ['c$', 'CAD'],
  ['ca$', 'CAD'],
  ['a$', 'AUD'],
  ['au$', 'AUD'],
  ['nz$', 'NZD'],
  ['hk$', 'HKD'],
  ['r$', 'BRL'],
  // The first of several dollars is what amounts without any currency are, too.
  ['$', ['USD', 'CAD', 'AUD', 'NZD', 'SGD', 'HKD', 'MXN']],
  ['kr', ['SEK', 'NOK', 'DKK', 'ISK']],
  ['¥', ['JPY', 'CNY']],
  ['￥', ['JPY', 'CNY']],
  ['rs', ['INR', 'PKR', 'LKR', 'NPR', 'MUR']],
  ['fr', ['CHF', 'XAF', 'XOF', 'XPF']],
  ['lei', ['RON', 'MDL']],
]);

const DOLLAR = '$';

/** Everything that is no part of a number, and the points of abbreviations. */
const NO_MARK = /[\d.,'’\s\u00a0\u202f()+-]/gu;
const [ZERO, NINE] = [0x30, 0x39];

function isDigit(text: string, place: number): boolean {
  const code = text.charCodeAt(place);
  return code >= ZERO && code <= NINE;
}

/** What stands beside the digits of an amount, in lower case: "€", "kr", "us$"; empty when nothing does. */
export function markIn(amount: string): string {
  // A number and nothing else, as most amounts are.
  if (isDigit(amount, 0) && isDigit(amount, amount.length - 1)) return '';
  return amount.replaceAll(NO_MARK, '').toLowerCase();
}

/**
 * The currency of a mark: its ISO 4217 code, the codes it may mean, or undefined when nobody knows it.
 *
 * @param said what the person says that amounts are in; it decides where a mark may mean it
 */
function currencyOf(mark: string, said: string | undefined): string | readonly string[] | undefined {
  const meant = MEANT.get(mark);
  if (typeof meant === 'object') {
    if (said !== undefined && meant.includes(said)) return said;
    return mark === DOLLAR ? meant[0] : meant;
  }
  const code = mark.toUpperCase();
  return meant ?? (isCurrency(code) ? code : undefined);
}

export interface CurrencyMarks {
  /** The code that the amount of a row tells; undefined when it tells none, or the row is refused, for it or before. */
  codeIn(row: Row, amount: Field): string | undefined;
  /** What was made of which mark, in whole sentences. */
  notes(): readonly string[];
}

/** @param said ISO 4217 code of amounts without one, if the person says it */
export function currencyMarks(said: string | undefined): CurrencyMarks {
  /** By mark; null: nobody knows it. */
  const seen = new Map<string, string | readonly string[] | null>();
  return {
    codeIn(row, amount) {
      const mark = markIn(row.text(amount));
      if (mark === '' || row.isRefused) return undefined;
      let meant = seen.get(mark);
      if (meant === undefined) {
        meant = currencyOf(mark, said) ?? null;
        seen.set(mark, meant);
      }
      if (typeof meant === 'string') return meant;
      if (meant !== null) row.refuse({ expected: `${amount}: ${choiceInWords(mark, meant)}` });
      return undefined;
    },
    notes() {
      const known = [...seen].flatMap(([mark, meant]) =>
        typeof meant === 'string' ? [readAs(mark, meant, said)] : [],
      );
      const unknown = [...seen].filter(([, meant]) => meant === null).map(([mark]) => `"${mark}"`);
      if (unknown.length === 0) return known;
      return [
        ...known,
        `Beside amounts stands ${unknown.join(', ')}, which is taken for no currency: --currency says one.`,
      ];
    },
  };
}

function choiceInWords(mark: string, codes: readonly string[]): string {
  return `expected --currency to say which of ${codes.join(', ')} is meant by "${mark}"`;
}

function readAs(mark: string, code: string, said: string | undefined): string {
  const isGuess = mark === DOLLAR && said !== code;
  const read = `Amounts with "${mark}" are read as ${code}`;
  return isGuess ? `${read}. Another dollar: --currency, such as CAD.` : `${read}.`;
}
