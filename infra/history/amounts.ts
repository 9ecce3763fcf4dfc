/** Amounts as exports write them: with or without a currency, thousands in groups, a comma or a point before decimals. */

/** What stands before decimals. */
export const DECIMAL_MARKS = ['.', ','] as const;
export type DecimalMark = (typeof DECIMAL_MARKS)[number];

/** Signs, codes and names of currencies around a number. */
const AROUND =
  /^(?:[\p{Sc}\p{L}][\p{Sc}\p{L}.]{0,5}\s*)?([-+]?)\s*(?:[\p{Sc}\p{L}]{1,6}\s*)?((?:[.,]?\d)[\d.,'’\s\u00a0\u202f]*(?<=\d)(?:[.,][-–—])?)\s*([-])?(?:[\p{Sc}\p{L}.]{1,6})?$/u;
const GROUPED = /^\d{1,3}(?:(?:[.,'’ \u00a0\u202f])\d{3})+$/;
/** 1,23,456: crores and lakhs go by two digits. */
const GROUPED_BY_TWO = /^\d{1,2}(?:,\d{2})+,\d{3}$/;
const PLAIN = /^\d+(?:\.\d{1,2}|\.\d{4,})?$/;

/** In major units, or why there is none. */
export type ReadAmount = number | 'ambiguous' | 'no amount';

/**
 * Reads `1,234.56`, `1.234,56`, `1 234,56 kr`, `€ 12`, `12,50`, `(12.00)`; what stands in parentheses is negative.
 *
 * @param mark what the file puts before decimals, for what fits both, such as `1.234`
 */
export function readAmount(text: string, mark?: DecimalMark): ReadAmount {
  if (PLAIN.test(text)) return Number(text);
  const inside = /^\((.+)\)$/.exec(text)?.[1];
  const [, sign = '', digits = '', trailing = ''] = AROUND.exec(inside?.trim() ?? text) ?? [];
  if (digits === '') return 'no amount';
  // A dash in place of decimals stands behind their mark.
  const [dash = '', shown = ''] = /([.,])[-–—]$/u.exec(digits) ?? [];
  const amount = valueOf(
    digits.slice(0, digits.length - dash.length),
    DECIMAL_MARKS.find((each) => each === shown) ?? mark,
  );
  if (typeof amount !== 'number') return amount;
  return amount === 0 || (inside === undefined && sign !== '-' && trailing !== '-') ? amount : -amount;
}

/** What an amount puts before decimals; undefined when it has none, or fits both. */
export function markToldBy(text: string): DecimalMark | undefined {
  const digits = /[.,]?\d[\d.,'’\s\u00a0\u202f]*/u.exec(text)?.[0].trim() ?? '';
  const marks = digits.replaceAll(/[^.,]/g, '');
  const last = marks.at(-1);
  if (last !== '.' && last !== ',') return undefined;
  const whole = digits.slice(0, digits.lastIndexOf(last));
  const decimals = digits.length - whole.length - 1;
  if (marks.includes('.') && marks.includes(',')) return marks.indexOf(last) === marks.length - 1 ? last : other(last);
  if (marks.length > 1) return other(last);
  return decimals !== 3 || whole.length > 3 || whole === '0' ? last : undefined;
}

export function other(mark: DecimalMark): DecimalMark {
  return mark === '.' ? ',' : '.';
}

function valueOf(digits: string, mark: DecimalMark | undefined): ReadAmount {
  const decimalMark = markToldBy(digits) ?? mark;
  const hasMark = /[.,]/.test(digits);
  if (hasMark && decimalMark === undefined) return 'ambiguous';
  const place = decimalMark === undefined ? -1 : digits.lastIndexOf(decimalMark);
  const whole = place === -1 ? digits : digits.slice(0, place);
  const decimals = place === -1 ? '' : digits.slice(place + 1);
  if (!/^\d*$/.test(decimals) || !(/^\d*$/.test(whole) || GROUPED.test(whole) || GROUPED_BY_TWO.test(whole)))
    return 'no amount';
  return Number(`${whole.replaceAll(/\D/g, '') || '0'}.${decimals || '0'}`);
}
