/**
 * BG/NBD (Fader, Hardie and Lee 2005, "'Counting your customers' the easy way"): a customer may leave after every
 * repeat order, so whoever bought once is never taken for lost. The published reference our arithmetic is checked
 * against; no cadence rule uses it.
 */
import { alive, logLikelihood, type MbgParameters, pauses, type Repeats } from './beta-geometric.ts';

/** P(alive), 0 to 1; 1 for whoever bought once. */
export function aliveBg(parameters: MbgParameters, customer: Repeats): number {
  return alive(parameters, customer, customer.x);
}

/** P0, 0 to 1: the probability of no order in the next `weeks`, 0 or more. */
export function noOrderWithinBg(parameters: MbgParameters, customer: Repeats, weeks: number): number {
  return 1 - aliveBg(parameters, customer) * (1 - pauses(parameters, customer, weeks));
}

/** The natural logarithm of the likelihood of one customer. */
export function logLikelihoodBg(parameters: MbgParameters, customer: Repeats): number {
  return logLikelihood(parameters, customer, customer.x);
}

/**
 * Orders to expect within the next `weeks` (0 or more) from a customer: equation 10 of the paper. `a` other than 1, where
 * only its limit exists.
 */
export function expectedOrdersBg(parameters: MbgParameters, customer: Repeats, weeks: number): number {
  const { r, alpha, a, b } = parameters;
  const { x, T } = customer;
  const never = pauses(parameters, customer, weeks);
  const c = a + b + x - 1;
  const series = hypergeometricTimesC(r + x, b + x, c, weeks / (alpha + T + weeks));
  return ((c - never * series) / (a - 1)) * aliveBg(parameters, customer);
}

/**
 * c 2F1(p, q; c; z), Gauss's hypergeometric function by its series, for `z` from 0 to below 1: it exists where `c` is 0,
 * too, as of whoever bought once when a + b is 1.
 */
function hypergeometricTimesC(p: number, q: number, c: number, z: number): number {
  let term = p * q * z;
  let sum = c + term;
  for (let n = 1; Math.abs(term) > Number.EPSILON * Math.abs(sum); n += 1) {
    term *= ((p + n) * (q + n) * z) / ((c + n) * (n + 1));
    sum += term;
  }
  return sum;
}
