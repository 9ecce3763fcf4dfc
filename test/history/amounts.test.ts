import { describe, expect, it } from 'vitest';
import { markToldBy, readAmount } from '../../infra/history/amounts.ts';

describe('amounts', () => {
  it.each([
    ['29.33', 29.33],
    ['29,33', 29.33],
    ['1,234.56', 1234.56],
    ['1.234,56', 1234.56],
    ['1 234,56 kr', 1234.56],
    ['1\u00a0234\u202f567,5', 1_234_567.5],
    ["1'234.50", 1234.5],
    ['€ 12', 12],
    ['€12.50', 12.5],
    ['12,50 €', 12.5],
    ['$1,234,567', 1_234_567],
    ['SEK 1.234.567', 1_234_567],
    ['US$ 5.00', 5],
    ['12 руб.', 12],
    ['12,-', 12],
    ['12,–', 12],
    ['1.234,-', 1234],
    ["CHF 1'234.–", 1234],
    ['0.125', 0.125],
    ['.5', 0.5],
    [',50', 0.5],
    ['12.', 12],
    ['Rs.500', 500],
    ['..5', 'no amount'],
    ['₹1,23,456.00', 123_456],
    ['(12.00)', -12],
    ['-12', -12],
    ['12-', -12],
    ['- 12,50 €', -12.5],
    ['(0.00)', 0],
    ['1.234', 'ambiguous'],
    ['1,234', 'ambiguous'],
    ['1234.567', 1234.567],
    ['12,34,56', 'no amount'],
    ['1.23.456,7', 'no amount'],
    ['free', 'no amount'],
    ['1e3', 'no amount'],
    ['Infinity', 'no amount'],
  ])('reads %s as %s', (text, expected) => {
    expect(readAmount(text)).toBe(expected);
  });

  it('reads what fits both by the mark of the file', () => {
    expect([readAmount('1.234', ','), readAmount('1.234', '.')]).toEqual([1234, 1.234]);
    expect([markToldBy('12,50 €'), markToldBy('1,234.5'), markToldBy('1,234')]).toEqual([',', '.', undefined]);
  });
});
