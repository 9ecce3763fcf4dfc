/**
 * What the two models of buying until one leaves have in common. A customer buys at random (a Poisson process) at a rate
 * of their own, gamma distributed among customers with shape `r` and scale `alpha`, and at each chance to leave does so
 * with a probability of their own, beta distributed with `a` and `b`. The models differ in nothing but how many chances
 * to leave a customer with `x` repeat orders has had.
 *
 * No gamma function is evaluated: `x` is a whole number, so every ratio of gamma functions is a product of `x` factors,
 * exact to the last digits also where `a + b` is so large that a difference of two lgammas would be noise.
 */

/** All above 0; `alpha` in weeks, the others without unit. */
export interface MbgParameters {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

/** One customer as the models see them. */
export interface Repeats {
  /** Days with an order after the first one; a whole number from 0. */
  readonly x: number;
  /** Weeks from the first order to the last; 0 when `x` is 0. */
  readonly tx: number;
  /** Weeks from the first order to now, at least `tx`. */
  readonly T: number;
}

/**
 * The probability, 0 to 1, that the customer has not left: 1 / (1 + a/(b + k - 1) ((alpha + T)/(alpha + tx))^(r + x)),
 * where `k` is the number of chances to leave, the last of them at the last order; 1 without a chance.
 */
export function alive({ r, alpha, a, b }: MbgParameters, { x, tx, T }: Repeats, chances: number): number {
  if (chances === 0) return 1;
  return 1 / (1 + (a / (b + chances - 1)) * ((alpha + T) / (alpha + tx)) ** (r + x));
}

/** The probability, 0 to 1, that a customer who has not left orders nothing in the next `weeks`. */
export function pauses({ r, alpha }: MbgParameters, { x, T }: Omit<Repeats, 'tx'>, weeks: number): number {
  return ((alpha + T) / (alpha + T + weeks)) ** (r + x);
}

/** ln((z)(z + 1)...(z + n - 1)), that is, ln Gamma(z + n) - ln Gamma(z). */
function lnRising(z: number, n: number): number {
  let sum = 0;
  for (let j = 0; j < n; j += 1) sum += Math.log(z + j);
  return sum;
}

/** ln(exp p + exp q), without overflow. */
function lnOfSum(p: number, q: number): number {
  return p > q ? p + Math.log1p(Math.exp(q - p)) : q + Math.log1p(Math.exp(p - q));
}

/** The natural logarithm of the likelihood of one customer who has had so many chances to leave. */
export function logLikelihood({ r, alpha, a, b }: MbgParameters, { x, tx, T }: Repeats, chances: number): number {
  const bought = lnRising(r, x) + r * Math.log(alpha);
  const still = -(r + x) * Math.log(alpha + T);
  if (chances === 0) return bought + still;
  const stayed = lnRising(b, chances - 1) - lnRising(a + b, chances);
  const left = Math.log(a) - (r + x) * Math.log(alpha + tx);
  return bought + stayed + lnOfSum(Math.log(b + chances - 1) + still, left);
}
