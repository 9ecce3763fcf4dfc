/** Intervals of differences, against published examples. */
import { describe, expect, it } from 'vitest';
import { isShown, type Moments, newcombe, welch, wilson } from '../../shared/lifecycle/census/intervals.ts';

describe('the score interval of a proportion', () => {
  /** Newcombe 1998, Statist. Med. 17:857-872, table I, method 3. */
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %d in %d is %d to %d', (successes, of, low, high) => {
    const interval = wilson({ of, successes });
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });
});

describe('the difference of two proportions', () => {
  /** Newcombe 1998, Statist. Med. 17:873-890, table II, method 10. */
  it.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 10, -0.2775, 0.2775],
  ])('of %d in %d and %d in %d is %d to %d', (one, ofOne, two, ofTwo, low, high) => {
    const found = newcombe({ of: ofOne, successes: one }, { of: ofTwo, successes: two });
    expect(found.difference).toBeCloseTo(one / ofOne - two / ofTwo, 12);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });

  it('changes its sign with the order of the groups', () => {
    const [one, two] = [
      { of: 70, successes: 56 },
      { of: 80, successes: 48 },
    ];
    expect(newcombe(two, one).low).toBeCloseTo(-newcombe(one, two).high, 12);
  });
});

const momentsOf = (amounts: readonly number[]): Moments => ({
  n: amounts.length,
  sum: amounts.reduce((sum, each) => sum + each, 0),
  squares: amounts.reduce((sum, each) => sum + each ** 2, 0),
});

describe('the difference of two means', () => {
  /** Student's sleep data of 1908, as R's t.test shows it: t = -1.8608, df = 17.776. */
  const [first, second] = [
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
  ];

  it('is that of the published example', () => {
    const { difference, low, high } = welch(momentsOf(first), momentsOf(second));
    expect(difference).toBeCloseTo(-1.58, 10);
    expect(low).toBeCloseTo(-3.3654832, 4);
    expect(high).toBeCloseTo(0.2054832, 4);
  });

  it('is a point where nothing varies', () => {
    expect(welch(momentsOf([2, 2, 2]), momentsOf([2, 2]))).toEqual({ difference: 0, low: 0, high: 0 });
  });
});

it('a difference is shown only when its interval is on one side of zero', () => {
  expect(isShown({ difference: 1, low: -0.1, high: 2 })).toBe(false);
  expect(isShown({ difference: 1, low: 0, high: 2 })).toBe(false);
  expect(isShown({ difference: 1, low: 0.1, high: 2 })).toBe(true);
  expect(isShown({ difference: -1, low: -2, high: -0.1 })).toBe(true);
});
