/**
 * How much two groups differ, with the interval that 95 of 100 such comparisons would hold the truth in. A difference
 * whose interval includes zero has not been shown, whatever its size.
 */

/** Of the standard normal distribution, two-sided 95 %. */
const Z = 1.959963984540054;

interface Interval {
  readonly low: number;
  readonly high: number;
}

/** First less second, in the unit of what is compared, with the 95 % interval around it. */
export interface Difference extends Interval {
  readonly difference: number;
}

/** So many of so many. */
export interface Proportion {
  readonly of: number;
  readonly successes: number;
}

/** What is left of a row of amounts once they are added up. */
export interface Moments {
  readonly n: number;
  readonly sum: number;
  /** Sum of the squares. */
  readonly squares: number;
}

/**
 * The score interval of a proportion, from 0 to 1.
 *
 * @param proportion of at least one
 * @see Wilson 1927, J. Am. Stat. Assoc. 22:209-212; method 3 in Newcombe 1998, Statist. Med. 17:857-872
 */
export function wilson({ of, successes }: Proportion): Interval {
  const share = successes / of;
  const middle = 2 * of * share + Z ** 2;
  const reach = Z * Math.sqrt(Z ** 2 + 4 * of * share * (1 - share));
  const scale = 2 * (of + Z ** 2);
  return { low: Math.max(0, (middle - reach) / scale), high: Math.min(1, (middle + reach) / scale) };
}

/**
 * The difference of two independent proportions, from -1 to 1: the hybrid score interval, which holds for rates near zero
 * and for groups of very different sizes, where the textbook one (Wald) does not.
 *
 * @param first of at least one, as `second`
 * @see Newcombe 1998, Statist. Med. 17:873-890, method 10
 */
export function newcombe(first: Proportion, second: Proportion): Difference {
  const [one, two] = [first.successes / first.of, second.successes / second.of];
  const [ofOne, ofTwo] = [wilson(first), wilson(second)];
  const difference = one - two;
  return {
    difference,
    low: difference - Math.hypot(one - ofOne.low, ofTwo.high - two),
    high: difference + Math.hypot(ofOne.high - one, two - ofTwo.low),
  };
}

/**
 * Two-sided 95 % quantile of Student's t distribution; for 10 degrees of freedom or more right to four digits.
 *
 * @see Abramowitz & Stegun 1964, 26.7.5
 */
function studentQuantile(degrees: number): number {
  const terms = [
    Z,
    (Z ** 3 + Z) / 4,
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96,
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384,
    (79 * Z ** 9 + 776 * Z ** 7 + 1482 * Z ** 5 - 1920 * Z ** 3 - 945 * Z) / 92_160,
  ];
  return terms.reduce((sum, term, power) => sum + term / degrees ** power, 0);
}

function meanOf({ n, sum }: Moments): number {
  return sum / n;
}

/** Of the mean: the sample variance by n. */
function squaredErrorOf({ n, sum, squares }: Moments): number {
  return Math.max(0, squares - sum ** 2 / n) / (n - 1) / n;
}

/**
 * The difference of two means, in the unit of the amounts, without supposing that both groups vary alike.
 *
 * @param first of at least two amounts, as `second`
 * @see Welch 1947, Biometrika 34:28-35; degrees of freedom after Satterthwaite 1946, Biometrics Bulletin 2:110-114
 */
export function welch(first: Moments, second: Moments): Difference {
  const difference = meanOf(first) - meanOf(second);
  const [ofFirst, ofSecond] = [squaredErrorOf(first), squaredErrorOf(second)];
  const squaredError = ofFirst + ofSecond;
  if (squaredError === 0) return { difference, low: difference, high: difference };
  const degrees = squaredError ** 2 / (ofFirst ** 2 / (first.n - 1) + ofSecond ** 2 / (second.n - 1));
  const reach = studentQuantile(degrees) * Math.sqrt(squaredError);
  return { difference, low: difference - reach, high: difference + reach };
}

/** What a difference shows: nothing at all while its interval includes zero. */
export function isShown({ low, high }: Difference): boolean {
  return low > 0 || high < 0;
}
